//! What a plain scalar means: YAML 1.1 as go-yaml understands it.
//!
//! Booleans are many (`yes`, `on`, `n`), `010` and `0o10` and `0b1000` are eight, `1_000` is a thousand; base 60 is
//! text. v3 differs only in reading fewer booleans.

mod timestamp;

use super::error::Error;
use crate::strconv::{parse_float, parse_int, parse_uint};

pub use timestamp::is_timestamp;

/// What a scalar's text stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Resolved {
    /// `~`, `null` or nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number that fits Go's `int`.
    Int(i64),
    /// A number that fits only `uint64`.
    Uint(u64),
    /// A number with a fraction or exponent, `.inf`, `.nan`.
    Float(f64),
    /// A date or time; decodes as text.
    Timestamp,
    /// Base64 text, by its tag only.
    Binary,
    /// The merge key `<<`, which as a value is text.
    Merge,
    /// Text.
    Str,
}

impl Resolved {
    /// Its tag as go-yaml shortens it.
    fn short_tag(self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) | Self::Uint(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::Timestamp => "!!timestamp",
            Self::Binary => "!!binary",
            Self::Merge => "!!merge",
            Self::Str => "!!str",
        }
    }
}

/// Which go-yaml.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Behind sigs.k8s.io/yaml: `yes` is true.
    V2,
    /// `yes` is text.
    V3,
}

const LONG_PREFIX: &str = "tag:yaml.org,2002:";

/// Resolves the text of a scalar that has an explicit tag.
pub fn resolve_tagged(tag: &str, text: &str) -> Result<Resolved, Error> {
    let Some(name) = tag.strip_prefix(LONG_PREFIX) else {
        return Ok(Resolved::Str);
    };
    let found = match name {
        "str" => return Ok(Resolved::Str),
        "binary" => return Ok(Resolved::Binary),
        "bool" | "int" | "float" | "null" => resolve_as(text, Dialect::V2, false),
        "timestamp" => resolve_as(text, Dialect::V2, true),
        _ => return Ok(Resolved::Str),
    };
    match (name, found) {
        ("float", Resolved::Int(n)) => Ok(Resolved::Float(n as f64)),
        _ if found.short_tag().strip_prefix("!!") == Some(name) => Ok(found),
        _ => Err(Error::TagMismatch {
            found: found.short_tag().to_owned(),
            value: text.to_owned(),
            wanted: format!("!!{name}"),
        }),
    }
}

/// Resolves the text of a plain scalar without a tag.
#[must_use]
pub fn resolve(text: &str, dialect: Dialect) -> Resolved {
    resolve_as(text, dialect, true)
}

fn resolve_as(text: &str, dialect: Dialect, timestamps: bool) -> Resolved {
    match text.as_bytes().first() {
        None | Some(b'~' | b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => {
            resolve_word(text, dialect)
        }
        Some(b'.') => resolve_dot(text),
        Some(b'+' | b'-' | b'0'..=b'9') => resolve_number(text, timestamps),
        _ => Resolved::Str,
    }
}

fn resolve_word(text: &str, dialect: Dialect) -> Resolved {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "true" | "True" | "TRUE" => Resolved::Bool(true),
        "false" | "False" | "FALSE" => Resolved::Bool(false),
        _ if dialect == Dialect::V2 && is_old_bool(text) => Resolved::Bool(matches!(
            text,
            "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON"
        )),
        _ => Resolved::Str,
    }
}

/// The words YAML 1.1 reads as booleans besides `true` and `false`.
#[must_use]
pub fn is_old_bool(text: &str) -> bool {
    matches!(
        text,
        "y" | "Y"
            | "yes"
            | "Yes"
            | "YES"
            | "on"
            | "On"
            | "ON"
            | "n"
            | "N"
            | "no"
            | "No"
            | "NO"
            | "off"
            | "Off"
            | "OFF"
    )
}

fn resolve_special_float(text: &str) -> Option<f64> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        _ => None,
    }
}

fn resolve_dot(text: &str) -> Resolved {
    match resolve_special_float(text).or_else(|| parse_float(text).ok()) {
        Some(x) => Resolved::Float(x),
        None => Resolved::Str,
    }
}

fn resolve_number(text: &str, timestamps: bool) -> Resolved {
    if let Some(x) = resolve_special_float(text) {
        return Resolved::Float(x);
    }
    // Most texts that begin with a digit are versions, sizes and addresses: look before parsing.
    let may_be_number = text.bytes().all(|b| {
        matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' | b'.' | b'_' | b'+' | b'-' | b'x' | b'X' | b'o' | b'O')
    });
    if timestamps && is_timestamp(text) {
        return Resolved::Timestamp;
    }
    if !may_be_number {
        return Resolved::Str;
    }
    let plain: std::borrow::Cow<'_, str> = if text.contains('_') {
        text.replace('_', "").into()
    } else {
        text.into()
    };
    if let Ok(n) = parse_int(&plain, 0, 64) {
        return Resolved::Int(n);
    }
    if let Ok(n) = parse_uint(&plain, 0, 64) {
        return Resolved::Uint(n);
    }
    if is_yaml_float(&plain)
        && let Ok(x) = parse_float(&plain)
    {
        return Resolved::Float(x);
    }
    // Left to try are signs behind the prefix: `0b-1` is minus one.
    for (prefix, base) in [("0b", 2), ("-0b", 2)] {
        if let Some(digits) = plain.strip_prefix(prefix) {
            let signed = if prefix.starts_with('-') {
                format!("-{digits}")
            } else {
                digits.to_owned()
            };
            if let Ok(n) = parse_int(&signed, base, 64) {
                return Resolved::Int(n);
            }
        }
    }
    Resolved::Str
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_yaml_float(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let is_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let mantissa_ok = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && is_digits(fraction),
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
        None => !mantissa.is_empty() && is_digits(mantissa),
    };
    let exponent_ok = exponent.is_none_or(|e| {
        let digits = e.strip_prefix(['-', '+']).unwrap_or(e);
        !digits.is_empty() && is_digits(digits)
    });
    mantissa_ok && exponent_ok
}

/// Whether a YAML 1.1 reader would take the text for a base 60 number: `1:30`, `-12:00:00.5`.
// go-yaml matches `^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$`.
#[must_use]
pub fn is_base60(text: &str) -> bool {
    if !text.contains(':') {
        return false;
    }
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = text.split(':');
    let head = parts.next().unwrap_or_default();
    if !head.starts_with(|c: char| c.is_ascii_digit())
        || !head.bytes().all(|b| b.is_ascii_digit() || b == b'_')
    {
        return false;
    }
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let part = match part.split_once('.') {
            Some((digits, fraction)) => {
                if parts.peek().is_some() || !fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_') {
                    return false;
                }
                digits
            }
            None => part,
        };
        let ok = match part.as_bytes() {
            [one] => one.is_ascii_digit(),
            [ten, one] => matches!(ten, b'0'..=b'5') && one.is_ascii_digit(),
            _ => false,
        };
        if !ok {
            return false;
        }
    }
    true
}
