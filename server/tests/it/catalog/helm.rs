//! Real helm, 3 and 4, where `CHARTROOM_TEST_HELM3` and `CHARTROOM_TEST_HELM4` name one: hub, mirrors, and all of them as one.

use serde_json::Value;

use crate::museum::helm::Helm;
use crate::process::Server;
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

#[test]
fn helm_3_reads_hub_and_mirrors() {
    helm_reads("CHARTROOM_TEST_HELM3");
}

#[test]
fn helm_4_reads_hub_and_mirrors() {
    helm_reads("CHARTROOM_TEST_HELM4");
}
