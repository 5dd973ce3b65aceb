//! What may be kept, by whom and for how long, and that it is not sent again: of every address that anybody may read.

use std::collections::BTreeSet;
use std::sync::Arc;

use backend::clock::{Clock as _, FixedClock, SystemClock};
use backend::http_date;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    LAST_MODIFIED,
};
use model::Timestamp;

use super::{charts, site};
use crate::site::{Sent, Site, block_on};

const ASK: &str = "public, no-cache";
const OWN: &str = "private, no-cache";
const MINUTES: &str = "public, max-age=300";
const HOUR: &str = "public, max-age=3600";

/// Addresses and how long they may be kept; every route that anybody may read has one here at least.
const KEPT: &[(&str, &str)] = &[
    ("/", OWN),
    ("/charts", OWN),
    ("/charts?q=web", OWN),
    ("/charts/samples", OWN),
    ("/charts/samples/web", OWN),
    ("/charts/samples/web/1.0.0", OWN),
    ("/charts/samples/web/values", OWN),
    ("/charts/samples/web/resources", OWN),
    ("/charts/samples/web/templates", OWN),
    ("/charts/samples/web/files", OWN),
    ("/charts/samples/web/dependencies", OWN),
    ("/charts/samples/web/versions", OWN),
    ("/charts/samples/web/compare/1.0.0...1.1.0", OWN),
    ("/repositories", OWN),
    ("/repositories/samples", OWN),
    ("/api", OWN),
    ("/robots.txt", MINUTES),
    ("/sitemap.xml", MINUTES),
    ("/sitemaps/1.xml", MINUTES),
    ("/feeds/charts.atom", MINUTES),
    ("/feeds/charts/samples/feed.atom", MINUTES),
    ("/feeds/charts/samples/web/feed.atom", MINUTES),
    ("/feeds/search.atom?q=web", MINUTES),
    ("/badges/samples/web.svg", MINUTES),
    ("/cards/samples/web.svg", MINUTES),
    ("/cards/samples/web.png", MINUTES),
    ("/cards/site.png", MINUTES),
    ("/archives/samples/web/1.0.0/web-1.0.0.tgz", HOUR),
    ("/raw/samples/web/1.0.0/values.yaml", HOUR),
    ("/mirror/index.yaml", ASK),
    ("/mirror/index.json", ASK),
    ("/mirror/samples/index.yaml", ASK),
    ("/mirror/samples/index.json", ASK),
    ("/mirror/samples/charts/web/1.0.0/web-1.0.0.tgz", HOUR),
    ("/v1/charts", ASK),
    ("/v1/charts/search?name=web", ASK),
    ("/v1/charts/samples", ASK),
    ("/v1/charts/samples/web", ASK),
    ("/v1/charts/samples/web/versions", ASK),
    ("/v1/charts/samples/web/versions/1.0.0", ASK),
    ("/v1/repos", ASK),
    ("/v1/repos/samples", ASK),
    ("/v1/assets/samples/web/versions/1.0.0/README.md", MINUTES),
    ("/api/chartsvc/v1/charts", ASK),
    ("/api/chartsvc/v1/charts/search?q=web", ASK),
    ("/api/chartsvc/v1/charts/samples", ASK),
    ("/api/chartsvc/v1/charts/samples/search?q=web", ASK),
    ("/api/chartsvc/v1/charts/samples/web", ASK),
    ("/api/chartsvc/v1/charts/samples/web/versions", ASK),
    ("/api/chartsvc/v1/charts/samples/web/versions/1.0.0", ASK),
    (
        "/api/chartsvc/v1/assets/samples/web/versions/1.0.0/values.yaml",
        MINUTES,
    ),
    ("/api/v1/charts?q=web", ASK),
    ("/api/v1/charts/suggest?q=we", ASK),
    ("/ui/suggest?q=we", "private, max-age=30"),
    ("/api/v1/home", ASK),
    ("/api/v1/charts/samples/web", ASK),
    ("/api/v1/charts/samples/web/versions", ASK),
    ("/api/v1/charts/samples/web/readme", ASK),
    ("/api/v1/charts/samples/web/changelog", ASK),
    ("/api/v1/charts/samples/web/dependencies", ASK),
    ("/api/v1/charts/samples/web/related", ASK),
    ("/api/v1/charts/samples/web/used-by", ASK),
    ("/api/v1/charts/samples/web/files", ASK),
    ("/api/v1/charts/samples/web/file?path=values.yaml", ASK),
    ("/api/v1/charts/samples/web/resources", ASK),
    ("/api/v1/charts/samples/web/compare/1.0.0...1.1.0", ASK),
    ("/api/v1/repositories", ASK),
    ("/api/v1/repositories/samples", ASK),
    ("/api/v1/packages/search", ASK),
    ("/api/v1/packages/helm/samples/web", ASK),
    ("/api/v1/packages/helm/samples/web/1.0.0", ASK),
    ("/api/v1/openapi.json", MINUTES),
];

