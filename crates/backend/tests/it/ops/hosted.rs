//! Hosted repositories: uploads, deletions, and what others do in the directory.

use std::path::PathBuf;
use std::sync::Arc;

use backend::clock::FixedClock;
use backend::ops::{HostedError, NewUpload, Uploaded};
use backend::secret::SecretString;
use backend::{Backend, Bytes, Error, Settings, Viewer};
use futures_util::TryStreamExt as _;
use model::catalog::CatalogQuery;
use model::repository::{RepositoryAction, RepositoryKind};

use crate::support::block_on;
use crate::support::databases::PostgresDatabase;
use crate::support::upstream::{Chart, Upstream};
use crate::support::world::{NOW, World, settings};

async fn push(backend: &Backend, tenant: &str, chart: &Chart) -> Result<Uploaded, HostedError> {
    push_bytes(backend, tenant, Bytes::from(chart.archive()), false).await
}

async fn push_bytes(
    backend: &Backend,
    tenant: &str,
    archive: Bytes,
    force: bool,
) -> Result<Uploaded, HostedError> {
    let new = NewUpload {
        archive: Some(archive),
        provenance: None,
        force,
    };
    backend.hosted().upload(&Viewer::system(), tenant, new).await
}

async fn index(backend: &Backend, tenant: &str) -> String {
    let index = backend.hosted().index(&Viewer::anonymous(), tenant).await;
    String::from_utf8(index.expect("an index").text.plain().concat()).expect("text")
}

async fn archive(backend: &Backend, tenant: &str, file: &str) -> Option<Vec<u8>> {
    let download = backend
        .hosted()
        .download(&Viewer::anonymous(), tenant, file)
        .await;
    let download = match download {
        Ok(download) => download,
        Err(HostedError::Missing { .. }) => return None,
        Err(error) => panic!("{error}"),
    };
    let pieces: Vec<Bytes> = download.body.try_collect().await.expect("it reads");
    let bytes = pieces.concat();
    assert_eq!(bytes.len() as u64, download.size_bytes);
    Some(bytes)
}

/// Charts of the catalog as `repository/name version`.
async fn catalog(backend: &Backend) -> Vec<String> {
    let list = backend
        .catalog()
        .list(&Viewer::anonymous(), CatalogQuery::default())
        .await;
    let mut names: Vec<String> = list
        .expect("a list")
        .charts
        .items
        .into_iter()
        .map(|hit| {
            format!(
                "{}/{} {}",
                hit.chart.repository, hit.chart.name, hit.chart.version
            )
        })
        .collect();
    names.sort();
    names
}

/// An archive with an ordinary directory and a chart in it that calls itself so.
fn called(name: &str) -> Bytes {
    let metadata = format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
    let files = [("Chart.yaml", metadata.as_bytes())];
    Bytes::from(helm::archive::pack("chart", files, Default::default()).expect("it packs"))
}

/// The files below the directory of hosted charts, those that nobody is to see included, but for what was deleted and can
/// come back.
fn files(world: &World) -> Vec<String> {
    fn walk(dir: PathBuf, below: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let name = entry.file_name().into_string().expect("text");
            let path = format!("{below}{name}");
            match entry.path().is_dir() {
                true => walk(entry.path(), &format!("{path}/"), found),
                false => found.push(path),
            }
        }
    }
    let mut found = Vec::new();
    walk(world.dir.path().join("hosted"), "", &mut found);
    found.retain(|path| !path.starts_with(".kept/"));
    found.sort();
    found
}

