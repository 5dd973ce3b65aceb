//! The audit log, for administrators.

use axum::extract::State;
use axum::{Extension, Json};
use backend::{Backend, Viewer};
use model::access::AuditPage;
use schemars::JsonSchema;
use serde::Deserialize;

use super::envelope::{Asked, Envelope, data};
use super::error::Problem;

/// The part of the log that is wanted.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Part {
    /// The `next` of the part read last.
    before: Option<i64>,
    /// Of this user alone.
    actor: Option<String>,
}

/// `GET /api/v1/audit[?before=…][&actor=…]`: the newest first.
pub(crate) async fn list(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Asked(part): Asked<Part>,
) -> Result<Json<Envelope<AuditPage>>, Problem> {
    let page = backend
        .audit()
        .list(&viewer, part.before, part.actor.as_deref())
        .await?;
    Ok(data(page))
}
