//! What is live of a release: objects, pods, events, addresses, drift and logs.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cluster::{
    Action, Cluster, Drift, Error, Install, LogOptions, Resource, ResourceState, Resources, Settings, Shown,
    Silent, Subject, Wait,
};
use futures_util::StreamExt as _;
use helm::chart::{Chart, ChartFile};
use helm::release::Release;
use helm::render::PreparedChart;
use serde_json::json;

use crate::changing::{context, install, upgrade, values};
use crate::outage::{ClusterIsUp, alone};
use crate::setup::Setup;

/// Asks until what was found is as it should be; what controllers do takes a moment.
async fn until(
    cluster: &Cluster,
    release: &Release,
    is_as_expected: impl Fn(&Resources) -> bool,
) -> Resources {
    for _ in 0..1_200 {
        let found = cluster.resources(release).await.unwrap();
        if is_as_expected(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{:#?}", cluster.resources(release).await);
}

fn find<'r>(resources: &'r [Resource], kind: &str, name: &str) -> &'r Resource {
    let mut found = resources
        .iter()
        .filter(|one| one.kind == kind && one.name.starts_with(name));
    found
        .next()
        .unwrap_or_else(|| panic!("{kind} {name}: {resources:#?}"))
}

async fn deployed(setup: &Setup, cluster: &Cluster) -> Release {
    let install = Install {
        wait: Wait::Objects,
        timeout: Duration::from_secs(120),
        no_hooks: true,
        ..install(setup, "app", json!({}))
    };
    install.run(&context(cluster, &Silent)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_shown_with_its_pods() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("live") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let release = deployed(&setup, &cluster).await;
    let namespace = &setup.namespace;
    let found = until(&cluster, &release, |found| !found.events.is_empty()).await;
    assert_eq!(found.problems, []);
    assert_eq!(found.state, Some(ResourceState::Ready));
    assert_eq!(found.summary, "All 4 objects are ready");
    let kinds: Vec<&str> = found.objects.iter().map(|object| object.kind.as_str()).collect();
    assert_eq!(kinds, ["Secret", "ConfigMap", "Service", "Deployment"]);

    let deployment = find(&found.objects, "Deployment", "app");
    assert_eq!(deployment.message, "1 of 1 replicas");
    assert!(deployment.created.is_some());
    let set = find(&deployment.children, "ReplicaSet", "app-");
    let pod = find(&set.children, "Pod", "app-");
    assert_eq!(pod.state, ResourceState::Ready);
    assert!(pod.message.starts_with("running on "), "{}", pod.message);
    let container = &pod.containers[0];
    assert_eq!(
        (container.name.as_str(), container.image.as_str()),
        ("main", "example.org/main:1")
    );
    assert_eq!((container.state.as_str(), container.is_ready), ("running", true));
    let command = format!("kubectl port-forward --namespace {namespace} service/app 8080:80");
    assert_eq!(found.access.len(), 1);
    assert_eq!(found.access[0].command.as_ref(), Some(&command));
    // The scheduler told of the pod, which no manifest has.
    let found = until(&cluster, &release, |found| {
        let mut events = found.events.iter();
        events.any(|event| event.object == format!("Pod {namespace}/{}", pod.name))
    })
    .await;
    assert!(found.events.is_sorted_by(|newer, older| newer.at >= older.at));

    // Another replica set, and nothing of the one before.
    let upgrade = cluster::Upgrade {
        no_hooks: true,
        ..upgrade(&setup, "app", json!({ "environment": { "MODE": "other" } }))
    };
    let release = upgrade.run(&context(&cluster, &Silent)).await.unwrap();
    let found = until(&cluster, &release, |found| {
        let children = &find(&found.objects, "Deployment", "app").children;
        let is_ready = found.state == Some(ResourceState::Ready);
        is_ready && children.len() == 1 && children[0].name != set.name
    })
    .await;
    assert_eq!(found.problems, []);

    // What somebody deleted is missed.
    setup.kubectl(&["delete", "configmap", "app-config"]);
    let found = cluster.resources(&release).await.unwrap();
    assert_eq!(found.state, Some(ResourceState::Missing));
    assert_eq!(
        found.summary,
        format!("3 of 4 objects are ready; ConfigMap {namespace}/app-config: it is not in the cluster")
    );
}

/// Two kinds of one group, of which an operator would make the second out of the first.
fn definition(group: &str, plural: &str, kind: &str) -> String {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("{plural}.{group}") },
        "spec": {
            "group": group, "scope": "Namespaced", "names": { "plural": plural, "kind": kind },
            "versions": [{ "name": "v1", "served": true, "storage": true,
                "schema": { "openAPIV3Schema": { "type": "object" } } }],
        },
    })
    .to_string()
}