#[test]
fn an_upload_is_everywhere_when_it_is_answered() {
    block_on(async {
        let world = World::new().await;
        let backend = &world.backend;
        let chart = Chart::new("web", "1.2.3").with("keywords: [http]\nappVersion: \"7\"\n");
        let uploaded = push(backend, "", &chart).await.expect("it is taken");
        let version = uploaded.version.expect("an archive");
        assert_eq!(
            (version.name.as_str(), version.file_name.as_str()),
            ("web", "web-1.2.3.tgz")
        );

        let index = index(backend, "").await;
        assert!(
            index.contains(&format!("digest: \"{}\"", version.digest)) || index.contains(&version.digest),
            "{index}"
        );
        assert!(index.contains("charts/web-1.2.3.tgz"), "{index}");
        assert_eq!(catalog(backend).await, ["hosted/web 1.2.3"]);
        assert_eq!(archive(backend, "", "web-1.2.3.tgz").await, Some(chart.archive()));

        let viewer = Viewer::anonymous();
        let charts = backend.charts();
        let detail = charts.get(&viewer, "hosted", "web", None).await.expect("a page");
        assert_eq!(detail.version.app_version.as_deref(), Some("7"));
        assert_eq!(detail.repository_url, "/hosted");
        let readme = charts
            .readme(&viewer, "hosted", "web", None)
            .await
            .expect("it reads");
        assert!(readme.expect("it has one").html.contains("The read me of web"));
        let download = charts
            .archive(&viewer, "hosted", "web", None)
            .await
            .expect("it is there");
        assert_eq!(download.digest, version.digest);
        let repository = world.repository("hosted").await.summary;
        assert_eq!(repository.kind, RepositoryKind::Hosted);
        assert_eq!((repository.n_charts, repository.n_versions), (1, 1));
        assert_eq!(repository.state.n_archives_pending, 0);

        // Newer, older, and another chart.
        for (name, version) in [("web", "1.10.0"), ("web", "0.9.0"), ("db", "2.0.0")] {
            push(backend, "", &Chart::new(name, version))
                .await
                .expect("it is taken");
        }
        assert_eq!(catalog(backend).await, ["hosted/db 2.0.0", "hosted/web 1.10.0"]);
        let repository = world.repository("hosted").await.summary;
        assert_eq!((repository.n_charts, repository.n_versions), (2, 4));
        assert_eq!(
            files(&world),
            ["db-2.0.0.tgz", "web-0.9.0.tgz", "web-1.10.0.tgz", "web-1.2.3.tgz"]
        );
    });
}

#[test]
fn deleting_takes_away_exactly_one_version_everywhere() {
    block_on(async {
        let world = World::new().await;
        let backend = &world.backend;
        let viewer = Viewer::system();
        for (name, version) in [
            ("a-service", "0.0.1"),
            ("a", "1.0.0"),
            ("web", "1.0.0"),
            ("web", "2.0.0"),
        ] {
            push(backend, "", &Chart::new(name, version))
                .await
                .expect("it is taken");
        }
        let hosted = backend.hosted();
        // The file of `a-service` `0.0.1` is that of `a` `service-0.0.1`, which does not exist.
        let error = hosted.delete(&viewer, "", "a", "service-0.0.1").await;
        assert!(matches!(error, Err(HostedError::Missing { .. })), "{error:?}");
        hosted
            .delete(&viewer, "", "web", "2.0.0")
            .await
            .expect("it is deleted");
        let again = hosted.delete(&viewer, "", "web", "2.0.0").await;
        assert!(matches!(again, Err(HostedError::Missing { .. })), "{again:?}");
        assert_eq!(
            catalog(backend).await,
            ["hosted/a 1.0.0", "hosted/a-service 0.0.1", "hosted/web 1.0.0"]
        );
        assert_eq!(
            files(&world),
            ["a-1.0.0.tgz", "a-service-0.0.1.tgz", "web-1.0.0.tgz"]
        );
        assert_eq!(archive(backend, "", "web-2.0.0.tgz").await, None);
        let missing = backend
            .charts()
            .get(&viewer, "hosted", "web", Some("2.0.0"))
            .await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");

        // The last version takes its chart with it, and may come back.
        hosted
            .delete(&viewer, "", "web", "1.0.0")
            .await
            .expect("it is deleted");
        assert_eq!(
            catalog(backend).await,
            ["hosted/a 1.0.0", "hosted/a-service 0.0.1"]
        );
        assert!(!index(backend, "").await.contains("web"));
        push(backend, "", &Chart::new("web", "1.0.0"))
            .await
            .expect("it is taken");
        assert_eq!(
            archive(backend, "", "web-1.0.0.tgz").await,
            Some(Chart::new("web", "1.0.0").archive())
        );
        let repository = world.repository("hosted").await.summary;
        assert_eq!((repository.n_charts, repository.n_versions), (3, 3));
    });
}

