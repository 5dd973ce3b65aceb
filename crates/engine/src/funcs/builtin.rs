//! Go's own functions: `and`, `eq`, `index`, `printf` and relatives.

use super::argtypes::{Int, Reflect, Variadic};
use super::{Builtin, Special, func};
use crate::context::Context;
use crate::error::FnError;
use crate::fmt;
use crate::strconv::is_print;
use crate::value::{GoStr, Kind, List, UintKind, Value, decode_rune};

pub(crate) const FUNCS: &[Builtin] = &[
    func!("and", and_or).special(Special::And),
    func!("or", and_or).special(Special::Or),
    func!("call", and_or).special(Special::Call),
    func!("not", not),
    func!("eq", eq),
    func!("ne", ne),
    func!("lt", lt),
    func!("le", le),
    func!("gt", gt),
    func!("ge", ge),
    func!("index", index),
    func!("slice", slice),
    func!("len", len).special(Special::Len),
    func!("print", print).walks(),
    func!("printf", printf).walks(),
    func!("println", println).walks(),
    func!("html", html).walks(),
    func!("js", js).walks(),
    func!("urlquery", urlquery).walks(),
];

/// Only the signature of `and`, `or` and `call`: the executor does their work.
fn and_or(first: Reflect, _rest: Variadic<Reflect>) -> Reflect {
    first
}

fn not(value: Reflect) -> bool {
    !value.0.truth()
}

/// What text/template compares as one kind.
#[derive(PartialEq)]
enum Basic<'v> {
    Bool(bool),
    Complex(f64, f64),
    Int(i64),
    Uint(u64),
    Float(f64),
    String(&'v GoStr),
}

fn basic(value: &Value) -> Option<Basic<'_>> {
    Some(match value {
        Value::Bool(b) => Basic::Bool(*b),
        Value::Int(_, n) => Basic::Int(*n),
        Value::Uint(_, n) => Basic::Uint(*n),
        Value::Float(x) => Basic::Float(*x),
        Value::Float32(x) => Basic::Float(f64::from(*x)),
        Value::Complex(re, im) => Basic::Complex(*re, *im),
        Value::String(text) => Basic::String(text),
        _ => return None,
    })
}

/// Named types of basic kinds compare as their underlying values.
fn underlying(value: Value) -> Value {
    match &value {
        Value::Object(object) => object.underlying().unwrap_or(value),
        _ => value,
    }
}

fn type_text(value: &Value) -> String {
    value.type_name()
}

/// The type Go names after it has followed a pointer.
fn pointed_type_text(value: &Value) -> String {
    let name = value.type_name();
    name.strip_prefix('*').map_or(name.clone(), str::to_owned)
}

fn incompatible(a: &Value, b: &Value) -> FnError {
    FnError::new(format!(
        "incompatible types for comparison: {} and {}",
        type_text(a),
        type_text(b)
    ))
}

fn is_int_equal_uint(int: i64, uint: u64) -> bool {
    u64::try_from(int) == Ok(uint)
}

