//! What helm's command line has and Chartroom's has not: it is refused, and not taken for something else.

use std::path::Path;

use crate::process::{chartroom, output, text};

#[track_caller]
fn refuses(why: &str, arguments: &[&str], variables: &[(&str, &str)]) {
    let mut command = chartroom(arguments);
    // No cluster is asked before the command line is understood.
    command
        .env("KUBECONFIG", "/nonexistent")
        .envs(variables.iter().copied());
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples"));
    let got = output(&mut command);
    assert_eq!(got.status.code(), Some(1), "{arguments:?}");
    assert_eq!(text(&got.stdout), "", "{arguments:?}");
    let message = text(&got.stderr);
    assert!(message.contains(why), "{arguments:?}: {message}");
}

#[test]
fn flags_that_do_not_exist_are_refused() {
    let flags: &[&[&str]] = &[
        &["list", "--color=always"],
        &["list", "--debug"],
        &["list", "--burst-limit", "1"],
        &["list", "--qps", "1"],
        &["get", "all", "web", "--template", "{{.}}"],
        &["template", "web", "hello-web", "--post-renderer", "cat"],
        &["template", "web", "hello-web", "--jsonpath", "{.a}"],
        &["install", "web", "hello-web", "--post-renderer", "cat"],
        &["upgrade", "web", "hello-web", "--post-renderer", "cat"],
    ];
    for flag in flags {
        refuses("unexpected argument '--", flag, &[]);
    }
}

#[test]
fn drivers_that_no_cluster_keeps_are_refused() {
    for driver in ["sql", "memory"] {
        let why = format!("unknown driver \"{driver}\" in HELM_DRIVER; there are secret and configmap");
        refuses(&why, &["list"], &[("HELM_DRIVER", driver)]);
    }
}

#[test]
fn dependencies_and_addresses_of_charts_are_not_fetched() {
    for command in ["install", "upgrade"] {
        let arguments = [command, "web", "hello-web", "--dependency-update"];
        refuses("dependencies are not fetched: ", &arguments, &[]);
    }
    let arguments = ["install", "web", "https://charts.invalid/web-1.0.0.tgz"];
    refuses("charts are not fetched from addresses: ", &arguments, &[]);
}

#[test]
fn get_alone_helps_and_fails() {
    let got = output(&mut chartroom(&["get"]));
    assert_eq!(got.status.code(), Some(1));
    assert_eq!(text(&got.stdout), "");
    for part in ["all", "hooks", "manifest", "metadata", "notes", "values"] {
        let message = text(&got.stderr);
        assert!(message.contains(&format!("  {part} ")), "{message}");
    }
}
