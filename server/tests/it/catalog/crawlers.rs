//! `robots.txt`, sitemaps, heads of documents, and what is sent only once.

use http::Method;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, VARY};
use serde_json::Value;

use super::{HOSTILE, site};
use crate::site::{Answer, Sent, Site, block_on};

const ORIGIN: &str = "https://charts.example.com";

/// The contents of every element of structured data.
fn data(page: &Answer) -> Vec<Value> {
    let blocks = page.body.split("<script type=\"application/ld+json\">").skip(1);
    blocks
        .map(|block| {
            let text = block.split("</script>").next().expect("it ends");
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
        })
        .collect()
}

/// The value of an attribute of the first element that begins so.
fn attribute<'a>(page: &'a Answer, element: &str, name: &str) -> Option<&'a str> {
    let rest = page.body.split_once(element)?.1;
    let tag = rest.split('>').next()?;
    tag.split_once(&format!("{name}=\""))?.1.split('"').next()
}

fn is_hidden(page: &Answer) -> bool {
    page.body.contains("<meta name=\"robots\" content=\"noindex\">")
}

async fn public_site() -> Site {
    site(|config| config.server.public_origin = ORIGIN.to_owned()).await
}

#[test]
fn robots_are_led_to_the_sitemap_and_kept_from_bytes() {
    block_on(async {
        let site = site(|config| {
            config.server.public_origin = ORIGIN.to_owned();
            config.server.base_path = "/x".to_owned();
        })
        .await;
        for path in ["/robots.txt", "/x/robots.txt"] {
            let robots = site.send(Sent::get(path)).await;
            assert_eq!(robots.status, 200);
            assert!(robots.header(CONTENT_TYPE).starts_with("text/plain"));
            assert!(robots.body.contains("Disallow: /x/raw/\n"), "{}", robots.body);
            assert!(
                robots
                    .body
                    .contains(&format!("Sitemap: {ORIGIN}/x/sitemap.xml\n"))
            );
        }
    });
}

#[test]
fn a_closed_catalog_tells_crawlers_and_strangers_nothing() {
    block_on(async {
        let site = site(|config| config.access.anonymous_catalog = false).await;
        site.user("ada", None).await;
        let robots = site.send(Sent::get("/robots.txt")).await;
        assert_eq!(robots.body, "User-agent: *\nDisallow: /\n");
        for (path, status) in [
            ("/sitemap.xml", 404),
            ("/sitemaps/1.xml", 404),
            ("/feeds/charts.atom", 401),
            ("/feeds/charts/samples/feed.atom", 401),
            ("/feeds/charts/samples/web/feed.atom", 401),
            ("/feeds/search.atom?q=web", 401),
        ] {
            let answer = site.send(Sent::get(path)).await;
            assert_eq!(answer.status, status, "{path}");
            assert!(!answer.body.contains("web"), "{path}: {}", answer.body);
        }
        let cookie = site.sign_in("ada").await;
        let feed = site.send(Sent::get("/feeds/charts.atom").with(&cookie)).await;
        assert_eq!(feed.status, 200);
        assert_eq!(feed.header(CACHE_CONTROL), "private, max-age=300");
        let vary: Vec<_> = feed.headers.get_all(VARY).iter().collect();
        assert!(
            vary.iter().any(|name| *name == "cookie, authorization"),
            "{vary:?}"
        );
    });
}

