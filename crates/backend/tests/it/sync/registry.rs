//! Following a namespace of an OCI registry. The registry here is a small one of the tests: what it does on purpose, a
//! real one does not (a real one, filled by real helm, is in `distribution`).

use backend::Viewer;
use backend::secret::SecretString;
use backend::settings::{ArchivePolicy, RepositorySettings};

use crate::support::block_on;
use crate::support::registry::{FakeRegistry, Odd};
use crate::support::upstream::{Chart, Upstream};
use crate::support::world::{NOW, World};

const DAY: i64 = 86_400;

fn settings(registry: &FakeRegistry) -> RepositorySettings {
    RepositorySettings {
        plain_http: true,
        ..RepositorySettings::new("team", registry.url())
    }
}

async fn follow(registry: &FakeRegistry) -> World {
    follow_as(settings(registry)).await
}

async fn follow_as(settings: RepositorySettings) -> World {
    let world = World::new().await;
    world.add_with(settings).await;
    world
}

/// The error of a sync, which there has to be.
async fn fails(world: &World) -> String {
    world.sync("team").await.error.expect("it does not succeed")
}

fn throttled(secs: &str) -> Odd {
    Odd {
        status: 429,
        headers: vec![("retry-after", secs.to_owned())],
        body: Vec::new(),
    }
}

#[test]
fn a_namespace_is_a_repository() {
    block_on(async {
        let registry = FakeRegistry::start().await;
        registry.pages_of(2);
        for version in ["1.0.0", "1.1.0", "1.2.0-rc.1+build.5"] {
            registry.push(&Chart::new("web", version).with("appVersion: seven\n"));
        }
        registry.push(&Chart::new("db", "3.0.0"));
        registry.push(&Chart::new("queue", "0.1.0"));
        // Not directly below the namespace, not a chart, and tags that are no versions.
        registry.push_manifest("other/web", "9.9.9", &serde_json::json!({}), b"", None);
        registry.push_manifest("team/deep/web", "9.9.9", &serde_json::json!({}), b"", None);
        let image = serde_json::json!({
            "schemaVersion": 2, "config": registry.blob(b"{}", "application/vnd.oci.image.config.v1+json"), "layers": [],
        });
        registry.tag("team/image", "1.0.0", &image);
        registry.tag("team/web", "latest", &image);
        registry.tag("team/web", "sha256-0123.sig", &image);

        let world = follow(&registry).await;
        let run = world.sync("team").await;
        assert_eq!((run.error, run.n_added, run.n_archives), (None, 5, 3));
        assert_eq!(
            world.versions("team", "web").await,
            ["1.2.0-rc.1+build.5", "1.1.0", "1.0.0"]
        );
        let detail = world.repository("team").await;
        assert_eq!((detail.summary.n_charts, detail.summary.n_versions), (3, 5));
        let skipped: Vec<_> = detail
            .skipped
            .iter()
            .map(|entry| (entry.name.as_str(), entry.reason.as_str()))
            .collect();
        assert_eq!(skipped, [("image", "it is no chart")]);
        let charts = world.backend.charts();
        let chart = charts
            .get(&Viewer::anonymous(), "team", "web", Some("1.0.0"))
            .await
            .expect("it is there");
        assert_eq!(
            chart.version.app_version.as_deref(),
            Some("seven"),
            "older versions are described, too"
        );
        let readme = charts
            .readme(&Viewer::anonymous(), "team", "web", None)
            .await
            .expect("it is there");
        assert!(
            readme
                .expect("a read me")
                .html
                .contains("The read me of web 1.1.0")
        );

        // Nothing changed: lists, and a head for each chart; the image is left alone.
        world.clock.advance_secs(1);
        registry.take_asked();
        let run = world.sync("team").await;
        assert_eq!((run.error, run.unchanged), (None, true));
        let asked = registry.take_asked();
        let manifests: Vec<_> = asked
            .iter()
            .filter(|asked| asked.path.contains("/manifests/"))
            .collect();
        assert_eq!(manifests.len(), 3, "{asked:?}");
        assert!(manifests.iter().all(|asked| asked.method == "HEAD"), "{asked:?}");
        assert!(
            !asked.iter().any(|asked| asked.path.contains("/blobs/")),
            "{asked:?}"
        );
    });
}

