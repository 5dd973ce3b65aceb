//! What a sync takes over and what it asks for.

use backend::Viewer;
use backend::settings::ArchivePolicy;
use model::catalog::CatalogQuery;
use model::chart::ArchiveState;

use crate::support::block_on;
use crate::support::upstream::{Chart, Reply, Upstream, index_of};
use crate::support::world::World;

fn three_charts() -> Vec<Chart> {
    vec![
        Chart::new("web", "1.0.0"),
        Chart::new("web", "1.1.0").with("keywords: [HTTP, proxy]\n"),
        Chart::new("db", "0.1.0").with("deprecated: true\n"),
    ]
}

#[test]
fn a_repository_is_read_and_then_only_asked_whether_it_changed() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        upstream.publish(&three_charts());
        world.add("team", &upstream).await;

        let run = world.sync("team").await;
        assert_eq!(
            (run.n_added, run.n_changed, run.n_archives, run.error),
            (3, 0, 2, None)
        );
        assert_eq!(
            upstream.take_paths(),
            ["/db-0.1.0.tgz", "/index.yaml", "/web-1.1.0.tgz"]
        );

        let run = world.sync("team").await;
        assert!(run.unchanged);
        let seen = upstream.take_seen();
        assert_eq!(seen.len(), 1, "one conditional request: {seen:?}");
        assert!(seen[0].headers.contains_key("if-none-match"));

        // One new version: the index and its archive.
        let mut charts = three_charts();
        charts.push(Chart::new("web", "1.2.0"));
        upstream.publish(&charts);
        let run = world.sync("team").await;
        assert_eq!(
            (run.n_added, run.n_changed, run.n_yanked, run.n_archives),
            (1, 0, 0, 1)
        );
        assert_eq!(upstream.take_paths(), ["/index.yaml", "/web-1.2.0.tgz"]);

        let state = world.repository("team").await;
        assert_eq!((state.summary.n_charts, state.summary.n_versions), (2, 4));
        assert_eq!(state.history.len(), 3);
        assert_eq!(state.summary.state.n_archives_pending, 0);
        assert_eq!(state.summary.state.last_error, None);
    });
}

#[test]
fn the_policy_says_which_archives_are_fetched() {
    block_on(async {
        for (policy, want) in [
            (ArchivePolicy::Latest, 2),
            (ArchivePolicy::All, 3),
            (ArchivePolicy::OnDemand, 0),
        ] {
            let world = World::with(|settings| settings.sync.archives = policy).await;
            let upstream = Upstream::start().await;
            upstream.publish(&three_charts());
            world.add("team", &upstream).await;
            assert_eq!(world.sync("team").await.n_archives, want, "{policy:?}");
        }
    });
}

#[test]
fn an_older_version_is_fetched_when_somebody_looks() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        upstream.publish(&three_charts());
        world.add("team", &upstream).await;
        world.sync("team").await;
        upstream.take_seen();
        let charts = world.backend.charts();
        let viewer = Viewer::anonymous();
        let looks = (0..8).map(|_| charts.get(&viewer, "team", "web", Some("1.0.0")));
        for detail in futures_util::future::join_all(looks).await {
            let detail = detail.expect("it exists");
            assert_eq!(detail.version.archive, ArchiveState::Ready);
            assert!(detail.contents.has_readme);
        }
        assert_eq!(upstream.take_paths(), ["/web-1.0.0.tgz"], "fetched once for all");
        let prose = charts
            .readme(&viewer, "team", "web", Some("1.0.0"))
            .await
            .expect("it reads");
        assert!(
            prose
                .expect("it has one")
                .html
                .contains("The read me of web 1.0.0.")
        );
    });
}

#[test]
fn a_version_that_is_gone_is_yanked_and_kept() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        upstream.publish(&three_charts());
        world.add("team", &upstream).await;
        world.sync("team").await;
        upstream.publish(&[
            Chart::new("web", "1.0.0"),
            Chart::new("db", "0.1.0").with("deprecated: true\n"),
        ]);
        upstream.remove("/web-1.1.0.tgz");
        let run = world.sync("team").await;
        assert_eq!((run.n_yanked, run.n_added, run.n_changed), (1, 0, 0));
        let charts = world.backend.charts();
        let viewer = Viewer::anonymous();
        let latest = charts.get(&viewer, "team", "web", None).await.expect("it exists");
        assert_eq!(latest.version.version, "1.0.0");
        let gone = charts
            .get(&viewer, "team", "web", Some("1.1.0"))
            .await
            .expect("it exists");
        assert!(gone.version.yanked);
        let readme = charts
            .readme(&viewer, "team", "web", Some("1.1.0"))
            .await
            .expect("it reads");
        assert!(readme.expect("it is kept").html.contains("web 1.1.0"));
    });
}

