//! What holds for any input: what is printed reads back, and nothing panics.

use engine::datetime::Zone;
use engine::encoding::{base32, base64};
use engine::json::{self, Escape};
use engine::value::{GoStr, Map, Value, deep_equal};
use engine::{toml, yaml};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

const MAX: usize = 1 << 24;

/// Strings that JSON and YAML both can carry, rich in what YAML cares for.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-z0-9 ]{0,12}",
        2 => "[-?:,\\[\\]{}#&*!|>'\"%@` \n\t.+_=~0-9eExXoOyYnN]{0,8}",
        1 => proptest::sample::select(vec![
            "yes", "null", "~", "1e3", "0x1f", "0755", "1:30", "2001-12-14", ".inf", "-", "--- ", "...", "é", "😀",
            "\u{2028}", "\u{FEFF}", "\r", "\r\n", "\n\n", "  \n", "\\",
        ])
        .prop_map(str::to_owned),
        1 => "\\PC{0,10}",
    ];
    vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn key() -> impl Strategy<Value = String> {
    // go-yaml prints this key as it is and takes it for a merge when it reads it again.
    text().prop_filter("a merge key", |key| key != "<<")
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<i32>().prop_map(f64::from),
        proptest::num::f64::NORMAL,
        Just(0.0),
        Just(1e20),
        Just(1e21)
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => text().prop_map(Value::from),
        2 => number().prop_map(Value::Float),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Nil),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::list),
            btree_map(key(), inner, 0..5).prop_map(|map| Value::Map(map.into_iter().collect::<Map>())),
        ]
    })
}

/// Whether no string in `value` has one of the characters.
fn has_none(value: &Value, bad: fn(char) -> bool) -> bool {
    let ok = |text: &GoStr| !text.to_str_lossy().contains(bad);
    match value {
        Value::String(text) => ok(text),
        Value::List(list) => list.iter().all(|item| has_none(item, bad)),
        Value::Map(map) => map
            .entries()
            .iter()
            .all(|(key, value)| ok(key) && has_none(value, bad)),
        _ => true,
    }
}

/// Characters that JSON allows and YAML does not, and those that are line breaks there: a text that ends with one
/// needs no other behind it.
fn is_lost_in_yaml(c: char) -> bool {
    matches!(
        c,
        '\u{7F}'..='\u{9F}' | '\u{2028}' | '\u{2029}' | '\u{FFFE}' | '\u{FFFF}'
    )
}

/// Without nils, which TOML cannot say, and empty keys, over which BurntSushi's reader stumbles.
fn for_toml(value: Value) -> Value {
    match value {
        Value::Nil => Value::Bool(false),
        Value::List(list) => Value::list(list.iter().cloned().map(for_toml).collect()),
        Value::Map(map) => {
            let entries = map.entries().into_iter().filter(|(key, _)| !key.is_empty());
            Value::Map(entries.map(|(key, value)| (key, for_toml(value))).collect())
        }
        other => other,
    }
}

/// TOML lists of tables have a type of their own; JSON forgets it.
fn as_json(value: &Value) -> String {
    json::encode(value, Escape::Raw, MAX).expect("the value has a JSON form")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn yaml_reads_what_it_prints(value in value()) {
        prop_assume!(has_none(&value, is_lost_in_yaml));
        // `toYaml` leaves the last line break out.
        let printed = yaml::encode(&value, MAX).expect("it prints") + "\n";
        let read = yaml::decode(printed.as_bytes());
        prop_assert!(read.as_ref().is_ok_and(|read| deep_equal(read, &value)), "{printed}\n{read:?}");
    }

    #[test]
    fn pretty_yaml_reads_as_the_same(value in value()) {
        // v3 prints a tab at the start of a line where v2 does not read one.
        prop_assume!(has_none(&value, |c| is_lost_in_yaml(c) || c == '\t'));
        let printed = yaml::encode_pretty(&value, MAX).expect("it prints") + "\n";
        let read = yaml::decode(printed.as_bytes());
        prop_assert!(read.as_ref().is_ok_and(|read| deep_equal(read, &value)), "{printed}\n{read:?}");
    }

    #[test]
    fn json_reads_what_it_prints(value in value()) {
        for printed in [
            json::encode(&value, Escape::Html, MAX).expect("it prints"),
            json::encode(&value, Escape::Raw, MAX).expect("it prints"),
            json::encode_indented(&value, "  ", MAX).expect("it prints"),
        ] {
            let read = json::decode(printed.as_bytes());
            prop_assert!(read.as_ref().is_ok_and(|read| deep_equal(read, &value)), "{printed}\n{read:?}");
        }
    }

    #[test]
    fn toml_reads_what_it_prints(value in value()) {
        let value = for_toml(Map::from_iter([("k", value)]).into());
        let printed = toml::encode(&value, MAX).expect("it prints");
        let read = toml::decode(printed.as_bytes(), &Zone::Utc, 0);
        prop_assert!(
            read.as_ref().is_ok_and(|read| as_json(&Value::Map(read.clone())) == as_json(&value)),
            "{printed}\n{read:?}"
        );
    }

    #[test]
    fn base_encodings_read_what_they_print(bytes in vec(any::<u8>(), 0..40)) {
        prop_assert_eq!(base64::decode(base64::encode(&bytes).as_bytes()), Ok(bytes.clone()));
        prop_assert_eq!(base32::decode(base32::encode(&bytes).as_bytes()), Ok(bytes));
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in vec(any::<u8>(), 0..120)) {
        read_all(&bytes);
    }

    #[test]
    fn any_text_is_read_without_panic(text in text(), more in text()) {
        read_all(text.as_bytes());
        read_all(format!("{text}: {more}\n- {text}\n").as_bytes());
        read_all(format!("{{\"{text}\": [{more}]}}").as_bytes());
        read_all(format!("a = {text}\n[{more}]\n").as_bytes());
    }

    #[test]
    fn documents_pieced_together_are_read_without_panic(
        pieces in vec(proptest::sample::select(PIECES), 0..24)
    ) {
        read_all(pieces.concat().as_bytes());
    }
}

const PIECES: &[&str] = &[
    "a: ",
    "- ",
    "? ",
    ": ",
    "\n",
    "\n  ",
    "\n    ",
    " ",
    "\t",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\"",
    "'",
    "|\n",
    ">-\n",
    "&a ",
    "*a",
    "!!str ",
    "!<",
    "!t!x ",
    "<<: ",
    "# c\n",
    "---\n",
    "...\n",
    "%TAG !t! x\n",
    "%YAML 1.1\n",
    "x",
    "1",
    "\\",
    "\\u00",
    "\r\n",
    "\u{85}",
    "\u{2028}",
    "\u{FEFF}",
    "é",
    "[[t]]\n",
    "[t.u]\n",
    "k = ",
    "\"\"\"",
    "'''",
    "1979-05-27",
    "T07:32",
];

fn read_all(bytes: &[u8]) {
    let source = yaml::Source::new(bytes);
    let events = yaml::Parser::new(&source).count();
    assert!(
        events <= 4 * bytes.len() + 8,
        "{events} events from {} bytes",
        bytes.len()
    );
    let _ = yaml::decode(bytes);
    let _ = yaml::decode_strict(bytes);
    let _ = yaml::decode_exact(bytes);
    let _ = json::decode(bytes);
    let _ = toml::decode(bytes, &Zone::Utc, 0);
    let _ = base64::decode(bytes);
    let _ = base32::decode(bytes);
}
