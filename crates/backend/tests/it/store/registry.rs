//! What is known of the tags of registries.

use backend::store::{EntryRecord, RegistryVersion, Store, TagLook};
use model::Timestamp;

use super::catalog::{entry, write};
use super::repository::add;
use crate::support::databases::on_each;

const NOW: Timestamp = Timestamp(1_795_000_000);

fn later(secs: i64) -> Timestamp {
    Timestamp(NOW.0 + secs)
}

/// Adds versions of which nothing but the tag is known.
async fn add_bare(store: &Store, chart_id: i64, versions: &[(&str, u8)]) {
    let bare: Vec<_> = versions
        .iter()
        .map(|(version, rank)| EntryRecord {
            digest: None,
            ..entry(chart_id, version, *rank, 0)
        })
        .collect();
    let mut tx = store.begin().await.expect("a transaction");
    tx.upsert_entries(&bare).await.expect("they are stored");
    tx.commit().await.expect("it is kept");
}

async fn look(store: &Store, chart_id: i64, version: &str, manifest: u8, at: Timestamp) {
    let mut tx = store.begin().await.expect("a transaction");
    tx.note_tag(&TagLook {
        chart_id,
        version: version.to_owned(),
        manifest_digest: vec![manifest; 32],
        at,
    })
    .await
    .expect("it is noted");
    tx.commit().await.expect("it is kept");
}

fn named(versions: &[RegistryVersion]) -> Vec<(&str, &str)> {
    versions
        .iter()
        .map(|version| (version.name.as_str(), version.version.as_str()))
        .collect()
}

#[test]
fn versions_that_are_not_described_come_releases_first_and_not_before_their_time() {
    on_each(|store| async move {
        let (team, other) = (add(&store, "team").await, add(&store, "other").await);
        let web = write(&store, team, "web", &[("1.0.0", 1, 1)]).await;
        let theirs = write(&store, other, "web", &[("1.0.0", 1, 1)]).await;
        add_bare(&store, web, &[("0.1.0", 0), ("2.0.0-rc.1", 3), ("1.5.0", 2)]).await;
        add_bare(&store, theirs, &[("7.0.0", 7)]).await;
        let open = |limit| {
            let store = store.clone();
            async move {
                store
                    .registry_undescribed(team, NOW, limit)
                    .await
                    .expect("they are listed")
            }
        };
        assert_eq!(
            named(&open(10).await),
            [("web", "1.5.0"), ("web", "0.1.0"), ("web", "2.0.0-rc.1")]
        );
        let first = open(1).await.remove(0);
        assert_eq!(
            (first.attempts, &first.digest, &first.manifest_digest),
            (0, &None, &None)
        );

        let mut tx = store.begin().await.expect("a transaction");
        for _ in 0..2 {
            tx.note_failed_look(first.id, later(60))
                .await
                .expect("it is noted");
        }
        tx.commit().await.expect("it is kept");
        assert_eq!(named(&open(10).await), [("web", "0.1.0"), ("web", "2.0.0-rc.1")]);
        let again = store
            .registry_undescribed(team, later(60), 1)
            .await
            .expect("they are listed");
        assert_eq!((again[0].version.as_str(), again[0].attempts), ("1.5.0", 2));
        look(&store, web, "1.5.0", 5, NOW).await;
        let one = store
            .registry_version(first.id)
            .await
            .expect("it reads")
            .expect("it is there");
        assert_eq!((one.attempts, one.manifest_digest), (0, Some(vec![5; 32])));
    });
}

#[test]
fn tags_are_looked_at_again_when_that_was_long_ago() {
    on_each(|store| async move {
        let team = add(&store, "team").await;
        let web = write(&store, team, "web", &[("1.0.0", 1, 1), ("1.1.0", 2, 2)]).await;
        let db = write(&store, team, "db", &[("3.0.0", 1, 3)]).await;
        let newest = |before| {
            let store = store.clone();
            async move {
                store
                    .registry_newest(team, 0, before, 10)
                    .await
                    .expect("they are listed")
            }
        };
        assert_eq!(named(&newest(NOW).await), [("web", "1.1.0"), ("db", "3.0.0")]);
        look(&store, web, "1.1.0", 1, NOW).await;
        assert_eq!(named(&newest(NOW).await), [("db", "3.0.0")]);
        assert_eq!(newest(later(1)).await.len(), 2);
        let after = store
            .registry_newest(team, web, later(1), 10)
            .await
            .expect("they are listed");
        assert_eq!(named(&after), [("db", "3.0.0")]);

        look(&store, db, "3.0.0", 3, later(5)).await;
        let old = store
            .registry_looked_at_before(team, later(6), later(6), 10)
            .await;
        assert_eq!(
            named(&old.expect("they are listed")),
            [("web", "1.1.0"), ("db", "3.0.0")]
        );
        let old = store
            .registry_looked_at_before(team, later(5), later(6), 10)
            .await;
        let old = old.expect("they are listed");
        assert_eq!(named(&old), [("web", "1.1.0")]);
        // A failed look leaves what was known.
        let mut tx = store.begin().await.expect("a transaction");
        tx.note_failed_look(old[0].id, later(60))
            .await
            .expect("it is noted");
        tx.commit().await.expect("it is kept");
        let waits = store
            .registry_looked_at_before(team, later(5), later(6), 10)
            .await;
        assert!(waits.expect("they are listed").is_empty());
        let known = store
            .registry_version(old[0].id)
            .await
            .expect("it reads")
            .expect("it is there");
        assert_eq!(known.manifest_digest, Some(vec![1; 32]));
    });
}

#[test]
fn what_is_no_chart_is_remembered_for_a_while_and_its_version_goes_unless_it_is_the_only_one() {
    on_each(|store| async move {
        let team = add(&store, "team").await;
        let web = write(&store, team, "web", &[("1.0.0", 1, 1)]).await;
        add_bare(&store, web, &[("0.9.0", 0)]).await;
        let stray = store
            .registry_undescribed(team, NOW, 1)
            .await
            .expect("they are listed")
            .remove(0);
        let mut tx = store.begin().await.expect("a transaction");
        for reason in ["first", "then"] {
            tx.note_other(team, "web", "0.9.0", reason, NOW)
                .await
                .expect("it is noted");
        }
        tx.note_other(team, "image", "1.0.0", "no chart", later(10))
            .await
            .expect("it is noted");
        assert!(tx.drop_version(stray.id).await.expect("it goes"));
        tx.commit().await.expect("it is kept");
        let only = store
            .registry_newest(team, 0, NOW, 1)
            .await
            .expect("they are listed")
            .remove(0);
        let mut tx = store.begin().await.expect("a transaction");
        assert!(!tx.drop_version(only.id).await.expect("it is the only one"));
        tx.note_listed(team, later(20), NOW).await.expect("it is noted");
        tx.commit().await.expect("it is kept");
        let others = store
            .registry_others(team, Timestamp(0))
            .await
            .expect("they are listed");
        let image = ("image".to_owned(), "1.0.0".to_owned(), "no chart".to_owned());
        assert_eq!(others, [image], "what was seen up to then is forgotten");
        let record = store
            .find_repository("team")
            .await
            .expect("it reads")
            .expect("it is there");
        assert_eq!(record.listed_at, later(20));
    });
}
