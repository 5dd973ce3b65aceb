//! Suites of single functions: release names and the `--set` grammars.

use helm::values::{Table, Tree, strvals};
use serde_json::Value;

use super::compare::diff_json;

pub(crate) fn compare_release_name(case: &Value) -> Option<String> {
    let (Some(name), Some(expected)) = (case.get("name").and_then(Value::as_str), case.get("res")) else {
        return Some(format!("a case of an unknown kind: {case}"));
    };
    let got = match helm::chart::validate_release_name(name) {
        Ok(()) => serde_json::json!({"out": true}),
        Err(error) => serde_json::json!({"err": error.to_string()}),
    };
    diff_json(expected, &got, "")
}

pub(crate) fn compare_strvals(case: &Value) -> Option<String> {
    let text = |field: &str| case.get(field).and_then(Value::as_str).unwrap_or_default();
    let got = match set(text("flag"), text("expr")) {
        Ok(table) => serde_json::json!({"out": table}),
        Err(error) => serde_json::json!({"err": error}),
    };
    diff_json(case.get("res").unwrap_or(&Value::Null), &got, "")
}

fn set(flag: &str, expression: &str) -> Result<Value, String> {
    let parse = match flag.trim_start_matches("--") {
        "set" => strvals::parse_set,
        "set-string" | "string" => strvals::parse_set_string,
        "set-json" | "json" => strvals::parse_set_json,
        "set-literal" | "literal" => strvals::parse_set_literal,
        _ => return Err(format!("there is no flag {flag}")),
    };
    let mut values = Table::new();
    parse(expression, &mut values).map_err(|error| error.to_string())?;
    Ok(Tree::Table(values).to_json())
}
