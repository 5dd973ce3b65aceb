//! The client: where the server is, who asks, and one function a request.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use model::operation::{OperationRequest, OperationSummary};
use model::plan::Plan;
use model::record::{DryRunRequest, LiveObjects, RecordList, RecordQuery, ReleaseRecord};
use model::release::{ClusterSummary, ReleaseId};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, redirect};
use serde::Serialize;
use serde_json::Value;
use url::Url;

use crate::follow::Patience;
use crate::request::Request;
use crate::{Error, Result};

/// What every token begins with.
const TOKEN_PREFIX: &str = "crt_";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A token of a user. It prints as nothing that is of use.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Takes the text in; white space around it, as files have it, does not count.
    pub fn new(text: &str) -> Result<Self> {
        let text = text.trim();
        let is_word = text.bytes().all(|byte| byte.is_ascii_graphic());
        if !text.starts_with(TOKEN_PREFIX) || !is_word {
            return Err(Error::Token);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// How to reach a server.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `https://charts.example.com`, with the base path if there is one.
    pub server: String,
    /// Without one, nobody asks.
    pub token: Option<Token>,
    /// Certificates that the server's is checked with beside the system's, as PEM.
    pub ca_file: Option<PathBuf>,
}

/// A server, asked as one user.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) base: Url,
    pub(crate) patience: Patience,
    /// The header with a token for a cluster.
    pub(crate) cluster_token: Option<HeaderValue>,
}

impl Client {
    /// Checks the address; nothing is sent.
    pub fn new(settings: &Settings) -> Result<Self> {
        let base = address(&settings.server)?;
        let mut headers = HeaderMap::new();
        if let Some(Token(token)) = &settings.token {
            let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| Error::Token)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("Chartroom/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(CONNECT_TIMEOUT)
            // The token is for this address and no other.
            .redirect(redirect::Policy::none())
            .referer(false);
        if let Some(path) = &settings.ca_file {
            builder = builder.tls_certs_merge(certificates(path)?);
        }
        Ok(Self {
            http: builder.build().map_err(Error::Client)?,
            base,
            patience: Patience::default(),
            cluster_token: None,
        })
    }

    /// The same, which gives the server a token of the user's for a cluster: it is asked with that and with nothing else.
    pub fn with_cluster_token(self, cluster: &str, token: &str) -> Result<Self> {
        let token = token.trim();
        let is_word = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        let value = HeaderValue::try_from(format!("{cluster} {token}"))
            .ok()
            .filter(|_| is_word);
        let mut value = value.ok_or(Error::ClusterToken)?;
        value.set_sensitive(true);
        Ok(Self {
            cluster_token: Some(value),
            ..self
        })
    }

    /// The server's address, without a slash at its end.
    #[must_use]
    pub fn server(&self) -> String {
        self.base.as_str().trim_end_matches('/').to_owned()
    }

    /// Whether what is sent, the token among it, can be read on its way: plain HTTP to another machine.
    #[must_use]
    pub fn is_in_the_clear(&self) -> bool {
        let is_here = match self.base.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        };
        self.base.scheme() == "http" && !is_here
    }

    /// The clusters of which the user may see something.
    pub async fn clusters(&self) -> Result<Vec<ClusterSummary>> {
        self.data(&Request::get(&["clusters"])).await
    }

    /// What `helm list` would list of a cluster.
    pub async fn list_records(&self, cluster: &str, query: &RecordQuery) -> Result<RecordList> {
        let path = ["clusters", cluster, "records"];
        let mut request = Request::get(&path);
        request.query = pairs(query);
        self.data(&request).await
    }

    /// The newest `max` revisions of a release, the oldest of them first.
    pub async fn record_history(&self, id: &ReleaseId, max: usize) -> Result<RecordList> {
        let path = of_release(id, "records");
        self.data(&Request::get(&path).query("max", Some(max))).await
    }

    /// A revision, or the newest.
    pub async fn record(&self, id: &ReleaseId, revision: Option<i64>) -> Result<ReleaseRecord> {
        let path = of_release(id, "record");
        self.data(&Request::get(&path).query("revision", revision)).await
    }

    /// The objects of a revision as they are now, whole or as tables.
    pub async fn live_objects(
        &self,
        id: &ReleaseId,
        revision: Option<i64>,
        as_tables: bool,
    ) -> Result<LiveObjects> {
        let path = of_release(id, "objects");
        let request = Request::get(&path).query("revision", revision);
        self.data(&request.query("tables", as_tables.then_some(true)))
            .await
    }

    /// The record that an operation would make.
    pub async fn dry_run(&self, id: &ReleaseId, request: &DryRunRequest) -> Result<ReleaseRecord> {
        let path = of_release(id, "dry-run");
        self.data(&Request::post(&path, json(request))).await
    }

    /// What an operation would do.
    pub async fn plan(&self, id: &ReleaseId, request: &OperationRequest) -> Result<Plan> {
        let path = of_release(id, "plan");
        self.data(&Request::post(&path, json(request))).await
    }

