//! What is done with releases: beginning it, following it, ending it.

use std::convert::Infallible;

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use backend::ops::Begin;
use backend::{Backend, Viewer};
use futures_util::{Stream, StreamExt as _};
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use model::operation::{OperationRequest, OperationSummary};
use model::release::ReleaseId;
use schemars::JsonSchema;
use serde::Deserialize;

use super::envelope::{Asked, Envelope, Sent, data};
use super::error::Problem;
use crate::state::AppState;

/// What is to be done.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "BeginRequest")]
pub(crate) struct Wanted {
    /// The plan that was shown and that is to be done exactly.
    #[serde(default)]
    plan_hash: Option<String>,
    #[serde(flatten)]
    request: OperationRequest,
}

/// `GET /api/v1/releases/{cluster}/{namespace}/{name}/operations`: the newest first.
pub(crate) async fn of_release(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
) -> Result<Json<Envelope<Vec<OperationSummary>>>, Problem> {
    Ok(data(backend.operations().of_release(&viewer, &id).await?))
}

/// `POST` to the same: `202` with the operation, and its address in `Location`. With `Idempotency-Key` the same request
/// can be sent again.
pub(crate) async fn begin(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
    headers: HeaderMap,
    Sent(wanted): Sent<Wanted>,
) -> Result<Response, Problem> {
    let idempotency_key = match headers.get("idempotency-key") {
        None => None,
        Some(key) => Some(
            key.to_str()
                .map_err(|_| Problem::invalid("`Idempotency-Key` is not printable ASCII"))?
                .to_owned(),
        ),
    };
    let begin = Begin {
        plan_hash: wanted.plan_hash,
        idempotency_key,
    };
    let operations = state.backend.operations();
    let operation = operations.begin(&viewer, &id, &wanted.request, &begin).await?;
    let base = &state.config.server.base_path;
    let address = format!("{base}/api/v1/operations/{}", operation.id);
    let mut response = (StatusCode::ACCEPTED, data(operation)).into_response();
    if let Ok(address) = HeaderValue::try_from(address) {
        response.headers_mut().insert(LOCATION, address);
    }
    Ok(response)
}

/// `GET /api/v1/operations/{id}`.
pub(crate) async fn get(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<String>,
) -> Result<Json<Envelope<OperationSummary>>, Problem> {
    Ok(data(backend.operations().get(&viewer, &id).await?))
}

/// `POST /api/v1/operations/{id}/cancel`.
pub(crate) async fn cancel(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<String>,
) -> Result<Json<Envelope<OperationSummary>>, Problem> {
    Ok(data(backend.operations().cancel(&viewer, &id).await?))
}

/// From where on events are wanted.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct From {
    /// The number of the last event that is known.
    after: Option<i64>,
}

/// `GET /api/v1/operations/{id}/events`: what happened and happens, as server-sent events. `Last-Event-ID`, or `?after=`,
/// says what is known already. The stream ends with the operation.
pub(crate) async fn events(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Asked(from): Asked<From>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let last = headers
        .get("last-event-id")
        .and_then(|number| number.to_str().ok()?.parse().ok());
    let after = last.or(from.after).unwrap_or(0);
    let happened = backend.operations().follow(&viewer, &id, after).await?;
    let events = happened.filter_map(|event| async move {
        // Plain data always has a JSON form.
        let number = event.number.to_string();
        Event::default().id(number).json_data(event).ok().map(Ok)
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}
