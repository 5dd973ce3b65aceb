//! The real program, started for one test and ended with it.

use std::io::{BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::contract;
use crate::site::{Answer, Sent};

/// The program with `arguments`, its environment free of ours.
pub(crate) fn chartroom(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chartroom"));
    command
        .args(arguments)
        .env_clear()
        .env("CHARTROOM__TELEMETRY__LOG", "warn");
    command
}

/// Runs it to its end.
pub(crate) fn output(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().expect("the program starts")
}

/// Runs it to its end with `input` to read.
pub(crate) fn output_with(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    // One that reads nothing may have ended.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A server that runs; killed when dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) port: u16,
    pub(crate) started: Instant,
}

impl Server {
    /// Starts `chartroom serve` on `data_dir` following `repositories`, which is TOML.
    pub(crate) fn start(data_dir: &Path, repositories: &str) -> Self {
        Self::spawn(data_dir, repositories, "[]", Stdio::null())
    }

    /// Starts `chartroom serve` on `data_dir` with the sample charts and `clusters`, which is TOML.
    pub(crate) fn start_with_clusters(data_dir: &Path, clusters: &str) -> Self {
        Self::spawn(data_dir, "[]", clusters, Stdio::null())
    }

    fn spawn(data_dir: &Path, repositories: &str, clusters: &str, stdout: Stdio) -> Self {
        let port = free_port();
        let started = Instant::now();
        let child = chartroom(&["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
            .arg(data_dir)
            .env("CHARTROOM__REPOSITORIES", repositories)
            .env("CHARTROOM__CLUSTERS", clusters)
            .env("CHARTROOM__UPSTREAM__RETRIES", "0")
            .env("CHARTROOM__SYNC__INTERVAL_SECS", "1")
            .env("CHARTROOM__STORAGE__FSYNC", "false")
            .stdout(stdout)
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        Self { child, port, started }
    }

    /// Starts `chartroom serve` on `data_dir`, following nothing, with what it prints at hand.
    pub(crate) fn start_printing(data_dir: &Path) -> Printing {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let stdout = file.reopen().expect("it is opened again");
        Printing {
            server: Self::spawn(data_dir, "[]", "[]", stdout.into()),
            file,
        }
    }

    /// Status and body of a path.
    pub(crate) fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        write!(stream, "GET {path} HTTP/1.0\r\nhost: 127.0.0.1\r\n\r\n").ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let answer = text(&answer);
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    /// Waits until `is_so` holds for the body of `path`; panics with the last answer after half a minute.
    pub(crate) fn wait_until(&self, path: &str, is_so: impl Fn(u16, &str) -> bool) -> String {
        let waited = Instant::now();
        loop {
            let answer = self.get(path);
            if let Some((status, body)) = &answer
                && is_so(*status, body)
            {
                return body.clone();
            }
            assert!(
                waited.elapsed() < Duration::from_secs(30),
                "{path} still answers {answer:?}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the first answer of `path` with status 200 and says how long after the start it came.
    pub(crate) fn answers_after(&self, path: &str) -> Duration {
        self.wait_until(path, |status, _| status == 200);
        self.started.elapsed()
    }

    /// The state of the only repository, once `is_so` holds for it.
    pub(crate) fn state_when(&self, is_so: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        let read = |body: &str| -> Option<serde_json::Value> {
            let answer: serde_json::Value = serde_json::from_str(body).ok()?;
            Some(answer.get("data")?.get("items")?.get(0)?.get("state")?.clone())
        };
        let body = self.wait_until("/api/v1/repositories", |_, body| {
            read(body).is_some_and(|state| is_so(&state))
        });
        read(&body).expect("it was just read")
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("the program runs");
        self.child.wait().expect("the program ended");
    }
}

/// Sends a request to a server that may be killed meanwhile, and gives what comes back as it comes: head and body.
pub(crate) fn open(port: u16, sent: &Sent<'_>) -> Option<BufReader<TcpStream>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let mut head = format!(
        "{} {} HTTP/1.0\r\nhost: {}\r\ncontent-length: {}\r\n",
        sent.method,
        sent.path,
        sent.host,
        sent.body.len()
    );
    let bearer = sent.bearer.map(|token| format!("Bearer {token}"));
    let headers = [
        ("origin", sent.origin),
        ("cookie", sent.cookie),
        ("authorization", bearer.as_deref()),
        ("content-type", sent.content_type),
    ];
    let headers = headers
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    for (name, value) in headers.chain(sent.headers.iter().copied()) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    write!(stream, "{head}\r\n{}", sent.body).ok()?;
    Some(BufReader::new(stream))
}

/// Sends a request; nothing if no whole answer came back. What the API answers has to be what its description says.
pub(crate) fn send(port: u16, sent: &Sent<'_>) -> Option<Answer> {
    let mut bytes = Vec::new();
    open(port, sent)?.read_to_end(&mut bytes).ok()?;
    let answer = text(&bytes);
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: HeaderMap = lines
        .filter_map(|line| line.split_once(": "))
        .filter_map(|(name, value)| {
            Some((
                name.parse::<HeaderName>().ok()?,
                HeaderValue::from_str(value).ok()?,
            ))
        })
        .collect();
    let answer = Answer {
        status,
        headers,
        body: body.to_owned(),
    };
    let promised: Option<usize> = answer.header(http::header::CONTENT_LENGTH).parse().ok();
    let is_whole = promised.is_none_or(|length| length == answer.body.len());
    is_whole.then(|| {
        contract::check(&sent.method, sent.path, &answer);
        answer
    })
}

/// A server that runs, and what it has printed so far.
pub(crate) struct Printing {
    pub(crate) server: Server,
    file: tempfile::NamedTempFile,
}

impl Printing {
    pub(crate) fn printed(&self) -> String {
        std::fs::read_to_string(self.file.path()).expect("it reads")
    }

    /// Waits for the line that holds `words`; half a minute at most.
    pub(crate) fn printed_line(&self, words: &str) -> String {
        let waited = Instant::now();
        loop {
            let printed = self.printed();
            if let Some(line) = printed.lines().find(|line| line.contains(words)) {
                return line.to_owned();
            }
            assert!(
                waited.elapsed() < Duration::from_secs(30),
                "only printed {printed:?}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("a listener has an address").port()
}
