//! A chart repository for tests that can also misbehave.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// How `index.yaml` is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Well,
    /// Accepts the connection and never says a word.
    BlackHole,
    /// A byte now and then.
    SlowLoris,
    /// Promises more than it sends.
    Truncated,
    ServerError,
    RedirectToPrivate,
}

#[derive(Default)]
struct Content {
    entries: Vec<(String, String, String)>,
    archives: HashMap<String, Vec<u8>>,
    requests: Vec<String>,
    is_down: bool,
}

/// Answers until the test ends.
#[derive(Clone)]
pub(crate) struct Upstream {
    port: u16,
    content: Arc<Mutex<Content>>,
    manner: Arc<Mutex<Manner>>,
}

impl Upstream {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("a listener has an address").port();
        let upstream = Self {
            port,
            content: Arc::default(),
            manner: Arc::new(Mutex::new(Manner::Well)),
        };
        let answering = upstream.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answering = answering.clone();
                std::thread::spawn(move || answering.answer_all(&stream));
            }
        });
        upstream
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The repository as a setting, with access to this machine allowed.
    pub(crate) fn setting(&self, archives: &str) -> String {
        format!(
            "[{{ name = \"up\", url = \"{}\", allow_private_network = true, archives = \"{archives}\" }}]",
            self.url()
        )
    }

    pub(crate) fn behave(&self, manner: Manner) {
        *self.manner.lock().expect("no test panics holding it") = manner;
    }

    /// From now on whoever connects is turned away without a word.
    pub(crate) fn go_down(&self) {
        self.content.lock().expect("no test panics holding it").is_down = true;
    }

    /// Adds a file beside the index.
    pub(crate) fn put(&self, path: &str, body: &[u8]) {
        let mut content = self.content.lock().expect("no test panics holding it");
        content.archives.insert(path.to_owned(), body.to_vec());
    }

    /// Adds a chart version with a README.
    pub(crate) fn publish(&self, name: &str, version: &str) {
        self.publish_archive(name, version, archive(name, version));
    }

    /// Adds a chart version that was packed elsewhere.
    pub(crate) fn publish_archive(&self, name: &str, version: &str, archive: Vec<u8>) {
        let digest = hex::encode(Sha256::digest(&archive));
        let mut content = self.content.lock().expect("no test panics holding it");
        content.archives.insert(format!("/{name}-{version}.tgz"), archive);
        content
            .entries
            .push((name.to_owned(), version.to_owned(), digest));
    }

    /// The bytes of an archive that was published.
    pub(crate) fn archive(&self, name: &str, version: &str) -> Vec<u8> {
        let content = self.content.lock().expect("no test panics holding it");
        content.archives[&format!("/{name}-{version}.tgz")].clone()
    }

    /// How often each path was asked for.
    pub(crate) fn n_requests(&self) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for path in &self.content.lock().expect("no test panics holding it").requests {
            *counts.entry(path.clone()).or_default() += 1;
        }
        counts
    }

    fn index(&self) -> String {
        let content = self.content.lock().expect("no test panics holding it");
        let mut names: Vec<&String> = content.entries.iter().map(|(name, ..)| name).collect();
        names.sort();
        names.dedup();
        let mut out = String::from("apiVersion: v1\nentries:\n");
        for name in names {
            out.push_str(&format!("  {name}:\n"));
            for (_, version, digest) in content.entries.iter().filter(|(known, ..)| known == name) {
                out.push_str(&format!(
                    "  - apiVersion: v2\n    name: {name}\n    version: {version}\n    digest: {digest}\n    urls:\n    - {name}-{version}.tgz\n"
                ));
            }
        }
        out
    }

    fn answer_all(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|n| n > 0) {
            let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
            while line.trim() != "" {
                line.clear();
                if reader.read_line(&mut line).is_err() {
                    return;
                }
            }
            line.clear();
            let mut content = self.content.lock().expect("no test panics holding it");
            if content.is_down {
                return;
            }
            content.requests.push(path.clone());
            drop(content);
            if self.answer(stream, &path).is_none() {
                return;
            }
        }
    }

    fn answer(&self, mut stream: &TcpStream, path: &str) -> Option<()> {
        if path != "/index.yaml" {
            let body = self
                .content
                .lock()
                .expect("no test panics holding it")
                .archives
                .get(path)
                .cloned();
            return match body {
                Some(body) => {
                    write!(
                        stream,
                        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
                        body.len()
                    )
                    .ok()?;
                    stream.write_all(&body).ok()
                }
                None => write!(stream, "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").ok(),
            };
        }
        let manner = *self.manner.lock().expect("no test panics holding it");
        let index = self.index();
        match manner {
            Manner::Well => {
                write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{index}", index.len()).ok()
            }
            Manner::BlackHole => {
                std::thread::sleep(Duration::from_secs(60));
                None
            }
            Manner::SlowLoris => {
                write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", index.len()).ok()?;
                for byte in index.bytes() {
                    stream.write_all(&[byte]).ok()?;
                    std::thread::sleep(Duration::from_millis(400));
                }
                None
            }
            Manner::Truncated => {
                let half = index.get(..index.len() / 2).unwrap_or_default();
                write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{half}", index.len()).ok()?;
                None
            }
            Manner::ServerError => {
                write!(stream, "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n").ok()
            }
            Manner::RedirectToPrivate => write!(
                stream,
                "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest/meta-data/\r\ncontent-length: 0\r\n\r\n"
            )
            .ok(),
        }
    }
}

fn archive(name: &str, version: &str) -> Vec<u8> {
    let chart = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    let readme = format!("# {name}\n\nThis is {name} {version}.\n");
    let files = [("Chart.yaml", chart.as_bytes()), ("README.md", readme.as_bytes())];
    let mut tar = Vec::new();
    for (path, body) in files {
        let mut header = [0_u8; 512];
        let full = format!("{name}/{path}");
        header[..full.len()].copy_from_slice(full.as_bytes());
        header[100..107].copy_from_slice(b"0000644");
        header[124..135].copy_from_slice(format!("{:011o}", body.len()).as_bytes());
        header[136..147].copy_from_slice(b"00000000000");
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        header[263..265].copy_from_slice(b"00");
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        tar.extend_from_slice(&header);
        tar.extend_from_slice(body);
        tar.resize(tar.len().div_ceil(512) * 512, 0);
    }
    tar.resize(tar.len() + 1024, 0);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&tar).expect("writing to memory");
    gzip.finish().expect("writing to memory")
}
