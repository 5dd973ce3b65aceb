//! A museum that runs, and requests of bytes to it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use helm::archive::{Modified, pack};

use crate::process::{chartroom, free_port};

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Sends a request and reads the whole answer; nothing if none came back whole.
pub(crate) fn send(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Reply> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    // One that answers before it has read everything may close what we write to.
    let _ = stream.write_all(body);
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let body = bytes.split_off(end + 4);
    let mut reply = Reply {
        status,
        headers,
        body,
    };
    if reply.header("transfer-encoding") == "chunked" {
        reply.body = unchunked(&reply.body)?;
        return Some(reply);
    }
    let length: Option<usize> = reply.header("content-length").parse().ok();
    let is_whole = method == "HEAD" || length.is_none_or(|length| length == reply.body.len());
    (is_whole && (read.is_ok() || length.is_some())).then_some(reply)
}

/// What the pieces are together; nothing if the last is missing.
fn unchunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n")?;
        let length = std::str::from_utf8(&bytes[..end]).ok()?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(bytes.get(end + 2..end + 2 + length)?);
        bytes = bytes.get(end + 2 + length + 2..)?;
    }
}

/// A `chartroom museum`, ended when dropped.
pub(crate) struct Museum {
    child: Child,
    pub(crate) port: u16,
    /// What addresses begin with.
    pub(crate) context: String,
    pub(crate) dir: PathBuf,
    headers: Vec<(String, String)>,
}

impl Museum {
    /// Starts one on a directory and waits until it accepts connections, as its clients do.
    pub(crate) fn start(dir: &Path, flags: &[&str]) -> Self {
        Self::start_with(dir, flags, &[])
    }

    pub(crate) fn start_with(dir: &Path, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        let port = free_port();
        let child = chartroom(&[
            "museum",
            "--listen-host",
            "127.0.0.1",
            "--port",
            &port.to_string(),
        ])
        .args(["--storage", "local", "--storage-local-rootdir"])
        .arg(dir)
        .args(flags)
        .envs(variables.iter().copied())
        .env("CHARTROOM__STORAGE__FSYNC", "false")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
        let context = flags
            .iter()
            .find_map(|flag| flag.strip_prefix("--context-path="))
            .unwrap_or_default()
            .to_owned();
        let museum = Self {
            child,
            port,
            context,
            dir: dir.to_owned(),
            headers: Vec::new(),
        };
        let waited = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(waited.elapsed() < Duration::from_secs(30), "it does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
        museum
    }

    /// Every request has this header from now on.
    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers = vec![(name.to_owned(), value.to_owned())];
        self
    }

    /// A request to a path below the context path, with headers of its own.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let path = format!("{}{path}", self.context);
        let own = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let headers: Vec<(&str, &str)> = own.chain(headers.iter().copied()).collect();
        send(self.port, method, &path, &headers, body)
            .unwrap_or_else(|| panic!("{method} {path} is answered"))
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.request("GET", path, &[], b"")
    }

    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Reply {
        self.request("POST", path, &[], body)
    }

    /// Files as a form, by field.
    pub(crate) fn post_form(&self, path: &str, files: &[(&str, &[u8])]) -> Reply {
        let (kind, body) = form(files);
        self.request("POST", path, &[("content-type", &kind)], &body)
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("the program runs");
        self.child.wait().expect("the program ended");
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Museum {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The media type and the bytes of a form with files.
pub(crate) fn form(files: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (field, bytes) in files {
        let head = format!(
            "--frontier\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"some file\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--frontier--\r\n");
    ("multipart/form-data; boundary=frontier".to_owned(), body)
}

/// An archive of a chart.
pub(crate) fn chart(name: &str, version: &str) -> Vec<u8> {
    chart_with(name, version, "")
}

/// An archive of a chart whose README says something.
pub(crate) fn chart_with(name: &str, version: &str, readme: &str) -> Vec<u8> {
    let metadata =
        format!("apiVersion: v2\nname: {name}\nversion: {version}\ndescription: A chart called {name}\n");
    let readme = format!("# {name}\n\nThis is {name} {version}. {readme}\n");
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n";
    let files = [
        ("Chart.yaml", metadata.as_bytes()),
        ("README.md", readme.as_bytes()),
        ("values.yaml", b"replicas: 1\n".as_slice()),
        ("templates/map.yaml", template.as_bytes()),
    ];
    pack(
        name.rsplit('/').next().unwrap_or(name),
        files,
        Modified::default(),
    )
    .expect("it packs")
}

/// What looks like the provenance file of a version.
pub(crate) fn provenance(name: &str, version: &str) -> Vec<u8> {
    format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\napiVersion: v2\nname: {name}\nversion: {version}\n\n...\n\
         files:\n  {name}-{version}.tgz: sha256:00\n-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n"
    )
    .into_bytes()
}

/// The files of a tenant's directory that everybody sees.
pub(crate) fn listed(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// RFC 4648.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let three = [
            group[0],
            group.get(1).copied().unwrap_or(0),
            group.get(2).copied().unwrap_or(0),
        ];
        let number = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for at in 0..4 {
            if at <= group.len() {
                out.push(char::from(DIGITS[(number >> (18 - 6 * at)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
    out
}
