//! `--set` and its relatives: real results, hostile and arbitrary expressions.

use helm::values::strvals::{
    Assignments, StrvalsError, parse_set, parse_set_file, parse_set_json, parse_set_literal, parse_set_string,
};
use helm::values::{Table, Tree};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::conformance;

/// What the vectors' `--set-file` reads: one file is missing.
fn read(path: &str) -> Result<Tree, String> {
    match path {
        "bad" => Err("open bad: no such file or directory".to_owned()),
        path => Ok(Tree::String(format!("<{path}>").into())),
    }
}

fn apply(flag: &str, expression: &str, values: &mut Table) -> Result<(), StrvalsError> {
    match flag {
        "set" => parse_set(expression, values),
        "set-string" => parse_set_string(expression, values),
        "set-json" => parse_set_json(expression, values),
        "set-literal" => parse_set_literal(expression, values),
        "set-file" => parse_set_file(expression, values, &mut read),
        other => panic!("unknown flag {other}"),
    }
}

fn table_of(json: &Value) -> Table {
    match Tree::from_json(json) {
        Tree::Table(table) => table,
        _ => Table::new(),
    }
}

/// Compares as JSON, where 1 and 1.0 are one.
fn same(got: &Value, want: &Value) -> bool {
    match (got, want) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => got == want,
    }
}

fn check(case: &Value) -> Result<(), String> {
    let (flag, expression) = (case["flag"].as_str().unwrap(), case["expr"].as_str().unwrap());
    let mut values = table_of(&case["base"]);
    let got = match apply(flag, expression, &mut values) {
        Ok(()) => json!({ "out": Tree::Table(values).to_json() }),
        Err(error) => json!({ "err": error.to_string() }),
    };
    match same(&got, &case["res"]) {
        true => Ok(()),
        false => Err(format!(
            "--{flag} {expression:?} on {}\n got {got}\nwant {}\n",
            case["base"], case["res"]
        )),
    }
}

/// What helm.sh/helm/v4/pkg/strvals v4.2.3 answered.
#[test]
fn results_and_errors_are_helms() {
    let lines: Vec<&str> = include_str!("vectors.jsonl").lines().collect();
    let failed: Vec<String> = lines
        .iter()
        .filter_map(|line| check(&serde_json::from_str(line).unwrap()).err())
        .collect();
    assert!(lines.len() > 1000);
    assert!(
        failed.is_empty(),
        "{} of {}:\n{}",
        failed.len(),
        lines.len(),
        failed.join("\n")
    );
}

#[test]
fn conformance_vectors() {
    let Some(folder) = conformance::folder() else {
        return;
    };
    let suite = std::fs::read_to_string(folder.join("vectors/strvals.json")).unwrap();
    let suite: Value = serde_json::from_str(&suite).unwrap();
    let cases = suite["cases"].as_array().unwrap();
    let failed: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(
        failed.is_empty(),
        "{} of {}:\n{}",
        failed.len(),
        cases.len(),
        failed.join("\n")
    );
    assert!(cases.len() >= 200, "{}", cases.len());
}

#[test]
fn flags_are_applied_in_helms_order() {
    let flags = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    let assignments = Assignments {
        json: flags(&[" {\"a\": 1, \"b\": {\"c\": 2}}", "j=[1]"]),
        set: flags(&["a=2,b.d=x"]),
        string: flags(&["a=3"]),
        file: flags(&["f=path"]),
        literal: flags(&["l=a,b"]),
    };
    let mut values = table_of(&json!({"b": {"e": 1}}));
    assignments.apply(&mut values, &mut read).unwrap();
    let want = json!({"a": "3", "b": {"c": 2, "d": "x", "e": 1}, "j": [1], "f": "<path>", "l": "a,b"});
    assert!(same(&Tree::Table(values).to_json(), &want));
}

#[test]
fn bad_flags_are_named_as_helm_names_them() {
    let error = |assignments: Assignments| {
        assignments
            .apply(&mut Table::new(), &mut read)
            .unwrap_err()
            .to_string()
    };
    let one = |text: &str| vec![text.to_owned()];
    assert_eq!(
        error(Assignments {
            set: one("a"),
            ..Default::default()
        }),
        "failed parsing --set data: key \"a\" has no value"
    );
    assert_eq!(
        error(Assignments {
            json: one("{\"a\":"),
            ..Default::default()
        }),
        "failed parsing --set-json data JSON: {\"a\":"
    );
    assert_eq!(
        error(Assignments {
            json: one("a=x"),
            ..Default::default()
        }),
        "failed parsing --set-json data a=x"
    );
    assert_eq!(
        error(Assignments {
            file: one("a=bad"),
            ..Default::default()
        }),
        "failed parsing --set-file data: open bad: no such file or directory"
    );
}

/// Each would allocate or recurse without end (CVE-2022-36055, CVE-2022-23524 and their kin).
#[test]
fn hostile_expressions_end() {
    let error = |expression: &str| parse_set(expression, &mut Table::new()).unwrap_err().to_string();
    assert_eq!(
        error("a[4294967296]=x"),
        "index of 4294967296 is greater than maximum supported index of 65536"
    );
    assert_eq!(
        error(&format!("a{}=x", "[65536]".repeat(100))),
        "expression fills more than 1048576 list items"
    );
    assert_eq!(
        error(&format!("a{}=x", "[0]".repeat(100_000))),
        "list indices are nested deeper than 200"
    );
    assert_eq!(
        error(&format!("{}=x", "a[0].".repeat(100_000))),
        "list indices are nested deeper than 200"
    );
    let dots = format!("{}=x", "a.".repeat(100_000));
    assert_eq!(
        error(&dots),
        "value name nested level is greater than maximum supported nested level of 30"
    );
    let deep_json = format!("a={}", "[".repeat(100_000));
    assert_eq!(
        parse_set_json(&deep_json, &mut Table::new())
            .unwrap_err()
            .to_string(),
        "exceeded max depth"
    );
    // Many small assignments into one large list take time in proportion to the expression.
    parse_set(&"a[0][65536]=x,".repeat(20_000), &mut Table::new()).unwrap();
}

proptest! {
    #[test]
    fn arbitrary_expressions_do_not_panic(expression in "(a|b|[.]|\\[|\\]|[0-9]|=|,|\\{|\\}|\\\\|\"|é| |null|65536){0,40}") {
        for flag in ["set", "set-string", "set-json", "set-literal", "set-file"] {
            let mut values = table_of(&json!({"a": {"b": [1, {"a": 2}]}, "b": [[0], "x"]}));
            let _ = apply(flag, &expression, &mut values);
        }
    }

    #[test]
    fn arbitrary_text_does_not_panic(expression in ".{0,60}") {
        for flag in ["set", "set-string", "set-json", "set-literal", "set-file"] {
            let _ = apply(flag, &expression, &mut Table::new());
        }
    }
}
