//! A catalog that is not open to everybody.

use backend::{Action, Error, Viewer};
use model::catalog::CatalogQuery;

use super::accounts::{admin, sign_in, with_user};
use crate::support::block_on;
use crate::support::upstream::{Chart, Upstream};
use crate::support::world::World;

#[test]
fn a_closed_catalog_is_read_by_users_alone() {
    block_on(async {
        let world = World::with(|settings| settings.access.anonymous_catalog = false).await;
        let upstream = Upstream::start().await;
        upstream.publish(&[Chart::new("web", "1.0.0")]);
        world.add("team", &upstream).await;
        assert_eq!(world.sync("team").await.error, None);
        admin(&world).await;
        with_user(&world, "bob", &[]).await;
        let bob = sign_in(&world, "bob").await;

        let backend = &world.backend;
        for (viewer, may) in [
            (Viewer::anonymous(), false),
            (bob, true),
            (Viewer::system(), true),
        ] {
            let query = CatalogQuery::default();
            let digest = "0".repeat(64);
            let answers = [
                ("home", backend.catalog().home(&viewer).await.map(drop)),
                ("list", backend.catalog().list(&viewer, query).await.map(drop)),
                (
                    "suggest",
                    backend.catalog().suggest(&viewer, "team", "web").await.map(drop),
                ),
                (
                    "chart",
                    backend.charts().get(&viewer, "team", "web", None).await.map(drop),
                ),
                (
                    "archive",
                    backend
                        .charts()
                        .archive(&viewer, "team", "web", None)
                        .await
                        .map(drop),
                ),
                (
                    "raw",
                    backend
                        .charts()
                        .raw_file(&viewer, "team", "web", None, "Chart.yaml")
                        .await
                        .map(drop),
                ),
                ("icon", backend.charts().icon(&viewer, &digest).await.map(drop)),
                (
                    "repositories",
                    backend.repositories().list(&viewer).await.map(drop),
                ),
                (
                    "a part of them",
                    backend.repositories().page(&viewer, "").await.map(drop),
                ),
                (
                    "repository",
                    backend.repositories().get(&viewer, "team").await.map(drop),
                ),
                ("watch", backend.repositories().watch(&viewer).map(drop)),
            ];
            for (what, answer) in answers {
                let is_closed = matches!(answer, Err(Error::Unauthenticated { .. }));
                assert_eq!(is_closed, !may, "{what} as {viewer:?}: {answer:?}");
            }
        }
        assert!(
            backend
                .authorise(&Viewer::anonymous(), Action::ReadCharts)
                .is_err()
        );
    });
}
