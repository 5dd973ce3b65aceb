//! One's own API tokens.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use backend::ops::TokenRequest;
use backend::{Backend, Viewer};
use http::StatusCode;
use model::access::{Scope, TokenSummary};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::envelope::{Envelope, Sent, data};
use super::error::Problem;

/// `GET /api/v1/tokens`.
pub(crate) async fn list(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
) -> Result<Json<Envelope<Vec<TokenSummary>>>, Problem> {
    Ok(data(backend.accounts().tokens(&viewer).await?))
}

/// A token that is wanted.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewToken")]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    label: String,
    scopes: Vec<Scope>,
    valid_days: u32,
}

/// A new token. Its text is in no other answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CreatedToken")]
pub(crate) struct Created {
    token: String,
    #[serde(flatten)]
    summary: TokenSummary,
}

/// `POST /api/v1/tokens`.
pub(crate) async fn create(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Sent(create): Sent<Create>,
) -> Result<Response, Problem> {
    let request = TokenRequest {
        label: create.label,
        scopes: create.scopes,
        valid_days: create.valid_days,
    };
    let new = backend.accounts().create_token(&viewer, &request).await?;
    let created = Created {
        token: new.secret.expose().to_owned(),
        summary: new.summary,
    };
    Ok((StatusCode::CREATED, data(created)).into_response())
}

/// `DELETE /api/v1/tokens/{id}`.
pub(crate) async fn revoke(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    // Numbers begin at 1: what is none names no token.
    let id = id.parse().unwrap_or(0);
    backend.accounts().revoke_token(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
