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

/// Hides the lines that do not match; a match keeps the keys it lies in and the comment above it.
#[component]
fn Filter() -> impl IntoView {
    let (found, set_found) = signal(None::<u32>);
    let input = move |event| set_found.set(apply(&event_target_value(&event)));
    view! {
        <label class="filter">
            <Icon name="filter" />
            <span class="visually-hidden">"Filter the values"</span>
            <input type="search" placeholder="Filter by key or text" autocomplete="off" spellcheck="false" on:input=input />
        </label>
        <p class="toolbar__found" role="status">
            {move || found.get().map(|n| count(n.into(), "match").replace("matchs", "matches"))}
        </p>
    }
}

#[cfg(not(feature = "hydrate"))]
fn apply(_words: &str) -> Option<u32> {
    None
}

#[cfg(feature = "hydrate")]
fn apply(words: &str) -> Option<u32> {
    use leptos::wasm_bindgen::JsCast;
    use leptos::web_sys::Element;

    let words = words.trim().to_lowercase();
    let lines = document().query_selector_all(".values .line").ok()?;
    let lines: Vec<Element> = (0..lines.length())
        .filter_map(|at| lines.item(at)?.dyn_into().ok())
        .collect();
    let texts: Vec<String> = lines
        .iter()
        .map(|line| line.text_content().unwrap_or_default().to_lowercase())
        .collect();
    let paths: Vec<Option<String>> = lines.iter().map(|line| line.get_attribute("data-path")).collect();
    let matches = |at: usize| {
        texts[at].contains(&words)
            || paths[at]
                .as_ref()
                .is_some_and(|path| path.to_lowercase().contains(&words))
    };
    let mut shown = vec![words.is_empty(); lines.len()];
    let mut n_found = 0;
    if !words.is_empty() {
        // The lines of the keys that the current line lies in.
        let mut open: Vec<(String, usize)> = Vec::new();
        for at in 0..lines.len() {
            if let Some(path) = &paths[at] {
                open.retain(|(parent, _)| path.starts_with(parent.as_str()) && path.len() > parent.len());
            }
            if matches(at) {
                n_found += 1;
                shown[at] = true;
                open.iter().for_each(|(_, line)| shown[*line] = true);
                for above in (0..at)
                    .rev()
                    .take_while(|above| texts[*above].trim_start().starts_with('#'))
                {
                    shown[above] = true;
                }
            }
            if let Some(path) = &paths[at] {
                open.push((path.clone(), at));
            }
        }
    }
    for (line, is_shown) in lines.iter().zip(&shown) {
        let _ = line.toggle_attribute_with_force("hidden", !is_shown);
    }
    (!words.is_empty()).then_some(n_found)
}
