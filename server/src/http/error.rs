//! Errors of the HTTP API as problem details (RFC 9457).

use app::error::{AppError, ErrorKind};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use serde::Serialize;

/// A backend error on its way to an API client.
pub(crate) struct Problem(AppError);

#[derive(Serialize)]
struct Details<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
}

impl From<backend::Error> for Problem {
    fn from(error: backend::Error) -> Self {
        Self(AppError::from(error))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let details = Details {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail: &self.0.message,
        };
        let body = serde_json::to_vec(&details).unwrap_or_default();
        let mut response = (status, [(CONTENT_TYPE, "application/problem+json")], body).into_response();
        if self.0.kind == ErrorKind::Unavailable {
            response
                .headers_mut()
                .insert(RETRY_AFTER, http::HeaderValue::from_static("5"));
        }
        response
    }
}
