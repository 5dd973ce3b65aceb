//! A private chart, asked for at every address of the site.
//!
//! Addresses are taken from the sources of the routes and from the description of the API, so that a new one cannot be
//! forgotten. What a visitor is answered has to be, byte for byte, what is answered for a chart that never was.

use std::collections::BTreeSet;

use ::helm::archive::{Modified, pack};
use backend::ops::NewUpload;
use backend::{Bytes, Viewer};
use http::Method;
use http::header::CACHE_CONTROL;
use model::access::Role;
use serde_json::json;

use crate::contract;
use crate::site::{Answer, Sent, Site, block_on};

/// The private chart, and a name of the same length that no chart ever had.
const SECRET: &str = "zebrafinch";
const NOTHING: &str = "zebrafinck";
/// Words that are in the private chart and nowhere else.
const WORDS: [&str; 4] = ["quetzal", "okapi", "pangolin", "9.8.7"];

fn archive(name: &str, version: &str, description: &str, readme: &str) -> Bytes {
    let metadata = format!(
        "apiVersion: v2\nname: {name}\nversion: {version}\nappVersion: \"1\"\ndescription: {description}\n\
         keywords: [{}]\nmaintainers:\n- name: Ada\n",
        if name == SECRET { "okapi" } else { "web" }
    );
    let values = format!("# {readme}\nreplicas: 1\n");
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n";
    let files: [(&str, &[u8]); 4] = [
        ("Chart.yaml", metadata.as_bytes()),
        ("README.md", readme.as_bytes()),
        ("values.yaml", values.as_bytes()),
        ("templates/map.yaml", template.as_bytes()),
    ];
    Bytes::from(pack(name, files, Modified::default()).expect("it packs"))
}

/// A site with a public and a private hosted chart, and the digest of the private one.
async fn site() -> (Site, String) {
    let site = Site::new().await;
    let hosted = site.backend.hosted();
    let mut digest = String::new();
    for (name, version, description, readme) in [
        ("open", "1.0.0", "Serves pages.", "# Open\n"),
        (SECRET, "9.8.7", "Breeds the quetzal.", "Feed the pangolin.\n"),
    ] {
        let new = NewUpload {
            archive: Some(archive(name, version, description, readme)),
            ..NewUpload::default()
        };
        let uploaded = hosted
            .upload(&Viewer::system(), "", new)
            .await
            .expect("it is taken");
        digest = uploaded.version.expect("a version").digest;
    }
    hosted
        .set_private(&Viewer::system(), "", Some(SECRET), true)
        .await
        .expect("it is private");
    site.backend
        .catalog()
        .searchable(&Viewer::system())
        .await
        .expect("it is searchable");
    (site, digest)
}

/// What stands in the place of a parameter of an address.
fn choices(parameter: &str, address: &str, digest: &str) -> Vec<String> {
    let all = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
    let secret_file = |ends: &[&str]| ends.iter().map(|end| format!("{SECRET}{end}")).collect();
    match parameter {
        "name" if address.contains("/repositories/") => all(&["hosted"]),
        "name" if address.starts_with("/v1/releases/") => all(&["x"]),
        "repository" => all(&["hosted"]),
        "name" | "chart" => all(&[SECRET]),
        "page" => all(&["retention", "webhooks", "rights"]),
        "version" => all(&["9.8.7"]),
        "versions" => all(&["9.8.7...9.8.7"]),
        "digest" => vec![digest.to_owned()],
        "file" if address.starts_with("/sitemaps/") => all(&["1.xml"]),
        "file" if address.starts_with("/v1/assets/") || address.starts_with("/api/chartsvc") => {
            all(&["README.md", "values.yaml"])
        }
        "file" => secret_file(&["-9.8.7.tgz", "-9.8.7.tgz.prov", ".png", ".svg"]),
        "*path" if address.starts_with("/raw/") => all(&["README.md", "values.yaml", "Chart.yaml"]),
        "*chart" => vec![
            SECRET.to_owned(),
            format!("{SECRET}/9.8.7"),
            format!("{SECRET}/9.8.7/values"),
            format!("{SECRET}/9.8.7/files"),
            format!("{SECRET}/9.8.7/resources"),
            format!("{SECRET}/versions"),
            format!("{SECRET}/compare"),
            format!("{SECRET}/compare/9.8.7...9.8.7"),
            format!("{SECRET}/9.8.7/install"),
            "open".to_owned(),
        ],
        // Of releases, users and clusters, of which there are none here, and of files of the site.
        "*path" | "*function" | "*release" | "*rest" | "id" | "cluster" | "namespace" => all(&["x"]),
        other => panic!("what is to stand for {{{other}}} in {address}?"),
    }
}

