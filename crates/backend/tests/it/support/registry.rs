//! A small OCI registry that a test fills and can make misbehave, for what a real one does not do on demand.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::upstream::Chart;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";

/// An answer that is given once, in place of the registry's own.
#[derive(Clone)]
pub(crate) struct Odd {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// With the query string.
    pub(crate) path: String,
    pub(crate) authorization: String,
}

#[derive(Default)]
struct Shelf {
    tags: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    blobs: BTreeMap<String, Vec<u8>>,
    odd: BTreeMap<String, VecDeque<Odd>>,
    asked: Vec<Asked>,
    page: usize,
    /// What is sent to whoever shows no token, and the token.
    guard: Option<(String, String)>,
    lists_referrers: bool,
}

/// The registry; it ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct FakeRegistry {
    pub(crate) address: SocketAddr,
    shelf: Arc<Mutex<Shelf>>,
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

impl FakeRegistry {
    pub(crate) async fn start() -> Self {
        let shelf = Arc::new(Mutex::new(Shelf {
            page: 1_000,
            ..Shelf::default()
        }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shelf));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shelf }
    }

    /// The namespace that tests follow.
    pub(crate) fn url(&self) -> String {
        format!("oci://{}/team", self.address)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Shelf) -> T) -> T {
        change(&mut self.shelf.lock().expect("unpoisoned"))
    }

    /// Names on a page.
    pub(crate) fn pages_of(&self, n: usize) {
        self.change(|shelf| shelf.page = n);
    }

    /// Wants a token, and says so with this challenge.
    pub(crate) fn wants(&self, challenge: &str, token: &str) {
        self.change(|shelf| shelf.guard = Some((challenge.to_owned(), token.to_owned())));
    }

    /// Answers the next request for this path in another way.
    pub(crate) fn once(&self, path: &str, odd: Odd) {
        self.change(|shelf| shelf.odd.entry(path.to_owned()).or_default().push_back(odd));
    }

    /// Pushes a chart as helm does, below `team`.
    pub(crate) fn push(&self, chart: &Chart) {
        self.push_signed(chart, None);
    }

    pub(crate) fn push_signed(&self, chart: &Chart, provenance: Option<&str>) {
        let mut config = json!({ "apiVersion": "v2", "name": chart.name, "version": chart.version });
        for line in chart.metadata.lines() {
            if let Some((key, value)) = line.split_once(": ") {
                config[key] = value.into();
            }
        }
        let tag = chart.version.replace('+', "_");
        let at = format!("team/{}", chart.name);
        self.push_manifest(&at, &tag, &config, &chart.archive(), provenance);
    }

    /// Pushes a configuration with an archive; what they say need not fit.
    pub(crate) fn push_manifest(
        &self,
        repository: &str,
        tag: &str,
        config: &Value,
        archive: &[u8],
        provenance: Option<&str>,
    ) {
        let config = self.blob(config.to_string().as_bytes(), CONFIG);
        let mut layers = vec![self.blob(archive, CHART)];
        layers.extend(provenance.map(|text| self.blob(text.as_bytes(), PROVENANCE)));
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers,
            "annotations": { "org.opencontainers.image.created": "2026-01-02T03:04:05Z" },
        });
        self.tag(repository, tag, &manifest);
    }

    /// Keeps a blob; the answer is its descriptor.
    pub(crate) fn blob(&self, bytes: &[u8], kind: &str) -> Value {
        self.change(|shelf| shelf.blobs.insert(digest(bytes), bytes.to_vec()));
        json!({ "mediaType": kind, "digest": digest(bytes), "size": bytes.len() })
    }

    pub(crate) fn tag(&self, repository: &str, tag: &str, manifest: &Value) {
        let bytes = manifest.to_string().into_bytes();
        let tags = (repository.to_owned(), tag.to_owned());
        self.change(|shelf| shelf.tags.entry(tags.0).or_default().insert(tags.1, bytes));
    }

    /// Keeps a manifest as it is, at a tag or its digest.
    pub(crate) fn put_manifest(&self, repository: &str, reference: &str, manifest: &[u8]) {
        self.change(|shelf| {
            let of = shelf.tags.entry(repository.to_owned()).or_default();
            of.insert(reference.to_owned(), manifest.to_vec())
        });
    }

    /// From now on it has a list of what refers to a manifest, as registries have since 1.1 of the specification.
    pub(crate) fn lists_referrers(&self) {
        self.change(|shelf| shelf.lists_referrers = true);
    }

    /// Loses a blob.
    pub(crate) fn lose(&self, digest: &str) {
        self.change(|shelf| shelf.blobs.remove(digest));
    }

    pub(crate) fn untag(&self, repository: &str, tag: &str) {
        self.change(|shelf| {
            if let Some(tags) = shelf.tags.get_mut(repository) {
                tags.remove(tag);
            }
        });
    }

    /// Hands out other bytes for a blob.
    pub(crate) fn spoil(&self, of: &[u8]) {
        self.change(|shelf| shelf.blobs.insert(digest(of), b"spoilt".to_vec()));
    }

    /// The requests since the last call.
    pub(crate) fn take_asked(&self) -> Vec<Asked> {
        self.change(|shelf| std::mem::take(&mut shelf.asked))
    }

    /// How many of the requests since the last call were for manifests, heads included.
    pub(crate) fn n_manifests(&self) -> usize {
        let asked = self.take_asked();
        asked
            .iter()
            .filter(|asked| asked.path.contains("/manifests/"))
            .count()
    }
}

