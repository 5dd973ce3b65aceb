//! `cargo xtask bench releases`: 1,000 releases of 10 revisions each in 500 namespaces, on the control plane of the tests.
//!
//! Ours and real helm's list of all of them, in one run on one cluster. Wall time and peak memory of each process, as the
//! system counts them, from its start to its end; a second and a third time, when the API server has everything at hand.
//! Then a server with the same cluster: its first list, which reads everything, and later ones, which ask nothing of the
//! cluster; pages, as a browser gets them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::NoHost;
use helm::Compat;
use helm::chart::Chart;
use helm::release::{
    NewRevision, RECORD_KEY, RECORD_TYPE, Release, ReleaseStatus, encode, record_labels, record_name,
};
use helm::render::{PreparedChart, ReleaseOptions, RenderOptions};
use helm::values::Table;
use serde_json::{Value, json};

use super::measured::{ask, peak_rss_mib, percentile, rss_mib, wait_for};
use crate::cluster::{self, Cluster};
use crate::conformance::default_directory;
use crate::files::files_below;
use crate::go_tools::HELM_4;
use crate::process::{self, say};
use crate::services::free_port;

const N_NAMESPACES: usize = 500;
const N_RELEASES: usize = 1_000;
const N_REVISIONS: i64 = 10;
/// Records sent to kubectl at a time.
const BATCH: usize = 500;
const RUNS: usize = 3;
/// Requests for each address of the server.
const N_PAGES: usize = 50;
/// A chart whose record is of the size that records usually have: 20 kB.
const TYPICAL_RECORD_BYTES: usize = 20_000;

/// What running a program once took.
struct Run {
    seconds: f64,
    peak_mib: f64,
    lines: usize,
}

pub(super) fn run() -> Result<()> {
    let chartroom = process::built_chartroom()?;
    let helm = HELM_4.program()?;
    let template = typical_release()?;
    let directory = std::env::temp_dir().join(format!("chartroom-bench-{}", std::process::id()));
    let options = cluster::Options {
        namespaces: (0..N_NAMESPACES).map(namespace).collect(),
        ..cluster::Options::default()
    };
    let cluster = Cluster::start(&directory, options)?;
    let n_bytes = fill(&cluster, &template)?;
    say(&format!(
        "{N_RELEASES} releases x {N_REVISIONS} revisions in {N_NAMESPACES} namespaces: {} records, {:.0} MB",
        N_RELEASES * usize::try_from(N_REVISIONS)?,
        n_bytes as f64 / 1e6
    ));
    for (title, program, arguments) in [
        ("chartroom list -A", &chartroom, &["list", "-A", "--max", "0"][..]),
        (
            "chartroom list -A -q",
            &chartroom,
            &["list", "-A", "--max", "0", "-q"],
        ),
        (
            "chartroom list (one namespace)",
            &chartroom,
            &["list", "-n", "n-7"],
        ),
        ("chartroom history", &chartroom, &["history", "r-7", "-n", "n-7"]),
        ("helm list -A", &helm, &["list", "-A", "--max", "0"]),
        ("helm list (one namespace)", &helm, &["list", "-n", "n-7"]),
        ("helm history", &helm, &["history", "r-7", "-n", "n-7"]),
    ] {
        let mut text = format!("{title:<32}");
        for _ in 0..RUNS {
            let run = measure(&cluster, program, arguments)?;
            write!(
                text,
                "{:>8.2} s {:>7.1} MiB {:>5} lines;",
                run.seconds, run.peak_mib, run.lines
            )?;
        }
        say(&text);
    }
    serve(&cluster, &chartroom, &directory.join("server"))?;
    cluster.ensure_runs()
}

