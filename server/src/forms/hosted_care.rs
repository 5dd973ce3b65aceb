//! `/repositories/{name}/retention`, `…/webhooks` and `…/rights`: what is decided about a hosted repository.

use app::api::{FormOutcome, ShownToken};
use app::error::AppError;
use app::routes::HostedPage;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use backend::ops::{GrantWish, WebhookWish};
use model::hosted::{GrantSubject, HostedRight};
use model::repository::RepositoryAction;
use model::retention::RetentionRules;
use model::webhook::WebhookEvent;

use super::{Form, links, see_other};
use crate::state::AppState;

enum Done {
    /// The query by which the page says what was done.
    Said(String),
    /// A secret that is shown now or never.
    Made(ShownToken),
}

/// Does what the button that was pressed says.
pub(crate) async fn post(
    State(state): State<AppState>,
    Path((name, page)): Path<(String, String)>,
    request: Request,
) -> Response {
    let form = match Form::read(&state, request).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let page = HostedPage::from_segment(&page);
    let done = match page {
        Some(page) => act(&state, &name, page, &form).await,
        None => Err(AppError::no_form()),
    };
    match (done, page) {
        (Ok(Done::Said(done)), Some(page)) => {
            see_other(&format!("{}?done={done}", links(&state).hosted(&name, page)))
        }
        (Ok(Done::Made(token)), _) => {
            let outcome = FormOutcome {
                new_token: Some(token),
                ..FormOutcome::default()
            };
            form.page(&state, outcome).await
        }
        (Ok(Done::Said(_)), None) => form.failed(&state, AppError::no_form()).await,
        (Err(error), _) => form.failed(&state, error).await,
    }
}

async fn act(state: &AppState, repository: &str, page: HostedPage, form: &Form) -> Result<Done, AppError> {
    let hosted = state.backend.hosted();
    let viewer = form.viewer();
    let tenant = hosted
        .tenant(&viewer, repository, RepositoryAction::Manage)
        .await?;
    match page {
        HostedPage::Retention => retention(state, &tenant, form).await,
        HostedPage::Webhooks => webhook(state, &tenant, form).await,
        HostedPage::Rights => right(state, &tenant, form).await,
    }
}

async fn retention(state: &AppState, tenant: &str, form: &Form) -> Result<Done, AppError> {
    let hosted = state.backend.hosted();
    let viewer = form.viewer();
    Ok(Done::Said(match form.get("do") {
        "rules" => {
            let rules = RetentionRules {
                keep_releases: number(form, "keep_releases")?,
                release_days: number(form, "release_days")?,
                keep_prereleases: number(form, "keep_prereleases")?,
                prerelease_days: number(form, "prerelease_days")?,
                except: form.get("except").lines().map(str::to_owned).collect(),
            };
            hosted.set_retention(&viewer, tenant, Some(rules)).await?;
            "rules".to_owned()
        }
        "reset" => {
            hosted.set_retention(&viewer, tenant, None).await?;
            "reset".to_owned()
        }
        "apply" => {
            let deleted = hosted.apply_retention(&viewer, tenant, form.get("plan")).await?;
            format!("applied&n={}", deleted.n_versions)
        }
        _ => return Err(AppError::no_form()),
    }))
}

/// Nothing means no limit.
fn number(form: &Form, field: &'static str) -> Result<u32, AppError> {
    let text = form.get(field).trim();
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| {
        AppError::from(backend::Error::Invalid {
            field,
            message: "is a whole number, such as 10".to_owned(),
        })
    })
}

async fn webhook(state: &AppState, tenant: &str, form: &Form) -> Result<Done, AppError> {
    let hosted = state.backend.hosted();
    let viewer = form.viewer();
    let id = || form.get("id").parse().map_err(|_| AppError::no_form());
    let wish = |is_enabled| WebhookWish {
        url: form.get("url").to_owned(),
        events: form.all("event").filter_map(WebhookEvent::parse).collect(),
        for_all: form.get("for_all") == "true",
        is_enabled,
    };
    let word = match form.get("do") {
        "create" => {
            let made = hosted.create_webhook(&viewer, tenant, wish(true)).await?;
            return Ok(Done::Made(ShownToken {
                label: "The webhook was added.".to_owned(),
                text: made.secret,
            }));
        }
        "renew" => {
            let made = hosted.renew_webhook(&viewer, tenant, id()?).await?;
            return Ok(Done::Made(ShownToken {
                label: "The webhook has a new secret; the old one signs nothing any more.".to_owned(),
                text: made.secret,
            }));
        }
        "update" => {
            let is_enabled = form.get("enabled") == "true";
            hosted
                .update_webhook(&viewer, tenant, id()?, wish(is_enabled))
                .await?;
            "updated"
        }
        "test" => {
            hosted.test_webhook(&viewer, tenant, id()?).await?;
            "tested"
        }
        "delete" => {
            hosted.delete_webhook(&viewer, tenant, id()?).await?;
            return Ok(Done::Said("deleted".to_owned()));
        }
        _ => return Err(AppError::no_form()),
    };
    Ok(Done::Said(format!("{word}&id={}", id()?)))
}

async fn right(state: &AppState, tenant: &str, form: &Form) -> Result<Done, AppError> {
    let hosted = state.backend.hosted();
    let viewer = form.viewer();
    let word = match form.get("do") {
        "grant" => {
            let wish = GrantWish {
                subject: GrantSubject::parse(form.get("subject")).ok_or_else(AppError::no_form)?,
                name: form.get("who"),
                place: form.get("place"),
                right: HostedRight::parse(form.get("right")).ok_or_else(AppError::no_form)?,
            };
            hosted.grant_right(&viewer, tenant, wish).await?;
            "granted"
        }
        "revoke" => {
            let id = form.get("id").parse().map_err(|_| AppError::no_form())?;
            hosted.revoke_right(&viewer, tenant, id).await?;
            "revoked"
        }
        _ => return Err(AppError::no_form()),
    };
    Ok(Done::Said(word.to_owned()))
}
