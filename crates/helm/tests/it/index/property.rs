//! Whatever the bytes, the reader answers, and the size of the chunks does not change the answer.

use super::{read, read_chunks};
use helm::index::{IndexEntry, IndexFormat, IndexLimits, IndexWriter, Timestamp};
use proptest::prelude::*;

/// Fragments that indexes are made of, in any order.
fn fragments() -> impl Strategy<Value = String> {
    let fragment = prop::sample::select(vec![
        "apiVersion: v1\n",
        "entries:\n",
        "entries: {",
        "  a:\n",
        "  a: [",
        "  - name: a\n",
        "  - ",
        "    version: 1.0.0\n",
        "    urls: [u]\n",
        "\"",
        "'",
        "|\n",
        ">\n",
        "{",
        "}",
        "[",
        "]",
        ",",
        ": ",
        "\n",
        "\r",
        "  ",
        "    ",
        "---\n",
        "...\n",
        "# c\n",
        "&a ",
        "*a ",
        "!!str ",
        "? ",
        "<<: ",
        "\t",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "generated: x\n",
        "x",
        "{\"apiVersion\":\"v1\",",
        "\"entries\":{",
        "\"a\":[",
        "{\"name\":\"a\",\"version\":\"1.0.0\",\"urls\":[\"u\"]}",
        "null",
        "\\",
        "%",
    ]);
    prop::collection::vec(fragment, 0..40).prop_map(|fragments| fragments.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        let _ = read(&bytes);
        let _ = read([b"apiVersion: v1\nentries:\n  a:\n  - ".as_slice(), &bytes].concat());
        let _ = read([b"{\"apiVersion\":\"v1\",\"entries\":{\"a\":[".as_slice(), &bytes].concat());
    }

    #[test]
    fn chunks_do_not_change_the_answer(document in fragments(), size in 1usize..50) {
        let whole = read(&document);
        let pieces = read_chunks(document.as_bytes().chunks(size), IndexLimits::default());
        prop_assert_eq!(format!("{:?}", whole), format!("{:?}", pieces));
    }

    #[test]
    fn any_text_survives_writing(
        description in "\\PC{0,60}", keyword in "[ -~]{1,30}", annotation in "[ -~\n\t]{0,80}", seconds in -60_000_000_000i64..250_000_000_000,
    ) {
        let entry = IndexEntry {
            chart: "demo".to_owned(),
            name: "demo".to_owned(),
            version: "1.0.0".to_owned(),
            api_version: "v2".to_owned(),
            urls: vec!["u".to_owned()],
            keywords: vec![keyword],
            created: Some(Timestamp { seconds, nanoseconds: 0 }),
            annotations: [("k".to_owned(), annotation)].into(),
            description: Some(description.clone()),
            ..IndexEntry::default()
        };
        let mut answers = Vec::new();
        for format in [IndexFormat::Yaml, IndexFormat::Json] {
            let mut writer = IndexWriter::new(Vec::new(), format);
            writer.entry(&entry).expect("usable");
            let answer = read(writer.finish().expect("memory"));
            prop_assert_eq!(answer.entries.len(), 1, "{:?}", answer);
            prop_assert_eq!(&answer.entries[0].keywords, &entry.keywords);
            prop_assert_eq!(&answer.entries[0].annotations, &entry.annotations);
            prop_assert_eq!(answer.entries[0].created, entry.created);
            answers.push(answer.entries);
        }
        prop_assert_eq!(&answers[0], &answers[1]);
    }
}

/// A scalar in one of YAML's styles, with content that looks like structure; continuation lines are indented by
/// `indent`, or, where YAML allows that, not at all.
fn scalar(indent: usize) -> impl Strategy<Value = String> {
    let pad = " ".repeat(indent);
    let plain = prop::sample::select(vec![
        "x",
        "a b",
        "1.2.3",
        "\"q\"",
        "'it''s'",
        "~",
        "v1",
        "[a, {b: c}]",
        "{}",
        "# c",
        "",
    ]);
    let text = prop::sample::select(vec![
        "x",
        "- name: evil",
        "evil:",
        "  version: 9.9.9",
        "entries:",
        "",
        "# no comment",
        "generated: x",
    ]);
    let texts = prop::collection::vec(text, 1..4);
    prop_oneof![
        4 => plain.prop_map(str::to_owned),
        1 => (texts.clone(), prop::sample::select(vec!["|", ">", "|-", ">+"])).prop_map(move |(lines, style)| {
            let lines: Vec<String> = lines.iter().map(|line| format!("{pad}{line}")).collect();
            format!("{style}\n{}", lines.join("\n"))
        }),
        1 => texts.prop_map(|lines| format!("\"{}\"", lines.join("\n"))),
        1 => prop::collection::vec(prop::sample::select(vec!["a", "name: evil", "'x:'"]), 1..3)
            .prop_map(|items| format!("[\n{}]", items.join(",\n"))),
    ]
}

fn version_entry(dash: usize) -> impl Strategy<Value = String> {
    let field = (
        prop::sample::select(vec!["description", "home", "keywords", "annotations", "icon"]),
        scalar(dash + 4),
    );
    let fields = prop::collection::vec(field, 0..4);
    (fields, 0u32..4, prop::bool::ANY).prop_map(move |(fields, patch, comment)| {
        let pad = " ".repeat(dash);
        let mut entry = format!("{pad}- name: a\n{pad}  version: 1.0.{patch}\n{pad}  urls: [u]\n");
        for (name, value) in fields {
            entry += &format!("{pad}  {name}: {value}\n");
        }
        if comment {
            entry += "# at the margin\n\n";
        }
        entry
    })
}

fn document() -> impl Strategy<Value = String> {
    let chart = (
        prop::sample::select(vec!["a", "b", "\"c\"", "'d e'", "1.10"]),
        0usize..3,
    )
        .prop_flat_map(|(name, more)| {
            prop::collection::vec(version_entry(2 + more), 0..3)
                .prop_map(move |entries| format!("  {name}:\n{}", entries.concat()))
        });
    (prop::collection::vec(chart, 0..4), scalar(2), prop::bool::ANY).prop_map(|(charts, generated, crlf)| {
        let document = format!(
            "apiVersion: v1\nentries:\n{}generated: {generated}\n",
            charts.concat()
        );
        if crlf {
            document.replace('\n', "\r\n")
        } else {
            document
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn cutting_a_document_does_not_change_what_it_says(document in prop_oneof![document(), fragments()]) {
        // The tag makes the reader take the document in one piece, through the parser alone.
        let whole = read(format!("--- !!map\n{document}"));
        if whole.result.is_err() || document.contains("---") {
            return Ok(());
        }
        let cut = read(&document);
        prop_assert!(cut.result.is_ok(), "{:?}", cut.result);
        prop_assert_eq!(&cut.entries, &whole.entries);
        prop_assert_eq!(&cut.skipped, &whole.skipped);
    }
}
