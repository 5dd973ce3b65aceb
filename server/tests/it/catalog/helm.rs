//! Real helm, 3 and 4, where `CHARTROOM_TEST_HELM3` and `CHARTROOM_TEST_HELM4` name one: hub, mirrors, and all of them as
//! one; on a cluster, too, where there is one.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::museum::helm::Helm;
use crate::process::{Server, text};
use crate::releases_process::Namespace;
use crate::upstream::Upstream;

fn helm_reads(variable: &str) {
    let home = tempfile::tempdir().expect("a folder");
    let Some(helm) = Helm::find(variable, home.path()) else {
        return;
    };
    let (upstream, dir) = (Upstream::start(), tempfile::tempdir().expect("a folder"));
    upstream.publish("web", "1.0.0");
    upstream.publish("web", "1.2.0");
    upstream.publish("cache", "0.1.0");
    let server = Server::start(dir.path(), &upstream.setting("all"));
    server.state_when(|state| state["last_success"].is_i64() && state["n_archives_pending"] == 0);
    let asked = |upstream: &Upstream| -> Vec<(String, usize)> {
        let counts = upstream.n_requests().into_iter();
        let mut archives: Vec<_> = counts.filter(|(path, _)| path.ends_with(".tgz")).collect();
        archives.sort();
        archives
    };
    let before = asked(&upstream);
    let endpoint = format!("http://127.0.0.1:{}", server.port);

    let found = |more: &[&str]| -> Value {
        let search = ["search", "hub", "--endpoint", &endpoint, "-o", "json", "web"];
        serde_json::from_str(&helm.works(&[&search[..], more].concat())).expect("it is JSON")
    };
    let web = &found(&[])[0];
    assert_eq!(web["url"], format!("{endpoint}/charts/up/web"));
    assert_eq!(web["version"], "1.2.0");
    let web = &found(&["--list-repo-url"])[0];
    assert_eq!(web["repository"]["url"], upstream.url());
    let table = helm.works(&["search", "hub", "--endpoint", &endpoint]);
    assert!(table.contains("/charts/up/cache"), "{table}");

    helm.works(&["repo", "add", "one", &format!("{endpoint}/mirror/up")]);
    helm.works(&["repo", "add", "all", &format!("{endpoint}/mirror")]);
    helm.works(&["repo", "update"]);
    let listed = helm.works(&["search", "repo", "--versions", "-o", "json"]);
    let listed: Value = serde_json::from_str(&listed).expect("it is JSON");
    let mut names: Vec<String> = listed
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
    names.sort();
    assert_eq!(
        names,
        [
            "all/up/cache 0.1.0",
            "all/up/web 1.0.0",
            "all/up/web 1.2.0",
            "one/cache 0.1.0",
            "one/web 1.0.0",
            "one/web 1.2.0",
        ]
    );
    upstream.go_down();
    for chart in ["one/web", "all/up/web"] {
        helm.works(&["pull", chart, "--version", "~1.0"]);
        let pulled = std::fs::read(home.path().join("web-1.0.0.tgz")).expect("it is pulled");
        assert_eq!(pulled, upstream.archive("web", "1.0.0"), "{chart}");
        std::fs::remove_file(home.path().join("web-1.0.0.tgz")).expect("it is there");
        let shown = helm.works(&["show", "chart", chart]);
        assert!(shown.contains("version: 1.2.0"), "{shown}");
        let rendered = helm.works(&["template", "mine", chart]);
        assert!(!rendered.contains("Error"), "{rendered}");
    }
    // Nothing of that was asked of the upstream.
    assert_eq!(asked(&upstream), before);
}

