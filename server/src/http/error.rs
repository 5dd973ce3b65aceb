//! Errors of the HTTP API as problem details (RFC 9457).

use app::error::{AppError, ErrorKind};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

/// An error on its way to an API client.
pub(crate) struct Problem {
    error: AppError,
    retry_after_secs: Option<u64>,
}

/// A problem (RFC 9457).
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct Details<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    /// YAML of the roles that would help.
    #[serde(skip_serializing_if = "Option::is_none")]
    role_yaml: Option<&'a str>,
    /// The operation that is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'a str>,
}

impl From<backend::Error> for Problem {
    fn from(error: backend::Error) -> Self {
        let retry_after_secs = match &error {
            backend::Error::TooManyAttempts { retry_after_secs, .. } => Some(*retry_after_secs),
            backend::Error::Unavailable { retry_after_secs, .. } => *retry_after_secs,
            _ => None,
        };
        Self {
            retry_after_secs,
            ..Self::from(AppError::from(error))
        }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        // What does not answer is worth asking again.
        let retry_after_secs = (error.kind == ErrorKind::Unavailable).then_some(5);
        Self {
            error,
            retry_after_secs,
        }
    }
}

impl Problem {
    /// A request that cannot be understood.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::from(AppError::new(ErrorKind::Invalid, message))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let details = Details {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail: &self.error.message,
            role_yaml: self.error.role_yaml.as_deref(),
            operation: self.error.operation.as_deref(),
        };
        let body = serde_json::to_vec(&details).unwrap_or_default();
        let mut response = (status, [(CONTENT_TYPE, "application/problem+json")], body).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_secs {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.error.kind == ErrorKind::SignedOut {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
