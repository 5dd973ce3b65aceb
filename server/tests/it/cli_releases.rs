//! `chartroom list`, `status`, `history` and `get` beside real helm 4 on a real control plane, byte for byte.
//!
//! `cargo xtask test cluster` starts the control plane and says where it is; without it this skips.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output};

use crate::process::{chartroom, output, text};

/// Where helm and the cluster are, and a namespace of its own.
struct Setup {
    helm: OsString,
    kubeconfig: OsString,
    namespace: String,
}

impl Setup {
    #[expect(clippy::print_stderr, reason = "says why a test does nothing")]
    fn find() -> Option<Self> {
        let (Some(helm), Some(kubeconfig)) = (
            std::env::var_os("CHARTROOM_TEST_HELM4"),
            std::env::var_os("CHARTROOM_TEST_KUBECONFIG"),
        ) else {
            eprintln!("skipped: CHARTROOM_TEST_KUBECONFIG is not set; `cargo xtask test cluster` sets it");
            return None;
        };
        Some(Self {
            helm,
            kubeconfig,
            namespace: format!("commands-{}", std::process::id()),
        })
    }

    fn run(&self, command: &mut Command, arguments: &[&str]) -> Output {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
        command
            .args(arguments)
            .args(["--namespace", &self.namespace])
            .env("KUBECONFIG", &self.kubeconfig)
            .env("HOME", std::env::temp_dir())
            .env("TZ", "UTC")
            .current_dir(samples);
        output(command)
    }

    fn helm(&self, arguments: &[&str]) -> Output {
        self.run(Command::new(&self.helm).env_clear(), arguments)
    }

    fn chartroom(&self, arguments: &[&str]) -> Output {
        self.run(&mut chartroom(&[]), arguments)
    }

    #[track_caller]
    fn change(&self, arguments: &[&str]) {
        let done = self.helm(arguments);
        assert!(done.status.success(), "{arguments:?}: {}", text(&done.stderr));
    }
}

#[test]
fn releases_are_printed_as_helm_prints_them() {
    let Some(setup) = Setup::find() else { return };
    setup.change(&["install", "front", "hello-web", "--create-namespace"]);
    setup.change(&["upgrade", "front", "hello-web", "--set", "replicaCount=2"]);
    setup.change(&[
        "install",
        "visitors",
        "guestbook",
        "--description",
        "who was here",
    ]);
    for arguments in [
        &["list"][..],
        &["ls", "--output", "json"],
        &["list", "-o", "yaml", "--filter", "^f"],
        &["list", "-q", "--reverse"],
        &["list", "--superseded"],
        &["history", "front"],
        &["history", "front", "-o", "json"],
        &["history", "front", "--max", "1", "-o", "yaml"],
        &["get", "values", "front"],
        &["get", "values", "front", "--all", "-o", "json"],
        &["get", "values", "front", "--revision", "1"],
        &["get", "manifest", "front"],
        &["get", "hooks", "front"],
        &["get", "notes", "front"],
        &["get", "metadata", "visitors"],
        &["get", "metadata", "visitors", "-o", "json"],
        &["get", "all", "visitors"],
    ] {
        let (ours, helms) = (setup.chartroom(arguments), setup.helm(arguments));
        assert!(helms.status.success(), "{arguments:?}: {}", text(&helms.stderr));
        assert_eq!(
            text(&ours.stdout),
            text(&helms.stdout),
            "{arguments:?}: {}",
            text(&ours.stderr)
        );
        assert_eq!(ours.status.code(), Some(0), "{arguments:?}");
    }
    // What a status says about objects is compared in the crate `cluster`, which can wait until they rest.
    let status = setup.chartroom(&["status", "front"]);
    assert!(
        text(&status.stdout).starts_with("NAME: front\n"),
        "{}",
        text(&status.stderr)
    );
    for arguments in [
        &["status", "nobody"][..],
        &["history", "nobody"],
        &["get", "values", "nobody"],
        &["get", "manifest", "front", "--revision", "9"],
    ] {
        let (ours, helms) = (setup.chartroom(arguments), setup.helm(arguments));
        assert_eq!(ours.status.success(), helms.status.success(), "{arguments:?}");
        assert_eq!(text(&ours.stdout), "", "{arguments:?}");
        let last = |output: &Output| text(&output.stderr).lines().last().unwrap_or_default().to_owned();
        assert_eq!(last(&ours), last(&helms), "{arguments:?}");
    }
    for release in ["front", "visitors"] {
        setup.change(&["uninstall", release]);
    }
    let (ours, helms) = (setup.chartroom(&["list"]), setup.helm(&["list"]));
    assert_eq!(text(&ours.stdout), text(&helms.stdout));
}
