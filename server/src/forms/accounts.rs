//! `/accounts`: users and their roles, for administrators.

use app::error::AppError;
use axum::extract::{Request, State};
use axum::response::Response;
use backend::ops::NewUser;
use backend::store::KubernetesIdentity;
use model::access::{Grant, Role};

use super::{Form, links, see_other};
use crate::state::AppState;

/// Does what the button that was pressed says.
pub(crate) async fn post(State(state): State<AppState>, request: Request) -> Response {
    let form = match Form::read(&state, request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    match act(&state, &form).await {
        Ok(word) => see_other(&links(&state).accounts_after(word, form.get("name").trim())),
        Err(error) => form.failed(&state, error).await,
    }
}

/// Answers the word by which the page says what was done.
async fn act(state: &AppState, form: &Form) -> Result<&'static str, AppError> {
    let accounts = state.backend.accounts();
    let viewer = form.viewer();
    let name = form.get("name").trim();
    Ok(match form.get("do") {
        "create" => {
            let new = NewUser {
                name: name.to_owned(),
                password: form.secret("password"),
                // A role is chosen or not; where it holds is said with it.
                grants: if form.get("role").is_empty() {
                    Vec::new()
                } else {
                    vec![grant(form)?]
                },
                identity: KubernetesIdentity::default(),
            };
            accounts.create_user(&viewer, new).await?;
            "create"
        }
        "disable" => {
            accounts.disable_user(&viewer, name).await?;
            "disable"
        }
        "enable" => {
            accounts.enable_user(&viewer, name).await?;
            "enable"
        }
        "password" => {
            accounts
                .reset_password(&viewer, name, &form.secret("password"))
                .await?;
            "password"
        }
        "grant" => {
            accounts.grant(&viewer, name, &grant(form)?).await?;
            "grant"
        }
        "revoke" => {
            accounts.revoke(&viewer, name, &grant(form)?).await?;
            "revoke"
        }
        "identity" => {
            let identity = KubernetesIdentity {
                user: form.optional("kubernetes_user"),
                groups: form
                    .get("kubernetes_groups")
                    .split([',', ' ', '\n', '\r'])
                    .filter(|group| !group.is_empty())
                    .map(str::to_owned)
                    .collect(),
            };
            accounts.set_kubernetes_identity(&viewer, name, &identity).await?;
            "identity"
        }
        _ => return Err(AppError::no_form()),
    })
}

fn grant(form: &Form) -> Result<Grant, AppError> {
    Ok(Grant {
        role: Role::parse(form.get("role")).ok_or_else(AppError::no_form)?,
        cluster: form.optional("cluster"),
        namespace: form.optional("namespace"),
    })
}
