//! Suites of single functions: release names and the `--set` grammars.

use serde_json::Value;

use super::compare::diff_json;
use super::engine::Engine;

pub(crate) fn compare_release_name(engine: &mut dyn Engine, case: &Value) -> Option<String> {
    let (Some(name), Some(expected)) = (case.get("name").and_then(Value::as_str), case.get("res")) else {
        return Some(format!("a case of an unknown kind: {case}"));
    };
    let got = match engine.check_release_name(name) {
        Ok(()) => serde_json::json!({"out": true}),
        Err(error) => serde_json::json!({"err": error}),
    };
    diff_json(expected, &got, "")
}

pub(crate) fn compare_strvals(engine: &mut dyn Engine, case: &Value) -> Option<String> {
    let text = |field: &str| case.get(field).and_then(Value::as_str).unwrap_or_default();
    let got = match engine.set_values(text("flag"), text("expr")) {
        Ok(table) => serde_json::json!({"out": table}),
        Err(error) => serde_json::json!({"err": error}),
    };
    diff_json(case.get("res").unwrap_or(&Value::Null), &got, "")
}
