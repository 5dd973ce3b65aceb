//! Installing and upgrading: what a button of the form asks for.
//!
//! Looking and planning answer with the page itself, which asks the backend; only beginning is done here.

use app::change::{ChangeForm, ChangeStep};
use app::error::AppError;
use app::routes::{ReleasePage, ReleaseRoute, Route};
use axum::extract::{Request, State};
use axum::response::Response;
use backend::ops::Begin;
use model::operation::{ChartReference, OperationRequest};
use model::release::ReleaseId;

use super::{Form, links, see_other};
use crate::state::AppState;

/// The form of a chart's `install` page.
pub(crate) async fn install(State(state): State<AppState>, request: Request) -> Response {
    match Form::read_with_values(&state, request).await {
        Ok(form) => answer(&state, form).await,
        Err(response) => response,
    }
}

/// Does what the button that was pressed says.
pub(super) async fn answer(state: &AppState, form: Form) -> Response {
    if ChangeStep::parse(form.get("do")) != ChangeStep::Begin {
        return form.again(state, None).await;
    }
    match begin(state, &form).await {
        Ok(id) => see_other(&links(state).operation(&id)),
        Err(error) => form.failed(state, error).await,
    }
}

async fn begin(state: &AppState, form: &Form) -> Result<String, AppError> {
    let (id, request) = wanted(state, form).await?;
    let begin = Begin {
        plan_hash: form.optional("hash"),
        idempotency_key: None,
    };
    let operations = state.backend.operations();
    let operation = operations.begin(&form.viewer(), &id, &request, &begin).await?;
    Ok(operation.id)
}

/// Which release, and what is to be done with it, as the page's address and the form say.
async fn wanted(state: &AppState, form: &Form) -> Result<(ReleaseId, OperationRequest), AppError> {
    let typed = ChangeForm::read(|name| form.find(name));
    let links = links(state);
    match Route::parse(links.strip(form.path()).unwrap_or_default()) {
        Route::Install {
            repository,
            name,
            version,
        } => {
            let id = ReleaseId {
                cluster: typed.cluster.clone(),
                namespace: typed.namespace.clone(),
                name: typed.name.clone(),
            };
            let chart = ChartReference {
                repository,
                name,
                version,
            };
            Ok((id, typed.install(chart)?))
        }
        Route::Release(ReleaseRoute {
            release,
            page: ReleasePage::Upgrade,
        }) => {
            let chart = app::chart_to_upgrade_to(&state.backend, &form.viewer(), &release, &typed).await?;
            Ok((release, typed.upgrade(Some(chart))?))
        }
        _ => Err(AppError::no_page()),
    }
}
