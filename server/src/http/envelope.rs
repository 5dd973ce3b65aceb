//! The shape of the API's answers and of what it is sent.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::Problem;

/// Every answer that is not a problem.
#[derive(Serialize)]
pub(crate) struct Envelope<T> {
    pub(crate) data: T,
}

/// An answer with status 200.
pub(crate) fn data<T>(data: T) -> Json<Envelope<T>> {
    Json(Envelope { data })
}

/// What was sent, as JSON; anything else is answered with a problem.
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::from_request(request, state).await {
            Ok(Json(sent)) => Ok(Self(sent)),
            // Without the texts of the parser: they repeat what was sent, which may be a password.
            Err(JsonRejection::JsonDataError(_)) => Err(Problem::invalid(
                "the JSON sent has not the keys and types that this address takes",
            )),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::invalid(
                "what is sent is JSON, with `Content-Type: application/json`",
            )),
            Err(_) => Err(Problem::invalid("what was sent is not JSON")),
        }
    }
}

/// What the query string says; one that cannot be read is answered with a problem.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(_) => Err(Problem::invalid(
                "the query string is not one that this address takes",
            )),
        }
    }
}