/// A key in the form that helm reads, and a chart that helm has signed with it.
fn signed_chart(helm: &Helm<'_>, home: &Path) -> Option<(Vec<u8>, Vec<u8>)> {
    let gnupg = home.join("gnupg");
    std::fs::create_dir(&gnupg).expect("a folder");
    std::fs::set_permissions(&gnupg, std::fs::Permissions::from_mode(0o700)).expect("it is ours");
    let gpg = |arguments: &[&str]| {
        let run = Command::new("gpg")
            .args([
                "--homedir",
                "gnupg",
                "--batch",
                "--pinentry-mode",
                "loopback",
                "--passphrase",
                "",
            ])
            .args(arguments)
            .current_dir(home)
            .output()
            .ok()?;
        assert!(run.status.success(), "gpg {arguments:?}: {}", text(&run.stderr));
        Some(run.stdout)
    };
    #[expect(clippy::print_stderr, reason = "says why a test does nothing")]
    if gpg(&["--version"]).is_none() {
        eprintln!("skipped: there is no gpg");
        return None;
    }
    gpg(&[
        "--quick-generate-key",
        "Ada <ada@example.com>",
        "rsa2048",
        "sign",
        "never",
    ]);
    for (what, file) in [
        ("--export", "pubring.gpg"),
        ("--export-secret-keys", "secring.gpg"),
    ] {
        std::fs::write(home.join(file), gpg(&[what])?).expect("it is written");
    }
    helm.works(&["create", "signed"]);
    helm.works(&[
        "package",
        "signed",
        "--version",
        "1.0.0",
        "--sign",
        "--key",
        "Ada",
        "--keyring",
        "secring.gpg",
    ]);
    let read = |file: &str| std::fs::read(home.join(file)).expect("helm wrote it");
    let files = (read("signed-1.0.0.tgz"), read("signed-1.0.0.tgz.prov"));
    for file in ["signed-1.0.0.tgz", "signed-1.0.0.tgz.prov"] {
        std::fs::remove_file(home.join(file)).expect("it is there");
    }
    Some(files)
}

/// What a repository signed is verified with the mirror alone, its archive and what signs it.
fn helm_verifies(variable: &str) {
    let home = tempfile::tempdir().expect("a folder");
    let Some(helm) = Helm::find(variable, home.path()) else {
        return;
    };
    let Some((archive, provenance)) = signed_chart(&helm, home.path()) else {
        return;
    };
    let (upstream, dir) = (Upstream::start(), tempfile::tempdir().expect("a folder"));
    upstream.publish_archive("signed", "1.0.0", archive);
    upstream.put("/signed-1.0.0.tgz.prov", &provenance);
    upstream.publish("web", "1.0.0");
    let setting = upstream
        .setting("all")
        .replace("archives =", "provenance = \"all\", archives =");
    let server = Server::start(dir.path(), &setting);
    server.state_when(|state| {
        state["last_success"].is_i64() && state["n_archives_pending"] == 0 && state["running"].is_null()
    });
    let prov = "/mirror/up/charts/signed/1.0.0/signed-1.0.0.tgz.prov";
    let before = upstream.n_requests();
    assert_eq!(before.get("/signed-1.0.0.tgz.prov"), Some(&1));
    upstream.go_down();
    let (status, body) = server.get(prov).expect("an answer");
    assert_eq!((status, body.as_bytes()), (200, provenance.as_slice()));
    for (name, url) in [("one", "/mirror/up"), ("all", "/mirror")] {
        helm.works(&[
            "repo",
            "add",
            name,
            &format!("http://127.0.0.1:{}{url}", server.port),
        ]);
    }
    for (chart, other) in [("one/signed", "one/web"), ("all/up/signed", "all/up/web")] {
        let verify = |chart: &str| helm.run(&["pull", chart, "--verify", "--keyring", "pubring.gpg"]);
        let pulled = verify(chart);
        let said = format!("{}{}", text(&pulled.stdout), text(&pulled.stderr));
        assert!(pulled.status.success() && said.contains("Ada"), "{said}");
        for file in ["signed-1.0.0.tgz", "signed-1.0.0.tgz.prov"] {
            std::fs::remove_file(home.path().join(file)).expect("it is pulled");
        }
        // What nobody signed is not verified.
        assert!(!verify(other).status.success());
    }
    assert_eq!(upstream.n_requests(), before, "all of that came from the store");
}

