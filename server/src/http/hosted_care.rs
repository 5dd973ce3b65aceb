//! What is decided about a hosted repository by the API: retention rules, webhooks, and who may do what.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use backend::ops::{GrantWish, WebhookWish};
use backend::{Backend, Viewer};
use http::StatusCode;
use model::hosted::{DeletedVersions, GrantSubject, HostedGrant, HostedRight};
use model::repository::RepositoryAction;
use model::retention::{Retention, RetentionRules};
use model::webhook::{Webhook, WebhookEvent, WebhookSecret};
use schemars::JsonSchema;
use serde::Deserialize;

use super::envelope::{Envelope, Sent, data};
use super::error::Problem;
use super::hosted::problem;

type Answer<T> = Result<Json<Envelope<T>>, Problem>;

/// The tenant of a repository, for whoever may decide about it.
async fn tenant(backend: &Backend, viewer: &Viewer, name: &str) -> Result<String, Problem> {
    let hosted = backend.hosted();
    Ok(hosted.tenant(viewer, name, RepositoryAction::Manage).await?)
}

/// `GET /api/v1/repositories/{name}/retention`
pub(crate) async fn retention(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
) -> Answer<Retention> {
    let tenant = tenant(&backend, &viewer, &name).await?;
    Ok(data(backend.hosted().retention(&viewer, &tenant).await?))
}

/// Rules of a repository.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "RetentionWish")]
#[serde(deny_unknown_fields)]
pub(crate) struct Rules {
    /// `null` for those of the configuration.
    rules: Option<RetentionRules>,
}

/// `PUT /api/v1/repositories/{name}/retention`
pub(crate) async fn set_retention(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
    Sent(wish): Sent<Rules>,
) -> Answer<Retention> {
    let tenant = tenant(&backend, &viewer, &name).await?;
    let done = backend
        .hosted()
        .set_retention(&viewer, &tenant, wish.rules)
        .await?;
    Ok(data(done))
}

/// The plan that was looked at.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "RetentionConfirmation")]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmed {
    /// `plan.digest` of the rules' answer.
    digest: String,
}

/// `POST /api/v1/repositories/{name}/retention/apply`
pub(crate) async fn apply_retention(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
    Sent(confirmed): Sent<Confirmed>,
) -> Answer<DeletedVersions> {
    let tenant = tenant(&backend, &viewer, &name).await?;
    let hosted = backend.hosted();
    let deleted = hosted.apply_retention(&viewer, &tenant, &confirmed.digest);
    Ok(data(deleted.await.map_err(problem)?))
}

/// `GET /api/v1/repositories/{name}/webhooks`
pub(crate) async fn webhooks(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
) -> Answer<Vec<Webhook>> {
    let tenant = tenant(&backend, &viewer, &name).await?;
    Ok(data(backend.hosted().webhooks(&viewer, &tenant).await?))
}

/// A webhook as it is to be.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "WebhookWish")]
#[serde(deny_unknown_fields)]
pub(crate) struct HookWish {
    /// Where it is sent to: `https://…` or `http://…`, without user name and password.
    url: String,
    /// At least one.
    events: Vec<WebhookEvent>,
    /// It is told of all hosted repositories; counts when it is made alone.
    #[serde(default)]
    for_all: bool,
    /// Off, what happens meanwhile is not told later.
    #[serde(default = "yes")]
    is_enabled: bool,
}

fn yes() -> bool {
    true
}

impl From<HookWish> for WebhookWish {
    fn from(wish: HookWish) -> Self {
        Self {
            url: wish.url,
            events: wish.events,
            for_all: wish.for_all,
            is_enabled: wish.is_enabled,
        }
    }
}

/// `POST /api/v1/repositories/{name}/webhooks`
pub(crate) async fn create_webhook(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
    Sent(wish): Sent<HookWish>,
) -> Result<Response, Problem> {
    let tenant = tenant(&backend, &viewer, &name).await?;
    let made = backend
        .hosted()
        .create_webhook(&viewer, &tenant, wish.into())
        .await?;
    Ok((StatusCode::CREATED, data::<WebhookSecret>(made)).into_response())
}

/// `PUT /api/v1/repositories/{name}/webhooks/{id}`
pub(crate) async fn update_webhook(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((name, id)): Path<(String, String)>,
    Sent(wish): Sent<HookWish>,
) -> Result<StatusCode, Problem> {
    let tenant = tenant(&backend, &viewer, &name).await?;
    let hosted = backend.hosted();
    hosted
        .update_webhook(&viewer, &tenant, key(&id), wish.into())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/repositories/{name}/webhooks/{id}`
pub(crate) async fn delete_webhook(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((name, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let tenant = tenant(&backend, &viewer, &name).await?;
    backend
        .hosted()
        .delete_webhook(&viewer, &tenant, key(&id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/repositories/{name}/webhooks/{id}/test`
pub(crate) async fn test_webhook(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((name, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let tenant = tenant(&backend, &viewer, &name).await?;
    backend.hosted().test_webhook(&viewer, &tenant, key(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/repositories/{name}/webhooks/{id}/secret`
pub(crate) async fn renew_webhook(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((name, id)): Path<(String, String)>,
) -> Answer<WebhookSecret> {
    let tenant = tenant(&backend, &viewer, &name).await?;
    Ok(data(
        backend.hosted().renew_webhook(&viewer, &tenant, key(&id)).await?,
    ))
}

/// `GET /api/v1/repositories/{name}/rights`
pub(crate) async fn rights(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
) -> Answer<Vec<HostedGrant>> {
    let tenant = tenant(&backend, &viewer, &name).await?;
    Ok(data(backend.hosted().rights(&viewer, &tenant).await?))
}

/// A right that somebody is to have.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "HostedGrantWish")]
#[serde(deny_unknown_fields)]
pub(crate) struct RightWish {
    subject: GrantSubject,
    /// Of the user or the group.
    name: String,
    /// Where: the repository's tenant, one above it with `/*`, or `*`. Left out, the tenant.
    place: Option<String>,
    right: HostedRight,
}

/// `POST /api/v1/repositories/{name}/rights`
pub(crate) async fn grant_right(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
    Sent(wish): Sent<RightWish>,
) -> Result<StatusCode, Problem> {
    let tenant = tenant(&backend, &viewer, &name).await?;
    let grant = GrantWish {
        subject: wish.subject,
        name: &wish.name,
        place: wish.place.as_deref().unwrap_or(&tenant),
        right: wish.right,
    };
    backend.hosted().grant_right(&viewer, &tenant, grant).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/repositories/{name}/rights/{id}`
pub(crate) async fn revoke_right(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((name, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let tenant = tenant(&backend, &viewer, &name).await?;
    backend.hosted().revoke_right(&viewer, &tenant, key(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is no number is none of ours.
fn key(id: &str) -> i64 {
    id.parse().unwrap_or(0)
}
