//! `/operations/{id}`: how far an operation is, what it has done, and what to do when it has ended.

use leptos::prelude::*;
use model::operation::{OperationEvent, OperationKind, OperationState, OperationSummary};

use super::super::Page;
use super::breadcrumbs;
use super::progress::{DoneObject, HookRun, PodLog, Progress, Waiting};
use crate::api::FormOutcome;
use crate::components::form::{FormToken, why_not};
use crate::components::icon::Icon;
use crate::components::mark::{Look, Mark};
use crate::components::relative_time::RelativeTime;
use crate::components::section;
use crate::format::count;
use crate::routes::{ActionQuery, Links, ReleaseAction, ReleasePage, ReleaseTab};

/// `outcome` is of the form that cancels.
pub(in crate::pages) fn show(
    operation: &OperationSummary,
    events: Vec<OperationEvent>,
    can_cancel: bool,
    outcome: &FormOutcome,
) -> Page {
    let links = Links::here();
    let release = &operation.release;
    let title = format!("{} {}", verb(operation.kind), release.name);
    let description = format!("{title}: {}.", operation.state.as_str());
    let look = Look::of_operation(operation.state);
    let progress = Progress::of(events);
    let has_ended = operation.state.has_ended();
    let waiting = progress.waiting.filter(|_| !has_ended).map(waiting);
    let cancel = (can_cancel && !has_ended).then(|| cancel(operation));
    let next = has_ended.then(|| next(operation));
    let view = view! {
        <article class="release operation">
            {breadcrumbs(release, true)}
            <header class="page-header">
                <h1>{title.clone()}</h1>
                <div class="health" data-status=look.status role="status">
                    <Icon name=look.icon />
                    <p>{sentence(operation)}</p>
                </div>
                <p class="muted">{asked(operation)}</p>
                {why_not(outcome)}
                {next}
                {cancel}
            </header>
            <div class="plan">
                {waiting}
                {section::warnings("Warnings", progress.warnings)}
                {objects(progress.objects, has_ended)}
                {hooks(progress.hooks)}
                {logs(progress.logs)}
            </div>
        </article>
    };
    let page = Page::new(
        title,
        description,
        links.operation(&operation.id),
        view.into_any(),
    );
    let page = page.answering(outcome);
    if has_ended { page } else { page.live(true) }
}

fn verb(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Install => "Install",
        OperationKind::Upgrade => "Upgrade",
        OperationKind::Rollback => "Roll back",
        OperationKind::Uninstall => "Uninstall",
        OperationKind::Test => "Test",
    }
}

fn sentence(operation: &OperationSummary) -> String {
    let message = operation.message.trim_end_matches('.');
    let because = |otherwise: &str| {
        if message.is_empty() {
            format!("{otherwise}.")
        } else {
            format!("{otherwise}: {message}.")
        }
    };
    let revision = operation.revision;
    match operation.state {
        OperationState::Queued => "Waits for its turn.".to_owned(),
        OperationState::Running => match revision {
            Some(revision) => format!("Running: revision {revision} is recorded and being applied."),
            None => "Running.".to_owned(),
        },
        OperationState::Succeeded => match (operation.kind, revision) {
            (OperationKind::Uninstall, _) => "Succeeded: the release is uninstalled.".to_owned(),
            (OperationKind::Test, _) => "Succeeded: every test passed.".to_owned(),
            (_, Some(revision)) => format!("Succeeded: revision {revision} is deployed."),
            (_, None) => "Succeeded.".to_owned(),
        },
        OperationState::Failed => because("Failed"),
        OperationState::Canceled => because("Canceled"),
        OperationState::Interrupted => because("Interrupted: the process that did it went away"),
    }
}

fn asked(operation: &OperationSummary) -> AnyView {
    let ended = operation
        .ended
        .map(|at| view! { ", ended " <RelativeTime at=at /> });
    view! {
        {format!("{}, asked for by {} ", operation.kind.as_str(), operation.by)}
        <RelativeTime at=operation.created />
        {ended}
    }
    .into_any()
}

fn waiting(waiting: Waiting) -> AnyView {
    let Waiting {
        ready,
        objects,
        object,
        message,
    } = waiting;
    let words = format!("{ready} of {} ready", count(objects as u64, "object"));
    let reason = object.map(|object| {
        view! {
            <p>
                <strong>{object}</strong>
                " "
                {message}
            </p>
        }
    });
    view! {
        <section class="section">
            <header class="section__head">
                <h2>"Waiting"</h2>
                <p class="muted">{words}</p>
            </header>
            <div class="waiting">
                <progress max=objects.to_string() value=ready.to_string() aria-label="Objects that are ready"></progress>
                {reason}
            </div>
        </section>
    }
    .into_any()
}

