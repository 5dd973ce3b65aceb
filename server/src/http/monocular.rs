//! `/v1/releases` of Monocular 0.7, for clients that were written for it.
//!
//! Shapes, words and the meaning of fields are Monocular's (its `src/api/swagger.yml`); operations, rights and what can go
//! wrong are ours, so that a status code says what happened. Names of releases were a cluster's then and are a namespace's
//! now: `?cluster=…&namespace=…` says which one is meant, where there are several.

use std::time::Duration;

use app::error::AppError;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use backend::ops::Begin;
use backend::{Backend, Viewer};
use engine::datetime::{Time, Zone};
use http::StatusCode;
use model::operation::{
    ChartReference, OperationOptions, OperationRequest, OperationState, OperationSummary,
};
use model::record::DryRunRequest;
use model::release::{ReleaseId, ReleaseQuery, ReleaseSort, ReleaseSummary, StatusGroup};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::state::AppState;

/// How long an answer waits for an operation; old clients know no operations.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked whether it has ended.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// An error as Monocular writes one.
pub(crate) struct Failure {
    status: StatusCode,
    message: String,
}

impl From<backend::Error> for Failure {
    fn from(error: backend::Error) -> Self {
        let error = AppError::from(error);
        Self {
            status: StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            message: error.message,
        }
    }
}

impl Failure {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = json!({ "code": self.status.as_u16(), "message": self.message });
        (self.status, Json(body)).into_response()
    }
}

type Answer = Result<Response, Failure>;

/// Which release is meant, or where one goes.
#[derive(Deserialize, Default)]
pub(crate) struct Place {
    cluster: Option<String>,
    namespace: Option<String>,
}

/// `GET /v1/releases`: those that are deployed, the last changed first; null where there are none.
pub(crate) async fn list(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Query(place): Query<Place>,
) -> Answer {
    enabled(&state.backend)?;
    let query = ReleaseQuery {
        cluster: place.cluster,
        namespace: place.namespace,
        status: Some(StatusGroup::Deployed),
        sort: ReleaseSort::Updated,
        ..ReleaseQuery::default()
    };
    let listed = state.backend.releases().list_all(&viewer, &query).await?;
    let base = &state.config.server.base_path;
    let releases: Vec<Resource> = listed
        .releases
        .iter()
        .map(|release| Resource::new(release, base))
        .collect();
    let data = (!releases.is_empty()).then_some(releases);
    Ok(Json(json!({ "data": data })).into_response())
}

/// `GET /v1/releases/{name}`: with its objects as a table, and its notes.
pub(crate) async fn get(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
    Query(place): Query<Place>,
) -> Answer {
    enabled(&state.backend)?;
    let releases = state.backend.releases();
    let found = find(&state.backend, &viewer, &name, &place).await?;
    let (_, notes) = releases.notes(&viewer, &found.id, None).await?;
    // What may not be seen, or cannot be at present, is no reason to show nothing.
    let objects = releases.live_objects(&viewer, &found.id, None, true).await;
    let mut resource = Resource::new(&found, &state.config.server.base_path);
    resource.attributes.resources = Some(objects.map_or_else(
        |error| error.to_string(),
        |objects| helm::output::resources(&objects),
    ));
    resource.attributes.notes = Some(notes);
    Ok(Json(json!({ "data": resource })).into_response())
}

/// What is to be installed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wanted {
    /// `repository/name`
    chart_id: String,
    chart_version: String,
    #[serde(default)]
    release_name: String,
    #[serde(default)]
    namespace: String,
    #[serde(default)]
    dry_run: bool,
}