/// No operator runs here: the test makes what one would make, and Kubernetes' own controllers make pods of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_made_of_a_custom_object_is_shown_below_it() {
    // It brings kinds, which outdates the plans of others.
    let _alone = alone().await;
    let Some(setup) = Setup::find("custom") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let group = format!("custom{}.example.org", std::process::id());
    let files = [
        (
            "Chart.yaml",
            "apiVersion: v2\nname: custom\nversion: 1.0.0\n".to_owned(),
        ),
        (
            "crds/databases.json.yaml",
            definition(&group, "databases", "Database"),
        ),
        ("crds/backups.json.yaml", definition(&group, "backups", "Backup")),
        (
            "templates/database.yaml",
            format!("apiVersion: {group}/v1\nkind: Database\nmetadata: {{ name: main }}\n"),
        ),
    ];
    let files = files.map(|(path, text)| ChartFile::new(path, text.into_bytes()));
    let chart = Arc::new(PreparedChart::new(Chart::from_files(files.to_vec()).unwrap()));
    let install = Install {
        create_namespace: true,
        ..Install::new("custom", &setup.namespace, chart, values(json!({})))
    };
    let release = install.run(&context(&cluster, &Silent)).await.unwrap();

    let uid = |kind: &str, name: &str| {
        let uid = setup.kubectl(&["get", kind, name, "--output", "jsonpath={.metadata.uid}"]);
        assert!(!uid.is_empty());
        uid
    };
    let apply = |object: serde_json::Value| {
        let file = setup.kubeconfig.with_file_name(format!("{group}.json"));
        std::fs::write(&file, object.to_string()).unwrap();
        setup.kubectl(&["create", "--filename", &file.to_string_lossy()]);
        std::fs::remove_file(file).unwrap();
    };
    let owner = json!([{ "apiVersion": format!("{group}/v1"), "kind": "Database", "name": "main",
        "uid": uid(&format!("databases.{group}"), "main"), "controller": true }]);
    let pods = json!({ "metadata": { "labels": { "app": "main" } },
        "spec": { "containers": [{ "name": "main", "image": "example.org/main:1" }] } });
    apply(json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": { "name": "main", "ownerReferences": owner },
        "spec": { "serviceName": "main", "selector": { "matchLabels": { "app": "main" } }, "template": pods },
    }));
    apply(json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": "main", "ownerReferences": owner },
        "spec": { "ports": [{ "port": 5432 }] },
    }));
    apply(json!({
        "apiVersion": format!("{group}/v1"), "kind": "Backup",
        "metadata": { "name": "nightly", "ownerReferences": owner },
    }));
    // Nobody's: it is in the same namespace, and no part of the release.
    apply(json!({
        "apiVersion": format!("{group}/v1"), "kind": "Backup", "metadata": { "name": "other" },
    }));

    let found = until(&cluster, &release, |found| {
        let database = &find(&found.objects, "Database", "main").children;
        database.len() == 3 && database.iter().any(|child| !child.children.is_empty())
    })
    .await;
    assert_eq!(found.problems, []);
    let database = find(&found.objects, "Database", "main");
    let set = find(&database.children, "StatefulSet", "main");
    assert_eq!(find(&set.children, "Pod", "main-0").kind, "Pod");
    find(&database.children, "Service", "main");
    assert_eq!(find(&database.children, "Backup", "").name, "nightly");
}

const TROUBLED: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: { name: large }
spec:
  selector: { matchLabels: { app: large } }
  template:
    metadata: { labels: { app: large } }
    spec:
      containers:
        - name: main
          image: example.org/main:1
          resources: { requests: { ephemeral-storage: 900Ti } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: waiting }
spec:
  selector: { matchLabels: { app: waiting } }
  template:
    metadata:
      labels: { app: waiting }
      annotations: { chartroom.test/outcome: waits }
    spec:
      containers: [{ name: main, image: "example.org/none:1" }]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  replicas: 0
  serviceName: db
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec:
      containers: [{ name: main, image: "example.org/main:1" }]
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec:
  schedule: 0 3 31 2 *
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{ name: main, image: "example.org/main:1" }]
---
apiVersion: v1
kind: Service
metadata: { name: front }
spec: { type: LoadBalancer, ports: [{ name: https, port: 443 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: front }
spec:
  tls: [{ hosts: [shop.example.org] }]
  rules:
    - host: shop.example.org
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: front, port: { number: 443 } } } }] }
"#;

