//! Hosted repositories by the API: uploading, checking before that, deleting and taking that back, deprecating, yanking,
//! and who sees what.
//!
//! Clients of ChartMuseum and of OCI registries have their own doors ([`museum`](super::museum), [`oci`](super::oci)); this
//! one is for pages and for programs that speak this API anyway.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use backend::ops::{HostedError, NewUpload, UploadedVersion, VersionCopy};
use backend::{Action, Backend, Viewer};
use http::StatusCode;
use model::hosted::{DeletedVersions, UploadCheck};
use model::repository::RepositoryAction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::envelope::{Asked, Envelope, Sent, data};
use super::error::Problem;
use crate::state::AppState;

type Answer<T> = Result<Json<Envelope<T>>, Problem>;

/// A version that was uploaded, or brought back.
#[derive(Serialize, JsonSchema)]
pub(crate) struct HostedUpload {
    name: String,
    version: String,
    /// SHA-256 of the archive, as hexadecimal.
    digest: String,
    /// What is odd about the archive without making it useless.
    oddities: Vec<String>,
}

impl From<UploadedVersion> for HostedUpload {
    fn from(version: UploadedVersion) -> Self {
        Self {
            name: version.name,
            version: version.version,
            digest: version.digest,
            oddities: version.oddities,
        }
    }
}

/// How to upload.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Force {
    /// Replace a version that is there, where the settings allow that.
    #[serde(default)]
    force: bool,
}

/// `POST /api/v1/repositories/{name}/charts[?force=true]`: an archive, or a provenance file.
pub(crate) async fn upload(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
    Asked(how): Asked<Force>,
    request: Request,
) -> Result<Response, Problem> {
    let hosted = state.backend.hosted();
    let tenant = hosted.tenant(&viewer, &name, RepositoryAction::Push).await?;
    let (bytes, _room) = state.uploads.read(request).await?;
    let is_provenance = bytes.starts_with(b"-----BEGIN PGP");
    let (archive, provenance) = match is_provenance {
        true => (None, Some(bytes)),
        false => (Some(bytes), None),
    };
    let new = NewUpload {
        archive,
        provenance,
        force: how.force,
    };
    let uploaded = hosted.upload(&viewer, &tenant, new).await.map_err(problem)?;
    let answer = uploaded.version.map(HostedUpload::from);
    Ok((StatusCode::CREATED, data(answer)).into_response())
}

/// `POST /api/v1/repositories/{name}/check`: what would be said of an archive; nothing is kept.
pub(crate) async fn check(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
    request: Request,
) -> Answer<UploadCheck> {
    let hosted = state.backend.hosted();
    let tenant = hosted.tenant(&viewer, &name, RepositoryAction::Push).await?;
    let (bytes, _room) = state.uploads.read(request).await?;
    Ok(data(hosted.check_archive(&viewer, &tenant, bytes).await?))
}

/// Which versions to delete, in the query: not every client sends a body with `DELETE`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Which {
    /// One version; all where it is left out.
    version: Option<String>,
}

/// `DELETE /api/v1/repositories/{name}/charts/{chart}[?version=…]`.
pub(crate) async fn delete(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((name, chart)): Path<(String, String)>,
    Asked(which): Asked<Which>,
) -> Answer<DeletedVersions> {
    let hosted = backend.hosted();
    let tenant = hosted.tenant(&viewer, &name, RepositoryAction::Delete).await?;
    let deleted = hosted.delete_some(&viewer, &tenant, &chart, which.version.as_deref());
    Ok(data(deleted.await.map_err(problem)?))
}

/// `POST /api/v1/repositories/{name}/deleted/{id}/restore`.
pub(crate) async fn restore(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((name, id)): Path<(String, String)>,
) -> Answer<HostedUpload> {
    let hosted = backend.hosted();
    let tenant = hosted.tenant(&viewer, &name, RepositoryAction::Delete).await?;
    // What is no number is none of ours.
    let restored = hosted.restore(&viewer, &tenant, id.parse().unwrap_or(0));
    Ok(data(restored.await.map_err(problem)?.into()))
}

