//! Operations whose process dies, settled afterwards, and what we and real helm do from there.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cluster::{Cluster, Error, Event, Install, Observer, Rollback, Settled, Uninstall, Upgrade};
use helm::release::{Release, ReleaseStatus, record_name};
use serde_json::json;
use tokio::sync::Notify;

use crate::changing::{chart, context, every_part, install, values};
use crate::outage::ClusterIsUp;
use crate::proxy::{Fault, Proxy};
use crate::setup::Setup;
use crate::watching::{installed, upgraded};

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Install,
    Upgrade,
    Rollback,
    Uninstall,
}

/// What is done afterwards.
#[derive(Debug, Clone, Copy)]
enum Next {
    Upgrade,
    Rollback,
    Uninstall,
}

/// Says when the first object has been touched.
#[derive(Default)]
struct FirstObject(Notify);

impl Observer for FirstObject {
    fn event(&self, event: Event<'_>) {
        let (Event::Created(place) | Event::Changed(place) | Event::Deleted(place)) = event else {
            return;
        };
        // The namespace is there before the record is.
        if place.kind != "Namespace" {
            self.0.notify_one();
        }
    }
}

fn upgrading(setup: &Setup, name: &str, greeting: &str) -> Upgrade {
    let given = values(json!({ "greeting": greeting, "extra": true }));
    Upgrade {
        no_hooks: true,
        ..Upgrade::new(name, &setup.namespace, chart(), given)
    }
}

fn installing(setup: &Setup, name: &str) -> Install {
    Install {
        no_hooks: true,
        ..install(setup, name, json!({}))
    }
}

fn rolling_back(setup: &Setup, name: &str) -> Rollback {
    Rollback {
        no_hooks: true,
        revision: Some(1),
        ..Rollback::new(name, &setup.namespace)
    }
}

fn uninstalling(setup: &Setup, name: &str) -> Uninstall {
    Uninstall {
        no_hooks: true,
        ..Uninstall::new(name, &setup.namespace)
    }
}

/// Does what comes before, and then begins the operation and drops it at its first object, as if its process had been
/// killed; answers the revision that is left.
async fn kill(setup: &Setup, name: &str, operation: Operation) -> i64 {
    let cluster = setup.cluster(None).await;
    let quiet = context(&cluster, &cluster::Silent);
    if operation != Operation::Install {
        installing(setup, name).run(&quiet).await.unwrap();
        upgrading(setup, name, "second").run(&quiet).await.unwrap();
    }
    let observer = FirstObject::default();
    let context = context(&cluster, &observer);
    let killed = async {
        match operation {
            Operation::Install => drop(installing(setup, name).run(&context).await.unwrap()),
            Operation::Upgrade => drop(upgrading(setup, name, "third").run(&context).await.unwrap()),
            Operation::Rollback => drop(rolling_back(setup, name).run(&context).await.unwrap()),
            Operation::Uninstall => drop(uninstalling(setup, name).run(&context).await.unwrap()),
        }
    };
    tokio::select! {
        () = killed => panic!("{operation:?} was through before it was killed"),
        () = observer.0.notified() => {}
    }
    cluster
        .newest(&setup.namespace, name)
        .await
        .unwrap()
        .release
        .revision
}

async fn states(setup: &Setup, name: &str) -> Vec<(i64, ReleaseStatus, String)> {
    let cluster = setup.cluster(None).await;
    let (history, damaged) = cluster.history(&setup.namespace, name, 20).await.unwrap();
    assert!(damaged.is_empty());
    let state = |release: Release| {
        let info = release.info.unwrap();
        (release.revision, info.status, info.description)
    };
    history.into_iter().map(|stored| state(stored.release)).collect()
}