#[test]
fn sitemaps_name_every_page_to_keep_and_no_other() {
    block_on(async {
        let site = public_site().await;
        let index = site.send(Sent::get("/sitemap.xml")).await;
        assert_eq!(
            (index.status, index.header(CONTENT_TYPE)),
            (200, "application/xml")
        );
        assert!(
            index
                .body
                .contains(&format!("<loc>{ORIGIN}/sitemaps/1.xml</loc>")),
            "{}",
            index.body
        );
        let part = site.send(Sent::get("/sitemaps/1.xml")).await;
        let mut paths: Vec<&str> = part
            .body
            .split("<loc>")
            .skip(1)
            .filter_map(|rest| rest.split("</loc>").next()?.strip_prefix(ORIGIN))
            .collect();
        paths.sort_unstable();
        assert_eq!(
            paths,
            [
                "/",
                "/api",
                "/charts",
                "/charts/samples",
                "/charts/samples/Db",
                "/charts/samples/hostile",
                "/charts/samples/web",
                "/repositories",
                "/repositories/samples",
            ]
        );
        assert!(part.body.contains("<lastmod>20"), "{}", part.body);
        for path in paths {
            let page = site.send(Sent::get(path)).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(!is_hidden(&page), "{path}");
            let canonical = attribute(&page, "<link rel=\"canonical\"", "href");
            assert_eq!(canonical, Some(format!("{ORIGIN}{path}").as_str()), "{path}");
        }
        for path in [
            "/sitemaps/0.xml",
            "/sitemaps/2.xml",
            "/sitemaps/-1.xml",
            "/sitemaps/1",
            "/sitemaps/x.xml",
        ] {
            assert_eq!(site.send(Sent::get(path)).await.status, 404, "{path}");
        }
    });
}

#[test]
fn heads_say_what_a_page_is() {
    block_on(async {
        let site = public_site().await;
        let home = site.send(Sent::get("/")).await;
        let found = data(&home);
        assert_eq!(found[0]["@type"], "WebSite");
        assert_eq!(
            found[0]["potentialAction"]["target"]["urlTemplate"],
            format!("{ORIGIN}/charts?q={{search_term_string}}")
        );
        let page = site.send(Sent::get("/charts/samples/web")).await;
        let found = data(&page);
        let software = &found[0];
        assert_eq!(software["@type"], "SoftwareApplication");
        assert_eq!(software["softwareVersion"], "1.1.0");
        assert_eq!(software["license"], "https://spdx.org/licenses/MIT.html");
        assert_eq!(software["maintainer"][0]["name"], "Ada");
        assert!(
            !page.body.contains("ld+json\">{\"email"),
            "addresses of people stay out"
        );
        let steps = found[1]["itemListElement"].as_array().expect("steps");
        let names: Vec<&str> = steps.iter().filter_map(|step| step["name"].as_str()).collect();
        assert_eq!(names, ["Charts", "samples", "web"]);
        assert_eq!(steps[2]["item"], format!("{ORIGIN}/charts/samples/web"));
        for (property, want) in [
            ("og:url", format!("{ORIGIN}/charts/samples/web")),
            ("og:image", format!("{ORIGIN}/cards/samples/web.png")),
            ("og:type", "website".to_owned()),
        ] {
            let element = format!("<meta property=\"{property}\"");
            assert_eq!(
                attribute(&page, &element, "content"),
                Some(want.as_str()),
                "{property}"
            );
        }
        assert_eq!(
            attribute(&page, "<meta name=\"twitter:card\"", "content"),
            Some("summary_large_image")
        );
        assert_eq!(
            attribute(
                &page,
                "<link rel=\"alternate\" type=\"application/atom+xml\"",
                "href"
            ),
            Some("/feeds/charts/samples/web/feed.atom")
        );
    });
}

#[test]
fn no_text_of_a_chart_runs_on_its_page() {
    block_on(async {
        let site = public_site().await;
        let page = site.send(Sent::get("/charts/samples/hostile")).await;
        assert_eq!(page.status, 200);
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
        let software = &data(&page)[0];
        assert_eq!(software["description"], HOSTILE.replace("\\\"", "\""));
        // Every script that runs has the nonce of the policy; a data block needs none.
        let policy = page.header(CONTENT_SECURITY_POLICY).to_owned();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next());
        let nonce = format!("nonce=\"{}\"", nonce.expect("a nonce"));
        for script in page.body.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap_or_default();
            assert!(
                tag.contains(&nonce) || tag.contains("type=\"application/ld+json\""),
                "{tag}"
            );
        }
    });
}

