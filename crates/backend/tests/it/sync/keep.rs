//! What is kept on the disk, and what becomes of it.

use std::path::Path;

use backend::Viewer;
use backend::settings::ArchivePolicy;
use model::chart::ArchiveState;

use crate::support::block_on;
use crate::support::upstream::{Chart, Upstream};
use crate::support::world::World;

/// Names and sizes of all files below a directory.
fn files(dir: &Path) -> Vec<(String, u64)> {
    let mut list = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            list.extend(files(&path));
        } else {
            list.push((
                path.display().to_string(),
                entry.metadata().map_or(0, |metadata| metadata.len()),
            ));
        }
    }
    list.sort();
    list
}

#[test]
fn a_hundred_refreshes_leave_the_disk_as_it_was() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        let charts: Vec<Chart> = (0..5).map(|n| Chart::new("web", &format!("1.{n}.0"))).collect();
        upstream.publish(&charts);
        world.add("team", &upstream).await;
        world.sync("team").await;
        let objects = files(&world.dir.path().join("objects"));
        for n in 0..100 {
            // Every other one is parsed again and found to be the same.
            let index = crate::support::upstream::index_of(&charts);
            upstream.publish_index(&format!("{index}# {}\n", n / 2));
            let run = world.sync("team").await;
            assert_eq!(
                (run.error, run.n_added, run.n_changed, run.n_archives),
                (None, 0, 0, 0)
            );
        }
        assert_eq!(files(&world.dir.path().join("objects")), objects);
        assert_eq!(world.repository("team").await.history.len(), 20);
    });
}

#[test]
fn a_restart_shows_the_last_catalog_with_the_upstream_gone() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        upstream.publish(&[Chart::new("web", "1.0.0")]);
        world.add("team", &upstream).await;
        world.sync("team").await;
        upstream.remove("/index.yaml");
        upstream.remove("/web-1.0.0.tgz");
        let world = world.restart(|_| {}).await;
        world.backend.ready().await.expect("it is ready");
        let charts = world.backend.charts();
        let readme = charts
            .readme(&Viewer::anonymous(), "team", "web", None)
            .await
            .expect("it reads");
        assert!(readme.expect("it has one").html.contains("The read me of web"));
    });
}

#[test]
fn an_archive_that_is_lost_from_the_disk_is_fetched_again() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        upstream.publish(&[Chart::new("web", "1.0.0")]);
        world.add("team", &upstream).await;
        world.sync("team").await;
        let world = world.restart(|_| {}).await;
        std::fs::remove_dir_all(world.dir.path().join("objects")).expect("it is wiped");
        upstream.take_seen();
        let charts = world.backend.charts();
        let readme = charts
            .readme(&Viewer::anonymous(), "team", "web", None)
            .await
            .expect("it reads");
        assert!(readme.is_some());
        assert_eq!(upstream.take_paths(), ["/web-1.0.0.tgz"]);
    });
}

#[test]
fn an_archive_that_is_stored_but_not_noted_is_not_fetched_again() {
    block_on(async {
        let upstream = Upstream::start().await;
        upstream.publish(&[Chart::new("web", "1.0.0")]);
        let world = World::new().await;
        world.add("team", &upstream).await;
        world.sync("team").await;
        // A process that died between storing and noting leaves the object without the row.
        world
            .backend
            .repositories()
            .remove(&Viewer::system(), "team")
            .await
            .expect("it is removed");
        world.add("team", &upstream).await;
        upstream.take_seen();
        assert_eq!(world.sync("team").await.n_archives, 1);
        assert_eq!(upstream.take_paths(), ["/index.yaml"]);
    });
}

#[test]
fn a_full_store_stops_the_background_and_makes_room_for_readers() {
    block_on(async {
        let charts: Vec<Chart> = (0..6)
            .map(|n| {
                let noise: String = (0..20_000_u32)
                    .map(|i| char::from(33 + (i * i * 7 + i * n) as u8 % 90))
                    .collect();
                Chart::new("web", &format!("1.{n}.0")).with_file("noise.txt", &noise)
            })
            .collect();
        let largest = charts
            .iter()
            .map(|chart| chart.archive().len() as u64)
            .max()
            .expect("one");
        let world = World::with(|settings| {
            settings.sync.archives = ArchivePolicy::All;
            settings.sync.concurrency = 1;
            settings.sync.max_archive_bytes = largest;
            settings.storage.quota_bytes = 3 * largest;
        })
        .await;
        let upstream = Upstream::start().await;
        upstream.publish(&charts);
        world.add("team", &upstream).await;
        let n_archives = world.sync("team").await.n_archives;
        assert!((1..6).contains(&n_archives), "{n_archives}");
        world.clock.advance_secs(100);
        let viewer = Viewer::anonymous();
        for n in 0..6 {
            let version = format!("1.{n}.0");
            let detail = world
                .backend
                .charts()
                .get(&viewer, "team", "web", Some(&version))
                .await
                .expect("it exists");
            assert_eq!(detail.version.archive, ArchiveState::Ready, "{version}");
            let used: u64 = files(&world.dir.path().join("objects"))
                .iter()
                .map(|(_, size)| size)
                .sum();
            assert!(used <= 3 * largest, "{used}");
        }
        let newest = world
            .backend
            .charts()
            .get(&viewer, "team", "web", None)
            .await
            .expect("it exists");
        assert_eq!(
            newest.version.archive,
            ArchiveState::Ready,
            "the newest is never removed"
        );
    });
}
