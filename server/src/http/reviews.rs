//! What a chart comes to with its defaults, and what differs between two of its versions.

use app::error::AppError;
use axum::Extension;
use axum::extract::{Path, State};
use backend::{Backend, Viewer};
use model::review::{ChartComparison, RenderedChart};
use schemars::JsonSchema;
use serde::Deserialize;

use super::envelope::{Asked, Envelope, Sent, data};
use super::error::Problem;

type Answer<T> = Result<axum::Json<Envelope<T>>, Problem>;

/// Which version of a chart.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct OneVersion {
    /// The newest where it is left out.
    pub(super) version: Option<String>,
}

/// `GET /api/v1/charts/{repository}/{name}/resources[?version=…]`.
pub(crate) async fn resources(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name)): Path<(String, String)>,
    Asked(asked): Asked<OneVersion>,
) -> Answer<RenderedChart> {
    let version = asked.version.as_deref();
    let charts = backend.charts();
    Ok(data(charts.rendered(&viewer, &repository, &name, version).await?))
}

/// `GET …/compare/{a}...{b}`: both with their own defaults.
pub(crate) async fn compare(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(place): Path<(String, String, String)>,
) -> Answer<ChartComparison> {
    compared(&backend, &viewer, place, "").await
}

/// Values to render both versions with.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Values {
    /// YAML, laid over the defaults of each.
    #[serde(default)]
    values: String,
}

/// `POST …/compare/{a}...{b}`: both with values of the caller's own.
pub(crate) async fn compare_with(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(place): Path<(String, String, String)>,
    Sent(sent): Sent<Values>,
) -> Answer<ChartComparison> {
    compared(&backend, &viewer, place, &sent.values).await
}

async fn compared(
    backend: &Backend,
    viewer: &Viewer,
    (repository, name, versions): (String, String, String),
    values: &str,
) -> Answer<ChartComparison> {
    let Some((from, to)) = app::routes::versions(&versions) else {
        return Err(AppError::in_field("versions", "are written as `1.0.0...2.0.0`").into());
    };
    let charts = backend.charts();
    let pair = (from.as_str(), to.as_str());
    Ok(data(
        charts.compare(viewer, &repository, &name, pair, values).await?,
    ))
}
