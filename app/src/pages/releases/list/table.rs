//! The releases of a list, one a row.

use leptos::prelude::*;
use model::release::ReleaseSummary;

use crate::components::icon::Icon;
use crate::components::mark::{Look, Mark};
use crate::components::relative_time::RelativeTime;
use crate::routes::Links;

pub(super) fn table(releases: &[ReleaseSummary], with_cluster: bool) -> AnyView {
    let rows = releases
        .iter()
        .map(|release| row(release, with_cluster))
        .collect_view();
    view! {
        <div class="table-scroll" tabindex="0">
            <table class="data-table data-table--stacked release-table">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Namespace"</th>
                        <th scope="col">"Chart"</th>
                        <th scope="col">"App"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Revision"</th>
                        <th scope="col">"Updated"</th>
                        <th scope="col">"By"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(release: &ReleaseSummary, with_cluster: bool) -> AnyView {
    let links = Links::here();
    let cluster =
        with_cluster.then(|| view! { <span class="release-table__sub">{release.id.cluster.clone()}</span> });
    let by = release.by.clone();
    let app = Some(release.app_version.clone()).filter(|app| !app.is_empty());
    view! {
        <tr>
            <td class="release-table__name">
                <a href=links.release(&release.id)>{release.id.name.clone()}</a>
            </td>
            <td class="release-table__place">{release.id.namespace.clone()} {cluster}</td>
            <td class="release-table__chart">{chart(release)}</td>
            <td data-label="App">{app}</td>
            <td class="release-table__status">{status(release)}</td>
            <td data-label="Revision">{release.revision}</td>
            <td data-label="Updated">{release.updated.map(|at| view! { <RelativeTime at=at /> })}</td>
            <td data-label="By" class="release-table__by">{by}</td>
        </tr>
    }
    .into_any()
}

fn chart(release: &ReleaseSummary) -> AnyView {
    let links = Links::here();
    let name = match &release.source {
        Some(source) => {
            let href = links.chart_version(&source.repository, &source.chart, &release.chart_version);
            view! { <a href=href>{release.chart.clone()}</a> }.into_any()
        }
        None => release.chart.clone().into_any(),
    };
    view! {
        {name}
        " "
        <span class="version">{release.chart_version.clone()}</span>
        {newer(release)}
    }
    .into_any()
}

/// The version that could be upgraded to, with the page that does it.
pub(in crate::pages::releases) fn newer(release: &ReleaseSummary) -> Option<AnyView> {
    let version = release.newer_version.clone()?;
    let name = format!("Version {version} is newer: upgrade to it");
    let inner = view! {
        <Icon name="newer" />
        {version.clone()}
    };
    let to = Links::here().release_upgrade(&release.id, Some(&version));
    Some(view! { <a class="newer" href=to title=name.clone() aria-label=name>{inner}</a> }.into_any())
}

fn status(release: &ReleaseSummary) -> AnyView {
    let mark = view! { <Mark look=Look::of_release(&release.status) word=release.status.clone() /> };
    if let Some(operation) = release
        .operation
        .as_ref()
        .filter(|operation| !operation.state.has_ended())
    {
        let href = Links::here().operation(&operation.id);
        let text = format!("{} by {}", operation.kind.as_str(), operation.by);
        return view! {
            {mark}
            <a class="release-table__sub" href=href>{text}</a>
        }
        .into_any();
    }
    // Of what is deployed helm's description says nothing that the word does not.
    let reason = (release.status != "deployed" && !release.description.is_empty())
        .then(|| view! { <span class="release-table__sub">{release.description.clone()}</span> });
    view! {
        {mark}
        {reason}
    }
    .into_any()
}
