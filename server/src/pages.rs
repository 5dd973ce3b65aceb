//! Pages as documents: what is in them is made first, and then the document around it. Forms are in `forms`.

use app::api::FormOutcome;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::header::ALLOW;
use http::{Method, StatusCode};
use leptos::prelude::provide_context;
use leptos_axum::render_app_async_with_context;

use crate::forms::links;
use crate::state::AppState;

/// The page of whatever address nothing else answers: an unknown one has a page, too, which says so.
pub(crate) async fn get(State(state): State<AppState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response();
    }
    document(&state, request, FormOutcome::default()).await
}

/// The page of a request; `outcome` is of the form that was sent to it, if one was.
pub(crate) async fn document(state: &AppState, request: Request, outcome: FormOutcome) -> Response {
    let (parts, body) = request.into_parts();
    let provide = {
        let (state, parts, outcome) = (state.clone(), parts.clone(), outcome.clone());
        move || {
            state.app.provide();
            provide_context(parts);
            provide_context(outcome);
        }
    };
    let path = links(state)
        .strip(parts.uri.path())
        .unwrap_or(app::routes::NO_PAGE)
        .to_owned();
    let search = parts.uri.query().unwrap_or_default().to_owned();
    let page = app::api::page_of(provide, &path, &search).await;
    let provide = {
        let state = state.clone();
        move || {
            state.provide();
            provide_context(outcome.clone());
            provide_context(page.clone());
        }
    };
    render_app_async_with_context(provide, app::shell)(Request::from_parts(parts, body)).await
}
