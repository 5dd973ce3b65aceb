//! Indexes made to harm, and indexes that are broken: what is harmed is at most the version that is at fault.

use super::{read, read_chunks, with_entries};
use helm::index::IndexLimits;

/// Reads a chart `demo` with `bad` before a good version, in YAML; returns what was skipped.
fn skipped(bad: &str) -> Vec<String> {
    let answer = read(with_entries(&format!(
        "  demo:\n{bad}  - {{name: demo, urls: [u], version: 1.0.0}}\n"
    )));
    assert_eq!(
        answer.versions().last().map(String::as_str),
        Some("demo 1.0.0"),
        "{answer:?}"
    );
    answer.skipped
}

#[test]
fn a_bad_entry_harms_no_other() {
    let long = "x".repeat(300);
    let cases = [
        ("  -\n".to_owned(), "`demo`: the entry is empty"),
        ("  - null\n".to_owned(), "`demo`: the entry is empty"),
        (
            "  - text\n".to_owned(),
            "`demo`: the entry is not a map of fields",
        ),
        ("  - {}\n".to_owned(), "`demo`: the chart has no name"),
        (
            "  - {name: demo, urls: [u]}\n".to_owned(),
            "`demo`: the version is missing",
        ),
        (
            "  - {name: demo, version: latest, urls: [u]}\n".to_owned(),
            "`demo` latest: the version is not a semantic version",
        ),
        (
            "  - {name: demo, version: '1.0.0 ', urls: [u]}\n".to_owned(),
            "`demo` 1.0.0 : the version is not a semantic version",
        ),
        (
            "  - {name: demo, version: 2.0.0}\n".to_owned(),
            "`demo` 2.0.0: there is no address to download it from",
        ),
        (
            "  - {name: demo, version: 2.0.0, urls: []}\n".to_owned(),
            "`demo` 2.0.0: there is no address to download it from",
        ),
        (
            "  - {name: demo, version: 2.0.0, urls: ['']}\n".to_owned(),
            "`demo` 2.0.0: there is no address to download it from",
        ),
        (
            "  - {name: demo, version: 2.0.0, urls: ['file:///etc/passwd']}\n".to_owned(),
            "`demo` 2.0.0: no address can be used: file:///etc/passwd",
        ),
        (
            "  - {name: demo, version: 2.0.0, urls: ['gopher://x']}\n".to_owned(),
            "`demo` 2.0.0: no address can be used: gopher://x",
        ),
        (
            "  - {name: demo, version: 2.0.0, urls: [\"https://x/\\u202ea\"]}\n".to_owned(),
            "`demo` 2.0.0: no address can be used: https://x/\\u{202e}a",
        ),
        (
            "  - {name: .., version: 2.0.0, urls: [u]}\n".to_owned(),
            "`demo` 2.0.0: the chart's name cannot be used in a path",
        ),
        (
            "  - {name: a/b, version: 2.0.0, urls: [u]}\n".to_owned(),
            "`demo` 2.0.0: the chart's name cannot be used in a path",
        ),
        (
            "  - {name: \"a\\u001b[2J\", version: 2.0.0, urls: [u]}\n".to_owned(),
            "`demo` 2.0.0: the name has characters that are hidden or change the direction of text",
        ),
        (
            format!("  - {{name: {long}, version: 2.0.0, urls: [u]}}\n"),
            "`demo` 2.0.0: the name has 300 bytes, more than the 250 allowed",
        ),
        (
            "  - {name: demo, version: 2.0.0, urls: [u], type: virus}\n".to_owned(),
            "`demo` 2.0.0: the type is neither `application` nor `library`",
        ),
        (
            "  - {name: demo, version: 2.0.0, urls: [u], maintainers: [~]}\n".to_owned(),
            "`demo` 2.0.0: the list of maintainers has an empty item",
        ),
        (
            "  - {name: demo, version: 2.0.0, urls: [u], dependencies: [~]}\n".to_owned(),
            "`demo` 2.0.0: the list of dependencies has an empty item",
        ),
        (
            "  - {name: demo, version: 2.0.0, urls: [u], dependencies: [{name: p, alias: 'a b'}]}\n"
                .to_owned(),
            "`demo` 2.0.0: the alias of dependency `p` has characters that are not allowed",
        ),
        (
            "  - name: *nobody\n".to_owned(),
            "`demo`: the entry cannot be read: unknown anchor referenced",
        ),
        (
            "  - a: b: c\n".to_owned(),
            "`demo`: the entry cannot be read: mapping values are not allowed in this context",
        ),
        (
            "  - {name: demo, version: 1.0.0, urls: [v]}\n".to_owned(),
            "`demo` 1.0.0: the version occurs more than once; the first counts",
        ),
    ];
    for (bad, want) in cases {
        let got = skipped(&bad);
        let want = vec![want.to_owned()];
        assert_eq!(got, want, "{bad}");
    }
}

