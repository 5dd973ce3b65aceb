//! Encodings: base64, base32, and Helm's `toYaml`, `fromJson`, `toToml` and relatives.
//!
//! Of each pair, sprig's or Helm's plain function hides its error (an empty string, an `Error` entry), the `must`
//! form fails. Helm's `toYaml` family replaces sprig's of the same name.

use super::argtypes::Any;
use super::{Builtin, func};
use crate::context::Context;
use crate::datetime::local_zone;
use crate::encoding::{base32, base64};
use crate::error::FnError;
use crate::json::{self, EncodeError, Escape};
use crate::limits::Exceeded;
use crate::toml;
use crate::value::{GoStr, List, Map, Value};
use crate::yaml::{self, YamlEncodeError};

pub(crate) const FUNCS: &[Builtin] = &[
    func!("b64enc", b64enc),
    func!("b64dec", b64dec),
    func!("b32enc", b32enc),
    func!("b32dec", b32dec),
    func!("toJson", to_json).walks(),
    func!("mustToJson", must_to_json).walks(),
    func!("toPrettyJson", to_pretty_json).walks(),
    func!("mustToPrettyJson", must_to_pretty_json).walks(),
    func!("toRawJson", must_to_raw_json).walks(),
    func!("mustToRawJson", must_to_raw_json).walks(),
    func!("fromJson", from_json),
    func!("mustFromJson", must_from_json),
    func!("fromJsonArray", from_json_array),
    func!("toYaml", to_yaml).walks(),
    func!("mustToYaml", must_to_yaml).walks(),
    func!("toYamlPretty", to_yaml_pretty).walks(),
    func!("fromYaml", from_yaml),
    func!("fromYamlArray", from_yaml_array),
    func!("toToml", to_toml).walks(),
    func!("mustToToml", must_to_toml).walks(),
    func!("fromToml", from_toml),
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

/// Text printed within the budget: `Err` outside is a budget exceeded, `Err` inside what Go's encoder says.
type Printed<E> = Result<Result<String, E>, FnError>;

fn print_json(
    context: &mut Context<'_>,
    encode: impl FnOnce(usize) -> Result<String, EncodeError>,
) -> Printed<EncodeError> {
    let max_bytes = context.budget().limits().max_string_bytes;
    let text = match encode(max_bytes) {
        Err(EncodeError::TooLarge { limit }) => return Err(Exceeded::StringSize { limit }.into()),
        printed => printed,
    };
    context.budget().string(text.as_ref().map_or(0, String::len))?;
    Ok(text)
}

fn print_yaml(
    context: &mut Context<'_>,
    encode: impl FnOnce(usize) -> Result<String, YamlEncodeError>,
) -> Printed<YamlEncodeError> {
    let max_bytes = context.budget().limits().max_string_bytes;
    let text = match encode(max_bytes) {
        Err(YamlEncodeError::Json(EncodeError::TooLarge { limit })) => {
            return Err(Exceeded::StringSize { limit }.into());
        }
        printed => printed,
    };
    context.budget().string(text.as_ref().map_or(0, String::len))?;
    Ok(text)
}

/// The text, or the empty one.
fn or_empty<E>(printed: Printed<E>) -> Result<String, FnError> {
    printed.map(Result::unwrap_or_default)
}

/// The text, or an error that ends the render.
fn or_fail<E: ToString>(printed: Printed<E>) -> Result<String, FnError> {
    printed.and_then(|text| text.map_err(|error| error.to_string().into()))
}

fn to_json(context: &mut Context<'_>, value: Value) -> Result<String, FnError> {
    or_empty(print_json(context, |max| json::encode(&value, Escape::Html, max)))
}

fn must_to_json(context: &mut Context<'_>, value: Value) -> Result<String, FnError> {
    or_fail(print_json(context, |max| json::encode(&value, Escape::Html, max)))
}

fn to_pretty_json(context: &mut Context<'_>, value: Value) -> Result<String, FnError> {
    or_empty(print_json(context, |max| {
        json::encode_indented(&value, "  ", max)
    }))
}

fn must_to_pretty_json(context: &mut Context<'_>, value: Value) -> Result<String, FnError> {
    or_fail(print_json(context, |max| {
        json::encode_indented(&value, "  ", max)
    }))
}

/// Also `toRawJson`: it panics where the other returns an error, which template functions report alike.
fn must_to_raw_json(context: &mut Context<'_>, value: Value) -> Result<String, FnError> {
    or_fail(print_json(context, |max| json::encode(&value, Escape::Raw, max)))
}

fn to_yaml(context: &mut Context<'_>, value: Value) -> Result<String, FnError> {
    or_empty(print_yaml(context, |max| yaml::encode(&value, max)))
}

fn must_to_yaml(context: &mut Context<'_>, value: Value) -> Result<String, FnError> {
    or_fail(print_yaml(context, |max| yaml::encode(&value, max)))
}

fn to_yaml_pretty(context: &mut Context<'_>, value: Value) -> Result<String, FnError> {
    or_empty(print_yaml(context, |max| yaml::encode_pretty(&value, max)))
}

/// Reading a document takes some steps for each of its lines.
fn spend_on_reading(context: &mut Context<'_>, text: &GoStr) -> Result<(), Exceeded> {
    context.budget().steps(text.len() as u64 / 16)
}

/// A map; what went wrong stands in it as `Error`.
fn from_yaml(context: &mut Context<'_>, text: GoStr) -> Result<Map, FnError> {
    spend_on_reading(context, &text)?;
    Ok(match yaml::decode_map(text.as_bytes()) {
        Ok(map) => map,
        Err(error) => with_error(Map::new(), Some(error)),
    })
}

/// A list; what went wrong is its only element.
fn from_yaml_array(context: &mut Context<'_>, text: GoStr) -> Result<List, FnError> {
    spend_on_reading(context, &text)?;
    Ok(yaml::decode_list(text.as_bytes()).unwrap_or_else(error_list))
}

/// A map; what went wrong stands in it as `Error`.
fn from_json(context: &mut Context<'_>, text: GoStr) -> Result<Map, FnError> {
    spend_on_reading(context, &text)?;
    let (map, error) = json::decode_map(text.as_bytes());
    Ok(with_error(map, error))
}

/// Of any shape.
fn must_from_json(context: &mut Context<'_>, text: GoStr) -> Result<Any<Value>, FnError> {
    spend_on_reading(context, &text)?;
    json::decode(text.as_bytes())
        .map(Any)
        .map_err(|error| error.to_string().into())
}

/// A list; what went wrong is its only element.
fn from_json_array(context: &mut Context<'_>, text: GoStr) -> Result<List, FnError> {
    spend_on_reading(context, &text)?;
    let (list, error) = json::decode_list(text.as_bytes());
    Ok(error.map_or(list, error_list))
}

fn print_toml(context: &mut Context<'_>, value: &Value) -> Result<Result<GoStr, toml::EncodeError>, FnError> {
    let max_bytes = context.budget().limits().max_string_bytes;
    let text = match toml::encode(value, max_bytes) {
        Err(toml::EncodeError::TooLarge { limit }) => return Err(Exceeded::StringSize { limit }.into()),
        Err(error @ toml::EncodeError::Nil) => return Err(error.to_string().into()),
        printed => printed,
    };
    context.budget().string(text.as_ref().map_or(0, GoStr::len))?;
    Ok(text)
}

/// The text, or the error's.
fn to_toml(context: &mut Context<'_>, value: Value) -> Result<GoStr, FnError> {
    print_toml(context, &value).map(|text| text.unwrap_or_else(|error| error.to_string().into()))
}

fn must_to_toml(context: &mut Context<'_>, value: Value) -> Result<GoStr, FnError> {
    print_toml(context, &value).and_then(|text| text.map_err(|error| error.to_string().into()))
}

/// A map; what went wrong stands in it as `Error`.
fn from_toml(context: &mut Context<'_>, text: GoStr) -> Result<Map, FnError> {
    spend_on_reading(context, &text)?;
    let (minutes, _) = context.host().local_zone();
    let zone = local_zone(context);
    Ok(
        match toml::decode(text.as_bytes(), &zone, minutes.saturating_mul(60)) {
            Ok(map) => map,
            Err(error) => with_error(Map::new(), Some(error)),
        },
    )
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
