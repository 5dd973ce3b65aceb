//! `cargo xtask bench preview`: from a key to the difference it makes, in Chromium, on the page that installs a chart.
//!
//! The largest charts of a directory laid out like the conformance data, each in a browser of its own that has cached
//! nothing. What is typed is a number that one of the chart's own values has: its first that shows in a manifest.
//! `preview.mjs` is the browser's side.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use helm::values::{Table, Tree};
use preview::{LoadedChart, RenderRequest, Session, Surroundings};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::measured::wait_for;
use super::static_server::{Files, serve};
use super::sync::wait_until_synced;
use crate::files::files_below;
use crate::process::{self, say};
use crate::services::free_port;
use crate::{bootstrap, site};

const SCRIPT: &str = include_str!("preview.mjs");
/// What is typed begins with it; unlikely to be anything else in a manifest.
const NUMBER: &str = "4107";
/// Milliseconds between keys of somebody who types fast.
const MS_BETWEEN_KEYS: u32 = 70;
/// No more numbers of a chart are tried.
const MAX_TRIED: usize = 60;

/// A chart to measure.
struct Measured {
    name: String,
    version: String,
    archive: Vec<u8>,
    /// Values that set one number to [`NUMBER`], which ends the text.
    text: String,
}

pub(crate) fn run(mut args: impl Iterator<Item = String>) -> Result<()> {
    let mut directory = crate::conformance::default_directory();
    let (mut n_charts, mut n_keys, mut only, mut program) = (10, 40_u32, None, None);
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--charts" => n_charts = value()?.parse()?,
            "--keys" => n_keys = value()?.parse()?,
            "--chart" => only = Some(value()?),
            "--chartroom" => program = Some(PathBuf::from(value()?)),
            flag if flag.starts_with('-') => bail!("there is no flag {flag}"),
            path => directory = PathBuf::from(path),
        }
    }
    let chromium = bootstrap::chromium_path().context("there is no Chromium")?;
    let program = match program {
        Some(program) => program,
        None => {
            site::build(site::Profile::Release)?;
            process::cargo(&["build", "--release", "--package", "server"])?;
            process::target_dir().join("release/chartroom")
        }
    };
    process::npm_packages(&process::workspace_root().join("end2end"))?;
    let charts = largest(&directory, n_charts, only.as_deref())?;
    let upstream = repository(&charts)?;
    let folder = std::env::temp_dir().join(format!("chartroom-bench-{}", std::process::id()));
    let (mut server, port) = start(&program, &folder, upstream)?;
    let measured = measure(&chromium, port, n_keys, &charts);
    server.kill()?;
    server.wait()?;
    std::fs::remove_dir_all(&folder)?;
    measured
}

/// The largest archives whose charts render with a number to type.
fn largest(directory: &Path, n_charts: usize, only: Option<&str>) -> Result<Vec<Measured>> {
    let mut archives = Vec::new();
    for path in files_below(&directory.join("charts"))? {
        archives.push((std::fs::metadata(&path)?.len(), path));
    }
    archives.sort_by(|(a, _), (b, _)| b.cmp(a));
    let mut charts: Vec<Measured> = Vec::new();
    for (_, path) in archives {
        if charts.len() == n_charts {
            break;
        }
        let archive = std::fs::read(&path)?;
        let Ok(loaded) = LoadedChart::from_archive(&archive) else {
            continue;
        };
        let metadata = &loaded.chart().metadata;
        let (name, version) = (metadata.name.clone(), metadata.version.clone());
        if only.is_some_and(|only| only != name) || charts.iter().any(|chart| chart.name == name) {
            continue;
        }
        match number_to_type(&loaded) {
            Some(text) => charts.push(Measured {
                name,
                version,
                archive,
                text,
            }),
            None => say(&format!("{name}: none of its numbers shows in a manifest")),
        }
    }
    if charts.is_empty() {
        bail!("no charts in {}", directory.display());
    }
    Ok(charts)
}

struct Nowhere;

