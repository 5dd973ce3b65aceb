//! The catalog as Monocular served it: `/v1/…` of 0.7, and `/api/chartsvc/v1/…` of 1.x, which `helm search hub` asks.
//!
//! Shapes and words are Monocular's. What is different: a search is ours, and forgives; what it said of one chart's name in
//! several repositories, it says of each; and a list has 5,000 charts or 1,000 repositories at most, a
//! search 1,000 charts.

use app::api::origin_of;
use app::routes::{Links, query_value};
use axum::extract::{Path, RawQuery, State};
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use backend::ops::{DescribedChart, DescribedVersion, Listed, Listing};
use backend::{Backend, Viewer};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use model::catalog::CatalogQuery;
use model::chart::Maintainer;
use model::files::FileKind;
use serde_json::{Map, Value, json};

use super::monocular::Failure;
use super::validators::{self, MINUTES};
use crate::state::AppState;

/// Charts of one answer.
const MAX_CHARTS: usize = 5_000;
/// Charts of one name that are looked into for a version.
const MAX_NAMESAKES: usize = 100;
/// Repositories of one answer.
const MAX_REPOSITORIES: usize = 1_000;

type Answer = Result<Response, Failure>;

/// The two generations, as far as they differ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Generation {
    /// 0.7: `/v1/…`.
    First,
    /// 1.x: `/api/chartsvc/v1/…`.
    Second,
}

impl Generation {
    /// What it says where there is no such chart.
    fn no_chart(self) -> &'static str {
        match self {
            Self::First => "404 chart not found",
            Self::Second => "could not find chart",
        }
    }

    /// What it says where there is no such version, or no such chart that could have one.
    fn no_version(self) -> &'static str {
        match self {
            Self::First => "404 chartVersion not found",
            Self::Second => "could not find chart version",
        }
    }
}

/// The addresses of both.
pub(crate) fn routes() -> Router<AppState> {
    let first = Router::new()
        .route("/v1/charts", get(old_list))
        .route("/v1/charts/search", get(old_search))
        .route("/v1/charts/{repository}", get(old_list_of))
        .route("/v1/charts/{repository}/{chart}", get(one))
        .route("/v1/charts/{repository}/{chart}/versions", get(versions))
        .route("/v1/charts/{repository}/{chart}/versions/{version}", get(version))
        .route("/v1/repos", get(old_repositories))
        .route("/v1/repos/{repository}", get(old_repository))
        .layer(Extension(Generation::First));
    let second = Router::new()
        .route("/v1/charts", get(list))
        .route("/v1/charts/search", get(search))
        .route("/v1/charts/{repository}", get(list_of))
        .route("/v1/charts/{repository}/search", get(search_of))
        .route("/v1/charts/{repository}/{chart}", get(one))
        .route("/v1/charts/{repository}/{chart}/versions", get(versions))
        .route("/v1/charts/{repository}/{chart}/versions/{version}", get(version))
        .layer(Extension(Generation::Second));
    let probes = Router::new()
        .route("/live", get(|| async { StatusCode::OK }))
        .route("/ready", get(super::health::ready));
    let assets = Router::new()
        .route("/v1/assets/{repository}/{chart}/logo", get(logo))
        .route("/v1/assets/{repository}/{chart}/logo-160x160-fit.png", get(logo))
        .route(
            "/v1/assets/{repository}/{chart}/versions/{version}/{file}",
            get(asset),
        );
    let tagged = first.merge(Router::new().nest("/api/chartsvc", second));
    tagged
        .layer(from_fn(validators::of_content))
        .merge(assets.clone())
        .merge(Router::new().nest("/api/chartsvc", assets.merge(probes)))
}

/// Everything that an answer is made with.
struct Writer<'a> {
    generation: Generation,
    /// Our origin and base path.
    root: String,
    base: &'a str,
    links: Links,
}

impl<'a> Writer<'a> {
    fn new(state: &'a AppState, headers: &HeaderMap, generation: Generation) -> Self {
        let server = &state.config.server;
        Self {
            generation,
            root: format!(
                "{}{}",
                origin_of(&server.public_origin, headers),
                server.base_path
            ),
            base: &server.base_path,
            links: crate::forms::links(state),
        }
    }

    /// Where Monocular's own addresses begin, for links within answers.
    fn separator(&self) -> char {
        match self.generation {
            Generation::First => ':',
            Generation::Second => '-',
        }
    }

