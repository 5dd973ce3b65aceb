//! The charts that this one brings along.

use leptos::prelude::*;
use model::chart::{ChartDetail, Dependency};

use crate::routes::Links;

pub(super) fn dependencies(chart: &ChartDetail) -> AnyView {
    let dependencies = &chart.version.dependencies;
    if dependencies.is_empty() {
        return view! { <p class="empty">"This chart depends on no other."</p> }.into_any();
    }
    let rows = dependencies.iter().map(row).collect_view();
    view! {
        <div class="table-scroll" tabindex="0">
            <table class="data-table data-table--stacked">
                <thead>
                    <tr>
                        <th scope="col">"Chart"</th>
                        <th scope="col">"Version"</th>
                        <th scope="col">"Repository"</th>
                        <th scope="col">"Enabled by"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(dependency: &Dependency) -> AnyView {
    let links = Links::here();
    let name = dependency.name.clone();
    let href = dependency
        .chart
        .as_ref()
        .and_then(|full| full.split_once('/'))
        .map(|(repository, name)| links.chart(repository, name));
    let name = match href {
        Some(href) => view! { <a href=href>{name}</a> }.into_any(),
        None => name.into_any(),
    };
    let alias = dependency
        .alias
        .clone()
        .map(|alias| view! { <span class="muted">{format!(" as {alias}")}</span> });
    let condition = dependency
        .condition
        .clone()
        .map(|condition| view! { <code>{condition}</code> });
    let tags = dependency
        .tags
        .iter()
        .map(|tag| view! { <span class="chip">{tag.clone()}</span> })
        .collect_view();
    let is_always = dependency.condition.is_none() && dependency.tags.is_empty();
    view! {
        <tr>
            <td>{name} {alias}</td>
            <td>
                <code>{dependency.version.clone()}</code>
            </td>
            <td class="data-table__wide">{dependency.repository.clone()}</td>
            <td class="data-table__list">{condition} {tags} {is_always.then_some("always on")}</td>
        </tr>
    }
    .into_any()
}