/// The list and a release, as a signed-in user gets them over HTTP.
fn serve(cluster: &Cluster, chartroom: &Path, data_dir: &Path) -> Result<()> {
    const PASSWORD: &str = "only for a measurement";
    let kubeconfig = cluster.kubeconfig();
    process::run_command(
        Command::new(cluster.kubectl())
            .args(["create", "clusterrolebinding", "bench"])
            .args(["--clusterrole=cluster-admin", "--user=bench"])
            .env("KUBECONFIG", &kubeconfig)
            .stdout(Stdio::null()),
    )?;
    let command = || {
        let mut command = Command::new(chartroom);
        let clusters = format!(
            "[{{ name = \"bench\", kubeconfig = \"{}\" }}]",
            kubeconfig.display()
        );
        command
            .env("CHARTROOM__CLUSTERS", clusters)
            .env("CHARTROOM__TELEMETRY__LOG", "warn")
            .arg("--data-dir")
            .arg(data_dir)
            .stdout(Stdio::null());
        command
    };
    let mut add = command()
        .args(["user", "add", "bench", "--role", "viewer"])
        .stdin(Stdio::piped())
        .spawn()?;
    writeln!(add.stdin.take().context("it was asked for")?, "{PASSWORD}")?;
    ensure!(add.wait()?.success(), "the user could not be added");
    let port = free_port()?;
    let mut server = command()
        .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
        .spawn()?;
    let measured = ask_server(port, server.id(), PASSWORD);
    process::run("kill", &["-TERM", &server.id().to_string()])?;
    server.wait()?;
    measured
}

fn ask_server(port: u16, pid: u32, password: &str) -> Result<()> {
    wait_for(port, "/readyz")?;
    let account = json!({ "name": "bench", "password": password }).to_string();
    let (status, head, answer) = ask(
        port,
        "POST /api/v1/session",
        "content-type: application/json\r\n",
        &account,
    )?;
    ensure!(status < 300, "signing in: {status} {answer}");
    let cookie = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .and_then(|(_, cookie)| cookie.split(';').next())
        .context("signing in sets a cookie")?;
    let cookie = format!("cookie:{cookie}\r\n");
    let page = |path: &str| -> Result<Duration> {
        let started = Instant::now();
        let (status, _, body) = ask(port, &format!("GET {path}"), &cookie, "")?;
        ensure!(status == 200, "{path}: {status} {body}");
        ensure!(body.contains("r-7"), "{path} does not show the release");
        Ok(started.elapsed())
    };
    say(&format!(
        "server, idle                    {:>8.1} MiB",
        rss_mib(pid)?
    ));
    let cold = page("/api/v1/releases?q=r-7")?;
    say(&format!(
        "server, first list              {:>8.2} s  {:>7.1} MiB",
        cold.as_secs_f64(),
        peak_rss_mib(pid)?
    ));
    for (title, path) in [
        ("server, list as JSON", "/api/v1/releases?q=r-7"),
        ("server, page of the list", "/releases?q=r-7"),
        ("server, page of a release", "/releases/bench/n-7/r-7"),
        ("server, its history", "/releases/bench/n-7/r-7/history"),
    ] {
        let mut times = (0..N_PAGES).map(|_| page(path)).collect::<Result<Vec<_>>>()?;
        times.sort();
        let ms = |percent| percentile(&times, percent).as_secs_f64() * 1_000.0;
        say(&format!(
            "{title:<32}{:>8.1} ms p50 {:>8.1} ms p95   ({N_PAGES} requests)",
            ms(50),
            ms(95)
        ));
    }
    say(&format!(
        "server, afterwards              {:>8.1} MiB",
        rss_mib(pid)?
    ));
    Ok(())
}

fn measure(cluster: &Cluster, program: &Path, arguments: &[&str]) -> Result<Run> {
    let kubeconfig = cluster.kubeconfig();
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("HOME", kubeconfig.with_file_name("home"))
        .env("KUBECONFIG", &kubeconfig)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    // Read beside it, so that it never waits for us.
    let mut stdout = child.stdout.take().context("it was asked for")?;
    let reader = std::thread::spawn(move || std::io::read_to_string(&mut stdout));
    let mut peak_mib: f64 = 0.0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_mib = peak_mib.max(peak_rss_mib(child.id()).unwrap_or_default());
        std::thread::sleep(Duration::from_millis(2));
    };
    let seconds = started.elapsed().as_secs_f64();
    ensure!(status.success(), "{} {arguments:?}: {status}", program.display());
    let text = reader.join().ok().context("the reader ends")??;
    Ok(Run {
        seconds,
        peak_mib,
        lines: text.lines().count(),
    })
}