impl Surroundings for Nowhere {}

fn number_to_type(chart: &LoadedChart) -> Option<String> {
    let session = Session::new(Nowhere);
    let mut paths = Vec::new();
    numbers(&chart.chart().values, &mut Vec::new(), &mut paths);
    paths.into_iter().take(MAX_TRIED).find(|text| {
        let rendering = chart.render(
            &session,
            &RenderRequest {
                values_files: vec![text.clone()],
                ..RenderRequest::default()
            },
        );
        let shows = |line: &str| line.ends_with(&format!(": {NUMBER}"));
        rendering.summary.problem.is_none() && rendering.manifest.lines().any(shows)
    })
}

/// For every number of the values the text that sets it.
fn numbers(table: &Table, above: &mut Vec<String>, found: &mut Vec<String>) {
    for (key, value) in table {
        let key = key.to_str_lossy().into_owned();
        // Other keys would need quotes.
        if !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            continue;
        }
        above.push(key);
        match value {
            Tree::Table(inner) => numbers(inner, above, found),
            Tree::Float(_) => {
                let mut text = String::new();
                for (depth, key) in above.iter().enumerate() {
                    let line_break = if depth == 0 { "" } else { "\n" };
                    let _ = write!(text, "{line_break}{:width$}{key}:", "", width = depth * 2);
                }
                found.push(format!("{text} {NUMBER}"));
            }
            _ => {}
        }
        above.pop();
    }
}

/// Serves the charts' archives with an index; its port.
fn repository(charts: &[Measured]) -> Result<u16> {
    let files = Arc::new(Files::default());
    let mut entries = serde_json::Map::new();
    for chart in charts {
        let file = format!("{}-{}.tgz", chart.name, chart.version);
        let digest: String = Sha256::digest(&chart.archive)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        entries.insert(
            chart.name.clone(),
            json!([{"apiVersion": "v2", "name": chart.name, "version": chart.version, "urls": [file], "digest": digest}]),
        );
        files.put(&format!("/{file}"), chart.archive.clone());
    }
    let index = json!({"apiVersion": "v1", "entries": entries});
    files.put("/index.yaml", serde_json::to_vec(&index)?);
    serve(files)
}

fn start(program: &Path, folder: &Path, upstream: u16) -> Result<(Child, u16)> {
    let port = free_port()?;
    let repositories = format!(
        "[{{ name = \"bench\", url = \"http://127.0.0.1:{upstream}\", archives = \"all\", allow_private_network = true }}]"
    );
    let server = Command::new(program)
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
        .arg(folder)
        .env("CHARTROOM__REPOSITORIES", repositories)
        .env("CHARTROOM__TELEMETRY__LOG", "warn")
        .spawn()
        .with_context(|| format!("starting {}", program.display()))?;
    wait_for(port, "/livez")?;
    wait_until_synced(port)?;
    Ok((server, port))
}

fn measure(chromium: &Path, port: u16, n_keys: u32, charts: &[Measured]) -> Result<()> {
    let charts: Vec<Value> = charts
        .iter()
        .map(|chart| {
            json!({
                "name": chart.name,
                "address": format!("/charts/bench/{}/{}/install", chart.name, chart.version),
                "text": chart.text,
                "number": NUMBER,
            })
        })
        .collect();
    let wanted = json!({
        "program": absolute(chromium),
        "url": format!("http://127.0.0.1:{port}"),
        "charts": charts,
        "nKeys": n_keys,
        "msBetween": MS_BETWEEN_KEYS,
    });
    let mut script = Command::new("node")
        .current_dir(process::workspace_root().join("end2end"))
        .args(["--input-type=module", "--eval", SCRIPT, "--"])
        .arg(wanted.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .context("starting Node")?;
    let output = script.stdout.take().context("no standard output")?;
    let mut table = Printed::default();
    for line in BufReader::new(output).lines() {
        table.take(&serde_json::from_str(&line?)?);
    }
    if !script.wait()?.success() {
        bail!("the browser's side ended early");
    }
    table.finish();
    Ok(())
}

/// Playwright wants a path, and PATH is searched here.
fn absolute(program: &Path) -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(program));
    found
        .into_iter()
        .find(|path| path.is_file())
        .unwrap_or_else(|| program.to_owned())
}