#[test]
fn bad_charts_harm_no_other() {
    let cases = [
        (
            "  ..:\n  - {name: x, urls: [u], version: 1.0.0}\n",
            "`..`: the chart's name cannot be used in a path",
        ),
        (
            "  a/b:\n  - {name: x, urls: [u], version: 1.0.0}\n",
            "`a/b`: the chart's name cannot be used in a path",
        ),
        (
            "  \"\":\n  - {name: x, urls: [u], version: 1.0.0}\n",
            "``: the chart has no name",
        ),
        (
            "  \"a\\x1b[31m\":\n  - {name: x, urls: [u], version: 1.0.0}\n",
            "`a\\u{1b}[31m`: the name has characters that are hidden or change the direction of text",
        ),
        ("  odd: text\n", "`odd`: the chart's versions are not a list"),
        (
            "  odd:\n    name: x\n",
            "`odd`: the chart's versions are not a list",
        ),
        (
            "  twice:\n  - {name: twice, urls: [u], version: 1.0.0}\n  twice:\n  - {name: twice, urls: [evil], version: 1.0.0}\n",
            "`twice`: the chart occurs more than once; the first counts",
        ),
    ];
    for (bad, want) in cases {
        let answer = read(with_entries(&format!(
            "{bad}  demo:\n  - {{name: demo, urls: [u], version: 1.0.0}}\n"
        )));
        assert_eq!(answer.skipped, [want], "{bad}");
        assert_eq!(
            answer.versions().last().map(String::as_str),
            Some("demo 1.0.0"),
            "{bad}"
        );
        assert!(answer.entries.iter().all(|entry| entry.urls == ["u"]));
    }
}

#[test]
fn bad_entries_of_json_harm_no_other() {
    let bad = [
        "null",
        "1",
        "\"x\"",
        "[]",
        "{}",
        "{\"name\":\"demo\"}",
        "{\"name\":\"demo\",\"version\":\"x\",\"urls\":[\"u\"]}",
        "{\"name\":\"demo\",\"version\":\"1.0.0\",\"urls\":null}",
        "{\"a\" \"b\"}",
    ];
    for bad in bad {
        let json = format!(
            r#"{{"apiVersion":"v1","entries":{{"odd":7,"demo":[{bad},{{"name":"demo","version":"1.0.0","urls":["u"]}}]}}}}"#
        );
        let answer = read(&json);
        assert_eq!(answer.versions(), ["demo 1.0.0"], "{json}");
        assert_eq!(answer.skipped.len(), 2, "{json}");
        assert_eq!(answer.skipped[0], "`odd`: the chart's versions are not a list");
    }
}

#[test]
fn things_that_are_no_index_are_refused() {
    let cases = [
        ("", "the document is empty"),
        (" \n\n", "the document is empty"),
        ("x", "the document is not a repository index"),
        (
            "<!DOCTYPE html>\n<html><body>Not found</body></html>\n",
            "the document is not a repository index",
        ),
        ("- a\n- b\n", "the document is not a repository index"),
        ("404: Not Found", "the document is not a repository index"),
        ("{}", "the document is not a repository index"),
        (
            "{\"message\": \"not found\"}",
            "the document is not a repository index",
        ),
        ("entries: {}\n", "the index does not say its `apiVersion`"),
        ("entries:\n  a: []\n", "the index does not say its `apiVersion`"),
        (
            "apiVersion: v1\nentries: []\n",
            "the document is not a repository index",
        ),
        (
            "apiVersion: v1\nentries:\n- a\n",
            "the document is not a repository index",
        ),
        (
            "apiVersion: v1\nentries: text\n",
            "the document is not a repository index",
        ),
    ];
    for (document, want) in cases {
        assert_eq!(read(document).error(), want, "{document}");
    }
}

