//! A list that follows a real API server: what appears, changes and disappears, and what an outage must not hide.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cluster::{Cluster, Error, ListOptions, ReleaseWatch, Silent, Snapshot, Uninstall, Upgrade};
use helm::release::{Release, ReleaseStatus, record_name};
use serde_json::json;

use crate::changing::{chart, context, install, values};
use crate::outage::{ClusterIsUp, alone, tell_cluster};
use crate::proxy::{Fault, Proxy};
use crate::setup::Setup;

/// After so long a test has failed; nothing is measured by it.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Waits until a list is as it should be.
async fn until(watch: &ReleaseWatch, what: &str, is_so: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
    let mut changes = watch.changes();
    let waiting = async {
        loop {
            changes.mark_unchanged();
            let snapshot = watch.releases().await.unwrap();
            if is_so(&snapshot) {
                return snapshot;
            }
            changes.changed().await.unwrap();
        }
    };
    match tokio::time::timeout(LONGEST_WAIT, waiting).await {
        Ok(snapshot) => snapshot,
        Err(_) => panic!("{what}: {:?}", rows(&watch.releases().await.unwrap())),
    }
}

/// Name, revision, state, deployed revision and number of revisions of each release.
fn rows(snapshot: &Snapshot) -> Vec<(String, i64, String, Option<i64>, usize)> {
    let releases = snapshot.releases.iter();
    releases
        .map(|watched| {
            let release = &watched.release;
            let status = release.info.as_ref().unwrap().status.as_str().to_owned();
            (
                release.name.clone(),
                release.revision,
                status,
                watched.deployed,
                watched.revisions,
            )
        })
        .collect()
}

fn row(
    name: &str,
    revision: i64,
    status: &str,
    deployed: Option<i64>,
    revisions: usize,
) -> (String, i64, String, Option<i64>, usize) {
    (name.to_owned(), revision, status.to_owned(), deployed, revisions)
}

pub(crate) async fn installed(setup: &Setup, cluster: &Cluster, name: &str) {
    let operation = cluster::Install {
        no_hooks: true,
        ..install(setup, name, json!({}))
    };
    operation.run(&context(cluster, &Silent)).await.unwrap();
}

pub(crate) async fn upgraded(setup: &Setup, cluster: &Cluster, name: &str, greeting: &str) {
    let given = values(json!({ "greeting": greeting }));
    let operation = Upgrade {
        no_hooks: true,
        ..Upgrade::new(name, &setup.namespace, chart(), given)
    };
    operation.run(&context(cluster, &Silent)).await.unwrap();
}

pub(crate) async fn uninstalled(setup: &Setup, cluster: &Cluster, name: &str) {
    let operation = Uninstall {
        no_hooks: true,
        ..Uninstall::new(name, &setup.namespace)
    };
    operation.run(&context(cluster, &Silent)).await.unwrap();
}

/// What a list shows of a release; a list that is made at once has notes, too.
fn shown(release: &Release) -> Release {
    let mut release = release.clone();
    release.info.as_mut().unwrap().notes = String::new();
    release.chart.as_mut().unwrap().lock = serde_json::Value::Null;
    release
}

