//! Users and their roles, for administrators.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use backend::ops::NewUser;
use backend::secret::SecretString;
use backend::store::KubernetesIdentity;
use backend::{Backend, Viewer};
use http::StatusCode;
use model::access::{Grant, Role, UserSummary};
use model::page::Page;
use schemars::JsonSchema;
use serde::Deserialize;

use super::charts::Part;
use super::envelope::{Asked, Envelope, Sent, data};
use super::error::Problem;

/// `GET /api/v1/users`: one part of the list.
pub(crate) async fn list(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Asked(part): Asked<Part>,
) -> Result<Json<Envelope<Page<UserSummary>>>, Problem> {
    Ok(data(
        backend.accounts().users_page(&viewer, &part.cursor, "").await?,
    ))
}

/// `GET /api/v1/users/{name}`.
pub(crate) async fn get(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
) -> Result<Json<Envelope<UserSummary>>, Problem> {
    Ok(data(backend.accounts().user(&viewer, &name).await?))
}

/// A user to add.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewUser")]
#[serde(deny_unknown_fields)]
pub(crate) struct Add {
    name: String,
    password: SecretString,
    #[serde(default)]
    grants: Vec<Grant>,
    #[serde(default)]
    kubernetes_user: Option<String>,
    #[serde(default)]
    kubernetes_groups: Vec<String>,
}

/// `POST /api/v1/users`.
pub(crate) async fn create(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Sent(add): Sent<Add>,
) -> Result<Response, Problem> {
    let new = NewUser {
        name: add.name,
        password: add.password,
        grants: add.grants,
        identity: KubernetesIdentity {
            user: add.kubernetes_user,
            groups: add.kubernetes_groups,
        },
    };
    let user = backend.accounts().create_user(&viewer, new).await?;
    Ok((StatusCode::CREATED, data(user)).into_response())
}

/// What to change of a user; what is left out stays.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "UserChange")]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    disabled: Option<bool>,
    password: Option<SecretString>,
    /// Empty for the user's own name.
    kubernetes_user: Option<String>,
    kubernetes_groups: Option<Vec<String>>,
}

/// `PATCH /api/v1/users/{name}`.
pub(crate) async fn change(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
    Sent(change): Sent<Change>,
) -> Result<Json<Envelope<UserSummary>>, Problem> {
    let accounts = backend.accounts();
    let before = accounts.user(&viewer, &name).await?;
    if change.kubernetes_user.is_some() || change.kubernetes_groups.is_some() {
        let user = change.kubernetes_user.unwrap_or(before.kubernetes_user);
        let identity = KubernetesIdentity {
            user: Some(user).filter(|user| !user.is_empty() && *user != name),
            groups: change.kubernetes_groups.unwrap_or(before.kubernetes_groups),
        };
        accounts
            .set_kubernetes_identity(&viewer, &name, &identity)
            .await?;
    }
    if let Some(password) = &change.password {
        accounts.reset_password(&viewer, &name, password).await?;
    }
    match change.disabled {
        Some(true) => accounts.disable_user(&viewer, &name).await?,
        Some(false) => accounts.enable_user(&viewer, &name).await?,
        None => {}
    }
    Ok(data(accounts.user(&viewer, &name).await?))
}

/// `GET /api/v1/users/{name}/grants`.
pub(crate) async fn grants(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
) -> Result<Json<Envelope<Vec<Grant>>>, Problem> {
    Ok(data(backend.accounts().user(&viewer, &name).await?.grants))
}

/// `POST /api/v1/users/{name}/grants`: the answer is all that the user then holds.
pub(crate) async fn grant(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
    Sent(grant): Sent<Grant>,
) -> Result<Json<Envelope<Vec<Grant>>>, Problem> {
    let accounts = backend.accounts();
    accounts.grant(&viewer, &name, &grant).await?;
    Ok(data(accounts.user(&viewer, &name).await?.grants))
}

/// Which role to take away, in the query: not every client sends a body with `DELETE`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Revoke {
    /// As it was given.
    role: Role,
    /// As it was given; all where it is left out.
    cluster: Option<String>,
    /// As it was given; all where it is left out.
    namespace: Option<String>,
}

/// `DELETE /api/v1/users/{name}/grants?role=…[&cluster=…][&namespace=…]`: the answer is all that the user still holds.
pub(crate) async fn revoke(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
    Asked(revoke): Asked<Revoke>,
) -> Result<Json<Envelope<Vec<Grant>>>, Problem> {
    let grant = Grant {
        role: revoke.role,
        cluster: revoke.cluster,
        namespace: revoke.namespace,
    };
    let accounts = backend.accounts();
    accounts.revoke(&viewer, &name, &grant).await?;
    Ok(data(accounts.user(&viewer, &name).await?.grants))
}
