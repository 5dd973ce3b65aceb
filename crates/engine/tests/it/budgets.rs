//! Templates that try to spend more than they may: each ends in a typed error that names template and line.

use std::time::{Duration, Instant};

use engine::value::{Map, Value};
use engine::{Error, ErrorKind, Exceeded, FnError, Host, Limits, NoHost, Options, Renderer, TemplateSet};

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

/// A host whose clock runs and whose generator is as bad as may be.
struct TimedHost {
    start: Instant,
}

impl Host for TimedHost {
    fn elapsed(&self) -> Option<Duration> {
        Some(self.start.elapsed())
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), FnError> {
        for (index, byte) in buffer.iter_mut().enumerate() {
            *byte = (index % 251) as u8;
        }
        Ok(())
    }
}

/// What a render with a second to spend ends with, and that it ends about when the second is over.
fn timed(template: &str) -> Result<String, Error> {
    let mut set = TemplateSet::new();
    set.add("t.yaml", template).expect("the template parses");
    let limits = Limits {
        max_time: Some(Duration::from_secs(1)),
        ..Limits::default()
    };
    let host = TimedHost {
        start: Instant::now(),
    };
    let options = Options {
        limits,
        ..Options::default()
    };
    let result = Renderer::new(&set, &host, options).render("t.yaml", Value::Map(Map::new()));
    let took = host.start.elapsed();
    // Unoptimised, on a machine that does other things as well.
    assert!(took < Duration::from_secs(20), "{template}: {took:?}");
    result.map(|text| text.to_str_lossy().into_owned())
}

#[test]
fn costly_functions_meet_the_clock() {
    // Each call alone is within its budgets; it is their number that has no end.
    let big = "{{ $big := repeat 1000000 \"abcdefghij\" }}";
    let loops = "{{ range until 9000 }}{{ range until 9000 }}";
    let ends = "{{ end }}{{ end }}";
    for body in [
        "{{ $x := contains \"zzzz\" $big }}",
        "{{ $x := regexMatch \"(x+x+)+y$\" $big }}",
        "{{ $x := regexFindAll \"[a-z]j\" $big -1 }}",
        "{{ $x := fromYaml $big }}",
        "{{ $x := fromJson $big }}",
        "{{ $x := $big | sha256sum }}",
        "{{ $x := eq $big (print $big \"\") }}",
        "{{ $x := regexMatch (printf \"(a|b|c){500}%d%d\" . .) \"abc\" }}",
        "{{ $x := until 9000 | uniq }}",
    ] {
        let error = timed(&format!("{big}{loops}{body}{ends}")).expect_err(body);
        assert!(matches!(error.kind(), ErrorKind::Exceeded(_)), "{body}: {error}");
    }
}

#[test]
fn large_arguments_of_one_call_take_no_more_than_their_length() {
    for template in [
        "{{ $set := print (repeat 1000000 \"ab\") \"c\" }}{{ trimAll $set (repeat 1000000 \"cc\") | len }}",
        "{{ replace (repeat 500000 \"a\") \"b\" (repeat 1000000 \"a\") | len }}",
        "{{ wrap 1 (repeat 500000 \"a b\") | len }}",
        "{{ splitList \"a\" (repeat 1000000 \"ab\") | len }}",
        "{{ regexReplaceAll \"(a*)*\" (repeat 100000 \"ab\") \"\" | len }}",
        "{{ camelcase (repeat 300000 \"a_b\") | len }}{{ snakecase (repeat 300000 \"aB\") | len }}",
        "{{ contains (repeat 500000 \"ab\") (repeat 1000000 \"aba\") }}",
        "{{ abbrevboth 5 10 (repeat 1000000 \"ab\") | len }}{{ trunc -5 (repeat 1000000 \"ab\") | len }}",
    ] {
        match timed(template) {
            Ok(_) => {}
            Err(error) => assert!(
                matches!(error.kind(), ErrorKind::Exceeded(_)),
                "{template}: {error}"
            ),
        }
    }
}