/// Beside a list that is made now.
async fn is_as_listed(setup: &Setup, cluster: &Cluster, watch: &ReleaseWatch) {
    let options = ListOptions {
        namespace: Some(setup.namespace.clone()),
        ..ListOptions::default()
    };
    let listed = cluster.list(&options).await.unwrap();
    let expected: Vec<Release> = listed.releases.iter().map(shown).collect();
    let is_so = |snapshot: &Snapshot| {
        snapshot
            .releases
            .iter()
            .map(|one| &*one.release)
            .eq(expected.iter())
    };
    until(watch, "as listed", is_so).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_appear_change_and_disappear() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("watched") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    installed(&setup, &cluster, "before").await;
    let watch = ReleaseWatch::start(&cluster, Some(&setup.namespace));
    let everywhere = ReleaseWatch::start(&cluster, None);
    let first = watch.releases().await.unwrap();
    assert_eq!(rows(&first), [row("before", 1, "deployed", Some(1), 1)]);
    is_as_listed(&setup, &cluster, &watch).await;

    installed(&setup, &cluster, "app").await;
    let both = [
        row("app", 1, "deployed", Some(1), 1),
        row("before", 1, "deployed", Some(1), 1),
    ];
    until(&watch, "appears", |now| rows(now) == both).await;

    upgraded(&setup, &cluster, "app", "hi").await;
    until(&watch, "changes", |now| {
        rows(now)[0] == row("app", 2, "deployed", Some(2), 2)
    })
    .await;
    setup.helm4_fails(&[
        "upgrade",
        "app",
        &crate::changing::every_part().display().to_string(),
        "--set",
        "ports[0].port=70000",
        "--no-hooks",
    ]);
    until(&watch, "fails", |now| {
        rows(now)[0] == row("app", 3, "failed", Some(2), 3)
    })
    .await;
    setup.helm4(&["rollback", "app", "1", "--no-hooks"]);
    let now = until(&watch, "rolls back", |now| {
        rows(now)[0] == row("app", 4, "deployed", Some(4), 4)
    })
    .await;
    // What did not change was not made anew.
    assert!(Arc::ptr_eq(&now.releases[1].release, &first.releases[0].release));
    is_as_listed(&setup, &cluster, &watch).await;

    // A newest revision that goes away leaves the one before.
    setup.kubectl(&["delete", "secret", "sh.helm.release.v1.app.v4"]);
    until(&watch, "goes back", |now| rows(now)[0].1 == 3).await;

    // A damaged one hides no other, and is told.
    let damage = r#"{"data":{"release":"bm8gcmVsZWFzZQ=="}}"#;
    setup.kubectl(&["patch", "secret", "sh.helm.release.v1.app.v3", "--patch", damage]);
    let now = until(&watch, "is damaged", |now| !now.damaged.is_empty()).await;
    assert_eq!(rows(&now), [row("before", 1, "deployed", Some(1), 1)]);
    assert_eq!(
        (now.damaged[0].name.as_str(), now.damaged[0].revision),
        ("app", 3)
    );
    assert_eq!(now.damaged[0].status, ReleaseStatus::Failed);
    assert!(matches!(now.damaged[0].error, Error::Record { .. }));

    uninstalled(&setup, &cluster, "before").await;
    setup.kubectl(&["delete", "secret", "--selector", "name=app"]);
    until(&watch, "disappears", |now| {
        now.releases.is_empty() && now.damaged.is_empty()
    })
    .await;
    let none_is_left = |now: &Snapshot| {
        let mut namespaces = now.releases.iter().map(|one| &one.release.namespace);
        namespaces.all(|namespace| *namespace != setup.namespace)
    };
    until(&everywhere, "disappears everywhere", none_is_left).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_hides_nothing() {
    let _alone = alone().await;
    let Some(setup) = Setup::find("watched-outage") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    for name in ["gone", "kept", "changed"] {
        installed(&setup, &cluster, name).await;
    }
    let watch = ReleaseWatch::start(&cluster, Some(&setup.namespace));
    until(&watch, "first", |now| now.releases.len() == 3).await;
    for round in 0..2 {
        let away = tokio::task::spawn_blocking(|| {
            tell_cluster("kill-api-server");
            tell_cluster("start-api-server");
        });
        // While it is away, what was seen last is shown, and that it is away is told.
        let mut changes = watch.changes();
        tokio::time::timeout(LONGEST_WAIT, async {
            while watch.trouble().is_none() {
                changes.changed().await.unwrap();
            }
        })
        .await
        .unwrap();
        assert_eq!(watch.releases().await.unwrap().releases.len(), 3);
        away.await.unwrap();
        uninstalled(&setup, &cluster, "gone").await;
        installed(&setup, &cluster, "gone").await;
        upgraded(&setup, &cluster, "changed", &format!("{round}")).await;
        is_as_listed(&setup, &cluster, &watch).await;
        tokio::time::timeout(LONGEST_WAIT, async {
            while watch.trouble().is_some() {
                changes.changed().await.unwrap();
            }
        })
        .await
        .unwrap();
    }
    for name in ["gone", "kept", "changed"] {
        uninstalled(&setup, &cluster, name).await;
    }
    until(&watch, "last", |now| now.releases.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_list_is_told_and_the_watch_is_over() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("watch-refused") else {
        return;
    };
    let carol = setup.cluster(Some("carol")).await;
    let watch = ReleaseWatch::start(&carol, Some("development"));
    for _ in 0..2 {
        let error = watch.releases().await.unwrap_err();
        assert!(
            matches!(&error, Error::Forbidden { verb: "list", .. }),
            "{error:?}"
        );
        assert_eq!(
            error.to_string(),
            "no right to list secrets in the namespace development"
        );
    }
    assert!(watch.is_over());
    let alice = setup.cluster(Some("alice")).await;
    let everywhere = ReleaseWatch::start(&alice, None);
    assert!(matches!(
        everywhere.releases().await,
        Err(Error::Forbidden { .. })
    ));
    let own = ReleaseWatch::start(&alice, Some("development"));
    own.releases().await.unwrap();
    assert!(!own.is_over());

    let nowhere = ReleaseWatch::start(&carol, Some("No/Namespace"));
    assert!(matches!(nowhere.releases().await, Err(Error::Namespace { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_watched_reads_each_record_once() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("watched-once") else {
        return;
    };
    let direct = setup.cluster(None).await;
    for name in ["app", "other"] {
        installed(&setup, &direct, name).await;
    }
    let proxy = Proxy::start(&setup, |_| Fault::Pass).await;
    let watch = ReleaseWatch::start(&proxy.cluster(&setup).await, Some(&setup.namespace));
    until(&watch, "first", |now| now.releases.len() == 2).await;
    for _ in 0..3 {
        upgraded(&setup, &direct, "app", "again").await;
    }
    is_as_listed(&setup, &direct, &watch).await;
    let seen = proxy.seen();
    let n_reads = |name: &str| {
        let path = format!("/secrets/{name}");
        seen.iter().filter(|(seen, _)| seen.is("GET", &path)).count()
    };
    // Of what did not change, one; of what is not the newest, none.
    assert_eq!(n_reads(&record_name("other", 1)), 1);
    assert_eq!(n_reads(&record_name("app", 1)), 1);
    let n_lists = seen
        .iter()
        .filter(|(seen, _)| seen.path.ends_with("/secrets") && !seen.query.contains("watch=true"))
        .count();
    assert_eq!(n_lists, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_breaks_again_and_again_misses_nothing() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("watched-badly") else {
        return;
    };
    let direct = setup.cluster(None).await;
    installed(&setup, &direct, "app").await;
    // Each watch begins at another version; what happens to it goes by how many there were.
    let n_watches = Mutex::new(0_usize);
    let proxy = Proxy::start(&setup, move |seen| {
        if !seen.query.contains("watch=true") {
            // Lists, the first of which is at the start, and records.
            return [Fault::Cut, Fault::Pass, Fault::Lose, Fault::Pass][seen.before % 4];
        }
        let mut n_watches = n_watches.lock().unwrap();
        *n_watches += 1;
        match *n_watches % 5 {
            0 => Fault::Refuse(410),
            1 | 3 => Fault::CutLater,
            2 => Fault::Refuse(503),
            _ => Fault::Lose,
        }
    })
    .await;
    let watch = ReleaseWatch::start(&proxy.cluster(&setup).await, Some(&setup.namespace));
    // The first list may be refused; then it is made when somebody asks again.
    let mut changes = watch.changes();
    while watch.releases().await.is_err() {
        changes.changed().await.unwrap();
    }
    for round in 0..4 {
        upgraded(&setup, &direct, "app", &format!("{round}")).await;
        let name = format!("other-{round}");
        installed(&setup, &direct, &name).await;
        if round % 2 == 0 {
            uninstalled(&setup, &direct, &name).await;
        }
        is_as_listed(&setup, &direct, &watch).await;
    }
    let kinds: HashSet<Fault> = proxy
        .seen()
        .into_iter()
        .filter(|(seen, _)| seen.query.contains("watch=true"))
        .map(|(_, fault)| fault)
        .collect();
    assert!(kinds.contains(&Fault::Refuse(410)), "{kinds:?}");
    assert!(kinds.contains(&Fault::CutLater), "{kinds:?}");
}
