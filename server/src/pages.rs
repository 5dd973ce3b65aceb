//! Pages as documents: what is in them is made first, and then the document around it. Forms are in `forms`.

use app::api::FormOutcome;
use app::api::page::PageBody;
use app::routes::{Route, query_value};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use backend::Viewer;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, LINK};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use leptos::prelude::provide_context;
use leptos_axum::render_app_async_with_context;

use crate::forms::links;
use crate::http::error::Problem;
use crate::http::{moved, validators};
use crate::state::AppState;

/// What Leptos writes where something may be put later: every browser reads an empty comment, and no validator HTML.
const MARK: &str = "<!>";

/// The page of whatever address nothing else answers: an unknown one has a page, too, which says so.
pub(crate) async fn get(State(state): State<AppState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response();
    }
    if let Some(moved) = moved::by_address(links(&state), request.uri()) {
        return moved;
    }
    let (parts, body) = request.into_parts();
    let viewer = parts
        .extensions
        .get::<Viewer>()
        .cloned()
        .unwrap_or_else(Viewer::anonymous);
    let (path, mut page) = make(&state, &parts, &FormOutcome::default()).await;
    if page.status == 404
        && let Some(answer) = moved::instead(&state, &viewer, &Route::parse(&path), parts.uri.query()).await
    {
        match answer {
            moved::Instead::Elsewhere(response) => return response,
            moved::Instead::Gone => page.status = 410,
        }
    }
    let is_shared = viewer.name().is_none() && page.status == 200 && Route::parse(&path).is_shared();
    let etag = is_shared.then(|| tag(&state, &parts, &page));
    if let Some(etag) = &etag
        && validators::is_known(&parts.headers, etag)
    {
        // Without a policy: the browser keeps the one that has the nonce of the page that it kept.
        let mut response = validators::not_modified(etag, validators::OWN_BROWSER);
        validators::vary(&mut response, COOKIE);
        return response;
    }
    let mut response = write(
        &state,
        Request::from_parts(parts, body),
        FormOutcome::default(),
        page,
    )
    .await;
    match &etag {
        Some(etag) => validators::mark(&mut response, etag, validators::OWN_BROWSER),
        None if viewer.name().is_none() => {
            let kept_by_nobody = HeaderValue::from_static("private, no-store");
            response.headers_mut().insert(CACHE_CONTROL, kept_by_nobody);
        }
        // What was made for one user is marked for all their answers alike.
        None => {}
    }
    validators::vary(&mut response, COOKIE);
    response
}

/// The page of a request; `outcome` is of the form that was sent to it.
pub(crate) async fn document(state: &AppState, request: Request, outcome: FormOutcome) -> Response {
    let (parts, body) = request.into_parts();
    let (_, page) = make(state, &parts, &outcome).await;
    write(state, Request::from_parts(parts, body), outcome, page).await
}

/// `GET /ui/suggest?q=`: what a search field shows when so much has been typed, as HTML that goes into a page.
pub(crate) async fn suggestions(State(state): State<AppState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let typed = query_value(parts.uri.query().unwrap_or_default(), "q").unwrap_or_default();
    let provide = move || {
        state.app.provide();
        provide_context(parts);
    };
    match app::api::suggestions_of(provide, &typed).await {
        Ok(html) => {
            // Long enough for whoever takes a letter back.
            let headers = [
                (CACHE_CONTROL, "private, max-age=30"),
                (CONTENT_TYPE, "text/html; charset=utf-8"),
            ];
            let mut response = (headers, html).into_response();
            validators::vary(&mut response, COOKIE);
            response
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

/// What is in the page, and its path below the base path.
async fn make(state: &AppState, parts: &Parts, outcome: &FormOutcome) -> (String, PageBody) {
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
    let search = parts.uri.query().unwrap_or_default();
    let page = app::api::page_of(provide, &path, search).await;
    (path, page)
}

async fn write(state: &AppState, request: Request, outcome: FormOutcome, page: PageBody) -> Response {
    let provide = {
        let state = state.clone();
        move || {
            state.provide();
            provide_context(outcome.clone());
            provide_context(page.clone());
        }
    };
    let (mut parts, body) = render_app_async_with_context(provide, app::shell)(request)
        .await
        .into_parts();
    let Ok(html) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts.headers.remove(CONTENT_LENGTH);
    if let Some(preload) = &state.preload {
        parts.headers.insert(LINK, preload.clone());
    }
    // In texts and attributes it cannot stand, since they are escaped.
    let html = String::from_utf8_lossy(&html).replace(MARK, "<!---->");
    Response::from_parts(parts, Body::from(html))
}

/// Of everything that a page's document is made of, but for its nonce. The page itself is made for it: what would be
/// saved is less than what a page that has changed unnoticed would cost.
fn tag(state: &AppState, parts: &Parts, page: &PageBody) -> String {
    let header = |name| {
        parts
            .headers
            .get(name)
            .map(HeaderValue::as_bytes)
            .unwrap_or_default()
    };
    let head = format!("{:?}", page.head);
    validators::tag(&[
        b"page",
        state.build.as_bytes(),
        parts.uri.path().as_bytes(),
        parts.uri.query().unwrap_or_default().as_bytes(),
        // Addresses in the head may be those that the request was sent to.
        header(HOST),
        page.title.as_bytes(),
        page.description.as_bytes(),
        page.canonical.as_bytes(),
        page.html.as_bytes(),
        page.events.as_bytes(),
        &page.refresh_secs.to_le_bytes(),
        head.as_bytes(),
    ])
}
