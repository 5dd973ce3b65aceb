//! All versions of a chart, newest first.

use leptos::prelude::*;
use model::chart::{ChartDetail, VersionSummary};

use crate::components::badges::{BadgeFacts, Badges};
use crate::components::relative_time::RelativeTime;
use crate::format::count;
use crate::routes::Links;

pub(super) fn versions(chart: &ChartDetail, versions: Vec<VersionSummary>) -> AnyView {
    let n_versions = versions.len();
    let can_compare = n_versions > 1;
    // The version that is shown and the newest are what people want to know about; of the newest, the one before it.
    let shown = versions
        .iter()
        .position(|version| version.version == chart.version.version);
    let from = shown.filter(|at| *at > 0).unwrap_or(1);
    let rows = versions
        .into_iter()
        .enumerate()
        .map(|(at, version)| row(chart, version, can_compare.then_some((at == from, at == 0))))
        .collect_view();
    let head = can_compare.then(|| view! { <th scope="col">"Compare"</th> });
    let button =
        can_compare.then(|| view! { <button class="button">"Compare the two that are chosen"</button> });
    let action = Links::here().chart_compare_choice(&chart.repository, &chart.name);
    view! {
        <form class="versions" method="get" action=action>
            <div class="toolbar">
                <p class="toolbar__facts">{count(n_versions as u64, "version")}</p>
                {button}
            </div>
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
                            {head}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </form>
    }
    .into_any()
}

/// `chosen` says which of the two choices begins on this row, where there are any.
fn row(chart: &ChartDetail, version: VersionSummary, chosen: Option<(bool, bool)>) -> AnyView {
    let href = Links::here().chart_version(&chart.repository, &chart.name, &version.version);
    let is_shown = version.version == chart.version.version;
    let facts = BadgeFacts {
        deprecated: version.deprecated,
        yanked: version.yanked,
        is_prerelease: version.is_prerelease,
        ..BadgeFacts::default()
    };
    let choice = chosen.map(|(is_from, is_to)| {
        let text = version.version.clone();
        view! {
            <td class="versions__choice">
                {radio("from", "From", &text, is_from)} {radio("to", "To", &text, is_to)}
            </td>
        }
    });
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
            {choice}
        </tr>
    }
    .into_any()
}

fn radio(name: &'static str, label: &'static str, version: &str, is_chosen: bool) -> AnyView {
    view! {
        <label class="choice">
            <input type="radio" name=name value=version.to_owned() checked=is_chosen />
            {label}
            <span class="visually-hidden">{format!(" {version}")}</span>
        </label>
    }
    .into_any()
}
