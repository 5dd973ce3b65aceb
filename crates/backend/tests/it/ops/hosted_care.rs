//! What people decide about hosted charts: who sees them, deprecating, yanking, deleting and taking that back.

use backend::ops::{HostedError, NewUpload};
use backend::{Backend, Bytes, Error, Viewer};
use model::hosted::{FindingLevel, HostedRepository};

use crate::support::block_on;
use crate::support::hosted::{archive, found, index, on_each, push};
use crate::support::upstream::Chart;
use crate::support::world::settings;

async fn repository(backend: &Backend, viewer: &Viewer) -> HostedRepository {
    let found = backend.hosted().repository(viewer, "").await.expect("it is told");
    found.expect("there is one")
}

#[test]
fn what_is_private_is_for_those_alone_who_may_see_it() {
    on_each(|place| async move {
        let backend = &place.backend;
        let (system, nobody) = (Viewer::system(), Viewer::anonymous());
        push(backend, "", "open", "1.0.0").await;
        push(backend, "", "secret", "1.0.0").await;
        let hosted = backend.hosted();
        hosted
            .set_private(&system, "", Some("secret"), true)
            .await
            .expect("it is private");
        assert_eq!(found(backend, &nobody).await, ["open 1.0.0"]);
        assert_eq!(found(backend, &system).await, ["open 1.0.0", "secret 1.0.0"]);
        assert!(!index(backend, &nobody, "").await.contains("secret"));
        assert!(index(backend, &system, "").await.contains("secret"));
        assert_eq!(archive(backend, &nobody, "", "secret-1.0.0.tgz").await, None);
        assert!(archive(backend, &system, "", "secret-1.0.0.tgz").await.is_some());
        assert_eq!(repository(backend, &nobody).await.charts.len(), 1);
        let summary = backend
            .repositories()
            .get(&nobody, "hosted")
            .await
            .expect("it is there");
        assert_eq!((summary.summary.n_charts, summary.summary.n_versions), (1, 1));

        // A new version is as private as the others, and another chart is not.
        push(backend, "", "secret", "2.0.0").await;
        push(backend, "", "other", "1.0.0").await;
        assert_eq!(found(backend, &nobody).await, ["open 1.0.0", "other 1.0.0"]);

        // A repository that is private has nothing for visitors, not even itself.
        hosted
            .set_private(&system, "", None, true)
            .await
            .expect("it is private");
        assert!(found(backend, &nobody).await.is_empty());
        assert!(!index(backend, &nobody, "").await.contains("open"));
        let gone = backend.repositories().get(&nobody, "hosted").await;
        assert!(matches!(gone, Err(Error::NotFound { .. })), "{gone:?}");
        hosted
            .set_private(&system, "", None, false)
            .await
            .expect("it is public");
        assert_eq!(found(backend, &nobody).await, ["open 1.0.0", "other 1.0.0"]);

        let error = hosted.set_private(&nobody, "", None, true).await;
        assert!(
            matches!(error, Err(HostedError::Other(Error::Unauthenticated { .. }))),
            "{error:?}"
        );
        place
    });
}