fn namespace(number: usize) -> String {
    format!("n-{number}")
}

/// A release of the published chart whose record comes closest to the usual size.
fn typical_release() -> Result<Release> {
    let mut charts = files_below(&default_directory().join("charts"))?;
    charts.retain(|path| path.extension().is_some_and(|extension| extension == "tgz"));
    let mut best: Option<(usize, Release)> = None;
    for chart in charts.iter().step_by(7) {
        let Ok(release) = release_of(chart) else { continue };
        let distance = encode(&release)?.len().abs_diff(TYPICAL_RECORD_BYTES);
        if best.as_ref().is_none_or(|(least, _)| distance < *least) {
            best = Some((distance, release));
        }
    }
    let (_, release) = best.context("the conformance data holds charts")?;
    Ok(release)
}

fn release_of(path: &Path) -> Result<Release> {
    let prepared = PreparedChart::new(Chart::from_archive(&std::fs::read(path)?)?);
    let rendered = prepared.render(&Table::new(), &RenderOptions::default(), &NoHost)?;
    let manifest = rendered.release_as(&ReleaseOptions::default(), Compat::Helm4_3)?;
    let moment = "2026-01-02T03:04:05.678901234Z";
    Ok(NewRevision {
        name: "r",
        namespace: "n",
        revision: 1,
        chart: prepared.chart(),
        rendered: &rendered,
        manifest: &manifest,
        supplied_values: &Table::new(),
        first_deployed: moment,
        last_deployed: moment,
        status: ReleaseStatus::Deployed,
        description: "Install complete",
        server_side_apply: true,
    }
    .to_release()?)
}

/// Writes all records; answers how many bytes they hold.
fn fill(cluster: &Cluster, template: &Release) -> Result<usize> {
    let (mut batch, mut n_bytes) = (Vec::new(), 0);
    for number in 0..N_RELEASES {
        for revision in 1..=N_REVISIONS {
            let (secret, size) = record(template, number, revision)?;
            n_bytes += size;
            batch.push(secret);
            if batch.len() == BATCH {
                create(cluster, std::mem::take(&mut batch))?;
            }
        }
    }
    create(cluster, batch)?;
    Ok(n_bytes)
}

fn record(template: &Release, number: usize, revision: i64) -> Result<(Value, usize)> {
    let mut release = Release {
        name: format!("r-{number}"),
        namespace: namespace(number % N_NAMESPACES),
        revision,
        ..template.clone()
    };
    // The newest revision is not always the deployed one.
    let newest_failed = number.is_multiple_of(10);
    let deployed = N_REVISIONS - i64::from(newest_failed);
    if let Some(info) = &mut release.info {
        info.status = match revision.cmp(&deployed) {
            std::cmp::Ordering::Less => ReleaseStatus::Superseded,
            std::cmp::Ordering::Equal => ReleaseStatus::Deployed,
            std::cmp::Ordering::Greater => ReleaseStatus::Failed,
        };
    }
    let payload = encode(&release)?;
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": RECORD_TYPE,
        "metadata": {
            "name": record_name(&release.name, revision),
            "namespace": release.namespace,
            "labels": record_labels(&release, ("createdAt", 1_767_323_045)),
        },
        "data": { RECORD_KEY: STANDARD.encode(&payload) },
    });
    Ok((secret, payload.len()))
}

fn create(cluster: &Cluster, secrets: Vec<Value>) -> Result<()> {
    if secrets.is_empty() {
        return Ok(());
    }
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": secrets });
    let mut child = Command::new(cluster.kubectl())
        .args([
            "create",
            "--validate=false",
            "--filename",
            "-",
            "--output",
            "name",
        ])
        .env("KUBECONFIG", cluster.kubeconfig())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let mut stdin = child.stdin.take().context("it was asked for")?;
    stdin.write_all(&serde_json::to_vec(&list)?)?;
    drop(stdin);
    ensure!(child.wait()?.success(), "records could not be created");
    Ok(())
}
