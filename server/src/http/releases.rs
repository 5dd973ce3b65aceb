//! Releases: finding, reading and planning.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use backend::{Backend, Viewer};
use model::operation::OperationRequest;
use model::plan::Plan;
use model::release::{
    ClusterSummary, Comparison, History, ReleaseDetail, ReleaseId, ReleaseList, ReleaseQuery,
    RevisionManifest, RevisionValues,
};
use serde::{Deserialize, Serialize};

use super::envelope::{Asked, Envelope, Sent, data};
use super::error::Problem;

type Answer<T> = Result<Json<Envelope<T>>, Problem>;

/// `GET /api/v1/clusters`.
pub(crate) async fn clusters(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
) -> Answer<Vec<ClusterSummary>> {
    Ok(data(backend.releases().clusters(&viewer)?))
}

/// `GET /api/v1/releases[?cluster=…][&namespace=…][&status=…][&outdated=true][&q=…][&sort=…][&page=…]`.
pub(crate) async fn list(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Asked(query): Asked<ReleaseQuery>,
) -> Answer<ReleaseList> {
    Ok(data(backend.releases().list(&viewer, &query).await?))
}

/// `GET /api/v1/releases/{cluster}/{namespace}/{name}`.
pub(crate) async fn get(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
) -> Answer<ReleaseDetail> {
    Ok(data(backend.releases().get(&viewer, &id).await?))
}

/// `GET …/history`.
pub(crate) async fn history(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
) -> Answer<History> {
    Ok(data(backend.releases().history(&viewer, &id).await?))
}

/// Which revision is wanted; without one the newest.
#[derive(Deserialize)]
pub(crate) struct Revision {
    revision: Option<i64>,
}

/// `GET …/values[?revision=…]`.
pub(crate) async fn values(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
    Asked(wanted): Asked<Revision>,
) -> Answer<RevisionValues> {
    let values = backend.releases().values(&viewer, &id, wanted.revision).await?;
    Ok(data(values))
}

/// `GET …/manifest[?revision=…]`.
pub(crate) async fn manifest(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
    Asked(wanted): Asked<Revision>,
) -> Answer<RevisionManifest> {
    let manifest = backend
        .releases()
        .manifest(&viewer, &id, wanted.revision)
        .await?;
    Ok(data(manifest))
}

/// `GET …/hooks[?revision=…]`.
pub(crate) async fn hooks(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
    Asked(wanted): Asked<Revision>,
) -> Answer<RevisionManifest> {
    let hooks = backend.releases().hooks(&viewer, &id, wanted.revision).await?;
    Ok(data(hooks))
}

/// The notes of a revision.
#[derive(Serialize)]
pub(crate) struct Notes {
    revision: i64,
    notes: String,
}

/// `GET …/notes[?revision=…]`.
pub(crate) async fn notes(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
    Asked(wanted): Asked<Revision>,
) -> Answer<Notes> {
    let (revision, notes) = backend.releases().notes(&viewer, &id, wanted.revision).await?;
    Ok(data(Notes { revision, notes }))
}

/// The revisions to compare.
#[derive(Deserialize)]
pub(crate) struct Revisions {
    from: i64,
    to: i64,
}

/// `GET …/compare?from=…&to=…`.
pub(crate) async fn compare(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
    Asked(wanted): Asked<Revisions>,
) -> Answer<Comparison> {
    let compared = backend
        .releases()
        .compare(&viewer, &id, wanted.from, wanted.to)
        .await?;
    Ok(data(compared))
}

/// `POST …/plan`: what an operation would do. Nothing is changed.
pub(crate) async fn plan(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
    Sent(request): Sent<OperationRequest>,
) -> Answer<Plan> {
    Ok(data(backend.releases().plan(&viewer, &id, &request).await?))
}
