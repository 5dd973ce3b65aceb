//! Releases as helm records them, for programs that print what helm prints.

use axum::Extension;
use axum::extract::{Path, State};
use backend::{Backend, Viewer};
use model::record::{DryRunRequest, LiveObjects, RecordList, RecordQuery, ReleaseRecord};
use model::release::ReleaseId;
use schemars::JsonSchema;
use serde::Deserialize;

use super::envelope::{Asked, Sent, data};
use super::releases::{Answer, Revision};

/// Revisions of a history, where not said otherwise.
const USUAL_HISTORY: usize = 256;

/// `GET /api/v1/clusters/{cluster}/records`, with a `RecordQuery`.
pub(crate) async fn list(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(cluster): Path<String>,
    Asked(query): Asked<RecordQuery>,
) -> Answer<RecordList> {
    let listed = backend.releases().list_records(&viewer, &cluster, &query).await?;
    Ok(data(listed))
}

/// How much of a history is wanted.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Newest {
    /// The newest revisions, so many; 256 where it is left out.
    max: Option<usize>,
}

/// `GET …/records[?max=…]`: the oldest first.
pub(crate) async fn history(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
    Asked(wanted): Asked<Newest>,
) -> Answer<RecordList> {
    let max = wanted.max.unwrap_or(USUAL_HISTORY);
    Ok(data(backend.releases().record_history(&viewer, &id, max).await?))
}

/// `GET …/record[?revision=…]`.
pub(crate) async fn get(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
    Asked(wanted): Asked<Revision>,
) -> Answer<ReleaseRecord> {
    let record = backend.releases().record(&viewer, &id, wanted.revision).await?;
    Ok(data(record))
}

/// Which objects are wanted, and how.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Shown {
    /// Without one, the newest.
    revision: Option<i64>,
    /// Rows of the tables that the API server prints, instead of whole objects.
    #[serde(default)]
    tables: bool,
}

/// `GET …/objects[?revision=…][&tables=true]`.
pub(crate) async fn objects(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
    Asked(wanted): Asked<Shown>,
) -> Answer<LiveObjects> {
    let releases = backend.releases();
    let found = releases.live_objects(&viewer, &id, wanted.revision, wanted.tables);
    Ok(data(found.await?))
}

/// `POST …/dry-run`: the record that an operation would make. Nothing is changed.
pub(crate) async fn dry_run(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
    Sent(wanted): Sent<DryRunRequest>,
) -> Answer<ReleaseRecord> {
    Ok(data(backend.releases().dry_run(&viewer, &id, &wanted).await?))
}