#[test]
fn an_index_that_shrank_is_held_until_it_is_accepted() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        let charts: Vec<Chart> = (0..10).map(|n| Chart::new("web", &format!("1.{n}.0"))).collect();
        upstream.publish(&charts);
        world.add("team", &upstream).await;
        world.sync("team").await;
        // Shrunk, and with something changed that must not be taken over either.
        upstream.publish(&[charts[0].clone(), charts[1].clone(), Chart::new("evil", "1.0.0")]);
        let run = world.sync("team").await;
        assert!(run.error.is_some_and(|error| error.contains("held back")));
        let state = world.repository("team").await.summary.state;
        assert_eq!(
            state
                .held
                .map(|held| (held.n_versions_before, held.n_versions_now)),
            Some((10, 3))
        );
        let viewer = Viewer::anonymous();
        let page = world
            .backend
            .catalog()
            .list(&viewer, CatalogQuery::default())
            .await
            .expect("a page");
        assert_eq!(page.charts.items.len(), 1);
        assert_eq!(page.charts.items[0].chart.version, "1.9.0");

        // An empty one is held, too.
        upstream.publish_index("apiVersion: v1\nentries: {}\n");
        assert!(world.sync("team").await.error.is_some());

        upstream.publish(&[charts[0].clone(), charts[1].clone()]);
        world.sync("team").await;
        world
            .backend
            .repositories()
            .accept_held(&Viewer::system(), "team")
            .await
            .expect("it is accepted");
        let run = world.sync("team").await;
        assert_eq!((run.error, run.n_yanked), (None, 8));
        // What was accepted is what the next index is measured by.
        upstream.publish_index(&(index_of(&charts[..2]) + "# again\n"));
        assert_eq!(world.sync("team").await.error, None);
        assert_eq!(world.repository("team").await.summary.n_versions, 2);
        assert_eq!(world.repository("team").await.summary.state.held, None);
    });
}

#[test]
fn a_changed_digest_keeps_the_old_bytes_until_the_new_ones_are_verified() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        let old = Chart::new("web", "1.0.0");
        upstream.publish(std::slice::from_ref(&old));
        world.add("team", &upstream).await;
        world.sync("team").await;
        let new = Chart::new("web", "1.0.0").with_file("NEW.md", "new");
        // The index speaks of the new archive while the old one is still served.
        upstream.publish_index(&index_of(std::slice::from_ref(&new)));
        let run = world.sync("team").await;
        assert_eq!((run.n_changed, run.n_archives), (1, 0));
        let viewer = Viewer::anonymous();
        let charts = world.backend.charts();
        let files = charts
            .files(&viewer, "team", "web", None)
            .await
            .expect("the old ones are kept");
        assert!(!files.iter().any(|file| file.path == "NEW.md"));
        assert_eq!(world.repository("team").await.summary.state.n_archives_failed, 1);
        // The failure is remembered: nothing is asked for again at once.
        upstream.take_seen();
        world.sync("team").await;
        assert_eq!(upstream.take_paths(), ["/index.yaml"]);

        upstream.put_bytes("/web-1.0.0.tgz", new.archive());
        world.clock.advance_secs(7_200);
        assert_eq!(world.sync("team").await.n_archives, 1);
        let files = charts
            .files(&viewer, "team", "web", None)
            .await
            .expect("the new ones are here");
        assert!(files.iter().any(|file| file.path == "NEW.md"));
    });
}

