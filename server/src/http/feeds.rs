//! Atom feeds (RFC 4287): what was updated in the catalog, in a repository, of a chart, among what a search finds.
//!
//! An entry is one version of one chart. Its id is made of their names alone, so that it is the same by whatever host the
//! feed is asked for, and after the server has moved.

use app::api::origin_of;
use app::routes::{Links, catalog_query};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use backend::Viewer;
use bytes::Bytes;
use http::HeaderMap;
use model::Timestamp;
use model::catalog::{CatalogQuery, CatalogSort, ChartSummary};
use sha2::{Digest as _, Sha256};

use super::error::Problem;
use super::validators::{MINUTES, document, tag};
use super::xml::push_escaped;
use crate::forms::links;
use crate::state::AppState;

/// Entries of a feed.
const MAX_ENTRIES: usize = 50;
/// Years that RFC 3339 can write end here, in seconds since 1970.
const YEAR_10000: i64 = 253_402_300_800;
const ATOM: &str = "application/atom+xml; charset=utf-8";

type Answer = Result<Response, Problem>;

/// Their addresses.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/feeds/charts.atom", get(all))
        .route("/feeds/charts/{repository}/feed.atom", get(repository))
        .route("/feeds/charts/{repository}/{name}/feed.atom", get(chart))
        .route("/feeds/search.atom", get(search))
}

/// `GET /feeds/charts.atom`.
async fn all(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    headers: HeaderMap,
) -> Answer {
    let listing = state.backend.catalog().listing(&viewer).await?;
    let links = links(&state);
    let entries = listing.updated(None, MAX_ENTRIES);
    let entries = entries
        .iter()
        .map(|chart| Entry::of(&chart.summary(), chart.updated()));
    let feed = Feed {
        title: "Updated charts".to_owned(),
        itself: links.feed(),
        page: links.charts(),
        entries: entries.collect(),
    };
    Ok(feed.answer(&state, &headers))
}

/// `GET /feeds/charts/{repository}/feed.atom`.
async fn repository(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path(repository): Path<String>,
    headers: HeaderMap,
) -> Answer {
    // One that does not exist is not an empty one.
    state.backend.repositories().get(&viewer, &repository).await?;
    let listing = state.backend.catalog().listing(&viewer).await?;
    let links = links(&state);
    let entries = listing.updated(Some(&repository), MAX_ENTRIES);
    let entries = entries
        .iter()
        .map(|chart| Entry::of(&chart.summary(), chart.updated()));
    let feed = Feed {
        title: format!("Updated charts of {repository}"),
        itself: links.repository_feed(&repository),
        page: links.repository_charts(&repository),
        entries: entries.collect(),
    };
    Ok(feed.answer(&state, &headers))
}

/// `GET /feeds/charts/{repository}/{name}/feed.atom`.
async fn chart(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let listing = state.backend.catalog().listing(&viewer).await?;
    let versions = state
        .backend
        .charts()
        .versions(&viewer, &repository, &name)
        .await?;
    let chart = listing
        .charts()
        .find(|chart| chart.repository() == repository && chart.name() == name);
    let description = chart.map(|chart| chart.summary().description).unwrap_or_default();
    let fallback = chart.map_or(Timestamp(0), |chart| chart.updated());
    let mut entries: Vec<Entry> = versions
        .into_iter()
        .filter(|version| !version.yanked)
        .map(|version| Entry {
            repository: repository.clone(),
            name: name.clone(),
            updated: version
                .created
                .filter(|at| at.0 > 0 && *at <= fallback)
                .unwrap_or(fallback),
            version: version.version,
            app_version: version.app_version,
            description: description.clone(),
        })
        .collect();
    // By date; where dates are equal or missing, in the order of versions, which sorting keeps.
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.updated));
    entries.truncate(MAX_ENTRIES);
    let links = links(&state);
    let feed = Feed {
        title: format!("Versions of {repository}/{name}"),
        itself: links.chart_feed(&repository, &name),
        page: links.chart(&repository, &name),
        entries,
    };
    Ok(feed.answer(&state, &headers))
}

/// `GET /feeds/search.atom?q=…`: takes the query string of the page `/charts`, and `repository`.
async fn search(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    let query = CatalogQuery {
        cursor: String::new(),
        explain: false,
        ..catalog_query(None, &query.unwrap_or_default())
    };
    let links = links(&state);
    let title = match query.q.as_str() {
        "" => "Charts".to_owned(),
        words => format!("Charts matching \u{201c}{words}\u{201d}"),
    };
    let (itself, page) = (links.search_feed(&query), links.catalog(&query));
    let newest_first = CatalogQuery {
        sort: CatalogSort::Updated,
        ..query
    };
    let found = state.backend.catalog().list(&viewer, newest_first).await?;
    let entries = found.charts.items.iter().take(MAX_ENTRIES);
    let entries = entries.map(|hit| {
        let updated = hit.chart.updated.filter(|at| (0..YEAR_10000).contains(&at.0));
        Entry::of(&hit.chart, updated.unwrap_or(Timestamp(0)))
    });
    let feed = Feed {
        title,
        itself,
        page,
        entries: entries.collect(),
    };
    Ok(feed.answer(&state, &headers))
}

struct Entry {
    repository: String,
    name: String,
    version: String,
    app_version: Option<String>,
    description: String,
    updated: Timestamp,
}

