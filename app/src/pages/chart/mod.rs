//! One chart: header, tabs, and what the chosen tab shows. Every tab has an address of its own.

mod changelog;
mod dependencies;
mod files;
mod graph;
mod header;
mod overview;
mod rail;
mod related;
mod resources;
mod sourced;
mod values;
mod versions;

use leptos::prelude::*;
use model::catalog::Relations;
use model::chart::{ArchiveState, Changelog, ChartDetail, Prose, VersionSummary};
use model::files::{FileEntry, FileView, ValuesView};
use model::review::{DependencyTree, RenderedChart};

use super::{Page, Request};
use crate::error::{AppError, ErrorKind};
use crate::head::{self, Head};
use crate::routes::{ChartRoute, ChartTab, Links};
use header::Header;

/// What a tab shows.
pub(super) enum Tab {
    /// The README, what the chart comes to where that is known, and what it has to do with others.
    Overview(Option<Prose>, Option<RenderedChart>, Relations),
    Resources(RenderedChart),
    Values(Option<ValuesView>),
    /// A list of files, and one of them.
    Files(Vec<FileEntry>, Option<FileView>),
    Dependencies(DependencyTree),
    Versions(Vec<VersionSummary>),
    Changelog(Changelog),
}

pub(super) async fn chart(request: &Request, route: ChartRoute) -> Result<Page, AppError> {
    match get(request, &route).await {
        Ok((chart, tab)) => Ok(show(chart, route, tab)),
        Err(mut error) => {
            if error.kind == ErrorKind::NotFound {
                let nearest = request
                    .backend
                    .catalog()
                    .suggest(&request.viewer, &route.repository, &route.name)
                    .await;
                error.suggestions = nearest.unwrap_or_default();
            }
            Err(error)
        }
    }
}

async fn get(request: &Request, route: &ChartRoute) -> Result<(ChartDetail, Tab), AppError> {
    let ChartRoute {
        repository,
        name,
        version,
        tab,
        file,
    } = route;
    let (viewer, version) = (&request.viewer, version.as_deref());
    let charts = request.backend.charts();
    let chart = charts.get(viewer, repository, name, version).await?;
    // The changelog begins with the version that the address names, or with all that there are.
    let changes_from = version;
    // Two answers of one page come from one version, even when a newer one arrives between them.
    let version = Some(chart.version.version.as_str());
    let shown = match tab {
        ChartTab::Overview => {
            let readme = charts.readme(viewer, repository, name, version).await?;
            // What is told beside the README is no reason to keep the README back.
            let glance = charts.glance(viewer, repository, name, version).await;
            let relations = charts.relations(viewer, repository, name).await;
            Tab::Overview(readme, glance.ok().flatten(), relations.unwrap_or_default())
        }
        ChartTab::Resources => Tab::Resources(charts.rendered(viewer, repository, name, version).await?),
        ChartTab::Values => Tab::Values(charts.values(viewer, repository, name, version).await?),
        ChartTab::Versions => Tab::Versions(charts.versions(viewer, repository, name).await?),
        ChartTab::Changelog => {
            Tab::Changelog(charts.changelog(viewer, repository, name, changes_from).await?)
        }
        ChartTab::Dependencies => {
            Tab::Dependencies(charts.dependencies(viewer, repository, name, version).await?)
        }
        ChartTab::Templates | ChartTab::Crds | ChartTab::Files => {
            let mut entries = charts.files(viewer, repository, name, version).await?;
            entries.retain(|entry| tab.shows(entry.kind));
            let shown = match file.as_deref().or_else(|| tab.first(&entries)) {
                Some(path) => Some(charts.file(viewer, repository, name, version, path).await?),
                None => None,
            };
            Tab::Files(entries, shown)
        }
    };
    Ok((chart, shown))
}

pub(super) fn show(chart: ChartDetail, route: ChartRoute, tab: Tab) -> Page {
    let title = page_title(&chart, &route);
    let description = match chart.version.description.as_str() {
        "" => format!(
            "Helm chart {} of the repository {}.",
            chart.name, chart.repository
        ),
        description => format!(
            "{description} Helm chart {} {}.",
            chart.name, chart.version.version
        ),
    };
    let canonical = Links::here().chart_route(&canonical(&chart, &route));
    let is_pending = chart.version.archive == ArchiveState::Pending;
    let body = match tab {
        Tab::Overview(readme, glance, relations) => {
            overview::overview(&chart, &route, readme, glance, relations)
        }
        Tab::Resources(rendered) => resources::resources(&route, &chart, rendered),
        Tab::Values(values) => values::values(&chart, &route, values),
        Tab::Files(entries, shown) => files::files(&route, entries, shown),
        Tab::Dependencies(tree) => dependencies::dependencies(&chart, &route, tree),
        Tab::Versions(versions) => versions::versions(&chart, versions),
        Tab::Changelog(log) => changelog::changelog(&chart, &route, log),
    };
    let head = head_of(&chart, &route);
    // What its people left out of the index on purpose is there for whoever names it.
    let is_gone = chart.version.yanked && chart.version.yanked_because.is_none();
    let status = if is_gone { 410 } else { 200 };
    let view = view! {
        <article class="chart">
            <Header chart=chart route=route />
            {body}
        </article>
    };
    let page = Page::new(title, description, canonical, view.into_any())
        .with_head(head)
        .with_status(status);
    if is_pending { page.live(true) } else { page }
}

/// A crawler keeps the pages of the newest version, and leaves the others and single files to those who look for them.
fn head_of(chart: &ChartDetail, route: &ChartRoute) -> Head {
    let is_newest = chart.version.version == chart.latest_version || route.tab == ChartTab::Versions;
    Head {
        is_hidden: !is_newest || route.file.is_some(),
        ..head::of_chart(chart)
    }
}

fn page_title(chart: &ChartDetail, route: &ChartRoute) -> String {
    let mut title = format!("{} {}", chart.name, chart.version.version);
    if route.tab != ChartTab::Overview {
        title.push_str(" \u{b7} ");
        title.push_str(tab_label(route.tab));
    }
    if let Some(file) = &route.file {
        title.push_str(" \u{b7} ");
        title.push_str(file);
    }
    title
}

/// The newest version's pages are known by their addresses without a version.
fn canonical(chart: &ChartDetail, route: &ChartRoute) -> ChartRoute {
    let is_newest = chart.version.version == chart.latest_version || route.tab == ChartTab::Versions;
    ChartRoute {
        version: (!is_newest).then(|| chart.version.version.clone()),
        ..route.clone()
    }
}

fn tab_label(tab: ChartTab) -> &'static str {
    match tab {
        ChartTab::Overview => "Overview",
        ChartTab::Values => "Values",
        ChartTab::Resources => "Resources",
        ChartTab::Templates => "Templates",
        ChartTab::Crds => "CRDs",
        ChartTab::Files => "Files",
        ChartTab::Dependencies => "Dependencies",
        ChartTab::Versions => "Versions",
        ChartTab::Changelog => "Changelog",
    }
}
