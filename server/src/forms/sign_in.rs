//! `/sign-in` and the button that signs out.

use app::api::FormToken;
use axum::extract::{Request, State};
use axum::response::Response;
use backend::ops::{NewSession, SignIn};

use super::{Form, links, own_path, see_other};
use crate::access::cookie;
use crate::http::session::browser;
use crate::state::AppState;

/// Begins a session and returns to where it was asked for.
pub(crate) async fn post(State(state): State<AppState>, request: Request) -> Response {
    // It may carry along what was typed into another form.
    let form = match Form::read_with_values(&state, request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let origin = &state.config.server.public_origin;
    if let Err(error) = cookie::is_kept(form.headers(), &form.peer(), origin) {
        return form.failed(&state, error).await;
    }
    let request = SignIn {
        name: form.get("name").trim().to_owned(),
        password: form.secret("password"),
        browser: browser(form.headers()),
        replaces: form.session().cloned(),
    };
    match state.backend.accounts().sign_in(&form.viewer(), request).await {
        Ok(session) => {
            let home = links(&state).home();
            let to = own_path(form.get("to")).unwrap_or(&home).to_owned();
            let mut response = match carried(&state, form, &to, &session).await {
                Some(page) => page,
                None => see_other(&to),
            };
            cookie::set(response.headers_mut(), &session);
            response
        }
        Err(error) => form.failed(&state, error.into()).await,
    }
}

/// The page that somebody came from, with what was typed there; nothing where nothing was carried along.
async fn carried(state: &AppState, form: Form, to: &str, session: &NewSession) -> Option<Response> {
    let accounts = state.backend.accounts();
    let secret = session.secret.clone();
    let viewer = accounts.resume(&secret).await.ok().flatten()?;
    let token = FormToken(accounts.form_token(&secret).expose().to_owned());
    let form = form.carried(to, viewer, secret, token)?;
    Some(form.again(state, None).await)
}

/// Ends the session.
pub(crate) async fn sign_out(State(state): State<AppState>, request: Request) -> Response {
    let form = match Form::read(&state, request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    if let Err(error) = state.backend.accounts().sign_out(&form.viewer()).await {
        return form.failed(&state, error.into()).await;
    }
    let mut response = see_other(&links(&state).home());
    cookie::clear(response.headers_mut());
    response
}
