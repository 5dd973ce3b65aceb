//! The control plane of `cargo xtask cluster` is one that real helm, real rights and real faults can be tried on.
//!
//! `cargo xtask test cluster` starts it and says where it is in the variables read here; without them the tests skip.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::{Value, json};

/// Taken to write by the test that takes the API server away from all others.
static API_SERVER: RwLock<()> = RwLock::new(());

/// What the test phase says about the cluster.
struct Setup {
    kubeconfig: OsString,
}

impl Setup {
    /// `None`, and a line that says so, where there is no cluster.
    #[expect(clippy::print_stderr, reason = "says why a test does nothing")]
    fn find() -> Option<Self> {
        let kubeconfig = std::env::var_os("CHARTROOM_TEST_KUBECONFIG");
        if kubeconfig.is_none() {
            eprintln!("skipped: CHARTROOM_TEST_KUBECONFIG is not set; `cargo xtask test cluster` sets it");
        }
        kubeconfig.map(|kubeconfig| Self { kubeconfig })
    }

    /// Runs a program that a variable names, as the cluster's administrator.
    fn run(&self, variable: &str, args: &[&str], input: &str) -> Output {
        let mut child = Command::new(named_by(variable))
            .args(args)
            // Without the user's settings and plugins; the cluster's directory has a home for such programs.
            .env_clear()
            .env("HOME", Path::new(&self.kubeconfig).with_file_name("home"))
            .env("KUBECONFIG", &self.kubeconfig)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// The same for a call that is to succeed; what it printed.
    fn done(&self, variable: &str, args: &[&str], input: &str) -> String {
        let output = self.run(variable, args, input);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{variable} {args:?}: {stderr}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn kubectl(&self, args: &[&str], input: &str) -> String {
        self.done("CHARTROOM_TEST_KUBECTL", args, input)
    }
}

fn named_by(variable: &str) -> PathBuf {
    PathBuf::from(std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} is set, too")))
}

fn with_api_server() -> RwLockReadGuard<'static, ()> {
    API_SERVER.read().unwrap_or_else(PoisonError::into_inner)
}

fn alone() -> RwLockWriteGuard<'static, ()> {
    API_SERVER.write().unwrap_or_else(PoisonError::into_inner)
}

fn hello_web() -> String {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/hello-web");
    samples.display().to_string()
}

/// Installs, tests, lists and uninstalls a sample chart.
fn helm_works(helm: &str, version: &str, release: &str) {
    let Some(setup) = Setup::find() else { return };
    let _api_server = with_api_server();
    assert!(setup.done(helm, &["version", "--short"], "").starts_with(version));
    let chart = hello_web();
    let run = |args: &[&str]| setup.done(helm, args, "");
    run(&[
        "install",
        release,
        &chart,
        "--namespace=development",
        "--wait",
        "--timeout=90s",
    ]);
    let selector = format!("--selector=app.kubernetes.io/instance={release}");
    let pods = setup.kubectl(
        &[
            "get",
            "pods",
            "--namespace=development",
            "--output=json",
            &selector,
        ],
        "",
    );
    let pods: Value = serde_json::from_str(&pods).unwrap();
    let pods = pods["items"].as_array().unwrap();
    assert_eq!(pods.len(), 2, "the chart's replicas");
    for pod in pods {
        assert_eq!(pod["status"]["phase"], "Running");
        let logs = setup.kubectl(
            &[
                "logs",
                "--namespace=development",
                pod["metadata"]["name"].as_str().unwrap(),
            ],
            "",
        );
        assert!(logs.contains("no container runs"), "{logs}");
    }
    // A bare pod that is to finish.
    run(&["test", release, "--namespace=development", "--timeout=90s"]);
    let filter = format!("--filter=^{release}$");
    let listed = run(&["list", "--namespace=development", "--output=json", &filter]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed[0]["status"], "deployed", "{listed}");
    run(&["uninstall", release, "--namespace=development", "--wait"]);
    let gone = setup.run(helm, &["status", release, "--namespace=development"], "");
    let words = String::from_utf8_lossy(&gone.stderr);
    assert!(!gone.status.success() && words.contains("not found"), "{words}");
}

#[test]
fn helm_4_installs_waits_tests_and_uninstalls() {
    helm_works("CHARTROOM_TEST_HELM4", "v4.", "by-helm-4");
}

#[test]
fn helm_3_installs_waits_tests_and_uninstalls() {
    helm_works("CHARTROOM_TEST_HELM3", "v3.", "by-helm-3");
}

#[test]
fn charts_see_a_released_version() {
    let Some(setup) = Setup::find() else { return };
    let _api_server = with_api_server();
    let version: Value = serde_json::from_str(&setup.kubectl(&["version", "--output=json"], "")).unwrap();
    let server = version["serverVersion"]["gitVersion"].as_str().unwrap();
    let minor = version["serverVersion"]["minor"].as_str().unwrap();
    assert!(server.starts_with(&format!("v1.{minor}.")), "{version}");
}

