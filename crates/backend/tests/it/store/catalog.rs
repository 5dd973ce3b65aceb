//! Charts, their versions and the archives of these.

use backend::settings::ArchivePolicy;
use backend::store::{ArchiveResult, ArchiveStatus, EntryDetails, EntryRecord, Store};
use model::Timestamp;

use super::repository::add;
use crate::support::databases::on_each;

const NOW: Timestamp = Timestamp(1_795_000_000);

pub(super) fn entry(chart_id: i64, version: &str, rank: u8, digest: u8) -> EntryRecord {
    let details = EntryDetails {
        description: format!("version {version}"),
        keywords: vec!["Web".to_owned()],
        ..EntryDetails::default()
    };
    EntryRecord {
        chart_id,
        version: version.to_owned(),
        sort_key: vec![rank],
        is_prerelease: version.contains('-'),
        entry_hash: i64::from(digest),
        app_version: None,
        published_at: Some(NOW),
        deprecated: false,
        details: serde_json::to_string(&details).expect("it serialises"),
        digest: Some(vec![digest; 32]),
    }
}

pub(super) async fn write(store: &Store, repository: i64, name: &str, versions: &[(&str, u8, u8)]) -> i64 {
    let mut tx = store.begin().await.expect("a transaction");
    let generation = tx.bump_generation().await.expect("it counts");
    let chart = tx
        .insert_chart(repository, name, NOW, generation)
        .await
        .expect("it is added");
    let entries: Vec<_> = versions
        .iter()
        .map(|(v, rank, digest)| entry(chart, v, *rank, *digest))
        .collect();
    tx.upsert_entries(&entries).await.expect("they are stored");
    tx.refresh_chart(chart, generation)
        .await
        .expect("it is described");
    tx.commit().await.expect("it is kept");
    chart
}

#[test]
fn a_chart_is_described_by_its_newest_release() {
    on_each(|store| async move {
        let repository = add(&store, "team").await;
        let (before, _) = store.generation().await.expect("it counts");
        write(
            &store,
            repository,
            "web",
            &[("1.0.0", 1, 1), ("2.0.0-rc.1", 3, 3), ("1.1.0", 2, 2)],
        )
        .await;
        let changed = store.charts_since(before).await.expect("they are listed");
        assert_eq!(changed.len(), 1);
        assert_eq!(changed[0].version, "1.1.0");
        assert_eq!(changed[0].description, "version 1.1.0");
        assert_eq!(changed[0].keywords, ["web"]);
        assert_eq!(changed[0].n_versions, 3);
        let (after, _) = store.generation().await.expect("it counts");
        assert!(
            store
                .charts_since(after)
                .await
                .expect("they are listed")
                .is_empty()
        );
        let versions = store
            .list_versions("team", "web", 10)
            .await
            .expect("they are listed");
        let versions: Vec<_> = versions.iter().map(|row| row.version.as_str()).collect();
        assert_eq!(versions, ["2.0.0-rc.1", "1.1.0", "1.0.0"]);
    });
}

#[test]
fn what_is_gone_upstream_is_marked_and_kept() {
    on_each(|store| async move {
        let repository = add(&store, "team").await;
        let chart = write(&store, repository, "web", &[("1.0.0", 1, 1), ("1.1.0", 2, 2)]).await;
        let stored = store.chart_entries(chart).await.expect("they are read");
        let newest = stored
            .iter()
            .find(|entry| entry.version == "1.1.0")
            .expect("it is stored");
        let mut tx = store.begin().await.expect("a transaction");
        assert_eq!(
            tx.yank_versions(&[newest.id], NOW).await.expect("it is marked"),
            [chart]
        );
        let generation = tx.bump_generation().await.expect("it counts");
        tx.refresh_chart(chart, generation)
            .await
            .expect("it is described");
        tx.commit().await.expect("it is kept");
        let latest = store
            .find_version("team", "web", None)
            .await
            .expect("it reads")
            .expect("it exists");
        assert_eq!((latest.version.as_str(), latest.yanked), ("1.0.0", false));
        let gone = store
            .find_version("team", "web", Some("1.1.0"))
            .await
            .expect("it reads")
            .expect("it exists");
        assert!(gone.yanked);
        // It comes back.
        write(&store, repository, "web", &[("1.1.0", 2, 2)]).await;
        let latest = store
            .find_version("team", "web", None)
            .await
            .expect("it reads")
            .expect("it exists");
        assert_eq!((latest.version.as_str(), latest.yanked), ("1.1.0", false));
    });
}

