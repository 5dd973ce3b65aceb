//! The home page: search first, then what is here, what people use, and what is new.

use leptos::prelude::*;
use model::catalog::{CatalogQuery, ChartSummary, FacetCount, Home, UsedChart};
use model::repository::RepositorySummary;

use super::{Page, Request};
use crate::components::badges::{BadgeFacts, Badges};
use crate::components::chart_icon::ChartIcon;
use crate::components::chart_row::ChartRow;
use crate::components::repository_state::RepositoryState;
use crate::components::search_field::SearchField;
use crate::error::AppError;
use crate::format::{count, number};
use crate::head;
use crate::routes::Links;

pub(super) async fn home(request: &Request) -> Result<Page, AppError> {
    Ok(show(request.backend.catalog().home(&request.viewer).await?))
}

pub(super) fn show(home: Home) -> Page {
    let links = Links::here();
    let facts = format!(
        "{} in {} from {}",
        count(home.n_charts, "chart"),
        count(home.n_versions, "version"),
        count(home.n_repositories, "repository")
    );
    let is_busy = home
        .repositories
        .iter()
        .any(|repository| repository.state.running.is_some());
    let description = format!("Helm charts to read, compare and install: {facts}.");
    // Numbers only where they say something.
    let is_empty = home.n_charts == 0;
    let facts = (!is_empty).then(|| view! { <p class="hero__facts">{facts}</p> });
    let empty = is_empty.then(|| empty(&home.repositories, is_busy));
    let view = view! {
        <section class="hero">
            <h1>"Find a chart, read it whole"</h1>
            <SearchField label="Search all charts" name="hero" hint=true />
            {facts}
        </section>
        {categories(home.categories)}
        <div class="columns">
            <div class="columns__main">
                {empty}
                {used(home.most_used)}
                {charts("New versions", links.path("/charts?sort=updated"), home.recently_updated)}
                {charts("New charts", links.charts(), home.recently_added)}
            </div>
            <div class="columns__side">{repositories(home.repositories, home.n_repositories)} {keywords(home.keywords)}</div>
        </div>
    };
    Page::new("", description, links.home(), view.into_any())
        .with_head(head::of_site())
        .live(is_busy)
}

/// What there is, by what it is for.
fn categories(categories: Vec<FacetCount>) -> Option<AnyView> {
    if categories.is_empty() {
        return None;
    }
    let links = Links::here();
    let rows = categories
        .into_iter()
        .map(|category| {
            let query = CatalogQuery {
                category: category.value.clone(),
                ..CatalogQuery::default()
            };
            view! {
                <li>
                    <a href=links.catalog(&query)>
                        {category.value}
                        <span class="categories__count">{number(category.n)}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    let view = view! {
        <nav class="categories" aria-label="Categories">
            <ul>{rows}</ul>
        </nav>
    };
    Some(view.into_any())
}

/// What people use.
fn used(charts: Vec<UsedChart>) -> Option<AnyView> {
    if charts.is_empty() {
        return None;
    }
    let links = Links::here();
    let tiles = charts
        .into_iter()
        .map(|used| {
            let chart = used.chart;
            let releases = (used.n_releases > 0).then(|| count(used.n_releases, "release"));
            let charts = (used.n_used_by > 0).then(|| format!("in {}", count(used.n_used_by, "chart")));
            let href = links.chart(&chart.repository, &chart.name);
            let facts = std::iter::once(chart.repository).chain(releases).chain(charts);
            let facts: Vec<String> = facts.collect();
            let badges = BadgeFacts {
                is_official: chart.is_official,
                ..BadgeFacts::default()
            };
            view! {
                <li>
                    <ChartIcon icon=chart.icon is_library=chart.is_library />
                    <div>
                        <p class="used__title">
                            <a href=href>{chart.name}</a>
                            <Badges facts=badges />
                        </p>
                        <p class="used__facts">{facts.join(" \u{b7} ")}</p>
                    </div>
                </li>
            }
        })
        .collect_view();
    let section = view! {
        <section class="section">
            <header class="section__head">
                <h2>"Most used"</h2>
                <p class="muted">"by releases and by other charts"</p>
            </header>
            <ul class="used">{tiles}</ul>
        </section>
    };
    Some(section.into_any())
}

fn charts(title: &'static str, all: String, charts: Vec<ChartSummary>) -> Option<AnyView> {
    if charts.is_empty() {
        return None;
    }
    let rows = charts
        .into_iter()
        .map(|chart| view! { <ChartRow chart=chart /> })
        .collect_view();
    let section = view! {
        <section class="section">
            <header class="section__head">
                <h2>{title}</h2>
                <a href=all>"All charts"</a>
            </header>
            <ul class="chart-list">{rows}</ul>
        </section>
    };
    Some(section.into_any())
}

fn repositories(repositories: Vec<RepositorySummary>, n_all: u64) -> Option<AnyView> {
    if repositories.is_empty() {
        return None;
    }
    let links = Links::here();
    let all = match n_all > repositories.len() as u64 {
        true => format!("All {}", number(n_all)),
        false => "State".to_owned(),
    };
    let rows = repositories
        .into_iter()
        .map(|repository| {
            view! {
                <li>
                    <p>
                        <a href=links.repository_charts(&repository.name)>{repository.name.clone()}</a>
                        <span class="muted">{count(repository.n_charts, "chart")}</span>
                    </p>
                    <RepositoryState state=repository.state />
                </li>
            }
        })
        .collect_view();
    let section = view! {
        <section class="section">
            <header class="section__head">
                <h2>"Repositories"</h2>
                <a href=links.repositories()>{all}</a>
            </header>
            <ul class="repository-list">{rows}</ul>
        </section>
    };
    Some(section.into_any())
}

fn keywords(keywords: Vec<FacetCount>) -> Option<AnyView> {
    if keywords.is_empty() {
        return None;
    }
    let links = Links::here();
    let rows = keywords
        .into_iter()
        .map(|keyword| {
            let query = CatalogQuery {
                keyword: keyword.value.clone(),
                ..CatalogQuery::default()
            };
            view! {
                <li>
                    <a class="keyword" href=links.catalog(&query)>
                        {keyword.value}
                    </a>
                </li>
            }
        })
        .collect_view();
    let section = view! {
        <section class="section">
            <header class="section__head">
                <h2>"Keywords"</h2>
            </header>
            <ul class="keyword-list">{rows}</ul>
        </section>
    };
    Some(section.into_any())
}

/// What would be here, and how to get it here.
fn empty(repositories: &[RepositorySummary], is_busy: bool) -> AnyView {
    let links = Links::here();
    if !repositories.is_empty() {
        let text = match is_busy {
            true => "A repository is being read for the first time. Its charts appear here as they come.",
            false => {
                "Charts appear here as soon as a repository has been read. Its state says what is in the way."
            }
        };
        return view! {
            <section class="empty">
                <h2>"No charts yet"</h2>
                <p>{text}</p>
                <p class="empty__actions">
                    <a class="button" href=links.repositories()>"State of the repositories"</a>
                </p>
            </section>
        }
        .into_any();
    }
    view! {
        <section class="empty">
            <h2>"No charts yet"</h2>
            <p>"Charts come from repositories. Add the first one on the command line:"</p>
            <pre>
                <code>"chartroom repo add NAME URL"</code>
            </pre>
            <p>"or name it in the configuration. Its charts appear here as they come."</p>
        </section>
    }
    .into_any()
}
