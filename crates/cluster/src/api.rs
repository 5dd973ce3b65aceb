//! Requests to the Kubernetes API, with a limit on every answer, and with patience where it was asked for.
//!
//! Not kube's typed requests: they keep an answer of any length, and log the text of one that they cannot read, which
//! for a Secret is the secret.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use kube::Client;
use kube::client::Body;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::Cause;
use crate::{Cluster, Error};

/// A page of a list without data is 0.5 MB, an object at most 1.5 MiB by the limit of etcd; in base64 and JSON more.
pub(crate) const MAX_ANSWER_BYTES: usize = 32 << 20;

pub(crate) const JSON: &str = "application/json";

/// Everything but what a name in a path may consist of.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The first pause before a request is repeated; it doubles up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// How long even who has no patience waits for a server that says when it will have time again.
const COURTESY: Duration = Duration::from_secs(10);

/// How often an internal error of the API server is asked about again: often it is the answer, of a webhook that is away.
const INTERNAL_ERRORS: usize = 3;

/// One question, with the words that an answer of 403 is explained with.
#[derive(Clone)]
pub(crate) struct Question<'a> {
    pub(crate) verb: &'static str,
    pub(crate) resource: &'a str,
    pub(crate) namespace: Option<&'a str>,
    /// With a leading slash; parts that are not ours went through [`escape`].
    pub(crate) path: String,
    /// Names and plain values.
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) accept: &'a str,
    pub(crate) payload: Payload,
}

/// What a request does, and what it carries.
#[derive(Clone, Default)]
pub(crate) enum Payload {
    #[default]
    Nothing,
    Post(Bytes),
    Put(Bytes),
    /// The media type says which kind of patch.
    Patch(&'static str, Bytes),
    Delete(Bytes),
}

impl Payload {
    fn method(&self) -> Method {
        match self {
            Self::Nothing => Method::GET,
            Self::Post(_) => Method::POST,
            Self::Put(_) => Method::PUT,
            Self::Patch(..) => Method::PATCH,
            Self::Delete(_) => Method::DELETE,
        }
    }

    fn into_parts(self) -> (Option<&'static str>, Bytes) {
        match self {
            Self::Nothing => (None, Bytes::new()),
            Self::Post(body) | Self::Put(body) | Self::Delete(body) => (Some(JSON), body),
            Self::Patch(media_type, body) => (Some(media_type), body),
        }
    }
}

/// What the API says when it refuses.
#[derive(Deserialize, Default)]
struct Refusal {
    #[serde(default)]
    message: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    details: Option<Details>,
}

#[derive(Deserialize, Default)]
struct Details {
    #[serde(default)]
    causes: Option<Vec<Cause>>,
}

/// What a cluster answers.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) bytes: Bytes,
    /// What it warns of, such as versions that go away.
    pub(crate) warnings: Vec<String>,
}

/// What is known of the requests before the last one, where a question was asked several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// There was none, or the cluster said no.
    NotDone,
    /// One got no answer, or one from something between here and there.
    MayBeDone,
}