async fn go_on(setup: &Setup, name: &str, next: Next, with_helm: bool) {
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &cluster::Silent);
    let path = every_part().display().to_string();
    match (next, with_helm) {
        (Next::Upgrade, false) => drop(upgrading(setup, name, "after").run(&context).await.unwrap()),
        (Next::Rollback, false) => drop(rolling_back(setup, name).run(&context).await.unwrap()),
        (Next::Uninstall, false) => drop(uninstalling(setup, name).run(&context).await.unwrap().unwrap()),
        (Next::Upgrade, true) => {
            drop(setup.helm4(&["upgrade", name, &path, "--set", "greeting=after", "--no-hooks"]));
        }
        (Next::Rollback, true) => drop(setup.helm4(&["rollback", name, "1", "--no-hooks"])),
        (Next::Uninstall, true) => drop(setup.helm4(&["uninstall", name, "--no-hooks"])),
    }
    if matches!(next, Next::Uninstall) {
        let gone = cluster.newest(&setup.namespace, name).await;
        assert!(matches!(gone, Err(Error::NotFound)), "{name}: {gone:?}");
        let left = setup.kubectl(&[
            "get",
            "configmaps,secrets,deployments,services",
            "--output",
            "name",
        ]);
        let ours: Vec<&str> = left
            .lines()
            .filter(|line| line.contains(&format!("/{name}")))
            .collect();
        // Helm uninstalls what the newest revision consists of; the second had one object more, and a rollback that was
        // killed had not deleted it yet.
        let extra = format!("configmap/{name}-extra");
        let expected = name.starts_with("rollback").then_some(extra.as_str());
        assert_eq!(ours, expected.as_slice(), "{name}");
        return;
    }
    let history = states(setup, name).await;
    let deployed: Vec<i64> = history
        .iter()
        .filter(|(_, status, _)| *status == ReleaseStatus::Deployed)
        .map(|(revision, ..)| *revision)
        .collect();
    let newest = history.last().unwrap().0;
    assert_eq!(deployed, [newest], "{name}: {history:?}");
    let greeting = setup.kubectl(&[
        "get",
        "configmap",
        &format!("{name}-config"),
        "--output",
        "jsonpath={.data.greeting}",
    ]);
    let wanted = match next {
        Next::Rollback => "hello",
        _ => "after",
    };
    assert_eq!(greeting, wanted, "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_killed_is_settled_and_everything_goes_on_from_there() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("settled") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let cases = [
        (Operation::Install, "pending-install", "Release"),
        (Operation::Upgrade, "pending-upgrade", "Upgrade"),
        (Operation::Rollback, "pending-rollback", "Rollback"),
        (Operation::Uninstall, "uninstalling", "Uninstall"),
    ];
    for (operation, state, word) in cases {
        for next in [Next::Upgrade, Next::Rollback, Next::Uninstall] {
            if matches!((operation, next), (Operation::Install, Next::Rollback)) {
                continue; // There is nothing to go back to.
            }
            for (with_helm, who) in [(false, "us"), (true, "helm")] {
                let name = format!("{operation:?}-{next:?}-{who}").to_lowercase();
                let revision = kill(&setup, &name, operation).await;
                let before = states(&setup, &name).await;
                assert_eq!(before.last().unwrap().1.as_str(), state, "{name}");
                let settled = cluster
                    .settle(&setup.namespace, &name, revision, "the process was killed")
                    .await
                    .unwrap();
                let Settled::Failed { was, release } = settled else {
                    panic!("{name}: {settled:?}")
                };
                assert_eq!(was.as_str(), state);
                let after = states(&setup, &name).await;
                let (failed, others) = after.split_last().unwrap();
                let description = format!("{word} {name:?} failed: the process was killed");
                assert_eq!(*failed, (revision, ReleaseStatus::Failed, description.clone()));
                assert_eq!(release.info.unwrap().description, description);
                // What was deployed before is deployed: no other revision was touched.
                assert_eq!(others, &before[..before.len() - 1], "{name}");
                let is_deployed = others
                    .iter()
                    .any(|(_, status, _)| *status == ReleaseStatus::Deployed);
                let has_one = matches!(operation, Operation::Upgrade | Operation::Rollback);
                assert_eq!(is_deployed, has_one, "{name}: {others:?}");
                go_on(&setup, &name, next, with_helm).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_is_left_alone() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("ended") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &cluster::Silent);
    installing(&setup, "app").run(&context).await.unwrap();
    upgrading(&setup, "app", "hi").run(&context).await.unwrap();
    let before = states(&setup, "app").await;
    for (revision, status) in [(1, "superseded"), (2, "deployed")] {
        let settled = cluster
            .settle(&setup.namespace, "app", revision, "killed")
            .await
            .unwrap();
        let Settled::Unchanged { status: found } = settled else {
            panic!("{settled:?}")
        };
        assert_eq!(found.as_str(), status);
    }
    assert_eq!(states(&setup, "app").await, before);
    let settled = cluster
        .settle(&setup.namespace, "app", 3, "killed")
        .await
        .unwrap();
    assert!(matches!(settled, Settled::Gone), "{settled:?}");
    uninstalling(&setup, "app").run(&context).await.unwrap();
    let settled = cluster
        .settle(&setup.namespace, "app", 2, "killed")
        .await
        .unwrap();
    assert!(matches!(settled, Settled::Gone), "{settled:?}");
    let error = cluster
        .settle(&setup.namespace, "No/Name", 1, "")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::ReleaseName { .. }));
}

