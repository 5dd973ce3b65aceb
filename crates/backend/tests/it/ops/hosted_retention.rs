//! Rules by which versions of hosted repositories go.

use std::time::{Duration, UNIX_EPOCH};

use backend::ops::HostedError;
use backend::{Error, Viewer};
use model::retention::{Retention, RetentionRules};

use crate::support::hosted::{Place, archive, found, index, log, on_each, on_each_with, push};
use crate::support::world::NOW;

const DAY_SECS: u64 = 86_400;

/// Uploads a version and lets it be so many days old: a file is as old as the disk says.
async fn push_old(place: &Place, name: &str, version: &str, days: u64) {
    push(&place.backend, "", name, version).await;
    let file_name = format!("{name}-{version}.tgz");
    let path = place.dir.path().join("hosted").join(&file_name);
    let file = std::fs::File::options()
        .append(true)
        .open(path)
        .expect("it is there");
    let at = UNIX_EPOCH + Duration::from_secs(NOW.0.unsigned_abs() - days * DAY_SECS);
    file.set_modified(at).expect("it is stamped");
    // Whoever asks for a file makes its changes known.
    let bytes = archive(&place.backend, &Viewer::system(), "", &file_name).await;
    assert!(bytes.is_some());
}

fn going(retention: &Retention) -> Vec<String> {
    let versions = retention.plan.versions.iter();
    versions
        .map(|one| format!("{} {}", one.chart, one.version))
        .collect()
}

fn keep(keep_releases: u32) -> RetentionRules {
    RetentionRules {
        keep_releases,
        ..RetentionRules::default()
    }
}

#[test]
fn nothing_goes_before_what_goes_is_confirmed_and_then_it_goes_by_itself() {
    on_each(|place| async move {
        let backend = &place.backend;
        let (hosted, system) = (backend.hosted(), Viewer::system());
        for (version, days) in [("1.0.0", 90), ("1.1.0", 60), ("1.2.0", 30), ("2.0.0-rc.1", 20)] {
            push_old(&place, "web", version, days).await;
        }
        push_old(&place, "db", "0.1.0", 900).await;
        let rules = RetentionRules {
            release_days: 45,
            ..keep(1)
        };
        let shown = hosted
            .set_retention(&system, "", Some(rules))
            .await
            .expect("it is set");
        assert_eq!(going(&shown), ["web 1.1.0", "web 1.0.0"]);
        assert_eq!((shown.plan.n_versions, shown.plan.n_kept), (2, 3));
        assert_eq!(
            shown.plan.versions[0].reason,
            "1 newer release; 1 stays; uploaded 60 days ago, kept for 45"
        );
        assert!(!shown.is_applied && shown.is_own);
        hosted.run_retention(&system).await.expect("it runs");
        assert!(
            index(backend, &system, "").await.contains("web-1.0.0.tgz"),
            "nobody has confirmed it"
        );

        let deleted = hosted.apply_retention(&system, "", &shown.plan.digest).await;
        let deleted = deleted.expect("it is done");
        assert_eq!((deleted.n_versions, deleted.restorable.len()), (2, 2));
        assert_eq!(found(backend, &system).await, ["db 0.1.0", "web 1.2.0"]);
        assert_eq!(place.kept(), 2, "it can be taken back");
        let lines = log(backend).await;
        assert_eq!(
            lines[0],
            "hosted.expire web 1.0.0: 2 newer releases; 1 stays; uploaded 90 days ago, kept for 45"
        );
        assert!(lines[1].starts_with("hosted.expire web 1.1.0: "), "{lines:?}");
        hosted
            .restore(&system, "", deleted.restorable[0])
            .await
            .expect("it is back");

        // From now on it goes by itself, once an hour.
        push_old(&place, "web", "1.3.0", 0).await;
        let now = hosted.retention(&system, "").await.expect("it is told");
        assert!(now.is_applied && now.confirmed_by.as_deref() == Some("system"));
        place.clock.advance_secs(40 * 86_400);
        hosted.run_retention(&system).await.expect("it runs");
        let text = index(backend, &system, "").await;
        assert!(
            text.contains("web-1.3.0.tgz") && !text.contains("web-1.2.0.tgz"),
            "{text}"
        );
        assert!(text.contains("db-0.1.0.tgz"), "the last of a chart stays");
        let now = hosted.retention(&system, "").await.expect("it is told");
        assert!(now.last_run.is_some() && now.n_last_deleted > 0, "{now:?}");

        // Changed rules are looked at anew.
        let changed = hosted
            .set_retention(&system, "", Some(keep(1)))
            .await
            .expect("it is set");
        assert!(!changed.is_applied);
        let reset = hosted
            .set_retention(&system, "", None)
            .await
            .expect("it is reset");
        assert!(!reset.is_own && reset.plan.n_versions == 0);
        place
    });
}

