//! What pages of releases do: rolling back, uninstalling, testing, and ending an operation.

use app::error::AppError;
use app::routes::{ReleasePage, ReleaseRoute, Route, action_query};
use axum::extract::{Request, State};
use axum::response::Response;
use backend::ops::Begin;
use url::form_urlencoded;

use super::{Form, change, links, see_other};
use crate::state::AppState;

/// Begins what the page is about, as it was shown, and leads to the page that tells how it goes on.
pub(crate) async fn act(State(state): State<AppState>, request: Request) -> Response {
    let form = match Form::read_with_values(&state, request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    if is_upgrade(&state, &form) {
        return change::answer(&state, form).await;
    }
    match begin(&state, &form).await {
        Ok(id) => see_other(&links(&state).operation(&id)),
        Err(error) => form.failed(&state, error).await,
    }
}

fn is_upgrade(state: &AppState, form: &Form) -> bool {
    let links = links(state);
    let route = Route::parse(links.strip(form.path()).unwrap_or_default());
    matches!(
        route,
        Route::Release(ReleaseRoute {
            page: ReleasePage::Upgrade,
            ..
        })
    )
}

async fn begin(state: &AppState, form: &Form) -> Result<String, AppError> {
    let links = links(state);
    let path = links.strip(form.path()).unwrap_or_default();
    let Route::Release(ReleaseRoute {
        release,
        page: ReleasePage::Action(action),
    }) = Route::parse(path)
    else {
        return Err(AppError::no_page());
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form.fields())
        .finish();
    let request = app::operation_request(action, &action_query(&query));
    let begin = Begin {
        plan_hash: form.optional("hash"),
        idempotency_key: None,
    };
    let operations = state.backend.operations();
    let operation = operations
        .begin(&form.viewer(), &release, &request, &begin)
        .await?;
    Ok(operation.id)
}

/// Ends an operation.
pub(crate) async fn cancel(State(state): State<AppState>, request: Request) -> Response {
    let form = match Form::read(&state, request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let links = links(&state);
    let path = links.strip(form.path()).unwrap_or_default();
    let Route::Operation { id } = Route::parse(path) else {
        return form.failed(&state, AppError::no_page()).await;
    };
    match state.backend.operations().cancel(&form.viewer(), &id).await {
        Ok(_) => see_other(&links.operation(&id)),
        Err(error) => form.failed(&state, error.into()).await,
    }
}
