//! Requests to a server: one connection that stays open, and many at once.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::measured::{cpu_seconds, percentile};
use crate::process::say;

/// An answer, and how long it took.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Its head, names of headers in lower case.
    head: String,
    pub(crate) body: Vec<u8>,
    /// From the request to the last byte.
    pub(crate) took: Duration,
}

impl Answer {
    /// The value of a header; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines
            .filter(|(known, _)| *known == name)
            .map(|(_, value)| value.trim())
            .next()
            .unwrap_or_default()
    }
}

/// A connection that stays open.
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
    port: u16,
}

impl Connection {
    pub(crate) fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self {
            reader: BufReader::with_capacity(64 * 1024, stream),
            port,
        })
    }

    /// Asks for a path; `head` are further lines of the request, each with its end.
    pub(crate) fn get(&mut self, path: &str, head: &str) -> Result<Answer> {
        let port = self.port;
        let request = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{head}\r\n");
        self.send(request.as_bytes())
    }

    /// Sends a body to a path.
    pub(crate) fn post(&mut self, path: &str, body: &[u8]) -> Result<Answer> {
        let (port, length) = (self.port, body.len());
        let head =
            format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: {length}\r\n\r\n");
        self.send(&[head.as_bytes(), body].concat())
    }

    fn send(&mut self, request: &[u8]) -> Result<Answer> {
        let begun = Instant::now();
        self.reader.get_mut().write_all(request)?;
        let mut head = String::new();
        let mut line = String::new();
        loop {
            line.clear();
            if self.reader.read_line(&mut line)? == 0 {
                bail!("the server closed the connection");
            }
            if line.trim_end().is_empty() {
                break;
            }
            // Names of headers have no case; what they say has, tags among it.
            let name = line.find(':').unwrap_or_default();
            line.get_mut(..name).unwrap_or_default().make_ascii_lowercase();
            head.push_str(&line);
        }
        let mut answer = Answer {
            status: head
                .split(' ')
                .nth(1)
                .context("an HTTP answer has a status")?
                .parse()?,
            head,
            body: Vec::new(),
            took: Duration::ZERO,
        };
        if answer.header("transfer-encoding") == "chunked" {
            self.chunks(&mut answer.body)?;
        } else if let Ok(length) = answer.header("content-length").parse() {
            answer.body.resize(length, 0);
            self.reader.read_exact(&mut answer.body)?;
        }
        answer.took = begun.elapsed();
        Ok(answer)
    }

    fn chunks(&mut self, body: &mut Vec<u8>) -> Result<()> {
        let mut line = String::new();
        loop {
            line.clear();
            self.reader.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim(), 16)?;
            let start = body.len();
            body.resize(start + length, 0);
            if let Some(chunk) = body.get_mut(start..) {
                self.reader.read_exact(chunk)?;
            }
            line.clear();
            self.reader.read_line(&mut line)?;
            if length == 0 {
                return Ok(());
            }
        }
    }
}

/// Asks for all paths, in order, on one connection; returns sorted times. `bare` are further lines of each request.
pub(crate) fn one_by_one(port: u16, paths: &[String], bare: &str) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(port)?;
    let mut times = Vec::with_capacity(paths.len());
    for path in paths {
        let answer = connection.get(path, bare)?;
        if answer.status != 200 {
            bail!("{path} was answered with {}", answer.status);
        }
        times.push(answer.took);
    }
    times.sort_unstable();
    Ok(times)
}

/// What many connections saw.
pub(crate) struct Load {
    pub(crate) seconds: f64,
    /// Sorted.
    pub(crate) times: Vec<Duration>,
    /// CPU seconds of the server, its own and the system's for it.
    pub(crate) cpu_seconds: f64,
}

impl Load {
    pub(crate) fn say(&self, what: &str) {
        let n = self.times.len() as f64;
        say(&format!(
            "{what:<28} {:>7.0} req/s   p50 {:>7.2}  p95 {:>7.2}  p99 {:>7.2} ms   {:.2} ms CPU each",
            n / self.seconds,
            ms(percentile(&self.times, 50)),
            ms(percentile(&self.times, 95)),
            ms(percentile(&self.times, 99)),
            self.cpu_seconds * 1e3 / n.max(1.0)
        ));
    }
}

/// Asks for `paths`, each once, on `n` connections at a time, until all are answered or `limit` has passed.
pub(crate) fn at_once(port: u16, pid: u32, paths: &[String], n: usize, limit: Duration) -> Result<Load> {
    let next = AtomicUsize::new(0);
    let before = cpu_seconds(pid)?;
    let begun = Instant::now();
    let asked = || -> Result<Vec<Duration>> {
        let mut connection = Connection::open(port)?;
        let mut times = Vec::new();
        while begun.elapsed() < limit {
            let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) else {
                break;
            };
            let answer = connection.get(path, "")?;
            if answer.status != 200 {
                bail!("{path} was answered with {}", answer.status);
            }
            times.push(answer.took);
        }
        Ok(times)
    };
    let all = std::thread::scope(|scope| -> Result<Vec<Duration>> {
        let threads: Vec<_> = (0..n).map(|_| scope.spawn(asked)).collect();
        let mut all = Vec::new();
        for thread in threads {
            let Ok(times) = thread.join() else {
                bail!("a connection ended early")
            };
            all.extend(times?);
        }
        Ok(all)
    });
    let mut times = all?;
    let seconds = begun.elapsed().as_secs_f64();
    let after = cpu_seconds(pid)?;
    times.sort_unstable();
    Ok(Load {
        seconds,
        times,
        cpu_seconds: after.0 + after.1 - before.0 - before.1,
    })
}

pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
