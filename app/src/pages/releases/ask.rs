//! The backend's part of the pages: what each asks for before it is shown.

use model::operation::{OperationOptions, OperationRequest};
use model::release::{ClusterProblem, ReleaseId, ReleaseQuery, Resources};

use super::action::Preview;
use super::{Tab, action, compare, list, operation, show};
use crate::api::form_outcome;
use crate::error::{AppError, ErrorKind};
use crate::pages::{Page, Request, change};
use crate::routes::{
    ActionQuery, ReleaseAction, ReleasePage, ReleaseRoute, ReleaseTab, action_query, log_query,
    release_query, release_search, revision,
};

/// The stream that says when lists of releases change, for a query.
fn events(query: &ReleaseQuery) -> String {
    format!("/api/v1/releases/events{}", release_search(query))
}

/// What has to be asked of one namespace.
fn place(id: &ReleaseId) -> ReleaseQuery {
    ReleaseQuery {
        cluster: Some(id.cluster.clone()),
        namespace: Some(id.namespace.clone()),
        ..ReleaseQuery::default()
    }
}

pub(in crate::pages) async fn releases(request: &Request, search: &str) -> Result<Page, AppError> {
    let query = release_query(search);
    let releases = request.backend.releases();
    let found = releases.list(&request.viewer, &query).await?;
    let clusters = releases.clusters(&request.viewer)?;
    let page = list::show(&query, found, &clusters);
    Ok(if clusters.is_empty() {
        page
    } else {
        page.following(events(&query))
    })
}

pub(in crate::pages) async fn release(
    request: &Request,
    route: ReleaseRoute,
    search: &str,
) -> Result<Page, AppError> {
    let id = &route.release;
    match route.page {
        ReleasePage::Tab(tab) => {
            let detail = request.backend.releases().get(&request.viewer, id).await?;
            let shown = tab_of(request, id, tab, search).await?;
            let page = show(detail, shown);
            Ok(match tab {
                // How objects are is in no record.
                ReleaseTab::Overview => page.partly_following(events(&place(id))),
                _ => page,
            })
        }
        ReleasePage::Compare => {
            let (Some(from), Some(to)) = (revision(search, "from"), revision(search, "to")) else {
                return Err(AppError::new(
                    ErrorKind::Invalid,
                    "two revisions are compared: `from` and `to` are their numbers",
                ));
            };
            let releases = request.backend.releases();
            let compared = releases.compare(&request.viewer, id, from, to).await?;
            Ok(compare::show(id, compared))
        }
        ReleasePage::Upgrade => change::ask::upgrade(request, id, search).await,
        ReleasePage::Action(wanted) => preview(request, id, wanted, search).await,
    }
}

async fn tab_of(request: &Request, id: &ReleaseId, tab: ReleaseTab, search: &str) -> Result<Tab, AppError> {
    let releases = request.backend.releases();
    let viewer = &request.viewer;
    let wanted = revision(search, "revision");
    Ok(match tab {
        // The record is shown, whatever the cluster says of the objects.
        ReleaseTab::Overview => Tab::Overview(match releases.resources(viewer, id).await {
            Ok(resources) => resources,
            Err(error) => Resources {
                problems: vec![problem(error.into())],
                ..Resources::default()
            },
        }),
        ReleaseTab::Values => Tab::Values(releases.values(viewer, id, wanted).await?),
        ReleaseTab::Manifest => Tab::Manifest(releases.manifest(viewer, id, wanted).await?),
        ReleaseTab::Notes => {
            let (revision, notes) = releases.notes(viewer, id, wanted).await?;
            Tab::Notes { revision, notes }
        }
        ReleaseTab::Hooks => Tab::Hooks(releases.hooks(viewer, id, wanted).await?),
        ReleaseTab::History => Tab::History(releases.history(viewer, id).await?),
        ReleaseTab::Drift => Tab::Drift(releases.drift(viewer, id).await?),
        ReleaseTab::Logs => {
            let query = log_query(search);
            let wanted = backend::ops::LogQuery {
                pod: query.pod,
                container: query.container,
                previous: query.is_previous,
                ..backend::ops::LogQuery::default()
            };
            Tab::Logs(releases.logs(viewer, id, &wanted).await?)
        }
    })
}