/// Every address that an address with parameters stands for.
fn filled(template: &str, digest: &str) -> Vec<String> {
    let Some((before, rest)) = template.split_once('{') else {
        return vec![template.to_owned()];
    };
    let (parameter, after) = rest.split_once('}').expect("a parameter ends");
    let mut all = Vec::new();
    for choice in choices(parameter, template, digest) {
        all.extend(filled(&format!("{before}{choice}{after}"), digest));
    }
    all
}

/// The addresses that the sources of the routes name.
fn routes() -> BTreeSet<String> {
    let sources = [
        include_str!("../../src/router/mod.rs"),
        include_str!("../../src/http/embed.rs"),
        include_str!("../../src/http/feeds.rs"),
        include_str!("../../src/http/chartsvc.rs"),
        include_str!("../../src/http/mirror.rs"),
    ];
    let mut found = BTreeSet::new();
    for source in sources {
        for after in source.split(".route(").skip(1) {
            let literal = after.split('"').nth(1).unwrap_or_default();
            let address = literal
                .trim_start_matches("{base}")
                .replace("{{", "{")
                .replace("}}", "}");
            // The files at the root are the site's own, and the stream that debug builds have does not end.
            if address.starts_with('/') && !address.contains("{}") && address != "/dev/starts" {
                found.insert(address);
            }
        }
    }
    found
}

/// Addresses by which visitors could learn of the chart.
fn addresses(digest: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for template in routes() {
        let more = filled(&template, digest);
        if template.starts_with("/v1/") {
            all.extend(more.iter().map(|address| format!("/api/chartsvc{address}")));
        }
        all.extend(more);
    }
    for path in contract::addresses(&Method::GET) {
        if !path.ends_with("/events") {
            all.extend(filled(path, digest));
        }
    }
    // Pages, and other questions than the bare addresses are.
    for address in [
        "/",
        "/charts",
        "/charts/hosted",
        "/repositories",
        "/repositories/hosted",
        "/api",
        "/hosted/index.yaml",
        "/hosted/api/charts",
        "/hosted/api/charts/{name}",
        "/hosted/api/charts/{name}/9.8.7",
        "/hosted/api/charts/{name}/latest",
        "/hosted/api/charts/{name}/9.8.7/values",
        "/hosted/api/charts/{name}/9.8.7/templates",
        "/hosted/charts/{name}-9.8.7.tgz",
        "/hosted/charts/{name}-9.8.7.tgz.prov",
        "/api/v1/charts/hosted/{name}/file?path=README.md",
        "/api/v1/charts/hosted/{name}?version=9.8.7",
        "/v2/_catalog",
        "/v2/hosted/{name}/tags/list",
        "/v2/hosted/{name}/manifests/9.8.7",
        "/v2/hosted/{name}/blobs/sha256:{digest}",
        "/v2/hosted/{name}/referrers/sha256:{digest}",
        "/v2/hosted/open/blobs/sha256:{digest}",
    ] {
        all.extend(filled(address, digest));
    }
    for word in [SECRET, "zebra"].iter().chain(&WORDS) {
        for address in [
            "/charts?q=",
            "/charts/hosted?q=",
            "/charts?deprecated=true&q=",
            "/api/v1/charts?explain=true&q=",
            "/api/v1/charts/suggest?q=",
            "/ui/suggest?q=",
            "/feeds/search.atom?q=",
            "/v1/charts/search?q=",
            "/api/chartsvc/v1/charts/search?q=",
            "/api/chartsvc/v1/charts/hosted/search?q=",
            "/api/v1/packages/search?ts_query_web=",
        ] {
            all.insert(format!("{address}{word}"));
        }
    }
    all
}

/// What differs from one answer to the next of the same address is left out, and names of feeds, which are made of the
/// addresses of them.
fn stable(text: &str) -> String {
    without(&without(text, "nonce=\"", "\""), "<id>", "</id>")
}

