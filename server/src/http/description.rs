//! The API about itself, and about what is not in it.

use app::error::{AppError, ErrorKind};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::CACHE_CONTROL;

use super::error::Problem;
use crate::openapi;
use crate::state::AppState;

/// `GET /api/v1/openapi.json`: the same for everybody.
pub(crate) async fn openapi(State(state): State<AppState>) -> Response {
    let server = &state.config.server;
    let document = openapi::document(&server.public_origin, &server.base_path);
    let mut response = Json(document).into_response();
    // It changes with the program alone.
    let cached = HeaderValue::from_static("public, max-age=300");
    response.headers_mut().insert(CACHE_CONTROL, cached);
    response
}

/// Any address below `/api/v1` that is none: a program reads no page.
pub(crate) async fn nothing() -> Problem {
    Problem::from(AppError::new(
        ErrorKind::NotFound,
        "the API has no such address; /api/v1/openapi.json describes those that it has",
    ))
}
