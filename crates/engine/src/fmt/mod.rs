//! Go's fmt: verbs, flags and default formats for every kind.

use crate::strconv::format_float;
use crate::value::{GoStr, Value};

/// Appends what `fmt.Print` prints for one value, `%v`.
pub fn print_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Nil => out.extend_from_slice(b"<nil>"),
        Value::Bool(b) => out.extend_from_slice(b.to_string().as_bytes()),
        Value::Int(_, n) => out.extend_from_slice(n.to_string().as_bytes()),
        Value::Uint(_, n) => out.extend_from_slice(n.to_string().as_bytes()),
        Value::Float(x) => out.extend_from_slice(format_float(*x, 'g', None, 64).as_bytes()),
        Value::String(text) => out.extend_from_slice(text.as_bytes()),
        Value::List(list) => {
            out.push(b'[');
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    out.push(b' ');
                }
                print_value(out, item);
            }
            out.push(b']');
        }
        Value::Map(map) => {
            out.extend_from_slice(b"map[");
            let mut first = true;
            map.for_each(|key, item| {
                if !first {
                    out.push(b' ');
                }
                first = false;
                out.extend_from_slice(key.as_bytes());
                out.push(b':');
                print_value(out, item);
            });
            out.push(b']');
        }
        other => out.extend_from_slice(other.type_name().as_bytes()),
    }
}

/// What `fmt.Sprint` returns for one value.
#[must_use]
pub fn sprint_value(value: &Value) -> GoStr {
    let mut out = Vec::new();
    print_value(&mut out, value);
    out.into()
}
