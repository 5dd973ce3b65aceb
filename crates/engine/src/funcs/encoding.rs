//! Encodings: base64, base32, and Helm's `toYaml`, `fromJson`, `toToml` and relatives.
//!
//! Of each pair, sprig's or Helm's plain function hides its error (an empty string, an `Error` entry), the `must`
//! form fails. Helm's `toYaml` family replaces sprig's of the same name.

use super::argtypes::Any;
use super::{Builtin, func};
use crate::encoding::{base32, base64};
use crate::error::FnError;
use crate::json::{self, Escape};
use crate::value::{GoStr, List, Map, Value};

pub(crate) const FUNCS: &[Builtin] = &[
    func!("b64enc", b64enc),
    func!("b64dec", b64dec),
    func!("b32enc", b32enc),
    func!("b32dec", b32dec),
    func!("toJson", to_json),
    func!("mustToJson", must_to_json),
    func!("toPrettyJson", to_pretty_json),
    func!("mustToPrettyJson", must_to_pretty_json),
    func!("toRawJson", must_to_raw_json),
    func!("mustToRawJson", must_to_raw_json),
    func!("fromJson", from_json),
    func!("mustFromJson", must_from_json),
    func!("fromJsonArray", from_json_array),
];

fn b64enc(text: GoStr) -> String {
    base64::encode(text.as_bytes())
}

/// The decoded text, or the error's.
fn b64dec(text: GoStr) -> GoStr {
    base64::decode(text.as_bytes()).map_or_else(|error| error.to_string().into(), GoStr::from)
}

fn b32enc(text: GoStr) -> String {
    base32::encode(text.as_bytes())
}

/// The decoded text, or the error's.
fn b32dec(text: GoStr) -> GoStr {
    base32::decode(text.as_bytes()).map_or_else(|error| error.to_string().into(), GoStr::from)
}

fn to_json(value: Value) -> String {
    json::encode(&value, Escape::Html).unwrap_or_default()
}

fn must_to_json(value: Value) -> Result<String, FnError> {
    json::encode(&value, Escape::Html).map_err(|error| error.to_string().into())
}

fn to_pretty_json(value: Value) -> String {
    json::encode_indented(&value, "  ").unwrap_or_default()
}

fn must_to_pretty_json(value: Value) -> Result<String, FnError> {
    json::encode_indented(&value, "  ").map_err(|error| error.to_string().into())
}

/// Also `toRawJson`: it panics where the other returns an error, which template functions report alike.
fn must_to_raw_json(value: Value) -> Result<String, FnError> {
    json::encode(&value, Escape::Raw).map_err(|error| error.to_string().into())
}

/// A map; what went wrong stands in it as `Error`.
fn from_json(text: GoStr) -> Map {
    let (map, error) = json::decode_map(text.as_bytes());
    with_error(map, error)
}

/// Of any shape.
fn must_from_json(text: GoStr) -> Result<Any<Value>, FnError> {
    json::decode(text.as_bytes())
        .map(Any)
        .map_err(|error| error.to_string().into())
}

/// A list; what went wrong is its only element.
fn from_json_array(text: GoStr) -> List {
    let (list, error) = json::decode_list(text.as_bytes());
    error.map_or(list, error_list)
}

fn with_error(map: Map, error: Option<impl ToString>) -> Map {
    if let Some(error) = error {
        map.insert("Error", error.to_string());
    }
    map
}

fn error_list(error: impl ToString) -> List {
    List::new(vec![Value::from(error.to_string())])
}
