//! Real helm, 3 and 4, where `CHARTROOM_TEST_HELM3` and `CHARTROOM_TEST_HELM4` name one, and other programs of that kind.

use std::path::Path;
use std::process::{Command, Output};

use super::client::{Museum, chart, form};
use crate::process::text;

pub(crate) struct Helm<'a> {
    program: std::ffi::OsString,
    home: &'a Path,
    kubeconfig: Option<std::ffi::OsString>,
}

impl<'a> Helm<'a> {
    /// The program that a variable of the environment names, at home in a folder; where there is none, it is said.
    pub(crate) fn find(variable: &str, home: &'a Path) -> Option<Self> {
        let program = std::env::var_os(variable);
        #[expect(clippy::print_stderr, reason = "says why a test does nothing")]
        if program.is_none() {
            eprintln!("skipped: {variable} is not set");
        }
        Some(Self {
            program: program?,
            home,
            kubeconfig: None,
        })
    }

    /// The same on a cluster.
    pub(crate) fn on(self, kubeconfig: &std::ffi::OsStr) -> Self {
        Self {
            kubeconfig: Some(kubeconfig.to_owned()),
            ..self
        }
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Command::new(&self.program)
            .args(arguments)
            .env_clear()
            .env("HOME", self.home)
            .env("HELM_CACHE_HOME", self.home.join("cache"))
            .env("HELM_CONFIG_HOME", self.home.join("config"))
            .env("HELM_DATA_HOME", self.home.join("data"))
            .env("DOCKER_CONFIG", self.home.join("docker"))
            // Without one it would look for a cluster where helm looks by itself.
            .env(
                "KUBECONFIG",
                self.kubeconfig
                    .clone()
                    .unwrap_or_else(|| self.home.join("none").into()),
            )
            .current_dir(self.home)
            .output()
            .expect("it starts")
    }

    pub(crate) fn works(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    pub(crate) fn fails(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(!output.status.success(), "{arguments:?}: {said}");
    }
}

fn helm_at_home(variable: &str) {
    for (context, tenant, json) in [
        ("", "", false),
        ("--context-path=/x", "/org/repo", false),
        ("", "", true),
    ] {
        let (dir, home) = (
            tempfile::tempdir().expect("a folder"),
            tempfile::tempdir().expect("a folder"),
        );
        let Some(helm) = Helm::find(variable, home.path()) else {
            return;
        };
        let mut flags = vec!["--basic-auth-user=user", "--basic-auth-pass=pass"];
        flags.extend((!context.is_empty()).then_some(context));
        flags.extend((!tenant.is_empty()).then_some("--depth=2"));
        flags.extend(json.then_some("--json-index"));
        let museum = Museum::start(dir.path(), &flags).with_header("authorization", "Basic dXNlcjpwYXNz");
        let url = format!("http://127.0.0.1:{}{}{tenant}", museum.port, museum.context);
        let push = |name: &str, version: &str| {
            // As `helm cm-push` sends it.
            let (kind, body) = form(&[("chart", &chart(name, version))]);
            let path = format!("/api{tenant}/charts");
            let reply = museum.request("POST", &path, &[("content-type", &kind)], &body);
            assert_eq!(reply.status, 201, "{}", reply.text());
        };
        let add = ["repo", "add", "own", &url, "--username", "user", "--password"];
        let wrong = helm.run(&[&add[..], &["wrong"]].concat());
        assert!(!wrong.status.success(), "a wrong password is one");
        // An index of nothing is one that helm takes.
        helm.works(&[&add[..], &["pass"]].concat());
        assert!(helm.works(&["search", "repo", "own/"]).contains("No results"));
        push("web", "1.0.0");
        push("web", "1.1.0");
        push("db", "2.0.0-rc.1");
        helm.works(&["repo", "update"]);
        let found = helm.works(&[
            "search",
            "repo",
            "own/",
            "--versions",
            "--devel",
            "--output",
            "json",
        ]);
        let found: serde_json::Value = serde_json::from_str(&found).expect("it is JSON");
        let found: Vec<String> = found
            .as_array()
            .expect("a list")
            .iter()
            .map(|chart| {
                format!(
                    "{} {}",
                    chart["name"].as_str().unwrap_or(""),
                    chart["version"].as_str().unwrap_or("")
                )
            })
            .collect();
        assert_eq!(found, ["own/db 2.0.0-rc.1", "own/web 1.1.0", "own/web 1.0.0"]);
        helm.works(&["pull", "own/web", "--version", "^1.0.0"]);
        let pulled = std::fs::read(home.path().join("web-1.1.0.tgz")).expect("it is pulled");
        assert_eq!(pulled, chart("web", "1.1.0"));
        let shown = helm.works(&["show", "values", "own/web"]);
        assert!(shown.contains("replicas: 1"), "{shown}");
        let rendered = helm.works(&["template", "mine", "own/web"]);
        assert!(rendered.contains("name: mine"), "{rendered}");
        // Upload, then update, again and again: what was answered is there.
        for n in 0..5 {
            push("web", &format!("2.{n}.0"));
            helm.works(&["repo", "update"]);
            let shown = helm.works(&["show", "chart", "own/web"]);
            assert!(shown.contains(&format!("version: 2.{n}.0")), "{shown}");
        }
    }
}

#[test]
fn helm_3_is_at_home() {
    helm_at_home("CHARTROOM_TEST_HELM3");
}

#[test]
fn helm_4_is_at_home() {
    helm_at_home("CHARTROOM_TEST_HELM4");
}
