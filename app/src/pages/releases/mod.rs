//! Releases: all of them, one with its tabs, what would be done with it, and how far an operation is.
//!
//! Everything here is a view of data that the backend gives; what cannot be had says so in its own place.

pub(super) mod action;
pub(crate) mod ask;
pub(super) mod compare;
mod drift;
#[cfg(test)]
pub(super) mod gallery;
mod header;
mod history;
pub(super) mod list;
mod logs;
mod manifest;
mod notes;
pub(super) mod operation;
mod overview;
mod progress;
mod values;

use leptos::prelude::*;
use model::logs::ReleaseLogs;
use model::release::{
    Drift, History, ReleaseDetail, ReleaseId, ResourceState, Resources, RevisionManifest, RevisionValues,
    StatusGroup,
};

use super::Page;
use crate::routes::{Links, ReleasePage, ReleaseTab};
use header::Header;

pub(super) use list::CONNECT;

/// Looking at objects that are not ready yet asks the cluster for all of them.
const SETTLING_SECS: u32 = 3;

/// What a tab shows.
pub(super) enum Tab {
    Overview(Resources),
    Values(RevisionValues),
    Manifest(RevisionManifest),
    /// `NOTES.txt` of a revision, rendered.
    Notes {
        revision: i64,
        notes: String,
    },
    Hooks(RevisionManifest),
    History(History),
    Drift(Drift),
    Logs(ReleaseLogs),
}

impl Tab {
    fn route(&self) -> ReleaseTab {
        match self {
            Self::Overview(_) => ReleaseTab::Overview,
            Self::Values(_) => ReleaseTab::Values,
            Self::Manifest(_) => ReleaseTab::Manifest,
            Self::Notes { .. } => ReleaseTab::Notes,
            Self::Hooks(_) => ReleaseTab::Hooks,
            Self::History(_) => ReleaseTab::History,
            Self::Drift(_) => ReleaseTab::Drift,
            Self::Logs(_) => ReleaseTab::Logs,
        }
    }
}

/// One release with a tab.
pub(super) fn show(release: ReleaseDetail, tab: Tab) -> Page {
    let route = tab.route();
    let id = release.summary.id.clone();
    let title = match route {
        ReleaseTab::Overview => id.name.clone(),
        tab => format!("{} \u{b7} {}", id.name, tab_label(tab)),
    };
    let description = format!(
        "Release {} of {} {} in namespace {}.",
        id.name, release.summary.chart, release.summary.chart_version, id.namespace
    );
    let canonical = Links::here().release_page(&id, ReleasePage::Tab(route));
    let is_pending = StatusGroup::of(&release.summary.status) == StatusGroup::Pending;
    let is_busy = is_pending && release.stuck.is_none();
    let is_settling =
        matches!(&tab, Tab::Overview(resources) if resources.state == Some(ResourceState::Progressing));
    let body = match tab {
        Tab::Overview(resources) => overview::overview(&release, resources),
        Tab::Values(values) => values::values(&release, values),
        Tab::Manifest(manifest) => manifest::manifest(&release, manifest),
        Tab::Notes { revision, notes } => notes::tab(&release, revision, &notes),
        Tab::Hooks(hooks) => manifest::hooks(&release, hooks),
        Tab::History(history) => history::history(&release, history),
        Tab::Drift(drift) => drift::drift(&id, drift),
        Tab::Logs(logs) => logs::logs(&id, logs),
    };
    let view = view! {
        <article class="release">
            <Header release=release tab=Some(route) />
            {body}
        </article>
    };
    let page = Page::new(title, description, canonical, view.into_any());
    match route {
        ReleaseTab::Overview if is_settling && !is_busy => page.again_after(SETTLING_SECS),
        ReleaseTab::Overview => page.live(is_busy),
        _ => page,
    }
}

fn tab_label(tab: ReleaseTab) -> &'static str {
    match tab {
        ReleaseTab::Overview => "Overview",
        ReleaseTab::Values => "Values",
        ReleaseTab::Manifest => "Manifest",
        ReleaseTab::Notes => "Notes",
        ReleaseTab::Hooks => "Hooks",
        ReleaseTab::History => "History",
        ReleaseTab::Drift => "Drift",
        ReleaseTab::Logs => "Logs",
    }
}

/// Which revision a tab shows, with the way to the newest.
fn revision_line(release: &ReleaseDetail, tab: ReleaseTab, revision: i64) -> AnyView {
    let links = Links::here();
    let newest = release.summary.revision;
    let id = &release.summary.id;
    if revision == newest {
        return view! { <p class="toolbar__facts">{format!("Revision {revision}, the newest")}</p> }
            .into_any();
    }
    view! {
        <p class="toolbar__facts">
            {format!("Revision {revision}; ")}
            <a href=links.release_tab(id, tab, None)>{format!("the newest is {newest}")}</a>
        </p>
        <a class="button" href=links.release_compare(id, revision, newest)>"Compare with the newest"</a>
    }
    .into_any()
}

/// The places that a release is in, each with its list.
pub(super) fn breadcrumbs(id: &ReleaseId, is_below: bool) -> AnyView {
    let links = Links::here();
    let cluster = model::release::ReleaseQuery {
        cluster: Some(id.cluster.clone()),
        ..Default::default()
    };
    let namespace = model::release::ReleaseQuery {
        namespace: Some(id.namespace.clone()),
        ..cluster.clone()
    };
    let release = is_below.then(|| {
        view! {
            <li>
                <a href=links.release(id)>{id.name.clone()}</a>
            </li>
        }
    });
    view! {
        <nav class="breadcrumbs" aria-label="Place">
            <ol>
                <li>
                    <a href=links.releases()>"Releases"</a>
                </li>
                <li>
                    <a href=links.release_list(&cluster)>{id.cluster.clone()}</a>
                </li>
                <li>
                    <a href=links.release_list(&namespace)>{id.namespace.clone()}</a>
                </li>
                {release}
            </ol>
        </nav>
    }
    .into_any()
}

/// Highlighted YAML whose lines have ids that no other part of the page has.
pub(super) fn yaml_lines(text: &str, prefix: &str) -> (String, u32) {
    let (html, n_lines) = backend::content::file("values.yaml", text);
    // Text is escaped, so this is found only where a line begins.
    let start = "<span class=\"line\" id=\"L";
    (
        html.replace(start, &format!("<span class=\"line\" id=\"{prefix}L")),
        n_lines,
    )
}
