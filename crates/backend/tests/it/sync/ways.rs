//! Ways to an upstream: its own certificate authority, a proxy.

use backend::Viewer;
use backend::settings::RepositorySettings;

use crate::support::block_on;
use crate::support::tls::TlsFront;
use crate::support::upstream::{Chart, Upstream};
use crate::support::world::World;

#[test]
fn a_repository_with_a_certificate_of_its_own_is_read_where_the_authority_is_named() {
    block_on(async {
        let world = World::new().await;
        let upstream = Upstream::start().await;
        upstream.publish(&[Chart::new("web", "1.0.0")]);
        let front = TlsFront::before(upstream.address, world.dir.path()).await;
        world
            .add_with(RepositorySettings::new("stranger", front.url()))
            .await;
        let error = world.sync("stranger").await.error.unwrap_or_default();
        assert!(error.contains("certificate"), "{error}");
        assert!(upstream.take_seen().is_empty(), "nothing was sent");

        world
            .add_with(RepositorySettings {
                ca_file: Some(front.ca_file.clone()),
                ..RepositorySettings::new("team", front.url())
            })
            .await;
        let run = world.sync("team").await;
        assert_eq!((run.error, run.n_archives), (None, 1));

        // An authority that one repository trusts is nothing to the others.
        assert!(world.sync("stranger").await.error.is_some());
    });
}

#[test]
fn a_ca_file_that_is_none_is_refused_by_its_path() {
    block_on(async {
        let world = World::new().await;
        let repository = RepositorySettings {
            ca_file: Some(world.dir.path().join("missing.pem")),
            ..RepositorySettings::new("team", "https://charts.example.com")
        };
        let refused = world
            .backend
            .repositories()
            .add(&Viewer::system(), repository)
            .await
            .map(drop);
        let error = refused.expect_err("it is refused").to_string();
        assert!(error.contains("missing.pem"), "{error}");
    });
}

#[test]
fn a_proxy_is_asked_for_everything() {
    block_on(async {
        let world = World::new().await;
        // What a proxy is asked looks like any request, only that its host is another's.
        let proxy = Upstream::start().await;
        proxy.publish(&[Chart::new("web", "1.0.0")]);
        world
            .add_with(RepositorySettings {
                proxy: Some(backend::secret::SecretString::new(proxy.url())),
                ..RepositorySettings::new("team", "http://charts.invalid")
            })
            .await;
        let run = world.sync("team").await;
        assert_eq!((run.error, run.n_archives), (None, 1));
        let seen = proxy.take_seen();
        assert_eq!(seen.len(), 2);
        for request in seen {
            assert_eq!(
                request.headers.get("host").map(String::as_str),
                Some("charts.invalid")
            );
        }
    });
}
