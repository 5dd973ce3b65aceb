//! Conversions that sprig applies to arguments of any type: spf13/cast's numbers and sprig's own `strval`.

use crate::fmt::sprint_value;
use crate::strconv::{parse_float, parse_int};
use crate::value::{GoStr, IntKind, Value};

/// `cast.ToInt64`: 0 for whatever is not a number or a text of one.
pub(super) fn to_int64(value: &Value) -> i64 {
    match value {
        Value::Int(_, n) => *n,
        Value::Uint(_, n) => n.cast_signed(),
        Value::Float(x) => truncate(*x),
        Value::Float32(x) => truncate(f64::from(*x)),
        Value::Bool(b) => i64::from(*b),
        Value::String(text) => text
            .as_str()
            .and_then(|text| parse_int(trim_zero_decimal(text), 0, 64).ok())
            .unwrap_or(0),
        Value::Object(object) => match object.underlying() {
            // Months and weekdays are known to the Go library, other named integers are not.
            Some(Value::Int(IntKind::Int, n)) => n,
            _ => 0,
        },
        _ => 0,
    }
}

/// `cast.ToFloat64`
pub(super) fn to_float64(value: &Value) -> f64 {
    match value {
        Value::Int(_, n) => *n as f64,
        Value::Uint(_, n) => *n as f64,
        Value::Float(x) => *x,
        Value::Float32(x) => f64::from(*x),
        Value::Bool(b) => f64::from(u8::from(*b)),
        Value::String(text) => text
            .as_str()
            .and_then(|text| parse_float(text).ok())
            .unwrap_or(0.0),
        Value::Object(_) => to_int64(value) as f64,
        _ => 0.0,
    }
}

/// Go's conversion from float64 to int64 on amd64: what does not fit becomes the smallest number.
pub(super) fn truncate(x: f64) -> i64 {
    const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
    if (-TWO_TO_63..TWO_TO_63).contains(&x) {
        x as i64
    } else {
        i64::MIN
    }
}

/// `12.000` to `12`.
fn trim_zero_decimal(text: &str) -> &str {
    match text.trim_end_matches('0').strip_suffix('.') {
        Some(whole) if text.ends_with('0') => whole,
        _ => text,
    }
}

/// Sprig's `strval`: strings and bytes as they are, everything else as `%v` prints it.
pub(super) fn strval(value: &Value) -> GoStr {
    match value {
        Value::String(text) | Value::Bytes(text) => text.clone(),
        Value::Object(object) => object.string().unwrap_or_else(|| sprint_value(value)),
        other => sprint_value(other),
    }
}

/// Sprig's `strslice`: the elements that are not nil as strings, or the value itself as the only one.
pub(super) fn strslice(value: &Value) -> Vec<GoStr> {
    match value.to_items() {
        Some(items) => items
            .iter()
            .filter(|item| !matches!(item, Value::Nil))
            .map(strval)
            .collect(),
        None if matches!(value, Value::Nil) => Vec::new(),
        None => vec![strval(value)],
    }
}

/// Sprig's `empty`: zero numbers, false, nil, and everything of length zero; structs never are.
pub(super) fn is_empty(value: &Value) -> bool {
    !value.truth()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_numbers_as_go_reads_them() {
        for (text, number) in [
            ("12", 12),
            ("12.00", 12),
            ("12.", 0),
            ("12.50", 0),
            ("08", 0),
            ("010", 8),
            ("0x1f", 31),
            ("1_000", 1000),
            ("-3", -3),
            ("", 0),
            ("9223372036854775808", 0),
        ] {
            assert_eq!(to_int64(&text.into()), number, "{text}");
        }
        assert_eq!(to_float64(&"1e3".into()), 1000.0);
        assert_eq!(to_int64(&Value::Float(1e20)), i64::MIN);
        assert_eq!(to_int64(&Value::Float(-2.9)), -2);
    }
}
