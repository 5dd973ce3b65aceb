//! Atom feeds.

use http::header::CONTENT_TYPE;

use super::site;
use crate::site::{Sent, block_on};

fn all<'a>(text: &'a str, element: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<{element}>"), format!("</{element}>"));
    let parts = text.split(start.as_str()).skip(1);
    parts.filter_map(|part| part.split(end.as_str()).next()).collect()
}

#[test]
fn feeds_tell_what_was_updated() {
    block_on(async {
        let site = site(|config| config.server.public_origin = "https://charts.example.com".to_owned()).await;
        for (path, n) in [
            ("/feeds/charts.atom", 3),
            ("/feeds/charts/samples/feed.atom", 3),
            ("/feeds/charts/samples/web/feed.atom", 2),
            ("/feeds/search.atom?q=web", 1),
            ("/feeds/search.atom?q=qqqqqqqq", 0),
        ] {
            let feed = site.send(Sent::get(path)).await;
            assert_eq!(feed.status, 200, "{path}");
            assert_eq!(feed.header(CONTENT_TYPE), "application/atom+xml; charset=utf-8");
            assert!(all(&feed.body, "entry").len() >= n, "{path}: {}", feed.body);
            let ids = all(&feed.body, "id");
            let mut unique = ids.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(unique.len(), ids.len(), "{path}");
            let updated = all(&feed.body, "updated");
            assert!(updated.iter().all(|at| at.ends_with('Z')), "{path}");
            // The feed is as old as its newest entry, and that is its first.
            assert!(n == 0 || updated[0] == updated[1], "{path}: {updated:?}");
            assert!(
                updated[1..].windows(2).all(|pair| pair[0] >= pair[1]),
                "{path}: {updated:?}"
            );
            let itself = format!(
                "<link rel=\"self\" type=\"application/atom+xml\" href=\"https://charts.example.com{path}\"/>"
            );
            assert!(feed.body.contains(&itself), "{path}: {}", feed.body);
        }
        let versions = site.send(Sent::get("/feeds/charts/samples/web/feed.atom")).await;
        assert_eq!(all(&versions.body, "title")[1..], ["web 1.1.0", "web 1.0.0"]);
        for path in [
            "/feeds/charts/nothing/feed.atom",
            "/feeds/charts/samples/nothing/feed.atom",
        ] {
            assert_eq!(site.send(Sent::get(path)).await.status, 404, "{path}");
        }
    });
}

#[test]
fn ids_outlive_a_move_and_every_entry_leads_to_a_page() {
    block_on(async {
        let site = site(|_| {}).await;
        let feed = |host| Sent {
            host,
            ..Sent::get("/feeds/charts.atom")
        };
        let (here, there) = (
            site.send(feed("a.example")).await,
            site.send(feed("b.example:8080")).await,
        );
        assert_eq!(all(&here.body, "id"), all(&there.body, "id"));
        assert!(
            there
                .body
                .contains("http://b.example:8080/charts/samples/web/1.1.0")
        );
        for entry in all(&here.body, "entry") {
            let href = entry
                .split("href=\"http://a.example")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            let page = site.send(Sent::get(href.expect("a link"))).await;
            assert_eq!(page.status, 200);
        }
    });
}
