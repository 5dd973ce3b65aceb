//! The home page: search first, then what is new.

use leptos::prelude::*;
use model::catalog::{CatalogQuery, ChartSummary, FacetCount, Home};
use model::repository::RepositorySummary;

use super::{Page, Request};
use crate::components::chart_row::ChartRow;
use crate::components::repository_state::RepositoryState;
use crate::components::search_field::SearchField;
use crate::error::AppError;
use crate::format::count;
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
        count(home.repositories.len() as u64, "repository")
    );
    let is_busy = home
        .repositories
        .iter()
        .any(|repository| repository.state.running.is_some());
    let description = format!("Helm charts to read, compare and install: {facts}.");
    let view = view! {
        <section class="hero">
            <h1>"Find a chart, read it whole"</h1>
            <SearchField label="Search all charts" name="hero" hint=true />
            <p class="hero__facts">{facts}</p>
        </section>
        <div class="columns">
            <div class="columns__main">
                {charts("Recently updated", links.path("/charts?sort=updated"), home.recently_updated)}
                {charts("New in the catalog", links.charts(), home.recently_added)}
                {(home.n_charts == 0).then(empty)}
            </div>
            <div class="columns__side">{repositories(home.repositories)} {keywords(home.keywords)}</div>
        </div>
    };
    Page::new("", description, links.home(), view.into_any())
        .with_head(head::of_site())
        .live(is_busy)
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

fn repositories(repositories: Vec<RepositorySummary>) -> AnyView {
    let links = Links::here();
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
    view! {
        <section class="section">
            <header class="section__head">
                <h2>"Repositories"</h2>
                <a href=links.repositories()>"State"</a>
            </header>
            <ul class="repository-list">{rows}</ul>
        </section>
    }
    .into_any()
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

fn empty() -> AnyView {
    view! {
        <section class="empty">
            <h2>"No charts yet"</h2>
            <p>"Charts appear here as soon as the first repository has been read. Add one on the command line:"</p>
            <pre>
                <code>"chartroom repo add NAME URL"</code>
            </pre>
        </section>
    }
    .into_any()
}