#[test]
fn an_empty_repository_is_an_index() {
    for document in [
        "apiVersion: v1\nentries: {}\ngenerated: x\n",
        "apiVersion: v1\n",
        "apiVersion: v1\nentries:\n",
        "{\"apiVersion\":\"v1\",\"entries\":{}}",
    ] {
        let answer = read(document);
        assert_eq!(answer.summary().n_charts, 0, "{document}");
    }
}

#[test]
fn broken_structure_is_fatal() {
    let cases = [
        with_entries("  a:\n    - {name: a, urls: [u], version: 1.0.0}\n    b: c\n"),
        with_entries("  a:\n  - {name: a, urls: [u], version: 1.0.0}\n  b: c: d\n"),
        "apiVersion: v1\nentries: {}\n\tx: y\n".to_owned(),
        "  apiVersion: v1\n  entries: {}\nx: y\n".to_owned(),
        r#"{"apiVersion":"v1","entries":{"a":[{"name":"a","urls":["u"],"version":"1.0.0"} x]}}"#.to_owned(),
        r#"{"apiVersion":"v1","entries":{"a":[{"name":"a","urls":["u"],"version":"1.0.0"}]}} x"#.to_owned(),
    ];
    for document in cases {
        assert!(
            read(&document)
                .error()
                .starts_with("the index is malformed at byte "),
            "{document}"
        );
    }
}

#[test]
fn truncated_index_is_noticed_or_unproven() {
    // A cut between two entries leaves a smaller valid index: the reader must not call it complete.
    let yaml = with_entries(
        "  a:\n  - name: a\n    urls: [u]\n    version: 2.0.0\n  - name: a\n    description: \"x y\"\n    urls:\n    - u\n    version: 1.0.0\n  b:\n  - {name: b, urls: [u], version: 1.0.0}\n",
    );
    let end_of_entries = yaml.find("generated").expect("a key");
    for length in 0..end_of_entries {
        let answer = read(&yaml[..length]);
        if let Ok(summary) = &answer.result {
            assert!(!summary.is_proven_complete, "cut at {length}");
        }
    }
    assert!(read(&yaml).summary().is_proven_complete);

    let json = r#"{"apiVersion":"v1","entries":{"a":[{"name":"a","urls":["u"],"version":"1.0.0"}],"b":[]},"generated":"x"}"#;
    for length in 1..json.len() {
        let error = read(&json[..length]).error();
        let known = [
            "the index ends early, in the middle of its entries",
            "the document is empty",
        ];
        assert!(known.contains(&error.as_str()), "cut at {length}: {error}");
    }
}

#[test]
fn large_entries_are_skipped_in_bounded_memory() {
    let huge = "x".repeat(3 << 20);
    let lines = "    # a line of some length that is repeated until it is too much\n".repeat(40_000);
    let cases = [
        with_entries(&format!(
            "  demo:\n  - name: demo\n    icon: {huge}\n    urls: [u]\n    version: 2.0.0\n  - {{name: demo, urls: [u], version: 1.0.0}}\n"
        )),
        with_entries(&format!(
            "  demo:\n  - name: demo\n{lines}    urls: [u]\n    version: 2.0.0\n  - {{name: demo, urls: [u], version: 1.0.0}}\n"
        )),
        with_entries(&format!(
            "  demo:\n  - {{name: demo, icon: {huge}, urls: [u], version: 2.0.0}}\n  - {{name: demo, urls: [u], version: 1.0.0}}\n"
        )),
        format!(
            r#"{{"apiVersion":"v1","entries":{{"demo":[{{"name":"demo","icon":"{huge}"}},{{"name":"demo","urls":["u"],"version":"1.0.0"}}]}}}}"#
        ),
    ];
    for document in cases {
        let answer = read_chunks(document.as_bytes().chunks(10_000), IndexLimits::default());
        assert_eq!(
            answer.skipped,
            ["`demo`: the entry has more than 1048576 bytes"],
            "{}",
            &document[..60]
        );
        assert_eq!(answer.versions(), ["demo 1.0.0"]);
    }
}

