//! Upstreams that misbehave.

use std::time::{Duration, Instant};

use backend::Viewer;
use backend::secret::SecretString;
use backend::settings::RepositorySettings;
use model::catalog::CatalogQuery;

use crate::support::block_on;
use crate::support::upstream::{Chart, Reply, Upstream, index_of};
use crate::support::world::World;

async fn first_sync(world: &World, upstream: &Upstream) {
    upstream.publish(&[Chart::new("web", "1.0.0")]);
    world.add("team", upstream).await;
    assert_eq!(world.sync("team").await.error, None);
    upstream.take_seen();
}

async fn assert_still_there(world: &World) {
    let page = world
        .backend
        .catalog()
        .list(&Viewer::anonymous(), CatalogQuery::default())
        .await
        .expect("a page");
    assert_eq!(page.charts.total, 1);
    let readme = world
        .backend
        .charts()
        .readme(&Viewer::anonymous(), "team", "web", None)
        .await;
    assert!(readme.expect("it reads").is_some());
}

#[test]
fn whatever_an_upstream_does_the_catalog_stays() {
    let index = index_of(&[Chart::new("web", "1.0.0"), Chart::new("web", "2.0.0")]).into_bytes();
    let location = |to: &str| vec![("location", to.to_owned())];
    let rows: Vec<(&str, Reply, &str)> = vec![
        ("500", Reply::Status(500, vec![]), "500"),
        ("403", Reply::Status(403, vec![]), "403"),
        ("slow-loris", Reply::Stalled, "did not send more"),
        ("black hole", Reply::Silent, "did not answer"),
        (
            "truncated",
            Reply::Truncated(index[..index.len() / 2].to_vec()),
            "cut short",
        ),
        ("not an index", Reply::Ok(b"<html>".to_vec(), vec![]), "index"),
        (
            "metadata service",
            Reply::Status(302, location("http://169.254.169.254/latest")),
            "169.254.169.254",
        ),
        (
            "other private host",
            Reply::Status(302, location("http://127.0.0.2/index.yaml")),
            "private address",
        ),
        (
            "file",
            Reply::Status(302, location("file:///etc/passwd")),
            "not a usable",
        ),
        (
            "circle",
            Reply::Status(302, location("/index.yaml")),
            "redirects more than",
        ),
    ];
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        first_sync(&world, &upstream).await;
        for (name, reply, words) in rows {
            upstream.put("/index.yaml", reply);
            let begun = Instant::now();
            let run = world.sync("team").await;
            let error = run.error.unwrap_or_default();
            assert!(error.contains(words), "{name}: {error}");
            assert!(
                begun.elapsed() < Duration::from_secs(5),
                "{name} is bounded in time"
            );
            assert_eq!(
                world.repository("team").await.summary.state.last_error,
                Some(error),
                "{name}"
            );
            assert_still_there(&world).await;
        }
        // Failures make it wait longer and longer, and never longer than the interval.
        let state = world.repository("team").await.summary.state;
        let wait = state.next_run.expect("it is due").0 - crate::support::world::NOW.0;
        assert_eq!(wait, 900);
        upstream.publish(&[Chart::new("web", "1.0.0"), Chart::new("web", "2.0.0")]);
        assert_eq!(world.sync("team").await.error, None);
        assert_eq!(world.repository("team").await.summary.state.last_error, None);
    });
}

#[test]
fn a_private_address_needs_the_operators_word() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        upstream.publish(&[Chart::new("web", "1.0.0")]);
        let repositories = world.backend.repositories();
        for (name, host) in [("literal", "127.0.0.1"), ("named", "localhost")] {
            let url = format!("http://{host}:{}", upstream.address.port());
            let repository = RepositorySettings::new(name, url);
            repositories
                .add(&Viewer::system(), repository)
                .await
                .expect("it is added");
            let error = world.sync(name).await.error.unwrap_or_default();
            assert!(
                error.contains("private address") || error.contains("reached"),
                "{error}"
            );
        }
        assert!(upstream.take_seen().is_empty(), "nothing was sent");
    });
}

