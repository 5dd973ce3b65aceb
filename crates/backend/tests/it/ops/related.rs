//! Who depends on a chart, what resembles it, and what the home page makes of that.

use backend::settings::CatalogSettings;
use backend::{Error, Viewer};
use model::catalog::{CatalogQuery, ChartSummary, Home, Relations};

use crate::support::block_on;
use crate::support::upstream::{Chart, Upstream, index_of};
use crate::support::world::World;

/// A chart that depends on others, each given as name, repository and more lines.
fn needing(name: &str, needs: &[(&str, &str, &str)]) -> Chart {
    let mut lines = String::from("dependencies:\n");
    for (need, repository, more) in needs {
        lines.push_str(&format!(
            "- name: {need}\n  version: 1.x.x\n  repository: \"{repository}\"\n{more}"
        ));
    }
    Chart::new(name, "1.0.0").with(&lines)
}

struct Shop {
    world: World,
    _upstreams: [Upstream; 2],
}

/// `data` has databases, `apps` has what uses them.
async fn shop(settings: CatalogSettings) -> Shop {
    let world = World::with(|all| all.catalog = settings).await;
    let (data, apps) = (Upstream::start().await, Upstream::start().await);
    data.publish(&[
        Chart::new("ledgerdb", "1.2.0").with("keywords: [ledger, database]\n"),
        Chart::new("archive", "1.0.0").with("keywords: [ledger, database, cold]\n"),
        Chart::new("parts", "1.0.0").with("type: library\n"),
        Chart::new("weather", "1.0.0").with("keywords: [sun]\n"),
    ]);
    let here = data.url();
    apps.publish(&[
        needing(
            "books",
            &[
                ("ledgerdb", &format!("{here}/"), "  condition: ledgerdb.enabled\n"),
                ("parts", &here, ""),
            ],
        ),
        needing("till", &[("ledgerdb", "@data", ""), ("parts", &here, "")]),
        needing("old-till", &[("ledgerdb", &here, "")]).with("deprecated: true\n"),
        needing("elsewhere", &[("ledgerdb", "https://other.example.com", "")]),
        needing(
            "neighbour",
            &[("till", "file://../till", ""), ("neighbour", "file://.", "")],
        ),
    ]);
    for (name, upstream) in [("data", &data), ("apps", &apps)] {
        world.add(name, upstream).await;
        assert_eq!(world.sync(name).await.error, None);
    }
    Shop {
        world,
        _upstreams: [data, apps],
    }
}

impl Shop {
    async fn relations(&self, repository: &str, name: &str) -> Relations {
        let charts = self.world.backend.charts();
        let relations = charts.relations(&Viewer::anonymous(), repository, name).await;
        relations.expect("relations")
    }

    async fn home(&self) -> Home {
        let catalog = self.world.backend.catalog();
        catalog.home(&Viewer::anonymous()).await.expect("a home page")
    }
}

#[test]
fn those_that_depend_on_a_chart_are_known_by_repository() {
    block_on(async {
        let shop = shop(CatalogSettings::default()).await;
        let used = shop.relations("data", "ledgerdb").await;
        let by: Vec<_> = used
            .used_by
            .iter()
            .map(|user| (user.chart.name.as_str(), user.range.as_str(), user.is_optional))
            .collect();
        assert_eq!(
            by,
            [("books", "1.x.x", true), ("till", "1.x.x", false)],
            "neither a deprecated chart nor one that means another repository's"
        );
        assert_eq!(used.n_used_by, 2);
        let till = shop.relations("apps", "till").await;
        let by: Vec<_> = till.used_by.iter().map(|user| user.chart.name.as_str()).collect();
        assert_eq!(
            by,
            ["neighbour"],
            "a neighbour's directory is the same repository"
        );
        assert_eq!(
            shop.relations("apps", "neighbour").await.n_used_by,
            0,
            "nothing uses itself"
        );
        let missing = shop.world.backend.charts();
        let missing = missing.relations(&Viewer::anonymous(), "data", "absent").await;
        assert!(matches!(missing, Err(Error::NotFound { .. })));
    });
}

#[test]
fn what_resembles_a_chart_is_told_with_the_reason() {
    block_on(async {
        let shop = shop(CatalogSettings::default()).await;
        let related = shop.relations("data", "archive").await.related;
        let first = related.first().expect("a related chart");
        assert_eq!(first.chart.name, "ledgerdb");
        assert_eq!(first.why, "also about database and ledger");
        let books = shop.relations("apps", "books").await.related;
        let till = books.iter().find(|related| related.chart.name == "till");
        assert_eq!(
            till.map(|related| related.why.as_str()),
            Some("also brings parts")
        );
        assert!(books.iter().all(|related| !related.chart.deprecated));
        assert!(shop.relations("data", "weather").await.related.is_empty());
    });
}