    /// Begins an operation; with the hash of a plan, exactly what was shown.
    ///
    /// An answer that got lost is asked for again with the same `Idempotency-Key`, so that the operation begins once.
    pub async fn begin(
        &self,
        id: &ReleaseId,
        request: &OperationRequest,
        plan_hash: Option<&str>,
    ) -> Result<OperationSummary> {
        let path = of_release(id, "operations");
        let mut body = serde_json::to_value(request).unwrap_or_default();
        if let (Value::Object(body), Some(hash)) = (&mut body, plan_hash) {
            body.insert("plan_hash".to_owned(), hash.into());
        }
        let mut begin = Request::post(&path, json(&body));
        let mut key = [0; 16];
        // Without randomness the request is sent once, and that is all that is lost.
        let can_repeat = getrandom::fill(&mut key).is_ok();
        if can_repeat {
            let name = HeaderName::from_static("idempotency-key");
            begin.headers.push((name, hex::encode(key)));
        }
        let mut waits = self.patience.waits();
        loop {
            let error = match self.data(&begin).await {
                Ok(begun) => return Ok(begun),
                Err(error) => error,
            };
            // Where no connection came about, nothing was begun, and a person need not wait to hear of it.
            let was_sent = !matches!(&error, Error::Unreachable { source, .. } if source.is_connect());
            let repeats = can_repeat && error.is_passing() && (was_sent || waits.has_begun());
            match waits.next() {
                Some(pause) if repeats => tokio::time::sleep(pause).await,
                _ => return Err(error),
            }
        }
    }

    /// How far an operation is.
    pub async fn operation(&self, id: &str) -> Result<OperationSummary> {
        self.data(&Request::get(&["operations", id])).await
    }

    /// Asks an operation to end.
    pub async fn cancel(&self, id: &str) -> Result<OperationSummary> {
        let path = ["operations", id, "cancel"];
        self.data(&Request::post(&path, b"{}".to_vec())).await
    }
}

fn of_release<'a>(id: &'a ReleaseId, what: &'a str) -> [&'a str; 5] {
    ["releases", &id.cluster, &id.namespace, &id.name, what]
}

/// What crosses the wire always has a JSON form.
fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

/// The fields of a query that say something.
fn pairs(query: &impl Serialize) -> Vec<(String, String)> {
    let Ok(Value::Object(fields)) = serde_json::to_value(query) else {
        return Vec::new();
    };
    let pair = |(name, value): (String, Value)| match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some((name, text)),
        other => Some((name, other.to_string())),
    };
    fields.into_iter().filter_map(pair).collect()
}

/// The address as requests are made from: no credentials, no query.
fn address(text: &str) -> Result<Url> {
    let bad = |reason| Error::Address {
        address: text.split('@').next_back().unwrap_or_default().to_owned(),
        reason,
    };
    let Ok(url) = Url::parse(text.trim()) else {
        return Err(bad("it begins with https:// or http:// and a host"));
    };
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(bad("it begins with https:// or http:// and a host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("credentials are not part of it: use a token"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("it ends with a host or a base path"));
    }
    Ok(url)
}

fn certificates(path: &Path) -> Result<Vec<Certificate>> {
    let bad = |source: Box<dyn std::error::Error + Send + Sync>| Error::Certificates {
        path: path.display().to_string(),
        source,
    };
    let pem = std::fs::read(path).map_err(|error| bad(Box::new(error)))?;
    Certificate::from_pem_bundle(&pem).map_err(|error| bad(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_servers() {
        for good in [
            "https://charts.example.com",
            "http://localhost:8080/",
            "https://example.com/a/b/",
            " http://[::1]:80 ",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "charts.example.com",
            "ftp://example.com",
            "https://",
            "https://a:secret@example.com",
            "https://example.com/?a=b",
            "",
        ] {
            let error = address(bad).expect_err(bad).to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn what_others_can_read_is_known() {
        for (server, want) in [
            ("http://charts.example.com", true),
            ("http://10.0.0.1:8080", true),
            ("https://charts.example.com", false),
            ("http://localhost:8080", false),
            ("http://127.0.0.2", false),
            ("http://[::1]", false),
            ("http://localhost.example.com", true),
        ] {
            let settings = Settings {
                server: server.to_owned(),
                ..Settings::default()
            };
            let client = Client::new(&settings).expect("an address");
            assert_eq!(client.is_in_the_clear(), want, "{server}");
        }
    }

    #[test]
    fn tokens_are_words_and_print_as_nothing() {
        assert_eq!(format!("{:?}", Token::new(" crt_abc\n").expect("a token")), "***");
        for bad in ["", "crt_a b", "abc", "crt_\u{e9}"] {
            assert!(Token::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn queries_leave_out_what_is_not_asked_for() {
        let query = RecordQuery {
            namespace: Some("shop".to_owned()),
            max: 7,
            ..RecordQuery::default()
        };
        let pairs = pairs(&query);
        let value = |name: &str| {
            let pair = pairs.iter().find(|(known, _)| known == name);
            pair.map(|(_, value)| value.as_str())
        };
        assert_eq!(value("namespace"), Some("shop"));
        assert_eq!(value("max"), Some("7"));
        assert_eq!(value("filter"), None);
    }
}