    /// A repository's URL as a helm client adds it.
    fn repository_url(&self, name: &str, url: &str) -> String {
        match url {
            "" => format!("{}/mirror/{name}", self.root),
            path if path.starts_with('/') => {
                format!(
                    "{}{path}",
                    self.root.strip_suffix(self.base).unwrap_or(&self.root)
                )
            }
            url => url.to_owned(),
        }
    }

    fn asset(&self, chart: &DescribedChart, tail: &str) -> String {
        let prefix = match self.generation {
            Generation::First => self.base,
            // Relative to where the service is, as its clients put it together.
            Generation::Second => "",
        };
        format!(
            "{prefix}/v1/assets/{}/{}/{tail}",
            chart.summary.repository, chart.summary.name
        )
    }

    fn attributes(&self, chart: &DescribedChart) -> Value {
        let summary = &chart.summary;
        let url = self.repository_url(&summary.repository, &chart.repository_url);
        let repository = match self.generation {
            Generation::First => json!({ "name": summary.repository, "URL": url, "source": "" }),
            Generation::Second => json!({ "name": summary.repository, "url": url }),
        };
        let mut out = json!({
            "name": summary.name,
            "repo": repository,
            "description": summary.description,
            "home": chart.home.as_deref().unwrap_or_default(),
            "keywords": chart.keywords,
            "maintainers": chart.maintainers.iter().map(person).collect::<Vec<_>>(),
            "sources": chart.sources,
        });
        if self.generation == Generation::Second {
            let icon = match summary.icon {
                Some(_) => self.asset(chart, "logo"),
                None => String::new(),
            };
            out["icon"] = icon.into();
        }
        out
    }

    fn version_attributes(&self, chart: &DescribedChart, version: &DescribedVersion) -> Value {
        let (repository, name) = (&chart.summary.repository, &chart.summary.name);
        let archive = self.links.archive(repository, name, &version.version);
        let archive = archive.strip_prefix(self.base).unwrap_or(&archive).to_owned();
        let file = |file: &str| self.asset(chart, &format!("versions/{}/{file}", version.version));
        let mut out = Map::new();
        out.insert("version".into(), version.version.as_str().into());
        out.insert(
            "app_version".into(),
            version.app_version.as_deref().unwrap_or_default().into(),
        );
        // A time of Go's, which takes no empty text for one.
        let created = version.created.filter(|at| (0..253_402_300_800).contains(&at.0));
        let created = created.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), |at| at.to_rfc3339());
        out.insert("created".into(), created.into());
        out.insert(
            "digest".into(),
            version.digest.as_deref().unwrap_or_default().into(),
        );
        out.insert("urls".into(), json!([format!("{}{archive}", self.root)]));
        out.insert("readme".into(), file("README.md").into());
        match self.generation {
            Generation::First => {
                let icons = match chart.summary.icon {
                    Some(_) => json!([{
                        "name": "160x160-fit",
                        "path": self.asset(chart, "logo-160x160-fit.png"),
                    }]),
                    None => json!([]),
                };
                out.insert("icons".into(), icons);
            }
            Generation::Second => {
                out.insert("values".into(), file("values.yaml").into());
                out.insert("schema".into(), file("values.schema.json").into());
            }
        }
        out.into()
    }

    fn version_path(&self, chart: &DescribedChart, version: &str) -> String {
        format!(
            "/v1/charts/{}/{}/versions/{version}",
            chart.summary.repository, chart.summary.name
        )
    }

    fn chart(&self, chart: &DescribedChart, is_listed: bool) -> Value {
        let summary = &chart.summary;
        let id = format!("{}/{}", summary.repository, summary.name);
        let mut out = json!({
            "type": "chart",
            "id": id,
            "attributes": self.attributes(chart),
            "relationships": {
                "latestChartVersion": {
                    "links": { "self": self.version_path(chart, &chart.newest.version) },
                    "data": self.version_attributes(chart, &chart.newest),
                },
            },
        });
        if is_listed || self.generation == Generation::Second {
            out["links"] = json!({ "self": format!("/v1/charts/{id}") });
        }
        if self.generation == Generation::Second {
            let page = self.links.chart(&summary.repository, &summary.name);
            let page = page.strip_prefix(self.base).unwrap_or(&page);
            out["artifactHub"] = json!({ "packageUrl": format!("{}{page}", self.root) });
        }
        out
    }

    fn version(&self, chart: &DescribedChart, version: &DescribedVersion) -> Value {
        let summary = &chart.summary;
        let id = format!("{}/{}", summary.repository, summary.name);
        json!({
            "type": "chartVersion",
            "id": format!("{id}{}{}", self.separator(), version.version),
            "attributes": self.version_attributes(chart, version),
            "links": { "self": self.version_path(chart, &version.version) },
            "relationships": {
                "chart": {
                    "links": { "self": format!("/v1/charts/{id}") },
                    "data": self.attributes(chart),
                },
            },
        })
    }
}

