//! All versions of a chart, newest first.

use leptos::prelude::*;
use model::chart::{ChartDetail, VersionSummary};

use crate::components::badges::{BadgeFacts, Badges};
use crate::components::relative_time::RelativeTime;
use crate::routes::Links;

pub(super) fn versions(chart: &ChartDetail, versions: Vec<VersionSummary>) -> AnyView {
    let rows = versions
        .into_iter()
        .map(|version| row(chart, version))
        .collect_view();
    view! {
        <div class="table-scroll" tabindex="0">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col">"Version"</th>
                        <th scope="col">"App version"</th>
                        <th scope="col">"Published"</th>
                        <th scope="col">
                            <span class="visually-hidden">"Notes"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(chart: &ChartDetail, version: VersionSummary) -> AnyView {
    let href = Links::here().chart_version(&chart.repository, &chart.name, &version.version);
    let is_shown = version.version == chart.version.version;
    let facts = BadgeFacts {
        deprecated: version.deprecated,
        yanked: version.yanked,
        is_prerelease: version.is_prerelease,
        ..BadgeFacts::default()
    };
    view! {
        <tr aria-current=is_shown.then_some("true")>
            <td>
                <a href=href>{version.version}</a>
            </td>
            <td>{version.app_version}</td>
            <td>{version.created.map(|at| view! { <RelativeTime at=at /> })}</td>
            <td>
                <Badges facts=facts />
            </td>
        </tr>
    }
    .into_any()
}
