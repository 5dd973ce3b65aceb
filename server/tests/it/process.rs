//! The real program, started for one test and ended with it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

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
        let port = free_port();
        let started = Instant::now();
        let child = chartroom(&["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
            .arg(data_dir)
            .env("CHARTROOM__REPOSITORIES", repositories)
            .env("CHARTROOM__UPSTREAM__RETRIES", "0")
            .env("CHARTROOM__SYNC__INTERVAL_SECS", "1")
            .env("CHARTROOM__STORAGE__FSYNC", "false")
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        Self { child, port, started }
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
            Some(answer.get("data")?.get(0)?.get("state")?.clone())
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
