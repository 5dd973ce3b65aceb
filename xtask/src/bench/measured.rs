//! What the system says of a process, and what a probe sees of a server.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// CPU seconds that a process has used: its own, and the system's for it.
pub(crate) fn cpu_seconds(pid: u32) -> Result<(f64, f64)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The command's name may hold spaces; fields are counted after its closing parenthesis.
    let after = stat.rsplit_once(')').context("reading /proc/PID/stat")?.1;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = |at: usize| -> Result<f64> { Ok(fields.get(at).context("reading /proc/PID/stat")?.parse()?) };
    // utime and stime are fields 14 and 15 of proc(5), in clock ticks: 100 a second on Linux.
    Ok((ticks(11)? / 100.0, ticks(12)? / 100.0))
}

/// Largest resident set of a process so far, in MiB.
pub(crate) fn peak_rss_mib(pid: u32) -> Result<f64> {
    status_mib(pid, "VmHWM:")
}

/// Resident set of a process now, in MiB.
pub(crate) fn rss_mib(pid: u32) -> Result<f64> {
    status_mib(pid, "VmRSS:")
}

fn status_mib(pid: u32, key: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(key))
        .context("reading /proc/PID/status")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1024.0)
}

/// Asks for a path on its own connection and returns the status and body.
pub(crate) fn get(port: u16, path: &str) -> Result<(u16, String)> {
    let (status, _, body) = ask(port, &format!("GET {path}"), "", "")?;
    Ok((status, body))
}

/// Sends a request on its own connection: its method and path, further lines of its head, each with its end, and a body.
/// Returns the status, the head and the body of the answer.
pub(crate) fn ask(port: u16, what: &str, head: &str, body: &str) -> Result<(u16, String, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(
        stream,
        "{what} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\ncontent-length: {}\r\n{head}\r\n{body}",
        body.len()
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .context("an HTTP answer has a head")?;
    let status = head
        .split(' ')
        .nth(1)
        .context("an HTTP answer has a status")?
        .parse()?;
    Ok((status, head.to_owned(), body.to_owned()))
}

/// Waits until `path` answers 200.
pub(crate) fn wait_for(port: u16, path: &str) -> Result<Duration> {
    let started = Instant::now();
    loop {
        if matches!(get(port, path), Ok((200, _))) {
            return Ok(started.elapsed());
        }
        if started.elapsed() > Duration::from_secs(60) {
            bail!("{path} did not answer within a minute");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Asks `/livez` every few milliseconds, as an impatient orchestrator would.
pub(crate) struct Probe {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Duration>>,
}

impl Probe {
    pub(crate) fn start(port: u16) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut times = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                let asked = Instant::now();
                // A probe that fails counts as one that took the whole timeout.
                let time = match get(port, "/livez") {
                    Ok((200, _)) => asked.elapsed(),
                    _ => Duration::from_secs(10),
                };
                times.push(time);
                std::thread::sleep(Duration::from_millis(20));
            }
            times
        });
        Self { stop, thread }
    }

    /// The probes' times, sorted.
    pub(crate) fn finish(self) -> Result<Vec<Duration>> {
        self.stop.store(true, Ordering::Relaxed);
        let Ok(mut times) = self.thread.join() else {
            bail!("the probe ended early")
        };
        times.sort();
        Ok(times)
    }
}

/// The value below which `percent` of the sorted times lie.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}