#[test]
fn of_many_uploads_of_one_version_one_is_taken() {
    block_on(async {
        let world = World::new().await;
        let archives: Vec<Bytes> = (0..8)
            .map(|n| Chart::new("web", "1.0.0").with_file("README.md", &format!("number {n}")))
            .map(|chart| Bytes::from(chart.archive()))
            .collect();
        let uploads = archives
            .iter()
            .map(|archive| push_bytes(&world.backend, "", archive.clone(), false));
        let results = futures_util::future::join_all(uploads).await;
        let taken: Vec<usize> = (0..8).filter(|n| results[*n].is_ok()).collect();
        assert_eq!(taken.len(), 1, "{results:?}");
        let n_refused = results
            .iter()
            .filter(|result| matches!(result, Err(HostedError::Exists { .. })))
            .count();
        assert_eq!(n_refused, 7);
        assert_eq!(
            archive(&world.backend, "", "web-1.0.0.tgz").await,
            Some(archives[taken[0]].to_vec())
        );
        assert_eq!(files(&world), ["web-1.0.0.tgz"]);
    });
}

#[test]
fn what_may_be_replaced_is_replaced_whole() {
    block_on(async {
        let world = World::new().await;
        let backend = &world.backend;
        let old = Chart::new("web", "1.0.0");
        let new = Chart::new("web", "1.0.0").with_file("README.md", "# another");
        push(backend, "", &old).await.expect("it is taken");
        let before = backend
            .hosted()
            .index(&Viewer::system(), "")
            .await
            .expect("an index");
        let refused = push_bytes(backend, "", Bytes::from(new.archive()), false).await;
        assert!(matches!(refused, Err(HostedError::Exists { .. })), "{refused:?}");
        push_bytes(backend, "", Bytes::from(new.archive()), true)
            .await
            .expect("it is taken");
        assert_eq!(archive(backend, "", "web-1.0.0.tgz").await, Some(new.archive()));
        let after = backend
            .hosted()
            .index(&Viewer::system(), "")
            .await
            .expect("an index");
        assert_ne!(before.etag, after.etag);
        let readme = backend
            .charts()
            .readme(&Viewer::anonymous(), "hosted", "web", None)
            .await
            .expect("it reads");
        assert!(readme.expect("it has one").html.contains("another"));
        let repository = world.repository("hosted").await.summary;
        assert_eq!((repository.n_charts, repository.n_versions), (1, 1));

        let world = world
            .restart(|settings| settings.hosted.allow_force_overwrite = false)
            .await;
        let refused = push_bytes(&world.backend, "", Bytes::from(old.archive()), true).await;
        assert!(matches!(refused, Err(HostedError::Exists { .. })), "{refused:?}");
    });
}

#[test]
fn two_charts_whose_files_have_one_name_do_not_replace_each_other() {
    block_on(async {
        let world = World::new().await;
        push(&world.backend, "", &Chart::new("a-1", "2.0.0"))
            .await
            .expect("it is taken");
        // Helm takes `1-2.0.0` for 1.0.0 with a pre-release.
        let other = Chart::new("a", "1-2.0.0");
        let refused = push_bytes(&world.backend, "", Bytes::from(other.archive()), true).await;
        assert!(matches!(refused, Err(HostedError::Exists { .. })), "{refused:?}");
        let missing = world
            .backend
            .hosted()
            .delete(&Viewer::system(), "", "a", "1-2.0.0")
            .await;
        assert!(matches!(missing, Err(HostedError::Missing { .. })), "{missing:?}");
        assert_eq!(files(&world), ["a-1-2.0.0.tgz"]);
    });
}

