//! A chart repository that a test runs and can make misbehave.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use helm::archive::{Modified, pack};
use sha2::{Digest, Sha256};

/// What the repository answers to a path.
#[derive(Clone)]
pub(crate) enum Reply {
    /// A body with these headers.
    Ok(Vec<u8>, Vec<(&'static str, String)>),
    /// A status with these headers.
    Status(u16, Vec<(&'static str, String)>),
    /// The first as often as the number says, then the other.
    Failing(u32, Box<Self>, Box<Self>),
    /// The beginning of a body of which more was announced.
    Truncated(Vec<u8>),
    /// The head of an answer and then nothing.
    Stalled,
    /// Nothing at all.
    Silent,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    pub(crate) at: Instant,
}

#[derive(Default)]
struct Shelf {
    replies: BTreeMap<String, Reply>,
    seen: Vec<Seen>,
}

/// The repository; it ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    shelf: Arc<Mutex<Shelf>>,
}

impl Upstream {
    pub(crate) async fn start() -> Self {
        let shelf = Arc::new(Mutex::new(Shelf::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shelf));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shelf }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn put(&self, path: &str, reply: Reply) {
        self.shelf
            .lock()
            .expect("unpoisoned")
            .replies
            .insert(path.to_owned(), reply);
    }

    /// A body without headers.
    pub(crate) fn put_bytes(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.put(path, Reply::Ok(bytes.into(), Vec::new()));
    }

    pub(crate) fn remove(&self, path: &str) {
        self.shelf.lock().expect("unpoisoned").replies.remove(path);
    }

    /// The requests since the last call.
    pub(crate) fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.shelf.lock().expect("unpoisoned").seen)
    }

    /// The paths of the requests since the last call, in order of name.
    pub(crate) fn take_paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.take_seen().into_iter().map(|seen| seen.path).collect();
        paths.sort();
        paths
    }

    /// Publishes charts: their archives and an index with an `ETag`.
    pub(crate) fn publish(&self, charts: &[Chart]) {
        for chart in charts {
            self.put_bytes(&format!("/{}", chart.file_name()), chart.archive());
        }
        self.publish_index(&index_of(charts));
    }

    /// Publishes an index with an `ETag`.
    pub(crate) fn publish_index(&self, index: &str) {
        let etag = format!("\"{}\"", hex::encode(&Sha256::digest(index)[..8]));
        self.put(
            "/index.yaml",
            Reply::Ok(index.as_bytes().to_vec(), vec![("etag", etag)]),
        );
    }
}

async fn answer(State(shelf): State<Arc<Mutex<Shelf>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let path = parts.uri.path().to_owned();
    let headers: BTreeMap<String, String> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("?").to_owned()))
        .collect();
    let reply = {
        let mut shelf = shelf.lock().expect("unpoisoned");
        shelf.seen.push(Seen {
            path: path.clone(),
            headers: headers.clone(),
            body: String::from_utf8_lossy(&body).into_owned(),
            at: Instant::now(),
        });
        match shelf.replies.get(&path).cloned() {
            Some(Reply::Failing(n, first, then)) => {
                let next = match n {
                    0 | 1 => (*then).clone(),
                    _ => Reply::Failing(n - 1, first.clone(), then),
                };
                shelf.replies.insert(path, next);
                Some(*first)
            }
            reply => reply,
        }
    };
    respond(reply, &headers).await
}

