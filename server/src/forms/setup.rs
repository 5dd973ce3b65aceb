//! `/setup`: the first user.

use axum::extract::{Request, State};
use axum::response::Response;
use backend::ops::SetUp;

use super::{Form, links, see_other};
use crate::access::cookie;
use crate::http::session::browser;
use crate::state::AppState;

/// Makes the first user and signs them in.
pub(crate) async fn post(State(state): State<AppState>, request: Request) -> Response {
    let form = match Form::read(&state, request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let origin = &state.config.server.public_origin;
    if let Err(error) = cookie::is_kept(form.headers(), &form.peer(), origin) {
        return form.failed(&state, error).await;
    }
    let request = SetUp {
        token: form.secret("token"),
        name: form.get("name").trim().to_owned(),
        password: form.secret("password"),
        browser: browser(form.headers()),
    };
    match state.backend.accounts().set_up(&form.viewer(), request).await {
        Ok(session) => {
            let mut response = see_other(&links(&state).account());
            cookie::set(response.headers_mut(), &session);
            response
        }
        Err(error) => form.failed(&state, error.into()).await,
    }
}
