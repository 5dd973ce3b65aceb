//! What Prometheus reads.

use http::header::CONTENT_TYPE;
use model::access::Role;

use crate::museum::Museum;
use crate::site::{Sent, Site, block_on};

/// The value of a series.
fn value(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.split(' ').next() == Some(series))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn requests_repositories_and_the_process_are_counted() {
    block_on(async {
        let site = Site::new().await;
        for _ in 0..3 {
            assert_eq!(site.send(Sent::get("/charts")).await.status, 200);
        }
        assert_eq!(site.send(Sent::get("/charts/team/none")).await.status, 404);
        let answer = site.send(Sent::get("/metrics")).await;
        assert_eq!(answer.status, 200);
        assert!(
            answer
                .header(CONTENT_TYPE)
                .starts_with("application/openmetrics-text; version=1.0.0")
        );
        let text = &answer.body;
        assert!(text.ends_with("# EOF\n"), "{text}");
        let requests = |status: &str| {
            let series =
                format!("chartroom_http_requests_total{{area=\"page\",method=\"GET\",status=\"{status}\"}}");
            value(text, &series)
        };
        assert_eq!(
            (requests("200"), requests("404")),
            (Some(3.0), Some(1.0)),
            "{text}"
        );
        assert!(
            value(text, "process_resident_memory_bytes").is_some_and(|bytes| bytes > 1e6),
            "{text}"
        );
        // No name is there twice, and each says what it is.
        let mut names: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE "))
            .collect();
        let n_names = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n_names, "{text}");
    });
}

#[test]
fn a_closed_catalog_is_counted_for_users_alone() {
    block_on(async {
        let site = Site::with(|config| config.access.anonymous_catalog = false).await;
        assert_eq!(site.send(Sent::get("/metrics")).await.status, 401);
        site.user("ada", Some(Role::Viewer)).await;
        let cookie = site.sign_in("ada").await;
        assert_eq!(site.send(Sent::get("/metrics").with(&cookie)).await.status, 200);
    });
    block_on(async {
        let site = Site::with(|config| config.telemetry.metrics = false).await;
        assert_eq!(site.send(Sent::get("/metrics")).await.status, 404);
    });
}

#[test]
fn museum_has_them_where_its_flag_asks_for_them() {
    for (flags, status) in [(&[][..], 404), (&["--enable-metrics"], 200)] {
        let dir = tempfile::tempdir().expect("a folder");
        let museum = Museum::start(dir.path(), flags);
        museum.get("/index.yaml");
        let reply = museum.get("/metrics");
        assert_eq!(reply.status, status);
        let is_counted = reply
            .text()
            .contains("chartroom_http_requests_total{area=\"hosted\",method=\"GET\"");
        assert_eq!(is_counted, status == 200, "{}", reply.text());
    }
}
