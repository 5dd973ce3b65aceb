//! What changed from version to version.

use backend::{Backend, Viewer};
use model::chart::Changelog;

use crate::support::block_on;
use crate::support::upstream::{Chart, Upstream};
use crate::support::world::World;

fn web(version: &str, changes: &str) -> Chart {
    let changes = changes.replace('\n', "\n    ");
    Chart::new("web", version)
        .with(&format!(
            "annotations:\n  artifacthub.io/changes: |\n    {changes}\n"
        ))
        .with_file(
            "CHANGELOG.md",
            "# Changes\n\n<script>alert(1)</script>\n\n[values](values.yaml)\n",
        )
        .with_file("values.yaml", "a: 1\n")
}

async fn filled() -> (World, Upstream) {
    let world = World::new().await;
    let upstream = Upstream::start().await;
    upstream.publish(&[
        web("1.0.0", "- The first"),
        web("1.1.0", "- kind: fixed\n  description: The second\n  links:\n  - name: Why\n    url: https://example.com/2"),
        web("2.0.0", "- kind: removed\n  description: Everything"),
        Chart::new("silent", "1.0.0"),
    ]);
    world.add("team", &upstream).await;
    assert_eq!(world.sync("team").await.error, None);
    (world, upstream)
}

async fn changelog(backend: &Backend, name: &str, version: Option<&str>) -> Changelog {
    let viewer = Viewer::anonymous();
    backend
        .charts()
        .changelog(&viewer, "team", name, version)
        .await
        .expect("a changelog")
}

fn told(log: &Changelog) -> Vec<(&str, &str, &str)> {
    let of_version = log.versions.iter().flat_map(|version| {
        let changes = version.changes.iter();
        changes.map(|change| {
            (
                version.version.as_str(),
                change.kind.as_str(),
                change.description.as_str(),
            )
        })
    });
    of_version.collect()
}

#[test]
fn versions_tell_what_they_change_the_newest_first() {
    block_on(async {
        let (world, _upstream) = filled().await;
        let all = changelog(&world.backend, "web", None).await;
        let (first, second, third) = (
            ("1.0.0", "", "The first"),
            ("1.1.0", "fixed", "The second"),
            ("2.0.0", "removed", "Everything"),
        );
        assert_eq!(told(&all), [third, second, first]);
        assert_eq!(all.versions[1].changes[0].links[0].url, "https://example.com/2");
        let old = changelog(&world.backend, "web", Some("1.1.0")).await;
        assert_eq!(
            told(&old),
            [second, first],
            "an old version knows nothing of newer ones"
        );
        let file = old.file.expect("the archive has a file");
        assert_eq!(file.path, "CHANGELOG.md");
        assert!(!file.prose.html.contains("<script"), "{}", file.prose.html);
        assert!(
            file.prose
                .html
                .contains("/charts/team/web/1.1.0/files/values.yaml"),
            "{}",
            file.prose.html
        );
    });
}

#[test]
fn a_chart_says_whether_it_has_a_changelog() {
    block_on(async {
        let (world, _upstream) = filled().await;
        let charts = world.backend.charts();
        let viewer = Viewer::anonymous();
        let web = charts.get(&viewer, "team", "web", None).await.expect("a chart");
        assert!(web.contents.has_changelog);
        assert_eq!(web.version.changes[0].description, "Everything");
        let silent = charts
            .get(&viewer, "team", "silent", None)
            .await
            .expect("a chart");
        assert!(!silent.contents.has_changelog);
        let log = changelog(&world.backend, "silent", None).await;
        assert!(log.versions.is_empty() && log.file.is_none());
        let missing = charts.changelog(&viewer, "team", "absent", None).await;
        assert!(matches!(missing, Err(backend::Error::NotFound { .. })));
    });
}