fn person(person: &Maintainer) -> Value {
    let mut out = json!({ "name": person.name, "email": person.email.as_deref().unwrap_or_default() });
    if let Some(url) = &person.url {
        out["url"] = url.as_str().into();
    }
    out
}

/// A list; one without anything is null in the first generation.
fn charts(writer: &Writer<'_>, charts: &[DescribedChart], n_pages: Option<usize>) -> Response {
    let list: Vec<Value> = charts.iter().map(|chart| writer.chart(chart, true)).collect();
    let data = match writer.generation {
        Generation::First if list.is_empty() => Value::Null,
        _ => list.into(),
    };
    let answer = match n_pages {
        Some(n_pages) => json!({ "data": data, "meta": { "totalPages": n_pages } }),
        None => json!({ "data": data }),
    };
    Json(answer).into_response()
}

async fn describe(
    backend: &Backend,
    viewer: &Viewer,
    charts: &[Listed<'_>],
) -> Result<Vec<DescribedChart>, Failure> {
    Ok(backend.catalog().describe(viewer, charts).await?)
}

/// One chart with its entry, or Monocular's words for there being none.
async fn find<'l>(
    backend: &Backend,
    viewer: &Viewer,
    listing: &'l Listing,
    (repository, name): (&str, &str),
    words: &str,
) -> Result<(Listed<'l>, DescribedChart), Failure> {
    let missing = || Failure::new(StatusCode::NOT_FOUND, words);
    let listed = listing.find(repository, name).ok_or_else(missing)?;
    let described = describe(backend, viewer, &[listed]).await?;
    Ok((listed, described.into_iter().next().ok_or_else(missing)?))
}

type Named = Path<(String, String)>;
type NamedVersion = Path<(String, String, String)>;

async fn old_list(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    headers: HeaderMap,
) -> Answer {
    let listing = state.backend.catalog().listing(&viewer).await?;
    let listed: Vec<Listed<'_>> = listing.charts().take(MAX_CHARTS).collect();
    let found = describe(&state.backend, &viewer, &listed).await?;
    Ok(charts(
        &Writer::new(&state, &headers, Generation::First),
        &found,
        None,
    ))
}

/// A part of the name, in the letters that it is written in.
async fn old_search(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    let part = query_value(&query.unwrap_or_default(), "name").unwrap_or_default();
    if part.is_empty() {
        return Err(Failure::new(StatusCode::BAD_REQUEST, "data not in cache"));
    }
    let listing = state.backend.catalog().listing(&viewer).await?;
    let listed = listing.charts().filter(|chart| chart.name().contains(&part));
    let listed: Vec<Listed<'_>> = listed.take(MAX_CHARTS).collect();
    let found = describe(&state.backend, &viewer, &listed).await?;
    Ok(charts(
        &Writer::new(&state, &headers, Generation::First),
        &found,
        None,
    ))
}

async fn old_list_of(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path(repository): Path<String>,
    headers: HeaderMap,
) -> Answer {
    known(&state.backend, &viewer, &repository, "404 charts not found").await?;
    let found = of_repository(&state.backend, &viewer, &repository).await?;
    Ok(charts(
        &Writer::new(&state, &headers, Generation::First),
        &found,
        None,
    ))
}

async fn of_repository(
    backend: &Backend,
    viewer: &Viewer,
    repository: &str,
) -> Result<Vec<DescribedChart>, Failure> {
    let listing = backend.catalog().listing(viewer).await?;
    let listed = listing.charts().filter(|chart| chart.repository() == repository);
    let listed: Vec<Listed<'_>> = listed.take(MAX_CHARTS).collect();
    describe(backend, viewer, &listed).await
}

async fn known(backend: &Backend, viewer: &Viewer, repository: &str, words: &str) -> Result<(), Failure> {
    match backend.repositories().get(viewer, repository).await {
        Ok(_) => Ok(()),
        Err(backend::Error::NotFound { .. }) => Err(Failure::new(StatusCode::NOT_FOUND, words)),
        Err(error) => Err(error.into()),
    }
}

