//! Addresses that lead elsewhere, and what is gone.

use http::Method;

use super::{chart, site};
use crate::site::{Sent, block_on};

#[test]
fn one_page_has_one_address() {
    block_on(async {
        let site = site(|_| {}).await;
        for (path, want) in [
            ("/charts/Samples/WEB", "/charts/samples/web"),
            (
                "/charts/samples/db/2.0.0/values",
                "/charts/samples/Db/2.0.0/values",
            ),
            ("/charts/SAMPLES", "/charts/samples"),
            ("/charts/SAMPLES?q=a", "/charts/samples?q=a"),
            ("/repositories/Samples", "/repositories/samples"),
            ("/charts/samples/web/", "/charts/samples/web"),
            ("/charts/", "/charts"),
            ("/charts/samples/web?modal=values", "/charts/samples/web/values"),
            ("/packages/helm/samples/web/1.0.0", "/charts/samples/web/1.0.0"),
            ("/packages/search?ts_query_web=web", "/charts?q=web"),
            ("/repos", "/repositories"),
            ("//evil.example/", "/evil.example"),
        ] {
            for method in [Method::GET, Method::HEAD] {
                let answer = site
                    .send(Sent {
                        method,
                        ..Sent::get(path)
                    })
                    .await;
                assert_eq!((answer.status, answer.location()), (301, want), "{path}");
            }
            let there = site.send(Sent::get(want)).await;
            assert!(matches!(there.status, 200 | 404), "{want}");
        }
        for path in [
            "/charts/samples/nothing",
            "/charts/nothing",
            "/charts/samples/web/9.9.9",
            "/repositories/x",
        ] {
            assert_eq!(site.send(Sent::get(path)).await.status, 404, "{path}");
        }
    });
}

#[test]
fn a_closed_catalog_does_not_spell_names() {
    block_on(async {
        let site = site(|config| config.access.anonymous_catalog = false).await;
        let answer = site.send(Sent::get("/charts/samples/WEB")).await;
        assert_eq!((answer.status, answer.location()), (401, ""));
    });
}

#[test]
fn what_was_deleted_is_gone() {
    block_on(async {
        let site = site(|config| config.hosted.anonymous_push = true).await;
        for version in ["1.0.0", "1.1.0"] {
            let (_, archive) = chart("Mine", version, "");
            let new = backend::ops::NewUpload {
                archive: Some(archive),
                ..Default::default()
            };
            let viewer = backend::Viewer::system();
            site.backend
                .hosted()
                .upload(&viewer, "", new)
                .await
                .expect("it is uploaded");
        }
        assert_eq!(
            site.send(Sent::get("/charts/hosted/Mine/1.0.0")).await.status,
            200
        );
        let delete = |version: &'static str| Sent {
            method: Method::DELETE,
            path: version,
            ..Sent::default()
        };
        let deleted = site.send(delete("/hosted/api/charts/Mine/1.0.0")).await;
        assert_eq!(deleted.status, 200, "{}", deleted.body);
        assert_eq!(
            site.send(Sent::get("/charts/hosted/Mine/1.0.0")).await.status,
            410
        );
        assert_eq!(
            site.send(Sent::get("/charts/hosted/Mine/1.1.0")).await.status,
            200
        );
        assert_eq!(
            site.send(Sent::get("/charts/hosted/Mine/1.2.0")).await.status,
            404
        );
        site.send(delete("/hosted/api/charts/Mine/1.1.0")).await;
        let gone = site.send(Sent::get("/charts/hosted/Mine")).await;
        assert_eq!(gone.status, 410);
        assert!(gone.body.contains("name=\"robots\" content=\"noindex\""));
    });
}
