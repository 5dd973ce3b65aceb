//! Copying versions from one hosted repository to another.

use backend::ops::{HostedError, NewUpload, VersionCopy};
use backend::{Backend, Bytes, Error, Settings, Viewer};

use crate::support::hosted::{archive, found, index, log, on_each_with, push};
use crate::support::upstream::Chart;

fn tenants(settings: &mut Settings) {
    settings.hosted.depth_dynamic = true;
}

fn version<'a>(name: &'a str, version: &'a str) -> VersionCopy<'a> {
    VersionCopy {
        name,
        version,
        force: false,
        publish: false,
    }
}

async fn copy(backend: &Backend, from: &str, to: &str, what: VersionCopy<'_>) -> Result<String, HostedError> {
    let copied = backend.hosted().copy(&Viewer::system(), from, to, what).await?;
    Ok(copied.digest)
}

#[test]
fn a_copy_is_the_same_bytes_and_the_original_stays() {
    on_each_with(tenants, |place| async move {
        let backend = &place.backend;
        let (system, nobody) = (Viewer::system(), Viewer::anonymous());
        let bytes = Bytes::from(Chart::new("web", "1.0.0").archive());
        let signed = Bytes::from_static(
            b"-----BEGIN PGP SIGNED MESSAGE-----\n\nname: web\nversion: 1.0.0\n\n...\nfiles:\n  web-1.0.0.tgz: sha256:00\n",
        );
        let new = NewUpload {
            archive: Some(bytes.clone()),
            provenance: Some(signed.clone()),
            force: false,
        };
        let uploaded = backend
            .hosted()
            .upload(&system, "org/dev", new)
            .await
            .expect("it is taken");
        let before = index(backend, &nobody, "org/dev").await;

        let digest = copy(backend, "org/dev", "org/prod", version("web", "1.0.0"))
            .await
            .expect("it is copied");
        assert_eq!(Some(digest), uploaded.version.map(|version| version.digest));
        let file = async |tenant, file| archive(backend, &nobody, tenant, file).await;
        assert_eq!(file("org/prod", "web-1.0.0.tgz").await.as_deref(), Some(&*bytes));
        assert_eq!(
            file("org/prod", "web-1.0.0.tgz.prov").await.as_deref(),
            Some(&*signed)
        );
        assert_eq!(file("org/dev", "web-1.0.0.tgz").await.as_deref(), Some(&*bytes));
        assert_eq!(
            index(backend, &nobody, "org/dev").await,
            before,
            "the original is as it was"
        );
        assert!(
            index(backend, &nobody, "org/prod")
                .await
                .contains("web-1.0.0.tgz")
        );
        assert_eq!(found(backend, &nobody).await, ["web 1.0.0", "web 1.0.0"]);
        assert_eq!(
            log(backend).await[0],
            "hosted.copy org/prod: web 1.0.0: from org/dev"
        );

        // What holds for uploads holds for copies.
        let again = copy(backend, "org/dev", "org/prod", version("web", "1.0.0")).await;
        assert!(matches!(again, Err(HostedError::Exists { .. })), "{again:?}");
        let forced = VersionCopy {
            force: true,
            ..version("web", "1.0.0")
        };
        copy(backend, "org/dev", "org/prod", forced)
            .await
            .expect("it is replaced");
        let itself = copy(backend, "org/dev", "org/dev", version("web", "1.0.0")).await;
        assert!(
            matches!(
                itself,
                Err(HostedError::Other(Error::Invalid { field: "to", .. }))
            ),
            "{itself:?}"
        );
        for (name, number) in [
            ("web", "2.0.0"),
            ("nothing", "1.0.0"),
            ("../web", "1.0.0"),
            ("web-1.0.0", ""),
        ] {
            let missing = copy(backend, "org/dev", "org/prod", version(name, number)).await;
            assert!(
                matches!(missing, Err(HostedError::Missing { .. })),
                "{name} {number}: {missing:?}"
            );
        }
        let nowhere = copy(backend, "org/dev", "../prod", version("web", "1.0.0")).await;
        assert!(
            matches!(nowhere, Err(HostedError::Other(Error::NotFound { .. }))),
            "{nowhere:?}"
        );
        let refused = backend
            .hosted()
            .copy(&nobody, "org/dev", "org/other", version("web", "1.0.0"))
            .await;
        assert!(
            matches!(refused, Err(HostedError::Other(Error::Unauthenticated { .. }))),
            "{refused:?}"
        );
        assert!(!index(backend, &system, "org/other").await.contains("web"));
        place
    });
}

#[test]
fn what_is_private_stays_so_unless_somebody_says_otherwise() {
    on_each_with(tenants, |place| async move {
        let backend = &place.backend;
        let (system, nobody) = (Viewer::system(), Viewer::anonymous());
        let hosted = backend.hosted();
        push(backend, "dev", "secret", "1.0.0").await;
        push(backend, "dev", "secret", "1.1.0").await;
        let private = hosted.set_private(&system, "dev", Some("secret"), true).await;
        private.expect("it is private");
        copy(backend, "dev", "prod", version("secret", "1.0.0"))
            .await
            .expect("it is copied");
        assert!(found(backend, &nobody).await.is_empty(), "a copy is as private");
        assert_eq!(archive(backend, &nobody, "prod", "secret-1.0.0.tgz").await, None);
        assert!(
            archive(backend, &system, "prod", "secret-1.0.0.tgz")
                .await
                .is_some()
        );

        // Where the chart is public, a private version is not put beside it.
        push(backend, "open", "secret", "0.9.0").await;
        let refused = copy(backend, "dev", "open", version("secret", "1.1.0")).await;
        assert!(
            matches!(refused, Err(HostedError::Other(Error::Conflict { .. }))),
            "{refused:?}"
        );
        assert!(!index(backend, &system, "open").await.contains("1.1.0"));
        let said = VersionCopy {
            publish: true,
            ..version("secret", "1.1.0")
        };
        copy(backend, "dev", "open", said).await.expect("it is published");
        assert!(index(backend, &nobody, "open").await.contains("1.1.0"));

        // Of a repository that is private as a whole, too.
        push(backend, "closed", "inner", "1.0.0").await;
        let private = hosted.set_private(&system, "closed", None, true).await;
        private.expect("it is private");
        copy(backend, "closed", "fresh", version("inner", "1.0.0"))
            .await
            .expect("it is copied");
        assert!(!index(backend, &nobody, "fresh").await.contains("inner"));
        place
    });
}

#[test]
fn a_yanked_version_is_yanked_where_it_is_copied_to() {
    on_each_with(tenants, |place| async move {
        let backend = &place.backend;
        let system = Viewer::system();
        push(backend, "dev", "web", "1.0.0").await;
        push(backend, "dev", "web", "1.1.0").await;
        let hosted = backend.hosted();
        let yanked = hosted.yank(&system, "dev", "web", "1.1.0", Some("loses data"));
        yanked.await.expect("it is yanked");
        for number in ["1.0.0", "1.1.0"] {
            copy(backend, "dev", "prod", version("web", number))
                .await
                .expect("it is copied");
        }
        let text = index(backend, &system, "prod").await;
        assert!(text.contains("1.0.0") && !text.contains("1.1.0"), "{text}");
        assert!(archive(backend, &system, "prod", "web-1.1.0.tgz").await.is_some());
        place
    });
}