async fn respond(reply: Option<Reply>, request: &BTreeMap<String, String>) -> Response {
    let build = |status: u16, headers: &[(&'static str, String)], body: Body| {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, value);
        }
        response.body(body).expect("a response")
    };
    let beginning = |bytes: Vec<u8>| {
        let piece = futures_util::stream::iter([Ok::<_, std::io::Error>(bytes)]);
        futures_util::StreamExt::chain(piece, futures_util::stream::pending())
    };
    match reply {
        None => build(404, &[], Body::empty()),
        Some(Reply::Ok(bytes, headers)) => {
            let etag = headers
                .iter()
                .find(|(name, _)| *name == "etag")
                .map(|(_, value)| value);
            if etag.is_some() && request.get("if-none-match") == etag {
                return build(304, &headers, Body::empty());
            }
            build(200, &headers, Body::from(bytes))
        }
        Some(Reply::Status(status, headers)) => build(status, &headers, Body::empty()),
        // Taken apart by whoever asked.
        Some(Reply::Failing(..)) => build(500, &[], Body::empty()),
        Some(Reply::Truncated(bytes)) => {
            let length = (bytes.len() + 1000).to_string();
            let pieces = [
                Ok(bytes),
                Err(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "cut")),
            ];
            build(
                200,
                &[("content-length", length)],
                Body::from_stream(futures_util::stream::iter(pieces)),
            )
        }
        Some(Reply::Stalled) => build(
            200,
            &[],
            Body::from_stream(beginning(b"apiVersion: v1\n".to_vec())),
        ),
        Some(Reply::Silent) => std::future::pending().await,
    }
}

/// A chart that a test publishes.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) metadata: String,
    pub(crate) files: Vec<(String, String)>,
}

impl Chart {
    pub(crate) fn new(name: &str, version: &str) -> Self {
        let files = [
            (
                "README.md",
                format!("# {name}\n\nThe read me of {name} {version}.\n"),
            ),
            (
                "values.yaml",
                "# how many\nreplicas: 1\nimage:\n  repository: reg/app\n  tag: v1\n".to_owned(),
            ),
            ("templates/deployment.yaml", "kind: Deployment\n".to_owned()),
        ];
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            metadata: format!("description: A chart called {name}\n"),
            files: files.map(|(path, text)| (path.to_owned(), text)).to_vec(),
        }
    }

    /// Adds lines to `Chart.yaml` and the index entry.
    pub(crate) fn with(mut self, metadata: &str) -> Self {
        self.metadata.push_str(metadata);
        self
    }

    pub(crate) fn with_file(mut self, path: &str, text: &str) -> Self {
        self.files.retain(|(other, _)| other.as_str() != path);
        self.files.push((path.to_owned(), text.to_owned()));
        self
    }

    pub(crate) fn file_name(&self) -> String {
        format!("{}-{}.tgz", self.name, self.version)
    }

    pub(crate) fn archive(&self) -> Vec<u8> {
        let chart_yaml = format!(
            "apiVersion: v2\nname: {}\nversion: {}\n{}",
            self.name, self.version, self.metadata
        );
        let mut files = vec![("Chart.yaml", chart_yaml.as_bytes())];
        files.extend(
            self.files
                .iter()
                .map(|(path, text)| (path.as_str(), text.as_bytes())),
        );
        pack(&self.name, files, Modified::default()).expect("it packs")
    }

    pub(crate) fn entry(&self) -> String {
        let digest = hex::encode(Sha256::digest(self.archive()));
        let mut entry = format!(
            "  - apiVersion: v2\n    name: {}\n    version: {}\n    created: \"2026-01-02T03:04:05Z\"\n    \
             digest: {digest}\n    urls:\n    - {}\n",
            self.name,
            self.version,
            self.file_name()
        );
        for line in self.metadata.lines() {
            entry.push_str(&format!("    {line}\n"));
        }
        entry
    }
}

/// The index of charts.
pub(crate) fn index_of(charts: &[Chart]) -> String {
    let mut by_name: BTreeMap<&str, String> = BTreeMap::new();
    for chart in charts {
        by_name.entry(&chart.name).or_default().push_str(&chart.entry());
    }
    let mut index = "apiVersion: v1\nentries:\n".to_owned();
    for (name, entries) in by_name {
        index.push_str(&format!("  {name}:\n{entries}"));
    }
    index.push_str("generated: \"2026-01-02T03:04:05Z\"\n");
    index
}