#[test]
fn endless_parts_and_documents_are_refused() {
    let limits = IndexLimits {
        max_bytes: 100_000,
        max_part_bytes: 50_000,
        max_entry_bytes: 10_000,
        ..IndexLimits::default()
    };
    let error = |document: &str| read_chunks(document.as_bytes().chunks(1000), limits).error();
    let long = "x".repeat(60_000);
    assert_eq!(
        error(&format!("apiVersion: v1\nentries: {{a: {long}")),
        "a part of the index at byte 0 is longer than the 50000 bytes that are read at once"
    );
    assert_eq!(
        error(&format!("apiVersion: v1\nx: {long}")),
        "a part of the index at byte 0 is longer than the 50000 bytes that are read at once"
    );
    assert_eq!(
        error(&"apiVersion: v1\n# comment\n".repeat(5_000)),
        "the index is larger than 100000 bytes"
    );
    assert_eq!(
        error(&" ".repeat(60_000)),
        "the document is not a repository index"
    );
    let gz = crate::archive::gzip(&b"apiVersion: v1\n".repeat(1_000_000));
    assert_eq!(
        read_chunks([gz.as_slice()], limits).error(),
        "the index is larger than 100000 bytes"
    );
}

#[test]
fn counts_are_limited() {
    let limits = IndexLimits {
        max_charts: 2,
        max_versions: 3,
        ..IndexLimits::default()
    };
    let charts = with_entries("  a: []\n  b: []\n  c: []\n");
    assert_eq!(
        read_chunks([charts.as_bytes()], limits).error(),
        "the index has more than 2 charts"
    );
    let versions: String = (0..4)
        .map(|patch| format!("  - {{name: a, urls: [u], version: 1.0.{patch}}}\n"))
        .collect();
    let versions = with_entries(&format!("  a:\n{versions}"));
    assert_eq!(
        read_chunks([versions.as_bytes()], limits).error(),
        "the index has more than 3 versions"
    );
}

#[test]
fn alias_bombs_fizzle() {
    let mut laughs = "  demo:\n  - l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let previous = format!("*l{}", level - 1);
        laughs += &format!(
            "    l{level}: &l{level} [{}]\n",
            [previous.as_str(); 10].join(", ")
        );
    }
    laughs += "  - {name: demo, urls: [u], version: 1.0.0}\n";
    let answer = read(with_entries(&laughs));
    assert_eq!(
        answer.skipped,
        ["`demo`: the entry cannot be read: document contains excessive aliasing"]
    );
    assert_eq!(answer.versions(), ["demo 1.0.0"]);
}

#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    let deep = |open: &str| {
        with_entries(&format!(
            "  demo:\n  - x: {}\n  - {{name: demo, urls: [u], version: 1.0.0}}\n",
            open.repeat(100_000)
        ))
    };
    for open in ["[", "{a: "] {
        let answer = read(deep(open));
        assert!(answer.versions().len() <= 1, "{answer:?}");
    }
    let json = format!(
        r#"{{"apiVersion":"v1","entries":{{"demo":[{}"#,
        "[".repeat(100_000)
    );
    assert_eq!(
        read(&json).error(),
        "the index ends early, in the middle of its entries"
    );
    let json = format!(
        r#"{{"apiVersion":"v1","entries":{{"demo":[{}{}]}}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    assert_eq!(read(&json).skipped.len(), 1);
}

#[test]
fn text_for_people_is_cleaned() {
    let answer = read(with_entries(
        "  demo:\n  - name: demo\n    urls: [u]\n    version: 1.0.0\n    description: \"a\\e[31m\\u202eb\\nc\\0\"\n    keywords: [\"\\u200bx\"]\n",
    ));
    let entry = &answer.entries[0];
    assert_eq!(entry.description.as_deref(), Some("a[31mb c"));
    assert_eq!(entry.keywords, ["x"]);
}
