//! Why another server's answer could not be had.

use std::time::Duration;

use super::guard::Refusal;

/// A failed request. The words are shown to visitors: URLs are without user names, passwords and query strings.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("`{url}` is not a usable http, https or oci URL")]
    Url { url: String },
    #[error("{0}")]
    Refused(Refusal),
    #[error("{host} cannot be reached")]
    Connect {
        host: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("{host} did not {what} within {seconds} s")]
    Timeout {
        host: String,
        what: &'static str,
        seconds: u64,
    },
    #[error("{url} answered {status}")]
    Status {
        url: String,
        status: http::StatusCode,
        retry_after: Option<Duration>,
    },
    #[error("{url} is larger than {limit_bytes} bytes")]
    TooLarge { url: String, limit_bytes: u64 },
    #[error("{url} redirects more than {limit} times")]
    TooManyRedirects { url: String, limit: usize },
    #[error("{url} redirects to nowhere")]
    BadRedirect { url: String },
    #[error("the answer from {url} was cut short")]
    Body {
        url: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("the request to {url} was not possible")]
    Request {
        url: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("`{setting}` {reason}")]
    Setting { setting: &'static str, reason: String },
    #[error("the answer from {url} cannot be used: {reason}")]
    Malformed { url: String, reason: String },
    #[error("{url} has the SHA-256 {actual}, but {expected} was asked for")]
    Digest {
        url: String,
        expected: String,
        actual: String,
    },
    #[error("{url} names another server for its next page, which is not followed")]
    ForeignPage { url: String },
    #[error("{host} wants its credentials to be sent to {realm}: name that in `token_hosts` if it is right")]
    ForeignRealm { host: String, realm: String },
    #[error("{host} answered {status}: it wants credentials, or does not accept those that it has")]
    Denied { host: String, status: http::StatusCode },
    #[error(
        "{host} does not list its repositories (it answered {status}): name the charts in `charts`, or look at the credentials"
    )]
    NoCatalog { host: String, status: http::StatusCode },
    #[error("header `{name}` cannot be sent")]
    Header { name: String },
    #[error("the certificates in `{path}` cannot be used")]
    Certificates {
        path: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("the proxy's URL cannot be used")]
    Proxy,
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

impl FetchError {
    /// Whether the same request may succeed a moment later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::Timeout { .. } | Self::Body { .. } => true,
            Self::Status { status, .. } => {
                matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504)
            }
            Self::Url { .. }
            | Self::Setting { .. }
            | Self::Malformed { .. }
            | Self::Digest { .. }
            | Self::ForeignPage { .. }
            | Self::ForeignRealm { .. }
            | Self::Denied { .. }
            | Self::NoCatalog { .. }
            | Self::Refused(_)
            | Self::TooLarge { .. }
            | Self::TooManyRedirects { .. }
            | Self::BadRedirect { .. }
            | Self::Request { .. }
            | Self::Header { .. }
            | Self::Certificates { .. }
            | Self::Proxy
            | Self::Client(_) => false,
        }
    }

    /// How long the server wants to be left alone.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The message with the innermost cause, which is the part that says something (`connection refused`).
    pub(crate) fn in_words(&self) -> String {
        let mut innermost: Option<&dyn std::error::Error> = std::error::Error::source(self);
        while let Some(cause) = innermost.and_then(std::error::Error::source) {
            innermost = Some(cause);
        }
        match innermost {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        }
    }
}
