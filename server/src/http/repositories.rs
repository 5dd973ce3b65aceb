//! The state of repositories, once and live.

use std::convert::Infallible;

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::{Extension, Json};
use backend::{Backend, Viewer};
use futures_util::{Stream, StreamExt as _};
use model::page::Page;
use model::repository::{RepositoryDetail, RepositorySummary, SyncState};
use schemars::JsonSchema;
use serde::Serialize;

use super::charts::Part;
use super::envelope::{Asked, Envelope};
use super::error::Problem;

/// `GET /api/v1/repositories`: one part of the list.
pub(crate) async fn list(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Asked(part): Asked<Part>,
) -> Result<Json<Envelope<Page<RepositorySummary>>>, Problem> {
    Ok(Json(Envelope {
        data: backend.repositories().page(&viewer, &part.cursor).await?,
    }))
}

/// `GET /api/v1/repositories/{name}`.
pub(crate) async fn get(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
) -> Result<Json<Envelope<RepositoryDetail>>, Problem> {
    Ok(Json(Envelope {
        data: backend.repositories().get(&viewer, &name).await?,
    }))
}

/// What an event of `GET /api/v1/repositories/events` carries.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RepositoryStateChange")]
pub(crate) struct StateChange {
    name: String,
    state: SyncState,
}

/// `GET /api/v1/repositories/events`: an event `state` whenever a repository's state changes (server-sent events).
pub(crate) async fn events(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let changes = backend.repositories().watch(&viewer)?;
    let events = changes.filter_map(|(name, state)| async move {
        // Plain data always has a JSON form; if it had none, one event less is the smallest harm.
        Event::default()
            .event("state")
            .json_data(StateChange { name, state })
            .ok()
            .map(Ok)
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}
