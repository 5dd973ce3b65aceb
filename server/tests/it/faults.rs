//! Faults on the real process: upstreams that misbehave, and ends at any moment.

use std::time::Duration;

use crate::process::Server;
use crate::upstream::{Manner, Upstream};

/// Waiting for a probe longer than this is what made orchestrators kill the predecessor. The goal is 0.3 s; a debug
/// build on a busy machine gets more.
const LIVE_WITHIN: Duration = Duration::from_secs(2);

#[test]
fn it_is_alive_and_ready_while_the_upstream_is_a_black_hole() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let upstream = Upstream::start();
    upstream.behave(Manner::BlackHole);
    let server = Server::start(data.path(), &upstream.setting("all"));
    let live = server.answers_after("/livez");
    assert!(live < LIVE_WITHIN, "/livez after {live:?}");
    server.answers_after("/readyz");
    let (status, _) = server.get("/charts").expect("an answer");
    assert_eq!(status, 200, "pages do not wait for an upstream");
}

#[test]
fn every_fault_is_reported_in_words_and_the_last_catalog_stays() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let upstream = Upstream::start();
    upstream.publish("steady", "1.0.0");
    let server = Server::start(data.path(), &upstream.setting("all"));
    server.state_when(|state| state["last_success"].is_number() && state["n_archives_pending"] == 0);
    server.kill();

    for manner in [Manner::ServerError, Manner::Truncated, Manner::RedirectToPrivate] {
        upstream.behave(manner);
        let server = Server::start(data.path(), &upstream.setting("all"));
        server.answers_after("/readyz");
        let page = server.wait_until("/charts/up/steady", |status, _| status == 200);
        assert!(
            page.contains("This is steady 1.0.0"),
            "{manner:?}: the last catalog is served at once"
        );
        let state = server.state_when(|state| state["last_error"].is_string());
        let error = state["last_error"].as_str().unwrap_or_default().to_owned();
        assert!(error.len() > 10, "{manner:?}: {error}");
        assert!(
            !error.contains("Error("),
            "{manner:?}: in words, not as Debug prints it: {error}"
        );
    }
}

#[test]
fn a_slow_upstream_does_not_slow_the_pages() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let upstream = Upstream::start();
    upstream.publish("slow", "1.0.0");
    upstream.behave(Manner::SlowLoris);
    let server = Server::start(data.path(), &upstream.setting("all"));
    server.answers_after("/readyz");
    server.state_when(|state| !state["running"].is_null());
    let (status, _) = server.get("/charts").expect("an answer while the index trickles");
    assert_eq!(status, 200);
}

#[test]
fn killed_at_any_moment_it_resumes_and_fetches_nothing_twice() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let upstream = Upstream::start();
    for chart in 0..60 {
        upstream.publish(&format!("chart-{chart:02}"), "1.0.0");
    }
    // Moments spread over the whole length of a sync; a fixed sequence, so that a failure can be looked at again.
    let mut moment = 7_u64;
    for _ in 0..50 {
        let server = Server::start(data.path(), &upstream.setting("all"));
        moment = moment.wrapping_mul(6_364_136_223_846_793_005) % 1_000_003;
        std::thread::sleep(Duration::from_millis(20 + moment % 180));
        server.kill();
    }
    let server = Server::start(data.path(), &upstream.setting("all"));
    server.state_when(|state| {
        state["last_success"].is_number() && state["running"].is_null() && state["n_archives_pending"] == 0
    });
    for chart in 0..60 {
        let page = server.wait_until(&format!("/charts/up/chart-{chart:02}"), |status, _| status == 200);
        assert!(
            page.contains(&format!("This is chart-{chart:02} 1.0.0")),
            "chart-{chart:02} has its README"
        );
    }
    // An archive whose bytes were on their way when the process died is asked for again; one that was stored is not.
    let counts = upstream.n_requests();
    let n_archives: usize = counts
        .iter()
        .filter(|(path, _)| path.ends_with(".tgz"))
        .map(|(_, n)| n)
        .sum();
    assert!(n_archives >= 60, "every archive was fetched: {n_archives}");
    let at_most = 60 + 50 * 8;
    assert!(
        n_archives <= at_most,
        "{n_archives} requests for 60 archives: only those in flight at a kill are repeated"
    );
    let worst = counts
        .iter()
        .filter(|(path, _)| path.ends_with(".tgz"))
        .map(|(_, n)| *n)
        .max();
    assert!(
        worst.is_some_and(|n| n < 20),
        "one archive was fetched {worst:?} times"
    );
}