#[test]
fn what_is_refused_leaves_nothing() {
    block_on(async {
        let world = World::with(|settings| {
            settings.hosted.max_objects = 2;
            settings.hosted.quota_bytes = 100_000;
        })
        .await;
        let backend = &world.backend;
        push(backend, "", &Chart::new("web", "1.0.0"))
            .await
            .expect("it is taken");
        let before = (files(&world), index(backend, "").await, catalog(backend).await);
        let mut state = 1_u64;
        let noise: String = (0..200_000)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap_or(0))
            })
            .collect();
        let large = Chart::new("large", "1.0.0").with_file("noise", &noise);
        assert!(
            large.archive().len() > 100_000,
            "it does not compress below the quota"
        );
        type Expected = fn(&HostedError) -> bool;
        let rows: [(&str, Bytes, Expected); 7] = [
            ("empty", Bytes::new(), |e| {
                matches!(e, HostedError::NotAChart { .. })
            }),
            ("text", Bytes::from("not a chart"), |e| {
                matches!(e, HostedError::NotAChart { .. })
            }),
            (
                "no version",
                Bytes::from(Chart::new("web", "one").archive()),
                |e| matches!(e, HostedError::NotAChart { .. }),
            ),
            ("a path", called("../../evil"), |e| {
                matches!(e, HostedError::NotAChart { .. } | HostedError::Misnamed { .. })
            }),
            ("hidden", called(".hidden"), |e| {
                matches!(e, HostedError::Misnamed { .. })
            }),
            ("no room", Bytes::from(large.archive()), |e| {
                matches!(e, HostedError::Full { .. })
            }),
            ("there", Bytes::from(Chart::new("web", "1.0.0").archive()), |e| {
                matches!(e, HostedError::Exists { .. })
            }),
        ];
        for (name, bytes, is_expected) in rows {
            let error = push_bytes(backend, "", bytes, false).await.expect_err(name);
            assert!(is_expected(&error), "{name}: {error:?}");
            assert_eq!(
                (files(&world), index(backend, "").await, catalog(backend).await),
                before,
                "{name}"
            );
        }
        push(backend, "", &Chart::new("db", "1.0.0"))
            .await
            .expect("it is taken");
        let refused = push(backend, "", &Chart::new("third", "1.0.0")).await;
        assert!(
            matches!(refused, Err(HostedError::TooManyFiles { limit: 2 })),
            "{refused:?}"
        );
        // What is there may still be replaced.
        push_bytes(
            backend,
            "",
            Bytes::from(Chart::new("db", "1.0.0").archive()),
            true,
        )
        .await
        .expect("it is taken");
        assert_eq!(files(&world), ["db-1.0.0.tgz", "web-1.0.0.tgz"]);
    });
}

#[test]
fn old_versions_make_room_where_a_chart_may_have_so_many() {
    block_on(async {
        let world = World::with(|settings| settings.hosted.max_versions_per_chart = 2).await;
        for version in ["3.0.0", "1.0.0", "2.0.0"] {
            world.clock.advance_secs(1);
            push(&world.backend, "", &Chart::new("web", version))
                .await
                .expect("it is taken");
        }
        // The one that was uploaded first went, not the one with the lowest version.
        assert_eq!(files(&world), ["web-1.0.0.tgz", "web-2.0.0.tgz"]);
        assert_eq!(catalog(&world.backend).await, ["hosted/web 2.0.0"]);
    });
}

#[test]
fn a_directory_is_adopted_in_place_and_followed() {
    block_on(async {
        let world = World::with(|settings| settings.hosted.depth_dynamic = true).await;
        let root = world.dir.path().join("hosted");
        let put = |path: &str, bytes: &[u8]| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().expect("a directory")).expect("it is made");
            std::fs::write(path, bytes).expect("it is written");
        };
        put("web-1.0.0.tgz", &Chart::new("web", "1.0.0").archive());
        put(
            "web-1.0.0.tgz.prov",
            b"-----BEGIN PGP SIGNED MESSAGE-----\n\nname: web\nversion: 1.0.0\n",
        );
        put("org/repo/db-2.0.0.tgz", &Chart::new("db", "2.0.0").archive());
        put("index-cache.yaml", b"apiVersion: v1\n");
        put("wrong-1.0.0.tgz", &Chart::new("other", "1.0.0").archive());
        put("broken-1.0.0.tgz", b"no archive");
        let backend = &world.backend;
        let first = index(backend, "").await;
        assert!(first.contains("charts/web-1.0.0.tgz"), "{first}");
        assert!(
            !first.contains("wrong") && !first.contains("other") && !first.contains("broken"),
            "{first}"
        );
        assert!(index(backend, "org/repo").await.contains("charts/db-2.0.0.tgz"));
        assert_eq!(
            catalog(backend).await,
            ["hosted.org.repo/db 2.0.0", "hosted/web 1.0.0"]
        );
        assert!(archive(backend, "", "web-1.0.0.tgz.prov").await.is_some());

        // Added, and asked for at once, by its name and in the index.
        put("new-1.0.0.tgz", &Chart::new("new", "1.0.0").archive());
        assert!(archive(backend, "", "new-1.0.0.tgz").await.is_some());
        assert!(index(backend, "").await.contains("new-1.0.0.tgz"));
        // Changed in place.
        let changed = Chart::new("new", "1.0.0").with_file("README.md", "# changed, and of another length");
        put("new-1.0.0.tgz", &changed.archive());
        assert_eq!(
            archive(backend, "", "new-1.0.0.tgz").await,
            Some(changed.archive())
        );
        // Removed, and uploaded again.
        std::fs::remove_file(root.join("web-1.0.0.tgz")).expect("it is removed");
        push(backend, "", &Chart::new("web", "1.0.0"))
            .await
            .expect("the name is free");
        std::fs::remove_file(root.join("web-1.0.0.tgz")).expect("it is removed");
        assert!(!index(backend, "").await.contains("web-1.0.0.tgz"));
        assert_eq!(
            catalog(backend).await,
            ["hosted.org.repo/db 2.0.0", "hosted/new 1.0.0"]
        );

        // Switched off they leave the catalog; their files stay, and they come back with them.
        let world = world.restart(|settings| settings.hosted.enabled = false).await;
        assert!(catalog(&world.backend).await.is_empty());
        let world = world
            .restart(|settings| settings.hosted.depth_dynamic = true)
            .await;
        assert!(
            index(&world.backend, "org/repo")
                .await
                .contains("charts/db-2.0.0.tgz")
        );
        // Another depth has other places.
        let world = world.restart(|settings| settings.hosted.depth = 0).await;
        assert!(index(&world.backend, "").await.contains("new-1.0.0.tgz"));
        assert_eq!(catalog(&world.backend).await, ["hosted/new 1.0.0"]);
    });
}

