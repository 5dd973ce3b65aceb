//! Where a pod runs the program: its service account is who asks, and its namespace is the one that is meant.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::Namespace;
use crate::process::{output, text};

/// Gives the program a `/var/run` of its own, with what the cluster puts into every pod.
const IN_A_POD: &str = "mount -t tmpfs none /var/run && mkdir -p /var/run/secrets/kubernetes.io \
    && ln -s \"$0\" /var/run/secrets/kubernetes.io/serviceaccount && exec \"$@\"";

/// What a pod of the cluster has: files, and variables that say where the API server is.
struct Pod {
    files: tempfile::TempDir,
    host: String,
    port: String,
}

impl Pod {
    fn new(namespace: &Namespace, token: &str) -> Self {
        let shown = namespace.kubectl(&["config", "view", "--raw", "--output", "json"]);
        let kubeconfig: Value = serde_json::from_str(&shown).expect("JSON");
        let cluster = &kubeconfig["clusters"][0]["cluster"];
        let address = cluster["server"].as_str().expect("an address");
        let (host, port) = address
            .trim_start_matches("https://")
            .split_once(':')
            .expect("host and port");
        let files = tempfile::tempdir().expect("a directory");
        let write =
            |name: &str, bytes: &[u8]| std::fs::write(files.path().join(name), bytes).expect("it is written");
        write("token", token.as_bytes());
        write("namespace", namespace.name.as_bytes());
        let ca =
            "go-template={{index (index .clusters 0).cluster \"certificate-authority-data\" | base64decode}}";
        let ca = namespace.kubectl(&["config", "view", "--raw", "--flatten", "--output", ca]);
        write("ca.crt", ca.as_bytes());
        Self {
            host: host.to_owned(),
            port: port.trim_end_matches('/').to_owned(),
            files,
        }
    }

    /// Runs the program as in the pod; without a kubeconfig, and without a home that could have one.
    fn run(&self, arguments: &[&str]) -> Output {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--map-root-user", "sh", "-c", IN_A_POD])
            .arg(self.files.path())
            .arg(env!("CARGO_BIN_EXE_chartroom"))
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.files.path())
            .env("KUBERNETES_SERVICE_HOST", &self.host)
            .env("KUBERNETES_SERVICE_PORT", &self.port)
            .current_dir(samples);
        output(&mut command)
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "says why a test does nothing")]
fn a_pod_asks_as_its_service_account() {
    let Some(namespace) = Namespace::find("in-pod") else {
        return;
    };
    let may_mount = Command::new("unshare")
        .args(["--mount", "--map-root-user", "true"])
        .status();
    if !may_mount.is_ok_and(|status| status.success()) {
        eprintln!("skipped: this machine gives nobody a mount namespace of one's own");
        return;
    }
    let pod = Pod::new(&namespace, &namespace.service_account("deployer", Some("admin")));

    // No namespace is named: it is the pod's.
    let installed = pod.run(&["install", "front", "hello-web"]);
    assert!(installed.status.success(), "{}", text(&installed.stderr));
    assert_eq!(namespace.found("front").revisions, [(1, "deployed".to_owned())]);
    let listed = pod.run(&["list", "--short"]);
    assert_eq!(text(&listed.stdout), "front\n", "{}", text(&listed.stderr));

    // It may do what its role says, and no more.
    let elsewhere = pod.run(&["list", "--namespace", "kube-system"]);
    assert_eq!(elsewhere.status.code(), Some(1));
    let error = text(&elsewhere.stderr);
    assert!(
        error.contains("no right to list secrets in the namespace kube-system"),
        "{error}"
    );

    // A kubeconfig that is named goes before the service account, also one that is not there.
    let named = pod.run(&["list", "--kubeconfig", "no-such-file"]);
    assert_eq!(named.status.code(), Some(1), "{}", text(&named.stdout));

    let removed = pod.run(&["uninstall", "front"]);
    assert!(removed.status.success(), "{}", text(&removed.stderr));
}
