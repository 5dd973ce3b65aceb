//! Monocular's catalog, both generations, as its clients read it.

use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::site;
use crate::site::{Answer, Sent, Site, block_on};

const ORIGIN: &str = "https://charts.example.com";

async fn public_site() -> Site {
    site(|config| {
        config.server.public_origin = ORIGIN.to_owned();
        config.server.base_path = "/x".to_owned();
    })
    .await
}

async fn get(site: &Site, path: &str) -> Value {
    let answer = site.send(Sent::get(path)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

fn names(answer: &Value) -> Vec<&str> {
    let charts = answer["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    charts
        .iter()
        .filter_map(|chart| chart["attributes"]["name"].as_str())
        .collect()
}

#[track_caller]
fn failure(answer: &Answer, status: u16, message: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header(CONTENT_TYPE), "application/json");
    assert_eq!(answer.json(), json!({ "code": status, "message": message }));
}

#[test]
fn what_helm_search_hub_decodes_is_there_in_its_types() {
    block_on(async {
        let site = public_site().await;
        let found = get(&site, "/x/api/chartsvc/v1/charts/search?q=web").await;
        assert_eq!(names(&found)[0], "web");
        let chart = &found["data"][0];
        assert_eq!(chart["id"], "samples/web");
        assert_eq!(
            chart["artifactHub"]["packageUrl"],
            format!("{ORIGIN}/x/charts/samples/web")
        );
        let attributes = &chart["attributes"];
        assert_eq!(attributes["description"], "Serves pages.");
        assert_eq!(
            attributes["repo"],
            json!({ "name": "samples", "url": format!("{ORIGIN}/x/mirror/samples") })
        );
        assert_eq!(
            attributes["maintainers"],
            json!([{ "name": "Ada", "email": "ada@example.com" }])
        );
        assert_eq!(attributes["keywords"], json!(["http"]));
        assert_eq!(attributes["home"], "https://web.example.com");
        let newest = &chart["relationships"]["latestChartVersion"]["data"];
        assert_eq!(
            (&newest["version"], &newest["app_version"]),
            (&json!("1.1.0"), &json!("7"))
        );
        assert_eq!(newest["digest"].as_str().map(str::len), Some(64));
        assert_eq!(newest["created"], "0001-01-01T00:00:00Z");
        assert_eq!(
            newest["urls"],
            json!([format!("{ORIGIN}/x/archives/samples/web/1.1.0/web-1.1.0.tgz")])
        );
        // Nothing is null: decoders of Go's stop there.
        assert!(!found.to_string().contains("null"), "{found}");
        // Without words it is everything, and without hits nothing.
        assert_eq!(
            names(&get(&site, "/x/api/chartsvc/v1/charts/search?q=").await).len(),
            3
        );
        let none = get(&site, "/x/api/chartsvc/v1/charts/search?q=qqqqqqqq").await;
        assert_eq!(none, json!({ "data": [] }));
        // What a query language would trip over.
        for query in ["%5B", "%22", "(a%20OR", "repo%3A", "%00", "-"] {
            get(&site, &format!("/x/api/chartsvc/v1/charts/search?q={query}")).await;
        }
    });
}

#[test]
fn the_second_generation_is_there_in_full() {
    block_on(async {
        let site = public_site().await;
        let at = |path: &str| format!("/x/api/chartsvc{path}");
        for probe in ["/live", "/ready"] {
            assert_eq!(site.send(Sent::get(&at(probe))).await.status, 200);
        }
        let all = get(&site, &at("/v1/charts")).await;
        assert_eq!(names(&all), ["Db", "hostile", "web"]);
        assert_eq!(all["meta"], json!({ "totalPages": 1 }));
        let second = get(&site, &at("/v1/charts?page=2&size=2")).await;
        assert_eq!(
            (names(&second), &second["meta"]["totalPages"]),
            (vec!["web"], &json!(2))
        );
        // A page past the last is the last; sizes that are none are all.
        for (query, want) in [
            ("page=99&size=2", vec!["web"]),
            ("page=0&size=2", vec!["Db", "hostile"]),
            ("page=-1&size=x", vec!["Db", "hostile", "web"]),
            ("size=18446744073709551615", vec!["Db", "hostile", "web"]),
        ] {
            assert_eq!(
                names(&get(&site, &at(&format!("/v1/charts?{query}"))).await),
                want,
                "{query}"
            );
        }
        for (query, want) in [
            ("name=web&version=1.0.0&appversion=7", vec!["web"]),
            ("name=web&version=1.0.0&appversion=8", vec![]),
            ("name=web&version=9.0.0&appversion=7", vec![]),
        ] {
            assert_eq!(
                names(&get(&site, &at(&format!("/v1/charts?{query}"))).await),
                want,
                "{query}"
            );
        }
        assert_eq!(names(&get(&site, &at("/v1/charts/samples")).await).len(), 3);
        assert_eq!(get(&site, &at("/v1/charts/nothing")).await["data"], json!([]));
        assert_eq!(
            names(&get(&site, &at("/v1/charts/samples/search?q=data")).await),
            ["Db"]
        );
        let one = get(&site, &at("/v1/charts/samples/web")).await;
        assert_eq!(one["data"]["id"], "samples/web");
        let versions = get(&site, &at("/v1/charts/samples/web/versions")).await;
        let ids: Vec<&Value> = versions["data"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|v| &v["id"])
            .collect();
        assert_eq!(ids, ["samples/web-1.1.0", "samples/web-1.0.0"]);
        let version = get(&site, &at("/v1/charts/samples/web/versions/1.0.0")).await;
        let attributes = &version["data"]["attributes"];
        assert_eq!(
            attributes["readme"],
            "/v1/assets/samples/web/versions/1.0.0/README.md"
        );
        assert_eq!(version["data"]["relationships"]["chart"]["data"]["name"], "web");
        for (path, words) in [
            ("/v1/charts/samples/nothing", "could not find chart"),
            ("/v1/charts/samples/nothing/versions", "could not find chart"),
            (
                "/v1/charts/samples/web/versions/9.9.9",
                "could not find chart version",
            ),
        ] {
            failure(&site.send(Sent::get(&at(path))).await, 404, words);
        }
        for (file, status, body) in [
            ("README.md", 200, "# web\n\nRead me.\n"),
            ("values.yaml", 200, "replicas: 1\n"),
            ("values.schema.json", 200, ""),
        ] {
            let path = at(&format!("/v1/assets/samples/web/versions/1.0.0/{file}"));
            let answer = site.send(Sent::get(&path)).await;
            assert_eq!((answer.status, answer.body.as_str()), (status, body), "{file}");
            assert!(answer.header("content-security-policy").contains("sandbox"));
        }
        for path in [
            "/v1/assets/samples/web/versions/1.0.0/Chart.yaml",
            "/v1/assets/samples/web/logo",
        ] {
            assert_eq!(site.send(Sent::get(&at(path))).await.status, 404, "{path}");
        }
    });
}

#[test]
fn the_first_generation_is_read_as_ever() {
    block_on(async {
        let site = public_site().await;
        let all = get(&site, "/x/v1/charts").await;
        assert_eq!(names(&all), ["Db", "hostile", "web"]);
        let web = &all["data"][2];
        assert_eq!(
            (&web["type"], &web["links"]["self"]),
            (&json!("chart"), &json!("/v1/charts/samples/web"))
        );
        let url = format!("{ORIGIN}/x/mirror/samples");
        assert_eq!(
            web["attributes"]["repo"],
            json!({ "name": "samples", "URL": url, "source": "" })
        );
        let one = get(&site, "/x/v1/charts/samples/web").await;
        assert!(one["data"].get("links").is_none(), "{one}");
        assert_eq!(names(&get(&site, "/x/v1/charts/search?name=we").await), ["web"]);
        assert_eq!(
            get(&site, "/x/v1/charts/search?name=WE").await,
            json!({ "data": null })
        );
        let version = get(&site, "/x/v1/charts/samples/web/versions/1.0.0").await;
        assert_eq!(version["data"]["id"], "samples/web:1.0.0");
        let readme = version["data"]["attributes"]["readme"]
            .as_str()
            .expect("a path")
            .to_owned();
        assert!(site.send(Sent::get(&readme)).await.body.starts_with("# web"));
        let repositories = get(&site, "/x/v1/repos").await;
        assert_eq!(
            repositories["data"][0]["attributes"],
            json!({ "name": "samples", "url": url, "source": "" })
        );
        assert_eq!(get(&site, "/x/v1/repos/samples").await["data"]["id"], "samples");
        for (path, words) in [
            ("/x/v1/charts/nothing", "404 charts not found"),
            ("/x/v1/charts/samples/nothing", "404 chart not found"),
            (
                "/x/v1/charts/samples/web/versions/9",
                "404 chartVersion not found",
            ),
            ("/x/v1/repos/nothing", "404 repository not found"),
        ] {
            failure(&site.send(Sent::get(path)).await, 404, words);
        }
    });
}

#[test]
fn artifact_hub_s_packages_are_ours() {
    block_on(async {
        let site = public_site().await;
        let package = get(&site, "/x/api/v1/packages/helm/samples/web").await;
        assert_eq!(
            (&package["name"], &package["version"]),
            (&json!("web"), &json!("1.1.0"))
        );
        assert_eq!(package["repository"]["url"], format!("{ORIGIN}/x/mirror/samples"));
        assert_eq!(package["repository"]["kind"], 0);
        assert_eq!(package["license"], "MIT");
        assert_eq!(
            package["content_url"],
            format!("{ORIGIN}/x/archives/samples/web/1.1.0/web-1.1.0.tgz")
        );
        let versions = package["available_versions"].as_array().expect("a list");
        let versions: Vec<&Value> = versions.iter().map(|version| &version["version"]).collect();
        assert_eq!(versions, ["1.1.0", "1.0.0"]);
        let old = get(&site, "/x/api/v1/packages/helm/samples/web/1.0.0").await;
        assert_eq!(
            (&old["version"], &old["package_id"]),
            (&json!("1.0.0"), &package["package_id"])
        );
        let answer = site
            .send(Sent::get(
                "/x/api/v1/packages/search?ts_query_web=web&kind=0&limit=1",
            ))
            .await;
        assert_eq!(answer.json()["packages"][0]["name"], "web");
        assert!(
            answer
                .header("pagination-total-count")
                .parse::<u64>()
                .is_ok_and(|total| total >= 1)
        );
        for (query, want) in [
            ("kind=3", 0),
            ("limit=2", 2),
            ("limit=2&offset=2", 1),
            ("offset=99999999", 0),
            ("limit=x", 3),
        ] {
            let found = get(&site, &format!("/x/api/v1/packages/search?{query}")).await;
            assert_eq!(found["packages"].as_array().map(Vec::len), Some(want), "{query}");
        }
        for path in [
            "helm/samples/nothing",
            "helm/nothing/web",
            "helm/samples/web/9.9.9",
        ] {
            let answer = site.send(Sent::get(&format!("/x/api/v1/packages/{path}"))).await;
            assert_eq!(answer.status, 404, "{path}");
        }
    });
}

#[test]
fn a_closed_catalog_answers_no_stranger_in_any_dialect() {
    block_on(async {
        let site = site(|config| config.access.anonymous_catalog = false).await;
        for path in [
            "/v1/charts",
            "/v1/charts/samples/web",
            "/v1/repos",
            "/api/chartsvc/v1/charts",
            "/api/chartsvc/v1/charts/search?q=web",
            "/api/chartsvc/v1/charts/samples/web/versions/1.0.0",
            "/v1/assets/samples/web/versions/1.0.0/README.md",
            "/api/v1/packages/search",
            "/api/v1/packages/helm/samples/web",
            "/mirror/index.yaml",
            "/mirror/samples/index.json",
            "/mirror/samples/charts/web/1.0.0/web-1.0.0.tgz",
            "/badges/samples/web.svg",
            "/cards/samples/web.png",
        ] {
            let answer = site.send(Sent::get(path)).await;
            assert_eq!(answer.status, 401, "{path}");
            assert!(!answer.body.contains("web"), "{path}: {}", answer.body);
        }
    });
}