#[test]
fn one_bad_entry_harms_nothing_else() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        let good = Chart::new("web", "1.0.0");
        upstream.publish(std::slice::from_ref(&good));
        let bad = "  bad:\n  - name: bad\n    version: not a version\n    urls: [x]\n  - null\n  \
                   nourl:\n  - name: nourl\n    version: 1.0.0\n    urls: []\n";
        let index = index_of(&[good]).replacen("entries:\n", &format!("entries:\n{bad}"), 1);
        upstream.publish_index(&index);
        world.add("team", &upstream).await;
        let run = world.sync("team").await;
        assert_eq!((run.n_added, run.error), (1, None));
        let state = world.repository("team").await;
        assert_eq!(state.summary.state.n_skipped, 3);
        assert_eq!(state.skipped.len(), 3);
        assert!(state.skipped.iter().all(|entry| !entry.reason.is_empty()));
    });
}

#[test]
fn compressed_and_json_indexes_are_read() {
    block_on(async {
        use std::io::Write as _;
        let world = World::new().await;
        let upstream = Upstream::start().await;
        let chart = Chart::new("web", "1.0.0");
        upstream.publish(std::slice::from_ref(&chart));
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(index_of(std::slice::from_ref(&chart)).as_bytes())
            .expect("it compresses");
        let bytes = gzip.finish().expect("it compresses");
        upstream.put(
            "/index.yaml",
            Reply::Ok(bytes, vec![("content-encoding", "gzip".to_owned())]),
        );
        world.add("gzip", &upstream).await;
        assert_eq!(world.sync("gzip").await.n_added, 1);

        upstream.publish_index(
            r#"{"apiVersion":"v1","entries":{"web":[{"name":"web","version":"1.0.0","urls":["web-1.0.0.tgz"]}]}}"#,
        );
        world.add("json", &upstream).await;
        let run = world.sync("json").await;
        assert_eq!((run.n_added, run.n_archives), (1, 1));
    });
}

#[test]
fn a_chart_without_anything_is_listed_like_any_other() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        let mut chart = Chart::new("bare", "1.0.0");
        chart.files.clear();
        upstream.publish(&[chart]);
        world.add("team", &upstream).await;
        world.sync("team").await;
        let viewer = Viewer::anonymous();
        let charts = world.backend.charts();
        let detail = charts
            .get(&viewer, "team", "bare", None)
            .await
            .expect("it exists");
        assert_eq!(detail.version.archive, ArchiveState::Ready);
        assert!(!detail.contents.has_readme);
        assert_eq!(
            charts
                .readme(&viewer, "team", "bare", None)
                .await
                .expect("it reads"),
            None
        );
        assert_eq!(
            charts
                .values(&viewer, "team", "bare", None)
                .await
                .expect("it reads"),
            None
        );
    });
}

#[test]
fn dependencies_of_old_charts_come_from_their_requirements() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        let chart = Chart::new("web", "1.0.0").with_file(
            "requirements.yaml",
            "dependencies:\n- name: db\n  version: ~1.2\n  repository: https://charts.example.com\n  \
             alias: store\n  condition: store.enabled\n",
        );
        upstream.publish(&[chart]);
        world.add("team", &upstream).await;
        world.sync("team").await;
        let detail = world
            .backend
            .charts()
            .get(&Viewer::anonymous(), "team", "web", None)
            .await
            .expect("it exists");
        assert_eq!(detail.contents.n_dependencies, 1);
        let [dependency] = detail.version.dependencies.as_slice() else {
            panic!("there is one")
        };
        assert_eq!(
            (dependency.name.as_str(), dependency.version.as_str()),
            ("db", "~1.2")
        );
        assert_eq!(dependency.alias.as_deref(), Some("store"));
        assert_eq!(dependency.condition.as_deref(), Some("store.enabled"));
    });
}

#[test]
fn an_image_without_a_tag_has_the_app_version() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        let mut chart = Chart::new("web", "1.0.0").with("appVersion: \"4.5\"\n");
        chart.files.clear();
        let values = "image:\n  registry: reg\n  repository: team/app\n  tag: \"\"\n";
        upstream.publish(&[chart.with_file("values.yaml", values)]);
        world.add("team", &upstream).await;
        world.sync("team").await;
        let detail = world
            .backend
            .charts()
            .get(&Viewer::anonymous(), "team", "web", None)
            .await
            .expect("it exists");
        assert_eq!(detail.version.images, ["reg/team/app:4.5"]);
    });
}