/// A server that follows an upstream which has gone away, with a chart that makes something.
fn left_alone(dir: &Path) -> (Upstream, Server) {
    let upstream = Upstream::start();
    for version in ["1.0.0", "1.1.0"] {
        let (_, archive) = super::chart("web", version, "");
        upstream.publish_archive("web", version, archive.to_vec());
    }
    let server = Server::start(dir, &upstream.setting("all"));
    server.state_when(|state| state["last_success"].is_i64() && state["n_archives_pending"] == 0);
    upstream.go_down();
    (upstream, server)
}

/// What is installed straight from a mirror, and from all of them as one, without the upstream: as it would be, and where
/// there is a cluster as it is.
fn helm_installs(variable: &str) {
    let home = tempfile::tempdir().expect("a folder");
    let Some(mut helm) = Helm::find(variable, home.path()) else {
        return;
    };
    let dir = tempfile::tempdir().expect("a folder");
    let (_upstream, server) = left_alone(dir.path());
    for (name, path) in [("one", "/mirror/up"), ("all", "/mirror")] {
        let url = format!("http://127.0.0.1:{}{path}", server.port);
        helm.works(&["repo", "add", name, &url]);
    }
    let charts = ["one/web", "all/up/web"];
    let dry_run = |helm: &Helm<'_>| {
        for chart in charts {
            let would = helm.works(&["install", "mine", chart, "--version", "1.0.0", "--dry-run=client"]);
            assert!(
                would.contains("kind: ConfigMap") && would.contains("name: mine"),
                "{would}"
            );
        }
    };
    // Helm 3 asks whether there is a cluster even for that.
    if variable == "CHARTROOM_TEST_HELM4" {
        dry_run(&helm);
    }
    let Some(namespace) = Namespace::find(&format!(
        "mirror-{}",
        &variable[variable.len() - 5..].to_lowercase()
    )) else {
        return;
    };
    helm = helm.on(&namespace.kubeconfig);
    dry_run(&helm);
    for (at, chart) in charts.into_iter().enumerate() {
        let release = format!("mine-{at}");
        let of = ["--namespace", &namespace.name];
        helm.works(
            &[
                &["install", &release, chart, "--version", "1.0.0", "--wait"][..],
                &of,
            ]
            .concat(),
        );
        helm.works(&[&["upgrade", &release, chart, "--wait"][..], &of].concat());
        let listed = helm.works(&[&["list", "--filter", &release, "--output", "json"][..], &of].concat());
        let listed: Value = serde_json::from_str(&listed).expect("it is JSON");
        assert_eq!(listed[0]["chart"], "web-1.1.0", "{listed}");
        assert_eq!(
            namespace.found(&release).revisions,
            [(1, "superseded".to_owned()), (2, "deployed".to_owned())]
        );
        helm.works(&[&["uninstall", &release, "--wait"][..], &of].concat());
    }
}

#[test]
fn helm_3_installs_from_a_mirror() {
    helm_installs("CHARTROOM_TEST_HELM3");
}

#[test]
fn helm_4_installs_from_a_mirror() {
    helm_installs("CHARTROOM_TEST_HELM4");
}

#[test]
fn helm_3_verifies_what_a_mirror_hands_out() {
    helm_verifies("CHARTROOM_TEST_HELM3");
}

#[test]
fn helm_4_verifies_what_a_mirror_hands_out() {
    helm_verifies("CHARTROOM_TEST_HELM4");
}

#[test]
fn helm_3_reads_hub_and_mirrors() {
    helm_reads("CHARTROOM_TEST_HELM3");
}

#[test]
fn helm_4_reads_hub_and_mirrors() {
    helm_reads("CHARTROOM_TEST_HELM4");
}
