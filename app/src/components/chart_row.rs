//! A chart as a row of a list.

use leptos::prelude::*;
use model::catalog::{ChartSummary, Found, Mark};

use super::badges::{BadgeFacts, Badges};
use super::chart_icon::ChartIcon;
use super::relative_time::RelativeTime;
use crate::routes::Links;

/// One row: icon, name, what it is, and its newest version.
#[component]
pub(crate) fn ChartRow(
    chart: ChartSummary,
    /// What to mark in the name.
    #[prop(optional)]
    name_marks: Vec<Mark>,
    /// What to mark in the description.
    #[prop(optional)]
    description_marks: Vec<Mark>,
    /// Where the words of a search were found.
    #[prop(optional)]
    found: Vec<Found>,
    /// How it came to its place, where that was asked for.
    #[prop(optional_no_strip)]
    why: Option<Vec<String>>,
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
        is_official: chart.is_official,
        ..BadgeFacts::default()
    };
    view! {
        <li class="chart-row">
            <ChartIcon icon=chart.icon is_library=chart.is_library />
            <div class="chart-row__main">
                <p class="chart-row__title">
                    <a class="chart-row__name" href=href>{marked(&chart.name, &name_marks)}</a>
                    <a class="chart-row__repository" href=repository>{chart.repository}</a>
                    <Badges facts=facts />
                </p>
                <p class="chart-row__description">{marked(&chart.description, &description_marks)}</p>
                {elsewhere(&found)}
                {why.map(explained)}
            </div>
            <p class="chart-row__facts">
                <span class="chart-row__version">{chart.version}</span>
                {chart.app_version.map(|version| view! { <span title="App version">{format!("app {version}")}</span> })}
                {chart.updated.map(|at| view! { <RelativeTime at=at /> })}
            </p>
        </li>
    }
}

/// The text with its marks.
fn marked(text: &str, marks: &[Mark]) -> AnyView {
    let mut parts: Vec<AnyView> = Vec::new();
    let mut at = 0;
    for mark in marks {
        let (Some(before), Some(part)) = (text.get(at..mark.start), text.get(mark.start..mark.end)) else {
            continue;
        };
        parts.push(before.to_owned().into_any());
        parts.push(view! { <mark>{part.to_owned()}</mark> }.into_any());
        at = mark.end;
    }
    parts.push(text.get(at..).unwrap_or_default().to_owned().into_any());
    parts.into_any()
}

/// Where words were found that the row does not show.
fn elsewhere(found: &[Found]) -> Option<AnyView> {
    let is_shown = |found: &&Found| ["name", "description", "repository"].contains(&found.field.as_str());
    let mut places: Vec<(String, Option<String>)> = Vec::new();
    for found in found.iter().filter(|found| !is_shown(found)) {
        let place = (found.field.clone(), found.place.clone());
        if !places.contains(&place) {
            places.push(place);
        }
    }
    if places.is_empty() {
        return None;
    }
    let places: Vec<AnyView> = places
        .into_iter()
        .map(|(field, place)| match place {
            Some(place) => view! { <li>{format!("in {field}: ")} <code>{place}</code></li> }.into_any(),
            None => view! { <li>{format!("in {field}")}</li> }.into_any(),
        })
        .collect();
    Some(
        view! {
            <ul class="chart-row__found" aria-label="Found">
                {places}
            </ul>
        }
        .into_any(),
    )
}

/// How a row came to its place.
fn explained(lines: Vec<String>) -> AnyView {
    let lines = lines
        .into_iter()
        .map(|line| view! { <li>{line}</li> })
        .collect_view();
    view! {
        <details class="chart-row__why">
            <summary>"Why here"</summary>
            <ol>{lines}</ol>
        </details>
    }
    .into_any()
}