#[test]
fn tenants_keep_to_themselves() {
    block_on(async {
        let world = World::with(|settings| settings.hosted.depth = 2).await;
        let backend = &world.backend;
        push(backend, "org/one", &Chart::new("web", "1.0.0"))
            .await
            .expect("it is taken");
        push(backend, "org/two", &Chart::new("web", "1.0.0"))
            .await
            .expect("it is taken");
        backend
            .hosted()
            .delete(&Viewer::system(), "org/one", "web", "1.0.0")
            .await
            .expect("it is deleted");
        assert!(!index(backend, "org/one").await.contains("web"));
        assert!(index(backend, "org/two").await.contains("web"));
        assert_eq!(catalog(backend).await, ["hosted.org.two/web 1.0.0"]);
        for tenant in [
            "",
            "org",
            "org/../one",
            "../org",
            "org/one/x",
            ".staging/x",
            "org/.x",
        ] {
            let refused = push(backend, tenant, &Chart::new("web", "2.0.0")).await;
            assert!(
                matches!(refused, Err(HostedError::Other(Error::NotFound { .. }))),
                "{tenant}: {refused:?}"
            );
        }
        assert_eq!(files(&world), ["org/two/web-1.0.0.tgz"]);
        // Asking for what is not there leaves nothing.
        assert!(index(backend, "no/body").await.contains("entries: {}"));
        assert_eq!(
            backend
                .repositories()
                .list(&Viewer::anonymous())
                .await
                .expect("a list")
                .len(),
            2
        );
    });
}