async fn answer(State(shelf): State<Arc<Mutex<Shelf>>>, request: Request) -> Response {
    let mut shelf = shelf.lock().expect("unpoisoned");
    let authorization = request.headers().get("authorization");
    let authorization = authorization
        .map_or("", |value| value.to_str().unwrap_or("?"))
        .to_owned();
    let uri = request.uri().clone();
    shelf.asked.push(Asked {
        method: request.method().to_string(),
        path: uri.to_string(),
        authorization: authorization.clone(),
    });
    let build = |status: u16, headers: &[(&str, String)], body: Vec<u8>| {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, value);
        }
        let body = if request.method() == "HEAD" {
            Vec::new()
        } else {
            body
        };
        response.body(Body::from(body)).expect("a response")
    };
    if let Some(odd) = shelf.odd.get_mut(uri.path()).and_then(VecDeque::pop_front) {
        return build(odd.status, &odd.headers, odd.body);
    }
    if let Some((challenge, token)) = &shelf.guard
        && authorization != *token
    {
        return build(401, &[("www-authenticate", challenge.clone())], Vec::new());
    }
    let missing = || build(404, &[], b"{}".to_vec());
    let Some(path) = uri.path().strip_prefix("/v2/") else {
        return missing();
    };
    if path == "_catalog" {
        let names = shelf.tags.keys().cloned().collect();
        return page(
            &build,
            uri.query().unwrap_or_default(),
            "/v2/_catalog",
            "repositories",
            &names,
            shelf.page,
        );
    }
    if let Some(name) = path.strip_suffix("/tags/list") {
        let Some(tags) = shelf.tags.get(name) else {
            return missing();
        };
        let names = tags.keys().filter(|tag| !tag.contains(':')).cloned().collect();
        return page(
            &build,
            uri.query().unwrap_or_default(),
            uri.path(),
            "tags",
            &names,
            shelf.page,
        );
    }
    if let Some((name, tag)) = path.split_once("/manifests/") {
        let by_digest =
            |tags: &'_ BTreeMap<String, Vec<u8>>| tags.values().find(|it| digest(it) == tag).cloned();
        let tags = shelf.tags.get(name);
        return match tags.and_then(|tags| tags.get(tag).cloned().or_else(|| by_digest(tags))) {
            Some(manifest) => build(
                200,
                &[
                    ("content-type", media_type(&manifest)),
                    ("docker-content-digest", digest(&manifest)),
                ],
                manifest,
            ),
            None => missing(),
        };
    }
    if let Some((name, subject)) = path.split_once("/referrers/").filter(|_| shelf.lists_referrers) {
        let manifests = shelf.tags.get(name).into_iter().flat_map(BTreeMap::values);
        let of = manifests.filter_map(|manifest| {
            let read: Value = serde_json::from_slice(manifest).ok()?;
            (read["subject"]["digest"] == subject).then(|| {
                json!({
                    "mediaType": MANIFEST, "digest": digest(manifest), "size": manifest.len(),
                    "artifactType": read["artifactType"],
                })
            })
        });
        let list = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": of.collect::<Vec<_>>() });
        return build(
            200,
            &[("content-type", INDEX.to_owned())],
            list.to_string().into_bytes(),
        );
    }
    if let Some((_, digest)) = path.split_once("/blobs/") {
        return match shelf.blobs.get(digest) {
            Some(blob) => build(200, &[], blob.clone()),
            None => missing(),
        };
    }
    missing()
}

fn media_type(manifest: &[u8]) -> String {
    let read: Value = serde_json::from_slice(manifest).unwrap_or_default();
    read["mediaType"].as_str().unwrap_or(MANIFEST).to_owned()
}

/// Makes an answer out of a status, headers and a body.
type Build<'a> = dyn Fn(u16, &[(&str, String)], Vec<u8>) -> Response + 'a;

/// A page of names, as the distribution specification has them.
fn page(
    build: &Build<'_>,
    query: &str,
    path: &str,
    field: &str,
    names: &BTreeSet<String>,
    n: usize,
) -> Response {
    let last = query.split('&').find_map(|pair| pair.strip_prefix("last="));
    let last = last.unwrap_or_default().replace("%2F", "/");
    let rest: Vec<&String> = names.iter().filter(|name| **name > last).collect();
    let shown = &rest[..n.min(rest.len())];
    let mut headers = Vec::new();
    if shown.len() < rest.len() {
        let last = shown.last().expect("a page has names");
        headers.push(("link", format!("<{path}?n={n}&last={last}>; rel=\"next\"")));
    }
    let mut body = json!({});
    body[field] = json!(shown);
    build(200, &headers, body.to_string().into_bytes())
}