#[test]
fn a_yanked_version_is_had_by_its_name_and_a_deprecated_chart_says_so_everywhere() {
    on_each(|place| async move {
        let backend = &place.backend;
        let (system, nobody) = (Viewer::system(), Viewer::anonymous());
        push(backend, "", "web", "1.0.0").await;
        push(backend, "", "web", "1.1.0").await;
        let hosted = backend.hosted();
        hosted
            .yank(&system, "", "web", "1.1.0", Some(" loses data "))
            .await
            .expect("it is yanked");
        assert!(!index(backend, &nobody, "").await.contains("1.1.0"));
        assert_eq!(found(backend, &nobody).await, ["web 1.0.0"]);
        assert!(archive(backend, &nobody, "", "web-1.1.0.tgz").await.is_some());
        let detail = backend
            .charts()
            .get(&nobody, "hosted", "web", Some("1.1.0"))
            .await;
        assert_eq!(
            detail.expect("its page").version.yanked_because.as_deref(),
            Some("loses data")
        );

        hosted
            .deprecate(&system, "", "web", Some("use shop"))
            .await
            .expect("it is deprecated");
        push(backend, "", "web", "1.2.0").await;
        let text = index(backend, &nobody, "").await;
        assert_eq!(text.matches("deprecated: true").count(), 2, "{text}");
        let detail = backend
            .charts()
            .get(&nobody, "hosted", "web", None)
            .await
            .expect("its page");
        assert!(detail.version.deprecated && detail.version.version == "1.2.0");
        assert_eq!(detail.version.deprecated_because.as_deref(), Some("use shop"));

        // Both are taken back, and leave nothing.
        hosted
            .yank(&system, "", "web", "1.1.0", None)
            .await
            .expect("it is back");
        hosted
            .deprecate(&system, "", "web", None)
            .await
            .expect("it is fine");
        let text = index(backend, &nobody, "").await;
        assert!(
            text.contains("1.1.0") && !text.contains("deprecated: true"),
            "{text}"
        );
        let detail = backend
            .charts()
            .get(&nobody, "hosted", "web", None)
            .await
            .expect("its page");
        assert!(!detail.version.deprecated);

        let missing = hosted.yank(&system, "", "web", "9.0.0", Some("x")).await;
        assert!(matches!(missing, Err(HostedError::Missing { .. })), "{missing:?}");
        for reason in ["", "  ", "two\nlines"] {
            let invalid = hosted.deprecate(&system, "", "web", Some(reason)).await;
            let is_invalid = matches!(invalid, Err(HostedError::Other(Error::Invalid { .. })));
            assert!(is_invalid, "{reason:?}: {invalid:?}");
        }
        place
    });
}

#[test]
fn what_was_deleted_looks_gone_at_once_and_comes_back_as_it_was() {
    on_each(|place| async move {
        let backend = &place.backend;
        let (system, nobody) = (Viewer::system(), Viewer::anonymous());
        push(backend, "", "web", "1.0.0").await;
        push(backend, "", "web", "1.1.0").await;
        push(backend, "", "db", "1.0.0").await;
        let before = index(backend, &nobody, "").await;
        let hosted = backend.hosted();
        hosted
            .yank(&system, "", "web", "1.0.0", Some("old"))
            .await
            .expect("it is yanked");
        let deleted = hosted
            .delete_some(&system, "", "web", None)
            .await
            .expect("it is deleted");
        assert_eq!((deleted.n_versions, deleted.restorable.len()), (2, 2));
        assert!(!index(backend, &nobody, "").await.contains("web"));
        assert_eq!(found(backend, &nobody).await, ["db 1.0.0"]);
        assert_eq!(archive(backend, &system, "", "web-1.1.0.tgz").await, None);
        assert_eq!(place.kept(), 2);
        assert!(
            repository(backend, &nobody).await.deleted.is_empty(),
            "visitors are not told"
        );
        assert_eq!(repository(backend, &system).await.deleted.len(), 2);

        for id in &deleted.restorable {
            hosted.restore(&system, "", *id).await.expect("it is back");
        }
        assert_eq!(place.kept(), 0);
        // What was said of a version holds, too.
        assert!(!index(backend, &nobody, "").await.contains("web-1.0.0.tgz"));
        hosted
            .yank(&system, "", "web", "1.0.0", None)
            .await
            .expect("it is unyanked");
        let created = |text: &str| -> Vec<String> {
            let lines = text
                .lines()
                .filter(|line| line.contains("digest:") || line.contains("web-"));
            lines.map(str::to_owned).collect()
        };
        assert_eq!(created(&index(backend, &nobody, "").await), created(&before));
        assert_eq!(
            archive(backend, &nobody, "", "web-1.1.0.tgz").await,
            Some(Chart::new("web", "1.1.0").archive())
        );
        let twice = hosted.restore(&system, "", deleted.restorable[0]).await;
        assert!(matches!(twice, Err(HostedError::Missing { .. })), "{twice:?}");
        place
    });
}

