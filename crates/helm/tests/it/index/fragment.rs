//! An index that is put together is the one that would be written.

use std::collections::BTreeMap;

use super::write::full_entry;
use helm::chart::Chart;
use helm::index::{
    ChartKind, IndexEntry, IndexFormat, IndexFragment, IndexWriter, Opening, Timestamp, assemble_versions,
    index_head, index_tail,
};

fn entry(chart: &str, version: &str) -> IndexEntry {
    IndexEntry {
        chart: chart.to_owned(),
        name: chart.to_owned(),
        version: version.to_owned(),
        ..full_entry()
    }
}

#[test]
fn an_assembled_index_is_the_bytes_of_a_written_one() {
    let charts = [
        ("alpha", vec![entry("alpha", "2.0.0"), entry("alpha", "1.0.0+b")]),
        ("1e3", vec![entry("1e3", "1.0.0")]),
    ];
    let generated = Timestamp::parse("2026-01-02T03:04:05.678Z").expect("a time");
    for format in [IndexFormat::Json, IndexFormat::Yaml] {
        for charts in [&charts[..], &charts[..0]] {
            for server_info in [&[][..], &[("contextPath", "/x")][..]] {
                let info: BTreeMap<String, String> = server_info
                    .iter()
                    .map(|(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned()))
                    .collect();
                let mut writer = IndexWriter::new(Vec::new(), format)
                    .generated(generated)
                    .server_info(info);
                for entry in charts.iter().flat_map(|(_, versions)| versions) {
                    writer.entry(entry).expect("it is written");
                }
                let want = writer.finish().expect("it ends");

                let mut got = index_head(format, charts.is_empty()).into_bytes();
                for (at, (name, versions)) in charts.iter().enumerate() {
                    let mut opening = if at == 0 {
                        Opening::Document
                    } else {
                        Opening::Chart
                    };
                    for entry in versions {
                        std::mem::replace(&mut opening, Opening::Version).write(format, name, &mut got);
                        IndexFragment::new(entry).expect("usable").write(format, &mut got);
                    }
                }
                got.extend(index_tail(format, charts.is_empty(), generated, server_info));
                assert_eq!(
                    String::from_utf8(got).expect("text"),
                    String::from_utf8(want).expect("text"),
                    "{format:?}"
                );
            }
        }
    }
}

#[test]
fn a_kept_entry_comes_back_and_may_get_other_addresses() {
    let fragment = IndexFragment::new(&entry("web", "1.0.0")).expect("usable");
    assert_eq!(
        IndexFragment::from_json(fragment.json(), None).expect("it reads"),
        fragment
    );
    let urls = vec!["https://charts.example.com/charts/web-1.0.0.tgz".to_owned()];
    let moved = IndexFragment::from_json(fragment.json(), Some(&urls)).expect("it reads");
    let want = IndexFragment::new(&IndexEntry {
        urls,
        ..entry("web", "1.0.0")
    });
    assert_eq!(moved, want.expect("usable"));
    assert!(IndexFragment::from_json("{", None).is_err());
}

#[test]
fn lists_are_json() {
    let fragments = [entry("web", "2.0.0"), entry("web", "1.0.0")]
        .map(|entry| IndexFragment::new(&entry).expect("usable"));
    let list: serde_json::Value =
        serde_json::from_slice(&assemble_versions(fragments.iter())).expect("it is JSON");
    assert_eq!(list[1]["version"], "1.0.0");
    assert_eq!(assemble_versions([].iter()), b"[]");
}

#[test]
fn what_could_not_be_read_again_is_refused() {
    for (name, version) in [
        ("..", "1.0.0"),
        ("a/b", "1.0.0"),
        ("web", "service-0.0.1"),
        ("", "1.0.0"),
    ] {
        assert!(
            IndexFragment::new(&entry(name, version)).is_err(),
            "{name} {version}"
        );
    }
}

#[test]
fn a_chart_becomes_the_entry_that_helm_makes_of_it() {
    let yaml = "apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: \"7\"\nkubeVersion: '>=1.20'\n\
                description: A chart\nhome: https://example.com\nicon: https://example.com/i.png\ntype: library\n\
                keywords: [a, b]\nsources: [https://example.com/s]\ndeprecated: true\nannotations: {k: v}\n\
                maintainers: [{name: me, email: me@example.com}]\ncondition: c\ntags: t\nunknown: x\n\
                dependencies: [{name: db, version: ^1, repository: https://example.com, alias: store, tags: [x], \
                import-values: [data, {child: a, parent: b}]}]\n";
    let files = vec![helm::chart::ChartFile::new("Chart.yaml", yaml)];
    let chart = Chart::from_files(files).expect("it loads");
    let created = Timestamp {
        seconds: 1,
        nanoseconds: 0,
    };
    let entry = IndexEntry::of_chart(
        &chart.metadata,
        "charts/web-1.2.3.tgz".to_owned(),
        "ab".repeat(32),
        created,
    );
    assert_eq!(entry.kind, ChartKind::Library);
    let fragment = IndexFragment::new(&entry).expect("usable");
    let got: serde_json::Value = serde_json::from_str(fragment.json()).expect("it is JSON");
    let want = serde_json::json!({
        "apiVersion": "v2", "name": "web", "version": "1.2.3", "appVersion": "7", "kubeVersion": ">=1.20",
        "description": "A chart", "home": "https://example.com", "icon": "https://example.com/i.png",
        "type": "library", "keywords": ["a", "b"], "sources": ["https://example.com/s"], "deprecated": true,
        "annotations": {"k": "v"}, "maintainers": [{"name": "me", "email": "me@example.com"}],
        "condition": "c", "tags": "t", "urls": ["charts/web-1.2.3.tgz"], "digest": "ab".repeat(32),
        "created": "1970-01-01T00:00:01Z",
        "dependencies": [{"name": "db", "version": "^1", "repository": "https://example.com", "alias": "store",
                          "tags": ["x"], "import-values": ["data", {"child": "a", "parent": "b"}]}],
    });
    assert_eq!(got, want);
}
