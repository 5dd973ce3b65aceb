//! Requests to the Kubernetes API: reading only, with a limit on every answer.
//!
//! Not kube's typed requests: they keep an answer of any length, and log the text of one that they cannot read, which
//! for a Secret is the secret.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use kube::client::Body;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

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

/// One question, with the words that an answer of 403 is explained with.
pub(crate) struct Question<'a> {
    pub(crate) verb: &'static str,
    pub(crate) resource: &'a str,
    pub(crate) namespace: Option<&'a str>,
    /// With a leading slash; parts that are not ours went through [`escape`].
    pub(crate) path: String,
    /// Names and plain values.
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) accept: &'a str,
}

/// What the API says when it refuses.
#[derive(Deserialize, Default)]
struct Refusal {
    #[serde(default)]
    message: String,
}

impl Cluster {
    /// Asks and reads the answer as JSON.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, question: Question<'_>) -> Result<T, Error> {
        let what = question.path.clone();
        let bytes = self.ask_bytes(question).await?;
        serde_json::from_slice(&bytes).map_err(|source| Error::Unreadable { what, source })
    }

    async fn ask_bytes(&self, question: Question<'_>) -> Result<Bytes, Error> {
        let mut target = question.path.clone();
        for (number, (name, value)) in question.query.iter().enumerate() {
            target.push(if number == 0 { '?' } else { '&' });
            target.push_str(name);
            target.push('=');
            target.push_str(&escape(value));
        }
        let request = Request::get(target)
            .header(http::header::ACCEPT, question.accept)
            .body(Body::empty())
            .map_err(|error| Error::Client(Box::new(kube::Error::HttpError(error))))?;
        let response = self
            .client
            .send(request)
            .await
            .map_err(|error| Error::Unreachable(Box::new(error)))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES)
            .collect()
            .await;
        let bytes = body
            .map(http_body_util::Collected::to_bytes)
            .map_err(|_| Error::Answer {
                limit_bytes: MAX_ANSWER_BYTES,
            })?;
        if status.is_success() {
            return Ok(bytes);
        }
        Err(refusal(status, &bytes, &question))
    }
}

fn refusal(status: StatusCode, body: &[u8], question: &Question<'_>) -> Error {
    match status {
        StatusCode::FORBIDDEN => Error::Forbidden {
            verb: question.verb,
            resource: question.resource.to_owned(),
            namespace: question.namespace.map(str::to_owned),
        },
        StatusCode::UNAUTHORIZED => Error::Unauthorized,
        _ => {
            let said: Refusal = serde_json::from_slice(body).unwrap_or_default();
            let message = if said.message.is_empty() {
                format!("the cluster answered {status}")
            } else {
                said.message
            };
            Error::Refused {
                code: status.as_u16(),
                message,
            }
        }
    }
}

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
}