#[test]
fn a_version_can_be_uploaded_after_it_was_deleted_and_is_not_overwritten_by_undo() {
    on_each(|place| async move {
        let backend = &place.backend;
        let system = Viewer::system();
        push(backend, "", "web", "1.0.0").await;
        let hosted = backend.hosted();
        let deleted = hosted
            .delete_some(&system, "", "web", Some("1.0.0"))
            .await
            .expect("it is deleted");
        push(backend, "", "web", "1.0.0").await;
        let undone = hosted.restore(&system, "", deleted.restorable[0]).await;
        assert!(matches!(undone, Err(HostedError::Exists { .. })), "{undone:?}");
        assert_eq!(place.kept(), 1, "nothing is lost by the attempt");

        // After its time it goes for good, and a file that no row names goes with it.
        std::fs::write(place.dir.path().join("hosted/.kept/stray"), "x").expect("it is written");
        place.clock.advance_secs(3_599);
        hosted.purge(&system).await.expect("it is purged");
        assert_eq!(place.kept(), 1);
        place.clock.advance_secs(1);
        hosted.purge(&system).await.expect("it is purged");
        assert_eq!(place.kept(), 0);
        let late = hosted.restore(&system, "", deleted.restorable[0]).await;
        assert!(matches!(late, Err(HostedError::Missing { .. })), "{late:?}");
        assert_eq!(found(backend, &system).await, ["web 1.0.0"]);
        place
    });
}

#[test]
fn what_was_deleted_makes_room_where_there_is_none() {
    block_on(async {
        let dir = tempfile::tempdir().expect("a directory");
        let archive = Bytes::from(Chart::new("web", "1.0.0").archive());
        let mut settings = settings(dir.path());
        settings.hosted.quota_bytes = archive.len() as u64 + 100;
        let backend = Backend::open(settings).await.expect("it opens");
        let system = Viewer::system();
        push(&backend, "", "web", "1.0.0").await;
        let hosted = backend.hosted();
        let new = || NewUpload {
            archive: Some(Bytes::from(Chart::new("web", "1.0.1").archive())),
            ..NewUpload::default()
        };
        let full = hosted.upload(&system, "", new()).await;
        assert!(matches!(full, Err(HostedError::Full { .. })), "{full:?}");
        let deleted = hosted
            .delete_some(&system, "", "web", None)
            .await
            .expect("it is deleted");
        hosted.upload(&system, "", new()).await.expect("there is room");
        let late = hosted.restore(&system, "", deleted.restorable[0]).await;
        assert!(matches!(late, Err(HostedError::Missing { .. })), "{late:?}");
    });
}

#[test]
fn a_check_says_what_would_be_refused_and_keeps_nothing() {
    on_each(|place| async move {
        let backend = &place.backend;
        let system = Viewer::system();
        let check = async |name: &str, version: &str| {
            let archive = Bytes::from(Chart::new(name, version).archive());
            let check = backend.hosted().check_archive(&system, "", archive).await;
            check.expect("it is checked")
        };
        let before = check("web", "1.0.0").await;
        assert_eq!(
            before.chart.as_ref().map(|chart| chart.name.as_str()),
            Some("web")
        );
        assert!(
            before
                .findings
                .iter()
                .all(|one| one.level != FindingLevel::Refused),
            "{before:?}"
        );
        assert!(found(backend, &system).await.is_empty());
        push(backend, "", "web", "1.0.0").await;
        let after = check("web", "1.0.0").await;
        assert_eq!(after.findings[0].level, FindingLevel::Refused, "{after:?}");
        let refused = backend
            .hosted()
            .check_archive(&Viewer::anonymous(), "", Bytes::new())
            .await;
        assert!(
            matches!(refused, Err(Error::Unauthenticated { .. })),
            "{refused:?}"
        );
        place
    });
}