async fn old_repositories(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    headers: HeaderMap,
) -> Answer {
    let writer = Writer::new(&state, &headers, Generation::First);
    let known = state.backend.repositories().list(&viewer).await?;
    let list: Vec<Value> = known
        .iter()
        .take(MAX_REPOSITORIES)
        .map(|repository| old_repository_of(&writer, &repository.name, &repository.url))
        .collect();
    let data = if list.is_empty() { Value::Null } else { list.into() };
    Ok(Json(json!({ "data": data })).into_response())
}

async fn old_repository(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let writer = Writer::new(&state, &headers, Generation::First);
    let found = state.backend.repositories().list(&viewer).await?;
    let found = found.iter().find(|repository| repository.name == name);
    let found = found.ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, "404 repository not found"))?;
    let data = old_repository_of(&writer, &found.name, &found.url);
    Ok(Json(json!({ "data": data })).into_response())
}

fn old_repository_of(writer: &Writer<'_>, name: &str, url: &str) -> Value {
    json!({
        "type": "repository",
        "id": name,
        "attributes": { "name": name, "url": writer.repository_url(name, url), "source": "" },
    })
}

/// `page`, `size` and `showDuplicates`; or `name`, `version` and `appversion`.
async fn list(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    let query = query.unwrap_or_default();
    let text = |key| query_value(&query, key).unwrap_or_default();
    let listing = state.backend.catalog().listing(&viewer).await?;
    let writer = Writer::new(&state, &headers, Generation::Second);
    let (name, version, app_version) = (text("name"), text("version"), text("appversion"));
    if !name.is_empty() && !version.is_empty() {
        let mut listed = Vec::new();
        for chart in listing
            .charts()
            .filter(|chart| chart.name() == name)
            .take(MAX_NAMESAKES)
        {
            let versions = state.backend.catalog().versions(&viewer, &chart).await?;
            let is_wanted = |known: &DescribedVersion| {
                known.version == version && known.app_version.as_deref().unwrap_or_default() == app_version
            };
            if versions.iter().any(is_wanted) {
                listed.push(chart);
            }
        }
        let found = describe(&state.backend, &viewer, &listed).await?;
        return Ok(charts(
            &writer,
            &without_copies(found, &text("showDuplicates")),
            Some(1),
        ));
    }
    let size = text("size").parse().unwrap_or(0);
    let size = if size == 0 {
        MAX_CHARTS
    } else {
        MAX_CHARTS.min(size)
    };
    let all: Vec<Listed<'_>> = listing.charts().collect();
    // A page past the last is the last, as it was.
    let n_pages = all.len().div_ceil(size).max(1);
    let page = text("page").parse().unwrap_or(1).clamp(1, n_pages);
    let part: Vec<Listed<'_>> = all.into_iter().skip((page - 1) * size).take(size).collect();
    let found = describe(&state.backend, &viewer, &part).await?;
    Ok(charts(
        &writer,
        &without_copies(found, &text("showDuplicates")),
        Some(n_pages),
    ))
}

/// Of charts whose newest archives are the same bytes, the first.
fn without_copies(mut charts: Vec<DescribedChart>, show: &str) -> Vec<DescribedChart> {
    let mut seen = std::collections::HashSet::new();
    charts.retain(|chart| match &chart.newest.digest {
        Some(digest) if show.is_empty() => seen.insert(digest.clone()),
        _ => true,
    });
    charts
}

async fn list_of(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path(repository): Path<String>,
    headers: HeaderMap,
) -> Answer {
    // One that is not known has no charts, and that is all it says.
    let found = of_repository(&state.backend, &viewer, &repository).await?;
    let writer = Writer::new(&state, &headers, Generation::Second);
    Ok(charts(&writer, &found, Some(1)))
}

async fn search(
    state: State<AppState>,
    viewer: Extension<Viewer>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    found(state, viewer, String::new(), &query.unwrap_or_default(), headers).await
}

async fn search_of(
    state: State<AppState>,
    viewer: Extension<Viewer>,
    Path(repository): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    found(state, viewer, repository, &query.unwrap_or_default(), headers).await
}

