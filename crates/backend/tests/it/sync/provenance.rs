//! Provenance files of charts that others publish: which are asked for, how often, and what is handed out.

use backend::settings::{ProvenancePolicy, RepositorySettings};
use backend::{Error, Viewer};

use crate::support::block_on;
use crate::support::upstream::{Chart, Reply, Upstream};
use crate::support::world::World;

const DAY: i64 = 86_400;
const SIGNED: &str = "annotations:\n  artifacthub.io/signKey: |\n    fingerprint: ABCD\n";
const FILE: &str = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: sealed\n";

async fn upstream() -> Upstream {
    let upstream = Upstream::start().await;
    upstream.publish(&[
        Chart::new("plain", "1.0.0"),
        Chart::new("sealed", "1.0.0").with(SIGNED),
    ]);
    upstream.put_bytes("/sealed-1.0.0.tgz.prov", FILE);
    upstream
}

async fn follow(policy: Option<ProvenancePolicy>, upstream: &Upstream) -> World {
    let world = World::new().await;
    world
        .add_with(RepositorySettings {
            provenance: policy,
            ..RepositorySettings::new("team", upstream.url())
        })
        .await;
    let run = world.sync("team").await;
    assert_eq!((run.error, run.n_archives), (None, 2));
    world
}

/// The provenance file as a mirror hands it out.
async fn file(world: &World, name: &str) -> Result<String, Error> {
    let mirrors = world.backend.mirrors();
    let body = mirrors
        .provenance(&Viewer::anonymous(), "team", name, "1.0.0")
        .await?;
    Ok(String::from_utf8(body.to_vec()).expect("it is text"))
}

fn asked(upstream: &Upstream) -> Vec<String> {
    let mut paths = upstream.take_paths();
    paths.retain(|path| path.ends_with(".prov"));
    paths
}

#[test]
fn a_sync_asks_for_those_that_its_policy_wants_and_once() {
    block_on(async {
        let (plain, sealed) = ("/plain-1.0.0.tgz.prov", "/sealed-1.0.0.tgz.prov");
        for (policy, want) in [
            (None, vec![sealed]),
            (Some(ProvenancePolicy::Signed), vec![sealed]),
            (Some(ProvenancePolicy::All), vec![plain, sealed]),
            (Some(ProvenancePolicy::OnDemand), vec![]),
            (Some(ProvenancePolicy::Never), vec![]),
        ] {
            let upstream = upstream().await;
            let world = follow(policy, &upstream).await;
            assert_eq!(asked(&upstream), want, "{policy:?}");
            world.sync("team").await;
            assert_eq!(asked(&upstream), Vec::<String>::new(), "{policy:?}");
        }
    });
}

#[test]
fn what_a_sync_brought_is_handed_out_without_the_upstream() {
    block_on(async {
        let upstream = upstream().await;
        let world = follow(None, &upstream).await;
        upstream.put("/sealed-1.0.0.tgz.prov", Reply::Silent);
        upstream.take_seen();
        assert_eq!(file(&world, "sealed").await.expect("it is there"), FILE);
        let world = world.restart(|_| {}).await;
        assert_eq!(file(&world, "sealed").await.expect("it is there"), FILE);
        assert!(upstream.take_seen().is_empty());
    });
}

#[test]
fn others_are_asked_for_when_somebody_does_and_an_answer_that_there_is_none_holds_for_a_day() {
    block_on(async {
        let upstream = upstream().await;
        let world = follow(Some(ProvenancePolicy::OnDemand), &upstream).await;
        for _ in 0..3 {
            assert_eq!(file(&world, "sealed").await.expect("it is there"), FILE);
            let missing = file(&world, "plain").await.expect_err("there is none");
            assert!(matches!(missing, Error::NotFound { .. }), "{missing}");
        }
        assert_eq!(
            asked(&upstream),
            ["/plain-1.0.0.tgz.prov", "/sealed-1.0.0.tgz.prov"]
        );
        upstream.put_bytes("/plain-1.0.0.tgz.prov", FILE);
        world.clock.advance_secs(DAY + 1);
        assert_eq!(file(&world, "plain").await.expect("it has come"), FILE);
    });
}

#[test]
fn nobody_makes_a_server_ask_where_the_setting_says_never() {
    block_on(async {
        let upstream = upstream().await;
        let world = follow(Some(ProvenancePolicy::Never), &upstream).await;
        assert!(matches!(
            file(&world, "sealed").await,
            Err(Error::NotFound { .. })
        ));
        assert!(asked(&upstream).is_empty());
    });
}

#[test]
fn what_is_no_signed_message_is_none_and_an_upstream_that_is_down_is_not_taken_for_an_answer() {
    block_on(async {
        let upstream = upstream().await;
        let world = follow(Some(ProvenancePolicy::OnDemand), &upstream).await;
        for reply in [
            Reply::Ok(b"<!DOCTYPE html><p>Not found".to_vec(), Vec::new()),
            Reply::Ok(FILE.repeat(10_000).into_bytes(), Vec::new()),
            Reply::Status(403, Vec::new()),
        ] {
            world.clock.advance_secs(DAY + 1);
            upstream.put("/plain-1.0.0.tgz.prov", reply);
            assert!(matches!(file(&world, "plain").await, Err(Error::NotFound { .. })));
        }
        for reply in [
            Reply::Status(500, Vec::new()),
            Reply::Status(401, Vec::new()),
            Reply::Truncated(FILE.as_bytes().to_vec()),
            Reply::Silent,
        ] {
            world.clock.advance_secs(DAY + 1);
            upstream.put("/plain-1.0.0.tgz.prov", reply);
            let error = file(&world, "plain").await.expect_err("nobody knows");
            assert!(matches!(error, Error::Unavailable { .. }), "{error}");
        }
        upstream.put_bytes("/plain-1.0.0.tgz.prov", FILE);
        assert_eq!(file(&world, "plain").await.expect("it answers again"), FILE);
    });
}

#[test]
fn of_another_archive_a_provenance_file_says_nothing() {
    block_on(async {
        let upstream = upstream().await;
        let world = follow(None, &upstream).await;
        asked(&upstream);
        let changed = Chart::new("sealed", "1.0.0")
            .with(SIGNED)
            .with_file("more.txt", "more");
        upstream.publish(&[Chart::new("plain", "1.0.0"), changed]);
        let other = FILE.replace("SHA512", "SHA256");
        upstream.put_bytes("/sealed-1.0.0.tgz.prov", other.as_str());
        world.sync("team").await;
        assert_eq!(asked(&upstream), ["/sealed-1.0.0.tgz.prov"]);
        assert_eq!(file(&world, "sealed").await.expect("it is there"), other);
    });
}
