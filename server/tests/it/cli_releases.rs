//! The commands about releases beside real helm 4 on a real control plane, byte for byte.
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
    fn find(purpose: &str) -> Option<Self> {
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
            namespace: format!("{purpose}-{}", std::process::id()),
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
    let Some(setup) = Setup::find("reading") else {
        return;
    };
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

/// A line of a history without its second column, the moment; others as they are.
fn without_moment(line: &str) -> String {
    match line.split('\t').collect::<Vec<_>>().as_slice() {
        [revision, _, rest @ ..] if revision.trim().parse::<u32>().is_ok() => {
            [&[*revision], rest].concat().join("\t")
        }
        _ => line.to_owned(),
    }
}

/// What a command printed and how it ended, without moments, and with one namespace for both.
fn told(setup: &Setup, output: &Output) -> (Option<i32>, String, String) {
    let masked = |bytes: &[u8]| {
        let text = text(bytes).replace(&setup.namespace, "NAMESPACE");
        let line = |line: &str| {
            let heads = ["LAST DEPLOYED:", "Last Started:", "Last Completed:"];
            match heads.into_iter().find(|head| line.starts_with(head)) {
                Some(head) => head.to_owned(),
                None => without_moment(line),
            }
        };
        text.lines().map(line).collect::<Vec<_>>().join("\n")
    };
    let error = masked(&output.stderr);
    // Lines of klog, such as `E1129 16:40:00.000000 …`, are written by helm's client library whenever a watch of its ends.
    let is_log = |line: &&str| {
        let (level, rest) = line.split_at_checked(1).unwrap_or_default();
        let day = rest.get(..4).unwrap_or_default();
        "IWEF".contains(level)
            && day.bytes().all(|byte| byte.is_ascii_digit())
            && rest[day.len()..].starts_with(' ')
    };
    let error = error.lines().rfind(|line| line.is_empty() || !is_log(line));
    let error = error.unwrap_or_default().to_owned();
    (output.status.code(), masked(&output.stdout), error)
}

#[test]
fn changes_are_told_as_helm_tells_them() {
    let (Some(ours), Some(helms)) = (Setup::find("changed-ours"), Setup::find("changed-helm")) else {
        return;
    };
    let every_part = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/cluster/tests/every-part");
    let every_part = every_part.display().to_string();
    let chart = every_part.as_str();
    for arguments in [
        &[
            "install",
            "web",
            "hello-web",
            "--create-namespace",
            "--dry-run=client",
        ][..],
        &["install", "hello-web"],
        &["install", "web", "no-such-chart"],
        &["upgrade", "web", "hello-web"],
        &["rollback", "web"],
        &["uninstall", "web"],
        &["uninstall", "web", "--ignore-not-found"],
        &["test", "web"],
        &[
            "upgrade",
            "--install",
            "web",
            "hello-web",
            "--create-namespace",
            "--wait",
            "--timeout",
            "60s",
        ],
        &["install", "web", "hello-web"],
        &["install", "web", "hello-web", "--dry-run=server", "--hide-secret"],
        &[
            "upgrade",
            "web",
            "hello-web",
            "--set",
            "replicaCount=2",
            "--description",
            "two of them",
            "--hide-notes",
        ],
        &["upgrade", "web", "hello-web", "--set", "service.port=-1"],
        &["upgrade", "web", "hello-web", "--labels", "name=x"],
        &["test", "web", "--logs"],
        &["history", "web", "--max", "1"],
        &["rollback", "web", "9"],
        &["rollback", "web", "x"],
        &["rollback", "web", "1", "--wait", "--timeout", "60s"],
        &["uninstall", "web", "--keep-history"],
        &["uninstall", "web", "--keep-history"],
        &["install", "web", "hello-web", "--replace"],
        &["uninstall", "web"],
        &["install", "all", chart, "--set", "kept=true", "--timeout", "60s"],
        &[
            "test",
            "all",
            "--filter",
            "name=all-first-test",
            "--timeout",
            "60s",
        ],
        &[
            "upgrade",
            "all",
            chart,
            "--set",
            "breaks=true",
            "--timeout",
            "60s",
        ],
        &["uninstall", "all", "--timeout", "60s"],
    ] {
        let (us, helm) = (ours.chartroom(arguments), helms.helm(arguments));
        let (us, helm) = (told(&ours, &us), told(&helms, &helm));
        assert_eq!(us, helm, "{arguments:?}");
    }
    // Helm records a failed revision before it sees that these exclude each other; nothing is recorded here.
    let wrong = ours.chartroom(&[
        "upgrade",
        "web",
        "hello-web",
        "--force-replace",
        "--server-side=true",
    ]);
    assert_eq!(wrong.status.code(), Some(1));
    let wrong = ours.chartroom(&["upgrade", "web", "hello-web", "--wait=maybe"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("Valid inputs are watcher, hookOnly, and legacy"));
    // A program reads the chart, too.
    let arguments = ["install", "web", "hello-web", "--output", "json"];
    let read = |setup: &Setup, output: Output| {
        let mut release: serde_json::Value =
            serde_json::from_str(&text(&output.stdout).replace(&setup.namespace, "NAMESPACE")).unwrap();
        release["info"] = serde_json::Value::Null;
        for files in ["templates", "files"] {
            for file in release["chart"][files].as_array_mut().unwrap() {
                file["modtime"] = serde_json::Value::Null;
            }
        }
        for moment in ["modtime", "schemamodtime"] {
            release["chart"][moment] = serde_json::Value::Null;
        }
        release
    };
    let us = read(&ours, ours.chartroom(&arguments));
    assert_eq!(us, read(&helms, helms.helm(&arguments)));
    for setup in [&ours, &helms] {
        setup.change(&["uninstall", "web"]);
    }
}

#[test]
fn helms_flags_may_stand_before_the_command() {
    let Some(setup) = Setup::find("leading") else {
        return;
    };
    let kubeconfig = setup.kubeconfig.to_string_lossy().into_owned();
    let arguments = [
        "--kubeconfig",
        &kubeconfig,
        "-n",
        "default",
        "list",
        "--no-headers",
    ];
    let mut command = chartroom(&[]);
    command.args(arguments).env_remove("KUBECONFIG");
    let listed = output(&mut command);
    assert_eq!(listed.status.code(), Some(0), "{}", text(&listed.stderr));
}
