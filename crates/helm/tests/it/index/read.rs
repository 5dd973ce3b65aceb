//! What is read out of a well-made index.

use super::{read, with_entries};
use helm::index::{ChartKind, EntryNote, Timestamp};

const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

const FULL_YAML: &str = r#"apiVersion: v1
entries:
  demo:
  - annotations:
      category: Database
      images: |
        - name: demo
          image: example.com/demo:1
    apiVersion: v2
    appVersion: "1.10"
    created: "2016-10-06T16:23:20.499814565-06:00"
    dependencies:
    - alias: main
      condition: main.enabled
      import-values:
      - data
      - child: a
        parent: b
      name: postgres
      repository: https://example.com/charts
      tags:
      - backing
      version: ^1.0.0
    deprecated: true
    description: 'It''s a demo: really'
    digest: sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef
    home: https://example.com
    icon: https://example.com/icon.svg
    keywords:
    - one
    - two
    kubeVersion: ">=1.25"
    maintainers:
    - email: a@example.com
      name: A
      url: https://example.com/a
    name: demo
    removed: true
    sources:
    - https://example.com/source
    type: library
    urls:
    - demo-1.2.3.tgz
    - https://mirror.example.com/demo-1.2.3.tgz
    version: 1.2.3
    engine: gotpl
    tillerVersion: ">2"
    checksum: old
    url: older
  empty: []
  nothing:
generated: "2026-01-02T03:04:05Z"
serverInfo:
  contextPath: /charts
annotations:
  a: b
"#;

#[test]
fn every_field_is_read() {
    let answer = read(FULL_YAML);
    assert_eq!(answer.skipped, Vec::<String>::new());
    let [entry] = answer.entries.as_slice() else {
        panic!("{answer:?}")
    };
    assert_eq!(
        (entry.chart.as_str(), entry.name.as_str(), entry.version.as_str()),
        ("demo", "demo", "1.2.3")
    );
    assert_eq!(
        entry.urls,
        ["demo-1.2.3.tgz", "https://mirror.example.com/demo-1.2.3.tgz"]
    );
    assert_eq!(entry.digest.as_deref(), Some(DIGEST));
    assert_eq!(
        entry.created,
        Some(Timestamp {
            seconds: 1_475_792_600,
            nanoseconds: 499_814_565
        })
    );
    assert!(entry.removed && entry.deprecated);
    assert_eq!(entry.kind, ChartKind::Library);
    assert_eq!(entry.api_version, "v2");
    assert_eq!(entry.app_version.as_deref(), Some("1.10"));
    assert_eq!(entry.kube_version.as_deref(), Some(">=1.25"));
    assert_eq!(entry.description.as_deref(), Some("It's a demo: really"));
    assert_eq!(entry.home.as_deref(), Some("https://example.com"));
    assert_eq!(entry.icon.as_deref(), Some("https://example.com/icon.svg"));
    assert_eq!(entry.keywords, ["one", "two"]);
    assert_eq!(entry.sources, ["https://example.com/source"]);
    assert_eq!(
        entry.annotations["images"],
        "- name: demo\n  image: example.com/demo:1\n"
    );
    let [maintainer] = entry.maintainers.as_slice() else {
        panic!("{entry:?}")
    };
    assert_eq!(
        (maintainer.name.as_str(), maintainer.email.as_deref()),
        ("A", Some("a@example.com"))
    );
    let [dependency] = entry.dependencies.as_slice() else {
        panic!("{entry:?}")
    };
    assert_eq!(
        (dependency.name.as_str(), dependency.alias.as_deref()),
        ("postgres", Some("main"))
    );
    assert_eq!(dependency.tags, ["backing"]);
    assert_eq!(
        serde_json::Value::from(dependency.import_values.clone()).to_string(),
        r#"["data",{"child":"a","parent":"b"}]"#
    );
    assert_eq!(entry.notes, Vec::<EntryNote>::new());

    let summary = answer.summary();
    assert_eq!(
        (summary.n_charts, summary.n_versions, summary.n_skipped),
        (3, 1, 0)
    );
    assert!(summary.is_proven_complete && !summary.is_json);
    assert_eq!(summary.api_version, "v1");
    assert_eq!(
        summary.generated.map(|time| time.to_string()).as_deref(),
        Some("2026-01-02T03:04:05Z")
    );
    assert_eq!(summary.server_info["contextPath"], "/charts");
    assert_eq!(summary.annotations["a"], "b");
    assert!(summary.unknown_keys.is_empty());
}

