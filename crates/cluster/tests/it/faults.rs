//! Faults between us and the API server: what every operation leaves, whatever happened to its requests.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cluster::{Applied, Error, Install, Rollback, ServerSide, Silent, Test, Uninstall, Upgrade};
use helm::chart::{Chart, ChartFile};
use helm::release::Release;
use helm::render::PreparedChart;
use helm::values::Table;
use serde_json::{Value, json};

use crate::changing::{chart, context, install, values};
use crate::outage::ClusterIsUp;
use crate::proxy::{Fault, Proxy, Seen};
use crate::setup::Setup;
use crate::watching::uninstalled;

/// A number that is spread evenly and depends on nothing but its text.
fn spread(text: &str) -> u64 {
    let mut number = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        number = (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    number ^= number >> 30;
    number = number.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number ^= number >> 27;
    number = number.wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// What happens to a request by chance: the same for the same seed, whatever runs beside it.
fn by_chance(seed: u64, namespace: &str, seen: &Seen) -> Fault {
    let path = seen.path.replace(namespace, "NAMESPACE");
    let query = seen.query.replace(namespace, "NAMESPACE");
    let number = spread(&format!("{seed} {} {path} {query} {}", seen.method, seen.before));
    let changes_something_there = matches!(seen.method.as_str(), "PUT" | "PATCH");
    match number % 100 {
        0..8 => Fault::Delay(Duration::from_millis(5 + number / 100 % 60)),
        8..11 => Fault::Refuse(429),
        11..16 => Fault::Refuse(500),
        16..21 => Fault::Refuse(503),
        21..31 if changes_something_there => Fault::Refuse(409),
        31..39 => Fault::Cut,
        39..49 => Fault::Lose,
        _ => Fault::Pass,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_gets_through_whatever_happens_to_its_requests() {
    let _up = ClusterIsUp::hold().await;
    let mut lives = Vec::new();
    for seed in [2, 4, 7, 9, 11, 17] {
        let Some(setup) = Setup::find(&format!("faults-{seed}")) else {
            return;
        };
        lives.push(tokio::spawn(life(setup, seed)));
    }
    let mut kinds = HashSet::new();
    for one in lives {
        kinds.extend(one.await.unwrap().iter().map(std::mem::discriminant));
    }
    assert_eq!(kinds.len(), 5, "each kind of fault is among them");
}

/// From an installation to the end, and what was done to it.
async fn life(setup: Setup, seed: u64) -> Vec<Fault> {
    let namespace = setup.namespace.clone();
    let proxy = Proxy::start(&setup, move |seen| by_chance(seed, &namespace, seen)).await;
    let cluster = proxy.cluster(&setup).await;
    let context = context(&cluster, &Silent);
    // Every other one computes its patches itself.
    let server_side = seed.is_multiple_of(2);
    let told = |step: &str, error: Error| -> ! { panic!("seed {seed}, {step}: {}", error.chain()) };

    let installing = Install {
        server_side,
        ..install(&setup, "app", json!({ "extra": true }))
    };
    let installed = installing.run(&context).await;
    let release = installed.unwrap_or_else(|error| told("install", error));
    looks_as_it_should(&setup, &release, &["deployed"]).await;

    let changed = json!({
        "greeting": "hi", "replicas": 2, "environment": { "MORE": "x" },
        "ports": [{ "name": "http", "port": 81 }, { "name": "more", "port": 82 }],
    });
    let upgrading = Upgrade::new("app", &setup.namespace, chart(), values(changed));
    let planned = upgrading.plan(&context).await;
    let plan = planned.unwrap_or_else(|error| told("plan", error));
    assert!(!plan.is_prevented(), "seed {seed}: {plan:?}");
    let applied = plan.apply(&context).await;
    let Applied::Release(release) = applied.unwrap_or_else(|error| told("upgrade", error)) else {
        panic!("an upgrade has a release")
    };
    looks_as_it_should(&setup, &release, &["superseded", "deployed"]).await;

    let tested = Test::new("app", &setup.namespace).run(&context).await;
    let tested = tested.unwrap_or_else(|error| told("test", error));
    tested.result.unwrap_or_else(|error| told("test", error));

    // From one way of applying to the other, which takes fields over.
    let upgrading = Upgrade {
        server_side: if server_side {
            ServerSide::No
        } else {
            ServerSide::Yes
        },
        no_hooks: true,
        ..Upgrade::new(
            "app",
            &setup.namespace,
            chart(),
            values(json!({ "greeting": "ho" })),
        )
    };
    let upgraded = upgrading.run(&context).await;
    let release = upgraded.unwrap_or_else(|error| told("second upgrade", error));
    looks_as_it_should(&setup, &release, &["superseded", "superseded", "deployed"]).await;

    let rolling_back = Rollback {
        revision: Some(1),
        ..Rollback::new("app", &setup.namespace)
    };
    let rolled_back = rolling_back.run(&context).await;
    let release = rolled_back.unwrap_or_else(|error| told("rollback", error));
    let states = ["superseded", "superseded", "superseded", "deployed"];
    looks_as_it_should(&setup, &release, &states).await;

    let uninstalled = Uninstall::new("app", &setup.namespace).run(&context).await;
    uninstalled.unwrap_or_else(|error| told("uninstall", error));
    let direct = setup.cluster(None).await;
    assert!(matches!(
        direct.newest(&setup.namespace, "app").await,
        Err(Error::NotFound)
    ));
    assert!(owned(&setup).is_empty());
    proxy.seen().into_iter().map(|(_, fault)| fault).collect()
}

/// Revisions without a gap and in these states, and the objects of the release and no others.
async fn looks_as_it_should(setup: &Setup, release: &Release, states: &[&str]) {
    let direct = setup.cluster(None).await;
    let (history, damaged) = direct.history(&setup.namespace, "app", 100).await.unwrap();
    assert!(damaged.is_empty());
    let found: Vec<(i64, &str)> = history
        .iter()
        .map(|stored| {
            let info = stored.release.info.as_ref().unwrap();
            (stored.release.revision, info.status.as_str())
        })
        .collect();
    let wanted: Vec<(i64, &str)> = (1..).zip(states.iter().copied()).collect();
    assert_eq!(found, wanted, "{}", setup.namespace);
    assert_eq!(release.manifest, history.last().unwrap().release.manifest);
    let objects = owned(setup);
    let of_manifest: BTreeSet<String> = release
        .manifest
        .split("\n---\n")
        .filter_map(|document| {
            let field = |name: &str| {
                let line = document.lines().find_map(|line| line.strip_prefix(name))?;
                Some(line.trim().to_owned())
            };
            Some(format!("{}/{}", field("kind:")?, field("  name:")?))
        })
        .collect();
    assert_eq!(objects.keys().cloned().collect::<BTreeSet<_>>(), of_manifest);
    let greeting = release
        .config
        .get("greeting")
        .and_then(Value::as_str)
        .unwrap_or("hello");
    assert_eq!(objects["ConfigMap/app-config"]["data"]["greeting"], greeting);
    assert_eq!(
        objects["Secret/app-secret"]["data"]["greeting"],
        STANDARD.encode(greeting)
    );
    let replicas = release.config.get("replicas").cloned().unwrap_or(json!(1));
    assert_eq!(objects["Deployment/app"]["spec"]["replicas"], replicas);
    let ports = release.config.get("ports").and_then(Value::as_array);
    assert_eq!(
        objects["Service/app"]["spec"]["ports"].as_array().unwrap().len(),
        ports.map_or(1, Vec::len)
    );
}

/// The objects that say that they are the release's, by kind and name.
fn owned(setup: &Setup) -> BTreeMap<String, Value> {
    let kinds = "configmaps,secrets,services,deployments";
    let list: Value = serde_json::from_str(&setup.kubectl(&["get", kinds, "--output", "json"])).unwrap();
    let items = list["items"].as_array().unwrap().iter();
    items
        .filter(|object| object["metadata"]["annotations"]["meta.helm.sh/release-name"] == "app")
        .map(|object| {
            let (kind, name) = (&object["kind"], &object["metadata"]["name"]);
            let key = format!("{}/{}", kind.as_str().unwrap(), name.as_str().unwrap());
            (key, object.clone())
        })
        .collect()
}

fn client_side(setup: &Setup) -> Install {
    Install {
        server_side: false,
        ..install(setup, "app", json!({}))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_busy_is_asked_again_and_nobody_else_without_patience() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("busy") else { return };
    let proxy = Proxy::start(&setup, |seen| match seen.before {
        0 | 1 => Fault::Refuse(429),
        _ => Fault::Pass,
    })
    .await;
    let cluster = proxy.cluster(&setup).await;
    assert!(
        cluster
            .heads(Some(&setup.namespace), None)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(proxy.seen().len(), 3);
    // Nothing below us repeats requests: for how long is decided here, and for some it matters that there were two.
    for fault in [Fault::Refuse(503), Fault::Refuse(504), Fault::Lose, Fault::Cut] {
        let proxy = Proxy::start(&setup, move |_| fault).await;
        let cluster = proxy.cluster(&setup).await;
        cluster.heads(Some(&setup.namespace), None).await.unwrap_err();
        assert_eq!(proxy.seen().len(), 1, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn success_is_told_after_the_record_was_read_back() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("read-back") else {
        return;
    };
    let record = "/secrets/sh.helm.release.v1.app.v1";
    let of_record = |proxy: &Proxy| -> Vec<String> {
        let seen = proxy.seen().into_iter();
        let of_record = seen.filter(|(seen, _)| seen.path.ends_with(record));
        of_record.map(|(seen, _)| seen.method).collect()
    };
    let proxy = Proxy::start(&setup, |_| Fault::Pass).await;
    let cluster = proxy.cluster(&setup).await;
    let installing = install(&setup, "app", json!({}));
    installing.run(&context(&cluster, &Silent)).await.unwrap();
    let methods = of_record(&proxy);
    let written = methods.iter().rposition(|method| method == "PUT");
    assert_eq!(
        methods
            .get(written.expect("it was written") + 1)
            .map(String::as_str),
        Some("GET"),
        "{methods:?}"
    );
    uninstalled(&setup, &setup.cluster(None).await, "app").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_created_although_the_answer_was_lost_is_ours() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("lost") else { return };
    for fault in [Fault::Lose, Fault::Cut] {
        let proxy = Proxy::start(&setup, move |seen| match seen.method.as_str() {
            // Records and objects alike, hooks among them.
            "POST" if seen.before == 0 => fault,
            // Whether it is what was asked for is found out by a dry run, which may lose a race itself.
            "PATCH" if seen.before == 0 => Fault::Refuse(409),
            _ => Fault::Pass,
        })
        .await;
        let cluster = proxy.cluster(&setup).await;
        let context = context(&cluster, &Silent);
        let release = client_side(&setup).run(&context).await;
        let release = release.unwrap_or_else(|error| panic!("{}", error.chain()));
        looks_as_it_should(&setup, &release, &["deployed"]).await;
        let n_lost = proxy.seen().iter().filter(|(_, did)| *did == fault).count();
        assert!(n_lost >= 5, "{n_lost}");
        uninstalled(&setup, &setup.cluster(None).await, "app").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_without_a_name_is_made_once_although_the_answer_was_lost() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("lost-name") else {
        return;
    };
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  generateName: made-\n";
    let files = vec![
        ChartFile::new("Chart.yaml", "apiVersion: v2\nname: nameless\nversion: 1.0.0\n"),
        ChartFile::new("templates/map.yaml", map),
    ];
    let chart = std::sync::Arc::new(PreparedChart::new(Chart::from_files(files).unwrap()));
    for fault in [Fault::Lose, Fault::Cut] {
        let proxy = Proxy::start(&setup, move |seen| match seen.before {
            0 if seen.is("POST", "/configmaps") => fault,
            _ => Fault::Pass,
        })
        .await;
        let installing = Install {
            create_namespace: true,
            ..Install::new("app", &setup.namespace, chart.clone(), Table::new())
        };
        let cluster = proxy.cluster(&setup).await;
        installing.run(&context(&cluster, &Silent)).await.unwrap();
        assert!(proxy.seen().iter().any(|(_, did)| *did == fault));
        let names = setup.kubectl(&["get", "configmaps", "--output", "name"]);
        let made: Vec<&str> = names.lines().filter(|name| name.contains("/made-")).collect();
        assert_eq!(made.len(), 1, "{names}");
        setup.kubectl(&["delete", made[0]]);
        uninstalled(&setup, &setup.cluster(None).await, "app").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_created_meanwhile_is_not_ours() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("not-ours") else {
        return;
    };
    let theirs = setup.clone();
    // The request does not get there, and somebody else is quicker than its repetition.
    let proxy = Proxy::start(&setup, move |seen| {
        if !seen.is("POST", "/services") || seen.before > 0 {
            return Fault::Pass;
        }
        theirs.kubectl(&["create", "service", "clusterip", "app", "--tcp", "80"]);
        Fault::Refuse(503)
    })
    .await;
    let cluster = proxy.cluster(&setup).await;
    let installing = Install {
        no_hooks: true,
        ..client_side(&setup)
    };
    let error = installing
        .run(&context(&cluster, &Silent))
        .await
        .unwrap_err()
        .chain();
    assert!(error.contains("services \"app\" already exists"), "{error}");
    assert!(!owned(&setup).contains_key("Service/app"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_was_there_before_is_not_taken_for_the_new_one() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("old-hook") else {
        return;
    };
    // It is not deleted before it is created, so that one of the same content may be there.
    let hook = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: old\n  annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-succeeded}\n";
    let files = vec![
        ChartFile::new("Chart.yaml", "apiVersion: v2\nname: old-hook\nversion: 1.0.0\n"),
        ChartFile::new("templates/hook.yaml", hook),
    ];
    let chart = std::sync::Arc::new(PreparedChart::new(Chart::from_files(files).unwrap()));
    setup.kubectl(&["create", "namespace", &setup.namespace]);
    let file = std::env::temp_dir().join(format!("old-hook-{}.yaml", std::process::id()));
    std::fs::write(&file, hook).unwrap();
    setup.kubectl(&["create", "--filename", &file.display().to_string()]);
    std::fs::remove_file(&file).unwrap();
    let proxy = Proxy::start(&setup, |seen| match seen.before {
        0 if seen.is("POST", "/configmaps") => Fault::Refuse(503),
        _ => Fault::Pass,
    })
    .await;
    let cluster = proxy.cluster(&setup).await;
    let installing = Install {
        server_side: false,
        ..Install::new("app", &setup.namespace, chart, Table::new())
    };
    let error = installing
        .run(&context(&cluster, &Silent))
        .await
        .unwrap_err()
        .chain();
    assert!(error.contains("configmaps \"old\" already exists"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_survives_a_race() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("replaced") else {
        return;
    };
    let direct = setup.cluster(None).await;
    let installing = Install {
        no_hooks: true,
        ..client_side(&setup)
    };
    installing.run(&context(&direct, &Silent)).await.unwrap();
    let others = setup.clone();
    // Somebody writes the object between our reading and our writing of it.
    let proxy = Proxy::start(&setup, move |seen| {
        if seen.is("PUT", "/configmaps/app-config") && seen.before == 0 {
            others.kubectl(&["label", "configmap", "app-config", "by=another"]);
        }
        Fault::Pass
    })
    .await;
    let cluster = proxy.cluster(&setup).await;
    let upgrading = Upgrade {
        no_hooks: true,
        force_replace: true,
        ..Upgrade::new(
            "app",
            &setup.namespace,
            chart(),
            values(json!({ "greeting": "hi" })),
        )
    };
    // A Service cannot be replaced without its address; only the race is looked at.
    let upgraded = upgrading.run(&context(&cluster, &Silent)).await;
    if let Err(error) = &upgraded {
        let text = error.chain();
        assert!(!text.contains("has been modified"), "{text}");
    }
    let map: Value =
        serde_json::from_str(&setup.kubectl(&["get", "configmap", "app-config", "--output", "json"]))
            .unwrap();
    assert_eq!(map["data"]["greeting"], "hi");
}
