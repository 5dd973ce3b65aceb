//! What crawlers ask for first: `robots.txt` and sitemaps (sitemaps.org, protocol 0.9).
//!
//! A sitemap names the pages that a crawler should keep: lists without filters and the newest version of every chart. It is
//! made once for every change of the catalog and origin that it is asked for by.

use std::sync::{Arc, Mutex, PoisonError};

use app::api::origin_of;
use app::routes::Links;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use backend::Viewer;
use backend::ops::Listing;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use model::Timestamp;

use super::validators::{MINUTES, document, tag};
use super::xml::escaped;
use crate::forms::links;
use crate::state::AppState;

/// Addresses of one sitemap. The protocol allows 50,000, and 50 MB: an address has at most 1 kB here, because names of
/// charts and repositories have limits, and an origin is a host.
const MAX_ADDRESSES: usize = 20_000;
/// Origins whose sitemaps are kept ready: more than one where none is configured.
const MAX_KEPT: usize = 4;
const XML: &str = "application/xml";

/// `GET /robots.txt`.
pub(crate) async fn robots(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let base = &state.config.server.base_path;
    let mut text = "User-agent: *\n".to_owned();
    if state.config.access.anonymous_catalog {
        // What is only bytes, what only people can use, and what is the same as a page.
        for path in [
            "/raw/",
            "/archives/",
            "/mirror/",
            "/ui/",
            "/api/",
            "/v1/",
            "/sign-in",
            "/releases",
        ] {
            text.push_str(&format!("Disallow: {base}{path}\n"));
        }
        // The page about the API is one.
        text.push_str(&format!("Allow: {base}/api$\n"));
        let origin = origin_of(&state.config.server.public_origin, &headers);
        text.push_str(&format!("\nSitemap: {origin}{base}/sitemap.xml\n"));
    } else {
        text.push_str("Disallow: /\n");
    }
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, MINUTES),
    ];
    (headers, text).into_response()
}

/// `GET /sitemap.xml`: the list of sitemaps.
pub(crate) async fn index(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    headers: HeaderMap,
) -> Response {
    answer(&state, &viewer, &headers, None).await
}

/// `GET /sitemaps/{number}.xml`.
pub(crate) async fn part(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let number = file.strip_suffix(".xml").and_then(|number| number.parse().ok());
    match number {
        Some(number) => answer(&state, &viewer, &headers, Some(number)).await,
        None => missing(),
    }
}

async fn answer(state: &AppState, viewer: &Viewer, headers: &HeaderMap, part: Option<usize>) -> Response {
    // Where the catalog is for users alone, there is none for crawlers.
    let Ok(listing) = state.backend.catalog().listing(viewer).await else {
        return missing();
    };
    let origin = origin_of(&state.config.server.public_origin, headers);
    let part_bytes = part.map_or([0; 8], |part| (part as u64).to_le_bytes());
    let etag = tag(&[
        b"sitemap",
        env!("CARGO_PKG_VERSION").as_bytes(),
        &listing.stamp().0.to_le_bytes(),
        &listing.stamp().1.to_le_bytes(),
        origin.as_bytes(),
        &part_bytes,
    ]);
    let sitemaps = state.sitemaps.get(&listing, &origin, links(state));
    let found = match part {
        None => Some(&sitemaps.index),
        Some(number) => number.checked_sub(1).and_then(|at| sitemaps.parts.get(at)),
    };
    match found {
        Some(body) => document(headers, &etag, MINUTES, XML, || body.clone()),
        None => missing(),
    }
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, "there is no such sitemap\n").into_response()
}

/// The stamp of the listing that sitemaps are of, the origin of their addresses, and they themselves.
type Kept = ((i64, u64), String, Arc<Written>);

/// Sitemaps that are ready to be sent.
#[derive(Default)]
pub(crate) struct Sitemaps {
    kept: Mutex<Vec<Kept>>,
}

/// All sitemaps of one catalog.
struct Written {
    index: Bytes,
    parts: Vec<Bytes>,
}

