//! Everything that a chart's pages show, over the API, and what the pages make of it.

use super::{HOSTILE, chart};
use crate::site::{Sent, Site, block_on};

const CHANGES: &str =
    "annotations:\n  artifacthub.io/changes: |\n    - kind: security\n      description: Runs as `nobody`\n";

/// `web` in two versions, `shop` that depends on it, and a chart that would break out of every element.
async fn site() -> Site {
    let needs = "dependencies:\n- name: web\n  version: 1.x.x\n  repository: file://../web\n  condition: web.enabled\n";
    let hostile = format!(
        "description: \"{HOSTILE}\"\nannotations:\n  artifacthub.io/changes: |\n    - \"{HOSTILE}\"\n    - description: x\n      \
         links:\n      - name: \"{HOSTILE}\"\n        url: \"https://example.com/\\\"><script>\"\n"
    );
    let charts = vec![
        chart("web", "1.0.0", "description: Serves pages.\nkeywords: [http]\n"),
        chart(
            "web",
            "1.1.0",
            &format!("description: Serves pages.\nkeywords: [http]\n{CHANGES}"),
        ),
        chart("shop", "1.0.0", &format!("description: Sells.\n{needs}")),
        chart("proxy", "1.0.0", "keywords: [http]\n"),
        chart("webhostile", "0.1.0", &hostile),
    ];
    Site::with_charts(|_| {}, charts).await
}

#[test]
fn the_api_has_what_the_pages_show() {
    block_on(async {
        let site = site().await;
        let get = async |path: &str| {
            let answer = site.send(Sent::get(path)).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            answer.json()["data"].clone()
        };
        let web = get("/api/v1/charts/samples/web").await;
        assert_eq!(web["version"]["version"], "1.1.0");
        assert_eq!(web["version"]["changes"][0]["kind"], "security");
        let old = get("/api/v1/charts/samples/web?version=1.0.0").await;
        assert_eq!(old["version"]["version"], "1.0.0");
        let versions = get("/api/v1/charts/samples/web/versions").await;
        assert_eq!(versions["total"], 2);
        let rest = get("/api/v1/charts/samples/web/versions?cursor=1.1.0").await;
        assert_eq!(
            (&rest["first_position"], &rest["items"][0]["version"]),
            (&2.into(), &"1.0.0".into())
        );
        let readme = get("/api/v1/charts/samples/web/readme").await;
        assert!(
            readme["html"]
                .as_str()
                .is_some_and(|html| html.contains("Read me.")),
            "{readme}"
        );
        let log = get("/api/v1/charts/samples/web/changelog").await;
        assert_eq!(
            log["versions"][0]["changes"][0]["description"],
            "Runs as `nobody`"
        );
        let files = get("/api/v1/charts/samples/web/files").await;
        assert!(files.as_array().is_some_and(|files| files.len() == 4), "{files}");
        let file = get("/api/v1/charts/samples/web/file?path=values.yaml&version=1.0.0").await;
        assert_eq!(file["text"], "replicas: 1\n");
        let tree = get("/api/v1/charts/samples/shop/dependencies").await;
        assert_eq!(tree["nodes"][0]["condition"], "web.enabled");
        let related = get("/api/v1/charts/samples/web/related").await;
        assert_eq!(related["used_by"][0]["name"], "shop");
        assert_eq!(related["related"][0]["name"], "proxy");
        assert_eq!(related["related"][0]["why"], "also about http");
        let used = get("/api/v1/charts/samples/web/used-by").await;
        assert_eq!(
            (&used["total"], &used["items"][0]["is_optional"]),
            (&1.into(), &true.into())
        );
        let home = get("/api/v1/home").await;
        assert_eq!(home["most_used"][0]["name"], "web");
    });
}

#[test]
fn what_is_not_there_is_a_problem() {
    block_on(async {
        let site = site().await;
        let rows = [
            ("/api/v1/charts/samples/absent", 404),
            ("/api/v1/charts/samples/web?version=9.9.9", 404),
            ("/api/v1/charts/samples/absent/versions", 404),
            ("/api/v1/charts/samples/web/versions?cursor=none", 400),
            ("/api/v1/charts/samples/absent/related", 404),
            ("/api/v1/charts/samples/web/used-by?cursor=!", 400),
            ("/api/v1/charts/samples/absent/used-by", 404),
            ("/api/v1/charts/samples/absent/changelog", 404),
            ("/api/v1/charts/samples/web/file?path=absent", 404),
            ("/api/v1/charts/samples/web/file", 400),
            ("/api/v1/charts/samples/absent/files", 404),
            ("/api/v1/charts/samples/absent/readme", 404),
            ("/api/v1/charts/samples/absent/dependencies", 404),
        ];
        for (path, status) in rows {
            let answer = site.send(Sent::get(path)).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.body);
        }
    });
}