/// `POST /v1/releases`: `201` when it is installed and its record was read back, `202` where that takes longer than an
/// answer waits, and `200` for a dry run.
pub(crate) async fn create(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Query(place): Query<Place>,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Answer {
    enabled(&state.backend)?;
    // Without the texts of the parser: they repeat what was sent.
    let Ok(Json(wanted)) = wanted else {
        return Err(Failure::new(
            StatusCode::BAD_REQUEST,
            "the body is JSON with chartId and chartVersion",
        ));
    };
    let Some((repository, chart)) = wanted.chart_id.split_once('/') else {
        return Err(Failure::new(
            StatusCode::BAD_REQUEST,
            "chartId is repository/name",
        ));
    };
    let id = ReleaseId {
        cluster: cluster(&state.backend, &viewer, place.cluster)?,
        namespace: match wanted.namespace.as_str() {
            "" => place.namespace.unwrap_or_else(|| "default".to_owned()),
            namespace => namespace.to_owned(),
        },
        name: match wanted.release_name.as_str() {
            "" => made_up(chart)?,
            name => name.to_owned(),
        },
    };
    let request = OperationRequest::Install {
        chart: ChartReference {
            repository: repository.to_owned(),
            name: chart.to_owned(),
            version: Some(wanted.chart_version).filter(|version| !version.is_empty()),
        },
        values: String::new(),
        options: OperationOptions::default(),
    };
    let base = &state.config.server.base_path;
    if wanted.dry_run {
        let simulated = DryRunRequest {
            mode: model::record::DryRunMode::Server,
            hide_secrets: false,
            request,
        };
        let releases = state.backend.releases();
        let record = releases.dry_run(&viewer, &id, &simulated).await;
        let record = record.map_err(chart_not_found)?.release;
        return Ok(Json(json!({ "data": Resource::of_record(&id, &record) })).into_response());
    }
    let begun = begin(&state.backend, &viewer, &id, &request).await?;
    match ended(&state.backend, &viewer, begun).await? {
        Some(operation) if operation.state == OperationState::Succeeded => {
            let place = Place {
                cluster: Some(id.cluster.clone()),
                namespace: Some(id.namespace.clone()),
            };
            let found = find(&state.backend, &viewer, &id.name, &place).await?;
            let resource = Resource::new(&found, base);
            Ok((StatusCode::CREATED, Json(json!({ "data": resource }))).into_response())
        }
        Some(operation) => {
            let message = operation.message;
            let is_taken = message.contains("cannot reuse a name that is still in use");
            let status = match is_taken {
                true => StatusCode::CONFLICT,
                false => StatusCode::INTERNAL_SERVER_ERROR,
            };
            Err(Failure::new(
                status,
                format!("Can't create the release: {message}"),
            ))
        }
        None => {
            let resource = Resource::pending(&id, "PENDING_INSTALL");
            Ok((StatusCode::ACCEPTED, Json(json!({ "data": resource }))).into_response())
        }
    }
}

/// `DELETE /v1/releases/{name}`: `200` when it is gone, and its name is free; `202` where that takes longer.
pub(crate) async fn delete(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
    Query(place): Query<Place>,
) -> Answer {
    enabled(&state.backend)?;
    let found = find(&state.backend, &viewer, &name, &place).await?;
    let request = OperationRequest::Uninstall {
        options: OperationOptions::default(),
    };
    let begun = begin(&state.backend, &viewer, &found.id, &request).await?;
    let mut resource = Resource::new(&found, &state.config.server.base_path);
    let status = match ended(&state.backend, &viewer, begun).await? {
        Some(operation) if operation.state == OperationState::Succeeded => {
            "DELETED".clone_into(&mut resource.attributes.status);
            StatusCode::OK
        }
        Some(operation) => {
            let message = format!("Can't delete the release: {}", operation.message);
            return Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, message));
        }
        None => {
            "DELETING".clone_into(&mut resource.attributes.status);
            StatusCode::ACCEPTED
        }
    };
    Ok((status, Json(json!({ "data": resource }))).into_response())
}

/// Without any cluster it is as with `releasesEnabled: false`.
fn enabled(backend: &Backend) -> Result<(), Failure> {
    match backend.releases().has_clusters() {
        true => Ok(()),
        false => Err(Failure::new(StatusCode::FORBIDDEN, "feature not enabled")),
    }
}

/// The cluster that is named, or the first.
fn cluster(backend: &Backend, viewer: &Viewer, named: Option<String>) -> Result<String, Failure> {
    if let Some(named) = named {
        return Ok(named);
    }
    let first = backend.releases().clusters(viewer)?.into_iter().next();
    let first =
        first.ok_or_else(|| Failure::new(StatusCode::FORBIDDEN, "there is no cluster that you may see"))?;
    Ok(first.name)
}

async fn find(
    backend: &Backend,
    viewer: &Viewer,
    name: &str,
    place: &Place,
) -> Result<ReleaseSummary, Failure> {
    let (cluster, namespace) = (place.cluster.as_deref(), place.namespace.as_deref());
    Ok(backend
        .releases()
        .find_by_name(viewer, name, cluster, namespace)
        .await?)
}

async fn begin(
    backend: &Backend,
    viewer: &Viewer,
    id: &ReleaseId,
    request: &OperationRequest,
) -> Result<OperationSummary, Failure> {
    let operations = backend.operations();
    let how = Begin::default();
    let begun = operations.begin(viewer, id, request, &how).await;
    begun.map_err(chart_not_found)
}

