//! The head of a chart's pages: what it is, which version, and the tabs.

use leptos::prelude::*;
use model::chart::{ArchiveState, ChartDetail, VersionSummary};
use model::signature::SignatureState;

use super::tab_label;
use crate::components::badges::{BadgeFacts, Badges};
use crate::components::chart_icon::ChartIcon;
use crate::components::icon::Icon;
use crate::components::notice::Notice;
use crate::components::relative_time::RelativeTime;
use crate::components::signature;
use crate::format::number;
use crate::routes::{ChartRoute, ChartTab, Links};

/// Header, notices and tabs.
#[component]
pub(super) fn Header(chart: ChartDetail, route: ChartRoute) -> impl IntoView {
    let links = Links::here();
    let version = &chart.version;
    let facts = BadgeFacts {
        deprecated: version.deprecated,
        yanked: version.yanked,
        is_library: version.is_library,
        is_signed: version.is_signed,
        is_verified: is_verified(&chart),
        has_schema: version.has_schema,
        is_official: chart.is_official,
        is_prerelease: chart
            .newest_versions
            .iter()
            .any(|known| known.version == version.version && known.is_prerelease),
    };
    let picker = picker(links, &chart, &route);
    // A library installs nothing by itself.
    let install = (!version.is_library).then(|| {
        let to = links.install(&chart.repository, &chart.name, Some(&version.version));
        view! { <a class="button button--primary" href=to>"Install"</a> }
    });
    let notices = notices(links, &chart, &route);
    let tabs = tabs(links, &chart, &route);
    view! {
        <header class="chart-header">
            <ChartIcon icon=version.icon.clone() is_library=version.is_library size=56 />
            <div class="chart-header__main">
                <p class="chart-header__repository">
                    <a href=links.repository_charts(&chart.repository)>{chart.repository.clone()}</a>
                </p>
                <div class="chart-header__title">
                    <h1>{chart.name.clone()}</h1>
                    <Badges facts=facts />
                </div>
                <p class="chart-header__description">{version.description.clone()}</p>
            </div>
            <div class="chart-header__actions">
                {picker}
                {install}
            </div>
        </header>
        {notices}
        {tabs}
    }
}

/// The newest versions as a menu that needs no script.
fn picker(links: Links, chart: &ChartDetail, route: &ChartRoute) -> AnyView {
    let current = chart.version.version.clone();
    let all = links.chart_route(&ChartRoute {
        tab: ChartTab::Versions,
        file: None,
        ..route.clone()
    });
    let n_versions = chart.n_versions;
    let rows = chart
        .newest_versions
        .iter()
        .map(|known| choice(links, route, known, &current))
        .collect_view();
    view! {
        <details class="version-picker">
            <summary>
                <span class="visually-hidden">"Version"</span>
                <span class="version-picker__current">{current.clone()}</span>
                <Icon name="down" />
            </summary>
            <div class="version-picker__menu">
                <ul>{rows}</ul>
                <a class="version-picker__all" href=all>
                    {format!("All versions ({})", number(n_versions.into()))}
                </a>
            </div>
        </details>
    }
    .into_any()
}

fn choice(links: Links, route: &ChartRoute, known: &VersionSummary, current: &str) -> AnyView {
    let to = ChartRoute {
        version: Some(known.version.clone()),
        ..route.clone()
    };
    let is_current = known.version == current;
    let note = match (known.yanked, known.is_prerelease) {
        (true, _) => Some("yanked"),
        (_, true) => Some("pre-release"),
        _ => None,
    };
    view! {
        <li>
            <a href=links.chart_route(&to) aria-current=is_current.then_some("true")>
                <span class="version-picker__version">{known.version.clone()}</span>
                {note.map(|note| view! { <span class="muted">{note}</span> })}
                {known.created.map(|at| view! { <RelativeTime at=at /> })}
            </a>
        </li>
    }
    .into_any()
}