#[test]
fn a_closed_catalog_tells_none_of_it() {
    block_on(async {
        let charts = vec![chart("web", "1.0.0", "")];
        let site = Site::with_charts(|config| config.access.anonymous_catalog = false, charts).await;
        for path in [
            "/api/v1/home",
            "/api/v1/charts/samples/web",
            "/api/v1/charts/samples/web/versions",
            "/api/v1/charts/samples/web/readme",
            "/api/v1/charts/samples/web/changelog",
            "/api/v1/charts/samples/web/files",
            "/api/v1/charts/samples/web/file?path=values.yaml",
            "/api/v1/charts/samples/web/dependencies",
            "/api/v1/charts/samples/web/related",
            "/api/v1/charts/samples/web/used-by",
            "/ui/suggest?q=web",
        ] {
            let answer = site.send(Sent::get(path)).await;
            assert_eq!(answer.status, 401, "{path}: {}", answer.body);
            assert!(!answer.body.contains("1.0.0"), "{path}: {}", answer.body);
        }
    });
}

#[test]
fn a_changelog_has_a_page_and_a_place_beside_the_readme() {
    block_on(async {
        let site = site().await;
        let page = site.send(Sent::get("/charts/samples/web/changelog")).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("Runs as <code>nobody</code>"), "{}", page.body);
        assert!(page.body.contains("security"), "the kind in a word");
        let overview = site.send(Sent::get("/charts/samples/web")).await;
        assert!(overview.body.contains("What 1.1.0 changes"), "{}", overview.body);
        assert!(overview.body.contains("href=\"/charts/samples/web/changelog\""));
        // A version that says nothing has no such tab, and its address is a page all the same.
        let old = site.send(Sent::get("/charts/samples/web/1.0.0")).await;
        assert!(!old.body.contains("/changelog\""), "{}", old.body);
        let nothing = site.send(Sent::get("/charts/samples/web/1.0.0/changelog")).await;
        assert_eq!(nothing.status, 200);
        assert!(
            nothing.body.contains("does not say what it changes"),
            "{}",
            nothing.body
        );
    });
}

#[test]
fn neighbours_stand_beside_the_readme() {
    block_on(async {
        let site = site().await;
        let page = site.send(Sent::get("/charts/samples/web")).await;
        for part in [
            "Used by 1 chart",
            "href=\"/charts/samples/shop\"",
            "takes 1.x.x",
            "Related charts",
            "also about http",
        ] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
    });
}

#[test]
fn hostile_text_stays_text() {
    block_on(async {
        let site = site().await;
        for path in [
            "/charts/samples/webhostile",
            "/charts/samples/webhostile/changelog",
            "/ui/suggest?q=webhostile",
            "/",
        ] {
            let page = site.send(Sent::get(path)).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(!page.body.contains("<script>alert"), "{path}: {}", page.body);
            assert!(!page.body.contains("\"><script>"), "{path}: {}", page.body);
        }
    });
}

#[test]
fn what_is_typed_is_completed_as_options_of_a_list() {
    block_on(async {
        let site = site().await;
        let answer = site.send(Sent::get("/ui/suggest?q=we")).await;
        assert_eq!(answer.status, 200);
        let first = answer.body.find("role=\"option\"").expect("an option");
        assert!(
            answer.body[first..].contains("href=\"/charts/samples/web\""),
            "{}",
            answer.body
        );
        assert_eq!(answer.header(http::header::CACHE_CONTROL), "private, max-age=30");
        for nothing in [
            "/ui/suggest",
            "/ui/suggest?q=",
            "/ui/suggest?q=%20",
            "/ui/suggest?q=zzzzzzzz",
        ] {
            let answer = site.send(Sent::get(nothing)).await;
            assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{nothing}");
        }
        // The form names the address, and works without it.
        let page = site.send(Sent::get("/")).await;
        assert!(
            page.body.contains("data-suggest=\"/ui/suggest\""),
            "{}",
            page.body
        );
        assert!(
            page.body.contains("method=\"get\" action=\"/charts\""),
            "{}",
            page.body
        );
    });
}