impl Entry {
    fn of(chart: &ChartSummary, updated: Timestamp) -> Self {
        Self {
            repository: chart.repository.clone(),
            name: chart.name.clone(),
            version: chart.version.clone(),
            app_version: chart.app_version.clone(),
            description: chart.description.clone(),
            updated,
        }
    }

    fn write(&self, out: &mut String, origin: &str, links: Links) {
        out.push_str("<entry>\n");
        element(
            out,
            "id",
            &id(&["version", &self.repository, &self.name, &self.version]),
        );
        element(out, "title", &format!("{} {}", self.name, self.version));
        element(out, "updated", &self.updated.to_rfc3339());
        let page = links.chart_version(&self.repository, &self.name, &self.version);
        link(out, "alternate", "text/html", &format!("{origin}{page}"));
        let summary = match &self.app_version {
            Some(app_version) => format!("{} App version {app_version}.", self.description),
            None => self.description.clone(),
        };
        element(out, "summary", summary.trim());
        out.push_str("<category term=\"");
        push_escaped(out, &self.repository);
        out.push_str("\"/>\n</entry>\n");
    }
}

struct Feed {
    title: String,
    /// Paths below our origin.
    itself: String,
    page: String,
    entries: Vec<Entry>,
}

impl Feed {
    fn answer(&self, state: &AppState, headers: &HeaderMap) -> Response {
        let origin = origin_of(&state.config.server.public_origin, headers);
        let text = self.write(&origin, &state.config.server.title, links(state));
        let etag = tag(&[text.as_bytes()]);
        document(headers, &etag, MINUTES, ATOM, || Bytes::from(text))
    }

    fn updated(&self) -> Option<Timestamp> {
        self.entries.iter().map(|entry| entry.updated).max()
    }

    fn write(&self, origin: &str, site: &str, links: Links) -> String {
        let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <feed xmlns=\"http://www.w3.org/2005/Atom\">\n"
            .to_owned();
        element(&mut out, "id", &id(&["feed", &self.itself]));
        element(&mut out, "title", &format!("{} \u{b7} {site}", self.title));
        element(
            &mut out,
            "updated",
            &self.updated().unwrap_or(Timestamp(0)).to_rfc3339(),
        );
        out.push_str("<author><name>");
        push_escaped(&mut out, site);
        out.push_str("</name></author>\n");
        link(
            &mut out,
            "self",
            "application/atom+xml",
            &format!("{origin}{}", self.itself),
        );
        link(
            &mut out,
            "alternate",
            "text/html",
            &format!("{origin}{}", self.page),
        );
        for entry in &self.entries {
            entry.write(&mut out, origin, links);
        }
        out.push_str("</feed>\n");
        out
    }
}

fn element(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!("<{name}>"));
    push_escaped(out, text);
    out.push_str(&format!("</{name}>\n"));
}

fn link(out: &mut String, relation: &str, media_type: &str, address: &str) {
    out.push_str(&format!("<link rel=\"{relation}\" type=\"{media_type}\" href=\""));
    push_escaped(out, address);
    out.push_str("\"/>\n");
}

/// An id of words.
fn id(words: &[&str]) -> String {
    format!("urn:uuid:{}", uuid(words))
}

/// A name-based UUID (RFC 9562, version 8) of words.
pub(crate) fn uuid(words: &[&str]) -> String {
    let mut hash = Sha256::new();
    for word in words {
        hash.update((word.len() as u64).to_le_bytes());
        hash.update(word.as_bytes());
    }
    let mut hex: Vec<u8> = Vec::with_capacity(36);
    for (at, byte) in hash.finalize().iter().take(16).enumerate() {
        let byte = match at {
            6 => byte & 0x0f | 0x80,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        if matches!(at, 4 | 6 | 8 | 10) {
            hex.push(b'-');
        }
        hex.extend(format!("{byte:02x}").into_bytes());
    }
    String::from_utf8_lossy(&hex).into_owned()
}

#[cfg(test)]
mod tests {
    use app::routes::Links;
    use model::Timestamp;

    use super::{Entry, Feed, id};

    #[test]
    fn ids_are_those_of_names_alone() {
        let one = id(&["version", "r", "n", "1.0.0"]);
        assert_eq!(one.len(), "urn:uuid:".len() + 36);
        assert_eq!(one, id(&["version", "r", "n", "1.0.0"]));
        assert_ne!(one, id(&["version", "r", "n1", ".0.0"]));
    }

    #[test]
    fn texts_of_charts_stay_texts() {
        let feed = Feed {
            title: "a".to_owned(),
            itself: "/feeds/a".to_owned(),
            page: "/".to_owned(),
            entries: vec![Entry {
                repository: "r\"><x/>".to_owned(),
                name: "n</title>".to_owned(),
                version: "1.0.0".to_owned(),
                app_version: Some("&".to_owned()),
                description: "]]></summary>\u{0}".to_owned(),
                updated: Timestamp(0),
            }],
        };
        let text = feed.write("http://a.example", "Site & more", Links::new(""));
        assert!(text.contains("<title>n&lt;/title&gt; 1.0.0</title>"), "{text}");
        assert!(
            text.contains("<category term=\"r&quot;&gt;&lt;x/&gt;\"/>"),
            "{text}"
        );
        assert!(
            text.contains("]]&gt;&lt;/summary&gt; App version &amp;."),
            "{text}"
        );
        assert!(!text.contains('\0'));
    }
}