#[test]
fn the_icon_that_an_uploaded_chart_names_is_fetched() {
    block_on(async {
        let world = World::with(|settings| settings.upstream.allow_private_networks = true).await;
        let upstream = Upstream::start().await;
        upstream.put_bytes("/a.svg", "<svg><path d=\"M0 0\"/></svg>");
        let chart = Chart::new("web", "1.0.0").with(&format!("icon: {}/a.svg\n", upstream.url()));
        push(&world.backend, "", &chart).await.expect("it is taken");
        let jobs = world.backend.start();
        let begun = std::time::Instant::now();
        loop {
            let list = world
                .backend
                .catalog()
                .list(&Viewer::anonymous(), CatalogQuery::default())
                .await;
            if list.expect("a list").charts.items[0].chart.icon.is_some() {
                break;
            }
            assert!(begun.elapsed().as_secs() < 30, "it is not fetched");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        jobs.shutdown().await;
    });
}

#[test]
fn strangers_do_not_upload_and_their_attempts_cost_no_line() {
    block_on(async {
        let world = World::new().await;
        let hosted = world.backend.hosted();
        let new = NewUpload {
            archive: Some(Bytes::from(Chart::new("web", "1.0.0").archive())),
            ..NewUpload::default()
        };
        let refused = hosted.upload(&Viewer::anonymous(), "", new).await;
        assert!(
            matches!(refused, Err(HostedError::Other(Error::Unauthenticated { .. }))),
            "{refused:?}"
        );
        push(&world.backend, "", &Chart::new("web", "1.0.0"))
            .await
            .expect("it is taken");
        let log = world
            .backend
            .audit()
            .list(&Viewer::system(), None, None)
            .await
            .expect("a log");
        let lines: Vec<(&str, &str)> = log
            .entries
            .iter()
            .map(|entry| (entry.action.as_str(), entry.object.as_str()))
            .collect();
        assert_eq!(lines, [("hosted.push", "web-1.0.0.tgz")]);
    });
}

/// An index, as it is and compressed, and its tag.
async fn packed(backend: &Backend) -> (Vec<u8>, Vec<u8>, String) {
    let index = backend
        .hosted()
        .index(&Viewer::system(), "")
        .await
        .expect("an index");
    let gzip = index.text.gzip().await.expect("it is compressed");
    (index.text.plain().concat(), gzip.concat(), index.etag)
}

#[test]
fn replicas_on_one_database_answer_alike_at_once() {
    block_on(async {
        let Some(database) = PostgresDatabase::create().await else {
            eprintln!("skipped: TEST_DATABASE_URL is not set");
            return;
        };
        let dir = tempfile::tempdir().expect("a directory");
        let open = || {
            let settings = Settings {
                database: backend::settings::DatabaseSettings {
                    url: SecretString::new(database.url.as_str()),
                    ..Default::default()
                },
                ..settings(dir.path())
            };
            Backend::open_with_clock(settings, Arc::new(FixedClock::new(NOW)))
        };
        let (one, two) = (open().await.expect("it opens"), open().await.expect("it opens"));
        for n in 0..20 {
            let (here, there) = if n % 2 == 0 { (&one, &two) } else { (&two, &one) };
            let chart = Chart::new("web", &format!("1.{n}.0"));
            push(here, "", &chart).await.expect("it is taken");
            let file = format!("web-1.{n}.0.tgz");
            assert!(
                index(there, "").await.contains(&file),
                "{file} is in the other's index"
            );
            assert_eq!(archive(there, "", &file).await, Some(chart.archive()));
            let (a, b) = (packed(here).await, packed(there).await);
            assert!(a == b, "the same text, compressed alike, under one tag");
            assert_eq!(catalog(there).await, [format!("hosted/web 1.{n}.0")]);
        }
        // One version at both at the same time.
        for n in 0..10 {
            let chart = Chart::new("race", &format!("1.{n}.0"));
            let (a, b) = tokio::join!(push(&one, "", &chart), push(&two, "", &chart));
            assert_eq!(
                usize::from(a.is_ok()) + usize::from(b.is_ok()),
                1,
                "{a:?} and {b:?}"
            );
        }
        // Uploaded here, deleted there, again and again.
        for _ in 0..10 {
            let chart = Chart::new("flip", "1.0.0");
            push(&one, "", &chart).await.expect("it is taken");
            let viewer = Viewer::system();
            two.hosted()
                .delete(&viewer, "", "flip", "1.0.0")
                .await
                .expect("it is deleted");
            assert!(!index(&one, "").await.contains("flip"));
        }
        one.close().await;
        two.close().await;
        database.drop().await;
    });
}

#[test]
fn where_nothing_is_deleted_no_door_deletes() {
    block_on(async {
        let world = World::with(|settings| settings.hosted.delete = false).await;
        let backend = &world.backend;
        push(backend, "", &Chart::new("web", "1.0.0"))
            .await
            .expect("it is taken");
        let admin = super::accounts::admin(&world).await;
        let deleted = backend.hosted().delete(&admin, "", "web", "1.0.0").await;
        let reason = deleted.expect_err("it is off").to_string();
        assert!(reason.contains("`hosted.delete` is off"), "{reason}");
        let deleted = backend.oci().delete(&admin, "hosted/web", "1.0.0").await;
        let reason = deleted.expect_err("it is off").to_string();
        assert!(reason.contains("`hosted.delete` is off"), "{reason}");
        let repositories = backend.repositories().list(&admin).await.expect("a list");
        let can = &repositories[0].can;
        assert!(
            can.contains(&RepositoryAction::Push) && !can.contains(&RepositoryAction::Delete),
            "{can:?}"
        );
        assert_eq!(catalog(backend).await, ["hosted/web 1.0.0"]);
    });
}
