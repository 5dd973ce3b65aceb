//! Addresses that lead elsewhere for good, and things that are known to be gone.
//!
//! Links to charts outlive the programs that wrote them: those of Monocular and of Artifact Hub are understood, names in
//! other upper and lower case are found, and one page has one address.

use app::routes::{ChartRoute, ChartTab, Links, Route, decode, encode_query, encode_segment, query_value};
use axum::response::{IntoResponse as _, Response};
use backend::Viewer;
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderValue, StatusCode, Uri};

use super::validators::MINUTES;
use crate::state::AppState;

/// What an address without a page has in its place.
pub(crate) enum Instead {
    /// The page is elsewhere.
    Elsewhere(Response),
    /// It was here.
    Gone,
}

/// Where an address leads that no page has, as far as it says so itself.
pub(crate) fn by_address(links: Links, uri: &Uri) -> Option<Response> {
    let path = links.strip(uri.path())?;
    let query = uri.query().unwrap_or_default();
    target(links, path, query).map(|to| permanently(&to))
}

/// A path below our origin with its query string.
fn target(links: Links, path: &str, query: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    match segments.as_slice() {
        // Artifact Hub's.
        ["packages", "search"] => {
            let words = query_value(query, "ts_query_web").unwrap_or_default();
            return Some(if words.is_empty() {
                links.charts()
            } else {
                links.search(&words)
            });
        }
        ["packages", "helm", repository, name] => {
            return Some(chart(links, repository, name, None, query));
        }
        ["packages", "helm", repository, name, version] => {
            return Some(chart(links, repository, name, Some(version), query));
        }
        // Monocular's, of the time when it had releases and repositories.
        ["deployments"] => return Some(links.releases()),
        ["deployments", name] => {
            return Some(format!("{}?q={}", links.releases(), encode_query(&decode(name))));
        }
        ["repos"] => return Some(links.repositories()),
        _ => {}
    }
    if let ["charts", repository, name, rest @ ..] = segments.as_slice()
        && query_value(query, "modal").is_some()
    {
        let version = rest.first().copied();
        return Some(chart(links, repository, name, version, query));
    }
    // Segments are put together anew, so that no address leads to another host (`//host/`).
    let is_proper = path.is_empty() || path == "/" || (!path.ends_with('/') && !path.contains("//"));
    if is_proper {
        return None;
    }
    let proper = segments
        .iter()
        .map(|segment| encode_segment(&decode(segment)))
        .collect::<Vec<_>>()
        .join("/");
    Some(with_query(&links.path(&format!("/{proper}")), query))
}

/// A chart's page; `modal` was Artifact Hub's way to say which part of it.
fn chart(links: Links, repository: &str, name: &str, version: Option<&str>, query: &str) -> String {
    let tab = match query_value(query, "modal").as_deref() {
        Some("values" | "values-schema") => ChartTab::Values,
        Some("template") => ChartTab::Templates,
        Some("crds") => ChartTab::Crds,
        _ => ChartTab::Overview,
    };
    links.chart_route(&ChartRoute {
        repository: decode(repository),
        name: decode(name),
        version: version.map(decode),
        tab,
        file: None,
    })
}

/// What is known of an address whose page is not there.
pub(crate) async fn instead(
    state: &AppState,
    viewer: &Viewer,
    route: &Route,
    query: Option<&str>,
) -> Option<Instead> {
    let links = crate::forms::links(state);
    let catalog = state.backend.catalog();
    let to = match route {
        Route::Chart(chart) => {
            let (repository, name) = (chart.repository.as_str(), chart.name.as_str());
            let charts = state.backend.charts();
            if charts
                .is_gone(viewer, repository, name, chart.version.as_deref())
                .await
                .unwrap_or(false)
            {
                return Some(Instead::Gone);
            }
            let listing = catalog.listing(viewer).await.ok()?;
            let found = listing.respelled(repository, name)?;
            let is_same = found.repository() == repository && found.name() == name;
            let proper = ChartRoute {
                repository: found.repository().to_owned(),
                name: found.name().to_owned(),
                ..chart.clone()
            };
            (!is_same).then(|| links.chart_route(&proper))
        }
        Route::Catalog {
            repository: Some(name),
        } => {
            let proper = repository(state, viewer, name).await?;
            Some(links.repository_charts(&proper))
        }
        Route::Repository { name } => {
            let proper = repository(state, viewer, name).await?;
            Some(links.repository(&proper))
        }
        _ => None,
    };
    let to = with_query(&to?, query.unwrap_or_default());
    Some(Instead::Elsewhere(permanently(&to)))
}

/// The repository whose name differs from this in upper and lower case alone.
async fn repository(state: &AppState, viewer: &Viewer, name: &str) -> Option<String> {
    let known = state.backend.repositories().list(viewer).await.ok()?;
    let found = known
        .into_iter()
        .find(|known| known.name.eq_ignore_ascii_case(name))?;
    (found.name != name).then_some(found.name)
}

fn with_query(path: &str, query: &str) -> String {
    match query {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

fn permanently(to: &str) -> Response {
    match HeaderValue::try_from(to) {
        Ok(location) => {
            let headers = [
                (LOCATION, location),
                (CACHE_CONTROL, HeaderValue::from_static(MINUTES)),
            ];
            (StatusCode::MOVED_PERMANENTLY, headers).into_response()
        }
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use app::routes::Links;

    use super::target;

    #[test]
    fn addresses_of_other_programs_lead_to_ours() {
        let rows = [
            ("/packages/helm/stable/nginx", "", Some("/x/charts/stable/nginx")),
            (
                "/packages/helm/stable/nginx/1.2.3",
                "",
                Some("/x/charts/stable/nginx/1.2.3"),
            ),
            (
                "/packages/helm/stable/nginx/1.2.3",
                "modal=values&path=a",
                Some("/x/charts/stable/nginx/1.2.3/values"),
            ),
            (
                "/packages/search",
                "ts_query_web=a+b&kind=0",
                Some("/x/charts?q=a%20b"),
            ),
            ("/packages/search", "", Some("/x/charts")),
            (
                "/charts/stable/nginx",
                "modal=install",
                Some("/x/charts/stable/nginx"),
            ),
            ("/deployments/web", "", Some("/x/releases?q=web")),
            ("/repos", "", Some("/x/repositories")),
            ("/charts/stable/nginx/", "a=b", Some("/x/charts/stable/nginx?a=b")),
            ("/charts//stable", "", Some("/x/charts/stable")),
            // Whatever looks like another host stays a path of ours.
            ("//evil.example/", "", Some("/x/evil.example")),
            ("//evil.example/%2e%2e/", "", Some("/x/evil.example/%2E%2E")),
            ("/%2Fevil.example/", "", Some("/x/%2Fevil.example")),
            ("/", "", None),
            ("", "", None),
            ("/charts", "q=a", None),
            ("/charts/stable/nginx/1.2.3", "", None),
            ("/packages/olm/a/b", "", None),
        ];
        for (path, query, want) in rows {
            assert_eq!(
                target(Links::new("/x"), path, query).as_deref(),
                want,
                "{path}?{query}"
            );
        }
    }
}