fn troubled(setup: &Setup) -> Install {
    let files = [
        ("Chart.yaml", "apiVersion: v2\nname: troubled\nversion: 1.0.0\n"),
        ("templates/objects.yaml", TROUBLED),
    ];
    let files = files.map(|(path, text)| ChartFile::new(path, text.as_bytes().to_vec()));
    let chart = Arc::new(PreparedChart::new(Chart::from_files(files.to_vec()).unwrap()));
    Install {
        create_namespace: true,
        ..Install::new("troubled", &setup.namespace, chart, values(json!({})))
    }
}

fn apply(setup: &Setup, name: &str, text: &str) {
    let file = std::env::temp_dir().join(format!("{name}-{}.yaml", std::process::id()));
    std::fs::write(&file, text).unwrap();
    setup.kubectl(&["apply", "--filename", &file.display().to_string()]);
    std::fs::remove_file(&file).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ready_has_a_reason() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("troubled") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let release = troubled(&setup).run(&context(&cluster, &Silent)).await.unwrap();
    // More claims than one page of a list has.
    let claims: String = (0..210)
        .map(|number| {
            format!(
                "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{ name: data-db-{number} }}\n\
                 spec: {{ accessModes: [ReadWriteOnce], resources: {{ requests: {{ storage: 1Gi }} }} }}\n"
            )
        })
        .collect();
    apply(&setup, "claims", &claims);
    setup.kubectl(&["create", "job", "by-hand", "--from", "cronjob/nightly"]);

    let found = until(&cluster, &release, |found| {
        let message = |name| find(&found.objects, "Deployment", name).message.clone();
        let jobs = &find(&found.objects, "CronJob", "nightly").children;
        message("large").contains("ephemeral-storage")
            && message("waiting").contains("image")
            && jobs.first().is_some_and(|job| job.state == ResourceState::Ready)
    })
    .await;
    assert_eq!(found.problems, []);
    let large = find(&found.objects, "Deployment", "large");
    assert_eq!(
        large.message,
        "the pod cannot be scheduled: 0/3 nodes available: insufficient ephemeral-storage"
    );
    let waiting = find(&found.objects, "Deployment", "waiting");
    assert!(
        waiting
            .message
            .starts_with("the pod cannot pull the image example.org/none:1"),
        "{}",
        waiting.message
    );
    let pod = &waiting.children[0].children[0];
    assert!(
        pod.containers[0].state.starts_with("waiting: "),
        "{:?}",
        pod.containers
    );
    let db = find(&found.objects, "StatefulSet", "db");
    assert_eq!(db.children.len(), 210);
    assert_eq!(db.children[0].kind, "PersistentVolumeClaim");
    assert_eq!(db.children[0].state, ResourceState::Progressing);
    let job = &find(&found.objects, "CronJob", "nightly").children[0];
    assert_eq!(
        (job.name.as_str(), job.message.as_str()),
        ("by-hand", "completed")
    );
    assert_eq!(job.children[0].containers[0].state, "terminated: Completed");

    let urls: Vec<_> = found
        .access
        .iter()
        .map(|point| (point.url.as_deref(), point.note.as_str()))
        .collect();
    assert_eq!(
        urls,
        [
            (Some("https://shop.example.org/"), "no address yet"),
            (None, "https 443/TCP, no address yet"),
        ]
    );
    assert!(found.events.iter().any(|event| event.is_warning
        && event.reason == "FailedScheduling"
        && event.object.starts_with("Pod ")));
    assert!(found.events.len() <= 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_seen_hides_nothing_else() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("half-seen") else {
        return;
    };
    let admin = setup.cluster(None).await;
    let release = deployed(&setup, &admin).await;
    let namespace = &setup.namespace;

    // Carol sees all but Secrets.
    let carol = setup.cluster(Some("carol")).await;
    let found = carol.resources(&release).await.unwrap();
    assert_eq!(
        found.summary,
        format!(
            "3 of 4 objects are ready; Secret {namespace}/app-secret: no right to get secrets in the namespace {namespace}"
        )
    );
    assert_eq!(found.state, Some(ResourceState::Unknown));
    assert_eq!(found.problems.len(), 1, "{:?}", found.problems);
    let deployment = find(&found.objects, "Deployment", "app");
    assert_eq!(deployment.children[0].children.len(), 1);

    // Somebody sees deployments and not their pods, until the role that was told is there.
    let user = format!("looker-{}", std::process::id());
    let settings = Settings {
        kubeconfig: vec![setup.kubeconfig.clone()],
        as_user: Some(user.clone()),
        as_groups: vec!["system:authenticated".to_owned()],
        ..Settings::default()
    };
    let looker = Cluster::connect(settings).await.unwrap();
    let found = looker.resources(&release).await.unwrap();
    assert_eq!(found.state, Some(ResourceState::Unknown));
    assert_eq!(found.problems.len(), 4, "{:?}", found.problems);
    let subject = Subject::User { name: user };
    let mut found = found;
    for _ in 0..2 {
        let roles: Vec<String> = found
            .problems
            .iter()
            .map(|problem| problem.role_yaml(&subject).unwrap())
            .collect();
        apply(&setup, "looker", &roles.concat());
        let before = found.problems.clone();
        // The API server learns of roles a moment later.
        found = until(&looker, &release, |found| {
            found.problems.iter().all(|problem| !before.contains(problem))
        })
        .await;
    }
    assert_eq!(found.problems, []);
    assert_eq!(found.summary, "All 4 objects are ready");

    let nowhere = Settings {
        kubeconfig: vec![setup.kubeconfig.clone()],
        api_server: Some("https://127.0.0.1:1".to_owned()),
        ..Settings::default()
    };
    let nowhere = Cluster::connect(nowhere).await.unwrap();
    let answer = nowhere.resources(&release).await;
    assert!(matches!(answer, Err(Error::Unreachable(_))), "{answer:?}");
}

/// `ConfigMap app-config: change /data/greeting hello -> theirs`.
fn lines(drift: &Drift) -> Vec<String> {
    let mut lines = Vec::new();
    for object in &drift.objects {
        let action = match object.action {
            Action::Create => "create",
            Action::Change => "change",
            _ => "else",
        };
        let value = |shown: &Option<Shown>| match shown {
            None => "nothing".to_owned(),
            Some(Shown::Value(value)) => value.to_string(),
            Some(Shown::Redacted { same_as_live }) => format!("hidden {same_as_live}"),
        };
        let head = format!("{} {}: {action}", object.place.kind, object.place.name);
        if object.fields.is_empty() {
            lines.push(head.clone());
        }
        for field in &object.fields {
            lines.push(format!(
                "{head} {} {} -> {}",
                field.path,
                value(&field.proposed),
                value(&field.live)
            ));
        }
    }
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_is_what_applying_again_would_change() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("drifted") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    for (name, server_side) in [("server", true), ("client", false)] {
        let install = Install {
            no_hooks: true,
            server_side,
            ..install(&setup, name, json!({}))
        };
        let release = install.run(&context(&cluster, &Silent)).await.unwrap();
        let drift = cluster.drift(&release).await.unwrap();
        assert_eq!(lines(&drift), Vec::<String>::new(), "{drift:?}");
        assert_eq!((drift.revision, drift.n_equal), (1, 4));

        let config = format!("{name}-config");
        let secret = format!("{name}-secret");
        let stolen = STANDARD.encode("stolen-text");
        let patches = [
            (
                "configmap",
                config.as_str(),
                r#"{"data":{"greeting":"theirs","own":"x"}}"#.to_owned(),
            ),
            (
                "secret",
                secret.as_str(),
                format!(r#"{{"data":{{"greeting":"{stolen}"}}}}"#),
            ),
        ];
        for (kind, object, patch) in &patches {
            setup.kubectl(&["patch", kind, object, "--patch", patch]);
        }
        setup.kubectl(&["scale", "deployment", name, "--replicas", "3"]);
        setup.kubectl(&["delete", "service", name]);
        let versions = || {
            let template =
                "jsonpath={range .items[*]}{.kind}/{.metadata.name}={.metadata.generation} {.data} {end}";
            setup.kubectl(&["get", "configmaps,deployments,services", "--output", template])
        };
        let before = versions();
        let drift = cluster.drift(&release).await.unwrap();
        assert_eq!(versions(), before);
        assert_eq!(
            lines(&drift),
            [
                format!("Secret {secret}: change /data/greeting hidden false -> hidden true"),
                format!(r#"ConfigMap {config}: change /data/greeting "hello" -> "theirs""#),
                format!("Service {name}: create"),
                format!("Deployment {name}: change /spec/replicas 1 -> 3"),
            ]
        );
        assert_eq!((drift.n_equal, drift.problems.len()), (0, 0), "{drift:?}");
        let text = format!("{drift:?}");
        for secret in ["stolen-text", stolen.as_str(), &STANDARD.encode("hello")] {
            assert!(!text.contains(secret), "{text}");
        }

        // Who may only look sees the same, and that it is a guess; Secrets are not theirs to see.
        let carol = setup.cluster(Some("carol")).await;
        let guess = carol.drift(&release).await.unwrap();
        assert_eq!(lines(&guess), lines(&drift)[1..]);
        assert_eq!(guess.problems.len(), 1, "{:?}", guess.problems);
        let rights: Vec<String> = guess.problems[0]
            .missing_rights
            .iter()
            .map(ToString::to_string)
            .collect();
        let sentence = format!("may not get secrets in the namespace {}", setup.namespace);
        assert!(rights.contains(&sentence), "{rights:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_those_of_a_releases_own_pods() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("logged") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let release = deployed(&setup, &cluster).await;
    let namespace = &setup.namespace;
    let found = cluster.resources(&release).await.unwrap();
    let set = &find(&found.objects, "Deployment", "app").children[0];
    let pod = set.children[0].name.as_str();
    assert!(cluster.pod_of_release(&release, namespace, pod).await.unwrap());
    setup.kubectl(&["run", "stranger", "--image", "example.org/other:1"]);
    for other in ["stranger", "nobody", "../pods"] {
        let is_own = cluster.pod_of_release(&release, namespace, other).await.unwrap();
        assert!(!is_own, "{other}");
    }
    // Neither a pod of another release of the same chart, nor one that only claims to be of this.
    let mut other = release.clone();
    other.manifest = release.manifest.replace("name: app", "name: other");
    assert!(!cluster.pod_of_release(&other, namespace, pod).await.unwrap());
    // The cluster would soon delete it, as its owner is not there; the finalizer keeps it.
    let claiming = format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: claiming\n  finalizers: [chartroom.test/keep]\n  ownerReferences:\n\
         \x20 - {{ apiVersion: apps/v1, kind: ReplicaSet, name: {}, uid: 00000000-0000-0000-0000-000000000000 }}\n\
         spec:\n  schedulerName: nobody\n  containers: [{{ name: main, image: example.org/main:1 }}]\n",
        set.name
    );
    apply(&setup, "claiming", &claiming);
    let is_own = cluster
        .pod_of_release(&release, namespace, "claiming")
        .await
        .unwrap();
    assert!(!is_own);
    let patch = r#"{"metadata":{"finalizers":null}}"#;
    setup.kubectl(&["patch", "pod", "claiming", "--patch", patch]);

    let log = cluster
        .pod_log(namespace, pod, "main", &LogOptions::default())
        .await
        .unwrap();
    assert_eq!(log.text.lines().count(), 2, "{log:?}");
    assert!(log.text.contains("no container runs") && !log.is_cut, "{log:?}");
    let last = LogOptions {
        tail_lines: Some(1),
        ..LogOptions::default()
    };
    let log = cluster.pod_log(namespace, pod, "main", &last).await.unwrap();
    assert!(log.text.starts_with("and every one of them"), "{log:?}");
    let mut followed = Box::pin(
        cluster
            .follow_pod_log(namespace, pod, "main", &last)
            .await
            .unwrap(),
    );
    let first = followed.next().await.unwrap().unwrap();
    assert!(first.starts_with(b"and every one of them"), "{first:?}");

    let answer = cluster
        .pod_log(namespace, "nobody", "main", &LogOptions::default())
        .await;
    assert!(matches!(answer, Err(Error::NoPod { .. })), "{answer:?}");
    let answer = cluster
        .pod_log(namespace, pod, "no-such-container", &LogOptions::default())
        .await;
    assert!(
        matches!(answer, Err(Error::Refused { code: 400, .. })),
        "{answer:?}"
    );
    let alice = setup.cluster(Some("alice")).await;
    let answer = alice
        .pod_log(namespace, pod, "main", &LogOptions::default())
        .await;
    assert!(matches!(answer, Err(Error::Forbidden { .. })), "{answer:?}");
}
