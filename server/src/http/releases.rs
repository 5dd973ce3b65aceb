//! Releases: finding, reading and planning.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::{Extension, Json};
use backend::ops::LogQuery;
use backend::{Backend, Viewer};
use futures_util::{Stream, StreamExt as _};
use model::install::ClusterFacts;
use model::logs::ContainerLog;
use model::operation::OperationRequest;
use model::plan::Plan;
use model::release::{
    ClusterSummary, Comparison, Drift, History, ReleaseDetail, ReleaseId, ReleaseList, ReleaseQuery,
    Resources, RevisionManifest, RevisionValues,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::envelope::{Asked, Envelope, Sent, data};
use super::error::Problem;

pub(super) type Answer<T> = Result<Json<Envelope<T>>, Problem>;

/// `GET /api/v1/clusters`.
pub(crate) async fn clusters(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
) -> Answer<Vec<ClusterSummary>> {
    Ok(data(backend.releases().clusters(&viewer)?))
}

/// `GET /api/v1/clusters/{cluster}/facts`: what templates see of a cluster.
pub(crate) async fn cluster_facts(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
) -> Answer<ClusterFacts> {
    Ok(data(backend.releases().cluster_facts(&viewer, &name).await?))
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
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Revision {
    /// Without one, the newest.
    pub(super) revision: Option<i64>,
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
    let manifest = backend.releases().manifest(&viewer, &id, wanted.revision).await?;
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
#[derive(Serialize, JsonSchema)]
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
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Revisions {
    /// The older revision, usually.
    from: i64,
    /// What it is compared with.
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

/// `GET …/resources`: the objects as they are in the cluster now.
pub(crate) async fn resources(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
) -> Answer<Resources> {
    Ok(data(backend.releases().resources(&viewer, &id).await?))
}

/// `GET …/drift`: how they differ from the manifest.
pub(crate) async fn drift(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
) -> Answer<Drift> {
    Ok(data(backend.releases().drift(&viewer, &id).await?))
}

/// Which log is wanted.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Log {
    /// A pod of the release.
    pod: String,
    /// One of its containers.
    container: String,
    /// The pod's, where it is not the release's.
    namespace: Option<String>,
    /// Lines from the end.
    tail_lines: Option<u32>,
    /// Of the container before its last restart.
    #[serde(default)]
    previous: bool,
}

impl From<Log> for LogQuery {
    fn from(log: Log) -> Self {
        Self {
            namespace: log.namespace,
            pod: log.pod,
            container: log.container,
            tail_lines: log.tail_lines,
            previous: log.previous,
        }
    }
}

/// `GET …/log?pod=…&container=…[&namespace=…][&tail_lines=…][&previous=true]`.
pub(crate) async fn log(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
    Asked(wanted): Asked<Log>,
) -> Answer<ContainerLog> {
    Ok(data(backend.releases().log(&viewer, &id, &wanted.into()).await?))
}

/// `GET …/log/events` with the same: what is printed from now on, too, as server-sent events of JSON texts.
pub(crate) async fn follow_log(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<ReleaseId>,
    Asked(wanted): Asked<Log>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let parts = backend
        .releases()
        .follow_log(&viewer, &id, &wanted.into())
        .await?;
    let events = parts.filter_map(|part| async move {
        let event = match part {
            Ok(bytes) => Event::default().json_data(String::from_utf8_lossy(&bytes)),
            Err(error) => Event::default().event("problem").json_data(error.to_string()),
        };
        event.ok().map(Ok)
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// Changes that come in a row are told once.
const TOGETHER: Duration = Duration::from_millis(300);

/// `GET /api/v1/releases/events` with the query of the list: an event whenever the list may have changed.
pub(crate) async fn events(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Asked(query): Asked<ReleaseQuery>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let changes = backend.releases().watch(&viewer, &query).await?;
    let events = changes.ready_chunks(1_000).then(|_| async {
        tokio::time::sleep(TOGETHER).await;
        Ok(Event::default().data("changed"))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}