/// Prints a row as soon as a chart is measured, and all keys together at the end.
#[derive(Default)]
struct Printed {
    times: Vec<f64>,
    gaps: Vec<f64>,
    keys: Vec<f64>,
    tasks: Vec<f64>,
}

impl Printed {
    fn take(&mut self, row: &Value) {
        let kb = |row: &Value, what: &str| number(row, &format!("/loaded/{what}")) / 1e3;
        if let Some(plain) = row.get("plain") {
            say(&format!(
                "a page that reads loads {:.0} kB; its process has {:.0} MiB to itself\n",
                kb(plain, "page"),
                number(plain, "/memory")
            ));
            say(
                "ms                   key to difference   | first  workers | kB loaded    editor engine | MiB | typing on: frames  longest  tasks over 50",
            );
            say(
                "chart                 p50   p95   p99  max | look   ready   | with all   + archive       |     |                    frame    longest",
            );
            return;
        }
        let list = |path: &str| -> Vec<f64> {
            let list = row.pointer(path).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_f64).collect()
        };
        let (times, gaps, tasks) = (
            sorted(list("/times")),
            sorted(list("/typed/gaps")),
            sorted(list("/typed/tasks")),
        );
        let starts = list("/starts");
        let all = ["engine", "editor", "archive", "page"].map(|what| kb(row, what));
        say(&format!(
            "{:<20} {:>5.0} {:>5.0} {:>5.0} {:>4.0} | {:>5.0} {:>7} | {:>8.0} {:>4.0} {:>4.0} {:>4.0} | {:>3.0} | {:>6} {:>8.0} {:>4} {:>4.0}",
            row.get("name").and_then(Value::as_str).unwrap_or_default(),
            percentile(&times, 50),
            percentile(&times, 95),
            percentile(&times, 99),
            times.last().copied().unwrap_or_default(),
            number(row, "/first"),
            starts
                .iter()
                .map(|start| format!("{start:.0}"))
                .collect::<Vec<_>>()
                .join("+"),
            all.iter().sum::<f64>(),
            kb(row, "editor"),
            kb(row, "engine"),
            kb(row, "archive"),
            number(row, "/memory"),
            gaps.len(),
            gaps.last().copied().unwrap_or_default(),
            tasks.len(),
            tasks.last().copied().unwrap_or_default(),
        ));
        self.times.extend(times);
        self.gaps.extend(gaps);
        self.tasks.extend(tasks);
        self.keys.extend(list("/typed/keys"));
    }

    fn finish(self) {
        let (times, gaps, keys) = (sorted(self.times), sorted(self.gaps), sorted(self.keys));
        say(&format!(
            "\n{} keys: p50 {:.0} ms, p95 {:.0} ms, p99 {:.0} ms, longest {:.0} ms",
            times.len(),
            percentile(&times, 50),
            percentile(&times, 95),
            percentile(&times, 99),
            times.last().copied().unwrap_or_default()
        ));
        let seconds = gaps.iter().sum::<f64>() / 1e3;
        say(&format!(
            "typing on: {:.1} frames a second, p99 {:.0} ms from frame to frame, longest {:.0} ms; {} tasks over 50 ms; {} keys that took 16 ms or more to be drawn, the longest {:.0} ms",
            gaps.len() as f64 / seconds,
            percentile(&gaps, 99),
            gaps.last().copied().unwrap_or_default(),
            self.tasks.len(),
            keys.len(),
            keys.last().copied().unwrap_or_default()
        ));
    }
}

fn number(row: &Value, path: &str) -> f64 {
    row.pointer(path).and_then(Value::as_f64).unwrap_or_default()
}

fn sorted(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers
}

/// The value below which `percent` of the sorted numbers lie.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}
