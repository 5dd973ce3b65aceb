//! The commands about releases asked of a server, beside the same commands straight: one says what the other says.
//!
//! `cargo xtask test cluster` starts the control plane and says where it is; without it the tests that need one skip.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::process::{Server, chartroom, output, text};
use crate::releases_process::{House, Namespace, token};

/// A server with a cluster, and both ways to it.
struct Ways<'a> {
    server: &'a Server,
    namespace: &'a Namespace,
    token_file: PathBuf,
}

impl Ways<'_> {
    fn samples() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples")
    }

    fn by_server(&self, arguments: &[&str]) -> Output {
        let mut command = chartroom(arguments);
        command
            .args(["--server", &format!("http://127.0.0.1:{}", self.server.port)])
            .arg("--token-file")
            .arg(&self.token_file)
            .args(["--namespace", &self.namespace.name])
            .env("TZ", "UTC");
        output(&mut command)
    }

    fn straight(&self, arguments: &[&str]) -> Output {
        let mut command = chartroom(arguments);
        command
            .args(["--namespace", &self.namespace.name])
            .env("KUBECONFIG", &self.namespace.kubeconfig)
            .env("TZ", "UTC")
            .current_dir(Self::samples());
        output(&mut command)
    }

    /// Does it by the server, and well.
    #[track_caller]
    fn done(&self, arguments: &[&str]) -> String {
        let done = self.by_server(arguments);
        assert_eq!(
            done.status.code(),
            Some(0),
            "{arguments:?}: {}",
            text(&done.stderr)
        );
        text(&done.stdout)
    }

    /// Both say the same, and it is this.
    #[track_caller]
    fn same(&self, arguments: &[&str]) -> String {
        let (remote, straight) = (self.by_server(arguments), self.straight(arguments));
        assert_eq!(text(&remote.stdout), text(&straight.stdout), "{arguments:?}");
        assert_eq!(text(&remote.stderr), text(&straight.stderr), "{arguments:?}");
        assert_eq!(remote.status.code(), straight.status.code(), "{arguments:?}");
        text(&remote.stdout)
    }
}

