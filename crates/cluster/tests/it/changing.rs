//! Operations beside real helm: what each leaves in the cluster, and each going on with the other's releases.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cluster::{
    Cancel, Cluster, Context, Driver, Error, Event, Install, Observer, Rollback, Silent, Test, Uninstall,
    Upgrade, Wait,
};
use engine::{FnError, Host};
use helm::chart::{Chart, ChartFile};
use helm::release::{Release, ReleaseStatus};
use helm::render::PreparedChart;
use helm::values::{Table, Tree};
use serde_json::{Value, json};

use crate::outage::ClusterIsUp;
use crate::setup::Setup;

/// A world with a clock that stands; nothing here needs more.
struct World;

impl Host for World {
    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), FnError> {
        buffer.fill(7);
        Ok(())
    }
}

pub(crate) fn context<'a>(cluster: &Cluster, observer: &'a dyn Observer) -> Context<'a> {
    Context::new(cluster, Arc::new(World), observer)
}

pub(crate) fn every_part() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/every-part")
}

fn path() -> String {
    every_part().display().to_string()
}

pub(crate) fn chart() -> Arc<PreparedChart> {
    let root = every_part();
    let files = [
        "Chart.yaml",
        "values.yaml",
        "templates/NOTES.txt",
        "templates/hooks.yaml",
        "templates/objects.yaml",
        "templates/tests.yaml",
    ];
    let files = files.map(|file| ChartFile::new(file, std::fs::read(root.join(file)).unwrap()));
    Arc::new(PreparedChart::new(Chart::from_files(files.to_vec()).unwrap()))
}

pub(crate) fn values(values: Value) -> Table {
    match Tree::from_json(&values) {
        Tree::Table(table) => table,
        _ => Table::new(),
    }
}

const TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) fn install(setup: &Setup, name: &str, given: Value) -> Install {
    Install {
        create_namespace: true,
        timeout: TIMEOUT,
        ..Install::new(name, &setup.namespace, chart(), values(given))
    }
}

pub(crate) fn upgrade(setup: &Setup, name: &str, given: Value) -> Upgrade {
    Upgrade {
        timeout: TIMEOUT,
        ..Upgrade::new(name, &setup.namespace, chart(), values(given))
    }
}

fn rollback(setup: &Setup, name: &str, revision: i64) -> Rollback {
    Rollback {
        revision: Some(revision),
        timeout: TIMEOUT,
        ..Rollback::new(name, &setup.namespace)
    }
}

fn uninstall(setup: &Setup, name: &str) -> Uninstall {
    Uninstall {
        timeout: TIMEOUT,
        ..Uninstall::new(name, &setup.namespace)
    }
}

fn status(release: &Release) -> &ReleaseStatus {
    &release.info.as_ref().unwrap().status
}

fn description(release: &Release) -> &str {
    &release.info.as_ref().unwrap().description
}

#[tokio::test(flavor = "multi_thread")]
async fn helm_4_goes_on_with_ours_and_we_with_its() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("with-helm4") else {
        return;
    };
    exchange(&setup, &|args| setup.helm4(args)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn helm_3_goes_on_with_ours_and_we_with_its() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("with-helm3") else {
        return;
    };
    exchange(&setup, &|args| setup.helm3(args)).await;
}

