//! Charts of the catalog: search, and what a search may become while it is typed.

use app::routes::catalog_query;
use axum::extract::{RawQuery, State};
use axum::{Extension, Json};
use backend::{Backend, Viewer};
use model::catalog::{CatalogPage, ChartSummary};

use super::envelope::{Envelope, data};
use super::error::Problem;

/// `GET /api/v1/charts`: one part of the charts that match, with counts of every filter and hints about the query. It
/// takes the query string of the page `/charts`, and `repository`.
pub(crate) async fn list(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    RawQuery(query): RawQuery,
) -> Result<Json<Envelope<CatalogPage>>, Problem> {
    let query = catalog_query(None, &query.unwrap_or_default());
    Ok(data(backend.catalog().list(&viewer, query).await?))
}

/// The query string of [`suggest`].
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "says what is read, and how it is described")]
pub(crate) struct SuggestQuery {
    /// What has been typed so far.
    q: String,
}

/// `GET /api/v1/charts/suggest?q=`: the charts that somebody who has typed so much is likely to look for.
pub(crate) async fn suggest(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    RawQuery(query): RawQuery,
) -> Result<Json<Envelope<Vec<ChartSummary>>>, Problem> {
    let typed = catalog_query(None, &query.unwrap_or_default()).q;
    Ok(data(backend.catalog().complete(&viewer, &typed).await?))
}
