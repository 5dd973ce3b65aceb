//! The overview: the README, and beside it the facts.

use leptos::prelude::*;
use model::catalog::Relations;
use model::chart::{ArchiveState, ChartDetail, Heading, Prose};
use model::review::RenderedChart;

use super::rail::Rail;
use super::resources::asks;
use super::{changelog, related};
use crate::routes::{ChartRoute, ChartTab, Links};

pub(super) fn overview(
    chart: &ChartDetail,
    route: &ChartRoute,
    readme: Option<Prose>,
    glance: Option<RenderedChart>,
    relations: Relations,
) -> AnyView {
    let headings = readme
        .as_ref()
        .map(|prose| prose.headings.clone())
        .unwrap_or_default();
    let readme = match readme {
        Some(prose) => view! { <div class="prose" inner_html=prose.html></div> }.into_any(),
        None => no_readme(chart, route),
    };
    view! {
        <div class="columns">
            <div class="columns__main">{readme}</div>
            <aside class="columns__side" aria-label="Facts">
                <Rail chart=chart.clone() />
                {changelog::beside(chart, route)}
                {glance.and_then(|rendered| asks(route, &rendered))}
                {related::beside(&chart.name, relations)}
                {contents(headings)}
            </aside>
        </div>
    }
    .into_any()
}

fn no_readme(chart: &ChartDetail, route: &ChartRoute) -> AnyView {
    if chart.version.archive != ArchiveState::Ready {
        return view! { <p class="empty">"The README is part of the archive, which is not here yet."</p> }
            .into_any();
    }
    let links = Links::here();
    let to = |tab| {
        links.chart_route(&ChartRoute {
            tab,
            file: None,
            ..route.clone()
        })
    };
    let values = chart
        .contents
        .has_values
        .then(|| view! { <a class="button" href=to(ChartTab::Values)>"Values"</a> });
    let templates = (chart.contents.n_templates > 0)
        .then(|| view! { <a class="button" href=to(ChartTab::Templates)>"Templates"</a> });
    view! {
        <section class="empty">
            <h2>"No README"</h2>
            <p>"This chart brings no README. Its values and templates say what it does."</p>
            <p class="empty__actions">{values} {templates}</p>
        </section>
    }
    .into_any()
}

/// The two upper levels of headings that the README has.
fn contents(headings: Vec<Heading>) -> Option<AnyView> {
    let headings: Vec<_> = headings
        .into_iter()
        .filter(|heading| heading.level <= 4)
        .collect();
    // A lone title at the top repeats the chart's name.
    let top = headings.iter().map(|heading| heading.level).min()?;
    let is_title = headings.iter().filter(|heading| heading.level == top).count() == 1;
    let top = if is_title { top + 1 } else { top };
    let entries: Vec<_> = headings
        .into_iter()
        .filter(|heading| heading.level == top || heading.level == top + 1)
        .map(|heading| {
            view! {
                <li data-level=heading.level - top>
                    <a href=format!("#{}", heading.id)>{heading.text}</a>
                </li>
            }
        })
        .collect();
    (entries.len() > 2).then(|| {
        view! {
            <nav class="contents" aria-label="On this page">
                <h2>"On this page"</h2>
                <ul>{entries}</ul>
            </nav>
        }
        .into_any()
    })
}