async fn exchange(setup: &Setup, helm: &dyn Fn(&[&str]) -> String) {
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);
    let path = path();

    // Ours, then every operation of helm on it.
    let release = install(setup, "ours", json!({ "extra": true }))
        .run(&context)
        .await
        .unwrap();
    assert_eq!(status(&release), &ReleaseStatus::Deployed);
    assert!(helm(&["list", "--short"]).contains("ours"));
    assert!(helm(&["status", "ours"]).contains("STATUS: deployed"));
    assert_eq!(helm(&["get", "manifest", "ours"]).trim(), release.manifest.trim());
    helm(&["upgrade", "ours", &path, "--reuse-values", "--set", "greeting=hi"]);
    let newest = cluster.newest(&setup.namespace, "ours").await.unwrap().release;
    assert_eq!((newest.revision, status(&newest)), (2, &ReleaseStatus::Deployed));
    assert_eq!(newest.config["greeting"], "hi");
    helm(&["test", "ours"]);
    helm(&["rollback", "ours", "1"]);
    assert_eq!(data(setup, "ours-config")["greeting"], "hello");
    helm(&["uninstall", "ours"]);
    assert!(objects(setup, "ours").is_empty());

    // Helm's, then every operation of ours on it, and helm's view of it after each.
    helm(&["install", "theirs", &path, "--set", "environment.OLD=1"]);
    let release = upgrade(
        setup,
        "theirs",
        json!({ "greeting": "hi", "environment": { "MODE": null, "NEW": "2" }, "replicas": 2, "extra": true }),
    )
    .run(&context)
    .await
    .unwrap();
    assert_eq!(
        (release.revision, status(&release)),
        (2, &ReleaseStatus::Deployed)
    );
    assert!(helm(&["history", "theirs"]).contains("Upgrade complete"));
    let deployment = object(setup, "deployment", "theirs");
    assert_eq!(deployment["spec"]["replicas"], 2);
    let environment = &deployment["spec"]["template"]["spec"]["containers"][0]["env"];
    assert_eq!(*environment, json!([{ "name": "NEW", "value": "2" }]));
    let tested = Test::new("theirs", &setup.namespace).run(&context).await.unwrap();
    tested.result.unwrap();
    assert!(helm(&["status", "theirs"]).contains("Phase:          Succeeded"));
    let release = rollback(setup, "theirs", 1).run(&context).await.unwrap();
    assert_eq!((release.revision, description(&release)), (3, "Rollback to 1"));
    let environment =
        &object(setup, "deployment", "theirs")["spec"]["template"]["spec"]["containers"][0]["env"];
    assert_eq!(
        *environment,
        json!([{ "name": "MODE", "value": "plain" }, { "name": "OLD", "value": "1" }])
    );
    assert!(!objects(setup, "theirs").contains_key("ConfigMap/theirs-extra"));
    assert!(helm(&["history", "theirs"]).contains("Rollback to 1"));
    uninstall(setup, "theirs").run(&context).await.unwrap().unwrap();
    assert!(objects(setup, "theirs").is_empty());
    assert_eq!(helm(&["list", "--short"]).trim(), "");
}

fn object(setup: &Setup, kind: &str, name: &str) -> Value {
    serde_json::from_str(&setup.kubectl(&["get", kind, name, "--output", "json"])).unwrap()
}

fn data(setup: &Setup, name: &str) -> BTreeMap<String, String> {
    serde_json::from_value(object(setup, "configmap", name)["data"].clone()).unwrap()
}

const KINDS: &str = "configmaps,secrets,services,deployments";

/// What a release's objects are now, without what differs from one cluster to the next; hooks are looked at apart.
fn objects(setup: &Setup, release: &str) -> BTreeMap<String, Value> {
    let list: Value =
        serde_json::from_str(&setup.kubectl(&["get", KINDS, "--output", "json", "--show-managed-fields"]))
            .unwrap();
    let items = list["items"].as_array().unwrap().iter();
    items
        .filter(|object| object["metadata"]["annotations"]["meta.helm.sh/release-name"] == release)
        .map(|object| {
            let name = object["metadata"]["name"].as_str().unwrap();
            let key = format!("{}/{name}", object["kind"].as_str().unwrap());
            (key, comparable(object, &setup.namespace))
        })
        .collect()
}

