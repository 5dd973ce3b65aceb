//! The catalog: filters, rows, paging. Everything it shows follows from its address.

use leptos::prelude::*;
use model::catalog::{CatalogPage, CatalogQuery, CatalogSort};
use model::site::Suggestions;

use super::{Page, Request};
use crate::components::chart_row::ChartRow;
use crate::components::facets::FacetList;
use crate::components::icon::Icon;
use crate::components::pager::Pager;
use crate::error::AppError;
use crate::format::count;
use crate::head::Head;
use crate::routes::Links;

pub(super) async fn catalog(request: &Request, query: CatalogQuery) -> Result<Page, AppError> {
    if !query.repository.is_empty() {
        // A repository that does not exist is not an empty one.
        request
            .backend
            .repositories()
            .get(&request.viewer, &query.repository)
            .await?;
    }
    let catalog = request.backend.catalog();
    let page = catalog.list(&request.viewer, query.clone()).await?;
    let nearest = match page.charts.total == 0 && !query.q.is_empty() {
        // What may have been meant is an extra.
        true => catalog
            .suggest(&request.viewer, &query.repository, &query.q)
            .await
            .unwrap_or_default(),
        false => Suggestions::default(),
    };
    Ok(show(query, page, nearest))
}

pub(super) fn show(query: CatalogQuery, page: CatalogPage, nearest: Suggestions) -> Page {
    let links = Links::here();
    let title = match (query.q.as_str(), query.repository.as_str()) {
        ("", "") => "Catalog".to_owned(),
        ("", repository) => format!("Charts of {repository}"),
        (words, _) => format!("Charts matching \u{201c}{words}\u{201d}"),
    };
    let total = page.charts.total;
    let description = format!("{title}: {}.", count(total, "Helm chart"));
    let canonical = links.catalog(&CatalogQuery {
        cursor: String::new(),
        sort: CatalogSort::Relevance,
        ..query.clone()
    });
    let part = |cursor: Option<String>| {
        cursor.map(|cursor| {
            links.catalog(&CatalogQuery {
                cursor,
                ..query.clone()
            })
        })
    };
    let (previous, next) = (part(page.charts.previous), part(page.charts.next));
    let n_items = page.charts.items.len() as u64;
    let is_empty = page.charts.items.is_empty();
    let n_deprecated = page.facets.n_deprecated;
    let rows = page
        .charts
        .items
        .into_iter()
        .map(|hit| {
            view! {
                <ChartRow
                    chart=hit.chart
                    name_marks=hit.name_marks
                    description_marks=hit.description_marks
                    found=hit.found
                    why=hit.why
                />
            }
        })
        .collect_view();
    let view = view! {
        <div class="catalog">
            <header class="catalog__head">
                <h1>{title.clone()}</h1>
                <p class="catalog__count">{count(total, "chart")}</p>
                {repository_link(&query)}
                {sorts(&query)}
            </header>
            <input
                class="catalog__toggle visually-hidden"
                type="checkbox"
                id="_filters"
                aria-label="Show filters"
            />
            <label class="button catalog__filters" for="_filters">
                <Icon name="filter" />
                "Filters"
            </label>
            <nav class="catalog__facets" aria-label="Filters">
                <FacetList facets=page.facets query=query.clone() />
            </nav>
            <div class="catalog__rows">
                {chosen(&query)}
                {hints(page.hints)}
                {if is_empty { nothing(&query, n_deprecated, nearest) } else { view! { <ul class="chart-list">{rows}</ul> }.into_any() }}
                <Pager first=page.charts.first_position n_items=n_items total=total previous=previous next=next />
            </div>
        </div>
    };
    Page::new(title, description, canonical, view.into_any()).with_head(head_of(&query))
}

/// A search is for people; a list without filters is for crawlers, too.
fn head_of(query: &CatalogQuery) -> Head {
    let links = Links::here();
    let repository = query.repository.as_str();
    let plain = CatalogQuery {
        repository: repository.to_owned(),
        ..CatalogQuery::default()
    };
    let head = match (query.q.as_str(), repository) {
        ("", "") => Head::default().with_feed("Updated charts", links.feed()),
        ("", repository) => Head::default()
            .with_feed(
                format!("Updated charts of {repository}"),
                links.repository_feed(repository),
            )
            .with_way(&[
                ("Charts", links.charts()),
                (repository, links.repository_charts(repository)),
            ]),
        (words, _) => Head::default().with_feed(
            format!("Charts matching \u{201c}{words}\u{201d}"),
            links.search_feed(query),
        ),
    };
    Head {
        is_hidden: *query != plain,
        ..head
    }
}

fn repository_link(query: &CatalogQuery) -> Option<AnyView> {
    let href = (!query.repository.is_empty()).then(|| Links::here().repository(&query.repository))?;
    Some(
        view! {
            <a class="catalog__repository" href=href>
                "State of the repository"
            </a>
        }
        .into_any(),
    )
}

