//! Finding charts.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use model::catalog::{CatalogPage, CatalogQuery, Home};

use super::Lean;
use crate::error::AppError;

/// What the home page shows.
#[server(name = HomeFn, prefix = "/ui", endpoint = "home", input = GetUrl)]
pub async fn home() -> Result<Home, AppError> {
    Ok(super::backend().catalog().home(&super::viewer()).await?)
}

/// One part of the charts that match, best match first.
#[server(name = ListChartsFn, prefix = "/ui", endpoint = "charts/list", input = GetUrl)]
pub async fn list_charts(query: CatalogQuery) -> Result<CatalogPage, AppError> {
    Ok(super::backend().catalog().list(&super::viewer(), query).await?)
}

impl Lean for Home {}
impl Lean for CatalogPage {}
