//! Templates that try to spend more than they may: each ends in a typed error that names template and line.

use engine::value::{Map, Value};
use engine::{Error, ErrorKind, Exceeded, Limits, NoHost, Options, Renderer, TemplateSet};

/// The error of rendering `template` on an ordinary thread with the default limits, but fewer steps.
fn error_of(template: &str) -> Error {
    let mut set = TemplateSet::new();
    set.add("t.yaml", template).expect("the template parses");
    let limits = Limits {
        max_steps: 2_000_000,
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
    let data = Map::from_iter([("Values", Value::Map(Map::new()))]);
    renderer
        .render("t.yaml", Value::Map(data))
        .expect_err("the template exceeds a budget")
}

fn check(template: &str, is_expected: impl Fn(&Exceeded) -> bool) {
    let error = error_of(template);
    match error.kind() {
        ErrorKind::Exceeded(exceeded) => assert!(is_expected(exceeded), "{template}: {error}"),
        kind => panic!("{template}: {kind:?}: {error}"),
    }
    assert!(
        error.template() == "t.yaml" || error.template() == "gotpl",
        "{error}"
    );
    assert!(error.line() >= 1, "{error}");
}

#[test]
fn endless_work_runs_out_of_steps() {
    for template in [
        "{{ range until 10000 }}{{ range until 10000 }}{{ end }}{{ end }}",
        "{{ range 9999999 }}x{{ end }}",
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ toJson $x }}",
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ toYaml $x }}",
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ deepCopy $x }}",
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ deepEqual $x $x }}",
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ quote $x }}",
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ printf \"%v\" $x }}",
    ] {
        check(template, |exceeded| matches!(exceeded, Exceeded::Steps { .. }));
    }
}

#[test]
fn large_texts_and_lists_are_refused() {
    check("{{ repeat 100000000 \"abcdefgh\" }}", |exceeded| {
        matches!(exceeded, Exceeded::StringSize { .. })
    });
    check("{{ range 99999999999 }}{{ end }}", |exceeded| {
        matches!(exceeded, Exceeded::ListSize { .. })
    });
    check("{{ until 99999999999 }}", |exceeded| {
        matches!(exceeded, Exceeded::ListSize { .. } | Exceeded::Steps { .. })
    });
    let doubling = "{{ $s := \"12345678\" }}{{ range until 60 }}{{ $s = print $s $s }}{{ end }}";
    check(doubling, |exceeded| {
        matches!(exceeded, Exceeded::StringSize { .. } | Exceeded::Output { .. })
    });
    let printed = "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ $x }}";
    check(printed, |exceeded| {
        matches!(exceeded, Exceeded::StringSize { .. })
    });
    let regex = format!("{{{{ regexMatch \"{}\" \"a\" }}}}", "a".repeat(100_000));
    check(&regex, |exceeded| matches!(exceeded, Exceeded::RegexSize { .. }));
}

#[test]
fn endless_nesting_is_refused() {
    let endless = [
        "{{ define \"a\" }}{{ include \"b\" . }}{{ end }}{{ define \"b\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}",
        "{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}",
        "{{ $t := \"{{ tpl .t . }}\" }}{{ tpl $t (dict \"t\" $t) }}",
    ];
    for template in endless {
        check(template, |exceeded| {
            matches!(
                exceeded,
                Exceeded::Stack { .. } | Exceeded::TplDepth { .. } | Exceeded::TemplateDepth { .. }
            )
        });
    }
    let selfish = "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}";
    for function in [
        "toYaml $d",
        "toJson $d",
        "deepCopy $d",
        "quote $d",
        "printf \"%v\" $d",
    ] {
        check(&format!("{selfish}{{{{ {function} }}}}"), |exceeded| {
            matches!(exceeded, Exceeded::Depth { .. })
        });
    }
    check(&format!("{selfish}{{{{ $d }}}}"), |exceeded| {
        matches!(exceeded, Exceeded::StringSize { .. })
    });
}

#[test]
fn endless_source_is_refused() {
    let mut set = TemplateSet::new();
    let parens = format!("{{{{ {}1{} }}}}", "(".repeat(100_000), ")".repeat(100_000));
    let error = set.add("t", parens).expect_err("too deep");
    assert_eq!(error.to_string(), "template: t:1: max expression depth exceeded");
    let blocks = format!("{}{}", "{{ if 1 }}".repeat(100_000), "{{ end }}".repeat(100_000));
    set.add("t", blocks).expect_err("too deep");
    let chain = format!("{{{{ if 1 }}}}{}{{{{ end }}}}", "{{ else if 1 }}".repeat(100_000));
    set.add("t", chain).expect_err("too deep");
}

#[test]
fn a_list_a_million_deep_is_built_and_dropped() {
    let mut set = TemplateSet::new();
    let template = "{{ $x := list }}{{ range until 1000000 }}{{ $x = list $x }}{{ end }}{{ len $x }}";
    set.add("t", template).expect("the template parses");
    let mut renderer = Renderer::new(&set, &NoHost, Options::default());
    assert_eq!(renderer.render("t", Value::Nil).expect("within budget"), "1");
}

#[test]
fn deep_stacks_allow_what_helm_allows() {
    let template = "{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}";
    let text = engine::with_deep_stack(128 << 20, || {
        let mut set = TemplateSet::new();
        set.add("t", template).expect("the template parses");
        let limits = Limits {
            max_stack_bytes: 100 << 20,
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
        renderer.render("t", Value::Nil).expect_err("endless").to_string()
    });
    let text = text.expect("a thread");
    assert!(
        text.ends_with("nested reference name: a: unable to execute template"),
        "{}",
        &text[text.len() - 200..]
    );
}