fn comparable(object: &Value, namespace: &str) -> Value {
    let mut object = object.clone();
    let fields = object.as_object_mut().unwrap();
    fields.remove("status");
    let metadata = fields["metadata"].as_object_mut().unwrap();
    for field in ["uid", "resourceVersion", "creationTimestamp", "generation"] {
        metadata.remove(field);
    }
    let managers = metadata["managedFields"].as_array_mut().unwrap();
    managers.retain(|manager| manager["manager"] == "helm");
    for manager in managers.iter_mut() {
        manager.as_object_mut().unwrap().remove("time");
    }
    for address in ["clusterIP", "clusterIPs"] {
        if let Some(spec) = fields.get_mut("spec").and_then(Value::as_object_mut) {
            spec.remove(address);
        }
    }
    if let Some(annotations) = fields["metadata"]["annotations"].as_object_mut() {
        annotations.remove("deployment.kubernetes.io/revision");
    }
    serde_json::from_str(&object.to_string().replace(namespace, "NAMESPACE")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_leaves_what_helm_leaves() {
    let _up = ClusterIsUp::hold().await;
    let (Some(ours), Some(helms)) = (Setup::find("left-by-us"), Setup::find("left-by-helm")) else {
        return;
    };
    let cluster = ours.cluster(None).await;
    let context = context(&cluster, &Silent);
    let path = path();
    let name = "app";

    install(&ours, name, json!({ "kept": true }))
        .run(&context)
        .await
        .unwrap();
    helms.helm4(&["install", name, &path, "--set", "kept=true", "--create-namespace"]);
    same(&ours, &helms, name).await;

    let changed = json!({
        "greeting": "hi", "extra": true, "replicas": 2,
        "environment": { "MODE": "changed", "MORE": "x" },
        "ports": [{ "name": "http", "port": 81 }, { "name": "more", "port": 82 }],
    });
    let file = std::env::temp_dir().join(format!("changed-{}.json", std::process::id()));
    std::fs::write(&file, changed.to_string()).unwrap();
    upgrade(&ours, name, changed).run(&context).await.unwrap();
    helms.helm4(&["upgrade", name, &path, "--values", &file.display().to_string()]);
    std::fs::remove_file(&file).unwrap();
    same(&ours, &helms, name).await;

    rollback(&ours, name, 1).run(&context).await.unwrap();
    helms.helm4(&["rollback", name, "1"]);
    same(&ours, &helms, name).await;

    let failed = upgrade(&ours, name, json!({ "breaks": true }))
        .run(&context)
        .await;
    let (worked, text) = helms.helm4_says(&["upgrade", name, &path, "--set", "breaks=true"]);
    assert!(!worked, "{text}");
    let error = failed.unwrap_err().chain();
    assert!(error.starts_with("pre-upgrade hooks failed: "), "{error}");
    same(&ours, &helms, name).await;

    let gone = Uninstall {
        keep_history: true,
        ..uninstall(&ours, name)
    };
    gone.run(&context).await.unwrap();
    helms.helm4(&["uninstall", name, "--keep-history"]);
    same(&ours, &helms, name).await;
}

/// Compares objects, jobs of hooks, and every record of both, field by field.
async fn same(ours: &Setup, helms: &Setup, name: &str) {
    let all = |setup: &Setup| Value::Object(objects(setup, name).into_iter().collect());
    equal_lines(&all(ours), &all(helms));
    let jobs = |setup: &Setup| setup.kubectl(&["get", "jobs", "--output", "name"]);
    assert_eq!(jobs(ours), jobs(helms));
    let cluster = ours.cluster(None).await;
    let read = async |setup: &Setup| {
        let (history, damaged) = cluster.history(&setup.namespace, name, 100).await.unwrap();
        assert!(damaged.is_empty());
        history
    };
    let (ours_read, helms_read) = (read(ours).await, read(helms).await);
    assert_eq!(ours_read.len(), helms_read.len());
    for (one, other) in ours_read.iter().zip(&helms_read) {
        let record = |release: &Release, setup: &Setup| {
            let text = serde_json::to_string(release).unwrap();
            masked(serde_json::from_str(&text.replace(&setup.namespace, "NAMESPACE")).unwrap())
        };
        equal_lines(&record(&one.release, ours), &record(&other.release, helms));
        let keys = |labels: &BTreeMap<String, String>| {
            let mut labels = labels.clone();
            for moment in ["createdAt", "modifiedAt"] {
                labels.entry(moment.to_owned()).and_modify(|at| at.clear());
            }
            labels
        };
        assert_eq!(keys(&one.labels), keys(&other.labels));
    }
}

/// Line by line, so that a failure shows what differs and not two records.
fn equal_lines(ours: &Value, helms: &Value) {
    let (ours, helms) = (format!("{ours:#}"), format!("{helms:#}"));
    for (one, other) in ours.lines().zip(helms.lines()) {
        assert_eq!(one, other);
    }
    assert_eq!(ours, helms);
}

/// A record without moments: when something happened, and when files were changed.
fn masked(mut record: Value) -> Value {
    const MOMENTS: [&str; 6] = [
        "first_deployed",
        "last_deployed",
        "deleted",
        "started_at",
        "completed_at",
        "modtime",
    ];
    match &mut record {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                if MOMENTS.contains(&name.as_str()) {
                    *value = "MOMENT".into();
                } else {
                    *value = masked(value.take());
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                *item = masked(item.take());
            }
        }
        _ => {}
    }
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn records_in_config_maps_are_helms_and_ours_as_well() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("config-maps") else {
        return;
    };
    let setup = Setup {
        driver: Driver::ConfigMaps,
        ..setup
    };
    exchange(&setup, &|args| setup.helm4(args)).await;
    let in_secrets = Setup {
        driver: Driver::Secrets,
        ..setup.clone()
    };
    let cluster = in_secrets.cluster(None).await;
    assert!(
        cluster
            .heads(Some(&setup.namespace), None)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_installations_of_one_name_one_wins() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("race") else { return };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);
    for round in 0..5 {
        let name = format!("one-{round}");
        let attempt = || Install {
            no_hooks: true,
            ..install(&setup, &name, json!({}))
        };
        let (one, other) = tokio::join!(attempt().run(&context), attempt().run(&context));
        let errors: Vec<Error> = [one, other].into_iter().filter_map(Result::err).collect();
        assert_eq!(errors.len(), 1, "{errors:?}");
        let is_taken = matches!(errors[0], Error::RecordExists { .. })
            || errors[0]
                .chain()
                .ends_with("cannot reuse a name that is still in use");
        assert!(is_taken, "{}", errors[0].chain());
        let (history, _) = cluster.history(&setup.namespace, &name, 10).await.unwrap();
        assert_eq!(history.len(), 1);
        assert_eq!(status(&history[0].release), &ReleaseStatus::Deployed);
        uninstall(&setup, &name).run(&context).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_own_is_not_taken_and_named() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("owned") else { return };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);
    setup.kubectl(&["create", "namespace", &setup.namespace]);
    setup.kubectl(&["create", "configmap", "app-config"]);

    // Somebody's object is in the way: helm's words, and nothing was recorded.
    let error = install(&setup, "app", json!({})).run(&context).await.unwrap_err();
    let (_, helms) = setup.helm4_says(&["install", "app", &path()]);
    assert_eq!(
        format!("Error: INSTALLATION FAILED: {}", error.chain()),
        helms.lines().last().unwrap()
    );
    assert!(matches!(
        cluster.newest(&setup.namespace, "app").await,
        Err(Error::NotFound)
    ));

    // Taken over if that is wanted.
    let taking = Install {
        take_ownership: true,
        ..install(&setup, "app", json!({}))
    };
    taking.run(&context).await.unwrap();
    assert!(objects(&setup, "app").contains_key("ConfigMap/app-config"));

    // Another manager of a field is a conflict that names it, and the revision is recorded as failed.
    let patch = r#"{"spec":{"replicas":5}}"#;
    setup.kubectl(&[
        "patch",
        "deployment",
        "app",
        "--patch",
        patch,
        "--field-manager",
        "scaler",
    ]);
    let error = upgrade(&setup, "app", json!({ "replicas": 3 }))
        .run(&context)
        .await
        .unwrap_err()
        .chain();
    assert!(error.contains("conflict with \"scaler\""), "{error}");
    let newest = cluster.newest(&setup.namespace, "app").await.unwrap().release;
    assert_eq!(status(&newest), &ReleaseStatus::Failed);
    assert_eq!(description(&newest), format!("Upgrade \"app\" failed: {error}"));
    let forcing = Upgrade {
        force_conflicts: true,
        ..upgrade(&setup, "app", json!({ "replicas": 3 }))
    };
    forcing.run(&context).await.unwrap();
    assert_eq!(object(&setup, "deployment", "app")["spec"]["replicas"], 3);

    // What stopped being the release's is left, and said to be.
    setup.kubectl(&[
        "annotate",
        "configmap",
        "app-config",
        "meta.helm.sh/release-name=other",
        "--overwrite",
    ]);
    let done = uninstall(&setup, "app").run(&context).await.unwrap().unwrap();
    assert_eq!(
        done.kept,
        "1 resource(s) were not deleted because they are not owned by this release:\n[ConfigMap] app-config\n"
    );
    assert!(!setup.kubectl(&["get", "configmap", "app-config"]).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_taken_back_if_asked_and_history_stays_short() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("failing") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);

    // Pods that nobody can run: no node is that large.
    let impossible = json!({ "replicas": 1, "ports": [{ "name": "http", "port": 70_000 }] });
    let failing = Install {
        rollback_on_failure: true,
        ..install(&setup, "app", impossible.clone())
    };
    let error = failing.run(&context).await.unwrap_err().chain();
    assert!(
        error.starts_with(
            "release app failed, and has been uninstalled due to rollback-on-failure being set: "
        ),
        "{error}"
    );
    assert!(objects(&setup, "app").is_empty());
    assert!(matches!(
        cluster.newest(&setup.namespace, "app").await,
        Err(Error::NotFound)
    ));

    install(&setup, "app", json!({})).run(&context).await.unwrap();
    let failing = Upgrade {
        rollback_on_failure: true,
        ..upgrade(&setup, "app", impossible)
    };
    let error = failing.run(&context).await.unwrap_err().chain();
    assert!(
        error.starts_with(
            "release app failed, and has been rolled back due to rollback-on-failure being set: "
        ),
        "{error}"
    );
    let (history, _) = cluster.history(&setup.namespace, "app", 10).await.unwrap();
    let states: Vec<&str> = history
        .iter()
        .map(|stored| status(&stored.release).as_str())
        .collect();
    assert_eq!(states, ["superseded", "failed", "deployed"]);

    for number in 0..3 {
        let keeping_two = Upgrade {
            history_max: 2,
            no_hooks: true,
            ..upgrade(&setup, "app", json!({ "greeting": format!("{number}") }))
        };
        keeping_two.run(&context).await.unwrap();
    }
    let (history, _) = cluster.history(&setup.namespace, "app", 10).await.unwrap();
    let revisions: Vec<i64> = history.iter().map(|stored| stored.release.revision).collect();
    assert_eq!(revisions, [5, 6]);
}

/// Switches an operation off once its record is there.
struct CancelWhenRecorded {
    switch: Mutex<Option<tokio::sync::watch::Sender<bool>>>,
}

impl Observer for CancelWhenRecorded {
    fn event(&self, event: Event<'_>) {
        if matches!(event, Event::Recorded { .. })
            && let Some(switch) = self.switch.lock().unwrap().as_ref()
        {
            switch.send_replace(true);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_operation_is_recorded_as_failed() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("canceled") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let (switch, cancel) = Cancel::new();
    let observer = CancelWhenRecorded {
        switch: Mutex::new(Some(switch)),
    };
    let context = context(&cluster, &observer).with_cancel(cancel);
    let error = install(&setup, "app", json!({})).run(&context).await.unwrap_err();
    assert!(matches!(error, Error::Canceled), "{}", error.chain());
    let newest = cluster.newest(&setup.namespace, "app").await.unwrap().release;
    assert_eq!(status(&newest), &ReleaseStatus::Failed);
    assert_eq!(description(&newest), "Release \"app\" failed: context canceled");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_whose_names_the_cluster_makes_are_created_and_nothing_else_is_deleted() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("nameless") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);
    let hook = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  generateName: hook-\n  annotations: {helm.sh/hook: 'pre-install,pre-delete', helm.sh/hook-delete-policy: 'before-hook-creation,hook-succeeded'}\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: main, image: example.org/hook}]\n";
    let files = vec![
        ChartFile::new("Chart.yaml", "apiVersion: v2\nname: nameless\nversion: 1.0.0\n"),
        ChartFile::new("templates/hook.yaml", hook),
        ChartFile::new(
            "templates/map.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  generateName: made-\n",
        ),
    ];
    let chart = Arc::new(PreparedChart::new(Chart::from_files(files).unwrap()));
    let installing = Install {
        create_namespace: true,
        timeout: TIMEOUT,
        ..Install::new("app", &setup.namespace, chart, Table::new())
    };
    installing.run(&context).await.unwrap();
    setup.kubectl(&["create", "configmap", "strangers"]);
    setup.kubectl(&["create", "job", "strangers", "--image", "example.org/job"]);
    let names = |kind: &str| setup.kubectl(&["get", kind, "--output", "name"]);
    assert!(names("configmaps").contains("configmap/made-"));
    assert!(names("jobs").contains("job.batch/hook-"), "{}", names("jobs"));
    uninstall(&setup, "app").run(&context).await.unwrap();
    for kind in ["configmaps", "jobs"] {
        assert!(names(kind).contains("/strangers"), "{}", names(kind));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_whose_operation_was_killed_is_freed_by_a_rollback() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("killed") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);
    install(&setup, "app", json!({})).run(&context).await.unwrap();
    // Dropped in the middle of its first hook, which takes a second: as if the process had been killed.
    let killed = upgrade(&setup, "app", json!({ "greeting": "hi" })).run(&context);
    let _ = tokio::time::timeout(Duration::from_millis(700), killed).await;
    let newest = cluster.newest(&setup.namespace, "app").await.unwrap().release;
    assert_eq!(status(&newest), &ReleaseStatus::PendingUpgrade);
    let error = upgrade(&setup, "app", json!({})).run(&context).await.unwrap_err();
    assert_eq!(
        error.chain(),
        "another operation (install/upgrade/rollback) is in progress"
    );
    rollback(&setup, "app", 1).run(&context).await.unwrap();
    let (history, _) = cluster.history(&setup.namespace, "app", 10).await.unwrap();
    let states: Vec<&str> = history
        .iter()
        .map(|stored| status(&stored.release).as_str())
        .collect();
    assert_eq!(states, ["superseded", "failed", "deployed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_ends_with_the_reason_in_words() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("waiting") else {
        return;
    };
    let cluster = setup.cluster(None).await;
    let context = context(&cluster, &Silent);
    // More pods than three nodes take.
    let waiting = Install {
        wait: Wait::Objects,
        no_hooks: true,
        timeout: Duration::from_secs(5),
        ..install(&setup, "app", json!({ "replicas": 1000 }))
    };
    let error = waiting.run(&context).await.unwrap_err();
    let Error::NotReady(unready) = &error else {
        panic!("{}", error.chain())
    };
    assert!(unready.timed_out);
    assert_eq!(unready.objects.len(), 1);
    assert_eq!(unready.objects[0].kind, "Deployment");
    uninstall(&setup, "app").run(&context).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_decide_and_a_refusal_says_which_is_missing() {
    let _up = ClusterIsUp::hold().await;
    let Some(setup) = Setup::find("rights") else {
        return;
    };
    let alice = setup.cluster(Some("alice")).await;
    let context = context(&alice, &Silent);
    let in_development = Setup {
        namespace: "development".to_owned(),
        ..setup.clone()
    };
    let theirs = |namespace: &str| Install {
        no_hooks: true,
        create_namespace: false,
        ..Install::new("of-alice", namespace, chart(), Table::new())
    };
    // The chart looks at the cluster, which is more than a developer may.
    let error = theirs("development").run(&context).await.unwrap_err().chain();
    assert!(
        error.ends_with("error calling lookup: no right to get services in the namespace default"),
        "{error}"
    );
    let error = theirs("production").run(&context).await.unwrap_err().chain();
    assert_eq!(
        error,
        "release name check failed: no right to list secrets in the namespace production"
    );
    assert!(objects(&in_development, "of-alice").is_empty());
}
