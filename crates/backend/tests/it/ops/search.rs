//! Search over what a sync brought: rows at once, archives a moment later, in every process alike.

use backend::{Backend, Viewer};
use model::catalog::{CatalogHit, CatalogPage, CatalogQuery};

use crate::support::block_on;
use crate::support::upstream::{Chart, Upstream};
use crate::support::world::{World, settings};

const GATE: &str = "\
kind: CustomResourceDefinition
spec:
  names:
    kind: Gate
";

fn keeper(version: &str, readme: &str) -> Chart {
    Chart::new("keeper", version)
        .with("keywords: [ledger]\nkubeVersion: \">=1.28.0-0\"\nannotations:\n  artifacthub.io/alternativeName: bookkeeper\n  category: Games\n  artifacthub.io/license: MIT\n")
        .with_file("README.md", readme)
        .with_file("values.yaml", "auth:\n  # The passphrase\n  existingSecret: \"\"\nimage: ghcr.io/example/keeper:1.2.3\n")
        .with_file("crds/gate.yaml", GATE)
}

async fn filled() -> (World, Upstream) {
    let world = World::new().await;
    let upstream = Upstream::start().await;
    upstream.publish(&[
        keeper("1.0.0", "It copes with earthquakes."),
        Chart::new("other", "1.0.0"),
    ]);
    world.add("team", &upstream).await;
    assert_eq!(world.sync("team").await.error, None);
    (world, upstream)
}

async fn find(backend: &Backend, q: &str) -> CatalogPage {
    let viewer = Viewer::anonymous();
    backend
        .catalog()
        .searchable(&viewer)
        .await
        .expect("it is searchable");
    let query = CatalogQuery {
        q: q.to_owned(),
        ..CatalogQuery::default()
    };
    backend.catalog().list(&viewer, query).await.expect("a page")
}

fn names(page: &CatalogPage) -> Vec<&str> {
    page.charts
        .items
        .iter()
        .map(|hit| hit.chart.name.as_str())
        .collect()
}

fn first(page: &CatalogPage) -> &CatalogHit {
    page.charts.items.first().expect("a hit")
}

#[test]
fn charts_are_found_by_what_is_in_their_archives() {
    block_on(async {
        let (world, _upstream) = filled().await;
        for q in [
            "earthquake",
            "kind:gate",
            "existingSecret",
            "image:ghcr.io/example",
            "bookkeeper",
            "version:1.0.0 ledger",
            "category:games",
            "license:mit",
            "k8s:1.28 ledger",
        ] {
            assert_eq!(names(&find(&world.backend, q).await), ["keeper"], "{q}");
        }
        assert!(names(&find(&world.backend, "k8s:1.27 ledger").await).is_empty());
        let page = find(&world.backend, "passphrase").await;
        let found = &first(&page).found[0];
        assert_eq!(found.place.as_deref(), Some("auth.existingSecret"));
        assert_eq!(found.field, "comments of values");
    });
}

#[test]
fn a_start_makes_the_index_again_and_what_is_lost_costs_only_its_own_words() {
    block_on(async {
        let (world, upstream) = filled().await;
        let world = world.restart(|_| {}).await;
        assert_eq!(names(&find(&world.backend, "earthquake").await), ["keeper"]);
        // Without archives and whoever has them, charts are found by their rows.
        let world = world.restart(|_| {}).await;
        std::fs::remove_dir_all(world.dir.path().join("objects")).expect("it is wiped");
        for archive in ["/keeper-1.0.0.tgz", "/other-1.0.0.tgz"] {
            upstream.remove(archive);
        }
        for q in ["keeper", "ledger", "category:games"] {
            assert_eq!(names(&find(&world.backend, q).await), ["keeper"], "{q}");
        }
        assert!(names(&find(&world.backend, "earthquake").await).is_empty());
        assert_eq!(find(&world.backend, "").await.charts.total, 2);
    });
}