#[test]
fn a_long_list_of_dependents_is_read_in_parts() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        let mut charts = vec![Chart::new("base", "1.0.0")];
        charts.extend((0..120).map(|n| needing(&format!("app-{n:03}"), &[("base", "file://../base", "")])));
        upstream.publish(&charts);
        world.add("team", &upstream).await;
        assert_eq!(world.sync("team").await.error, None);
        let charts = world.backend.charts();
        let viewer = Viewer::anonymous();
        let (mut names, mut cursor) = (Vec::new(), String::new());
        loop {
            let part = charts
                .used_by(&viewer, "team", "base", &cursor)
                .await
                .expect("a part");
            assert_eq!((part.total, part.first_position), (120, names.len() as u64 + 1));
            assert!(part.items.len() <= 50);
            names.extend(part.items.into_iter().map(|user| user.chart.name));
            let Some(next) = part.next else { break };
            cursor = next;
        }
        let want: Vec<String> = (0..120).map(|n| format!("app-{n:03}")).collect();
        assert_eq!(names, want, "each once, in order");
        for bad in ["!", "AAAA", "\u{fc}"] {
            let answer = charts.used_by(&viewer, "team", "base", bad).await;
            assert!(
                matches!(answer, Err(Error::Invalid { field: "cursor", .. })),
                "{bad}"
            );
        }
    });
}

#[test]
fn the_home_page_says_what_is_used_and_what_there_is() {
    block_on(async {
        let shop = shop(CatalogSettings::default()).await;
        let home = shop.home().await;
        let used: Vec<_> = home
            .most_used
            .iter()
            .map(|used| (used.chart.name.as_str(), used.n_used_by, used.n_releases))
            .collect();
        assert_eq!(
            used,
            [("ledgerdb", 2, 0), ("till", 1, 0)],
            "a library is no choice"
        );
        assert!(
            home.recently_added.is_empty(),
            "nothing is news in a repository that has just come"
        );
        assert_eq!(home.n_charts, 9);
    });
}

#[test]
fn what_comes_later_is_new_and_what_claims_to_be_from_the_future_is_not() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        let first = Chart::new("first", "1.0.0");
        let index = index_of(std::slice::from_ref(&first)).replace("2026-01-02T03", "2999-01-02T03");
        upstream.publish(std::slice::from_ref(&first));
        upstream.publish_index(&index);
        world.add("team", &upstream).await;
        assert_eq!(world.sync("team").await.error, None);
        let home = world
            .backend
            .catalog()
            .home(&Viewer::anonymous())
            .await
            .expect("home");
        let names = |charts: &[ChartSummary]| -> Vec<String> {
            charts.iter().map(|chart| chart.name.clone()).collect()
        };
        assert_eq!(names(&home.recently_updated), ["first"], "it was first seen now");
        world.clock.advance_secs(86_400);
        let both = [first, Chart::new("second", "1.0.0")];
        let index = index_of(&both)
            .replacen("created: \"2026-01-02", "created: \"2999-01-02", 1)
            .replace(
                "created: \"2026-01-02T03:04:05Z",
                "created: \"2026-11-19T09:20:00Z",
            );
        upstream.publish(&both);
        upstream.publish_index(&index);
        assert_eq!(world.sync("team").await.error, None);
        let home = world
            .backend
            .catalog()
            .home(&Viewer::anonymous())
            .await
            .expect("home");
        assert_eq!(names(&home.recently_added), ["second"]);
        assert_eq!(
            names(&home.recently_updated),
            ["second", "first"],
            "a date that cannot be true puts nothing on top"
        );
    });
}

#[test]
fn the_configuration_says_which_repositories_are_official_and_what_means_the_same() {
    block_on(async {
        let settings = CatalogSettings {
            synonyms: vec![vec!["kassenbuch".to_owned(), "ledger".to_owned()]],
            official_repositories: vec!["apps".to_owned()],
        };
        let shop = shop(settings).await;
        let find = async |q: &str| {
            let query = CatalogQuery {
                q: q.to_owned(),
                ..CatalogQuery::default()
            };
            let catalog = shop.world.backend.catalog();
            let page = catalog.list(&Viewer::anonymous(), query).await.expect("a page");
            let hits = page.charts.items.into_iter();
            hits.map(|hit| (hit.chart.name, hit.chart.is_official))
                .collect::<Vec<_>>()
        };
        let names: Vec<String> = find("kassenbuch")
            .await
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert!(names.contains(&"ledgerdb".to_owned()), "{names:?}");
        let official = find("is:official").await;
        assert_eq!(official.len(), 4);
        assert!(
            official.iter().all(|(_, is_official)| *is_official),
            "{official:?}"
        );
    });
}
