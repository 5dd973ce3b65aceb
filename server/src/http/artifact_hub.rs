//! As much of Artifact Hub's API as programs ask of it: one package, its versions, a search.
//!
//! Names and types of fields are those of its OpenAPI document; what Chartroom does not know (stars, organisations,
//! security reports) is zero or left out.

use app::api::origin_of;
use app::error::{AppError, ErrorKind};
use app::routes::query_value;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use backend::Viewer;
use backend::ops::{DescribedChart, DescribedVersion, Listed};
use http::{HeaderMap, HeaderName, HeaderValue};
use model::catalog::{CatalogQuery, CatalogSort};
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::error::Problem;
use super::feeds::uuid;
use crate::state::AppState;

/// Packages that one search answers at most, and where the last of them may be: Artifact Hub's own limits are alike.
const MAX_PACKAGES: usize = 60;
const MAX_OFFSET: usize = 900;
const TOTAL: HeaderName = HeaderName::from_static("pagination-total-count");

type Answer = Result<Response, Problem>;

/// The query string of [`search`]; what else Artifact Hub takes is passed over.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "says what is read, and how it is described")]
#[schemars(rename = "PackageQuery")]
pub(crate) struct SearchQuery {
    /// Words to find.
    ts_query_web: Option<String>,
    /// Packages of one answer; 20 where it is left out, 60 at most.
    limit: Option<u64>,
    /// Packages to pass over.
    offset: Option<u64>,
    /// `0` is Helm charts, and there is nothing else.
    kind: Option<u64>,
    /// Only of this repository.
    repo: Option<String>,
    /// Deprecated ones, too.
    deprecated: Option<bool>,
    /// `relevance`, or `last_updated`.
    sort: Option<String>,
}

