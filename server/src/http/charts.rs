//! Charts of the catalog: the home page's lists, search and what a search may become while it is typed, and one chart.

use app::routes::catalog_query;
use axum::extract::{Path, RawQuery, State};
use axum::{Extension, Json};
use backend::{Backend, Viewer};
use model::catalog::{CatalogPage, ChartSummary, Dependent, Home, Relations};
use model::chart::{Changelog, ChartDetail, Prose, VersionSummary};
use model::files::FileEntry;
use model::page::Page;
use model::review::DependencyTree;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::envelope::{Asked, Envelope, data};
use super::error::Problem;
use super::reviews::OneVersion;

type Answer<T> = Result<Json<Envelope<T>>, Problem>;

/// `GET /api/v1/home`: what is here, what is new, what people use.
pub(crate) async fn home(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
) -> Answer<Home> {
    Ok(data(backend.catalog().home(&viewer).await?))
}

/// `GET /api/v1/charts`: one part of the charts that match, with counts of every filter and hints about the query. It
/// takes the query string of the page `/charts`, and `repository`.
pub(crate) async fn list(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    RawQuery(query): RawQuery,
) -> Answer<CatalogPage> {
    let query = catalog_query(None, &query.unwrap_or_default());
    Ok(data(backend.catalog().list(&viewer, query).await?))
}

/// The query string of [`suggest`].
#[derive(JsonSchema)]
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
) -> Answer<Vec<ChartSummary>> {
    let typed = catalog_query(None, &query.unwrap_or_default()).q;
    Ok(data(backend.catalog().complete(&viewer, &typed).await?))
}

/// Which chart.
type Place = Path<(String, String)>;

/// Which part of a list.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Part {
    /// A cursor that another part named; the first part where it is left out.
    #[serde(default)]
    pub(super) cursor: String,
}

/// `GET /api/v1/charts/{repository}/{name}[?version=…]`: everything the head and the rail of its pages show.
pub(crate) async fn get(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name)): Place,
    Asked(asked): Asked<OneVersion>,
) -> Answer<ChartDetail> {
    let version = asked.version.as_deref();
    Ok(data(
        backend.charts().get(&viewer, &repository, &name, version).await?,
    ))
}

/// `GET …/versions[?cursor=…]`: its versions, the newest first.
pub(crate) async fn versions(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name)): Place,
    Asked(part): Asked<Part>,
) -> Answer<Page<VersionSummary>> {
    let charts = backend.charts();
    Ok(data(
        charts
            .versions_from(&viewer, &repository, &name, &part.cursor)
            .await?,
    ))
}

/// `GET …/readme`: the README as safe HTML.
pub(crate) async fn readme(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name)): Place,
    Asked(asked): Asked<OneVersion>,
) -> Answer<Option<Prose>> {
    let version = asked.version.as_deref();
    Ok(data(
        backend
            .charts()
            .readme(&viewer, &repository, &name, version)
            .await?,
    ))
}

/// `GET …/changelog`: what a version and those before it change.
pub(crate) async fn changelog(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name)): Place,
    Asked(asked): Asked<OneVersion>,
) -> Answer<Changelog> {
    let version = asked.version.as_deref();
    let charts = backend.charts();
    Ok(data(
        charts.changelog(&viewer, &repository, &name, version).await?,
    ))
}

/// `GET …/dependencies`: its sub-charts with the default values.
pub(crate) async fn dependencies(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name)): Place,
    Asked(asked): Asked<OneVersion>,
) -> Answer<DependencyTree> {
    let version = asked.version.as_deref();
    let charts = backend.charts();
    Ok(data(
        charts.dependencies(&viewer, &repository, &name, version).await?,
    ))
}

/// `GET …/related`: the first of those that depend on it, and those that resemble it.
pub(crate) async fn related(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name)): Place,
) -> Answer<Relations> {
    Ok(data(
        backend.charts().relations(&viewer, &repository, &name).await?,
    ))
}

/// `GET …/used-by[?cursor=…]`: all that depend on it.
pub(crate) async fn used_by(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name)): Place,
    Asked(part): Asked<Part>,
) -> Answer<Page<Dependent>> {
    let charts = backend.charts();
    Ok(data(
        charts.used_by(&viewer, &repository, &name, &part.cursor).await?,
    ))
}

/// `GET …/files`: the files of the archive.
pub(crate) async fn files(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name)): Place,
    Asked(asked): Asked<OneVersion>,
) -> Answer<Vec<FileEntry>> {
    let version = asked.version.as_deref();
    Ok(data(
        backend
            .charts()
            .files(&viewer, &repository, &name, version)
            .await?,
    ))
}

/// Which file of a version.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct OneFile {
    /// Its path within the archive, such as `values.yaml`.
    path: String,
    /// The newest version where it is left out.
    version: Option<String>,
}

/// A file of a chart.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChartFileText")]
pub(crate) struct FileText {
    path: String,
    size_bytes: u64,
    /// None of a file that is no text; `/raw/{repository}/{name}/{version}/{path}` has its bytes.
    text: Option<String>,
}

/// `GET …/file?path=…`: one file of the archive.
pub(crate) async fn file(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name)): Place,
    Asked(asked): Asked<OneFile>,
) -> Answer<FileText> {
    let (version, path) = (asked.version.as_deref(), asked.path);
    let charts = backend.charts();
    let (_, bytes) = charts
        .raw_file(&viewer, &repository, &name, version, &path)
        .await?;
    Ok(data(FileText {
        path,
        size_bytes: bytes.len() as u64,
        text: std::str::from_utf8(&bytes).ok().map(str::to_owned),
    }))
}
