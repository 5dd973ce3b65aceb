//! `/account`: one's own sessions, tokens and password.

use app::api::{FormOutcome, ShownToken};
use app::error::AppError;
use axum::extract::{Request, State};
use axum::response::Response;
use backend::ops::TokenRequest;
use model::access::Scope;

use super::{Form, links, see_other};
use crate::state::AppState;

/// Does what the button that was pressed says.
pub(crate) async fn post(State(state): State<AppState>, request: Request) -> Response {
    let form = match Form::read(&state, request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    match act(&state, &form).await {
        Ok(Done::Said(word)) => see_other(&links(&state).account_after(word)),
        Ok(Done::Made(token)) => {
            let outcome = FormOutcome {
                new_token: Some(token),
                ..FormOutcome::default()
            };
            form.page(&state, outcome).await
        }
        Err(error) => form.failed(&state, error).await,
    }
}

enum Done {
    /// What the page says about it.
    Said(&'static str),
    /// A token whose text is shown now or never.
    Made(ShownToken),
}

async fn act(state: &AppState, form: &Form) -> Result<Done, AppError> {
    let accounts = state.backend.accounts();
    let viewer = form.viewer();
    let id = || form.get("id").parse().map_err(|_| AppError::no_form());
    Ok(match form.get("do") {
        "change-password" => {
            let (current, new) = (form.secret("current_password"), form.secret("new_password"));
            accounts.change_password(&viewer, &current, &new).await?;
            Done::Said("password")
        }
        "end-session" => {
            accounts.end_session(&viewer, id()?).await?;
            Done::Said("session")
        }
        "revoke-token" => {
            accounts.revoke_token(&viewer, id()?).await?;
            Done::Said("token")
        }
        "give-cluster-token" => {
            let session = form.session().ok_or_else(AppError::no_form)?;
            let (cluster, token) = (form.get("cluster"), form.get("token"));
            accounts
                .give_cluster_token(&viewer, session, cluster, token)
                .await?;
            Done::Said("cluster-token")
        }
        "forget-cluster-token" => {
            accounts
                .forget_cluster_token(&viewer, form.get("cluster"))
                .await?;
            Done::Said("cluster-token-forgotten")
        }
        "create-token" => {
            let request = TokenRequest {
                label: form.get("label").to_owned(),
                scopes: form.all("scope").filter_map(Scope::parse).collect(),
                // What is no number is refused as none is.
                valid_days: form.get("valid_days").trim().parse().unwrap_or(0),
            };
            let new = accounts.create_token(&viewer, &request).await?;
            Done::Made(ShownToken {
                label: new.summary.label,
                text: new.secret.expose().to_owned(),
            })
        }
        _ => return Err(AppError::no_form()),
    })
}
