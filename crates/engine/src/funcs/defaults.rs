//! Defaults: sprig's `default`, `empty`, `coalesce`, `ternary` and relatives.

use super::argtypes::Variadic;
use super::cast::is_empty;
use super::{Builtin, func};
use crate::value::Value;

pub(crate) const FUNCS: &[Builtin] = &[
    func!("default", default),
    func!("empty", empty),
    func!("coalesce", coalesce),
    func!("all", all),
    func!("any", any),
    func!("ternary", ternary),
];

/// The given value, or the first if that is empty or missing.
fn default(default: Value, given: Variadic<Value>) -> Value {
    given
        .0
        .into_iter()
        .next()
        .filter(|given| !is_empty(given))
        .unwrap_or(default)
}

/// Whether the value is nil, false, zero, or of length zero.
fn empty(value: Value) -> bool {
    is_empty(&value)
}

/// The first value that is not empty.
fn coalesce(values: Variadic<Value>) -> Value {
    values
        .0
        .into_iter()
        .find(|value| !is_empty(value))
        .unwrap_or_default()
}

/// Whether no value is empty.
fn all(values: Variadic<Value>) -> bool {
    !values.0.iter().any(is_empty)
}

/// Whether some value is not empty.
fn any(values: Variadic<Value>) -> bool {
    !values.0.iter().all(is_empty)
}

/// The first value if the last is true, else the second.
fn ternary(if_true: Value, if_false: Value, condition: bool) -> Value {
    if condition { if_true } else { if_false }
}