async fn found(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    repository: String,
    query: &str,
    headers: HeaderMap,
) -> Answer {
    let wanted = CatalogQuery {
        q: query_value(query, "q").unwrap_or_default().trim().to_owned(),
        repository,
        ..CatalogQuery::default()
    };
    let (hits, _) = state.backend.catalog().find(&viewer, wanted, MAX_CHARTS).await?;
    let listing = state.backend.catalog().listing(&viewer).await?;
    let hits = hits
        .iter()
        .filter_map(|hit| listing.find(&hit.repository, &hit.name));
    let hits: Vec<Listed<'_>> = hits.collect();
    let found = describe(&state.backend, &viewer, &hits).await?;
    let writer = Writer::new(&state, &headers, Generation::Second);
    Ok(charts(&writer, &found, None))
}

async fn one(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Extension(generation): Extension<Generation>,
    Path((repository, name)): Named,
    headers: HeaderMap,
) -> Answer {
    let listing = state.backend.catalog().listing(&viewer).await?;
    let words = generation.no_chart();
    let (_, chart) = find(&state.backend, &viewer, &listing, (&repository, &name), words).await?;
    let writer = Writer::new(&state, &headers, generation);
    Ok(Json(json!({ "data": writer.chart(&chart, false) })).into_response())
}

async fn versions(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Extension(generation): Extension<Generation>,
    Path((repository, name)): Named,
    headers: HeaderMap,
) -> Answer {
    let words = generation.no_chart();
    let listing = state.backend.catalog().listing(&viewer).await?;
    let (listed, chart) = find(&state.backend, &viewer, &listing, (&repository, &name), words).await?;
    let versions = state.backend.catalog().versions(&viewer, &listed).await?;
    let writer = Writer::new(&state, &headers, generation);
    let data: Vec<Value> = versions
        .iter()
        .map(|version| writer.version(&chart, version))
        .collect();
    Ok(Json(json!({ "data": data })).into_response())
}

async fn version(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Extension(generation): Extension<Generation>,
    Path((repository, name, wanted)): NamedVersion,
    headers: HeaderMap,
) -> Answer {
    let words = generation.no_version();
    let listing = state.backend.catalog().listing(&viewer).await?;
    let (listed, chart) = find(&state.backend, &viewer, &listing, (&repository, &name), words).await?;
    let versions = state.backend.catalog().versions(&viewer, &listed).await?;
    let version = versions.iter().find(|version| version.version == wanted);
    let version = version.ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, words))?;
    let writer = Writer::new(&state, &headers, generation);
    Ok(Json(json!({ "data": writer.version(&chart, version) })).into_response())
}

/// The chart's icon; ours are at most 128 pixels wide.
async fn logo(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name)): Named,
) -> Answer {
    let missing = || Failure::new(StatusCode::NOT_FOUND, "could not find chart icon");
    let listing = state.backend.catalog().listing(&viewer).await?;
    let chart = listing.find(&repository, &name).ok_or_else(missing)?;
    let icon = chart.summary().icon.ok_or_else(missing)?;
    let digest = icon.rsplit('/').next().unwrap_or_default();
    let (media_type, bytes) = state.backend.charts().icon(&viewer, digest).await?;
    let headers = [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, MINUTES),
        (CONTENT_SECURITY_POLICY, super::files::SANDBOX),
    ];
    Ok((headers, bytes).into_response())
}

/// `README.md`, `values.yaml` and `values.schema.json`, whatever letters their names have in the archive.
async fn asset(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name, version, file)): Path<(String, String, String, String)>,
) -> Answer {
    let kind = match file.as_str() {
        "README.md" => FileKind::Readme,
        "values.yaml" => FileKind::Values,
        "values.schema.json" => FileKind::Schema,
        _ => return Err(Failure::new(StatusCode::NOT_FOUND, "could not find the file")),
    };
    let charts = state.backend.charts();
    let version = Some(version.as_str());
    let files = charts.files(&viewer, &repository, &name, version).await?;
    let is_wanted = |path: &str| kind == FileKind::Readme || path.eq_ignore_ascii_case(&file);
    let found = files
        .iter()
        .find(|entry| entry.kind == kind && is_wanted(&entry.path));
    let bytes = match found {
        Some(entry) => {
            charts
                .raw_file(&viewer, &repository, &name, version, &entry.path)
                .await?
                .1
        }
        None if kind == FileKind::Readme => {
            return Err(Failure::new(StatusCode::NOT_FOUND, "could not find README.md"));
        }
        // The chart is known, and has none.
        None => backend::Bytes::new(),
    };
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, MINUTES),
        (CONTENT_SECURITY_POLICY, super::files::SANDBOX),
    ];
    Ok((headers, bytes).into_response())
}