#[test]
fn many_versions_do_not_cost_a_request_each_before_a_sync_ends() {
    block_on(async {
        let registry = FakeRegistry::start().await;
        for minor in 0..250 {
            registry.push(&Chart::new("web", &format!("1.{minor}.0")));
        }
        let world = follow(&registry).await;
        let run = world.sync("team").await;
        assert_eq!((run.error, run.n_added), (None, 250));
        assert_eq!(registry.n_manifests(), 101);
        let state = world.repository("team").await.summary.state;
        assert_eq!(state.next_run.map(|at| at.0), Some(NOW.0 + 60), "it goes on soon");
        assert_eq!(world.versions("team", "web").await.len(), 250);

        // One that nobody has described yet is, when somebody wants to see it.
        let charts = world.backend.charts();
        let files = charts
            .values(&Viewer::anonymous(), "team", "web", Some("1.3.0"))
            .await;
        assert!(files.expect("it comes").is_some());
        assert_eq!(registry.n_manifests(), 1);
        let chart = charts
            .get(&Viewer::anonymous(), "team", "web", Some("1.3.0"))
            .await
            .expect("it is there");
        assert_eq!(chart.version.description, "A chart called web");

        world.sync("team").await;
        world.sync("team").await;
        let state = world.repository("team").await.summary.state;
        assert_eq!(
            state.next_run.map(|at| at.0),
            Some(NOW.0 + 900),
            "all are described"
        );
        let chart = charts
            .get(&Viewer::anonymous(), "team", "web", Some("1.0.0"))
            .await
            .expect("it is there");
        assert_eq!(chart.version.description, "A chart called web");
    });
}

#[test]
fn a_tag_that_leads_elsewhere_is_noticed() {
    block_on(async {
        let registry = FakeRegistry::start().await;
        for version in ["1.0.0", "1.1.0"] {
            registry.push(&Chart::new("web", version));
        }
        let world = follow_as(RepositorySettings {
            archives: Some(ArchivePolicy::All),
            ..settings(&registry)
        })
        .await;
        assert_eq!(world.sync("team").await.n_archives, 2);
        for version in ["1.0.0", "1.1.0"] {
            registry.push(&Chart::new("web", version).with_file("README.md", "# Another\n"));
        }
        // The newest with the next sync, others within a day.
        world.clock.advance_secs(1);
        let run = world.sync("team").await;
        assert_eq!((run.error, run.n_changed, run.n_archives), (None, 1, 1));
        let charts = world.backend.charts();
        let readme = charts
            .readme(&Viewer::anonymous(), "team", "web", None)
            .await
            .expect("it is there");
        assert!(readme.expect("a read me").html.contains("Another"));
        world.clock.advance_secs(DAY + 1);
        let run = world.sync("team").await;
        assert_eq!((run.error, run.n_changed), (None, 1));
        // A new version, one that is gone, and one that comes back.
        registry.push(&Chart::new("web", "2.0.0"));
        registry.untag("team/web", "1.0.0");
        let run = world.sync("team").await;
        assert_eq!((run.error, run.n_added, run.n_yanked), (None, 1, 1));
        assert_eq!(world.versions("team", "web").await, ["2.0.0", "1.1.0"]);
        registry.push(&Chart::new("web", "1.0.0"));
        assert_eq!(world.sync("team").await.n_added, 1);
        let chart = charts
            .get(&Viewer::anonymous(), "team", "web", Some("1.0.0"))
            .await
            .expect("it is there");
        assert_eq!(
            (chart.version.yanked, chart.version.description.as_str()),
            (false, "A chart called web")
        );
    });
}