#[test]
fn charts_that_do_not_say_get_a_category_and_copies_stand_behind() {
    block_on(async {
        let world = World::new().await;
        let (maker, copier) = (Upstream::start().await, Upstream::start().await);
        let sources = "sources: [\"https://github.com/grafana/helm-charts\"]\n";
        maker.publish(&[
            Chart::new("grafana", "1.0.0").with(sources),
            Chart::new("own", "1.0.0").with("annotations:\n  category: Games\n"),
            Chart::new("unheard-of", "1.0.0"),
        ]);
        copier.publish(&[Chart::new("grafana", "2.0.0").with(sources)]);
        world.add("grafana", &maker).await;
        world.add("another-copy", &copier).await;
        for repository in ["grafana", "another-copy"] {
            assert_eq!(world.sync(repository).await.error, None);
        }
        let page = find(&world.backend, "grafana").await;
        let found: Vec<_> = page
            .charts
            .items
            .iter()
            .map(|hit| hit.chart.repository.as_str())
            .collect();
        assert_eq!(
            found[..2],
            ["grafana", "another-copy"],
            "the copy is newer, and a copy"
        );
        assert_eq!(names(&find(&world.backend, "is:fork").await), ["grafana"]);
        let mut categories: Vec<_> = find(&world.backend, "")
            .await
            .facets
            .categories
            .into_iter()
            .map(|category| (category.value, category.n))
            .collect();
        categories.sort();
        assert_eq!(
            categories,
            [("Games".to_owned(), 1), ("Monitoring and logging".to_owned(), 2)]
        );
        let home = world
            .backend
            .catalog()
            .home(&Viewer::anonymous())
            .await
            .expect("home");
        assert!(
            home.categories
                .iter()
                .any(|category| category.value == "Monitoring and logging")
        );
    });
}

#[test]
fn a_new_version_replaces_what_was_found() {
    block_on(async {
        let (world, upstream) = filled().await;
        assert_eq!(names(&find(&world.backend, "earthquake").await), ["keeper"]);
        upstream.publish(&[
            keeper("1.0.0", "It copes with earthquakes."),
            keeper("1.1.0", "It copes with volcanoes."),
            Chart::new("other", "1.0.0"),
        ]);
        assert_eq!(world.sync("team").await.error, None);
        assert!(names(&find(&world.backend, "\"earthquakes\"").await).is_empty());
        let page = find(&world.backend, "volcanoes").await;
        assert_eq!(first(&page).chart.version, "1.1.0");
        assert_eq!(
            names(&find(&world.backend, "version:1.0.0 keeper").await),
            ["keeper"],
            "older versions lead to the chart, too"
        );
    });
}

#[test]
fn another_process_finds_the_same_and_a_removed_repository_takes_only_its_own_along() {
    block_on(async {
        let (world, _upstream) = filled().await;
        let second = Upstream::start().await;
        second
            .publish(&[Chart::new("fleeting", "1.0.0").with_file("README.md", "It copes with avalanches.")]);
        let other = Backend::open(settings(world.dir.path())).await.expect("it opens");
        assert_eq!(names(&find(&other, "earthquake").await), ["keeper"]);
        world.add("brief", &second).await;
        assert_eq!(world.sync("brief").await.error, None);
        for backend in [&world.backend, &other] {
            assert_eq!(names(&find(backend, "avalanche").await), ["fleeting"]);
        }
        world
            .backend
            .repositories()
            .remove(&Viewer::system(), "brief")
            .await
            .expect("it is removed");
        for backend in [&world.backend, &other] {
            assert!(names(&find(backend, "\"avalanches\"").await).is_empty());
            assert_eq!(names(&find(backend, "earthquake").await), ["keeper"]);
        }
    });
}

#[test]
fn a_query_is_answered_with_marks_hints_and_reasons() {
    block_on(async {
        let (world, _upstream) = filled().await;
        let page = find(&world.backend, "keepr nonsenseword").await;
        assert_eq!(names(&page), ["keeper"]);
        assert_eq!(page.hints.len(), 2, "{:?}", page.hints);
        let hit = first(&page);
        let marked = hit.name_marks.first().expect("a mark");
        assert_eq!(&hit.chart.name[marked.start..marked.end], "keeper");
        assert_eq!(hit.why, None);
        let query = CatalogQuery {
            q: "keeper".to_owned(),
            explain: true,
            ..CatalogQuery::default()
        };
        let catalog = world.backend.catalog();
        let page = catalog.list(&Viewer::anonymous(), query).await.expect("a page");
        assert!(first(&page).why.as_ref().is_some_and(|lines| lines.len() > 3));
        let completed = catalog
            .complete(&Viewer::anonymous(), "kee")
            .await
            .expect("it answers");
        assert_eq!(
            completed
                .iter()
                .map(|chart| chart.name.as_str())
                .collect::<Vec<_>>(),
            ["keeper"]
        );
    });
}