/// Routes that have nothing to keep, with the reason.
const NOT_KEPT: &[(&str, &str)] = &[
    ("/livez", "a probe"),
    ("/healthz", "a probe"),
    ("/readyz", "a probe"),
    ("/live", "a probe"),
    ("/ready", "a probe"),
    ("/dev/starts", "events of a debug build"),
    ("/api/v1/repositories/events", "events"),
    ("/ui/{*function}", "what the browser asks with a session"),
    ("/v1/releases", "a user's"),
    ("/v1/releases/{name}", "a user's"),
    ("/api/v1/session", "who asks"),
    ("/api/v1", "an error"),
    ("/api/v1/{*path}", "an error"),
    (
        "/assets/{*path}",
        "of the site, which a build of tests may lack; its own test is below",
    ),
    (
        "/icons/{digest}",
        "no chart of this test has one; its own test is in `crawlers`",
    ),
    (
        "/v1/assets/{repository}/{chart}/logo",
        "no chart of this test has one",
    ),
    (
        "/v1/assets/{repository}/{chart}/logo-160x160-fit.png",
        "no chart of this test has one",
    ),
];

#[test]
fn whatever_may_be_kept_says_so_and_is_not_sent_again() {
    block_on(async {
        let site = site(|_| {}).await;
        for (path, cache) in KEPT {
            let first = site.send(Sent::get(path)).await;
            assert_eq!(
                (first.status, first.header(CACHE_CONTROL)),
                (200, *cache),
                "{path}"
            );
            let etag = first.header(ETAG).to_owned();
            assert!(etag.len() > 4, "{path}: {etag}");
            for (known, want) in [(etag.as_str(), 304), ("\"another\"", 200)] {
                let again = Sent {
                    headers: &[("if-none-match", known)],
                    ..Sent::get(path)
                };
                let again = site.send(again).await;
                assert_eq!(again.status, want, "{path} with {known}");
                assert_eq!(again.header(ETAG), etag, "{path}");
                assert_eq!(again.header(CACHE_CONTROL), *cache, "{path}");
                assert_eq!(again.body.is_empty(), want == 304, "{path}");
            }
        }
    });
}

#[test]
fn whatever_may_be_kept_has_a_date_and_is_not_sent_again_to_who_has_it_since() {
    block_on(async {
        // Ages are counted by the machine's clock, so this one may not be far from it.
        let start = SystemClock.now();
        let clock = Arc::new(FixedClock::new(start));
        let site = Site::with_clock(|_| {}, charts(), clock.clone()).await;
        let dates: Vec<String> = (0..4).map(|n| http_date::write(Timestamp(start.0 + n))).collect();
        for (path, _) in KEPT {
            let first = site.send(Sent::get(path)).await;
            assert_eq!(
                first.header(LAST_MODIFIED),
                "",
                "{path}: another answer may come within this second"
            );
        }
        clock.advance_secs(2);
        for (path, cache) in KEPT {
            let second = site.send(Sent::get(path)).await;
            let date = second.header(LAST_MODIFIED).to_owned();
            assert_eq!(date, dates[1], "{path}");
            let asked = async |since: &str, tag: &str| {
                let headers = [("if-modified-since", since), ("if-none-match", tag)];
                let n = if tag.is_empty() { 1 } else { 2 };
                let sent = Sent {
                    headers: &headers[..n],
                    ..Sent::get(path)
                };
                site.send(sent).await
            };
            let etag = second.header(ETAG);
            let tomorrow = http_date::write(Timestamp(start.0 + 86_400));
            for (since, tag, want) in [
                (date.as_str(), "", 304),
                (dates[2].as_str(), "", 304),
                (dates[0].as_str(), "", 200),
                // What is still to come, and what is no date.
                (tomorrow.as_str(), "", 200),
                ("yesterday", "", 200),
                // Tags say more than dates.
                (date.as_str(), "\"another\"", 200),
                (dates[0].as_str(), etag, 304),
            ] {
                let answer = asked(since, tag).await;
                assert_eq!(answer.status, want, "{path} since {since} with {tag}");
                assert_eq!(answer.header(LAST_MODIFIED), date, "{path}");
                assert_eq!(answer.header(CACHE_CONTROL), *cache, "{path}");
                if want == 304 {
                    assert!(answer.body.is_empty(), "{path}");
                    // The nonce would be that of another page.
                    assert!(
                        !answer.header(CONTENT_SECURITY_POLICY).contains("nonce"),
                        "{path}"
                    );
                }
            }
        }
        // What nobody may keep has no date.
        for path in ["/sign-in", "/charts/samples/nothing"] {
            assert_eq!(
                site.send(Sent::get(path)).await.header(LAST_MODIFIED),
                "",
                "{path}"
            );
        }
    });
}