impl Cluster {
    /// Asks and reads the answer as JSON.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, question: Question<'_>) -> Result<T, Error> {
        let what = question.path.clone();
        let bytes = self.ask_bytes(question).await?;
        serde_json::from_slice(&bytes).map_err(|source| Error::Unreadable { what, source })
    }

    /// Asks until there is an answer, as long as the patience of this connection lasts.
    ///
    /// What is repeated may have been done the first time; who creates something has to look (see `storage`).
    pub(crate) async fn ask_bytes(&self, question: Question<'_>) -> Result<Bytes, Error> {
        Ok(self.ask_answer(question).await?.bytes)
    }

    /// The same with the warnings of the cluster.
    pub(crate) async fn ask_answer(&self, question: Question<'_>) -> Result<Answer, Error> {
        self.ask_repeatedly(question).await.0
    }

    /// The same, and whether it may have been done by a request before the last.
    pub(crate) async fn ask_repeatedly(&self, question: Question<'_>) -> (Result<Answer, Error>, Before) {
        let started = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut n_internal = 0;
        let mut before = Before::NotDone;
        loop {
            let (error, wait) = match self.ask_once(question.clone()).await {
                Ok(answer) => return (Ok(answer), before),
                Err(failure) => failure,
            };
            let pause_now = wait.unwrap_or(pause);
            let patience = match wait {
                Some(_) => self.patience.max(COURTESY),
                None => self.patience,
            };
            n_internal += usize::from(matches!(error, Error::Refused { code: 500, .. }));
            let is_over = n_internal > INTERNAL_ERRORS || started.elapsed() + pause_now > patience;
            if is_over || !error.may_pass() {
                return (Err(error), before);
            }
            if error.may_hide_success() {
                before = Before::MayBeDone;
            }
            tokio::time::sleep(pause_now).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn ask_once(&self, question: Question<'_>) -> Result<Answer, (Error, Option<Duration>)> {
        let fail = |error| (error, None);
        let response = send(&self.client, &question).await.map_err(fail)?;
        let status = response.status();
        let wait = retry_after(response.headers());
        let warnings = warnings(response.headers());
        let bytes = read(response).await.map_err(fail)?;
        if status.is_success() {
            return Ok(Answer { bytes, warnings });
        }
        Err((refusal(status, &bytes, &question), wait))
    }

    /// Asks once, and leaves it to the caller to read the answer as it comes and to limit its length.
    pub(crate) async fn open(
        &self,
        client: &Client,
        question: Question<'_>,
    ) -> Result<Response<Body>, Error> {
        let response = send(client, &question).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let bytes = read(response).await?;
        Err(refusal(status, &bytes, &question))
    }
}

async fn send(client: &Client, question: &Question<'_>) -> Result<Response<Body>, Error> {
    let mut target = question.path.clone();
    for (number, (name, value)) in question.query.iter().enumerate() {
        target.push(if number == 0 { '?' } else { '&' });
        target.push_str(name);
        target.push('=');
        target.push_str(&escape(value));
    }
    let mut request = Request::builder()
        .method(question.payload.method())
        .uri(target)
        .header(http::header::ACCEPT, question.accept);
    let (media_type, body) = question.payload.clone().into_parts();
    if let Some(media_type) = media_type {
        request = request.header(http::header::CONTENT_TYPE, media_type);
    }
    let request = request
        .body(Body::from(body.to_vec()))
        .map_err(|error| Error::Client(Box::new(kube::Error::HttpError(error))))?;
    client
        .send(request)
        .await
        .map_err(|error| Error::Unreachable(Box::new(error)))
}

/// The whole body of an answer, within the limit.
async fn read(response: Response<Body>) -> Result<Bytes, Error> {
    let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES)
        .collect()
        .await;
    body.map(http_body_util::Collected::to_bytes).map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            Error::Answer {
                limit_bytes: MAX_ANSWER_BYTES,
            }
        } else {
            Error::BrokenOff
        }
    })
}

/// `Retry-After` in seconds, which is how Kubernetes gives it.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers
        .get(http::header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds).min(Duration::from_secs(30)))
}

/// The texts of `Warning: 299 - "text"`, which a cluster adds to an answer.
fn warnings(headers: &HeaderMap) -> Vec<String> {
    let texts = headers
        .get_all(http::header::WARNING)
        .iter()
        .filter_map(|header| {
            let (_, quoted) = header.to_str().ok()?.split_once('"')?;
            let mut text = String::new();
            let mut chars = quoted.chars();
            loop {
                match chars.next()? {
                    '"' => return Some(text),
                    '\\' => text.push(chars.next()?),
                    char => text.push(char),
                }
            }
        });
    texts.collect()
}