fn with_ways(purpose: &str, test: impl FnOnce(&Ways<'_>)) {
    let Some(namespace) = Namespace::find(purpose) else {
        return;
    };
    let house = House::new(&namespace);
    let server = house.start();
    let token = token(&server, "alice");
    let token_file = house.data.path().join("token");
    std::fs::write(&token_file, format!("{token}\n")).expect("it is written");
    test(&Ways {
        server: &server,
        namespace: &namespace,
        token_file,
    });
}

#[test]
fn a_server_says_what_the_cluster_says() {
    with_ways("cli-reading", |ways| {
        let installed = ways.done(&["install", "web", "samples/hello-web", "--set", "replicaCount=2"]);
        assert!(installed.starts_with("NAME: web\n"), "{installed}");
        assert!(
            installed.contains("STATUS: deployed\nREVISION: 1\n"),
            "{installed}"
        );
        let upgraded = ways.done(&[
            "upgrade",
            "web",
            "samples/hello-web",
            "--version",
            "^1",
            "--reuse-values",
            "--set-string",
            "page.greeting=true",
            "--description",
            "as text",
        ]);
        assert!(
            upgraded.starts_with("Release \"web\" has been upgraded. Happy Helming!\n"),
            "{upgraded}"
        );
        for arguments in [
            &["list"][..],
            &["list", "-o", "json"],
            &["list", "-q"],
            &["list", "--filter", "^w", "-o", "yaml"],
            &["list", "--superseded", "--date", "--reverse"],
            &["list", "--filter", "("],
            &["list", "--selector", "a=b=c"],
            &["list", "--failed"],
            &["history", "web"],
            &["history", "web", "-o", "json", "--max", "1"],
            &["get", "values", "web"],
            &["get", "values", "web", "--all", "-o", "json"],
            &["get", "values", "web", "--revision", "1"],
            &["get", "manifest", "web"],
            &["get", "hooks", "web"],
            &["get", "notes", "web"],
            &["get", "metadata", "web", "-o", "json"],
            &["get", "metadata", "web", "--revision", "1"],
            &["get", "all", "web"],
            &["status", "nobody"],
            &["history", "nobody"],
            &["get", "values", "nobody"],
            &["get", "manifest", "web", "--revision", "9"],
            &["upgrade", "nobody", "samples/hello-web", "--dry-run=none"],
            &["rollback", "web", "x"],
            &["uninstall", "nobody"],
            &["uninstall", "nobody", "--ignore-not-found"],
            &["test", "nobody"],
        ] {
            // A sample chart is a folder below the one that straight commands run in.
            if arguments.first() == Some(&"upgrade") {
                let (remote, straight) = (
                    ways.by_server(arguments),
                    ways.straight(&["upgrade", "nobody", "hello-web"]),
                );
                assert_eq!(text(&remote.stderr), text(&straight.stderr));
                assert_eq!(remote.status.code(), straight.status.code());
                continue;
            }
            ways.same(arguments);
        }
        let values = ways.done(&["get", "values", "web", "-o", "json"]);
        assert_eq!(values, "{\"page\":{\"greeting\":\"true\"},\"replicaCount\":2}\n");
        // What is live changes from one look to the next; which objects there are does not.
        let kinds = |status: &Output| {
            let status: serde_json::Value = serde_json::from_slice(&status.stdout).expect("JSON");
            let resources = status["info"]["resources"]
                .as_object()
                .cloned()
                .unwrap_or_default();
            resources.keys().cloned().collect::<Vec<String>>()
        };
        let status = ["status", "web", "-o", "json"];
        let found = kinds(&ways.by_server(&status));
        assert_eq!(found, kinds(&ways.straight(&status)));
        assert!(found.contains(&"v1/Deployment".to_owned()), "{found:?}");
        let status = ways.done(&["status", "web"]);
        assert!(status.contains("==> v1/Deployment"), "{status}");

        assert_eq!(
            ways.done(&["rollback", "web", "1", "--wait", "--timeout", "60s"]),
            "Rollback was a success! Happy Helming!\n"
        );
        let tested = ways.done(&["test", "web", "--logs"]);
        assert!(tested.contains("Phase:          Succeeded"), "{tested}");
        assert_eq!(
            ways.done(&["uninstall", "web", "--wait"]),
            "release \"web\" uninstalled\n"
        );
        assert_eq!(ways.namespace.found("web").revisions, []);
    });
}

#[test]
fn what_a_secret_holds_comes_from_no_server() {
    with_ways("cli-secrets", |ways| {
        let chart = "samples/guestbook";
        let rendered = ways.done(&["install", "shop", chart, "--skip-crds", "--dry-run=server"]);
        assert!(rendered.contains("DESCRIPTION: Dry run complete"), "{rendered}");
        assert_eq!(ways.namespace.found("shop").revisions, [], "nothing was done");
        ways.done(&["install", "shop", chart, "--skip-crds"]);
        let (remote, straight) = (
            ways.done(&["get", "manifest", "shop"]),
            text(&ways.straight(&["get", "manifest", "shop"]).stdout),
        );
        let secret = |manifest: &str| {
            let documents = manifest.split("---\n");
            let found = documents.filter(|document| document.contains("kind: Secret\n"));
            found.map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(!secret(&straight).is_empty(), "{straight}");
        for (shown, real) in secret(&remote).iter().zip(secret(&straight)) {
            assert!(shown.contains("(hidden, mark "), "{shown}");
            let lines = real
                .lines()
                .skip_while(|line| !matches!(*line, "data:" | "stringData:"));
            for line in lines.skip(1).take_while(|line| line.starts_with(' ')) {
                let value = line.split(": ").nth(1).unwrap_or_default().trim_matches('"');
                assert!(value.is_empty() || !shown.contains(value), "{shown}");
            }
        }
        let status = ways.done(&["status", "shop", "-o", "json"]);
        assert!(status.contains("(hidden, mark "), "{status}");
    });
}

#[test]
fn what_was_planned_is_what_is_done() {
    with_ways("cli-plans", |ways| {
        let code = |arguments: &[&str], want: i32| {
            let planned = ways.by_server(arguments);
            assert_eq!(
                planned.status.code(),
                Some(want),
                "{arguments:?}: {}",
                text(&planned.stderr)
            );
            text(&planned.stdout)
        };
        let hash = |plan: &str| {
            let plan: serde_json::Value = serde_json::from_str(plan).expect("JSON");
            plan["hash"].as_str().expect("a hash").to_owned()
        };
        let install = ["install", "web", "samples/hello-web"];
        let shown = code(&[&["plan"][..], &install, &["--detailed-exitcode"]].concat(), 2);
        assert!(shown.contains("+ Deployment"), "{shown}");
        assert!(shown.contains("Plan: 4 to create."), "{shown}");
        let first = hash(&code(&[&["plan"][..], &install, &["-o", "json"]].concat(), 0));
        let wrong = ways.by_server(&[&install[..], &["--plan-hash", &"0".repeat(64)]].concat());
        assert_eq!(wrong.status.code(), Some(1));
        assert!(
            text(&wrong.stderr).contains("the plan is outdated"),
            "{}",
            text(&wrong.stderr)
        );
        ways.done(&[&install[..], &["--plan-hash", &first]].concat());

        // The same again is no change, by both ways.
        let same = [
            "plan",
            "upgrade",
            "web",
            "samples/hello-web",
            "--detailed-exitcode",
        ];
        let unchanged = code(&same, 0);
        assert!(unchanged.contains("Plan: 4 unchanged."), "{unchanged}");
        let straight = ways.straight(&["plan", "upgrade", "web", "hello-web", "--detailed-exitcode"]);
        assert_eq!(straight.status.code(), Some(0), "{}", text(&straight.stderr));
        assert!(text(&straight.stdout).contains("Plan: 4 unchanged."));

        // Straight, the hash is of what is planned anew.
        let upgrade = ["upgrade", "web", "hello-web", "--set", "replicaCount=3"];
        let planned =
            ways.straight(&[&["plan"][..], &upgrade, &["-o", "json", "--detailed-exitcode"]].concat());
        assert_eq!(planned.status.code(), Some(2), "{}", text(&planned.stderr));
        let second = hash(&text(&planned.stdout));
        let applied = ways.straight(&[&upgrade[..], &["--plan-hash", &second]].concat());
        assert_eq!(applied.status.code(), Some(0), "{}", text(&applied.stderr));
        let again = ways.straight(&[&upgrade[..], &["--plan-hash", &second]].concat());
        assert_eq!(again.status.code(), Some(1), "the release has changed");

        for command in ["rollback", "uninstall"] {
            let planned = code(&["plan", command, "web", "-o", "yaml"], 0);
            assert!(planned.contains(&format!("operation: {command}\n")), "{planned}");
            let straight = ways.straight(&["plan", command, "web", "-o", "yaml"]);
            // The hash is of all that went into a plan, who asked among it.
            let without_hash = |plan: &str| {
                let lines = plan.lines().filter(|line| !line.starts_with("hash: "));
                lines.map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(
                without_hash(&text(&straight.stdout)),
                without_hash(&planned),
                "{command}"
            );
        }
        let gone = hash(&code(&["plan", "uninstall", "web", "-o", "json"], 0));
        ways.done(&["uninstall", "web", "--plan-hash", &gone]);
    });
}

#[test]
fn an_operation_that_is_interrupted_is_canceled() {
    with_ways("cli-canceled", |ways| {
        let mut command = chartroom(&["install", "stuck", "samples/hello-web", "--wait"]);
        command
            .args([
                "--set",
                "nodeSelector.no-node=has-this",
                "--namespace",
                &ways.namespace.name,
            ])
            .args(["--server", &format!("http://127.0.0.1:{}", ways.server.port)])
            .env(
                "CHARTROOM_TOKEN",
                std::fs::read_to_string(&ways.token_file).expect("a token"),
            )
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        let running = command.spawn().expect("it starts");
        let waited = std::time::Instant::now();
        while ways.namespace.found("stuck").objects.is_empty() {
            assert!(waited.elapsed().as_secs() < 60, "nothing is installed");
        }
        let pid = running.id().to_string();
        let signaled = Command::new("kill").args(["-INT", &pid]).status();
        assert!(signaled.is_ok_and(|status| status.success()));
        let ended = running.wait_with_output().expect("it ends");
        assert_eq!(ended.status.code(), Some(1));
        assert_eq!(text(&ended.stdout), "Release stuck has been cancelled.\n");
        assert_eq!(
            text(&ended.stderr),
            "Error: INSTALLATION FAILED: context canceled\n"
        );
        let found = ways.namespace.found("stuck");
        assert_eq!(found.revisions, [(1, "failed".to_owned())]);
    });
}

#[test]
fn a_missing_role_is_a_sentence_of_the_servers() {
    with_ways("cli-roles", |ways| {
        let mut command = chartroom(&["list", "--all-namespaces"]);
        command
            .args(["--server", &format!("http://127.0.0.1:{}", ways.server.port)])
            .arg("--token-file")
            .arg(&ways.token_file);
        let refused = output(&mut command);
        assert_eq!(refused.status.code(), Some(1));
        assert_eq!(text(&refused.stdout), "");
        let said = text(&refused.stderr);
        let why =
            "it needs the role viewer for all namespaces of cluster `test`, which `alice` does not hold";
        assert!(said.contains(why), "{said}");
    });
}

#[test]
fn what_a_server_cannot_do_is_said_before_anything_is_sent() {
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = chartroom(arguments);
        command.envs(variables.iter().copied());
        let done = output(&mut command);
        assert_eq!(done.status.code(), Some(1), "{arguments:?}");
        assert_eq!(text(&done.stdout), "", "{arguments:?}");
        text(&done.stderr)
    };
    let token = ("CHARTROOM_TOKEN", "crt_swordfish");
    let server = ("CHARTROOM_SERVER", "http://127.0.0.1:9");
    for (arguments, variables, words) in [
        (
            &["install", "web", "./chart"][..],
            &[server, token][..],
            "REPOSITORY/NAME",
        ),
        (
            &["install", "web", "a/b", "--enable-dns"],
            &[server, token],
            "--enable-dns",
        ),
        (
            &["install", "web", "a/b", "--hide-secret"],
            &[server, token],
            "requires a dry-run mode",
        ),
        (&["list"], &[server], "a token is needed"),
        (&["list"], &[server, ("CHARTROOM_TOKEN", "swordfish")], "crt_"),
        (
            &["list", "--token-file", "/no/such/file"],
            &[server],
            "/no/such/file",
        ),
        (&["list"], &[server, token], "http://127.0.0.1:9 does not answer"),
        (&["list", "--server", "charts.example.com"], &[token], "https://"),
        (
            &["list", "--server", "http://127.0.0.1:9", "--kube-context", "x"],
            &[token],
            "--server and --kube-context are two ways",
        ),
        (
            &["list", "--cluster", "prod"],
            &[token],
            "--cluster is about a server",
        ),
        // A flag about a cluster counts more than a variable about a server.
        (
            &["list", "--kubeconfig", "/no/such/file"],
            &[server, token],
            "kubeconfig",
        ),
    ] {
        let said = run(arguments, variables);
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert!(!said.contains("swordfish"), "{said}");
    }
}

#[test]
fn a_plan_that_is_asked_for_wrongly_does_not_end_as_one_with_changes() {
    for arguments in [
        &["plan"][..],
        &["plan", "install"],
        &["plan", "upgrade", "web", "a/b", "--no-such-flag"],
    ] {
        let done = output(&mut chartroom(arguments));
        assert_eq!(
            done.status.code(),
            Some(1),
            "{arguments:?}: {}",
            text(&done.stderr)
        );
    }
}

#[test]
fn a_dry_run_wants_a_kubeconfig_even_if_it_asks_nothing() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut command = chartroom(&["install", "web", "hello-web", "--dry-run=client"]);
    command.env("HOME", home.path()).current_dir(Ways::samples());
    let done = output(&mut command);
    assert_eq!(done.status.code(), Some(1));
    let said = text(&done.stderr);
    assert!(
        said.contains("INSTALLATION FAILED") && said.contains("no kubeconfig was found"),
        "{said}"
    );
}
