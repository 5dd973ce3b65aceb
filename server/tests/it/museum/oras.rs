//! Real oras over hosted charts, where `CHARTROOM_TEST_ORAS` names it: what helm does not ask for.

use serde_json::Value;

use super::client::chart;
use super::helm::Helm;
use super::oci::Registry;

#[test]
fn oras_pushes_copies_and_attaches() {
    let home = tempfile::tempdir().expect("a folder");
    let Some(oras) = Helm::find("CHARTROOM_TEST_ORAS", home.path()) else {
        return;
    };
    let registry = Registry::start(&[]);
    let host = format!("127.0.0.1:{}", registry.serving.port);
    let (web, http) = (format!("{host}/hosted/web"), "--plain-http");
    let at = |tag: &str| format!("{web}:{tag}");
    oras.fails(&["login", http, "-u", "ci", "-p", "wrong", &host]);
    oras.works(&["login", http, "-u", "ci", "-p", &registry.token, &host]);

    // A chart, pushed as any artifact is.
    let archive = chart("web", "1.0.0+a");
    let write =
        |file: &str, bytes: &[u8]| std::fs::write(home.path().join(file), bytes).expect("it is written");
    write("web.tgz", &archive);
    write(
        "config.json",
        br#"{"apiVersion":"v2","name":"web","version":"1.0.0+a"}"#,
    );
    let config = "config.json:application/vnd.cncf.helm.config.v1+json";
    let layer = "web.tgz:application/vnd.cncf.helm.chart.content.v1.tar+gzip";
    oras.fails(&["push", http, "--config", config, &at("latest"), layer]);
    oras.works(&["push", http, "--config", config, &at("1.0.0_a"), layer]);
    assert_eq!(
        registry.serving.get("/hosted/charts/web-1.0.0+a.tgz").body,
        archive
    );
    assert_eq!(oras.works(&["repo", "tags", http, &web]).trim(), "1.0.0_a");
    assert_eq!(oras.works(&["repo", "ls", http, &host]).trim(), "hosted/web");
    let digest = oras.works(&["resolve", http, &at("1.0.0_a")]).trim().to_owned();
    let manifest: Value =
        serde_json::from_str(&oras.works(&["manifest", "fetch", http, &format!("{web}@{digest}")]))
            .expect("JSON");
    assert_eq!(manifest["layers"][0]["size"], archive.len());
    oras.works(&["pull", http, "--output", "pulled", &at("1.0.0_a")]);
    assert_eq!(
        std::fs::read(home.path().join("pulled/web.tgz")).expect("it is pulled"),
        archive
    );

    // What says something of it is found, and copied with it: to a folder, and from there to another server.
    write("sbom.json", b"{}");
    let sbom = [
        "--artifact-type",
        "application/spdx+json",
        "sbom.json:application/spdx+json",
    ];
    oras.works(&["attach", http, sbom[0], sbom[1], &at("1.0.0_a"), sbom[2]]);
    let discover = |of: &str| {
        let found = oras.works(&["discover", http, "--format", "json", of]);
        let found: Value = serde_json::from_str(&found).expect("JSON");
        let referrers = found["referrers"].as_array().expect("a list").clone();
        referrers
            .iter()
            .map(|it| it["artifactType"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(discover(&at("1.0.0_a")), ["application/spdx+json"]);
    oras.works(&[
        "copy",
        "-r",
        "--from-plain-http",
        &at("1.0.0_a"),
        "--to-oci-layout",
        "layout:web",
    ]);
    let other = Registry::start(&[]);
    let other_host = format!("127.0.0.1:{}", other.serving.port);
    oras.works(&["login", http, "-u", "ci", "-p", &other.token, &other_host]);
    let there = format!("{other_host}/hosted/web:1.0.0_a");
    oras.works(&[
        "copy",
        "-r",
        "--from-oci-layout",
        "layout:web",
        "--to-plain-http",
        &there,
    ]);
    assert_eq!(other.serving.get("/hosted/charts/web-1.0.0+a.tgz").body, archive);
    assert_eq!(oras.works(&["resolve", http, &there]).trim(), digest);
    assert_eq!(discover(&there), ["application/spdx+json"]);

    // A chart has the tag of its version and no other.
    oras.fails(&["tag", http, &at("1.0.0_a"), "stable"]);
    // Beside charts there is room for anything, with any tag.
    let misc = format!("{host}/hosted/misc:v1");
    oras.works(&["push", http, &misc, "sbom.json:text/plain"]);
    oras.works(&["tag", http, &misc, "stable"]);
    let tags = oras.works(&["repo", "tags", http, &format!("{host}/hosted/misc")]);
    assert_eq!(tags.split_whitespace().collect::<Vec<_>>(), ["stable", "v1"]);
    oras.works(&["manifest", "delete", http, "-f", &misc]);
    oras.fails(&["resolve", http, &misc]);
    assert!(!registry.serving.get("/hosted/index.yaml").text().contains("misc"));
}
