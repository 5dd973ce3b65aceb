//! The head of a release's pages: what it is, how it is, what can be done, and the tabs.

use leptos::prelude::*;
use model::release::{ReleaseDetail, Stuck};

use super::list::newer;
use super::{breadcrumbs, tab_label};
use crate::components::chart_icon::ChartIcon;
use crate::components::icon::Icon;
use crate::components::mark::{Look, Mark};
use crate::components::notice::Notice;
use crate::components::relative_time::RelativeTime;
use crate::format::size;
use crate::routes::{ActionQuery, Links, ReleaseAction, ReleasePage, ReleaseTab};

/// A record that leaves less of its limit than this is worth a warning.
const ROOM_PERCENT: usize = 20;

/// Place, name, status, actions, notices and tabs.
#[component]
pub(super) fn Header(
    release: ReleaseDetail,
    /// The tab that is open.
    tab: Option<ReleaseTab>,
) -> impl IntoView {
    let summary = &release.summary;
    let icon = summary
        .source
        .as_ref()
        .and_then(|source| source.icon.as_ref())
        .map(|path| format!("/icons/{path}"));
    view! {
        {breadcrumbs(&summary.id, false)}
        <header class="chart-header release-header">
            <ChartIcon icon=icon is_library=false size=56 />
            <div class="chart-header__main">
                <div class="chart-header__title">
                    <h1>{summary.id.name.clone()}</h1>
                    <Mark look=Look::of_release(&summary.status) word=summary.status.clone() />
                </div>
                <p class="chart-header__description">{facts(&release)}</p>
            </div>
            {actions(&release)}
        </header>
        {notices(&release)}
        {tabs(&release, tab)}
    }
}

/// `nginx 1.2.3 (newer: 1.3.0), revision 4, updated 2 hours ago by alice`.
fn facts(release: &ReleaseDetail) -> AnyView {
    let summary = &release.summary;
    let chart = match &summary.source {
        Some(source) => {
            let href = Links::here().chart_version(&source.repository, &source.chart, &summary.chart_version);
            view! { <a href=href>{summary.chart.clone()}</a> }.into_any()
        }
        None => summary.chart.clone().into_any(),
    };
    let by = summary.by.as_ref().map(|by| format!(" by {by}"));
    view! {
        {chart}
        " "
        <span class="version">{summary.chart_version.clone()}</span>
        {newer(summary)}
        <span class="release-header__fact">{format!("revision {}", summary.revision)}</span>
        {summary
            .updated
            .map(|at| view! { <span class="release-header__fact">"updated " <RelativeTime at=at /> {by}</span> })}
    }
    .into_any()
}

fn actions(release: &ReleaseDetail) -> Option<AnyView> {
    if !release.rights.change {
        return None;
    }
    let links = Links::here();
    let id = &release.summary.id;
    let to = |action| links.release_action(id, action, &ActionQuery::default());
    let newer = release.summary.newer_version.as_deref();
    let class = if newer.is_some() {
        "button button--primary"
    } else {
        "button"
    };
    let upgrade = links.release_upgrade(id, newer);
    let test = release.has_tests.then(|| {
        view! {
            <a class="button" href=to(ReleaseAction::Test)>
                <Icon name="play" />
                "Run tests"
            </a>
        }
    });
    let rollback = (release.summary.revision > 1).then(|| {
        view! {
            <a class="button" href=to(ReleaseAction::Rollback)>
                <Icon name="undo" />
                "Roll back"
            </a>
        }
    });
    let view = view! {
        <nav class="release-header__actions" aria-label="Actions">
            <a class=class href=upgrade>
                <Icon name="newer" />
                "Upgrade"
            </a>
            {test}
            {rollback}
            <a class="button button--danger" href=to(ReleaseAction::Uninstall)>
                <Icon name="trash" />
                "Uninstall"
            </a>
        </nav>
    };
    Some(view.into_any())
}

fn notices(release: &ReleaseDetail) -> AnyView {
    let summary = &release.summary;
    let operation = summary
        .operation
        .as_ref()
        .filter(|operation| !operation.state.has_ended())
        .map(|operation| {
            let href = Links::here().operation(&operation.id);
            let text = format!(
                "{} by {} goes on. ",
                a_kind(operation.kind.as_str()),
                operation.by
            );
            view! { <Notice status="info">{text} <a href=href>"How far it is"</a> "."</Notice> }
        });
    let failed = (summary.status == "failed").then(|| {
        let deployed = match release.deployed_revision {
            Some(revision) if revision != summary.revision => {
                format!(" The objects of revision {revision} are meant to be in the cluster.")
            }
            _ => String::new(),
        };
        let text = format!(
            "Revision {} failed: {}.{deployed}",
            summary.revision,
            summary.description.trim_end_matches('.')
        );
        view! { <Notice status="danger">{text}</Notice> }
    });
    let percent = release.record_size_bytes.saturating_mul(100) / release.record_limit_bytes.max(1);
    let large = (release.record_limit_bytes > 0 && percent + ROOM_PERCENT > 100).then(|| {
        let text = format!(
            "The record of this release fills {percent}% of the {} that a cluster keeps. One that is larger cannot be \
             stored, and the operation that makes it would fail.",
            size(release.record_limit_bytes as u64)
        );
        view! { <Notice status="warn">{text}</Notice> }
    });
    view! {
        {operation}
        {release.stuck.as_ref().map(stuck)}
        {failed}
        {large}
    }
    .into_any()
}

fn stuck(stuck: &Stuck) -> AnyView {
    let since = stuck.since.map(|at| view! { " since " <RelativeTime at=at /> });
    let (status, explanation) = (stuck.status.clone(), stuck.explanation.clone());
    view! {
        <Notice status="warn">
            <strong>{status}</strong>
            {since}
            ", and nobody seems to go on with it. "
            {explanation}
        </Notice>
    }
    .into_any()
}

fn a_kind(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "An"
    } else {
        "A"
    };
    format!("{article} {kind}")
}

fn tabs(release: &ReleaseDetail, current: Option<ReleaseTab>) -> AnyView {
    let links = Links::here();
    let id = &release.summary.id;
    let tabs = ReleaseTab::ALL.map(|tab| {
        let href = links.release_page(id, ReleasePage::Tab(tab));
        view! {
            <li>
                <a href=href aria-current=(Some(tab) == current).then_some("page") data-noscroll=true>
                    {tab_label(tab)}
                </a>
            </li>
        }
    });
    view! {
        <nav class="tabs" aria-label="Release">
            <ul>{tabs.into_iter().collect_view()}</ul>
        </nav>
    }
    .into_any()
}
