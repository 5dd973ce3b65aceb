//! Icons on their way from strangers to readers.

use backend::{Error, Viewer};
use model::catalog::CatalogQuery;

use crate::support::block_on;
use crate::support::upstream::{Chart, Reply, Upstream};
use crate::support::world::World;

#[test]
fn an_icon_is_made_harmless_and_served_by_digest() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        let icon = |path: &str| format!("icon: {}{path}\n", upstream.url());
        upstream.publish(&[
            Chart::new("drawn", "1.0.0").with(&icon("/a.svg")),
            Chart::new("broken", "1.0.0").with(&icon("/b.png")),
            Chart::new("inner", "1.0.0").with("icon: http://169.254.169.254/icon.png\n"),
            Chart::new("none", "1.0.0").with("icon: file:///etc/passwd\n"),
        ]);
        upstream.put_bytes("/a.svg", "<svg><script>alert(1)</script><path d=\"M0 0\"/></svg>");
        upstream.put_bytes("/b.png", "not a picture");
        world.add("team", &upstream).await;
        assert_eq!(world.sync("team").await.error, None);
        let viewer = Viewer::anonymous();
        let page = world
            .backend
            .catalog()
            .list(&viewer, CatalogQuery::default())
            .await
            .expect("a page");
        let icons: Vec<_> = page
            .charts
            .items
            .iter()
            .map(|hit| (hit.chart.name.as_str(), hit.chart.icon.clone()))
            .collect();
        let drawn = icons[1].1.clone().expect("it has one");
        assert_eq!(
            icons.iter().filter(|(_, icon)| icon.is_some()).count(),
            1,
            "{icons:?}"
        );
        let digest = drawn.strip_prefix("/icons/").expect("a path");
        let (media_type, bytes) = world
            .backend
            .charts()
            .icon(&viewer, digest)
            .await
            .expect("it is here");
        assert_eq!(media_type, "image/svg+xml");
        assert_eq!(
            bytes,
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0\"></path></svg>"
        );
        for missing in ["", "../../x", &"0".repeat(64), &digest.to_uppercase()] {
            let answer = world.backend.charts().icon(&viewer, missing).await;
            assert!(
                matches!(answer, Err(Error::NotFound { what: "icon", .. })),
                "{missing}"
            );
        }
        // Neither what is here nor what failed is asked for again.
        upstream.take_seen();
        world.sync("team").await;
        assert_eq!(upstream.take_paths(), ["/index.yaml"]);
    });
}

#[test]
fn an_icon_that_never_comes_does_not_hold_the_archives_up() {
    block_on(async {
        let world = World::with(|settings| settings.upstream.first_byte_timeout_secs = 3_600).await;
        let upstream = Upstream::start().await;
        upstream.put("/slow.png", Reply::Silent);
        let icon = format!("icon: {}/slow.png\n", upstream.url());
        upstream.publish(&[Chart::new("web", "1.0.0").with(&icon)]);
        world.add("team", &upstream).await;
        let viewer = Viewer::system();
        let repositories = world.backend.repositories();
        let running = repositories.sync_now(&viewer, "team").await.expect("it starts");
        // Looking at the chart would fetch the archive: the repository tells what the sync does by itself.
        let is_ready = async {
            loop {
                let seen = world.repository("team").await.summary;
                if seen.n_versions == 1 && seen.state.n_archives_pending == 0 {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = is_ready => {}
            _ended = running.finish() => panic!("the archive comes while the icon is waited for"),
        }
    });
}