#[test]
fn a_changed_digest_keeps_the_archive_until_the_new_one_is_here() {
    on_each(|store| async move {
        let repository = add(&store, "team").await;
        write(&store, repository, "web", &[("1.0.0", 1, 1)]).await;
        let version = || async {
            store
                .find_version("team", "web", Some("1.0.0"))
                .await
                .expect("it reads")
                .expect("it exists")
        };
        let read = |id, chart_id, digest: u8| ArchiveResult::Read {
            id,
            chart_id,
            digest: vec![digest; 32],
            size_bytes: 10,
            contents: "{}".to_owned(),
        };
        let note = async |result| {
            let mut tx = store.begin().await.expect("a transaction");
            tx.note_archive(&result).await.expect("it is noted");
            tx.commit().await.expect("it is kept");
        };
        let first = version().await;
        assert_eq!(first.archive, ArchiveStatus::Wanted);
        note(read(first.id, first.chart_id, 1)).await;
        assert_eq!(version().await.archive, ArchiveStatus::Read);
        // The same entry again wants nothing.
        write(&store, repository, "web", &[("1.0.0", 1, 1)]).await;
        assert_eq!(version().await.archive, ArchiveStatus::Read);
        // Another digest wants the archive again and keeps the old one.
        write(&store, repository, "web", &[("1.0.0", 1, 9)]).await;
        let changed = version().await;
        assert_eq!(changed.archive, ArchiveStatus::Wanted);
        assert_eq!(changed.archive_digest, Some(vec![1; 32]));
        note(ArchiveResult::Failed {
            id: first.id,
            reason: "gone".to_owned(),
            retry_at: Timestamp(NOW.0 + 60),
        })
        .await;
        assert_eq!(version().await.archive_digest, Some(vec![1; 32]));
        assert!(
            store
                .wanted_all(repository, 0, NOW, 10)
                .await
                .expect("a list")
                .is_empty()
        );
        let later = Timestamp(NOW.0 + 60);
        assert_eq!(
            store
                .wanted_all(repository, 0, later, 10)
                .await
                .expect("a list")
                .len(),
            1
        );
        assert_eq!(
            store
                .count_archives(repository, ArchivePolicy::All)
                .await
                .expect("counts"),
            (0, 1)
        );
        note(read(first.id, first.chart_id, 9)).await;
        assert_eq!(version().await.archive_digest, Some(vec![9; 32]));
        assert!(!store.is_referenced(&[1; 32]).await.expect("it answers"));
        assert!(store.is_referenced(&[9; 32]).await.expect("it answers"));
        assert_eq!(store.held_archive_bytes().await.expect("a sum"), 10);
    });
}

#[test]
fn the_newest_of_every_chart_is_wanted_first() {
    on_each(|store| async move {
        let repository = add(&store, "team").await;
        write(&store, repository, "a", &[("1.0.0", 1, 1), ("1.1.0", 2, 2)]).await;
        write(&store, repository, "b", &[("0.2.0", 2, 4), ("0.1.0", 1, 3)]).await;
        let latest = store.wanted_latest(repository, 0, NOW, 10).await.expect("a list");
        let names: Vec<_> = latest
            .iter()
            .map(|a| format!("{}-{}", a.name, a.version))
            .collect();
        assert_eq!(names, ["a-1.1.0", "b-0.2.0"]);
        assert_eq!(
            store
                .wanted_all(repository, 0, NOW, 10)
                .await
                .expect("a list")
                .len(),
            4
        );
        assert_eq!(
            store
                .wanted_all(repository, 0, NOW, 3)
                .await
                .expect("a list")
                .len(),
            3
        );
        assert_eq!(
            store
                .count_archives(repository, ArchivePolicy::Latest)
                .await
                .expect("counts"),
            (2, 0)
        );
        assert_eq!(
            store
                .count_archives(repository, ArchivePolicy::All)
                .await
                .expect("counts"),
            (4, 0)
        );
    });
}

#[test]
fn removing_a_repository_removes_its_charts() {
    on_each(|store| async move {
        let repository = add(&store, "team").await;
        write(&store, repository, "web", &[("1.0.0", 1, 1)]).await;
        store.count_repository(repository).await.expect("it counts");
        let found = store
            .find_repository("team")
            .await
            .expect("it reads")
            .expect("it exists");
        assert_eq!((found.n_charts, found.n_versions), (1, 1));
        let (generation, _) = store.generation().await.expect("it counts");
        store.delete_repository(repository).await.expect("it is removed");
        assert!(
            store
                .find_version("team", "web", None)
                .await
                .expect("it reads")
                .is_none()
        );
        let (_, full) = store.generation().await.expect("it counts");
        assert!(full > generation, "readers read everything again");
    });
}

#[test]
fn what_search_needs_is_read_in_parts_and_alone() {
    on_each(|store| async move {
        let repository = add(&store, "team").await;
        let (before, _) = store.generation().await.expect("it counts");
        let web = write(&store, repository, "web", &[("1.0.0", 1, 1), ("2.0.0", 2, 2)]).await;
        let api = write(&store, repository, "api", &[("0.1.0", 1, 3)]).await;
        let keys = async |after, limit| -> Vec<i64> {
            let rows = store.searchable_since(before, after, limit).await.expect("rows");
            rows.into_iter().map(|row| row.chart_id).collect()
        };
        assert_eq!(keys(0, 10).await, [web, api]);
        assert_eq!(keys(0, 1).await, [web]);
        assert_eq!(keys(web, 10).await, [api]);
        let row = store
            .searchable(web)
            .await
            .expect("it is read")
            .expect("it is there");
        assert_eq!(row.details.description, "version 2.0.0");
        assert!(store.searchable(-1).await.expect("it is read").is_none());
        let names = store.version_names(web, 10).await.expect("names");
        assert_eq!(names, [("2.0.0".to_owned(), None), ("1.0.0".to_owned(), None)]);
        assert_eq!(store.version_names(web, 1).await.expect("names").len(), 1);
    });
}
