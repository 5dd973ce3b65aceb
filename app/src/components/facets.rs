//! The filters of the catalog: every choice is a link.

use leptos::prelude::*;
use model::catalog::{CatalogQuery, FacetCount, Facets};

use super::icon::Icon;
use crate::format::number;
use crate::routes::Links;

/// How many choices a filter shows before the rest folds.
const MAX_CHOICES: usize = 12;

/// All filters with their counts.
#[component]
pub(crate) fn FacetList(facets: Facets, query: CatalogQuery) -> impl IntoView {
    let links = Links::here();
    let query = CatalogQuery {
        cursor: String::new(),
        ..query
    };
    let set = |change: fn(&mut CatalogQuery, String)| {
        let query = query.clone();
        move |value: &str| {
            let mut query = query.clone();
            change(&mut query, value.to_owned());
            links.catalog(&query)
        }
    };
    let toggles = [
        (
            "Values schema",
            facets.n_schema,
            query.schema,
            CatalogQuery {
                schema: !query.schema,
                ..query.clone()
            },
        ),
        (
            "Signed",
            facets.n_signed,
            query.signed,
            CatalogQuery {
                signed: !query.signed,
                ..query.clone()
            },
        ),
        (
            "Show deprecated",
            facets.n_deprecated,
            query.deprecated,
            CatalogQuery {
                deprecated: !query.deprecated,
                ..query.clone()
            },
        ),
    ];
    let toggles = toggles
        .into_iter()
        .filter(|(_, n, is_on, _)| *n > 0 || *is_on)
        .map(|(label, n, is_on, to)| choice(label.to_owned(), n, is_on, links.catalog(&to)))
        .collect::<Vec<_>>();
    let toggles = (!toggles.is_empty()).then(|| {
        view! {
            <section class="facets__group">
                <h2>"Only"</h2>
                <ul>{toggles}</ul>
            </section>
        }
    });
    view! {
        <div class="facets">
            {group("Repository", facets.repositories, &query.repository, set(|query, value| query.repository = value))}
            {group("Type", facets.chart_types, &query.chart_type, set(|query, value| query.chart_type = value))}
            {toggles}
            {group("Category", facets.categories, &query.category, set(|query, value| query.category = value))}
            {group("Keyword", facets.keywords, &query.keyword, set(|query, value| query.keyword = value))}
            {group("License", facets.licenses, &query.license, set(|query, value| query.license = value))}
            {group("Kubernetes", facets.kubernetes, &query.kubernetes, set(|query, value| query.kubernetes = value))}
        </div>
    }
}

fn group(
    title: &'static str,
    choices: Vec<FacetCount>,
    chosen: &str,
    address: impl Fn(&str) -> String,
) -> Option<AnyView> {
    if choices.is_empty() && chosen.is_empty() {
        return None;
    }
    // What is chosen stays in sight even when nothing matches any more.
    let mut choices = choices;
    if !chosen.is_empty()
        && !choices
            .iter()
            .take(MAX_CHOICES)
            .any(|choice| choice.value == chosen)
    {
        let n = choices
            .iter()
            .find(|choice| choice.value == chosen)
            .map_or(0, |choice| choice.n);
        choices.insert(
            0,
            FacetCount {
                value: chosen.to_owned(),
                n,
            },
        );
    }
    choices.truncate(MAX_CHOICES);
    let clear = (!chosen.is_empty()).then(|| {
        let label = format!("Clear {}", title.to_lowercase());
        view! {
            <a class="facets__clear" href=address("") aria-label=label>
                "Clear"
            </a>
        }
    });
    let choices = choices
        .into_iter()
        .map(|facet| {
            let is_on = facet.value == chosen;
            let href = address(if is_on { "" } else { &facet.value });
            choice(facet.value, facet.n, is_on, href)
        })
        .collect_view();
    let group = view! {
        <section class="facets__group">
            <h2>{title}</h2>
            {clear}
            <ul>{choices}</ul>
        </section>
    };
    Some(group.into_any())
}

fn choice(label: String, n: u64, is_on: bool, href: String) -> AnyView {
    view! {
        <li>
            <a class="facets__choice" href=href aria-current=is_on.then_some("true") data-noscroll=true>
                <Icon name="check" />
                <span class="facets__label">{label}</span>
                <span class="facets__count">{number(n)}</span>
            </a>
        </li>
    }
    .into_any()
}