#[test]
fn a_chart_that_cannot_be_read_hides_no_other_and_loses_nothing() {
    block_on(async {
        let registry = FakeRegistry::start().await;
        registry.push(&Chart::new("db", "1.0.0"));
        registry.push(&Chart::new("web", "1.0.0"));
        let world = follow(&registry).await;
        world.sync("team").await;
        registry.push(&Chart::new("web", "2.0.0"));
        let broken = Odd {
            status: 500,
            headers: Vec::new(),
            body: Vec::new(),
        };
        registry.once("/v2/team/db/tags/list", broken);
        let error = fails(&world).await;
        assert!(error.starts_with("db: ") && error.contains("500"), "{error}");
        assert_eq!(world.versions("team", "db").await, ["1.0.0"]);
        assert_eq!(world.versions("team", "web").await, ["2.0.0", "1.0.0"]);
        assert_eq!(world.sync("team").await.error, None);
    });
}

#[test]
fn a_registry_without_a_catalog_is_followed_by_names() {
    block_on(async {
        let registry = FakeRegistry::start().await;
        registry.push(&Chart::new("web", "1.0.0"));
        registry.push(&Chart::new("db", "1.0.0"));
        let no = Odd {
            status: 404,
            headers: Vec::new(),
            body: Vec::new(),
        };
        registry.once("/v2/_catalog", no);
        let world = follow(&registry).await;
        let error = fails(&world).await;
        assert!(error.contains("name the charts in `charts`"), "{error}");
        let world = follow_as(RepositorySettings {
            charts: vec!["web".to_owned(), "absent".to_owned()],
            ..settings(&registry)
        })
        .await;
        registry.take_asked();
        assert_eq!(world.sync("team").await.error, None);
        assert_eq!(world.repository("team").await.summary.n_charts, 1);
        assert!(
            !registry
                .take_asked()
                .iter()
                .any(|asked| asked.path.contains("_catalog"))
        );
    });
}

#[test]
fn a_registry_that_wants_to_be_left_alone_is() {
    block_on(async {
        let registry = FakeRegistry::start().await;
        registry.push(&Chart::new("web", "1.0.0"));
        let world = World::with(|settings| settings.upstream.retries = 2).await;
        world.add_with(settings(&registry)).await;
        // A moment is waited for.
        registry.once("/v2/_catalog", throttled("0"));
        assert_eq!(world.sync("team").await.error, None);
        // An hour is not, and nothing is sent meanwhile, whoever asks.
        registry.once("/v2/_catalog", throttled("3600"));
        registry.take_asked();
        let error = fails(&world).await;
        assert!(error.contains("429"), "{error}");
        assert_eq!(registry.take_asked().len(), 1);
        let error = fails(&world).await;
        assert!(error.contains("429"), "{error}");
        assert!(registry.take_asked().is_empty());
    });
}

#[test]
fn a_next_page_elsewhere_is_not_followed() {
    block_on(async {
        let (registry, other) = (FakeRegistry::start().await, Upstream::start().await);
        registry.push(&Chart::new("web", "1.0.0"));
        let world = follow(&registry).await;
        let link = format!("<{}/v2/_catalog>; rel=\"next\"", other.url());
        let odd = Odd {
            status: 200,
            headers: vec![("link", link)],
            body: br#"{"repositories":["team/web"]}"#.to_vec(),
        };
        registry.once("/v2/_catalog", odd);
        let error = fails(&world).await;
        assert!(error.contains("another server"), "{error}");
        assert!(other.take_seen().is_empty());
    });
}

/// A registry that wants a token of `realm`, and charts in it.
async fn guarded(realm: &str) -> FakeRegistry {
    let registry = FakeRegistry::start().await;
    registry.push(&Chart::new("web", "1.0.0"));
    registry.push(&Chart::new("web", "1.1.0"));
    let challenge = format!("Bearer realm=\"{realm}\",service=\"s\",scope=\"repository:secret:push,delete\"");
    registry.wants(&challenge, "Bearer t0ken");
    registry
}

