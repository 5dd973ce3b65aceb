//! `cargo xtask bench museum`: a hosted repository of 700 charts with 10 versions each.
//!
//! Measured from outside, on this machine: how long a start on a directory takes until it answers and until the index is
//! whole, with nothing known (cold) and with everything known (warm); the index's length and time; an upload until it is
//! answered and until a reader finds it in the index; readers beside a writer; memory.
//!
//! Clients keep their connections open, as Go's do. Readers and writer share the processors with the server: where many
//! read at once, what they cost themselves is in the rate, so the server's own CPU time for one read is told beside it. Those
//! readers drop what they read; that nothing is missing is checked by others, who unpack it, and whose rate says nothing.
//!
//! `--debug` takes a debug build, whose figures are only good for comparing with each other; `--checks=N` makes so many
//! reads after uploads instead of 10,000.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use helm::archive::{Modified, pack};

use super::load::{Answer, Connection, ms};
use super::measured::{cpu_seconds, peak_rss_mib, percentile, rss_mib, wait_for};
use crate::process::{self, say};
use crate::services::free_port;

const N_CHARTS: usize = 700;
const N_VERSIONS: usize = 10;
const N_UPLOADS: usize = 300;
const N_READERS: usize = 10;
const N_CHECKS: usize = 10_000;
const BESIDE: Duration = Duration::from_secs(10);
/// Charts that uploads go to in turn.
const N_PUSHED: usize = 100;