/// Whether `first` equals any of `others`.
fn eq(first: Reflect, others: Variadic<Reflect>) -> Result<bool, FnError> {
    if others.0.is_empty() {
        return Err("missing argument for comparison".into());
    }
    for other in others.0 {
        if equal(&first.0, &other.0)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(original_a: &Value, original_b: &Value) -> Result<bool, FnError> {
    let (a, b) = (underlying(original_a.clone()), underlying(original_b.clone()));
    Ok(match (basic(&a), basic(&b)) {
        (Some(Basic::Int(a)), Some(Basic::Uint(b))) => is_int_equal_uint(a, b),
        (Some(Basic::Uint(a)), Some(Basic::Int(b))) => is_int_equal_uint(b, a),
        (Some(x), Some(y)) if std::mem::discriminant(&x) == std::mem::discriminant(&y) => x == y,
        (None, None) => equal_composite(original_a, original_b)?,
        _ if matches!(a, Value::Nil) || matches!(b, Value::Nil) => false,
        _ => return Err(incompatible(original_a, original_b)),
    })
}

/// Neither is of a basic kind.
fn equal_composite(a: &Value, b: &Value) -> Result<bool, FnError> {
    let (kind_a, kind_b) = (a.kind(), b.kind());
    // Go's message prints one operand with `%s`, which does not fit numbers, and the other with `%v`.
    let text = |value: &Value| fmt::sprintf(&GoStr::from_static("%s"), std::slice::from_ref(value), 1 << 20);
    if kind_a != kind_b && kind_a != Kind::Invalid && kind_b != Kind::Invalid {
        return Err(FnError::new(format!(
            "non-comparable types {}: {}, {}: {}",
            text(a)?,
            type_text(a),
            type_text(b),
            fmt::sprint_value(b)
        )));
    }
    if a.is_nil() || b.is_nil() {
        return Ok(a.is_nil() == b.is_nil());
    }
    match b {
        Value::Object(object) if matches!(b.kind(), Kind::Struct | Kind::Pointer) => match a {
            Value::Object(other) => Ok(std::rc::Rc::ptr_eq(object, other)
                || object.ty() == other.ty() && other.equals(object.as_ref())),
            _ => Ok(false),
        },
        _ => Err(FnError::new(format!(
            "non-comparable type {}: {}",
            text(b)?,
            type_text(b)
        ))),
    }
}

fn ne(a: Reflect, b: Reflect) -> Result<bool, FnError> {
    equal(&a.0, &b.0).map(|equal| !equal)
}

fn less(original_a: &Value, original_b: &Value) -> Result<bool, FnError> {
    let (a, b) = (underlying(original_a.clone()), underlying(original_b.clone()));
    let invalid = || FnError::new("invalid type for comparison");
    let x = basic(&a).ok_or_else(invalid)?;
    let y = basic(&b).ok_or_else(invalid)?;
    Ok(match (x, y) {
        (Basic::Int(a), Basic::Uint(b)) => u64::try_from(a).map_or(true, |a| a < b),
        (Basic::Uint(a), Basic::Int(b)) => u64::try_from(b).is_ok_and(|b| a < b),
        (Basic::Int(a), Basic::Int(b)) => a < b,
        (Basic::Uint(a), Basic::Uint(b)) => a < b,
        (Basic::Float(a), Basic::Float(b)) => a < b,
        (Basic::String(a), Basic::String(b)) => a < b,
        (Basic::Bool(_), Basic::Bool(_)) | (Basic::Complex(..), Basic::Complex(..)) => return Err(invalid()),
        _ => return Err(incompatible(original_a, original_b)),
    })
}

fn less_or_equal(a: &Value, b: &Value) -> Result<bool, FnError> {
    Ok(less(a, b)? || equal(a, b)?)
}

fn lt(a: Reflect, b: Reflect) -> Result<bool, FnError> {
    less(&a.0, &b.0)
}

fn le(a: Reflect, b: Reflect) -> Result<bool, FnError> {
    less_or_equal(&a.0, &b.0)
}

fn gt(a: Reflect, b: Reflect) -> Result<bool, FnError> {
    less_or_equal(&a.0, &b.0).map(|less| !less)
}

fn ge(a: Reflect, b: Reflect) -> Result<bool, FnError> {
    less(&a.0, &b.0).map(|less| !less)
}

/// An index into something with `capacity` places.
fn index_arg(index: &Value, capacity: usize) -> Result<usize, FnError> {
    let number = match underlying(index.clone()) {
        Value::Int(_, n) => n,
        Value::Uint(_, n) => n.cast_signed(),
        Value::Nil => return Err("cannot index slice/array with nil".into()),
        _ => {
            return Err(FnError::new(format!(
                "cannot index slice/array with type {}",
                type_text(index)
            )));
        }
    };
    match usize::try_from(number) {
        Ok(index) if index <= capacity => Ok(index),
        _ => Err(FnError::new(format!("index out of range: {number}"))),
    }
}

/// `item[i][j]…` of maps, slices and strings.
fn index(item: Reflect, indexes: Variadic<Reflect>) -> Result<Reflect, FnError> {
    let mut item = item.0;
    if matches!(item, Value::Nil) {
        return Err("index of untyped nil".into());
    }
    for index in indexes.0 {
        let index = index.0;
        if matches!(item, Value::Nil) {
            return Err("index of nil pointer".into());
        }
        item = match underlying(item.clone()) {
            Value::Map(map) => {
                let key = map_key(&index)?;
                map.get(&key).unwrap_or_else(|| Value::zero(map.ty().elem()))
            }
            Value::List(list) => {
                let position = index_arg(&index, list.len())?;
                // Go lets the length itself through its check; then reflect panics.
                let out_of_range = || FnError::new("reflect: slice index out of range");
                list.get(position).cloned().ok_or_else(out_of_range)?
            }
            Value::String(text) => {
                let position = index_arg(&index, text.len())?;
                let byte = text.as_bytes().get(position);
                let byte = byte.ok_or_else(|| FnError::new("reflect: string index out of range"))?;
                Value::Uint(UintKind::Uint8, u64::from(*byte))
            }
            Value::Bytes(bytes) => {
                let position = index_arg(&index, bytes.len())?;
                let byte = bytes.as_bytes().get(position);
                let byte = byte.ok_or_else(|| FnError::new("reflect: slice index out of range"))?;
                Value::Uint(UintKind::Uint8, u64::from(*byte))
            }
            _ => {
                return Err(FnError::new(format!(
                    "can't index item of type {}",
                    pointed_type_text(&item)
                )));
            }
        };
    }
    Ok(Reflect(item))
}

/// A map key: only strings are.
fn map_key(index: &Value) -> Result<GoStr, FnError> {
    match index {
        Value::String(key) => Ok(key.clone()),
        Value::Nil => Err("value is nil; should be of type string".into()),
        other => Err(FnError::new(format!(
            "value has type {}; should be string",
            type_text(other)
        ))),
    }
}

/// `item[i:j:k]` of strings and slices.
fn slice(item: Reflect, indexes: Variadic<Reflect>) -> Result<Reflect, FnError> {
    let item = underlying(item.0);
    let indexes = indexes.0;
    if matches!(item, Value::Nil) {
        return Err("slice of untyped nil".into());
    }
    if indexes.len() > 3 {
        return Err(FnError::new(format!("too many slice indexes: {}", indexes.len())));
    }
    let (length, capacity) = match &item {
        Value::String(_) if indexes.len() == 3 => return Err("cannot 3-index slice a string".into()),
        Value::String(text) | Value::Bytes(text) => (text.len(), text.len()),
        Value::List(list) => (list.len(), list.capacity()),
        other => {
            return Err(FnError::new(format!(
                "can't slice item of type {}",
                type_text(other)
            )));
        }
    };
    let mut bounds = [0, length, capacity];
    for (bound, index) in bounds.iter_mut().zip(&indexes) {
        *bound = index_arg(&index.0, capacity)?;
    }
    let [start, end, max] = bounds;
    if start > end {
        return Err(FnError::new(format!("invalid slice index: {start} > {end}")));
    }
    if indexes.len() == 3 && end > max {
        return Err(FnError::new(format!("invalid slice index: {end} > {max}")));
    }
    Ok(Reflect(match item {
        Value::String(text) => Value::String(text.slice(start, end)),
        Value::Bytes(bytes) => Value::Bytes(bytes.slice(start, end)),
        Value::List(list) => {
            let part = list.reslice(start, end).unwrap_or_else(|| List::nil(list.ty()));
            Value::List(part)
        }
        other => other,
    }))
}

fn len(item: Reflect) -> Result<Int, FnError> {
    if matches!(item.0, Value::Nil) {
        return Err("reflect: call of reflect.Value.Type on zero Value".into());
    }
    match item.0.len() {
        Some(length) => Ok(Int(i64::try_from(length).unwrap_or(i64::MAX))),
        None => Err(FnError::new(format!(
            "len of type {}",
            pointed_type_text(&item.0)
        ))),
    }
}

fn limit(context: &mut Context<'_>) -> usize {
    context.budget().limits().max_string_bytes
}

/// Counts a text a function built.
fn spend(context: &mut Context<'_>, text: GoStr) -> Result<GoStr, FnError> {
    context.budget().output(text.len())?;
    Ok(text)
}

fn print(context: &mut Context<'_>, values: Variadic<Value>) -> Result<GoStr, FnError> {
    let text = fmt::sprint(&values.0, limit(context))?;
    spend(context, text)
}

fn printf(context: &mut Context<'_>, format: GoStr, values: Variadic<Value>) -> Result<GoStr, FnError> {
    let text = fmt::sprintf(&format, &values.0, limit(context))?;
    spend(context, text)
}

fn println(context: &mut Context<'_>, values: Variadic<Value>) -> Result<GoStr, FnError> {
    let text = fmt::sprintln(&values.0, limit(context))?;
    spend(context, text)
}

/// The text of arguments to be escaped: missing values as templates print them.
fn printed(context: &mut Context<'_>, values: Variadic<Value>) -> Result<GoStr, FnError> {
    let values: Vec<Value> = values
        .0
        .into_iter()
        .map(|value| {
            if matches!(value, Value::Nil) {
                Value::from("<no value>")
            } else {
                value
            }
        })
        .collect();
    let text = fmt::sprint(&values, limit(context))?;
    spend(context, text)
}

fn html(context: &mut Context<'_>, values: Variadic<Value>) -> Result<GoStr, FnError> {
    let text = printed(context, values)?;
    let mut out = Vec::with_capacity(text.len());
    for byte in text.as_bytes() {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            other => out.push(*other),
        }
    }
    Ok(out.into())
}

fn js(context: &mut Context<'_>, values: Variadic<Value>) -> Result<GoStr, FnError> {
    let text = printed(context, values)?;
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((rune, width)) = decode_rune(rest) {
        let source = rest.get(..width).unwrap_or_default();
        rest = rest.get(width..).unwrap_or_default();
        match rune {
            '\\' => out.extend_from_slice(b"\\\\"),
            '\'' => out.extend_from_slice(b"\\'"),
            '"' => out.extend_from_slice(b"\\\""),
            '<' | '>' | '&' | '=' | '\0'..='\x1f' => {
                out.extend_from_slice(format!("\\u{:04X}", u32::from(rune)).as_bytes());
            }
            _ if rune.is_ascii() || is_print(rune) => out.extend_from_slice(source),
            _ => out.extend_from_slice(format!("\\u{:04X}", u32::from(rune)).as_bytes()),
        }
    }
    Ok(out.into())
}

fn urlquery(context: &mut Context<'_>, values: Variadic<Value>) -> Result<GoStr, FnError> {
    let text = printed(context, values)?;
    let mut out = Vec::with_capacity(text.len());
    for byte in text.as_bytes() {
        match byte {
            b' ' => out.push(b'+'),
            b'-' | b'_' | b'.' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => out.push(*byte),
            other => out.extend_from_slice(format!("%{other:02X}").as_bytes()),
        }
    }
    Ok(out.into())
}
