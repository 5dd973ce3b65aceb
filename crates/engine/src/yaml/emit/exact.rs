//! The way through JSON text, where it changes more than the value shows.
//!
//! go-yaml reads the JSON as YAML: characters that JSON allows and YAML does not make it fail, U+0085 in a string is a
//! line break to be folded, a key past 1024 characters is none. Objects print themselves as JSON of any shape.

use super::{Encoder, YamlEncodeError};
use crate::json::{self, Escape};
use crate::value::Value;
use crate::yaml::decode_exact;
use crate::yaml::resolve::Dialect;

/// Keys up to this length stay below 1024 characters however they are escaped.
const SURELY_SIMPLE: usize = 170;

/// Whether there is anything in `value` of that kind. A value that would print as more than `max_bytes` is not looked
/// through to its end: printing fails anyway.
pub(super) fn is_needed(value: &Value, max_bytes: usize) -> bool {
    needs(value, 0, &mut { max_bytes })
}

fn needs(value: &Value, depth: usize, left: &mut usize) -> bool {
    // Every node prints as one byte at least.
    let Some(rest) = left.checked_sub(1) else {
        return false;
    };
    *left = rest;
    if depth > super::MAX_DEPTH {
        return false;
    }
    match value {
        Value::String(text) => !survives(text.as_bytes()),
        Value::List(list) => list.iter().any(|item| needs(item, depth + 1, left)),
        Value::Map(map) => {
            let mut found = false;
            map.for_each(|key, item| {
                found = found
                    || key.len() > SURELY_SIMPLE
                    || !survives(key.as_bytes())
                    || needs(item, depth + 1, left);
            });
            found
        }
        Value::Object(_) => true,
        _ => false,
    }
}

/// Whether a string comes out of JSON and YAML as it went in.
fn survives(text: &[u8]) -> bool {
    // DEL, the C1 controls, U+FFFE and U+FFFF; what is not UTF-8 is replaced by JSON.
    if text.iter().all(|b| *b < 0x7F) {
        return true;
    }
    match std::str::from_utf8(text) {
        Ok(text) => !text
            .chars()
            .any(|c| matches!(c, '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}')),
        Err(_) => false,
    }
}

pub(super) fn encode(value: &Value, max_bytes: usize) -> Result<String, YamlEncodeError> {
    let text = json::encode(value, Escape::Html, max_bytes)?;
    let value = decode_exact(text.as_bytes())?;
    Ok(Encoder::new(Dialect::V2, max_bytes).encode(&value)?)
}
