//! Charts taken along in a file and brought in elsewhere.

use std::path::{Path, PathBuf};

use backend::ops::{
    BundleEntry, ExportOptions, Exported, HostedError, ImportOptions, Imported, NewUpload, WantedCharts,
};
use backend::{Backend, Bytes, Error, Viewer};
use futures_util::TryStreamExt as _;

use crate::support::block_on;
use crate::support::upstream::{Chart, Upstream};
use crate::support::world::World;

const ALL: ExportOptions = ExportOptions {
    with_dependencies: true,
    with_images: true,
};

fn signed(name: &str, version: &str) -> Bytes {
    Bytes::from(format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: {name}\nversion: {version}\n"
    ))
}

fn wanted(names: &[&str]) -> Vec<WantedCharts> {
    names.iter().map(|name| name.parse().expect("a name")).collect()
}

/// Repository `team` is followed and has charts that depend on others; `hosted` has one that is signed.
async fn source() -> (World, Upstream, PathBuf) {
    let (world, upstream) = (World::new().await, Upstream::start().await);
    let depends = format!(
        "dependencies:\n- name: common\n  version: 1.x.x\n  repository: {}\n- name: gone\n  version: ^2\n  \
         repository: https://elsewhere.example.com\n",
        upstream.url()
    );
    let deployment = "kind: Pod\napiVersion: v1\nmetadata: {name: x}\nspec: {containers: [{name: a, image: \
                      reg/rendered:2}]}\n";
    upstream.publish(&[
        Chart::new("app", "1.0.0").with_file("templates/deployment.yaml", deployment),
        Chart::new("app", "2.0.0+build.7").with(&depends),
        Chart::new("common", "1.0.0"),
        Chart::new("common", "1.4.0"),
        Chart::new("common", "2.0.0"),
    ]);
    world.add("team", &upstream).await;
    world.sync("team").await;
    let new = NewUpload {
        archive: Some(Bytes::from(Chart::new("sealed", "3.0.0").archive())),
        provenance: Some(signed("sealed", "3.0.0")),
        force: false,
    };
    let uploaded = world.backend.hosted().upload(&Viewer::system(), "", new).await;
    uploaded.expect("it is taken");
    let path = world.dir.path().join("bundle.tar");
    (world, upstream, path)
}

async fn export(
    world: &World,
    names: &[&str],
    options: ExportOptions,
    path: &Path,
) -> Result<Exported, Error> {
    let bundles = world.backend.bundles();
    let names = wanted(names);
    bundles
        .export(&Viewer::system(), &names, options, path, &mut |_, _, _| {})
        .await
}

async fn import(backend: &Backend, path: &Path, options: &ImportOptions) -> Result<Vec<String>, Error> {
    let mut told = Vec::new();
    let mut tell = |entry: &BundleEntry, outcome: &Imported| {
        told.push(format!("{} {} {outcome:?}", entry.name, entry.version));
    };
    backend
        .bundles()
        .import(&Viewer::system(), path, options, &mut tell)
        .await?;
    Ok(told)
}

async fn file(backend: &Backend, tenant: &str, name: &str) -> Option<Vec<u8>> {
    let download = match backend.hosted().download(&Viewer::system(), tenant, name).await {
        Ok(download) => download,
        Err(HostedError::Missing { .. }) => return None,
        Err(error) => panic!("{error}"),
    };
    let parts: Vec<Bytes> = download.body.try_collect().await.expect("it reads");
    Some(parts.concat())
}