const INDEX: &str = "/index.yaml";
const PACKED: &str = "accept-encoding: gzip\r\n";

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<()> {
    let (mut is_debug, mut n_checks) = (false, N_CHECKS);
    for argument in arguments {
        match argument.strip_prefix("--checks=") {
            Some(n) => n_checks = n.parse().context("reading the number of checks")?,
            None => is_debug |= argument == "--debug",
        }
    }
    let mut build = vec!["build", "--package", "server"];
    build.extend((!is_debug).then_some("--release"));
    process::cargo(&build)?;
    let folder = std::env::temp_dir().join(format!("chartroom-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    say(&format!("making {N_CHARTS} charts with {N_VERSIONS} versions"));
    for chart in 0..N_CHARTS {
        for version in 0..N_VERSIONS {
            let name = format!("chart-{chart:03}-1.{version}.0.tgz");
            std::fs::write(
                folder.join(name),
                archive(&format!("chart-{chart:03}"), &format!("1.{version}.0"))?,
            )?;
        }
    }
    let measured = measure(&folder, is_debug, n_checks);
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn measure(folder: &Path, is_debug: bool, n_checks: usize) -> Result<()> {
    for name in ["cold", "warm"] {
        let started = Instant::now();
        let (mut child, port) = start(folder, is_debug)?;
        let pid = child.id();
        let result = (|| {
            wait_for(port, "/health")?;
            let listening = started.elapsed();
            let index = first_index(port)?;
            let whole = started.elapsed();
            let (own, system) = cpu_seconds(pid)?;
            let n_listed = String::from_utf8_lossy(&index.body)
                .matches("charts/chart-")
                .count();
            if n_listed != N_CHARTS * N_VERSIONS {
                bail!("the first index is not whole");
            }
            say(&format!(
                "{name} start            {:>9.0} ms until it answers, {:.0} ms until the index of {:.1} MB is whole",
                ms(listening),
                ms(whole),
                index.body.len() as f64 / 1e6
            ));
            say(&format!(
                "  CPU, memory         {:>9.1} s, {:.1} of it its own; {:.1} MiB, {:.1} at most",
                own + system,
                own,
                rss_mib(pid)?,
                peak_rss_mib(pid)?
            ));
            if name == "warm" {
                under_way(port, pid, n_checks)?;
            }
            Ok(())
        })();
        child.kill()?;
        child.wait()?;
        result?;
    }
    Ok(())
}

/// The index as soon as there is one: requests wait for it, and on a slow machine are given up and made again.
fn first_index(port: u16) -> Result<Answer> {
    let begun = Instant::now();
    loop {
        let answer = Connection::open(port)?.get(INDEX, "")?;
        match answer.status {
            200 => return Ok(answer),
            504 if begun.elapsed() < Duration::from_secs(300) => {}
            status => bail!("the first index was answered with {status}"),
        }
    }
}

/// What there is to measure of one that runs.
fn under_way(port: u16, pid: u32, n_checks: usize) -> Result<()> {
    let mut pushed = Pushed::default();
    reads(port, pid)?;
    uploads(port, pid, &mut pushed)?;
    memory("after uploads", pid)?;
    for kind in [Kind::Plain, Kind::Packed, Kind::Conditional] {
        beside(port, pid, kind, &mut pushed)?;
    }
    memory("after readers", pid)?;
    checks(port, n_checks, &mut pushed)?;
    memory("after checks", pid)
}

fn memory(when: &str, pid: u32) -> Result<()> {
    say(&format!(
        "memory {when:<14} {:>9.1} MiB, {:.1} at most",
        rss_mib(pid)?,
        peak_rss_mib(pid)?
    ));
    Ok(())
}

/// One client that reads, and nobody else.
fn reads(port: u16, pid: u32) -> Result<()> {
    let mut connection = Connection::open(port)?;
    let etag = connection.get(INDEX, "")?.header("etag").to_owned();
    for (name, head) in [
        ("index, whole", String::new()),
        ("index, gzip", PACKED.to_owned()),
        ("index, known", format!("{PACKED}if-none-match: {etag}\r\n")),
    ] {
        let (own, system) = cpu_seconds(pid)?;
        let (mut times, mut n_bytes) = (Vec::new(), 0);
        for _ in 0..100 {
            let answer = connection.get(INDEX, &head)?;
            n_bytes = answer.body.len();
            times.push(answer.took);
        }
        let (own_after, system_after) = cpu_seconds(pid)?;
        times.sort_unstable();
        say(&format!(
            "{name:<22}{:>9.2} ms p50, {:.2} ms p99, {n_bytes} bytes, {:.2} ms CPU each",
            ms(percentile(&times, 50)),
            ms(percentile(&times, 99)),
            (own_after + system_after - own - system) * 1e3 / times.len() as f64,
        ));
    }
    Ok(())
}

/// What was uploaded.
#[derive(Default)]
struct Pushed {
    /// Answered with 201: those with a smaller number.
    n_saved: AtomicUsize,
}

impl Pushed {
    /// Uploads the next one; how long that took.
    fn push(&self, connection: &mut Connection) -> Result<Duration> {
        let n = self.n_saved.load(Ordering::SeqCst);
        let body = archive(&format!("pushed-{:02}", n % N_PUSHED), &format!("0.{n}.0"))?;
        let answer = connection.post("/api/charts", &body)?;
        if answer.status != 201 {
            let text = String::from_utf8_lossy(&answer.body);
            bail!("an upload was answered with {}: {text}", answer.status);
        }
        self.n_saved.store(n + 1, Ordering::SeqCst);
        Ok(answer.took)
    }

    /// Whether an index has the first `n`, each of them.
    fn has(index: &[u8], n: usize) -> bool {
        let mut is_there = vec![false; n];
        let text = String::from_utf8_lossy(index);
        for after in text.split("charts/pushed-").skip(1) {
            let number = after
                .split('.')
                .nth(1)
                .and_then(|number| number.parse::<usize>().ok());
            if let Some(seen) = number.and_then(|number| is_there.get_mut(number)) {
                *seen = true;
            }
        }
        is_there.iter().all(|seen| *seen)
    }
}

/// Uploads one after the other, and then each with a look at the index.
fn uploads(port: u16, pid: u32, pushed: &mut Pushed) -> Result<()> {
    let (mut writer, mut reader) = (Connection::open(port)?, Connection::open(port)?);
    let (own, system) = cpu_seconds(pid)?;
    let mut answered = Vec::new();
    for _ in 0..N_UPLOADS {
        answered.push(pushed.push(&mut writer)?);
    }
    let (own_after, system_after) = cpu_seconds(pid)?;
    let mut seen = Vec::new();
    for _ in 0..N_UPLOADS {
        let took = pushed.push(&mut writer)?;
        let index = reader.get(INDEX, PACKED)?;
        // Without what it takes here to make the archive and to unpack the index.
        seen.push(took + index.took);
        if !Pushed::has(&unpacked(&index.body)?, pushed.n_saved.load(Ordering::SeqCst)) {
            bail!("an upload was answered with 201 and is not in the next index");
        }
    }
    for (name, times) in [("upload, answered", &mut answered), ("upload, seen", &mut seen)] {
        times.sort_unstable();
        say(&format!(
            "{name:<22}{:>9.1} ms p50, {:.1} ms p99",
            ms(percentile(times, 50)),
            ms(percentile(times, 99))
        ));
    }
    say(&format!(
        "  CPU an upload       {:>9.1} ms, {:.1} of it its own",
        (own_after + system_after - own - system) * 1e3 / N_UPLOADS as f64,
        (own_after - own) * 1e3 / N_UPLOADS as f64
    ));
    Ok(())
}

/// How readers ask.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Packed,
    /// As packed, and only for what they have not got.
    Conditional,
}

/// Readers that take what they can get and drop it, beside a writer that does the same.
fn beside(port: u16, pid: u32, kind: Kind, pushed: &mut Pushed) -> Result<()> {
    let is_over = AtomicBool::new(false);
    let n_before = pushed.n_saved.load(Ordering::SeqCst);
    let (own, system) = cpu_seconds(pid)?;
    let begun = Instant::now();
    let (pushed, is_over) = (&*pushed, &is_over);
    let read = || -> Result<(usize, usize)> {
        let mut connection = Connection::open(port)?;
        let (mut n_reads, mut n_known) = (0, 0);
        let mut head = match kind {
            Kind::Plain => String::new(),
            Kind::Packed | Kind::Conditional => PACKED.to_owned(),
        };
        while !is_over.load(Ordering::Relaxed) {
            let answer = connection.get(INDEX, &head)?;
            match answer.status {
                200 => {}
                304 => n_known += 1,
                status => bail!("a reader was answered with {status}"),
            }
            n_reads += 1;
            if kind == Kind::Conditional {
                head = format!("{PACKED}if-none-match: {}\r\n", answer.header("etag"));
            }
        }
        Ok((n_reads, n_known))
    };
    let (mut n_reads, mut n_known) = (0, 0);
    std::thread::scope(|scope| -> Result<()> {
        let readers: Vec<_> = (0..N_READERS).map(|_| scope.spawn(read)).collect();
        let written = (|| {
            let mut writer = Connection::open(port)?;
            while begun.elapsed() < BESIDE {
                pushed.push(&mut writer)?;
            }
            Ok(())
        })();
        is_over.store(true, Ordering::Relaxed);
        for reader in readers {
            let Ok(read) = reader.join() else {
                bail!("a reader ended early")
            };
            let (n, known) = read?;
            n_reads += n;
            n_known += known;
        }
        written
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    let n_writes = pushed.n_saved.load(Ordering::SeqCst) - n_before;
    let (own_after, system_after) = cpu_seconds(pid)?;
    let name = match kind {
        Kind::Plain => "whole",
        Kind::Packed => "gzip",
        Kind::Conditional => "known or gzip",
    };
    say(&format!(
        "{N_READERS} readers, {name:<13}{:>8.0} a second, {:.0} of them known; {:.0} uploads; server's CPU {:.0} %, {:.2} ms \
         a read with its share of uploads",
        n_reads as f64 / seconds,
        n_known as f64 / seconds,
        n_writes as f64 / seconds,
        (own_after + system_after - own - system) * 100.0 / seconds,
        (own_after + system_after - own - system) * 1e3 / n_reads.max(1) as f64,
    ));
    Ok(())
}

/// Readers that look whether everything is in the index that was answered with 201 before they asked.
fn checks(port: u16, n_checks: usize, pushed: &mut Pushed) -> Result<()> {
    let (n_begun, n_missed, n_done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let n_before = pushed.n_saved.load(Ordering::SeqCst);
    let (pushed, n_missed, n_done) = (&*pushed, &n_missed, &n_done);
    let read = || -> Result<()> {
        let mut connection = Connection::open(port)?;
        while n_begun.fetch_add(1, Ordering::Relaxed) < n_checks {
            let n_saved = pushed.n_saved.load(Ordering::SeqCst);
            let answer = connection.get(INDEX, PACKED)?;
            if answer.status != 200 {
                bail!("a reader was answered with {}", answer.status);
            }
            let is_whole = Pushed::has(&unpacked(&answer.body)?, n_saved);
            n_missed.fetch_add(usize::from(!is_whole), Ordering::Relaxed);
            n_done.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    std::thread::scope(|scope| -> Result<()> {
        let readers: Vec<_> = (0..N_READERS).map(|_| scope.spawn(read)).collect();
        let mut writer = Connection::open(port)?;
        while !readers.iter().all(|reader| reader.is_finished()) {
            pushed.push(&mut writer)?;
        }
        for reader in readers {
            let Ok(read) = reader.join() else {
                bail!("a reader ended early")
            };
            read?;
        }
        Ok(())
    })?;
    say(&format!(
        "  missed after a 201  {:>9} of {} reads beside {} uploads",
        n_missed.load(Ordering::Relaxed),
        n_done.load(Ordering::Relaxed),
        pushed.n_saved.load(Ordering::SeqCst) - n_before
    ));
    Ok(())
}

fn unpacked(gzip: &[u8]) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    GzDecoder::new(gzip)
        .read_to_end(&mut text)
        .context("unpacking an index")?;
    Ok(text)
}

fn start(folder: &Path, is_debug: bool) -> Result<(Child, u16)> {
    let port = free_port()?;
    let child = Command::new(process::target_dir().join(if is_debug {
        "debug/chartroom"
    } else {
        "release/chartroom"
    }))
    .args([
        "museum",
        "--listen-host",
        "127.0.0.1",
        "--port",
        &port.to_string(),
        "--storage-local-rootdir",
    ])
    .arg(folder)
    .env("CHARTROOM__TELEMETRY__LOG", "warn")
    .stdout(Stdio::null())
    .stderr(Stdio::null())
    .spawn()
    .context("starting chartroom")?;
    Ok((child, port))
}

/// A chart of the ordinary size, as far as its entry in the index is concerned.
fn archive(name: &str, version: &str) -> Result<Vec<u8>> {
    let metadata = format!(
        "apiVersion: v2\nname: {name}\nversion: {version}\nappVersion: \"{version}\"\n\
         description: A chart of the ordinary kind for measuring, with a description of the ordinary length\n\
         home: https://example.com/{name}\nicon: https://example.com/{name}.png\n\
         keywords: [one, two, three]\nsources: [https://example.com/{name}/source]\n\
         maintainers:\n- name: somebody\n  email: somebody@example.com\n\
         annotations:\n  category: Tools\n  licenses: Apache-2.0\n"
    );
    let files = [
        ("Chart.yaml", metadata.as_bytes()),
        ("values.yaml", b"replicas: 1\n".as_slice()),
        ("README.md", b"# A chart\n".as_slice()),
        ("templates/map.yaml", b"kind: ConfigMap\n".as_slice()),
    ];
    pack(name, files, Modified::default()).context("packing a chart")
}