#[test]
fn a_plan_that_is_not_what_was_shown_deletes_nothing() {
    on_each(|place| async move {
        let backend = &place.backend;
        let (hosted, system) = (backend.hosted(), Viewer::system());
        push(backend, "", "web", "1.0.0").await;
        push(backend, "", "web", "1.1.0").await;
        let shown = hosted
            .set_retention(&system, "", Some(keep(1)))
            .await
            .expect("it is set");
        assert_eq!(going(&shown), ["web 1.0.0"]);
        push(backend, "", "web", "1.2.0").await;
        let outdated = hosted.apply_retention(&system, "", &shown.plan.digest).await;
        assert!(
            matches!(outdated, Err(HostedError::Other(Error::PlanOutdated { .. }))),
            "{outdated:?}"
        );
        assert_eq!(place.kept(), 0);
        let now = hosted.retention(&system, "").await.expect("it is told");
        assert!(!now.is_applied, "nothing was confirmed");
        assert_eq!(going(&now), ["web 1.1.0", "web 1.0.0"]);
        let done = hosted.apply_retention(&system, "", &now.plan.digest).await;
        assert_eq!(done.expect("it is done").n_versions, 2);
        place
    });
}

#[test]
fn more_than_one_transaction_takes_goes_as_well() {
    on_each(|place| async move {
        let backend = &place.backend;
        let (hosted, system) = (backend.hosted(), Viewer::system());
        for number in 0..53 {
            push(backend, "", "web", &format!("1.0.{number}")).await;
        }
        let shown = hosted
            .set_retention(&system, "", Some(keep(1)))
            .await
            .expect("it is set");
        let done = hosted.apply_retention(&system, "", &shown.plan.digest).await;
        assert_eq!(done.expect("it is done").n_versions, 52);
        assert_eq!(found(backend, &system).await, ["web 1.0.52"]);
        place
    });
}

#[test]
fn the_configuration_can_have_rules_for_repositories_without() {
    let configured = |settings: &mut backend::Settings| {
        settings.hosted.retention_keep_releases = 1;
        settings.hosted.retention_except = vec!["db".to_owned()];
        settings.hosted.retention_apply = true;
    };
    on_each_with(configured, |place| async move {
        let backend = &place.backend;
        let (hosted, system) = (backend.hosted(), Viewer::system());
        for (name, version) in [
            ("web", "1.0.0"),
            ("web", "1.1.0"),
            ("db", "1.0.0"),
            ("db", "1.1.0"),
        ] {
            push(backend, "", name, version).await;
        }
        let shown = hosted.retention(&system, "").await.expect("it is told");
        assert!(shown.is_applied && !shown.is_own && shown.confirmed_by.is_none());
        hosted.run_retention(&system).await.expect("it runs");
        let text = index(backend, &system, "").await;
        assert!(
            !text.contains("web-1.0.0.tgz") && text.contains("db-1.0.0.tgz"),
            "{text}"
        );
        // Within the hour nobody looks again.
        push(backend, "", "web", "1.2.0").await;
        hosted.run_retention(&system).await.expect("it runs");
        assert!(index(backend, &system, "").await.contains("web-1.1.0.tgz"));
        place.clock.advance_secs(3_600);
        hosted.run_retention(&system).await.expect("it runs");
        assert!(!index(backend, &system, "").await.contains("web-1.1.0.tgz"));
        // Rules of its own are not those of the configuration: they wait for somebody to look.
        let own = hosted
            .set_retention(&system, "", Some(keep(2)))
            .await
            .expect("it is set");
        assert!(!own.is_applied);
        place
    });
}

#[test]
fn rules_are_checked_and_are_for_those_who_decide() {
    on_each(|place| async move {
        let hosted = place.backend.hosted();
        push(&place.backend, "", "web", "1.0.0").await;
        let refused = hosted.retention(&Viewer::anonymous(), "").await;
        assert!(
            matches!(refused, Err(Error::Unauthenticated { .. })),
            "{refused:?}"
        );
        let bad = [
            RetentionRules {
                release_days: 36_501,
                ..keep(1)
            },
            RetentionRules {
                except: vec!["x".repeat(201)],
                ..keep(1)
            },
            RetentionRules {
                except: vec!["x".to_owned(); 101],
                ..keep(1)
            },
        ];
        for rules in bad {
            let invalid = hosted.set_retention(&Viewer::system(), "", Some(rules)).await;
            assert!(matches!(invalid, Err(Error::Invalid { .. })), "{invalid:?}");
        }
        place
    });
}
