//! The default values: the file as it is, with its comments, an address for every path, and a filter.

use leptos::prelude::*;
use model::chart::{ArchiveState, ChartDetail};
use model::files::ValuesView;

use crate::components::code_view::CodeView;
use crate::components::icon::Icon;
use crate::format::count;
use crate::routes::{ChartRoute, ChartTab, Links};

pub(super) fn values(chart: &ChartDetail, route: &ChartRoute, values: Option<ValuesView>) -> AnyView {
    let Some(values) = values else {
        let text = match chart.version.archive {
            ArchiveState::Ready => "This chart has no default values.",
            _ => "The values are part of the archive, which is not here yet.",
        };
        return view! { <p class="empty">{text}</p> }.into_any();
    };
    let links = Links::here();
    let file = |path: &str| {
        links.chart_route(&ChartRoute {
            tab: ChartTab::Files,
            file: Some(path.to_owned()),
            ..route.clone()
        })
    };
    let schema = values.has_schema.then(|| {
        view! {
            <a class="button" href=file("values.schema.json")>
                <Icon name="schema" />
                "Schema"
            </a>
        }
    });
    let variants = values
        .variants
        .iter()
        .map(|path| {
            view! {
                <a class="button" href=file(path)>
                    <Icon name="file" />
                    {path.clone()}
                </a>
            }
        })
        .collect_view();
    let n_lines = count(values.n_lines.into(), "line");
    view! {
        <div class="values">
            <div class="toolbar">
                <Filter />
                <p class="toolbar__facts">{n_lines}</p>
                {schema}
                {variants}
            </div>
            <CodeView html=values.html n_lines=values.n_lines label="Default values" />
        </div>
    }
    .into_any()
}

/// `behaviours` hides the lines that do not match; without a script there is nothing to filter with, and it is hidden.
#[component]
fn Filter() -> impl IntoView {
    view! {
        <label class="filter">
            <Icon name="filter" />
            <span class="visually-hidden">"Filter the values"</span>
            <input type="search" placeholder="Filter by key or text" autocomplete="off" spellcheck="false" data-filter="values" />
        </label>
        <p class="toolbar__found" role="status" data-found="values"></p>
    }
}
