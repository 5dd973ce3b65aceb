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