#[test]
fn crawlers_are_kept_from_what_wastes_their_time() {
    block_on(async {
        let site = public_site().await;
        for (path, want) in [
            ("/charts?q=web", true),
            ("/charts?sort=updated", true),
            ("/charts/samples?keyword=http", true),
            ("/charts/samples/web/1.0.0", true),
            ("/charts/samples/web/1.0.0/values", true),
            ("/charts/samples/web/files/values.yaml", true),
            ("/charts/samples/web/install", true),
            ("/sign-in", true),
            ("/account", true),
            ("/releases", true),
            ("/no/such/page", true),
            ("/charts/samples/web/1.1.0", false),
            ("/charts/samples/web/values", false),
            ("/charts/samples/web/versions", false),
        ] {
            assert_eq!(is_hidden(&site.send(Sent::get(path)).await), want, "{path}");
        }
    });
}

#[test]
fn what_a_client_has_is_not_sent_again() {
    block_on(async {
        let site = public_site().await;
        for (path, cache) in [
            ("/", "private, no-cache"),
            ("/charts", "private, no-cache"),
            ("/charts/samples/web/values", "private, no-cache"),
            ("/repositories/samples", "private, no-cache"),
            ("/sitemap.xml", "public, max-age=300"),
            ("/sitemaps/1.xml", "public, max-age=300"),
            ("/feeds/charts.atom", "public, max-age=300"),
            ("/feeds/charts/samples/feed.atom", "public, max-age=300"),
            ("/feeds/charts/samples/web/feed.atom", "public, max-age=300"),
            ("/feeds/search.atom?q=web", "public, max-age=300"),
            ("/api/v1/charts?q=web", "public, no-cache"),
            ("/api/v1/repositories", "public, no-cache"),
        ] {
            let first = site.send(Sent::get(path)).await;
            assert_eq!(
                (first.status, first.header(CACHE_CONTROL)),
                (200, cache),
                "{path}"
            );
            let etag = first.header(ETAG).to_owned();
            assert!(etag.starts_with("W/\""), "{path}: {etag}");
            for method in [Method::GET, Method::HEAD] {
                if path.starts_with("/api/") && method == Method::HEAD {
                    continue;
                }
                let again = Sent {
                    method,
                    headers: &[("if-none-match", &etag)],
                    ..Sent::get(path)
                };
                let again = site.send(again).await;
                assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
                assert_eq!(again.header(ETAG), etag, "{path}");
                // The policy that names the nonce of the kept page stays with it.
                assert_eq!(again.header(CONTENT_SECURITY_POLICY), "", "{path}");
            }
            let other = Sent {
                headers: &[("if-none-match", "W/\"other\"")],
                ..Sent::get(path)
            };
            assert_eq!(site.send(other).await.status, 200, "{path}");
        }
    });
}

#[test]
fn what_is_for_one_user_has_no_validator_and_is_kept_by_nobody() {
    block_on(async {
        let site = public_site().await;
        site.user("ada", None).await;
        let cookie = site.sign_in("ada").await;
        for path in ["/", "/charts/samples/web", "/account"] {
            let page = site.send(Sent::get(path).with(&cookie)).await;
            assert_eq!(page.header(CACHE_CONTROL), "private, no-store", "{path}");
            assert_eq!(page.header(ETAG), "", "{path}");
        }
        for path in ["/sign-in", "/no/such/page", "/charts/samples/web/install"] {
            let page = site.send(Sent::get(path)).await;
            assert_eq!(page.header(CACHE_CONTROL), "private, no-store", "{path}");
            assert_eq!(page.header(ETAG), "", "{path}");
        }
        // A visitor's page is not taken for a user's.
        let page = site.send(Sent::get("/")).await;
        let etag = page.header(ETAG).to_owned();
        let users = Sent {
            headers: &[("if-none-match", &etag)],
            ..Sent::get("/").with(&cookie)
        };
        assert_eq!(site.send(users).await.status, 200);
    });
}