#[test]
fn charts_go_with_what_they_depend_on_their_signatures_and_the_names_of_their_images() {
    block_on(async {
        let (world, _upstream, path) = source().await;
        let names = ["team/app", "team/app@1.0.0", "hosted/sealed@3"];
        let exported = export(&world, &names, ALL, &path).await.expect("it is written");
        assert_eq!((exported.n_charts, exported.n_signed), (4, 1));
        assert_eq!(exported.images, ["reg/app:v1", "reg/rendered:2"]);
        assert_eq!(exported.concerns.len(), 1, "{:?}", exported.concerns);
        assert!(
            exported.concerns[0].contains("depends on gone ^2"),
            "{:?}",
            exported.concerns
        );
        assert_eq!(
            std::fs::metadata(&path).expect("it is there").len(),
            exported.size_bytes
        );

        let bundles = world.backend.bundles();
        let contents = bundles
            .contents(&Viewer::system(), &path, true)
            .await
            .expect("it reads");
        let found: Vec<String> = contents
            .charts
            .iter()
            .map(|chart| {
                format!(
                    "{}/{} {} {}",
                    chart.repository, chart.name, chart.version, chart.is_signed
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                "hosted/sealed 3.0.0 true",
                "team/app 1.0.0 false",
                "team/app 2.0.0+build.7 false",
                "team/common 1.4.0 false",
            ]
        );
        assert_eq!((contents.images, contents.wrong), (exported.images, Vec::new()));

        let before = std::fs::read(&path).expect("it is there");
        export(&world, &names, ALL, &path).await.expect("it is written");
        assert_eq!(
            std::fs::read(&path).expect("it is there"),
            before,
            "equal charts, equal bytes"
        );

        // Brought in where there is no network, byte for byte.
        let other = World::new().await;
        let told = import(&other.backend, &path, &ImportOptions::default())
            .await
            .expect("it is read");
        assert_eq!(
            told,
            [
                "sealed 3.0.0 Added",
                "app 1.0.0 Added",
                "app 2.0.0+build.7 Added",
                "common 1.4.0 Added"
            ]
        );
        assert_eq!(
            file(&other.backend, "", "common-1.4.0.tgz").await,
            Some(Chart::new("common", "1.4.0").archive())
        );
        assert_eq!(
            file(&other.backend, "", "sealed-3.0.0.tgz.prov")
                .await
                .map(Bytes::from),
            Some(signed("sealed", "3.0.0"))
        );
        // Again, as after an import that was cut off.
        let told = import(&other.backend, &path, &ImportOptions::default())
            .await
            .expect("it is read");
        assert!(told.iter().all(|line| line.ends_with("Unchanged")), "{told:?}");
    });
}

#[test]
fn an_import_changes_nothing_that_is_there_and_refuses_by_chart() {
    block_on(async {
        let (world, _upstream, path) = source().await;
        export(&world, &["team/*", "hosted/sealed"], ALL, &path)
            .await
            .expect("it is written");
        let other = World::new().await;
        let theirs = Chart::new("app", "2.0.0+build.7");
        for (chart, archive) in [
            ("app", theirs.archive()),
            ("sealed", Chart::new("sealed", "3.0.0").archive()),
        ] {
            let new = NewUpload {
                archive: Some(Bytes::from(archive)),
                ..NewUpload::default()
            };
            let uploaded = other.backend.hosted().upload(&Viewer::system(), "", new).await;
            uploaded.unwrap_or_else(|error| panic!("{chart}: {error}"));
        }
        let told = import(&other.backend, &path, &ImportOptions::default())
            .await
            .expect("it is read");
        assert_eq!(told.len(), 4, "{told:?}");
        // It was there without its signature.
        assert_eq!(told[0], "sealed 3.0.0 Added");
        assert!(
            told[1].contains("Refused(\"app-2.0.0+build.7.tgz exists already"),
            "{told:?}"
        );
        assert_eq!(told[2..], ["common 1.4.0 Added", "common 2.0.0 Added"]);
        assert_eq!(
            file(&other.backend, "", "app-2.0.0+build.7.tgz").await,
            Some(theirs.archive())
        );
        let force = ImportOptions {
            force: true,
            ..ImportOptions::default()
        };
        let told = import(&other.backend, &path, &force).await.expect("it is read");
        assert_eq!(told[1], "app 2.0.0+build.7 Added");

        let nobody = Viewer::anonymous();
        let refused = other
            .backend
            .bundles()
            .import(&nobody, &path, &force, &mut |_, _| {})
            .await;
        assert!(
            matches!(
                refused,
                Err(Error::Unauthenticated { .. } | Error::Forbidden { .. })
            ),
            "{refused:?}"
        );
    });
}

#[test]
fn repositories_stay_apart_where_that_is_asked_for() {
    block_on(async {
        let (world, _upstream, path) = source().await;
        export(&world, &["team/common", "hosted/sealed"], ALL, &path)
            .await
            .expect("it is written");
        let other = World::with(|settings| settings.hosted.depth = 2).await;
        let options = ImportOptions {
            tenant: "mirrors".to_owned(),
            keep_repositories: true,
            ..ImportOptions::default()
        };
        let told = import(&other.backend, &path, &options).await.expect("it is read");
        assert_eq!(told, ["sealed 3.0.0 Added", "common 2.0.0 Added"]);
        assert!(
            file(&other.backend, "mirrors/team", "common-2.0.0.tgz")
                .await
                .is_some()
        );
        assert!(
            file(&other.backend, "mirrors/hosted", "sealed-3.0.0.tgz")
                .await
                .is_some()
        );
    });
}

#[test]
fn what_is_not_there_or_damaged_is_said_before_anything_is_written_or_taken() {
    block_on(async {
        let (world, _upstream, path) = source().await;
        for names in [["team/none"], ["nowhere/app"], ["team/app@^9"]] {
            let error = export(&world, &names, ALL, &path)
                .await
                .expect_err("it is not there");
            assert!(
                matches!(error, Error::NotFound { .. } | Error::Invalid { .. }),
                "{names:?}: {error}"
            );
        }
        assert!(!path.exists());
        export(&world, &["team/common"], ALL, &path)
            .await
            .expect("it is written");
        let mut bytes = std::fs::read(&path).expect("it is there");
        // The first blob is the archive.
        bytes[512 * 3 + 20] ^= 1;
        std::fs::write(&path, &bytes).expect("it is written");
        let contents = world
            .backend
            .bundles()
            .contents(&Viewer::system(), &path, true)
            .await;
        let wrong = contents.expect("it reads").wrong;
        assert!(wrong.len() == 1 && wrong[0].contains("damaged"), "{wrong:?}");
        let other = World::new().await;
        let told = import(&other.backend, &path, &ImportOptions::default())
            .await
            .expect("it is read");
        assert!(told.len() == 1 && told[0].contains("damaged"), "{told:?}");
        assert_eq!(file(&other.backend, "", "common-2.0.0.tgz").await, None);

        std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("it is written");
        let error = import(&other.backend, &path, &ImportOptions::default()).await;
        let error = error.expect_err("it is cut off").to_string();
        assert!(error.contains("bundle.tar"), "{error}");
    });
}