fn without(text: &str, start: &str, end: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(start) {
        out.push_str(before);
        rest = after.split_once(end).map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

fn is_told(answer: &Answer, digest: &str) -> bool {
    let headers = format!("{:?}", answer.headers);
    let all = [answer.body.as_str(), headers.as_str()];
    all.iter()
        .any(|text| text.contains(digest) || WORDS.iter().any(|word| text.contains(word)))
}

#[test]
fn a_visitor_is_answered_as_if_a_private_chart_were_not_there() {
    block_on(async {
        let (site, digest) = site().await;
        site.user("root", Some(Role::Admin)).await;
        site.user("guest", None).await;
        let root = site.sign_in("root").await;
        let guest = site.sign_in("guest").await;
        let all = addresses(&digest);
        assert!(all.len() > 150, "the list is complete: {}", all.len());
        let mut n_told = 0;
        let mut faults = Vec::new();
        for address in &all {
            // Of another chart the same: what was asked for may be repeated.
            let other = address.replace(SECRET, NOTHING);
            for cookie in [None, Some(guest.as_str())] {
                let sent = |path| Sent {
                    cookie,
                    ..Sent::get(path)
                };
                let (secret, nothing) = (site.send(sent(address)).await, site.send(sent(&other)).await);
                // What somebody typed is shown again.
                let typed = address.split_once('?').map_or("", |(_, query)| query);
                let shown =
                    WORDS
                        .iter()
                        .fold(stable(&secret.body), |text, word| match typed.contains(word) {
                            true => text.replace(word, ""),
                            false => text,
                        });
                let leaks = |word: &&&str| !address.contains(**word) && shown.contains(**word);
                if let Some(word) = WORDS.iter().find(leaks) {
                    faults.push(format!("{address} tells {word} to {cookie:?}"));
                }
                if !address.contains(&digest) && secret.body.contains(&digest) {
                    faults.push(format!("{address} tells the digest to {cookie:?}"));
                }
                let as_other = stable(&secret.body).replace(SECRET, NOTHING);
                if secret.status != nothing.status || as_other != stable(&nothing.body) {
                    faults.push(format!(
                        "{address} is answered with {} and {other} with {}",
                        secret.status, nothing.status
                    ));
                }
            }
            // Whoever may see it is told, or the test would show nothing; and no cache that others share keeps that.
            let seen = site.send(Sent::get(address).with(&root)).await;
            if is_told(&seen, &digest) && !address.contains("?q=") {
                n_told += 1;
                let cache = seen.header(CACHE_CONTROL);
                if cache.starts_with("public") {
                    faults.push(format!("{address} may be kept by everybody: {cache}"));
                }
            }
        }
        assert!(faults.is_empty(), "{faults:#?}");
        assert!(
            n_told > 40,
            "somebody who may see it is told at {n_told} addresses alone"
        );
    });
}

#[test]
fn a_whole_repository_disappears_and_comes_back() {
    block_on(async {
        let (site, _) = site().await;
        let hosted = site.backend.hosted();
        let find = async |path: &str| site.send(Sent::get(path)).await;
        assert!(find("/repositories").await.body.contains("/repositories/hosted"));
        hosted
            .set_private(&Viewer::system(), "", None, true)
            .await
            .expect("it is private");
        for (path, status) in [
            ("/repositories/hosted", 404),
            ("/api/v1/repositories/hosted", 404),
            ("/charts/hosted/open", 404),
            ("/mirror/hosted/index.yaml", 404),
            ("/hosted/charts/open-1.0.0.tgz", 404),
            ("/v2/hosted/open/tags/list", 401),
        ] {
            let answer = find(path).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.body);
        }
        for path in [
            "/",
            "/repositories",
            "/charts",
            "/sitemaps/1.xml",
            "/hosted/index.yaml",
            "/api/v1/home",
        ] {
            let body = find(path).await.body;
            assert!(
                !body.contains("open") || !body.contains("1.0.0"),
                "{path}: {body}"
            );
        }
        let counts = find("/api/v1/charts").await.json();
        assert_eq!(counts["data"]["charts"]["total"], json!(0), "{counts}");
        hosted
            .set_private(&Viewer::system(), "", None, false)
            .await
            .expect("it is public");
        assert_eq!(find("/charts/hosted/open").await.status, 200);
        // The chart that is private itself stays so.
        assert_eq!(find(&format!("/charts/hosted/{SECRET}")).await.status, 404);
    });
}

#[test]
fn a_private_chart_that_is_deleted_and_uploaded_again_is_private() {
    block_on(async {
        let (site, _) = site().await;
        let hosted = site.backend.hosted();
        let system = Viewer::system();
        hosted
            .delete_some(&system, "", SECRET, None)
            .await
            .expect("it is deleted");
        // Not `410`, by which a visitor would learn that it was there.
        let gone = site.send(Sent::get(&format!("/charts/hosted/{SECRET}"))).await;
        assert_eq!(gone.status, 404);
        let new = NewUpload {
            archive: Some(archive(SECRET, "9.9.0", "Again.", "# Again\n")),
            ..NewUpload::default()
        };
        hosted.upload(&system, "", new).await.expect("it is taken");
        let index = site.send(Sent::get("/hosted/index.yaml")).await;
        assert!(!index.body.contains(SECRET), "{}", index.body);
    });
}
