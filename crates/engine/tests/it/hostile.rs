//! Documents and values made to exhaust: each ends in a typed error, quickly, on an ordinary stack.

use std::fmt::Write as _;

use engine::json::{self, EncodeError, Escape};
use engine::value::{Map, Value};
use engine::yaml::{self, DecodeError, Error, Event, Parser, Source, YamlEncodeError};

fn yaml_error(text: &str) -> DecodeError {
    yaml::decode(text.as_bytes()).expect_err("the document is refused")
}

/// `a0` is a leaf; each further one holds nine of the one before.
fn laughs(depth: usize, leaf: &str, entry: impl Fn(usize) -> String) -> String {
    let mut text = format!("a0: &a0 {leaf}\n");
    for i in 1..depth {
        let _ = writeln!(text, "a{i}: &a{i} {}", entry(i - 1));
    }
    text
}

#[test]
fn a_billion_laughs_are_cut_short() {
    let lists = laughs(12, "[lol]", |i| {
        format!("[{}]", vec![format!("*a{i}"); 9].join(", "))
    });
    assert_eq!(yaml_error(&lists), DecodeError::Yaml(Error::ExcessiveAliasing));
    let maps = laughs(12, "{k: v}", |i| {
        let entries: Vec<_> = (0..9).map(|n| format!("k{n}: *a{i}")).collect();
        format!("{{{}}}", entries.join(", "))
    });
    assert_eq!(yaml_error(&maps), DecodeError::Yaml(Error::ExcessiveAliasing));
}

#[test]
fn merge_keys_cannot_multiply() {
    let bomb = laughs(12, "{k: v}", |i| {
        format!("{{<<: [{}]}}", vec![format!("*a{i}"); 9].join(", "))
    });
    assert_eq!(yaml_error(&bomb), DecodeError::Yaml(Error::ExcessiveAliasing));
}

#[test]
fn a_long_text_cannot_be_named_too_often() {
    let mut text = format!("a: &a {}\nb:\n", "x".repeat(1 << 20));
    text.push_str(&"- *a\n".repeat(1000));
    assert_eq!(yaml_error(&text), DecodeError::Yaml(Error::ExcessiveAliasing));
}

#[test]
fn an_anchor_cannot_hold_itself() {
    for text in [
        "a: &a [*a]",
        "a: &a {b: *a}",
        "a: &a\n  <<: *a\n",
        "a: &a [{b: &b [*a, *b]}]",
    ] {
        assert!(
            matches!(yaml_error(text), DecodeError::Yaml(Error::RecursiveAnchor { .. })),
            "{text}"
        );
    }
}

#[test]
fn nesting_is_bounded() {
    let close = |open: &str, close: &str, n: usize| open.repeat(n) + &close.repeat(n);
    let texts = [
        close("[", "]", 10_000),
        close("{a: ", "}", 10_000),
        "- ".repeat(10_000),
        "? ".repeat(10_000),
        "[".repeat(1 << 20),
        (0..2000).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n"),
    ];
    for text in &texts {
        assert!(
            matches!(yaml_error(text), DecodeError::Yaml(Error::TooDeep { .. })),
            "{}",
            &text[..9]
        );
    }
    // Each document is shallow, but aliases within aliases are not.
    let mut stairs = String::from("a0: &a0 x\n");
    for i in 1..20 {
        let _ = writeln!(
            stairs,
            "a{i}: &a{i} {}*a{}{}",
            "[".repeat(100),
            i - 1,
            "]".repeat(100)
        );
    }
    assert!(matches!(
        yaml_error(&stairs),
        DecodeError::Yaml(Error::TooDeep { .. })
    ));
    assert!(json::decode("[".repeat(100_000).as_bytes()).is_err());
    let utc = engine::datetime::Zone::Utc;
    assert!(engine::toml::decode(("a = ".to_owned() + &"[".repeat(100_000)).as_bytes(), &utc, 0).is_err());
    assert!(engine::toml::decode(("a.".repeat(100_000) + "b = 1").as_bytes(), &utc, 0).is_err());
}

#[test]
fn deep_but_allowed_nesting_passes_through_everything() {
    let text = "[".repeat(900) + &"]".repeat(900);
    let value = yaml::decode(text.as_bytes()).expect("900 levels are fine");
    assert_eq!(
        json::encode(&value, Escape::Html, 1 << 20).as_deref(),
        Ok(text.as_str())
    );
    let printed = yaml::encode(&value, 1 << 24).expect("it prints");
    let again = yaml::decode(printed.as_bytes()).expect("and reads");
    assert!(engine::value::deep_equal(&value, &again));
}

#[test]
fn many_tokens_below_deep_flow_collections_stay_cheap() {
    let text = "[".repeat(999) + &"1,".repeat(500_000);
    let source = Source::new(text.as_bytes());
    let scalars = Parser::new(&source)
        .filter(|event| matches!(event, Ok(spanned) if matches!(spanned.event, Event::Scalar { .. })))
        .count();
    assert_eq!(scalars, 500_000);
}

#[test]
fn a_map_that_holds_itself_is_refused() {
    let map = Map::new();
    map.insert("self", map.clone());
    let value = Value::Map(map.clone());
    let cycle = EncodeError::Cycle {
        ty: "map[string]interface {}".to_owned(),
    };
    assert_eq!(json::encode(&value, Escape::Html, 1 << 20), Err(cycle.clone()));
    assert_eq!(yaml::encode(&value, 1 << 24), Err(YamlEncodeError::Json(cycle)));
    assert!(yaml::encode_pretty(&value, 1 << 24).is_err());
    assert!(engine::toml::encode(&value, 1 << 24).is_err());
    map.remove("self");
}

#[test]
fn a_value_that_prints_without_end_meets_the_limit() {
    let mut value = Value::from("x");
    for _ in 0..60 {
        value = Map::from_iter([("a", value.clone()), ("b", value)]).into();
    }
    let limit = 1 << 16;
    assert_eq!(
        json::encode(&value, Escape::Html, limit),
        Err(EncodeError::TooLarge { limit })
    );
    assert!(json::encode_indented(&value, "  ", limit).is_err());
    assert!(yaml::encode(&value, limit).is_err());
    assert!(yaml::encode_pretty(&value, limit).is_err());
    assert!(engine::toml::encode(&value, limit).is_err());
}