/// What each user may do where.
const RIGHTS: &[(&str, &str, &str, &str, bool)] = &[
    ("admin", "create", "clusterroles", "production", true),
    ("alice", "create", "deployments.apps", "development", true),
    ("alice", "get", "secrets", "development", true),
    ("alice", "create", "rolebindings", "development", false),
    ("alice", "get", "pods", "production", false),
    ("bob", "create", "deployments.apps", "production", true),
    ("bob", "create", "rolebindings", "production", true),
    ("bob", "create", "namespaces", "production", false),
    ("carol", "get", "pods", "production", true),
    ("carol", "get", "secrets", "production", false),
    ("carol", "delete", "pods", "development", false),
];

#[test]
fn users_may_what_their_groups_may() {
    let Some(setup) = Setup::find() else { return };
    let _api_server = with_api_server();
    for (user, verb, resource, namespace, may) in RIGHTS {
        let (context, namespace) = (format!("--context={user}"), format!("--namespace={namespace}"));
        let args = ["auth", "can-i", &context, &namespace, verb, resource];
        let output = setup.run("CHARTROOM_TEST_KUBECTL", &args, "");
        let answer = String::from_utf8_lossy(&output.stdout);
        assert_eq!(
            answer.trim() == "yes",
            *may,
            "{user} {verb} {resource} {namespace}: {answer}"
        );
    }
}

#[test]
fn alice_may_not_install_where_admin_may() {
    let Some(setup) = Setup::find() else { return };
    let _api_server = with_api_server();
    let chart = hello_web();
    let install = |user: &str| {
        let context = format!("--kube-context={user}");
        let args = ["install", "forbidden", &chart, "--namespace=production", &context];
        setup.run("CHARTROOM_TEST_HELM4", &args, "")
    };
    let refused = install("alice");
    let words = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success());
    assert!(
        words.contains("\"alice\" cannot") && words.contains("forbidden"),
        "{words}"
    );
    let done = install("admin");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    setup.done(
        "CHARTROOM_TEST_HELM4",
        &["uninstall", "forbidden", "--namespace=production"],
        "",
    );
}

/// A job whose one pod ends as the annotation says.
fn job(name: &str, annotations: &Value) -> String {
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": { "name": name },
        "spec": {
            "backoffLimit": 0,
            "template": {
                "metadata": { "annotations": annotations },
                "spec": {
                    "restartPolicy": "Never",
                    "containers": [{ "name": "main", "image": "example.com/job:1" }],
                },
            },
        },
    })
    .to_string()
}

#[test]
fn jobs_end_well_or_badly_as_they_are_told() {
    let Some(setup) = Setup::find() else { return };
    let _api_server = with_api_server();
    for (name, annotations, condition) in [
        ("ends-well", json!({}), "Complete"),
        (
            "ends-badly",
            json!({ "chartroom.test/outcome": "fails" }),
            "Failed",
        ),
    ] {
        let namespace = "--namespace=production";
        setup.kubectl(&["apply", namespace, "--filename=-"], &job(name, &annotations));
        let (target, condition) = (format!("job/{name}"), format!("--for=condition={condition}"));
        setup.kubectl(&["wait", namespace, &condition, &target, "--timeout=60s"], "");
        setup.kubectl(&["delete", namespace, &target], "");
    }
}

#[test]
fn pods_whose_image_is_missing_wait_and_say_why() {
    let Some(setup) = Setup::find() else { return };
    let _api_server = with_api_server();
    let namespace = "--namespace=production";
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": "waits", "annotations": { "chartroom.test/outcome": "waits" } },
        "spec": { "containers": [{ "name": "main", "image": "example.com/missing:1" }] },
    });
    setup.kubectl(&["apply", namespace, "--filename=-"], &pod.to_string());
    let reason = "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=ImagePullBackOff";
    setup.kubectl(&["wait", namespace, reason, "pod/waits", "--timeout=60s"], "");
    setup.kubectl(&["delete", namespace, "pod/waits"], "");
}

/// Asks the cluster's owner for a fault; its answer.
fn ask(command: &str) -> String {
    let mut stream = UnixStream::connect(named_by("CHARTROOM_TEST_CLUSTER_SOCKET")).unwrap();
    writeln!(stream, "{command}").unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    answer.trim().to_owned()
}

#[test]
fn the_api_server_goes_and_comes_back_with_all_it_knew() {
    let Some(setup) = Setup::find() else { return };
    let _nobody_else = alone();
    let namespace = "--namespace=production";
    setup.kubectl(
        &[
            "create",
            namespace,
            "configmap",
            "remembered",
            "--from-literal=a=b",
        ],
        "",
    );
    let is_there = || {
        let args = ["get", namespace, "configmap", "remembered"];
        setup.run("CHARTROOM_TEST_KUBECTL", &args, "").status.success()
    };
    for away in ["stop-api-server", "kill-api-server"] {
        assert_eq!(ask(away), "done");
        assert!(!is_there(), "after {away}");
        assert_eq!(ask(away), "the API server does not run");
        assert_eq!(ask("start-api-server"), "done");
        assert!(is_there(), "after {away} and start-api-server");
    }
    assert_eq!(ask("restart-api-server"), "done");
    assert!(is_there(), "after restart-api-server");
    assert!(ask("burn-api-server").starts_with("there is no command `burn-api-server`; there are stop"));
    setup.kubectl(&["delete", namespace, "configmap", "remembered"], "");
}