fn refusal(status: StatusCode, body: &[u8], question: &Question<'_>) -> Error {
    let said: Refusal = serde_json::from_slice(body).unwrap_or_default();
    match status {
        StatusCode::FORBIDDEN if !NO_RIGHTS.iter().any(|part| said.message.contains(part)) => {
            Error::Forbidden {
                verb: question.verb,
                resource: question.resource.to_owned(),
                namespace: question.namespace.map(str::to_owned),
            }
        }
        StatusCode::UNAUTHORIZED => Error::Unauthorized,
        _ => {
            let message = if said.message.is_empty() {
                format!("the cluster answered {status}")
            } else {
                said.message
            };
            Error::Refused {
                code: status.as_u16(),
                reason: said.reason,
                message,
                causes: said
                    .details
                    .and_then(|details| details.causes)
                    .unwrap_or_default(),
            }
        }
    }
}

/// How the API server says that something else forbids than a missing right to do it: a quota, a policy for pods, a
/// webhook, or rights that nobody may give who has not got them; or that the account we sign in with is the one without.
const NO_RIGHTS: [&str; 5] = [
    "cannot impersonate",
    "exceeded quota",
    "violates PodSecurity",
    "admission webhook",
    "attempting to grant RBAC permissions",
];

/// A part of a path, or a value of a query.
pub(crate) fn escape(part: &str) -> String {
    match part {
        // Steps of a path, if they came through.
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        _ => utf8_percent_encode(part, ESCAPED).to_string(),
    }
}

/// Whether it can be the name of a namespace: an RFC 1123 label.
pub(crate) fn check_namespace(name: &str) -> Result<(), Error> {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_valid = !name.is_empty()
        && name.len() <= 63
        && name.bytes().all(is_inner)
        && !name.starts_with('-')
        && !name.ends_with('-');
    if is_valid {
        return Ok(());
    }
    Err(Error::Namespace {
        name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_place_in_a_path() {
        assert_eq!(escape("a.b-c"), "a.b-c");
        assert_eq!(escape("../x?y#z"), "..%2Fx%3Fy%23z");
        assert_eq!(escape(".."), "%2E%2E");
        for bad in ["", "a/b", "..", "A", "-a", "a-", &"x".repeat(64)] {
            assert!(check_namespace(bad).is_err(), "{bad}");
        }
        assert!(check_namespace("kube-system").is_ok());
    }

    #[test]
    fn a_quota_is_not_a_missing_right() {
        let question = Question {
            verb: "create",
            resource: "pods",
            namespace: Some("n"),
            path: String::new(),
            query: &[],
            accept: JSON,
            payload: Payload::Nothing,
        };
        let body = br#"{"message":"pods \"a\" is forbidden: exceeded quota: q","reason":"Forbidden"}"#;
        assert!(matches!(
            refusal(StatusCode::FORBIDDEN, body, &question),
            Error::Refused { code: 403, .. }
        ));
        assert!(matches!(
            refusal(StatusCode::FORBIDDEN, b"{}", &question),
            Error::Forbidden { .. }
        ));
    }

    #[test]
    fn warnings_are_read_from_headers() {
        let mut headers = HeaderMap::new();
        for value in [
            r#"299 - "batch/v1beta1 CronJob is deprecated""#,
            r#"299 - "a \"b\"" "date""#,
            "299 -",
        ] {
            headers.append(http::header::WARNING, value.parse().unwrap());
        }
        assert_eq!(
            warnings(&headers),
            ["batch/v1beta1 CronJob is deprecated", "a \"b\""]
        );
    }

    #[test]
    fn what_may_pass_is_asked_again() {
        let refused = |code| Error::Refused {
            code,
            reason: String::new(),
            message: String::new(),
            causes: Vec::new(),
        };
        for (error, passes) in [
            (refused(429), true),
            (refused(503), true),
            (refused(500), true),
            (refused(409), false),
            (refused(422), false),
            (Error::BrokenOff, true),
            (Error::Unauthorized, false),
        ] {
            assert_eq!(error.may_pass(), passes, "{error:?}");
        }
    }
}
