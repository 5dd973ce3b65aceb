//! Probes. Liveness is the event loop alone; readiness is storage; neither knows of upstreams or syncs.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use backend::Backend;
use http::StatusCode;

/// `GET /livez`, `GET /healthz`.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// `GET /readyz`.
pub(crate) async fn ready(State(backend): State<Backend>) -> Response {
    match backend.ready().await {
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(error) => {
            tracing::error!(error = %error, "storage does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "storage does not answer\n").into_response()
        }
    }
}