#[test]
fn json_says_the_same() {
    let json = r#"{"apiVersion":"v1","entries":{
        "demo":[{"name":"demo","version":"1.2.3","urls":["x.tgz"],"description":"a \"b\" \u00e9 {[","removed":true,
                 "dependencies":[{"name":"p","repository":"","import-values":["a",{"child":"c","parent":"d"}]}]},
                {"name":"demo","version":"1.2.2","urls":["y.tgz"]}],
        "empty":[],"nothing":null},
        "generated":"2026-01-02T03:04:05Z","serverInfo":{"contextPath":"/x"}}"#;
    let answer = read(json);
    assert_eq!(answer.versions(), ["demo 1.2.3", "demo 1.2.2"]);
    assert_eq!(
        answer.entries[0].description.as_deref(),
        Some("a \"b\" \u{e9} {[")
    );
    assert!(answer.entries[0].removed);
    let summary = answer.summary();
    assert_eq!(
        (summary.n_charts, summary.is_json, summary.is_proven_complete),
        (3, true, true)
    );
    assert_eq!(summary.server_info["contextPath"], "/x");
}

#[test]
fn compressed_index_is_recognised_by_its_bytes() {
    let gz = crate::archive::gzip(FULL_YAML.as_bytes());
    assert_eq!(read(&gz).versions(), ["demo 1.2.3"]);
    let mut cut = read(&gz[..gz.len() - 4]);
    assert_eq!(cut.error(), "unpacking the index");
    cut = read(&gz[..gz.len() / 2]);
    assert_eq!(cut.error(), "unpacking the index");
}

#[test]
fn plain_scalars_become_text_as_in_go() {
    let answer = read(with_entries(
        "  demo:\n  - name: demo\n    version: 1.2.3\n    urls: [a]\n    appVersion: 1.10\n    description: yes\n    home: ~\n    deprecated: \"true\"\n",
    ));
    let entry = &answer.entries[0];
    assert_eq!(entry.app_version.as_deref(), Some("1.1"));
    assert_eq!(entry.description.as_deref(), Some("true"));
    assert_eq!(entry.home, None);
    assert!(entry.deprecated);
}

#[test]
fn defaults_are_helms() {
    let answer = read(with_entries(
        "  demo:\n  - {name: demo, version: v1.2, urls: [a]}\n",
    ));
    let entry = &answer.entries[0];
    assert_eq!(
        (entry.api_version.as_str(), entry.kind, entry.version.as_str()),
        ("v1", ChartKind::Application, "v1.2")
    );
}

#[test]
fn unknown_keys_are_remembered_not_fatal() {
    let answer = read(
        with_entries("  demo:\n  - name: demo\n    version: 1.0.0\n    urls: [a]\n    wat: 1\n")
            + "extra: 1\n",
    );
    assert_eq!(answer.versions(), ["demo 1.0.0"]);
    assert_eq!(
        answer.summary().unknown_keys.iter().collect::<Vec<_>>(),
        ["extra", "wat"]
    );
}

#[test]
fn small_faults_are_notes() {
    let answer = read(with_entries(
        "  demo:\n  - name: other\n    version: 1.0.0\n    urls: [a, 'file:///etc/passwd']\n    digest: abc\n    created: yesterday\n",
    ));
    let notes: Vec<String> = answer.entries[0].notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "its digest is not a SHA-256 digest",
            "its date cannot be read",
            "it calls itself `other`",
            "1 of its addresses cannot be used",
        ]
    );
    assert_eq!(
        (answer.entries[0].digest.clone(), answer.entries[0].created),
        (None, None)
    );
}