fn with_password(registry: &FakeRegistry) -> RepositorySettings {
    RepositorySettings {
        username: Some("me".to_owned()),
        password: Some(SecretString::new("hunter2")),
        ..settings(registry)
    }
}

#[test]
fn credentials_are_not_sent_where_a_registry_wants_them() {
    block_on(async {
        let realm = Upstream::start().await;
        realm.put_bytes("/token", r#"{"token":"t0ken","expires_in":300}"#);
        let registry = guarded(&format!("{}/token", realm.url())).await;
        let world = follow_as(with_password(&registry)).await;
        let error = fails(&world).await;
        assert!(
            error.contains(&realm.address.to_string()) && error.contains("token_hosts"),
            "{error}"
        );
        assert!(realm.take_seen().is_empty(), "nobody was asked");
        assert!(
            registry
                .take_asked()
                .iter()
                .all(|asked| asked.authorization.is_empty())
        );

        // Where the operator says so, they are; the registry itself sees no password.
        let world = follow_as(RepositorySettings {
            token_hosts: vec![realm.address.to_string()],
            ..with_password(&registry)
        })
        .await;
        assert_eq!(world.sync("team").await.error, None);
        let seen = realm.take_seen();
        // One for the catalog, one for the chart: a token is used until it runs out.
        assert_eq!(seen.len(), 2, "{seen:?}");
        let basic = "Basic bWU6aHVudGVyMg==";
        assert!(seen.iter().all(|seen| {
            seen.headers
                .get("authorization")
                .is_some_and(|sent| sent == basic)
        }));
        let asked = registry.take_asked();
        assert!(
            asked
                .iter()
                .all(|asked| !asked.authorization.starts_with("Basic")),
            "{asked:?}"
        );
        world.sync("team").await;
        assert!(realm.take_seen().is_empty());
    });
}

#[test]
fn whoever_has_no_credentials_asks_any_token_server_and_one_that_is_private_only_where_that_is_open() {
    block_on(async {
        let realm = Upstream::start().await;
        realm.put_bytes("/token", r#"{"access_token":"t0ken"}"#);
        let registry = guarded(&format!("{}/token", realm.url())).await;
        let world = follow(&registry).await;
        assert_eq!(world.sync("team").await.error, None);
        let seen = realm.take_seen();
        assert!(
            !seen.is_empty()
                && seen
                    .iter()
                    .all(|seen| !seen.headers.contains_key("authorization"))
        );

        // Attack: a token server that only we can reach.
        let registry = guarded(&format!("http://localhost:{}/token", realm.address.port())).await;
        let world = follow(&registry).await;
        let error = fails(&world).await;
        assert!(error.contains("localhost has the private address"), "{error}");
        assert!(realm.take_seen().is_empty());
    });
}

#[test]
fn a_registry_may_want_the_password_itself() {
    block_on(async {
        let registry = FakeRegistry::start().await;
        registry.push(&Chart::new("web", "1.0.0"));
        registry.wants("Basic realm=\"here\"", "Basic bWU6aHVudGVyMg==");
        let world = follow_as(with_password(&registry)).await;
        assert_eq!(world.sync("team").await.error, None);
        let error = fails(&follow(&registry).await).await;
        assert!(error.contains("credentials"), "{error}");
    });
}

#[test]
fn what_is_not_what_its_digest_says_is_refused() {
    block_on(async {
        let registry = FakeRegistry::start().await;
        let (web, db) = (Chart::new("web", "1.0.0"), Chart::new("db", "1.0.0"));
        registry.push(&web);
        registry.push(&db);
        registry.spoil(&db.archive());
        let world = follow(&registry).await;
        let run = world.sync("team").await;
        assert_eq!((run.error, run.n_archives), (None, 1));
        assert_eq!(world.repository("team").await.summary.state.n_archives_failed, 1);

        let registry = FakeRegistry::start().await;
        let config = serde_json::json!({ "name": "web", "version": "1.0.0" });
        registry.push_manifest("team/web", "1.0.0", &config, &web.archive(), None);
        registry.spoil(config.to_string().as_bytes());
        let world = follow(&registry).await;
        let error = fails(&world).await;
        assert!(error.contains("has the SHA-256"), "{error}");
        assert_eq!(world.repository("team").await.summary.n_charts, 0);
    });
}

#[test]
fn a_repository_that_pretends_to_be_another_chart_is_left_out() {
    block_on(async {
        let registry = FakeRegistry::start().await;
        let web = Chart::new("web", "1.0.0");
        let config = serde_json::json!({ "name": "web", "version": "1.0.0" });
        registry.push(&web);
        registry.push_manifest("team/evil", "1.0.0", &config, &web.archive(), None);
        // Of a chart that there is, one tag among others.
        registry.push_manifest("team/web", "0.9.0", &config, &web.archive(), None);
        let world = follow(&registry).await;
        assert_eq!(world.sync("team").await.error, None);
        assert_eq!(world.versions("team", "web").await, ["1.0.0"]);
        let skipped = world.repository("team").await.skipped;
        assert_eq!(skipped.len(), 1, "{skipped:?}");
        assert!(
            skipped[0].name == "evil" && skipped[0].reason.contains("another name"),
            "{skipped:?}"
        );
        assert_eq!(world.repository("team").await.summary.n_charts, 1);
        // And it is not asked for again.
        registry.take_asked();
        assert_eq!(world.sync("team").await.error, None);
        let asked = registry.take_asked();
        assert!(
            !asked
                .iter()
                .any(|asked| asked.path.ends_with("/0.9.0") || asked.path.contains("evil/manifests"))
        );
    });
}

#[test]
fn the_layer_that_signs_a_chart_is_its_provenance_file() {
    block_on(async {
        let registry = FakeRegistry::start().await;
        let file = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: sealed\n";
        registry.push_signed(&Chart::new("sealed", "1.0.0"), Some(file));
        registry.push(&Chart::new("plain", "1.0.0"));
        let world = follow(&registry).await;
        assert_eq!(world.sync("team").await.error, None);
        let mirrors = world.backend.mirrors();
        let body = mirrors
            .provenance(&Viewer::anonymous(), "team", "sealed", "1.0.0")
            .await;
        assert_eq!(body.expect("it is there"), file.as_bytes());
        assert!(
            mirrors
                .provenance(&Viewer::anonymous(), "team", "plain", "1.0.0")
                .await
                .is_err()
        );
    });
}

#[test]
fn tls_is_left_out_only_where_that_is_allowed() {
    block_on(async {
        let registry = FakeRegistry::start().await;
        registry.push(&Chart::new("web", "1.0.0"));
        let world = follow_as(RepositorySettings {
            plain_http: false,
            ..settings(&registry)
        })
        .await;
        fails(&world).await;
        assert!(registry.take_asked().is_empty());
    });
}

#[test]
fn an_index_may_point_to_a_registry_which_sees_no_credentials_of_the_index() {
    block_on(async {
        let (registry, index) = (FakeRegistry::start().await, Upstream::start().await);
        let chart = Chart::new("web", "1.0.0");
        registry.push(&chart);
        let entry = chart
            .entry()
            .replace("web-1.0.0.tgz", &format!("{}/web:1.0.0", registry.url()));
        index.publish_index(&format!(
            "apiVersion: v1\nentries:\n  web:\n{entry}generated: \"2026-01-02T03:04:05Z\"\n"
        ));
        let world = follow_as(RepositorySettings {
            username: Some("me".to_owned()),
            ..RepositorySettings::new("team", index.url())
        })
        .await;
        // Registries of strangers are spoken to with TLS, which this one does not speak.
        let run = world.sync("team").await;
        assert_eq!((run.error, run.n_added, run.n_archives), (None, 1, 0));
        assert_eq!(world.repository("team").await.summary.state.n_archives_failed, 1);
        assert!(registry.take_asked().is_empty());
    });
}