impl Sitemaps {
    fn get(&self, listing: &Listing, origin: &str, links: Links) -> Arc<Written> {
        let stamp = listing.stamp();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.iter().find(|(at, of, _)| *at == stamp && of == origin);
        if let Some((_, _, written)) = known {
            return Arc::clone(written);
        }
        // Under the lock: of many that ask after a change one writes, and the others wait milliseconds.
        let written = Arc::new(write(addresses(listing, links), origin, links, MAX_ADDRESSES));
        kept.retain(|(at, _, _)| at.0 == stamp.0);
        if kept.len() >= MAX_KEPT {
            kept.remove(0);
        }
        kept.push((stamp, origin.to_owned(), Arc::clone(&written)));
        written
    }
}

/// A page and when it changed last.
type Address = (String, Option<Timestamp>);

fn addresses(listing: &Listing, links: Links) -> Vec<Address> {
    let newest = listing.charts().map(|chart| chart.updated()).max();
    let mut out = vec![
        (links.home(), newest),
        (links.charts(), newest),
        (links.repositories(), None),
        (links.api(), None),
    ];
    let mut repositories = std::collections::BTreeMap::new();
    for chart in listing.charts() {
        let last = repositories
            .entry(chart.repository())
            .or_insert_with(|| chart.updated());
        *last = (*last).max(chart.updated());
    }
    for (repository, updated) in repositories {
        out.push((links.repository_charts(repository), Some(updated)));
        out.push((links.repository(repository), None));
    }
    out.extend(listing.charts().map(|chart| {
        (
            links.chart(chart.repository(), chart.name()),
            Some(chart.updated()),
        )
    }));
    out
}

fn write(addresses: Vec<Address>, origin: &str, links: Links, size: usize) -> Written {
    const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
    let mut index = format!("{HEAD}<sitemapindex xmlns=\"{NAMESPACE}\">\n");
    let mut parts = Vec::new();
    for (number, chunk) in (1..).zip(addresses.chunks(size.max(1))) {
        let mut part = format!("{HEAD}<urlset xmlns=\"{NAMESPACE}\">\n");
        for (path, updated) in chunk {
            item(&mut part, "url", &format!("{origin}{path}"), *updated);
        }
        part.push_str("</urlset>\n");
        parts.push(Bytes::from(part));
        let updated = chunk.iter().filter_map(|(_, updated)| *updated).max();
        let address = format!("{origin}{}", links.path(&format!("/sitemaps/{number}.xml")));
        item(&mut index, "sitemap", &address, updated);
    }
    index.push_str("</sitemapindex>\n");
    Written {
        index: index.into(),
        parts,
    }
}

fn item(out: &mut String, element: &str, address: &str, updated: Option<Timestamp>) {
    out.push_str(&format!("<{element}><loc>"));
    out.push_str(&escaped(address));
    out.push_str("</loc>");
    if let Some(updated) = updated {
        out.push_str(&format!("<lastmod>{}</lastmod>", updated.to_rfc3339()));
    }
    out.push_str(&format!("</{element}>\n"));
}

#[cfg(test)]
mod tests {
    use app::routes::Links;
    use model::Timestamp;

    use super::{MAX_ADDRESSES, write};

    #[test]
    fn more_addresses_than_one_sitemap_holds_are_split() {
        let addresses = (0..25)
            .map(|n| (format!("/charts/r/c{n}"), Some(Timestamp(n))))
            .collect();
        let written = write(addresses, "https://charts.example.com", Links::new("/x"), 10);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let counts: Vec<usize> = written
            .parts
            .iter()
            .map(|part| {
                text(part)
                    .matches("<loc>https://charts.example.com/charts/r/c")
                    .count()
            })
            .collect();
        assert_eq!(counts, [10, 10, 5]);
        let index = text(&written.index);
        assert_eq!(index.matches("<sitemap>").count(), 3);
        assert!(
            index.contains(
                "<loc>https://charts.example.com/x/sitemaps/3.xml</loc><lastmod>1970-01-01T00:00:24Z</lastmod>"
            ),
            "{index}"
        );
    }

    #[test]
    fn the_longest_names_keep_a_sitemap_within_its_bytes() {
        // Every byte of a name may become three in an address, and `&` five in XML.
        let path = format!("/charts/{}/{}", "%2".repeat(100), "%2".repeat(400));
        let addresses = vec![(path, Some(Timestamp(0))); MAX_ADDRESSES];
        let written = write(
            addresses,
            "https://charts.example.com",
            Links::new(""),
            MAX_ADDRESSES,
        );
        assert!(written.parts.iter().all(|part| part.len() <= 50 * 1024 * 1024));
    }
}
