//! The charts that this one brings along: a drawing, a table that says the same and more, and their default values.

use leptos::prelude::*;
use model::chart::ChartDetail;
use model::review::{DependencyNode, DependencyTree, SubchartValues};

use super::super::compare::coded;
use super::graph::graph;
use crate::components::code_view::CodeView;
use crate::components::icon::Icon;
use crate::components::mark::{Look, Mark};
use crate::components::notice::Notice;
use crate::format::{count, number};
use crate::routes::{ChartRoute, ChartTab, Links};

pub(super) fn dependencies(chart: &ChartDetail, route: &ChartRoute, tree: DependencyTree) -> AnyView {
    let problem = tree
        .problem
        .map(|problem| view! { <Notice status="warn">{problem}</Notice> });
    if tree.nodes.is_empty() {
        let nothing = problem
            .is_none()
            .then(|| view! { <p class="empty">"This chart depends on no other."</p> });
        return view! {
            {problem}
            {nothing}
        }
        .into_any();
    }
    let n_on = tree.nodes.iter().filter(|node| node.is_enabled).count();
    let n = tree.nodes.len() + tree.n_left_out;
    let facts = format!(
        "{}, {} on with the default values",
        count(n as u64, "chart"),
        number(n_on as u64)
    );
    let drawing = graph(&chart.name, &tree.nodes, |at, _| format!("#dependency-{at}"));
    let rows = tree
        .nodes
        .iter()
        .enumerate()
        .map(|(at, node)| row(at, node, &tree.nodes))
        .collect_view();
    let left_out = (tree.n_left_out > 0).then(|| {
        let text = format!("{} more are not listed.", number(tree.n_left_out as u64));
        view! { <p class="muted section__note">{text}</p> }
    });
    let values = values(route, tree.values);
    view! {
        <div class="dependencies">
            <p class="toolbar__facts">{facts}</p>
            {problem}
            {drawing}
            <div class="table-scroll" tabindex="0">
                <table class="data-table data-table--stacked">
                    <thead>
                        <tr>
                            <th scope="col">"Chart"</th>
                            <th scope="col">"With the defaults"</th>
                            <th scope="col">"Wanted"</th>
                            <th scope="col">"In the archive"</th>
                            <th scope="col">"Newest that fits"</th>
                            <th scope="col">"Repository"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {left_out}
            {values}
        </div>
    }
    .into_any()
}

fn row(at: usize, node: &DependencyNode, nodes: &[DependencyNode]) -> AnyView {
    let links = Links::here();
    let name = match &node.known_repository {
        Some(repository) => {
            let href = links.chart(repository, &node.chart);
            view! { <a href=href>{node.chart.clone()}</a> }.into_any()
        }
        None => node.chart.clone().into_any(),
    };
    let alias = (node.name != node.chart)
        .then(|| view! { <span class="muted">{format!(" as {}", node.name)}</span> });
    let parent = node.parent.and_then(|parent| nodes.get(parent)).map(|parent| {
        view! { <span class="compare__description">{format!("of {}", parent.name)}</span> }
    });
    let (status, icon, word) = match node.is_enabled {
        true => ("ok", "ok", "on"),
        false => ("neutral", "yanked", "off"),
    };
    let resolved = node
        .resolved
        .clone()
        .zip(node.known_repository.clone())
        .map(|(version, repository)| {
            let href = links.chart_version(&repository, &node.chart, &version);
            view! {
                <a href=href>
                    <code>{version}</code>
                </a>
            }
        });
    let bundled = match &node.bundled {
        Some(version) => view! { <code>{version.clone()}</code> }.into_any(),
        None => view! { <span class="muted">"missing"</span> }.into_any(),
    };
    view! {
        <tr id=format!("dependency-{at}")>
            <td>{name} {alias} {parent}</td>
            <td class="dependencies__why">
                <Mark look=Look { status, icon } word=word />
                <span class="compare__description">{coded(&node.reason)}</span>
            </td>
            <td data-label="wants">
                <code>{node.range.clone()}</code>
            </td>
            <td data-label="has">{bundled}</td>
            <td data-label="newest">{resolved}</td>
            <td class="data-table__wide">{node.repository.clone()}</td>
        </tr>
    }
    .into_any()
}

/// All default values of sub-charts on one page, each folded.
fn values(route: &ChartRoute, values: Vec<SubchartValues>) -> Option<AnyView> {
    if values.is_empty() {
        return None;
    }
    let n = values.len();
    let rows = values
        .into_iter()
        .enumerate()
        .map(|(at, values)| {
            let href = Links::here().chart_route(&ChartRoute {
                tab: ChartTab::Files,
                file: Some(values.file.clone()),
                ..route.clone()
            });
            // Lines have ids, of which a page has each only once.
            let html = values
                .html
                .replace("class=\"line\" id=\"L", &format!("class=\"line\" id=\"v{at}-L"));
            let label = format!("Default values of {}", values.path);
            view! {
                <details class="kind" id=format!("values-{at}")>
                    <summary>
                        <Icon name="down" />
                        <code>{values.path}</code>
                        <span class="tabs__count">{count(values.n_lines.into(), "line")}</span>
                    </summary>
                    <p class="section__note">
                        "Set them below this key in the values of the chart. " <a href=href>"The file"</a>
                    </p>
                    <CodeView html=html n_lines=values.n_lines label=label />
                </details>
            }
        })
        .collect_view();
    let view = view! {
        <section class="section">
            <header class="section__head">
                <h2>"Their default values"</h2>
                <p class="muted">{count(n as u64, "file")}</p>
            </header>
            {rows}
        </section>
    };
    Some(view.into_any())
}
