//! A chart as a row of a list.

use leptos::prelude::*;
use model::catalog::ChartSummary;

use super::badges::{BadgeFacts, Badges};
use super::chart_icon::ChartIcon;
use super::relative_time::RelativeTime;
use crate::routes::Links;

/// One row: icon, name, what it is, and its newest version.
#[component]
pub(crate) fn ChartRow(
    chart: ChartSummary,
    /// The words that were searched for, to mark where they match.
    #[prop(optional, into)]
    words: String,
) -> impl IntoView {
    let links = Links::here();
    let href = links.chart(&chart.repository, &chart.name);
    let repository = links.repository_charts(&chart.repository);
    let facts = BadgeFacts {
        deprecated: chart.deprecated,
        yanked: chart.yanked,
        is_library: chart.is_library,
        is_signed: chart.is_signed,
        has_schema: chart.has_schema,
        is_prerelease: false,
    };
    view! {
        <li class="chart-row">
            <ChartIcon icon=chart.icon is_library=chart.is_library />
            <div class="chart-row__main">
                <p class="chart-row__title">
                    <a class="chart-row__name" href=href>{marked(&chart.name, &words)}</a>
                    <a class="chart-row__repository" href=repository>{chart.repository}</a>
                    <Badges facts=facts />
                </p>
                <p class="chart-row__description">{marked(&chart.description, &words)}</p>
            </div>
            <p class="chart-row__facts">
                <span class="chart-row__version">{chart.version}</span>
                {chart.app_version.map(|version| view! { <span title="App version">{format!("app {version}")}</span> })}
                {chart.updated.map(|at| view! { <RelativeTime at=at /> })}
            </p>
        </li>
    }
}

/// The text with what matches a searched word marked.
fn marked(text: &str, words: &str) -> AnyView {
    // Lower case may have other lengths than the text itself; only plain ASCII is safe to compare by position.
    let lower = text.to_ascii_lowercase();
    let words = words.to_ascii_lowercase();
    let mut parts: Vec<AnyView> = Vec::new();
    let mut at = 0;
    while !words.is_empty() {
        let next = words
            .split_whitespace()
            .filter(|word| word.len() > 1)
            .filter_map(|word| lower[at..].find(word).map(|found| (at + found, word.len())))
            .min();
        let Some((start, length)) = next else { break };
        if start > at {
            parts.push(text[at..start].to_owned().into_any());
        }
        parts.push(view! { <mark>{text[start..start + length].to_owned()}</mark> }.into_any());
        at = start + length;
    }
    parts.push(text[at..].to_owned().into_any());
    parts.into_any()
}
