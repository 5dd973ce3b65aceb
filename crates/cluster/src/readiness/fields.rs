//! Fields of objects that nobody has checked, read as Go reads them, with what Go says when they are something else.

use engine::datetime::{Time, Zone};
use helm::values::Tree;
use serde_json::{Map, Value};

/// `%v`.
pub(crate) fn go_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        _ => engine::fmt::sprint_value(&Tree::from_json(value).to_value()).to_string(),
    }
}

/// `%T`, as the decoder of Kubernetes makes values of JSON.
fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_i64() => "int64",
        Value::Number(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

/// The kind of a Go type.
fn go_kind(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "slice",
        Value::Object(_) => "map",
        _ => go_type(value),
    }
}

fn unexpected(path: &[&str], value: &Value, expected: &str) -> String {
    format!(
        ".{} accessor error: {} is of the type {}, expected {expected}",
        path.join("."),
        go_text(value),
        go_type(value)
    )
}

/// The field at `path`; an error where something on the way is no map. A field that is null is there.
fn field<'o>(object: &'o Value, path: &[&str]) -> Result<Option<&'o Value>, String> {
    let mut value = object;
    for (index, name) in path.iter().enumerate() {
        value = match value {
            Value::Null => return Ok(None),
            Value::Object(map) => match map.get(*name) {
                Some(value) => value,
                None => return Ok(None),
            },
            _ => {
                let path = path.get(..=index).unwrap_or(path);
                return Err(unexpected(path, value, "map[string]interface{}"));
            }
        };
    }
    Ok(Some(value))
}

fn typed<'o, T>(
    object: &'o Value,
    path: &[&str],
    expected: &str,
    convert: impl FnOnce(&'o Value) -> Option<T>,
) -> Result<Option<T>, String> {
    let Some(value) = field(object, path)? else {
        return Ok(None);
    };
    match convert(value) {
        Some(value) => Ok(Some(value)),
        None => Err(unexpected(path, value, expected)),
    }
}

pub(super) fn text_at<'o>(object: &'o Value, path: &[&str]) -> Result<Option<&'o str>, String> {
    typed(object, path, "string", Value::as_str)
}

pub(super) fn int_at(object: &Value, path: &[&str]) -> Result<Option<i64>, String> {
    typed(object, path, "int64", Value::as_i64)
}

pub(super) fn list_at<'o>(object: &'o Value, path: &[&str]) -> Result<Option<&'o Vec<Value>>, String> {
    typed(object, path, "[]interface{}", Value::as_array)
}

pub(super) fn map_at<'o>(object: &'o Value, path: &[&str]) -> Result<Option<&'o Map<String, Value>>, String> {
    typed(object, path, "map[string]interface{}", Value::as_object)
}

/// The integer at `path`; what is none counts as missing.
pub(crate) fn int_or(object: &Value, path: &[&str], default: i64) -> i64 {
    int_at(object, path).ok().flatten().unwrap_or(default)
}

/// The text at `path`; what is none counts as missing.
pub(crate) fn text_or<'o>(object: &'o Value, path: &[&str], default: &'o str) -> &'o str {
    text_at(object, path).ok().flatten().unwrap_or(default)
}

/// When an object was made, in seconds since 1970; what is no time is long ago.
pub(super) fn creation(object: &Value) -> i64 {
    unix_seconds(text_or(object, &["metadata", "creationTimestamp"], "")).unwrap_or(i64::MIN)
}

/// A time of Kubernetes, with or without parts of a second, in seconds since 1970.
pub(crate) fn unix_seconds(text: &str) -> Option<i64> {
    let time = Time::parse(b"2006-01-02T15:04:05Z07:00", text.as_bytes(), &Zone::Utc);
    time.ok().map(|time| time.unix())
}

/// A condition of a status, with empty texts for what it does not say.
#[derive(Default)]
pub(super) struct Condition<'o> {
    pub(super) kind: &'o str,
    pub(super) status: &'o str,
    pub(super) reason: &'o str,
    pub(super) message: &'o str,
}

/// Reads `status.conditions`.
pub(super) struct Conditions;

impl Conditions {
    pub(super) fn of(object: &Value) -> Result<Vec<Condition<'_>>, String> {
        let conditions = match object.get("status") {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Object(status)) => status.get("conditions"),
            Some(other) => return Err(format!("cannot restore struct from: {}", go_kind(other))),
        };
        match conditions {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(conditions)) => conditions.iter().map(condition).collect(),
            Some(other) => Err(format!("cannot restore slice from {}", go_kind(other))),
        }
    }
}

fn condition(value: &Value) -> Result<Condition<'_>, String> {
    match value {
        Value::Null => Ok(Condition::default()),
        Value::Object(map) => Ok(Condition {
            kind: condition_text(map.get("type"), "string")?,
            status: condition_text(map.get("status"), "v1.ConditionStatus")?,
            reason: condition_text(map.get("reason"), "string")?,
            message: condition_text(map.get("message"), "string")?,
        }),
        other => Err(format!("cannot restore struct from: {}", go_kind(other))),
    }
}

fn condition_text<'o>(value: Option<&'o Value>, ty: &str) -> Result<&'o str, String> {
    match value {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text),
        // Go could make a letter of an integer, and refuses; of the rest it could make nothing.
        Some(Value::Number(number)) if number.is_i64() => Err(format!("cannot convert int64 to {ty}")),
        Some(_) => Err("unrecognized type: string".to_owned()),
    }
}