/// `GET /api/v1/packages/search`.
pub(crate) async fn search(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    let query = query.unwrap_or_default();
    let text = |key| query_value(&query, key).unwrap_or_default();
    let number = |key: &str, default: usize| {
        query_value(&query, key)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (limit, offset) = (
        number("limit", 20).min(MAX_PACKAGES),
        number("offset", 0).min(MAX_OFFSET),
    );
    let wanted = CatalogQuery {
        q: text("ts_query_web").trim().to_owned(),
        repository: text("repo"),
        deprecated: text("deprecated") == "true",
        sort: match text("sort").as_str() {
            "last_updated" => CatalogSort::Updated,
            _ => CatalogSort::Relevance,
        },
        ..CatalogQuery::default()
    };
    let catalog = state.backend.catalog();
    // A search for other kinds of packages finds none.
    let is_charts = matches!(text("kind").as_str(), "" | "0");
    let (hits, total) = match is_charts {
        true => catalog.find(&viewer, wanted, offset + limit).await?,
        false => (Vec::new(), 0),
    };
    let listing = catalog.listing(&viewer).await?;
    let hits = hits.iter().skip(offset);
    let hits: Vec<Listed<'_>> = hits
        .filter_map(|hit| listing.find(&hit.repository, &hit.name))
        .take(limit)
        .collect();
    let root = root(&state, &headers);
    let packages = catalog.describe(&viewer, &hits).await?;
    let packages: Vec<Value> = packages
        .iter()
        .map(|chart| summary(chart, &chart.newest, &root))
        .collect();
    let mut response = Json(json!({ "packages": packages })).into_response();
    response.headers_mut().insert(TOTAL, HeaderValue::from(total));
    Ok(response)
}

/// `GET /api/v1/packages/helm/{repository}/{name}`: the newest version.
pub(crate) async fn newest(
    state: State<AppState>,
    viewer: Extension<Viewer>,
    Path((repository, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    package(state, viewer, &repository, &name, None, headers).await
}

/// `GET /api/v1/packages/helm/{repository}/{name}/{version}`.
pub(crate) async fn version(
    state: State<AppState>,
    viewer: Extension<Viewer>,
    Path((repository, name, version)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Answer {
    package(state, viewer, &repository, &name, Some(&version), headers).await
}

async fn package(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    repository: &str,
    name: &str,
    wanted: Option<&str>,
    headers: HeaderMap,
) -> Answer {
    let missing = || Problem::from(AppError::new(ErrorKind::NotFound, "there is no such package"));
    let catalog = state.backend.catalog();
    let listing = catalog.listing(&viewer).await?;
    let listed = listing.find(repository, name).ok_or_else(missing)?;
    let described = catalog.describe(&viewer, &[listed]).await?;
    let chart = described.into_iter().next().ok_or_else(missing)?;
    let versions = catalog.versions(&viewer, &listed).await?;
    let wanted = wanted.unwrap_or(&chart.newest.version);
    let version = versions.iter().find(|version| version.version == wanted);
    let version = version.ok_or_else(missing)?;
    let root = root(&state, &headers);
    let mut out = summary(&chart, version, &root);
    let detail = state
        .backend
        .charts()
        .get(&viewer, repository, name, Some(wanted))
        .await?;
    let links = crate::forms::links(&state);
    let archive = links.archive(repository, name, wanted);
    let archive = archive
        .strip_prefix(&state.config.server.base_path)
        .unwrap_or(&archive);
    out["content_url"] = format!("{root}{archive}").into();
    out["digest"] = version.digest.as_deref().unwrap_or_default().into();
    out["home_url"] = chart.home.as_deref().unwrap_or_default().into();
    out["keywords"] = json!(chart.keywords);
    out["is_operator"] = false.into();
    out["license"] = chart.license.as_deref().unwrap_or_default().into();
    out["has_values_schema"] = detail.version.has_schema.into();
    out["links"] = chart
        .sources
        .iter()
        .map(|url| json!({ "name": "source", "url": url }))
        .collect();
    out["maintainers"] = chart
        .maintainers
        .iter()
        .map(|person| json!({ "name": person.name, "email": person.email.as_deref().unwrap_or_default() }))
        .collect();
    out["containers_images"] = detail
        .version
        .images
        .iter()
        .map(|image| json!({ "name": "", "image": image }))
        .collect();
    out["available_versions"] = versions
        .iter()
        .map(|version| {
            json!({
                "version": version.version,
                "app_version": version.app_version.as_deref().unwrap_or_default(),
                "prerelease": version.version.split('+').next().is_some_and(|core| core.contains('-')),
                "contains_security_updates": false,
                "ts": version.created.map_or(0, |at| at.0),
            })
        })
        .collect();
    out["data"] = json!({
        "type": if detail.version.is_library { "library" } else { "application" },
        "kubeVersion": detail.version.kube_version.as_deref().unwrap_or_default(),
        "dependencies": detail
            .version
            .dependencies
            .iter()
            .map(|dependency| {
                json!({
                    "name": dependency.name,
                    "version": dependency.version,
                    "repository": dependency.repository,
                })
            })
            .collect::<Vec<_>>(),
    });
    Ok(Json(out).into_response())
}

fn root(state: &AppState, headers: &HeaderMap) -> String {
    let server = &state.config.server;
    format!(
        "{}{}",
        origin_of(&server.public_origin, headers),
        server.base_path
    )
}

/// What a search says of a package.
fn summary(chart: &DescribedChart, version: &DescribedVersion, root: &str) -> Value {
    let row = &chart.summary;
    let url = match chart.repository_url.as_str() {
        url if url.starts_with("http") || url.starts_with("oci:") => url.to_owned(),
        // Charts that are here alone: by the mirror they are what everything else is.
        _ => format!("{root}/mirror/{}", row.repository),
    };
    json!({
        "package_id": uuid(&["package", &row.repository, &row.name]),
        "name": row.name,
        "normalized_name": row.name.to_lowercase(),
        "display_name": row.name,
        "description": row.description,
        "version": version.version,
        "app_version": version.app_version.as_deref().unwrap_or_default(),
        "deprecated": version.deprecated,
        "signed": row.is_signed,
        "stars": 0,
        "ts": version.created.map_or(0, |at| at.0),
        "repository": {
            "repository_id": uuid(&["repository", &row.repository]),
            "name": row.repository,
            "display_name": row.repository,
            "url": url,
            "kind": 0,
            "official": false,
            "verified_publisher": false,
        },
    })
}