fn objects(objects: Vec<DoneObject>, has_ended: bool) -> AnyView {
    let n_objects = (!objects.is_empty()).then(|| count(objects.len() as u64, "object"));
    let body = if objects.is_empty() {
        let text = if has_ended {
            "No object was touched."
        } else {
            "No object was touched yet."
        };
        view! { <p class="muted section__note">{text}</p> }.into_any()
    } else {
        let rows = objects
            .into_iter()
            .map(|done| {
                view! {
                    <li class="object">
                        <Mark look=Look::of_done(done.action) word=done.action.as_str() />
                        {named(&done.object)}
                        <span class="object__facts"><RelativeTime at=done.at /></span>
                    </li>
                }
            })
            .collect_view();
        view! { <ul class="planned-list">{rows}</ul> }.into_any()
    };
    view! {
        <section class="section">
            <header class="section__head">
                <h2>"Objects"</h2>
                <p class="muted">{n_objects}</p>
            </header>
            {body}
        </section>
    }
    .into_any()
}

/// `Deployment shop/web`: the kind and the name.
fn named(object: &str) -> AnyView {
    let (kind, name) = object.split_once(' ').unwrap_or(("", object));
    view! {
        <span class="object__kind">{kind.to_owned()}</span>
        <strong class="object__name">{name.to_owned()}</strong>
    }
    .into_any()
}

fn hooks(hooks: Vec<HookRun>) -> Option<AnyView> {
    if hooks.is_empty() {
        return None;
    }
    let rows = hooks
        .into_iter()
        .map(|run| {
            let (state, word) = match run.succeeded {
                None => (OperationState::Running, "runs"),
                Some(true) => (OperationState::Succeeded, "succeeded"),
                Some(false) => (OperationState::Failed, "failed"),
            };
            view! {
                <li class="object">
                    <Mark look=Look::of_operation(state) word=word />
                    <span class="object__kind">{run.phase}</span>
                    <strong class="object__name">{run.hook}</strong>
                </li>
            }
        })
        .collect_view();
    Some(
        view! {
            <section class="section">
                <header class="section__head">
                    <h2>"Hooks"</h2>
                </header>
                <ul class="planned-list">{rows}</ul>
            </section>
        }
        .into_any(),
    )
}

fn logs(logs: Vec<PodLog>) -> Option<AnyView> {
    if logs.is_empty() {
        return None;
    }
    let rows = logs
        .into_iter()
        .enumerate()
        .map(|(at, log)| {
            let name = format!("{} in {}", log.container, log.pod);
            view! {
                <details class="disclosure" id=format!("log-{at}") open=true>
                    <summary>{name.clone()}</summary>
                    <div class="code-view code-view--plain" role="region" aria-label=name tabindex="0">
                        <pre>
                            <code>{log.text}</code>
                        </pre>
                    </div>
                </details>
            }
        })
        .collect_view();
    Some(
        view! {
            <section class="section">
                <header class="section__head">
                    <h2>"Logs"</h2>
                </header>
                {rows}
            </section>
        }
        .into_any(),
    )
}

fn cancel(operation: &OperationSummary) -> AnyView {
    view! {
        <form class="form form--row" method="post" action=Links::here().operation(&operation.id)>
            <FormToken />
            <button class="button button--danger" name="do" value="cancel">"Cancel"</button>
            <p class="muted">"It stops at the next step, and records how far it came."</p>
        </form>
    }
    .into_any()
}

/// What to do now.
fn next(operation: &OperationSummary) -> AnyView {
    let links = Links::here();
    let release = &operation.release;
    let is_gone = operation.kind == OperationKind::Uninstall && operation.state == OperationState::Succeeded;
    let to_release = (!is_gone).then(|| (links.release(release), "See the release"));
    let is_well = operation.state == OperationState::Succeeded;
    let to_notes = (is_well && operation.kind != OperationKind::Test && !is_gone).then(|| {
        (
            links.release_page(release, ReleasePage::Tab(ReleaseTab::Notes)),
            "Read its notes",
        )
    });
    let changed = matches!(operation.kind, OperationKind::Upgrade | OperationKind::Rollback);
    let to_rollback =
        (!is_well && changed && operation.revision.is_some_and(|revision| revision > 1)).then(|| {
            let href = links.release_action(release, ReleaseAction::Rollback, &ActionQuery::default());
            (href, "Roll back")
        });
    let to_uninstall = (!is_well && operation.kind == OperationKind::Install && operation.revision.is_some())
        .then(|| {
            let href = links.release_action(release, ReleaseAction::Uninstall, &ActionQuery::default());
            (href, "Uninstall")
        });
    let to_list = is_gone.then(|| (links.releases(), "All releases"));
    let actions = [to_release, to_notes, to_rollback, to_uninstall, to_list]
        .into_iter()
        .flatten()
        .map(|(href, label)| view! { <a class="button" href=href>{label}</a> })
        .collect_view();
    view! { <p class="operation__next">{actions}</p> }.into_any()
}
