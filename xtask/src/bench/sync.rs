//! `cargo xtask bench sync`: a large repository synced by the release binary.
//!
//! 1,000 charts with 20 versions each, archives of about 10 kB that do not compress further, from a static server on
//! this machine. Measured from outside: wall time, CPU seconds and peak memory of the process as the system counts them,
//! requests as the server counts them, and `/livez` as a probe sees it meanwhile.
//!
//! A file system may take long to create files where many were deleted a moment ago (ext4 keeps such inodes aside for
//! five minutes), and each run deletes what it made: the system's share of a second run in a row says little.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use helm::archive::{Modified, pack};
use sha2::{Digest as _, Sha256};

use super::measured::{Probe, cpu_seconds, get, peak_rss_mib, percentile, rss_mib, wait_for};
use super::static_server::{Files, serve};
use crate::process::{self, say};
use crate::services::free_port;

const N_CHARTS: usize = 1_000;
const N_VERSIONS: usize = 20;
/// Bytes of noise in each archive.
const NOISE_BYTES: usize = 9_500;

pub(crate) fn run() -> Result<()> {
    process::cargo(&["build", "--release", "--package", "server"])?;
    say(&format!("making {N_CHARTS} charts with {N_VERSIONS} versions"));
    let files = Arc::new(Files::default());
    let mut index = Index::default();
    for chart in 0..N_CHARTS {
        for version in 0..N_VERSIONS {
            index.add(&files, chart, version)?;
        }
    }
    files.put("/index.yaml", index.to_yaml());
    let upstream = serve(Arc::clone(&files))?;
    let folder = std::env::temp_dir().join(format!("chartroom-bench-{}", std::process::id()));
    let server = Server {
        data_dir: folder.clone(),
        upstream,
    };

    let (first, port) = server.start()?;
    let live_after = wait_for(port, "/livez")?;
    let probe = Probe::start(port);
    let started = Instant::now();
    wait_until_synced(port)?;
    let seconds = started.elapsed().as_secs_f64() + live_after.as_secs_f64();
    let times = probe.finish()?;
    let pid = first.id();
    let (n_requests, _) = files.take_counts();
    say(&format!(
        "live after            {:>9.0} ms",
        live_after.as_secs_f64() * 1_000.0
    ));
    say(&format!("first sync            {seconds:>9.1} s"));
    let (own, system) = cpu_seconds(pid)?;
    say(&format!(
        "  CPU                 {:>9.1} s   ({own:.1} s its own, {system:.1} s the system's)",
        own + system
    ));
    say(&format!("  requests            {n_requests:>9}"));
    say(&format!("  peak memory         {:>9.1} MiB", peak_rss_mib(pid)?));
    say(&format!("  memory afterwards   {:>9.1} MiB", rss_mib(pid)?));
    for percent in [50, 99] {
        let time = percentile(&times, percent).as_secs_f64() * 1_000.0;
        say(&format!(
            "  /livez p{percent}          {time:>9.1} ms   ({} probes)",
            times.len()
        ));
    }
    stop(first)?;

    server.sync_once()?;
    let (n_requests, n_bytes) = files.take_counts();
    say(&format!(
        "unchanged sync        {n_requests:>9} requests, {n_bytes} body bytes"
    ));

    index.add(&files, 0, N_VERSIONS)?;
    files.put("/index.yaml", index.to_yaml());
    let started = Instant::now();
    server.sync_once()?;
    let (n_requests, _) = files.take_counts();
    say(&format!(
        "one new version       {n_requests:>9} requests, {:.1} s",
        started.elapsed().as_secs_f64()
    ));

    let (again, port) = server.start()?;
    let ready_after = wait_for(port, "/readyz")?;
    let (status, _) = get(port, "/charts")?;
    say(&format!(
        "restart               {:>9.0} ms to ready, /charts answers {status}",
        ready_after.as_secs_f64() * 1_000.0
    ));
    say(&format!(
        "  idle memory         {:>9.1} MiB",
        rss_mib(again.id())?
    ));
    stop(again)?;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

struct Server {
    data_dir: std::path::PathBuf,
    upstream: u16,
}

impl Server {
    fn command(&self) -> Command {
        let mut command = Command::new(process::target_dir().join("release/chartroom"));
        let repositories = format!(
            "[{{ name = \"bench\", url = \"http://127.0.0.1:{}\", archives = \"all\", allow_private_network = true }}]",
            self.upstream
        );
        command
            .env("CHARTROOM__REPOSITORIES", repositories)
            .env("CHARTROOM__TELEMETRY__LOG", "warn");
        command.arg("--data-dir").arg(&self.data_dir);
        command
    }

    fn start(&self) -> Result<(Child, u16)> {
        let port = free_port()?;
        let child = self
            .command()
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .spawn()?;
        Ok((child, port))
    }

    fn sync_once(&self) -> Result<()> {
        process::run_command(
            self.command()
                .args(["sync", "bench"])
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        )
    }
}

fn stop(mut child: Child) -> Result<()> {
    process::run("kill", &["-TERM", &child.id().to_string()])?;
    child.wait()?;
    Ok(())
}

/// Waits until the repository has synced and all archives are there.
pub(super) fn wait_until_synced(port: u16) -> Result<()> {
    let started = Instant::now();
    loop {
        let (_, body) = get(port, "/api/v1/repositories").unwrap_or_default();
        // The answer may come in chunks; the one line of JSON in it is what counts.
        let json = body.lines().find(|line| line.starts_with('{')).unwrap_or("null");
        let answer: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
        let state = &answer["data"]["items"][0]["state"];
        if state["last_success"].is_number() && state["running"].is_null() && state["n_archives_pending"] == 0
        {
            return Ok(());
        }
        if started.elapsed() > Duration::from_secs(600) {
            bail!("the sync did not end within ten minutes: {answer}");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The index as helm writes one.
#[derive(Default)]
struct Index {
    charts: Vec<Vec<String>>,
}

impl Index {
    fn add(&mut self, files: &Files, chart: usize, version: usize) -> Result<()> {
        let name = format!("chart-{chart:04}");
        let number = format!("1.{version}.0");
        let metadata = format!(
            "apiVersion: v2\nname: {name}\nversion: {number}\nappVersion: \"{version}.0\"\n\
             description: Made for a measurement, number {chart}\nkeywords: [bench, number-{}]\n",
            chart % 50
        );
        let noise = noise((chart * 1_000 + version) as u64);
        let readme = format!("# {name}\n\nVersion {number}.\n");
        let values =
            format!("replicaCount: {version}\nimage:\n  repository: example/{name}\n  tag: \"{number}\"\n");
        let archive = pack(
            &name,
            [
                ("Chart.yaml", metadata.as_bytes()),
                ("README.md", readme.as_bytes()),
                ("values.yaml", values.as_bytes()),
                ("files/noise.bin", noise.as_slice()),
            ],
            Modified::default(),
        )
        .context("packing a chart")?;
        let digest: String = Sha256::digest(&archive)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let path = format!("{name}-{number}.tgz");
        files.put(&format!("/{path}"), archive);
        let entry = format!(
            "  - apiVersion: v2\n    appVersion: \"{version}.0\"\n    created: \"2026-{:02}-{:02}T10:00:00Z\"\n    \
             description: Made for a measurement, number {chart}\n    digest: {digest}\n    keywords:\n    - bench\n    \
             - number-{}\n    name: {name}\n    urls:\n    - {path}\n    version: {number}\n",
            version % 12 + 1,
            chart % 28 + 1,
            chart % 50
        );
        if self.charts.len() <= chart {
            self.charts.resize(chart + 1, Vec::new());
        }
        if let Some(entries) = self.charts.get_mut(chart) {
            entries.insert(0, entry);
        }
        Ok(())
    }

    fn to_yaml(&self) -> Vec<u8> {
        let mut out = String::from("apiVersion: v1\nentries:\n");
        for (chart, entries) in self.charts.iter().enumerate() {
            out.push_str(&format!("  chart-{chart:04}:\n"));
            out.extend(entries.iter().map(String::as_str));
        }
        out.push_str("generated: \"2026-11-24T10:00:00Z\"\n");
        out.into_bytes()
    }
}

/// Bytes that do not compress: a xorshift sequence, the same for the same seed.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut out = Vec::with_capacity(NOISE_BYTES + 8);
    while out.len() < NOISE_BYTES {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.truncate(NOISE_BYTES);
    out
}
