//! Repositories as Helm repositories of ours.

use std::io::Read as _;

use ::helm::index::{IndexItem, IndexLimits, IndexReader};
use backend::Viewer;
use backend::ops::NewUpload;
use flate2::read::GzDecoder;
use http::Method;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG};

use super::{chart, site};
use crate::site::{Sent, block_on};

/// Key, version and address of every entry of an index.
fn entries(index: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let mut sink = |item| match item {
        IndexItem::Version(entry) => {
            found.push((entry.chart.clone(), entry.version.clone(), entry.urls.join(" ")));
        }
        IndexItem::Skipped(skipped) => panic!("{skipped:?}"),
    };
    let mut reader = IndexReader::new(IndexLimits::default());
    reader.push(index.as_bytes(), &mut sink).expect("it reads");
    let summary = reader.finish(&mut sink).expect("it ends");
    assert!(
        summary.unknown_keys.is_empty(),
        "helm refuses keys it does not know"
    );
    found
}

#[test]
fn an_index_lists_every_version_with_an_archive_of_ours() {
    block_on(async {
        let site = site(|_| {}).await;
        for (path, kind) in [
            ("/mirror/samples/index.yaml", "application/yaml"),
            ("/mirror/samples/index.json", "application/json"),
        ] {
            let index = site.send(Sent::get(path)).await;
            assert_eq!((index.status, index.header(CONTENT_TYPE)), (200, kind));
            assert_eq!(index.header(CACHE_CONTROL), "public, no-cache");
            assert_eq!(index.header(CONTENT_LENGTH), index.body.len().to_string());
            let entries = entries(&index.body);
            let names: Vec<(&str, &str)> = entries.iter().map(|(a, b, _)| (a.as_str(), b.as_str())).collect();
            assert_eq!(
                names,
                [
                    ("Db", "2.0.0"),
                    ("hostile", "0.1.0"),
                    ("web", "1.1.0"),
                    ("web", "1.0.0")
                ]
            );
            for (name, version, url) in entries {
                let archive = site.send(Sent::get(&format!("/mirror/samples/{url}"))).await;
                assert_eq!(archive.status, 200, "{url}");
                assert!(url.ends_with(&format!("/{name}-{version}.tgz")), "{url}");
                assert!(
                    index.body.contains(archive.header(ETAG).trim_matches('"')),
                    "{url}"
                );
            }
        }
        for path in [
            "/mirror/nothing/index.yaml",
            "/mirror/samples/charts/web/1.0.0/web-1.1.0.tgz",
            "/mirror/samples/charts/web/1.0.0/..%2f..%2fx",
            "/mirror/samples/charts/web/9.9.9/web-9.9.9.tgz",
            "/mirror/samples/charts/web/1.0.0/web-1.0.0.tgz.prov",
        ] {
            assert_eq!(site.send(Sent::get(path)).await.status, 404, "{path}");
        }
    });
}

#[test]
fn an_index_is_made_once_and_sent_once() {
    block_on(async {
        let site = site(|config| config.hosted.anonymous_push = true).await;
        let first = site.send(Sent::get("/mirror/index.yaml")).await;
        let etag = first.header(ETAG).to_owned();
        let again = Sent {
            headers: &[("if-none-match", &etag)],
            ..Sent::get("/mirror/index.yaml")
        };
        assert_eq!(site.send(again).await.status, 304);
        let packed = Sent {
            headers: &[("accept-encoding", "gzip")],
            ..Sent::get("/mirror/index.yaml")
        };
        let packed = site.bytes(packed).await;
        let mut text = String::new();
        GzDecoder::new(packed.as_slice())
            .read_to_string(&mut text)
            .expect("it unpacks");
        assert_eq!(text, first.body);
        // What is uploaded is in the next one.
        let (_, archive) = chart("mine", "1.0.0", "");
        let new = NewUpload {
            archive: Some(archive),
            ..NewUpload::default()
        };
        site.backend
            .hosted()
            .upload(&Viewer::system(), "", new)
            .await
            .expect("it is uploaded");
        let next = site.send(Sent::get("/mirror/index.yaml")).await;
        assert_ne!(next.header(ETAG), etag);
        assert!(next.body.contains("  hosted/mine:\n"), "{}", next.body);
        assert!(
            next.body.contains("hosted/charts/mine/1.0.0/mine-1.0.0.tgz"),
            "{}",
            next.body
        );
        let head = Sent {
            method: Method::HEAD,
            ..Sent::get("/mirror/index.yaml")
        };
        assert_eq!(site.send(head).await.status, 200);
    });
}

#[test]
fn charts_of_one_name_do_not_take_each_others_place() {
    block_on(async {
        let site = site(|_| {}).await;
        let (_, archive) = chart("web", "9.0.0", "");
        let new = NewUpload {
            archive: Some(archive),
            provenance: None,
            force: false,
        };
        site.backend
            .hosted()
            .upload(&Viewer::system(), "", new)
            .await
            .expect("it is uploaded");
        let index = site.send(Sent::get("/mirror/index.json")).await.json();
        let versions = |key: &str| -> Vec<String> {
            let list = index["entries"][key].as_array().cloned().unwrap_or_default();
            list.iter()
                .filter_map(|entry| entry["version"].as_str().map(str::to_owned))
                .collect()
        };
        assert_eq!(versions("hosted/web"), ["9.0.0"]);
        assert_eq!(versions("samples/web"), ["1.1.0", "1.0.0"]);
        assert!(versions("web").is_empty());
        assert_eq!(index["entries"]["hosted/web"][0]["name"], "web");
    });
}

#[test]
fn a_closed_catalog_s_mirror_takes_a_token_as_helm_shows_one() {
    block_on(async {
        let site = site(|config| config.access.anonymous_catalog = false).await;
        site.user("ada", None).await;
        let cookie = site.sign_in("ada").await;
        let body = serde_json::json!({ "label": "helm", "scopes": ["releases:read"], "valid_days": 1 });
        let made = Sent {
            origin: Some("http://localhost:8080"),
            ..Sent::json(Method::POST, "/api/v1/tokens", &body).with(&cookie)
        };
        let made = site.send(made).await;
        let token = made.json()["data"]["token"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(token.starts_with("crt_"), "{}", made.body);
        let pair = |password: &str| {
            use base64::Engine as _;
            let pair = base64::engine::general_purpose::STANDARD.encode(format!("any:{password}"));
            format!("Basic {pair}")
        };
        let (right, wrong) = (pair(&token), pair("crt_wrong"));
        for (authorization, path, want) in [
            (&right, "/mirror/samples/index.yaml", 200),
            (&right, "/mirror/samples/charts/web/1.0.0/web-1.0.0.tgz", 200),
            (&wrong, "/mirror/samples/index.yaml", 401),
            // Elsewhere a browser would send it by itself.
            (&right, "/api/v1/charts", 401),
        ] {
            let sent = Sent {
                headers: &[("authorization", authorization)],
                ..Sent::get(path)
            };
            assert_eq!(site.send(sent).await.status, want, "{path}");
        }
    });
}