fn notices(links: Links, chart: &ChartDetail, route: &ChartRoute) -> AnyView {
    let version = &chart.version;
    let newest = (version.version != chart.latest_version).then(|| {
        let to = ChartRoute {
            version: None,
            file: None,
            ..route.clone()
        };
        let (status, text) = if let Some(reason) = &version.yanked_because {
            (
                "danger",
                format!(
                    "Version {} was yanked: {reason}. Install another: the newest is ",
                    version.version
                ),
            )
        } else if version.yanked {
            (
                "danger",
                format!(
                    "Version {} is gone from its repository. The newest is ",
                    version.version
                ),
            )
        } else {
            (
                "info",
                format!("This is version {}. The newest is ", version.version),
            )
        };
        let href = links.chart_route(&to);
        let latest = chart.latest_version.clone();
        view! {
            <Notice status=status>
                {text} <a href=href>{latest}</a> "."
            </Notice>
        }
    });
    let yanked = (version.yanked && version.version == chart.latest_version).then(|| {
        let text = match &version.yanked_because {
            Some(reason) => format!("Every version of this chart was yanked; this one because: {reason}."),
            None => "This chart is gone from its repository; what is shown is the last copy.".to_owned(),
        };
        view! { <Notice status="danger">{text}</Notice> }
    });
    let deprecated = version.deprecated.then(|| {
        let text = match &version.deprecated_because {
            Some(reason) => format!("Its maintainers no longer recommend this chart: {reason}."),
            None => "Its maintainers no longer recommend this chart.".to_owned(),
        };
        view! { <Notice status="warn">{text}</Notice> }
    });
    let archive = match &version.archive {
        ArchiveState::Ready => None,
        ArchiveState::Pending => Some(
            view! { <Notice status="info">"The archive is being fetched; what is shown comes from the index."</Notice> }.into_any(),
        ),
        ArchiveState::Failed { reason } => {
            let text = format!("The archive could not be read: {reason}. What is shown comes from the index.");
            Some(view! { <Notice status="danger">{text}</Notice> }.into_any())
        }
    };
    view! {
        {newest}
        {yanked}
        {deprecated}
        {archive}
        {chart.signature.as_ref().and_then(signature::notice)}
    }
    .into_any()
}

fn is_verified(chart: &ChartDetail) -> bool {
    let state = chart.signature.as_ref().map(|check| check.state);
    state == Some(SignatureState::Verified)
}

fn tabs(links: Links, chart: &ChartDetail, route: &ChartRoute) -> AnyView {
    let contents = &chart.contents;
    let shown = |tab| match tab {
        ChartTab::Overview => (true, None),
        ChartTab::Values => (
            contents.has_values || chart.version.archive != ArchiveState::Ready,
            None,
        ),
        ChartTab::Resources => (
            contents.n_templates > 0
                && !chart.version.is_library
                && chart.version.archive == ArchiveState::Ready,
            None,
        ),
        ChartTab::Templates => (contents.n_templates > 0, Some(contents.n_templates)),
        ChartTab::Crds => (contents.n_crds > 0, Some(contents.n_crds)),
        ChartTab::Files => (contents.n_files > 0, Some(contents.n_files)),
        ChartTab::Dependencies => (contents.n_dependencies > 0, Some(contents.n_dependencies)),
        ChartTab::Versions => (true, Some(chart.n_versions)),
        ChartTab::Changelog => (contents.has_changelog, None),
    };
    let tabs = ChartTab::ALL
        .into_iter()
        .filter(|tab| shown(*tab).0 || *tab == route.tab)
        .map(|tab| {
            let href = links.chart_route(&ChartRoute {
                tab,
                file: None,
                ..route.clone()
            });
            view! {
                <li>
                    <a href=href aria-current=(tab == route.tab).then_some("page") data-noscroll=true>
                        {tab_label(tab)}
                        {shown(tab).1.map(|n| view! { <span class="tabs__count">{number(n.into())}</span> })}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label="Chart">
            <ul>{tabs}</ul>
        </nav>
    }
    .into_any()
}
