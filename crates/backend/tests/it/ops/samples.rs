//! The bundled charts of a first start.

use backend::{Bytes, Viewer};
use model::chart::ArchiveState;
use model::repository::RepositoryKind;

use crate::support::block_on;
use crate::support::upstream::Chart;
use crate::support::world::World;

fn samples() -> Vec<(String, Bytes)> {
    ["web", "db"]
        .map(|name| {
            let chart = Chart::new(name, "1.0.0").with("keywords:\n- sample\n\nmaintainers:\n- name: us\n");
            (chart.file_name(), Bytes::from(chart.archive()))
        })
        .to_vec()
}

#[test]
fn a_first_start_shows_the_bundled_charts() {
    block_on(async {
        let world = World::with(|settings| settings.samples = Some(samples())).await;
        let repository = world.repository("samples").await;
        assert_eq!(repository.summary.kind, RepositoryKind::Samples);
        assert_eq!(
            (repository.summary.n_charts, repository.summary.n_versions),
            (2, 2)
        );
        let viewer = Viewer::anonymous();
        let detail = world
            .backend
            .charts()
            .get(&viewer, "samples", "web", None)
            .await
            .expect("it exists");
        assert_eq!(detail.version.archive, ArchiveState::Ready);
        assert_eq!(detail.version.maintainers[0].name, "us");
        let readme = world
            .backend
            .charts()
            .readme(&viewer, "samples", "web", None)
            .await
            .expect("it reads");
        assert!(readme.expect("it has one").html.contains("The read me of web"));

        // Again nothing changes; another release brings other charts.
        let world = world.restart(|settings| settings.samples = Some(samples())).await;
        assert_eq!(world.repository("samples").await.summary.n_charts, 2);
        let more = Chart::new("extra", "2.0.0");
        let mut changed = samples();
        changed.push((more.file_name(), Bytes::from(more.archive())));
        let world = world.restart(|settings| settings.samples = Some(changed)).await;
        assert_eq!(world.repository("samples").await.summary.n_charts, 3);

        // Removed, they stay away.
        world
            .backend
            .repositories()
            .remove(&Viewer::system(), "samples")
            .await
            .expect("it is removed");
        let world = world.restart(|settings| settings.samples = Some(samples())).await;
        let list = world.backend.repositories().list(&viewer).await.expect("a list");
        assert!(list.is_empty());
    });
}

#[test]
fn a_configured_repository_keeps_the_bundled_charts_away() {
    block_on(async {
        let world = World::with(|settings| {
            settings.samples = Some(samples());
            settings.repositories = vec![backend::settings::RepositorySettings::new(
                "own",
                "https://x.example.com",
            )];
        })
        .await;
        let list = world
            .backend
            .repositories()
            .list(&Viewer::anonymous())
            .await
            .expect("a list");
        let names: Vec<_> = list.iter().map(|repository| repository.name.as_str()).collect();
        assert_eq!(names, ["own"]);
    });
}
