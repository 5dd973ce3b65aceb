//! Sending one request, and reading its answer.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use reqwest::{Method, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{Client, Error, Result};

/// The longest answer that is read: a list of thousands of releases, or a record with its chart.
const MAX_ANSWER_BYTES: usize = 128 << 20;
/// A plan asks a cluster many questions; the server gives up after a minute, unless it is told otherwise.
const TIMEOUT: Duration = Duration::from_secs(180);
/// `NAME TOKEN`.
const CLUSTER_TOKEN: HeaderName = HeaderName::from_static("chartroom-cluster-token");
/// Texts of an answer that is not ours are shown up to here.
const MAX_SHOWN_CHARS: usize = 200;

/// A request below `/api/v1`.
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    /// The segments of its path, not yet encoded.
    pub(crate) path: &'a [&'a str],
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) headers: Vec<(HeaderName, String)>,
}

impl<'a> Request<'a> {
    pub(crate) fn get(path: &'a [&'a str]) -> Self {
        Self {
            method: Method::GET,
            path,
            query: Vec::new(),
            body: None,
            headers: Vec::new(),
        }
    }

    pub(crate) fn post(path: &'a [&'a str], body: Vec<u8>) -> Self {
        Self {
            method: Method::POST,
            body: Some(body),
            ..Self::get(path)
        }
    }

    /// A parameter of the query, unless there is none.
    pub(crate) fn query(mut self, name: &str, value: Option<impl ToString>) -> Self {
        self.query
            .extend(value.map(|value| (name.to_owned(), value.to_string())));
        self
    }
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

#[derive(Deserialize)]
struct Problem {
    status: u16,
    detail: String,
    #[serde(default)]
    role_yaml: Option<String>,
    #[serde(default)]
    operation: Option<String>,
}

impl Client {
    /// The data of an answer.
    pub(crate) async fn data<T: DeserializeOwned>(&self, request: &Request<'_>) -> Result<T> {
        let response = self.send(request, Some(TIMEOUT)).await?;
        let body = self.read(response).await?;
        let envelope: Envelope<T> = serde_json::from_slice(&body)
            .map_err(|error| self.unexpected(format!("its answer cannot be read ({error})")))?;
        Ok(envelope.data)
    }

    /// A good answer, before its body is read.
    pub(crate) async fn send(&self, request: &Request<'_>, timeout: Option<Duration>) -> Result<Response> {
        let mut address = self.base.clone();
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v1"]).extend(request.path);
        }
        if !request.query.is_empty() {
            address.query_pairs_mut().extend_pairs(&request.query);
        }
        let mut builder = self.http.request(request.method.clone(), address);
        if let Some(timeout) = timeout {
            builder = builder.timeout(timeout);
        }
        if let Some(token) = &self.cluster_token {
            builder = builder.header(CLUSTER_TOKEN, token);
        }
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(body) = &request.body {
            builder = builder
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        let has_accept = request.headers.iter().any(|(name, _)| *name == ACCEPT);
        if !has_accept {
            builder = builder.header(ACCEPT, "application/json");
        }
        let response = builder.send().await.map_err(|error| self.unreachable(error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.problem(response).await)
    }

    /// What an answer that is not a good one says.
    async fn problem(&self, response: Response) -> Error {
        let status = response.status();
        if status.is_redirection() {
            let to = response.headers().get("location");
            let to = to.and_then(|to| to.to_str().ok()).unwrap_or("another address");
            return self.unexpected(format!(
                "it leads on to {to}; give the address where it is itself"
            ));
        }
        let body = match self.read(response).await {
            Ok(body) => body,
            Err(error) => return error,
        };
        if let Ok(problem) = serde_json::from_slice::<Problem>(&body) {
            return Error::Problem {
                status: problem.status,
                detail: problem.detail,
                role_yaml: problem.role_yaml,
                operation: problem.operation,
            };
        }
        // A proxy in between, perhaps, which says that the server is away.
        if matches!(status.as_u16(), 502..=504) {
            return Error::Problem {
                status: status.as_u16(),
                detail: format!("{} does not answer: {status}", self.server()),
                role_yaml: None,
                operation: None,
            };
        }
        let text: String = String::from_utf8_lossy(&body)
            .chars()
            .filter(|char| !char.is_control())
            .take(MAX_SHOWN_CHARS)
            .collect();
        self.unexpected(format!("{status} {text}").trim_end().to_owned())
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(error))? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(Error::TooLarge {
                    server: self.server(),
                    limit_bytes: MAX_ANSWER_BYTES,
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    pub(crate) fn unexpected(&self, reason: String) -> Error {
        Error::Answer {
            server: self.server(),
            reason,
        }
    }

    pub(crate) fn unreachable(&self, error: reqwest::Error) -> Error {
        Error::Unreachable {
            server: self.server(),
            // The address is in the message already.
            source: error.without_url(),
        }
    }
}