/// A release in the middle of an upgrade, as a dead process leaves it.
async fn left_pending(setup: &Setup, cluster: &Cluster) {
    installed(setup, cluster, "app").await;
    upgraded(setup, cluster, "app", "hi").await;
    write_state(setup, cluster, ReleaseStatus::PendingUpgrade).await;
}

/// Writes a state into the record of the second revision, as whoever works on it would.
async fn write_state(setup: &Setup, cluster: &Cluster, status: ReleaseStatus) {
    let mut release = cluster
        .revision(&setup.namespace, "app", 2)
        .await
        .unwrap()
        .release;
    release.info.as_mut().unwrap().status = status;
    patch_record(setup, &release);
}

fn patch_record(setup: &Setup, release: &Release) {
    let status = release.info.as_ref().unwrap().status.as_str();
    let data = STANDARD.encode(helm::release::encode(release).unwrap());
    let patch = json!({ "metadata": { "labels": { "status": status } }, "data": { "release": data } });
    let name = record_name("app", release.revision);
    setup.kubectl(&["patch", "secret", &name, "--patch", &patch.to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn settling_overwrites_nothing_that_ended_meanwhile() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("settled-late") else {
        return;
    };
    let direct = setup.cluster(None).await;
    left_pending(&setup, &direct).await;
    let pending = direct.revision(&setup.namespace, "app", 2).await.unwrap().release;
    let record = format!("/secrets/{}", record_name("app", 2));

    // The operation ends between the reading and the writing.
    let mut ended = pending.clone();
    ended.info.as_mut().unwrap().status = ReleaseStatus::Deployed;
    let (other, path) = (setup.clone(), record.clone());
    let proxy = Proxy::start(&setup, move |seen| {
        if seen.is("PUT", &path) && seen.before == 0 {
            patch_record(&other, &ended);
        }
        Fault::Pass
    })
    .await;
    let settle = async |proxy: &Proxy| {
        let cluster = proxy.cluster(&setup).await.with_patience(Duration::from_secs(20));
        cluster
            .settle(&setup.namespace, "app", 2, "killed")
            .await
            .unwrap()
    };
    let settled = settle(&proxy).await;
    assert!(
        matches!(&settled, Settled::Unchanged { status } if *status == ReleaseStatus::Deployed),
        "{settled:?}"
    );
    let release = direct.revision(&setup.namespace, "app", 2).await.unwrap().release;
    assert_eq!(release.info.unwrap().status, ReleaseStatus::Deployed);

    // It goes on, and does not end; and our answer is lost.
    patch_record(&setup, &pending);
    let (other, path) = (setup.clone(), record.clone());
    let name = record_name("app", 2);
    let proxy = Proxy::start(&setup, move |seen| match (seen.is("PUT", &path), seen.before) {
        (true, 0) => {
            other.kubectl(&["label", "secret", &name, "by=another"]);
            Fault::Pass
        }
        (true, 1) => Fault::Lose,
        _ => Fault::Pass,
    })
    .await;
    let settled = settle(&proxy).await;
    assert!(matches!(&settled, Settled::Failed { .. }), "{settled:?}");
    let release = direct.revision(&setup.namespace, "app", 2).await.unwrap().release;
    assert_eq!(
        release.info.unwrap().description,
        "Upgrade \"app\" failed: killed"
    );

    // It was an uninstallation, and ends.
    patch_record(&setup, &pending);
    let (other, path) = (setup.clone(), record.clone());
    let name = record_name("app", 2);
    let proxy = Proxy::start(&setup, move |seen| {
        if seen.is("PUT", &path) && seen.before == 0 {
            other.kubectl(&["delete", "secret", &name]);
        }
        Fault::Pass
    })
    .await;
    let settled = settle(&proxy).await;
    assert!(matches!(settled, Settled::Gone), "{settled:?}");
}
