//! `cargo xtask bench museum`: a hosted repository of 700 charts with 10 versions each.
//!
//! Measured from outside, on this machine: how long a start on a directory takes until the index is whole, with nothing known
//! (cold) and with everything known (warm); the index's length and time; an upload until a reader finds it in the index;
//! readers beside a writer; memory. `--debug` takes a debug build, whose figures are only good for comparing with each other.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use helm::archive::{Modified, pack};

use super::measured::{cpu_seconds, peak_rss_mib, percentile, wait_for};
use crate::process::{self, say};
use crate::services::free_port;

const N_CHARTS: usize = 700;
const N_VERSIONS: usize = 10;
const N_UPLOADS: usize = 300;
const N_READERS: usize = 10;
const BESIDE: Duration = Duration::from_secs(10);

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<()> {
    let is_debug = arguments.into_iter().any(|argument| argument == "--debug");
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
    let measured = measure(&folder, is_debug);
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn measure(folder: &Path, is_debug: bool) -> Result<()> {
    for name in ["cold", "warm"] {
        let started = Instant::now();
        let (mut child, port) = start(folder, is_debug)?;
        wait_for(port, "/health")?;
        let listening = started.elapsed();
        let index = request(port, "GET", "/index.yaml", b"")?;
        if count(&index.1, "charts/chart-") != N_CHARTS * N_VERSIONS {
            bail!("the first index is not whole");
        }
        say(&format!(
            "{name} start            {:>9.0} ms until it answers, {:.0} ms until the index of {:.1} MB is whole",
            ms(listening),
            ms(started.elapsed()),
            index.1.len() as f64 / 1e6
        ));
        if name == "warm" {
            let result = beside(port, child.id());
            let peak = peak_rss_mib(child.id())?;
            say(&format!("peak memory           {peak:>9.1} MiB"));
            stop(&mut child)?;
            return result;
        }
        stop(&mut child)?;
    }
    Ok(())
}

fn beside(port: u16, pid: u32) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..50 {
        let asked = Instant::now();
        request(port, "GET", "/index.yaml", b"")?;
        times.push(asked.elapsed());
    }
    times.sort();
    say(&format!(
        "index, whole          {:>9.1} ms p50",
        ms(percentile(&times, 50))
    ));

    let (own, system) = cpu_seconds(pid)?;
    let (mut answered, mut visible) = (Vec::new(), Vec::new());
    let mut n_missed = 0;
    for n in 0..N_UPLOADS {
        let body = archive("pushed", &format!("0.{n}.0"))?;
        let begun = Instant::now();
        let (status, answer) = request(port, "POST", "/api/charts", &body)?;
        if status != 201 {
            bail!(
                "an upload was answered with {status}: {}",
                String::from_utf8_lossy(&answer)
            );
        }
        answered.push(begun.elapsed());
        let (_, index) = request(port, "GET", "/index.yaml", b"")?;
        n_missed += usize::from(count(&index, &format!("charts/pushed-0.{n}.0.tgz")) == 0);
        visible.push(begun.elapsed());
    }
    let (own_after, system_after) = cpu_seconds(pid)?;
    for (name, times) in [
        ("upload, answered", &mut answered),
        ("upload, seen in index", &mut visible),
    ] {
        times.sort();
        say(&format!(
            "{name:<22}{:>9.1} ms p50, {:.1} ms p99",
            ms(percentile(times, 50)),
            ms(percentile(times, 99))
        ));
    }
    say(&format!("  missed after a 201  {n_missed:>9} of {N_UPLOADS}"));
    say(&format!(
        "  CPU an upload       {:>9.1} ms, with an index read each",
        (own_after + system_after - own - system) * 1e3 / N_UPLOADS as f64
    ));

    let (stop, n_reads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let readers: Vec<_> = (0..N_READERS)
        .map(|_| {
            let (stop, n_reads) = (Arc::clone(&stop), Arc::clone(&n_reads));
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    if matches!(request(port, "GET", "/index.yaml", b""), Ok((200, _))) {
                        n_reads.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    let begun = Instant::now();
    let mut n_writes = 0;
    while begun.elapsed() < BESIDE {
        let body = archive("beside", &format!("0.{n_writes}.0"))?;
        let (status, _) = request(port, "POST", "/api/charts", &body)?;
        if status != 201 {
            bail!("an upload was answered with {status}");
        }
        n_writes += 1;
    }
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        if reader.join().is_err() {
            bail!("a reader ended early");
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    say(&format!(
        "{N_READERS} readers, 1 writer   {:>9.0} index reads and {:.0} uploads a second",
        n_reads.load(Ordering::Relaxed) as f64 / seconds,
        f64::from(n_writes) / seconds
    ));
    Ok(())
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

fn stop(child: &mut Child) -> Result<()> {
    child.kill()?;
    child.wait()?;
    Ok(())
}

fn request(port: u16, method: &str, path: &str, body: &[u8]) -> Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .context("an HTTP answer has a head")?;
    let head = String::from_utf8_lossy(answer.get(..end).unwrap_or_default()).into_owned();
    let status = head
        .split(' ')
        .nth(1)
        .context("an HTTP answer has a status")?
        .parse()?;
    Ok((status, answer.split_off(end + 4)))
}

fn count(text: &[u8], needle: &str) -> usize {
    String::from_utf8_lossy(text).matches(needle).count()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
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