/// How an answer is packed, and how long it says that it is.
async fn encoding(site: &Site, path: &str, accepted: &str) -> (String, String) {
    let sent = Sent {
        headers: &[("accept-encoding", accepted)],
        ..Sent::get(path)
    };
    let (head, _) = site.answer(sent).await;
    assert_eq!(head.status, 200, "{path}");
    let header = |name| {
        let value = head.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    (header(CONTENT_ENCODING), header(CONTENT_LENGTH))
}

#[test]
fn texts_are_packed_for_whoever_takes_that_and_what_is_packed_already_is_not() {
    block_on(async {
        let site = site(|_| {}).await;
        for (path, _) in KEPT {
            let kind = site.send(Sent::get(path)).await.header(CONTENT_TYPE).to_owned();
            let is_packed = kind.starts_with("image/png") || kind == "application/gzip";
            let length = site.send(Sent::get(path)).await.body.len();
            for accepted in ["br", "gzip"] {
                let (used, length_header) = encoding(&site, path, accepted).await;
                if is_packed {
                    assert_eq!(used, "", "{path}");
                    assert!(!length_header.is_empty(), "{path} says how long it is");
                } else if length >= 256 {
                    assert_eq!(used, accepted, "{path}");
                }
            }
            assert_eq!(encoding(&site, path, "identity").await.0, "", "{path}");
        }
    });
}

/// Patterns of routes as they stand in the sources.
fn patterns(source: &str) -> Vec<String> {
    let calls = source.split(".route(").skip(1);
    let literals = calls.filter_map(|call| call.trim_start().strip_prefix('"')?.split('"').next());
    literals.map(str::to_owned).collect()
}

fn matches(pattern: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (mut wanted, mut found) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some(part), Some(_)) if part.starts_with("{*") => return true,
            (Some(part), Some(segment)) if part.starts_with('{') => {
                if segment.is_empty() {
                    return false;
                }
            }
            (Some(part), Some(segment)) if part == segment => {}
            _ => return false,
        }
    }
}

#[test]
fn no_route_is_left_out() {
    block_on(async {
        let sources = [
            include_str!("../../../src/router/mod.rs"),
            include_str!("../../../src/http/embed.rs"),
            include_str!("../../../src/http/feeds.rs"),
            include_str!("../../../src/http/mirror.rs"),
            include_str!("../../../src/http/chartsvc.rs"),
        ];
        let mut routes: BTreeSet<String> = sources.into_iter().flat_map(patterns).collect();
        assert!(routes.len() > 40, "{routes:?}");
        // What the description says that anybody may read.
        let site = site(|_| {}).await;
        let description = site.send(Sent::get("/api/v1/openapi.json")).await.json();
        for (path, methods) in description["paths"].as_object().expect("paths") {
            let get = &methods["get"];
            let is_open = get["security"].as_array().is_none_or(|ways| {
                ways.iter()
                    .any(|way| way.as_object().is_some_and(serde_json::Map::is_empty))
            });
            if get.is_object() && is_open {
                routes.insert(path.clone());
            }
        }
        // Routes of Monocular's second generation stand in their source without where they are nested.
        let is_kept = |route: &str| {
            let nested = format!("/api/chartsvc{route}");
            KEPT.iter()
                .any(|(path, _)| matches(route, path) || matches(&nested, path))
        };
        let is_told = |route: &String| NOT_KEPT.iter().any(|(known, _)| known == route) || is_kept(route);
        let missing: Vec<&String> = routes.iter().filter(|route| !is_told(route)).collect();
        assert!(missing.is_empty(), "{missing:#?}");
    });
}