/// Where a version is copied to: exactly one of the two names.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "HostedCopy")]
#[serde(deny_unknown_fields)]
pub(crate) struct CopyTo {
    /// A hosted repository, as the catalog calls it.
    repository: Option<String>,
    /// The tenant of one, such as `org/stable`; one that is not there yet is made.
    tenant: Option<String>,
    /// Replace a version that is there, where the settings allow that.
    #[serde(default)]
    force: bool,
    /// What is private may become public.
    #[serde(default)]
    publish: bool,
}

/// `POST /api/v1/repositories/{name}/charts/{chart}/versions/{version}/copy`.
pub(crate) async fn copy(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path((name, chart, version)): Path<(String, String, String)>,
    Sent(wish): Sent<CopyTo>,
) -> Result<Response, Problem> {
    let hosted = state.backend.hosted();
    // Who may not push anywhere is told so before anything is told of what could be copied.
    let may_push = |tenant: &str| hosted.check(&viewer, Action::PushHosted { tenant });
    let to = match (wish.repository, wish.tenant) {
        (Some(repository), None) => {
            hosted
                .tenant(&viewer, &repository, RepositoryAction::Push)
                .await?
        }
        (None, Some(tenant)) => {
            may_push(&tenant)?;
            tenant
        }
        _ => {
            may_push("")?;
            return Err(Problem::invalid("either `repository` or `tenant` says where to"));
        }
    };
    let from = hosted.tenant(&viewer, &name, RepositoryAction::Pull).await?;
    let what = VersionCopy {
        name: &chart,
        version: &version,
        force: wish.force,
        publish: wish.publish,
    };
    let _room = state.uploads.room().await?;
    let copied = hosted.copy(&viewer, &from, &to, what).await.map_err(problem)?;
    Ok((StatusCode::CREATED, data(HostedUpload::from(copied))).into_response())
}

/// Who sees charts.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "HostedVisibility")]
#[serde(deny_unknown_fields)]
pub(crate) struct Visibility {
    /// Only who may get private charts knows of them.
    private: bool,
    /// One chart; where it is left out, all of the repository, those of the future, too.
    chart: Option<String>,
}

/// `PUT /api/v1/repositories/{name}/visibility`.
pub(crate) async fn set_visibility(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
    Sent(wish): Sent<Visibility>,
) -> Result<StatusCode, Problem> {
    let hosted = backend.hosted();
    let tenant = hosted.tenant(&viewer, &name, RepositoryAction::Manage).await?;
    let done = hosted.set_private(&viewer, &tenant, wish.chart.as_deref(), wish.private);
    done.await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why something should not be used.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "HostedReason")]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    /// A line; `null` takes back what was said.
    reason: Option<String>,
}

/// `PUT /api/v1/repositories/{name}/charts/{chart}/deprecation`.
pub(crate) async fn deprecate(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((name, chart)): Path<(String, String)>,
    Sent(why): Sent<Reason>,
) -> Result<StatusCode, Problem> {
    let hosted = backend.hosted();
    let tenant = hosted.tenant(&viewer, &name, RepositoryAction::Push).await?;
    let done = hosted.deprecate(&viewer, &tenant, &chart, why.reason.as_deref());
    done.await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /api/v1/repositories/{name}/charts/{chart}/versions/{version}/yank`.
pub(crate) async fn yank(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((name, chart, version)): Path<(String, String, String)>,
    Sent(why): Sent<Reason>,
) -> Result<StatusCode, Problem> {
    let hosted = backend.hosted();
    let tenant = hosted.tenant(&viewer, &name, RepositoryAction::Push).await?;
    let done = hosted.yank(&viewer, &tenant, &chart, &version, why.reason.as_deref());
    done.await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn problem(error: HostedError) -> Problem {
    Problem::from(app::error::AppError::from(error))
}
