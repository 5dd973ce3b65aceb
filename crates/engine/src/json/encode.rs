//! Values to JSON text.

use super::error::EncodeError;
use super::number::format_number;
use super::string::write_string;
use crate::encoding::base64;
use crate::value::{List, Map, Object, Value};

/// How deep values may nest. A template can build a map that contains itself; Go looks for cycles from the same
/// depth on, and what is deeper without one is refused with the same words.
const MAX_DEPTH: usize = 1_000;

/// Whether `<`, `>` and `&` are escaped, as Go does so that JSON can stand inside of HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// `json.Marshal`.
    Html,
    /// `Encoder.SetEscapeHTML(false)`.
    Raw,
}

/// `json.Marshal`; fails where the text would be longer than `max_bytes`.
pub fn encode(value: &Value, escape: Escape, max_bytes: usize) -> Result<String, EncodeError> {
    let mut encoder = Encoder {
        out: String::new(),
        escape,
        indent: None,
        max_bytes,
    };
    encoder.value(value, 0)?;
    Ok(encoder.out)
}

/// `json.MarshalIndent` with `indent` for each level and no prefix; fails where the text would be longer than
/// `max_bytes`.
pub fn encode_indented(value: &Value, indent: &str, max_bytes: usize) -> Result<String, EncodeError> {
    let mut encoder = Encoder {
        out: String::new(),
        escape: Escape::Html,
        indent: Some(indent),
        max_bytes,
    };
    encoder.value(value, 0)?;
    Ok(encoder.out)
}

struct Encoder<'a> {
    out: String,
    escape: Escape,
    indent: Option<&'a str>,
    max_bytes: usize,
}

impl Encoder<'_> {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), EncodeError> {
        if self.out.len() > self.max_bytes {
            return Err(EncodeError::TooLarge {
                limit: self.max_bytes,
            });
        }
        match value {
            Value::Nil => self.out.push_str("null"),
            Value::Bool(b) => self.out.push_str(if *b { "true" } else { "false" }),
            Value::Int(_, n) => self.out.push_str(&n.to_string()),
            Value::Uint(_, n) => self.out.push_str(&n.to_string()),
            Value::Float(x) => self.number(*x, 64)?,
            Value::Float32(x) => self.number(f64::from(*x), 32)?,
            Value::Complex(..) => return Err(unsupported(value)),
            Value::String(text) => write_string(&mut self.out, text.as_bytes(), self.escape),
            Value::Bytes(bytes) => {
                self.out.push('"');
                self.out.push_str(&base64::encode(bytes.as_bytes()));
                self.out.push('"');
            }
            Value::List(list) => self.list(list, depth)?,
            Value::Map(map) => self.map(map, depth)?,
            Value::Object(object) => self.object(object.as_ref(), value, depth)?,
        }
        Ok(())
    }

    fn number(&mut self, x: f64, bits: u32) -> Result<(), EncodeError> {
        if !x.is_finite() {
            let value = crate::strconv::format_float(x, 'g', None, bits);
            return Err(EncodeError::NotFinite { value });
        }
        self.out.push_str(&format_number(x, bits));
        Ok(())
    }

    fn list(&mut self, list: &List, depth: usize) -> Result<(), EncodeError> {
        if list.is_nil() {
            self.out.push_str("null");
            return Ok(());
        }
        check_depth(depth, || list.ty().to_string())?;
        self.out.push('[');
        for (i, item) in list.iter().enumerate() {
            self.separate(i, depth + 1);
            self.value(item, depth + 1)?;
        }
        self.close(']', list.is_empty(), depth);
        Ok(())
    }

    fn map(&mut self, map: &Map, depth: usize) -> Result<(), EncodeError> {
        if map.is_nil() {
            self.out.push_str("null");
            return Ok(());
        }
        check_depth(depth, || map.ty().to_string())?;
        self.out.push('{');
        let mut result = Ok(());
        let mut n = 0;
        map.for_each(|key, value| {
            if result.is_ok() {
                result = self.entry(n, key.as_bytes(), value, depth + 1);
                n += 1;
            }
        });
        result?;
        self.close('}', n == 0, depth);
        Ok(())
    }

    fn entry(&mut self, n: usize, key: &[u8], value: &Value, depth: usize) -> Result<(), EncodeError> {
        self.separate(n, depth);
        write_string(&mut self.out, key, self.escape);
        self.out.push_str(if self.indent.is_some() { ": " } else { ":" });
        self.value(value, depth)
    }

    fn object(&mut self, object: &dyn Object, value: &Value, depth: usize) -> Result<(), EncodeError> {
        if object.is_nil() {
            self.out.push_str("null");
        } else if let Some(json) = object.json() {
            self.out.push_str(&json);
        } else if let Some(underlying) = object.underlying() {
            self.value(&underlying, depth)?;
        } else if object.ty().is_struct_like() {
            check_depth(depth, || object.ty().to_string())?;
            self.out.push('{');
            let fields = object.fields();
            let mut n = 0;
            for (name, field) in &fields {
                // Unexported fields have no JSON form.
                if name.starts_with(|c: char| c.is_uppercase()) {
                    self.entry(n, name.as_bytes(), field, depth + 1)?;
                    n += 1;
                }
            }
            self.close('}', n == 0, depth);
        } else {
            return Err(unsupported(value));
        }
        Ok(())
    }

    /// What stands before the element `n` of a list or map.
    fn separate(&mut self, n: usize, depth: usize) {
        if n > 0 {
            self.out.push(',');
        }
        self.line(depth);
    }

    fn close(&mut self, bracket: char, is_empty: bool, depth: usize) {
        if !is_empty {
            self.line(depth);
        }
        self.out.push(bracket);
    }

    fn line(&mut self, depth: usize) {
        if let Some(indent) = self.indent {
            self.out.push('\n');
            for _ in 0..depth {
                self.out.push_str(indent);
            }
        }
    }
}

fn check_depth(depth: usize, ty: impl Fn() -> String) -> Result<(), EncodeError> {
    if depth >= MAX_DEPTH {
        Err(EncodeError::Cycle { ty: ty() })
    } else {
        Ok(())
    }
}

fn unsupported(value: &Value) -> EncodeError {
    EncodeError::UnsupportedType {
        ty: value.type_name(),
    }
}
