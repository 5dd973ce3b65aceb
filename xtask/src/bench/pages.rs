//! `cargo xtask bench pages`: how long the server takes for pages, how large they are, and what a slow telephone makes of them.
//!
//! The catalog is that of `bench search`; where the conformance data is there, its charts are hosted beside it, since pages
//! of real charts are larger than those of made ones. Cold is the first request for a page in a process that has started
//! anew and has read all its texts; warm are the next ones for the same page. Requests come from one client, and bodies
//! are not compressed, as a proxy in front or a client on this machine asks for them; what compressing costs is told apart.
//! `--no-browser` leaves Chromium out.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use super::catalog_server::{CatalogServer, Running};
use super::load::{Connection, at_once, ms, one_by_one};
use super::made::{Made, N_COMPARABLE};
use super::measured::percentile;
use crate::process::{self, say};

/// Charts whose pages are asked for, of each kind.
const N_CHARTS: usize = 100;
/// Requests for a page once it was shown.
const N_WARM: usize = 5;
/// Requests for pages that there is one of.
const N_SINGLE: usize = 50;

struct Kind {
    name: &'static str,
    paths: Vec<String>,
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (mut server, made) = CatalogServer::new(arguments)?;
    let real = real_charts();
    if real.is_empty() {
        say("the conformance data is not there: made charts alone");
    } else {
        let folder = server.data_dir().join("real");
        std::fs::create_dir_all(&folder)?;
        for chart in &real {
            if let Some(name) = chart.file_name() {
                std::fs::copy(chart, folder.join(name))?;
            }
        }
        server.host(&folder);
    }
    // What is hosted is taken in once; a start after that is like any other.
    let first = server.start()?;
    first.until_searchable(false)?;
    let hosted = hosted(&first)?;
    first.stop()?;

    let running = server.start()?;
    running.until_searchable(true)?;
    let kinds = kinds(&made, &hosted);
    say("                                    cold p50     p95 | warm p50     p95 ms");
    for kind in &kinds {
        let cold = one_by_one(running.port, &kind.paths, "")?;
        let n = match kind.paths.len() {
            1 => N_SINGLE,
            _ => N_WARM,
        };
        let mut warm = Vec::new();
        for path in &kind.paths {
            warm.extend(one_by_one(running.port, &vec![path.clone(); n], "")?);
        }
        warm.sort_unstable();
        say(&format!(
            "{:<34} {:>9.2} {:>7.2} | {:>8.2} {:>7.2}",
            kind.name,
            ms(percentile(&cold, 50)),
            ms(percentile(&cold, 95)),
            ms(percentile(&warm, 50)),
            ms(percentile(&warm, 95))
        ));
    }
    sizes(&running, &kinds)?;
    let busy: Vec<String> = kinds
        .iter()
        .filter(|kind| kind.name == "chart")
        .flat_map(|kind| kind.paths.iter().cycle().take(4_000).cloned())
        .collect();
    at_once(running.port, running.pid(), &busy, 4, Duration::from_secs(10))?.say("chart pages, 4 clients");
    running.say_memory("memory after that")?;
    if !arguments.iter().any(|argument| argument == "--no-browser") {
        browser(&running, &kinds)?;
    }
    running.stop()?;
    server.finish()
}

/// The archives of the conformance data.
fn real_charts() -> Vec<PathBuf> {
    let root = std::env::var_os("CHARTROOM_CONFORMANCE").map_or_else(
        || process::workspace_root().join("../shared/conformance"),
        PathBuf::from,
    );
    let mut found = Vec::new();
    archives_below(&root.join("charts"), &mut found);
    found
}

fn archives_below(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            archives_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "tgz") {
            found.push(path);
        }
    }
}

/// A hosted chart.
struct Hosted {
    name: String,
    /// It installs nothing, and its page to install it says so with another status.
    is_library: bool,
}

/// The hosted charts.
fn hosted(running: &Running) -> Result<Vec<Hosted>> {
    let mut connection = Connection::open(running.port)?;
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/charts?repository=hosted&deprecated=true&sort=name&cursor={cursor}");
        let answer: serde_json::Value = serde_json::from_slice(&connection.get(&path, "")?.body)?;
        let charts = &answer["data"]["charts"];
        let items = charts["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        found.extend(items.iter().filter_map(|hit| {
            Some(Hosted {
                name: hit["name"].as_str()?.to_owned(),
                is_library: hit["is_library"] == true,
            })
        }));
        match charts["next"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return Ok(found),
        }
    }
}

