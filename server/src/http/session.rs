//! Who asks: signing in, signing out, and what one may do.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use backend::Viewer;
use backend::ops::SignIn;
use backend::secret::SecretString;
use http::header::USER_AGENT;
use http::{HeaderMap, StatusCode};
use model::access::{ClusterIdentity, Me};
use schemars::JsonSchema;
use serde::Deserialize;

use super::envelope::{Asked, Envelope, Sent, data};
use super::error::Problem;
use crate::access::{Peer, SessionSecret, cookie};
use crate::state::AppState;

/// A place to ask about.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Place {
    /// With `namespace`: the answer says what may be done with the releases there.
    cluster: Option<String>,
    /// With `cluster`.
    namespace: Option<String>,
}

/// `GET /api/v1/session[?cluster=…&namespace=…]`: who asks and what they may do, with the releases of that place.
pub(crate) async fn get(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Asked(place): Asked<Place>,
) -> Json<Envelope<Me>> {
    let place = place.cluster.as_deref().zip(place.namespace.as_deref());
    data(state.backend.accounts().me(&viewer, place))
}

/// What signs in.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Credentials {
    name: String,
    password: SecretString,
}

/// `POST /api/v1/session`: begins a session, whose cookie the answer sets.
pub(crate) async fn create(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Extension(peer): Extension<Peer>,
    session: Option<Extension<SessionSecret>>,
    headers: HeaderMap,
    Sent(credentials): Sent<Credentials>,
) -> Result<Response, Problem> {
    cookie::is_kept(&headers, &peer, &state.config.server.public_origin)?;
    let request = SignIn {
        name: credentials.name,
        password: credentials.password,
        browser: browser(&headers),
        replaces: session.map(|Extension(session)| session.0),
    };
    let accounts = state.backend.accounts();
    let session = accounts.sign_in(&viewer, request).await?;
    let viewer = accounts.resume(&session.secret).await?;
    let me = accounts.me(&viewer.unwrap_or_else(Viewer::anonymous), None);
    let mut response = (StatusCode::CREATED, data(me)).into_response();
    cookie::set(response.headers_mut(), &session);
    Ok(response)
}

/// `DELETE /api/v1/session`: ends the session that asks; without one there is nothing to do.
pub(crate) async fn delete(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
) -> Result<Response, Problem> {
    state.backend.accounts().sign_out(&viewer).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    cookie::clear(response.headers_mut());
    Ok(response)
}

/// `GET /api/v1/session/clusters`: who the viewer is in clusters.
pub(crate) async fn clusters(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
) -> Result<Json<Envelope<Vec<ClusterIdentity>>>, Problem> {
    Ok(data(state.backend.accounts().cluster_identities(&viewer).await?))
}

/// A token for a cluster.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivenToken {
    token: SecretString,
}

/// `PUT /api/v1/session/clusters/{cluster}`: keeps a token with the session that asks.
pub(crate) async fn give_cluster_token(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    session: Option<Extension<SessionSecret>>,
    Path(cluster): Path<String>,
    Sent(given): Sent<GivenToken>,
) -> Result<StatusCode, Problem> {
    // Without a session the operation says so: there is nothing to keep a token with.
    let session = session.map(|Extension(session)| session.0).unwrap_or_default();
    let accounts = state.backend.accounts();
    accounts
        .give_cluster_token(&viewer, &session, &cluster, given.token.expose())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/session/clusters/{cluster}`.
pub(crate) async fn forget_cluster_token(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path(cluster): Path<String>,
) -> Result<StatusCode, Problem> {
    let accounts = state.backend.accounts();
    accounts.forget_cluster_token(&viewer, &cluster).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// As a browser calls itself.
pub(crate) fn browser(headers: &HeaderMap) -> String {
    headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}
