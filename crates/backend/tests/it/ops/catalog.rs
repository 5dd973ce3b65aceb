//! Lists, filters, counts, parts.

use backend::{Error, Viewer};
use model::catalog::{CatalogPage, CatalogQuery, CatalogSort};

use crate::support::block_on;
use crate::support::upstream::{Chart, Upstream};
use crate::support::world::World;

async fn filled(page_size: usize) -> (World, Upstream) {
    let world = World::with(|settings| settings.limits.page_size = page_size).await;
    let upstream = Upstream::start().await;
    upstream.publish(&[
        Chart::new("nginx", "1.0.0").with("keywords: [http, proxy]\n"),
        Chart::new("nginx-ingress", "2.0.0").with("keywords: [http]\n"),
        Chart::new("postgresql", "3.0.0")
            .with_file("values.schema.json", "{}")
            .with("keywords: [database]\n"),
        Chart::new("old", "1.0.0").with("deprecated: true\nkeywords: [http]\n"),
        Chart::new("common", "1.0.0").with("type: library\n"),
    ]);
    world.add("team", &upstream).await;
    assert_eq!(world.sync("team").await.error, None);
    (world, upstream)
}

async fn list(world: &World, query: CatalogQuery) -> CatalogPage {
    world
        .backend
        .catalog()
        .list(&Viewer::anonymous(), query)
        .await
        .expect("a page")
}

fn names(page: &CatalogPage) -> Vec<&str> {
    page.charts
        .items
        .iter()
        .map(|hit| hit.chart.name.as_str())
        .collect()
}

#[test]
fn filters_narrow_and_count_each_other() {
    block_on(async {
        let (world, _upstream) = filled(30).await;
        let all = list(&world, CatalogQuery::default()).await;
        assert_eq!(names(&all), ["common", "nginx", "nginx-ingress", "postgresql"]);
        assert_eq!((all.facets.n_schema, all.facets.n_deprecated), (1, 1));
        let keywords: Vec<_> = all
            .facets
            .keywords
            .iter()
            .map(|count| (count.value.as_str(), count.n))
            .collect();
        assert_eq!(keywords, [("http", 2), ("database", 1), ("proxy", 1)]);

        let query = CatalogQuery {
            keyword: "http".to_owned(),
            ..CatalogQuery::default()
        };
        let http = list(&world, query).await;
        assert_eq!(names(&http), ["nginx", "nginx-ingress"]);
        assert_eq!(
            http.facets.keywords.len(),
            3,
            "a filter's own choice does not narrow its counts"
        );
        assert_eq!(http.facets.n_schema, 0);
        let query = CatalogQuery {
            chart_type: "library".to_owned(),
            ..CatalogQuery::default()
        };
        assert_eq!(names(&list(&world, query).await), ["common"]);
        let query = CatalogQuery {
            schema: true,
            ..CatalogQuery::default()
        };
        assert_eq!(names(&list(&world, query).await), ["postgresql"]);
        let query = CatalogQuery {
            deprecated: true,
            keyword: "http".to_owned(),
            ..CatalogQuery::default()
        };
        assert_eq!(
            names(&list(&world, query).await),
            ["nginx", "nginx-ingress", "old"]
        );
        let query = CatalogQuery {
            repository: "other".to_owned(),
            ..CatalogQuery::default()
        };
        assert_eq!(list(&world, query).await.charts.total, 0);
    });
}

#[test]
fn words_find_and_rank() {
    block_on(async {
        let (world, _upstream) = filled(30).await;
        let find = async |q: &str| {
            let query = CatalogQuery {
                q: q.to_owned(),
                ..CatalogQuery::default()
            };
            names(&list(&world, query).await).join(" ")
        };
        assert_eq!(find("NGINX").await, "nginx nginx-ingress");
        assert_eq!(
            find("ingress").await,
            "nginx-ingress nginx",
            "nginx is known to serve that"
        );
        assert_eq!(
            find("http proxy").await,
            "nginx-ingress nginx",
            "both are known to serve that"
        );
        assert_eq!(find("called postgresql").await, "postgresql");
        assert_eq!(find("%").await, "");
        assert_eq!(find("nothing").await, "");
    });
}

#[test]
fn a_list_is_read_in_parts_both_ways() {
    block_on(async {
        let (world, _upstream) = filled(2).await;
        for sort in [CatalogSort::Relevance, CatalogSort::Name, CatalogSort::Updated] {
            let query = |cursor: Option<String>| CatalogQuery {
                sort,
                deprecated: true,
                cursor: cursor.unwrap_or_default(),
                ..CatalogQuery::default()
            };
            let first = list(&world, query(None)).await;
            assert_eq!(
                (
                    first.charts.items.len(),
                    first.charts.total,
                    first.charts.first_position
                ),
                (2, 5, 1)
            );
            assert_eq!(first.charts.previous, None);
            let second = list(&world, query(first.charts.next.clone())).await;
            assert_eq!(second.charts.first_position, 3);
            let third = list(&world, query(second.charts.next.clone())).await;
            assert_eq!((third.charts.items.len(), third.charts.next.clone()), (1, None));
            let back = list(&world, query(third.charts.previous.clone())).await;
            assert_eq!(names(&back), names(&second));
            let mut all = [names(&first), names(&second), names(&third)].concat();
            all.sort_unstable();
            assert_eq!(all, ["common", "nginx", "nginx-ingress", "old", "postgresql"]);
        }
        let query = CatalogQuery {
            cursor: "nonsense".to_owned(),
            ..CatalogQuery::default()
        };
        let answer = world.backend.catalog().list(&Viewer::anonymous(), query).await;
        assert!(matches!(answer, Err(Error::Invalid { field: "cursor", .. })));
    });
}

#[test]
fn what_does_not_exist_is_told_with_what_is_near() {
    block_on(async {
        let (world, _upstream) = filled(30).await;
        let viewer = Viewer::anonymous();
        let rows = [
            (("nowhere", "nginx", None), "repository"),
            (("team", "ngnix", None), "chart"),
            (("team", "nginx", Some("9.9.9")), "version"),
        ];
        for ((repository, name, version), want) in rows {
            let answer = world
                .backend
                .charts()
                .get(&viewer, repository, name, version)
                .await;
            assert!(
                matches!(answer, Err(Error::NotFound { what, .. }) if what == want),
                "{want}"
            );
        }
        let near = world
            .backend
            .catalog()
            .suggest(&viewer, "team", "ngnix")
            .await
            .expect("it answers");
        assert_eq!(near.charts[0], "team/nginx");
        let near = world
            .backend
            .catalog()
            .suggest(&viewer, "team", "postgres")
            .await
            .expect("it answers");
        assert_eq!(near.charts, ["team/postgresql"]);
    });
}

#[test]
fn the_home_page_has_numbers_that_are_true() {
    block_on(async {
        let (world, _upstream) = filled(30).await;
        let home = world
            .backend
            .catalog()
            .home(&Viewer::anonymous())
            .await
            .expect("it answers");
        assert_eq!((home.n_charts, home.n_versions), (5, 5));
        assert_eq!(home.recently_updated.len(), 4);
        assert_eq!(home.repositories.len(), 1);
        assert_eq!(home.keywords[0].value, "http");
    });
}
