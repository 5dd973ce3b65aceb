//! What is written is read again, and Helm would read it.

use std::collections::BTreeMap;

use super::read;
use helm::index::{
    ChartKind, IndexDependency, IndexEntry, IndexFormat, IndexMaintainer, IndexWriter, Timestamp,
};

fn entry(chart: &str, version: &str) -> IndexEntry {
    IndexEntry {
        chart: chart.to_owned(),
        name: chart.to_owned(),
        version: version.to_owned(),
        api_version: "v2".to_owned(),
        urls: vec![format!("{chart}-{version}.tgz")],
        ..IndexEntry::default()
    }
}

pub(crate) fn full_entry() -> IndexEntry {
    let text = |text: &str| Some(text.to_owned());
    IndexEntry {
        digest: text(&"ab".repeat(32)),
        created: Timestamp::parse("2026-01-02T03:04:05.678Z"),
        removed: true,
        deprecated: true,
        kind: ChartKind::Library,
        app_version: text("1.10"),
        kube_version: text(">=1.2 <3"),
        description: text("It's: \"q\" \\ # - {x} [y] \u{fc} \u{1f600} %"),
        home: text("https://example.com/?a=b#c"),
        icon: text("null"),
        condition: text("yes"),
        tags: text("0x10"),
        sources: vec!["- a".to_owned(), " b ".to_owned(), "~".to_owned()],
        keywords: vec![
            "true".to_owned(),
            "1e3".to_owned(),
            "2026-01-01".to_owned(),
            "<<".to_owned(),
        ],
        maintainers: vec![
            IndexMaintainer {
                name: "A".to_owned(),
                email: text("a@b"),
                url: None,
            },
            IndexMaintainer::default(),
        ],
        dependencies: vec![IndexDependency {
            name: "d".to_owned(),
            version: text("^1"),
            repository: text("https://example.com"),
            condition: text("d.enabled"),
            tags: vec!["t".to_owned()],
            enabled: true,
            import_values: vec![
                "x".into(),
                serde_json::json!({"child": "a", "parent": "b"}),
                serde_json::json!([1, null]),
            ],
            alias: text("e"),
        }],
        annotations: BTreeMap::from([
            ("multi".to_owned(), "line one\n  line two\n\n# three\n".to_owned()),
            ("a key: with \"all\"".to_owned(), String::new()),
        ]),
        ..entry("demo", "1.2.3-rc.1+b.2")
    }
}

#[test]
fn what_is_written_is_read_again() {
    let entries = [
        full_entry(),
        entry("demo", "1.0.0"),
        entry("other", "0.1.0"),
        entry("1.10", "1.0.0"),
        entry("true", "1.0.0"),
    ];
    for format in [IndexFormat::Yaml, IndexFormat::Json] {
        let info = BTreeMap::from([("contextPath".to_owned(), "/x".to_owned())]);
        let mut writer = IndexWriter::new(Vec::new(), format).server_info(info);
        for entry in &entries {
            writer.entry(entry).expect("usable");
        }
        let document = writer.finish().expect("memory");
        let answer = read(&document);
        assert_eq!(
            answer.skipped,
            Vec::<String>::new(),
            "{}",
            String::from_utf8_lossy(&document)
        );
        for (got, want) in answer.entries.iter().zip(&entries) {
            assert_eq!(got, want, "{}", String::from_utf8_lossy(&document));
        }
        assert_eq!(answer.entries.len(), entries.len());
        let summary = answer.summary();
        assert!(summary.is_proven_complete && summary.unknown_keys.is_empty());
        assert_eq!(
            (summary.is_json, summary.server_info["contextPath"].as_str()),
            (format == IndexFormat::Json, "/x")
        );
    }
}

#[test]
fn yaml_looks_as_helm_writes_it() {
    let mut writer = IndexWriter::new(Vec::new(), IndexFormat::Yaml).generated(Timestamp {
        seconds: 0,
        nanoseconds: 0,
    });
    writer.entry(&entry("demo", "1.0.0")).expect("usable");
    writer.entry(&entry("demo", "0.9.0-rc.1")).expect("usable");
    let document = String::from_utf8(writer.finish().expect("memory")).expect("text");
    let want = r#"apiVersion: v1
entries:
  demo:
  - apiVersion: "v2"
    name: demo
    urls:
    - demo-1.0.0.tgz
    version: 1.0.0
  - apiVersion: "v2"
    name: demo
    urls:
    - demo-0.9.0-rc.1.tgz
    version: "0.9.0-rc.1"
generated: "1970-01-01T00:00:00Z"
"#;
    assert_eq!(document, want);
}

#[test]
fn an_empty_index_is_valid() {
    for format in [IndexFormat::Yaml, IndexFormat::Json] {
        let document = IndexWriter::new(Vec::new(), format).finish().expect("memory");
        let answer = read(&document);
        assert_eq!(
            (answer.summary().n_charts, answer.summary().is_proven_complete),
            (0, true)
        );
    }
}

#[test]
fn what_would_not_be_read_is_not_written() {
    let mut writer = IndexWriter::new(Vec::new(), IndexFormat::Json);
    let bad = [
        entry("..", "1.0.0"),
        entry("demo", "x"),
        IndexEntry {
            urls: vec![],
            ..entry("demo", "1.0.0")
        },
    ];
    for entry in &bad {
        assert!(writer.entry(entry).is_err(), "{entry:?}");
    }
    writer.entry(&entry("a", "1.0.0")).expect("usable");
    writer.entry(&entry("b", "1.0.0")).expect("usable");
    let error = writer.entry(&entry("a", "0.9.0")).expect_err("scattered");
    assert_eq!(error.to_string(), "the versions of `a` do not follow each other");
}
