//! The whole site of the sample charts as a crawler without JavaScript reads it: from the home page by every link.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::process::Server;

/// Links of a page that stay on the site, without their fragments.
fn links(html: &str) -> BTreeSet<String> {
    let anchors = html.split("<a ").skip(1);
    let hrefs = anchors.filter_map(|anchor| {
        let tag = anchor.split('>').next()?;
        tag.split_once("href=\"")?.1.split('"').next()
    });
    hrefs
        .map(|href| href.split('#').next().unwrap_or_default().replace("&amp;", "&"))
        .filter(|href| href.starts_with('/') && !href.starts_with("//"))
        .collect()
}

fn between<'a>(html: &'a str, start: &str, end: &str) -> Option<&'a str> {
    html.split_once(start)?.1.split(end).next()
}

#[test]
fn every_link_answers_and_every_page_says_what_it_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path(), "[]");
    server.answers_after("/readyz");
    let mut seen = BTreeSet::from(["/".to_owned()]);
    let mut waiting = VecDeque::from(["/".to_owned()]);
    let (mut n_pages, mut n_beside) = (0, 0);
    let mut faults: Vec<String> = Vec::new();
    // A title names one page; the newest version has one of its own.
    let mut titles: BTreeMap<String, String> = BTreeMap::new();
    while let Some(path) = waiting.pop_front() {
        let Some((status, body)) = server.get(&path) else {
            faults.push(format!("{path}: no answer"));
            continue;
        };
        // What is only for users says so, and shows the way in.
        let is_closed = ["/account", "/releases", "/audit"]
            .iter()
            .any(|start| path.starts_with(start));
        if status != 200 && !(is_closed && status == 401) {
            faults.push(format!("{path}: {status}"));
            continue;
        }
        if !body.starts_with("<!DOCTYPE html>") {
            continue;
        }
        n_pages += 1;
        let title = between(&body, "<title>", "</title>")
            .unwrap_or_default()
            .to_owned();
        let canonical = between(&body, "<link rel=\"canonical\" href=\"", "\"");
        let description = between(&body, "<meta name=\"description\" content=\"", "\"");
        if title.is_empty() || description.is_none_or(str::is_empty) {
            faults.push(format!("{path}: no title or no description"));
        }
        if status == 200 && canonical.is_none_or(|canonical| !canonical.starts_with("http://127.0.0.1/")) {
            faults.push(format!("{path}: canonical {canonical:?}"));
        }
        if body.matches("<h1").count() != 1 {
            faults.push(format!("{path}: {} times h1", body.matches("<h1").count()));
        }
        let canonical = canonical.unwrap_or(&path).to_owned();
        if !path.contains('?') && status == 200 {
            let other = titles.entry(title.clone()).or_insert_with(|| canonical.clone());
            if *other != canonical {
                faults.push(format!("{path}: the title {title} is also that of {other}"));
            }
        }
        // What feed readers and other sites are pointed to is there, too.
        for (before, what) in [
            ("<link rel=\"alternate\" type=\"application/atom+xml\"", "href=\""),
            ("<meta property=\"og:image\"", "content=\""),
        ] {
            let element = between(&body, before, ">");
            let address = element.and_then(|element| between(element, what, "\""));
            let path = address.map(|address| address.trim_start_matches("http://127.0.0.1").to_owned());
            if let Some(path) = path
                && seen.insert(path.clone())
            {
                n_beside += 1;
                waiting.push_back(path);
            }
        }
        for link in links(&body) {
            // Every search leads to others: one filter at a time is enough to have met all kinds.
            if link.matches(['?', '&']).count() <= 1 && seen.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
        assert!(
            seen.len() < 5_000,
            "the site has no end: {:?}",
            waiting.iter().rev().take(20).collect::<Vec<_>>()
        );
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(n_pages > 60, "only {n_pages} pages were read");
    assert!(n_beside > 10, "only {n_beside} feeds and pictures were read");
    // Every kind of page was among them.
    for kind in [
        "/charts",
        "/charts/samples",
        "/charts/samples/hello-web",
        "/charts/samples/hello-web/1.4.0",
        "/charts/samples/hello-web/values",
        "/charts/samples/hello-web/resources",
        "/charts/samples/hello-web/templates",
        "/charts/samples/hello-web/files",
        "/charts/samples/hello-web/files/values.yaml",
        "/charts/samples/hello-web/versions",
        "/charts/samples/hello-web/changelog",
        "/charts/samples/hello-web/1.4.0/install",
        "/charts/samples/guestbook/crds",
        "/charts/samples/bookshop/dependencies",
        "/repositories",
        "/repositories/samples",
        "/sign-in",
        "/api",
        "/feeds/charts.atom",
        "/feeds/charts/samples/hello-web/feed.atom",
        "/cards/samples/hello-web.png",
    ] {
        assert!(seen.contains(kind), "no link leads to {kind}");
    }
    // Whatever a crawler is told of is among them.
    let (_, sitemap) = server.get("/sitemaps/1.xml").expect("an answer");
    for path in sitemap.split("<loc>http://127.0.0.1").skip(1) {
        let path = path.split("</loc>").next().unwrap_or_default();
        assert!(seen.contains(path), "{path} has no link");
    }
}
