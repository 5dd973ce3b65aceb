//! What changed: version by version as the index says, and the file that the archive brings.

use leptos::prelude::*;
use model::chart::{ArchiveState, Change, ChangeLink, Changelog, ChartDetail, VersionChanges};

use super::super::compare::coded;
use crate::components::mark::{Look, Mark};
use crate::components::relative_time::RelativeTime;
use crate::routes::{ChartRoute, ChartTab, Links};

/// Changes of the shown version that are told beside the README.
const N_BESIDE: usize = 4;

pub(super) fn changelog(chart: &ChartDetail, route: &ChartRoute, log: Changelog) -> AnyView {
    let is_empty = log.versions.is_empty() && log.file.is_none();
    let versions: Vec<_> = log
        .versions
        .into_iter()
        .map(|version| of_version(chart, version))
        .collect();
    let file = log.file.map(|file| {
        let href = Links::here().chart_route(&ChartRoute {
            tab: ChartTab::Files,
            file: Some(file.path.clone()),
            ..route.clone()
        });
        view! {
            <section class="section changelog__file">
                <header class="section__head">
                    <h2>{file.path}</h2>
                    <a href=href>"The file"</a>
                </header>
                <div class="prose" inner_html=file.prose.html></div>
            </section>
        }
    });
    let nothing = is_empty.then(|| {
        let text = match chart.version.archive {
            ArchiveState::Ready => {
                "This version does not say what it changes. Comparing two versions shows it."
            }
            _ => "What changed may be told in the archive, which is not here yet.",
        };
        let href = Links::here().chart_route(&ChartRoute {
            tab: ChartTab::Versions,
            file: None,
            ..route.clone()
        });
        view! {
            <section class="empty">
                <p>{text}</p>
                <p class="empty__actions">
                    <a class="button" href=href>"Compare versions"</a>
                </p>
            </section>
        }
    });
    view! {
        <div class="changelog">{nothing} {versions} {file}</div>
    }
    .into_any()
}

fn of_version(chart: &ChartDetail, version: VersionChanges) -> AnyView {
    let href = Links::here().chart_version(&chart.repository, &chart.name, &version.version);
    view! {
        <section class="section changelog__version">
            <header class="section__head">
                <h2>
                    <a href=href>{version.version}</a>
                </h2>
                {version.created.map(|at| view! { <RelativeTime at=at /> })}
            </header>
            <ul class="changelog__changes">{version.changes.into_iter().map(row).collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn row(change: Change) -> AnyView {
    let links: Vec<_> = change.links.into_iter().map(link).collect();
    view! {
        <li>
            {kind(&change.kind)}
            <span class="changelog__text">{coded(&change.description)} {links}</span>
        </li>
    }
    .into_any()
}

fn link(link: ChangeLink) -> AnyView {
    view! {
        " "
        <a href=link.url rel="nofollow noopener noreferrer">
            {link.name}
        </a>
    }
    .into_any()
}

/// What kind of change it is; nothing of one that does not say.
fn kind(kind: &str) -> AnyView {
    let (status, icon) = match kind {
        "added" => ("ok", "add"),
        "changed" => ("info", "edit"),
        "deprecated" => ("warn", "alert"),
        "removed" => ("danger", "minus"),
        "fixed" => ("ok", "check"),
        "security" => ("danger", "signed"),
        _ => {
            return view! { <Mark look=Look { status: "neutral", icon: "edit" } word="change" /> }.into_any();
        }
    };
    let look = Look { status, icon };
    view! { <Mark look=look word=kind /> }.into_any()
}

/// What the shown version changes, for the rail.
pub(super) fn beside(chart: &ChartDetail, route: &ChartRoute) -> Option<AnyView> {
    if !chart.contents.has_changelog {
        return None;
    }
    let all = Links::here().chart_route(&ChartRoute {
        tab: ChartTab::Changelog,
        file: None,
        ..route.clone()
    });
    let changes = &chart.version.changes;
    let rows: Vec<_> = changes.iter().take(N_BESIDE).cloned().map(row).collect();
    let list = (!rows.is_empty()).then(|| view! { <ul class="changelog__changes">{rows}</ul> });
    let label = match changes.len().saturating_sub(N_BESIDE) {
        0 => "The whole changelog".to_owned(),
        n => format!("{n} more, and earlier versions"),
    };
    let view = view! {
        <section class="beside">
            <h2>{format!("What {} changes", chart.version.version)}</h2>
            {list}
            <p>
                <a href=all>{label}</a>
            </p>
        </section>
    };
    Some(view.into_any())
}
