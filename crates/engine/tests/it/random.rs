//! Random templates: whatever the text, the engine returns, and the same text renders the same.

use engine::value::{GoStr, List, Map, Value};
use engine::{Limits, NoHost, Options, Renderer, TemplateSet};
use proptest::prelude::*;

fn data() -> Value {
    let inner = Map::from_iter([
        ("a", Value::from("text")),
        ("n", Value::Nil),
        ("f", Value::Float(1.5)),
    ]);
    let list = List::new(vec![
        Value::int(1),
        Value::Nil,
        Value::from("x"),
        Value::Map(inner.clone()),
    ]);
    Value::Map(Map::from_iter([
        ("m", Value::Map(inner)),
        ("l", Value::List(list)),
        ("s", Value::from("string")),
        ("b", Value::Bool(true)),
        ("n", Value::Nil),
        ("i", Value::int64(-3)),
    ]))
}

fn render(text: &GoStr) -> Result<GoStr, String> {
    let mut set = TemplateSet::new();
    set.add("t", text.clone()).map_err(|error| error.to_string())?;
    let limits = Limits {
        max_steps: 20_000,
        max_output_bytes: 1 << 20,
        max_string_bytes: 1 << 18,
        max_list_items: 10_000,
        max_key_generations: 0,
        ..Limits::default()
    };
    let mut renderer = Renderer::new(
        &set,
        &NoHost,
        Options {
            limits,
            ..Options::default()
        },
    );
    renderer.render("t", data()).map_err(|error| {
        // Every error can be worded in Helm's way, too.
        let _ = error.helm_text("t");
        error.to_string()
    })
}

fn literal() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        ".",
        "$",
        ".m",
        ".m.a",
        ".l",
        ".s",
        ".b",
        ".n",
        ".n.x",
        ".i",
        "$x",
        "nil",
        "true",
        "0",
        "-1",
        "3",
        "1.5",
        "1e3",
        "0x1F",
        "'a'",
        "1i",
        "\"\"",
        "\"abc\"",
        "\"%v %d\"",
        "\"a,b\"",
        "`raw`",
        "\"1.2.3\"",
        "\"t\"",
        "\"[a-z]+\"",
        "\"2006-01-02\"",
    ])
    .prop_map(str::to_owned)
}

/// Expressions over all functions there are.
fn expression() -> impl Strategy<Value = String> {
    let names = engine::funcs::names();
    literal().prop_recursive(4, 24, 4, move |inner| {
        let call = (
            prop::sample::select(names.clone()),
            prop::collection::vec(inner.clone(), 0..4),
        )
            .prop_map(|(name, args)| format!("({name} {})", args.join(" ")));
        let piped = (inner, prop::sample::select(names.clone()))
            .prop_map(|(value, name)| format!("({value} | {name})"));
        prop_oneof![call, piped]
    })
}

fn node() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("text ".to_owned()),
        expression().prop_map(|e| format!("{{{{ {e} }}}}")),
        expression().prop_map(|e| format!("{{{{- $x = {e} -}}}}")),
        Just("{{/* c */}}".to_owned()),
        Just("{{ break }}".to_owned()),
        Just("{{ continue }}".to_owned()),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let body = prop::collection::vec(inner, 0..3).prop_map(|nodes| nodes.concat());
        let keyword = prop::sample::select(vec![
            "if",
            "with",
            "range",
            "range $i, $e :=",
            "define \"d\"",
            "block \"d\"",
        ]);
        (keyword, expression(), body.clone(), body).prop_map(|(keyword, e, body, other)| {
            if keyword.starts_with("define") {
                format!("{{{{ {keyword} }}}}{body}{{{{ end }}}}")
            } else {
                format!("{{{{ {keyword} {e} }}}}{body}{{{{ else }}}}{other}{{{{ end }}}}")
            }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_rendered_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = render(&GoStr::from(bytes));
    }

    #[test]
    fn any_action_is_rendered_or_refused(text in "(\\{\\{-? ?[ -~\\n]{0,40}-?\\}\\}|[a-z ]{0,5}){0,6}") {
        let _ = render(&GoStr::from(text));
    }

    #[test]
    fn templates_render_the_same_twice(nodes in prop::collection::vec(node(), 0..5)) {
        let text = GoStr::from(format!("{{{{ $x := 1 }}}}{}", nodes.concat()));
        let first = render(&text);
        prop_assert_eq!(first, render(&text));
    }
}
