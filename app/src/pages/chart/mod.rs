//! One chart: header, tabs, and what the chosen tab shows. Every tab has an address of its own.

mod dependencies;
mod files;
mod header;
mod overview;
mod rail;
mod values;
mod versions;

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::chart::ChartDetail;
use serde::{Deserialize, Serialize};

use super::load::{Refresh, failed, load};
use crate::api::Lean;
use crate::api::charts::{ChartPage as Data, ChartRequest, TabContent, chart_page};
use crate::components::page_head::PageHead;
use crate::error::AppError;
use crate::routes::{ChartRoute, ChartTab, Links, Route};
use header::Header;
use model::chart::ArchiveState;

/// A page with the address that it answers.
#[derive(Clone, Serialize, Deserialize)]
struct Answer {
    request: ChartRequest,
    page: Data,
}

impl Lean for Answer {
    fn lean(&self) -> Self {
        Self {
            request: self.request.clone(),
            page: self.page.lean(),
        }
    }
}

#[component]
pub fn ChartPage() -> impl IntoView {
    let links = Links::here();
    let pathname = use_location().pathname;
    let route = Memo::new(move |_| pathname.with(|path| Route::parse(links.strip(path).unwrap_or(path))));
    load(move || route.get(), fetch, show)
}

async fn fetch(route: Route) -> Result<Answer, AppError> {
    let Route::Chart(route) = route else {
        return Err(AppError::no_page());
    };
    let request = ChartRequest {
        repository: route.repository,
        name: route.name,
        version: route.version.unwrap_or_default(),
        tab: route.tab.segment().to_owned(),
        file: route.file.unwrap_or_default(),
    };
    let page = chart_page(request.clone()).await?;
    Ok(Answer { request, page })
}

fn show(Answer { request, page }: Answer, again: Callback<()>) -> AnyView {
    let links = Links::here();
    let Data { chart, content } = page;
    let Some(route) = request.route() else {
        return failed(AppError::no_page(), None);
    };
    let title = page_title(&chart, &route);
    let description = match chart.version.description.as_str() {
        "" => format!("Helm chart {} of {}.", chart.name, chart.repository),
        description => description.to_owned(),
    };
    let is_pending = chart.version.archive == ArchiveState::Pending;
    let body = match content {
        TabContent::Overview { readme } => overview::overview(&chart, &route, readme),
        TabContent::Values { values } => values::values(&chart, &route, values),
        TabContent::Files { entries, shown } => files::files(&route, entries, shown),
        TabContent::Dependencies => dependencies::dependencies(&chart),
        TabContent::Versions { versions } => versions::versions(&chart, versions),
    };
    view! {
        <PageHead title=title description=description canonical=links.chart_route(&canonical(&chart, &route)) />
        {is_pending.then(|| view! { <Refresh again=again soon=true /> })}
        <article class="chart">
            <Header chart=chart route=route />
            {body}
        </article>
    }
    .into_any()
}

fn page_title(chart: &ChartDetail, route: &ChartRoute) -> String {
    let mut title = format!("{} {}", chart.name, chart.version.version);
    if route.tab != ChartTab::Overview {
        title.push_str(" \u{b7} ");
        title.push_str(tab_label(route.tab));
    }
    if let Some(file) = &route.file {
        title.push_str(" \u{b7} ");
        title.push_str(file);
    }
    title
}

/// The newest version's pages are known by their addresses without a version.
fn canonical(chart: &ChartDetail, route: &ChartRoute) -> ChartRoute {
    let is_newest = chart.version.version == chart.latest_version || route.tab == ChartTab::Versions;
    ChartRoute {
        version: (!is_newest).then(|| chart.version.version.clone()),
        ..route.clone()
    }
}

fn tab_label(tab: ChartTab) -> &'static str {
    match tab {
        ChartTab::Overview => "Overview",
        ChartTab::Values => "Values",
        ChartTab::Templates => "Templates",
        ChartTab::Crds => "CRDs",
        ChartTab::Files => "Files",
        ChartTab::Dependencies => "Dependencies",
        ChartTab::Versions => "Versions",
    }
}

impl ChartRequest {
    /// The address it was read from.
    fn route(&self) -> Option<ChartRoute> {
        let text = |text: &String| (!text.is_empty()).then(|| text.clone());
        Some(ChartRoute {
            repository: self.repository.clone(),
            name: self.name.clone(),
            version: text(&self.version),
            tab: ChartTab::ALL.into_iter().find(|tab| tab.segment() == self.tab)?,
            file: text(&self.file),
        })
    }
}