fn kinds(made: &Made, hosted: &[Hosted]) -> Vec<Kind> {
    let charts = || {
        let comparable = made.charts.iter().take(N_COMPARABLE);
        comparable
            .filter(|chart| chart.versions.len() == 2)
            .take(N_CHARTS)
    };
    let of_chart = |name, tab: &str| Kind {
        name,
        paths: charts()
            .map(|chart| format!("/charts/{}/{}{tab}", chart.repository, chart.name))
            .collect(),
    };
    let single = |name, path: &str| Kind {
        name,
        paths: vec![path.to_owned()],
    };
    let of_hosted = |name, tab: &str| Kind {
        name,
        paths: hosted
            .iter()
            .filter(|chart| tab != "/install" || !chart.is_library)
            .take(N_CHARTS)
            .map(|chart| format!("/charts/hosted/{}{tab}", chart.name))
            .collect(),
    };
    let mut kinds = vec![
        single("home", "/"),
        single("list", "/charts"),
        single("list of a repository", "/charts/repository-000"),
        single("search", "/charts?q=redis"),
        single("repositories", "/repositories"),
        of_chart("chart", ""),
        of_chart("values", "/values"),
        of_chart("resources", "/resources"),
        of_chart("versions", "/versions"),
        Kind {
            name: "compare",
            paths: charts()
                .filter_map(|chart| {
                    let (new, old) = (chart.versions.first()?, chart.versions.get(1)?);
                    Some(format!(
                        "/charts/{}/{}/compare/{old}...{new}",
                        chart.repository, chart.name
                    ))
                })
                .collect(),
        },
    ];
    if !hosted.is_empty() {
        kinds.extend([
            of_hosted("chart, real", ""),
            of_hosted("values, real", "/values"),
            of_hosted("resources, real", "/resources"),
            of_hosted("install, real", "/install"),
        ]);
    }
    kinds
}

/// Bytes of a page of each kind by encoding, the median of all, and what compressing adds to a warm page.
fn sizes(running: &Running, kinds: &[Kind]) -> Result<()> {
    say("                                   bytes     gzip   brotli | warm p50 with gzip   brotli ms");
    let mut connection = Connection::open(running.port)?;
    for kind in kinds {
        let mut lengths = [Vec::new(), Vec::new(), Vec::new()];
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        for path in kind.paths.iter().take(30) {
            for ((encoding, lengths), times) in ["identity", "gzip", "br"]
                .iter()
                .zip(&mut lengths)
                .zip(&mut times)
            {
                let answer = connection.get(path, &format!("accept-encoding: {encoding}\r\n"))?;
                let sent = answer.header("content-encoding");
                if !matches!((*encoding, sent), ("identity", "")) && *encoding != sent {
                    bail!("{path} was sent as `{sent}` and not as `{encoding}`");
                }
                lengths.push(answer.body.len());
                times.push(answer.took);
            }
        }
        lengths.iter_mut().for_each(|lengths| lengths.sort_unstable());
        times.iter_mut().for_each(|times| times.sort_unstable());
        let length = |at: usize| {
            lengths
                .get(at)
                .and_then(|of| of.get(of.len() / 2))
                .copied()
                .unwrap_or_default()
        };
        let time = |at: usize| times.get(at).map_or(Duration::ZERO, |of| percentile(of, 50));
        say(&format!(
            "{:<30} {:>9} {:>8} {:>8} | {:>18.2} {:>8.2}",
            kind.name,
            length(0),
            length(1),
            length(2),
            ms(time(1)),
            ms(time(2))
        ));
    }
    Ok(())
}

/// What Chromium measures of one page of each kind, on a slow telephone.
fn browser(running: &Running, kinds: &[Kind]) -> Result<()> {
    let folder = process::workspace_root().join("end2end");
    process::npm_packages(&folder)?;
    let wanted = [
        "home",
        "list",
        "search",
        "chart",
        "values",
        "compare",
        "chart, real",
        "values, real",
    ];
    let urls = kinds.iter().filter(|kind| wanted.contains(&kind.name));
    let urls = urls.filter_map(|kind| {
        Some(format!(
            "{}=http://127.0.0.1:{}{}",
            kind.name,
            running.port,
            kind.paths.last()?
        ))
    });
    process::run_command(
        Command::new("node")
            .current_dir(&folder)
            .arg("vitals.mjs")
            .args(urls),
    )
}