fn sorts(query: &CatalogQuery) -> AnyView {
    let links = Links::here();
    let choices = [
        (
            CatalogSort::Relevance,
            if query.q.is_empty() {
                "Default"
            } else {
                "Relevance"
            },
        ),
        (CatalogSort::Name, "Name"),
        (CatalogSort::Updated, "Updated"),
    ];
    let choices = choices
        .into_iter()
        .map(|(sort, label)| {
            let href = links.catalog(&CatalogQuery {
                sort,
                cursor: String::new(),
                ..query.clone()
            });
            view! {
                <a href=href aria-current=(sort == query.sort).then_some("true")>
                    {label}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="sort" aria-label="Sort by">
            <span aria-hidden="true">"Sort"</span>
            {choices}
        </nav>
    }
    .into_any()
}

/// What narrows the list, each with a way to undo it.
fn chosen(query: &CatalogQuery) -> Option<AnyView> {
    let links = Links::here();
    let without = |change: fn(&mut CatalogQuery)| {
        let mut query = CatalogQuery {
            cursor: String::new(),
            ..query.clone()
        };
        change(&mut query);
        links.catalog(&query)
    };
    let kubernetes = match query.kubernetes.as_str() {
        "" => String::new(),
        version => format!("Kubernetes {version}"),
    };
    let chips = [
        (
            query.repository.clone(),
            without(|query| query.repository.clear()),
        ),
        (query.category.clone(), without(|query| query.category.clear())),
        (query.keyword.clone(), without(|query| query.keyword.clear())),
        (query.license.clone(), without(|query| query.license.clear())),
        (kubernetes, without(|query| query.kubernetes.clear())),
        (
            query.chart_type.clone(),
            without(|query| query.chart_type.clear()),
        ),
        (
            word(query.schema, "values schema"),
            without(|query| query.schema = false),
        ),
        (
            word(query.signed, "signed"),
            without(|query| query.signed = false),
        ),
        (
            word(query.deprecated, "with deprecated"),
            without(|query| query.deprecated = false),
        ),
    ];
    let chips: Vec<_> = chips
        .into_iter()
        .filter(|(label, _)| !label.is_empty())
        .map(|(label, href)| {
            let name = format!("Remove filter: {label}");
            view! {
                <li>
                    <a class="chip" href=href aria-label=name>
                        {label}
                        <Icon name="close" />
                    </a>
                </li>
            }
        })
        .collect();
    (!chips.is_empty()).then(|| view! { <ul class="chips">{chips}</ul> }.into_any())
}

/// What should be known of the query.
fn hints(hints: Vec<String>) -> Option<AnyView> {
    let hints: Vec<_> = hints.into_iter().map(|hint| view! { <li>{hint}</li> }).collect();
    (!hints.is_empty()).then(|| {
        view! {
            <ul class="catalog__hints" aria-label="About this search">
                {hints}
            </ul>
        }
        .into_any()
    })
}

fn word(is_on: bool, word: &str) -> String {
    if is_on { word.to_owned() } else { String::new() }
}

/// What may have been meant, and every way to find more.
fn nothing(query: &CatalogQuery, n_deprecated: u64, nearest: Suggestions) -> AnyView {
    let links = Links::here();
    let is_narrowed = *query
        != CatalogQuery {
            q: query.q.clone(),
            sort: query.sort,
            ..CatalogQuery::default()
        };
    let wider = (is_narrowed && !query.q.is_empty()).then(|| {
        view! {
            <a class="button" href=links.search(&query.q)>
                "Search without filters"
            </a>
        }
    });
    let deprecated = (n_deprecated > 0 && !query.deprecated).then(|| {
        let to = CatalogQuery {
            deprecated: true,
            cursor: String::new(),
            ..query.clone()
        };
        view! {
            <a class="button" href=links.catalog(&to)>
                {format!("Show {}", count(n_deprecated, "deprecated chart"))}
            </a>
        }
    });
    let names: Vec<_> = nearest
        .charts
        .into_iter()
        .filter_map(|chart| {
            let (repository, name) = chart.split_once('/')?;
            let href = links.chart(repository, name);
            Some(view! {
                <li>
                    <a href=href>{chart}</a>
                </li>
            })
        })
        .collect();
    let nearest = (!names.is_empty()).then(|| {
        view! {
            <p>"Charts with names like that:"</p>
            <ul class="empty__names">{names}</ul>
        }
    });
    view! {
        <section class="empty">
            <h2>"No chart matches"</h2>
            {nearest}
            <p>"Fewer words or fewer filters find more. Names, descriptions, keywords, READMEs, keys of values, images and custom resources are searched."</p>
            <p class="empty__actions">{deprecated} {wider} <a class="button" href=links.charts()>"Show all charts"</a></p>
        </section>
    }
    .into_any()
}