fn problem(error: AppError) -> ClusterProblem {
    ClusterProblem {
        message: error.message,
        role_yaml: error.role_yaml,
    }
}

/// What an action asks of the backend.
pub fn operation_request(action: ReleaseAction, query: &ActionQuery) -> OperationRequest {
    let options: OperationOptions = query.options.clone();
    match action {
        ReleaseAction::Rollback => OperationRequest::Rollback {
            revision: query.revision,
            options,
        },
        ReleaseAction::Uninstall => OperationRequest::Uninstall { options },
        ReleaseAction::Test => OperationRequest::Test { options },
    }
}

async fn preview(
    request: &Request,
    id: &ReleaseId,
    wanted: ReleaseAction,
    search: &str,
) -> Result<Page, AppError> {
    let releases = request.backend.releases();
    let viewer = &request.viewer;
    let detail = releases.get(viewer, id).await?;
    let mut query = action_query(search);
    let preview = match wanted {
        ReleaseAction::Rollback => {
            let history = releases.history(viewer, id).await?;
            let to = match query.revision {
                Some(to) => to,
                None => before(&detail, &history)?,
            };
            query.revision = Some(to);
            let plan = releases
                .plan(viewer, id, &operation_request(wanted, &query))
                .await?;
            Preview::Rollback { to, plan, history }
        }
        ReleaseAction::Uninstall => Preview::Uninstall {
            plan: releases
                .plan(viewer, id, &operation_request(wanted, &query))
                .await?,
        },
        ReleaseAction::Test => Preview::Test {
            hooks: releases.tests(viewer, id).await?,
        },
    };
    Ok(action::show(&detail, &query, preview, &form_outcome()))
}

/// The revision to go back to where none is named: the last before the newest that was ever deployed.
fn before(
    detail: &model::release::ReleaseDetail,
    history: &model::release::History,
) -> Result<i64, AppError> {
    let was_deployed = |status: &str| matches!(status, "deployed" | "superseded");
    let earlier = history
        .revisions
        .iter()
        .filter(|revision| revision.revision < detail.summary.revision);
    earlier
        .filter(|revision| was_deployed(&revision.status))
        .map(|revision| revision.revision)
        .max()
        .ok_or_else(|| {
            AppError::new(
                ErrorKind::Conflict,
                "no earlier revision of this release was ever deployed, so there is nothing to roll back to",
            )
        })
}

pub(in crate::pages) async fn operation(request: &Request, id: &str) -> Result<Page, AppError> {
    let operations = request.backend.operations();
    let viewer = &request.viewer;
    let found = operations.get(viewer, id).await?;
    let mut events = Vec::new();
    // All of them: what is told was told in order.
    while events.len() < MAX_EVENTS {
        let after = events
            .last()
            .map_or(0, |event: &model::operation::OperationEvent| event.number);
        let more = operations.events(viewer, id, after).await?;
        if more.is_empty() {
            break;
        }
        events.extend(more);
    }
    let last = events.last().map_or(0, |event| event.number);
    let change = backend::Action::ChangeReleases {
        cluster: &found.release.cluster,
        namespace: &found.release.namespace,
    };
    let can_cancel = request.backend.authorise(viewer, change).is_ok();
    let has_ended = found.state.has_ended();
    let page = operation::show(&found, events, can_cancel, &form_outcome());
    Ok(if has_ended {
        page
    } else {
        page.following(format!("/api/v1/operations/{id}/events?after={last}"))
    })
}

/// Events that a page shows.
const MAX_EVENTS: usize = 10_000;