/// In Monocular's words.
fn chart_not_found(error: backend::Error) -> Failure {
    match error {
        backend::Error::NotFound {
            what: "chart" | "repository" | "version",
            ..
        } => Failure::new(StatusCode::NOT_FOUND, "404 chart not found"),
        other => other.into(),
    }
}

/// The operation once it has ended; nothing if that takes too long.
async fn ended(
    backend: &Backend,
    viewer: &Viewer,
    begun: OperationSummary,
) -> Result<Option<OperationSummary>, Failure> {
    let until = tokio::time::Instant::now() + PATIENCE;
    let mut operation = begun;
    while !operation.state.has_ended() {
        if tokio::time::Instant::now() >= until {
            return Ok(None);
        }
        tokio::time::sleep(LOOK_EVERY).await;
        operation = backend.operations().get(viewer, &operation.id).await?;
    }
    Ok(Some(operation))
}

/// A name for a release that has none.
fn made_up(chart: &str) -> Result<String, Failure> {
    const MAX_CHART_CHARS: usize = 40;
    let mut number = [0; 4];
    getrandom::fill(&mut number)
        .map_err(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "there is no randomness"))?;
    let chart: String = chart.chars().take(MAX_CHART_CHARS).collect();
    Ok(format!("{chart}-{:08x}", u32::from_be_bytes(number)))
}

#[derive(Serialize)]
struct Resource {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    attributes: Attributes,
}

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    name: String,
    namespace: String,
    status: String,
    updated: String,
    chart_name: String,
    chart_version: String,
    chart_icon: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
}

impl Resource {
    fn new(release: &ReleaseSummary, base: &str) -> Self {
        let icon = release.source.as_ref().and_then(|source| source.icon.as_ref());
        Self::with(Attributes {
            name: release.id.name.clone(),
            namespace: release.id.namespace.clone(),
            status: status(&release.status),
            updated: release.updated.map(|at| moment(at.0)).unwrap_or_default(),
            chart_name: release.chart.clone(),
            chart_version: release.chart_version.clone(),
            chart_icon: icon
                .map(|icon| format!("{base}/icons/{icon}"))
                .unwrap_or_default(),
            ..Attributes::default()
        })
    }

    fn of_record(id: &ReleaseId, record: &Value) -> Self {
        let text = |pointer: &str| {
            let value = record.pointer(pointer).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        Self::with(Attributes {
            name: id.name.clone(),
            namespace: id.namespace.clone(),
            status: status(&text("/info/status")),
            chart_name: text("/chart/metadata/name"),
            chart_version: text("/chart/metadata/version"),
            notes: Some(text("/info/notes")),
            ..Attributes::default()
        })
    }

    fn pending(id: &ReleaseId, status: &str) -> Self {
        Self::with(Attributes {
            name: id.name.clone(),
            namespace: id.namespace.clone(),
            status: status.to_owned(),
            ..Attributes::default()
        })
    }

    fn with(attributes: Attributes) -> Self {
        Self {
            kind: "release",
            id: attributes.name.clone(),
            attributes,
        }
    }
}

/// Helm 2's word for a status.
fn status(word: &str) -> String {
    match word {
        "uninstalled" => "DELETED".to_owned(),
        "uninstalling" => "DELETING".to_owned(),
        other => other.to_uppercase().replace('-', "_"),
    }
}

/// A moment as Helm 2 printed it (Go's `time.ANSIC`), in UTC.
fn moment(seconds: i64) -> String {
    let time = Time::from_unix(seconds, 0, Zone::Utc);
    String::from_utf8_lossy(&time.format(b"Mon Jan _2 15:04:05 2006")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_times_are_those_of_helm_2() {
        for (word, want) in [
            ("deployed", "DEPLOYED"),
            ("pending-install", "PENDING_INSTALL"),
            ("uninstalled", "DELETED"),
            ("uninstalling", "DELETING"),
            ("failed", "FAILED"),
        ] {
            assert_eq!(status(word), want);
        }
        assert_eq!(moment(1_530_000_000), "Tue Jun 26 08:00:00 2018");
        assert_eq!(moment(1_530_400_000), "Sat Jun 30 23:06:40 2018");
    }

    #[test]
    fn made_up_names_are_names_of_releases() {
        let name = made_up(&"x".repeat(100)).unwrap_or_else(|_| panic!("there is randomness"));
        assert!(helm::chart::validate_release_name(&name).is_ok(), "{name}");
        assert!(name.starts_with("xxx"));
    }
}