#[test]
fn widths_and_repetitions_are_refused_before_they_are_built() {
    for template in [
        "{{ printf \"%0999999d\" 1 }}",
        "{{ printf \"%*d\" 1000000 1 }}",
        "{{ printf \"%.999999f\" 1.5 }}",
        "{{ indent 1000000000 \"a\" }}",
        "{{ repeat 9223372036854775807 \"ab\" }}",
        "{{ range untilStep 0 9223372036854775807 1 }}x{{ end }}",
        "{{ seq 1 9223372036854775807 }}",
        "{{ randAlphaNum 9000000000 }}",
        "{{ randBytes 9000000000 }}",
        "{{ wrapWith 1 (repeat 1000000 \"x\") (repeat 1000000 \"y\") | len }}",
        "{{ join (repeat 1000000 \"x\") (until 9999) | len }}",
        "{{ replace \"\" (repeat 1000000 \"x\") (repeat 1000 \"y\") | len }}",
        "{{ regexReplaceAll \"\" (repeat 1000 \"y\") (repeat 1000000 \"x\") | len }}",
    ] {
        // Go itself refuses the widths; those come out as its `%!` texts.
        match timed(template) {
            Ok(text) => assert!(text.len() < 2_000_000, "{template}: {} bytes", text.len()),
            Err(error) => assert!(
                matches!(error.kind(), ErrorKind::Exceeded(_)),
                "{template}: {error}"
            ),
        }
    }
}

#[test]
fn expressions_that_explode_are_refused() {
    let nested = format!("{}a{}", "(".repeat(2_000), ")*".repeat(2_000));
    for pattern in [
        "((a{1000}){1000}){1000}",
        "([[:alpha:]]{900}){900}",
        nested.as_str(),
    ] {
        let error = timed(&format!("{{{{ mustRegexMatch \"{pattern}\" \"a\" }}}}")).expect_err(pattern);
        assert!(error.to_string().contains("error parsing regexp"), "{error}");
    }
}

#[test]
fn keys_are_counted_whichever_function_makes_them() {
    let limits = Limits {
        max_key_generations: 3,
        ..Limits::default()
    };
    for body in [
        "genPrivateKey \"ed25519\"",
        "genPrivateKey \"ecdsa\"",
        "derivePassword 1 \"long\" \"p\" \"u\" \"s\"",
        "bcrypt \"x\"",
        "htpasswd \"u\" \"p\"",
    ] {
        let mut set = TemplateSet::new();
        let text = format!("{{{{ range until 1000 }}}}{{{{ $x := {body} }}}}{{{{ end }}}}");
        set.add("t.yaml", text).expect("the template parses");
        let host = TimedHost {
            start: Instant::now(),
        };
        let options = Options {
            limits: limits.clone(),
            ..Options::default()
        };
        let error = Renderer::new(&set, &host, options)
            .render("t.yaml", Value::Nil)
            .expect_err(body);
        assert_eq!(
            error.kind(),
            &ErrorKind::Exceeded(Exceeded::KeyGenerations { limit: 3 }),
            "{body}"
        );
        assert_eq!((error.template(), error.line()), ("t.yaml", 1));
    }
}

#[test]
fn the_world_outside_is_not_there() {
    for function in ["env \"HOME\"", "expandenv \"$HOME\""] {
        let error = TemplateSet::new()
            .add("t", format!("{{{{ {function} }}}}"))
            .expect_err("no such function");
        assert!(error.to_string().contains("not defined"), "{error}");
    }
    assert_eq!(
        timed("{{ getHostByName \"example.com\" }}").ok().as_deref(),
        Some("")
    );
    assert_eq!(
        timed("{{ lookup \"v1\" \"Secret\" \"default\" \"x\" }}")
            .ok()
            .as_deref(),
        Some("map[]")
    );
}

#[test]
fn addresses_are_not_told() {
    let template = "{{ printf \"%p %p %p\" (list 1) (dict \"a\" 1) (list \"b\") }}";
    assert_eq!(
        timed(template).ok().as_deref(),
        Some("0xc000000000 0xc000000000 0xc000000000")
    );
}