#[test]
fn passing_failures_are_tried_again() {
    block_on(async {
        let world = World::with(|settings| settings.upstream.retries = 2).await;
        let upstream = Upstream::start().await;
        let chart = Chart::new("web", "1.0.0");
        upstream.publish(std::slice::from_ref(&chart));
        let index = Reply::Ok(index_of(std::slice::from_ref(&chart)).into_bytes(), vec![]);
        let status = |status| Box::new(Reply::Status(status, vec![]));
        upstream.put("/index.yaml", Reply::Failing(2, status(503), Box::new(index)));
        let archive = Reply::Ok(chart.archive(), vec![]);
        upstream.put(
            "/web-1.0.0.tgz",
            Reply::Failing(2, status(500), Box::new(archive)),
        );
        world.add("team", &upstream).await;
        let run = world.sync("team").await;
        assert_eq!((run.error, run.n_archives), (None, 1));
        assert_eq!(upstream.take_seen().len(), 6);
    });
}

#[test]
fn a_server_that_says_when_to_come_back_is_listened_to() {
    block_on(async {
        let world = World::with(|settings| {
            settings.upstream.retries = 1;
            settings.upstream.retry_max_ms = 60_000;
        })
        .await;
        let upstream = Upstream::start().await;
        let index = Reply::Ok(index_of(&[Chart::new("web", "1.0.0")]).into_bytes(), vec![]);
        let busy = Reply::Status(429, vec![("retry-after", "1".to_owned())]);
        upstream.put("/index.yaml", Reply::Failing(1, Box::new(busy), Box::new(index)));
        world.add("team", &upstream).await;
        assert_eq!(world.sync("team").await.error, None);
        let seen = upstream.take_seen();
        // Without the header the wait would be a millisecond.
        assert!(seen[1].at - seen[0].at >= Duration::from_secs(1));
    });
}

#[test]
fn credentials_go_to_the_repositorys_own_origin() {
    block_on(async {
        for pass in [false, true] {
            let world = World::new().await;
            let (own, other) = (Upstream::start().await, Upstream::start().await);
            let chart = Chart::new("web", "1.0.0");
            own.publish(std::slice::from_ref(&chart));
            other.publish(std::slice::from_ref(&chart));
            let elsewhere = format!("{}/web-1.0.0.tgz", other.url());
            own.publish_index(&index_of(&[chart]).replace("- web-1.0.0.tgz", &format!("- {elsewhere}")));
            world
                .add_with(RepositorySettings {
                    username: Some("me".to_owned()),
                    password: Some(SecretString::new("hunter2")),
                    headers: [("x-token".to_owned(), SecretString::new("t0ken"))].into(),
                    pass_credentials: pass,
                    ..RepositorySettings::new("team", own.url())
                })
                .await;
            let run = world.sync("team").await;
            assert_eq!((run.error, run.n_archives), (None, 1));
            let own = own.take_seen();
            assert_eq!(
                own[0].headers.get("authorization").map(String::as_str),
                Some("Basic bWU6aHVudGVyMg==")
            );
            assert_eq!(own[0].headers.get("x-token").map(String::as_str), Some("t0ken"));
            let other = other.take_seen();
            assert_eq!(other.len(), 1);
            assert_eq!(other[0].headers.contains_key("authorization"), pass);
            assert_eq!(other[0].headers.contains_key("x-token"), pass);
        }
    });
}

#[test]
fn an_archive_that_cannot_be_used_is_told_and_not_asked_for_again_at_once() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        let charts = [
            Chart::new("gone", "1.0.0"),
            Chart::new("junk", "1.0.0"),
            Chart::new("good", "1.0.0"),
        ];
        upstream.publish(&charts);
        upstream.remove("/gone-1.0.0.tgz");
        upstream.put_bytes("/junk-1.0.0.tgz", "junk");
        world.add("team", &upstream).await;
        let run = world.sync("team").await;
        assert_eq!((run.error, run.n_archives), (None, 1));
        assert_eq!(world.repository("team").await.summary.state.n_archives_failed, 2);
        upstream.take_seen();
        let viewer = Viewer::anonymous();
        let detail = world
            .backend
            .charts()
            .get(&viewer, "team", "gone", None)
            .await
            .expect("it is listed");
        let model::chart::ArchiveState::Failed { reason } = detail.version.archive else {
            panic!("the failure is told")
        };
        assert!(reason.contains("404"), "{reason}");
        assert!(upstream.take_seen().is_empty());
        upstream.publish(&charts);
        world.clock.advance_secs(7_200);
        assert_eq!(world.sync("team").await.n_archives, 2);
    });
}
