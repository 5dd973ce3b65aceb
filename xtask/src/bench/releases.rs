//! `cargo xtask bench releases`: 1,000 releases of 10 revisions each in 500 namespaces, on the control plane of the tests.
//!
//! Ours and real helm's list of all of them, in one run on one cluster. Wall time and peak memory of each process, as the
//! system counts them, from its start to its end; a second and a third time, when the API server has everything at hand.

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

use super::measured::peak_rss_mib;
use crate::cluster::{self, Cluster};
use crate::conformance::default_directory;
use crate::files::files_below;
use crate::go_tools::HELM_4;
use crate::process::{self, say};

const N_NAMESPACES: usize = 500;
const N_RELEASES: usize = 1_000;
const N_REVISIONS: i64 = 10;
/// Records sent to kubectl at a time.
const BATCH: usize = 500;
const RUNS: usize = 3;
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
    cluster.ensure_runs()
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
