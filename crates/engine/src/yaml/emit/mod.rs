//! Values to YAML: `toYaml` as sigs.k8s.io/yaml prints, `toYamlPretty` as go-yaml v3 does.
//!
//! [`encode`] is JSON on the way: what JSON does to a value (base64 of bytes, keys of structs, errors on infinities)
//! shows in the YAML. Almost always that can be told from the value itself; where the way through text matters
//! (`exact`), it is really gone. [`encode_pretty`] prints the value as it is.

mod analyze;
mod exact;
mod order;
mod scalar;
mod writer;

use std::borrow::Cow;

use super::decode::DecodeError;
use super::resolve::Dialect;
use crate::json::{EncodeError, format_number};
use crate::strconv::{format_float, parse_int, parse_uint};
use crate::value::{GoStr, List, Map, Object, Value};
use scalar::Wish;
use writer::{Place, Writer};

/// How deep values may nest: a template can build a map that contains itself.
const MAX_DEPTH: usize = 1_000;

/// Longer keys, in bytes, are written as `? key`.
const MAX_SIMPLE_KEY: usize = 128;

/// Why a value has no YAML form.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum YamlEncodeError {
    /// It has no JSON form.
    #[error("error marshaling into JSON: {0}")]
    Json(#[from] EncodeError),
    /// Its JSON form is not YAML: control characters, keys longer than 1024 characters.
    #[error("yaml: {0}")]
    Yaml(super::Error),
    /// Its JSON form cannot be decoded as YAML.
    #[error(transparent)]
    Unreadable(DecodeError),
}

/// `yaml.Marshal` of sigs.k8s.io/yaml, without the last line break; fails where the text would be longer than
/// `max_bytes`.
pub fn encode(value: &Value, max_bytes: usize) -> Result<String, YamlEncodeError> {
    if exact::is_needed(value, max_bytes) {
        return exact::encode(value, max_bytes);
    }
    Ok(Encoder::new(Dialect::V2, max_bytes).encode(value)?)
}

/// go-yaml v3's `Encoder.Encode` with an indentation of two, without the last line break; fails where the text would
/// be longer than `max_bytes`.
pub fn encode_pretty(value: &Value, max_bytes: usize) -> Result<String, YamlEncodeError> {
    Ok(Encoder::new(Dialect::V3, max_bytes).encode(value)?)
}

struct Encoder {
    writer: Writer,
    dialect: Dialect,
    max_bytes: usize,
}

impl From<DecodeError> for YamlEncodeError {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Yaml(error) => Self::Yaml(error),
            other => Self::Unreadable(other),
        }
    }
}

impl Encoder {
    fn new(dialect: Dialect, max_bytes: usize) -> Self {
        Self {
            writer: Writer::new(dialect),
            dialect,
            max_bytes,
        }
    }

    fn encode(mut self, value: &Value) -> Result<String, EncodeError> {
        self.node(value, Place::Root, 0)?;
        Ok(self.writer.finish())
    }

    fn node(&mut self, value: &Value, place: Place, depth: usize) -> Result<(), EncodeError> {
        if self.writer.len() > self.max_bytes {
            return Err(EncodeError::TooLarge {
                limit: self.max_bytes,
            });
        }
        if depth > MAX_DEPTH {
            return Err(EncodeError::Cycle {
                ty: value.type_name(),
            });
        }
        match value {
            Value::Nil => self.writer.tame("null"),
            Value::Bool(b) => self.writer.tame(if *b { "true" } else { "false" }),
            Value::Int(_, n) => self.writer.tame(&n.to_string()),
            Value::Uint(_, n) => self.writer.tame(&n.to_string()),
            Value::Float(x) => self.float(*x, 64)?,
            Value::Float32(x) => self.float(f64::from(*x), 32)?,
            Value::Complex(..) => {
                return Err(EncodeError::UnsupportedType {
                    ty: value.type_name(),
                });
            }
            Value::String(text) => self.string(text, place),
            Value::Bytes(bytes) => match self.dialect {
                Dialect::V2 => {
                    let text = crate::encoding::base64::encode(bytes.as_bytes());
                    self.string(&text.into(), place);
                }
                Dialect::V3 => self.items(&value.to_items().unwrap_or_default(), place, depth)?,
            },
            Value::List(list) => self.list(list, place, depth)?,
            Value::Map(map) => self.map(map, place, depth)?,
            Value::Object(object) => self.object(object.as_ref(), value, place, depth)?,
        }
        Ok(())
    }

    fn plain(&mut self, text: &str, place: Place) {
        self.writer.scalar(text, Wish::Plain, None, place);
    }

    fn float(&mut self, x: f64, bits: u32) -> Result<(), EncodeError> {
        let text = match self.dialect {
            Dialect::V2 if !x.is_finite() => {
                return Err(EncodeError::NotFinite {
                    value: format_float(x, 'g', None, bits),
                });
            }
            Dialect::V2 => json_float(x, bits),
            Dialect::V3 => super::decode::yaml_float(x, bits),
        };
        self.writer.tame(&text);
        Ok(())
    }

    fn string(&mut self, text: &GoStr, place: Place) {
        match text.as_str() {
            Some(text) if scalar::is_tame(text, self.dialect) => self.writer.tame(text),
            Some(text) => {
                let wish = scalar::wish(text, self.dialect);
                self.writer.scalar(text, wish, None, place);
            }
            None => {
                // Bytes that are not text go into YAML as what they are.
                let text = scalar::binary(text.as_bytes());
                let wish = if text.contains('\n') {
                    Wish::Literal
                } else {
                    Wish::Plain
                };
                self.writer.scalar(&text, wish, Some("binary"), place);
            }
        }
    }

    fn list(&mut self, list: &List, place: Place, depth: usize) -> Result<(), EncodeError> {
        if list.is_nil() && self.dialect == Dialect::V2 {
            self.plain("null", place);
            return Ok(());
        }
        self.items(list.as_slice(), place, depth)
    }

    fn items(&mut self, items: &[Value], place: Place, depth: usize) -> Result<(), EncodeError> {
        if items.is_empty() {
            self.writer.empty("[", "]");
            return Ok(());
        }
        let outer = self.writer.begin_sequence(place);
        for item in items {
            self.writer.begin_item();
            self.node(item, Place::Item, depth + 1)?;
        }
        self.writer.end(outer);
        Ok(())
    }

    fn map(&mut self, map: &Map, place: Place, depth: usize) -> Result<(), EncodeError> {
        if map.is_nil() && self.dialect == Dialect::V2 {
            self.plain("null", place);
            return Ok(());
        }
        let mut entries = map.entries();
        order::sort(&mut entries, self.dialect);
        self.entries(&entries, depth)
    }

    fn entries(&mut self, entries: &[(GoStr, Value)], depth: usize) -> Result<(), EncodeError> {
        if entries.is_empty() {
            self.writer.empty("{", "}");
            return Ok(());
        }
        let outer = self.writer.begin_mapping();
        for (key, value) in entries {
            let simple = self.key(key);
            self.writer.begin_value(simple);
            self.node(value, Place::Value, depth + 1)?;
        }
        self.writer.end(outer);
        Ok(())
    }

    /// Writes a key; returns whether it is a simple one (`key:` and not `? key`).
    fn key(&mut self, key: &GoStr) -> bool {
        if let Some(text) = key.as_str()
            && text.len() <= MAX_SIMPLE_KEY
            && scalar::is_tame(text, self.dialect)
        {
            self.writer.begin_key(true);
            self.writer.tame(text);
            return true;
        }
        let (text, tag): (Cow<'_, str>, _) = match key.as_str() {
            Some(text) => (text.into(), None),
            None => (scalar::binary(key.as_bytes()).into(), Some("binary")),
        };
        let wish = match tag {
            None => scalar::wish(&text, self.dialect),
            Some(_) if text.contains('\n') => Wish::Literal,
            Some(_) => Wish::Plain,
        };
        let tag_length = tag.map_or(0, |tag| tag.len() + 2);
        let simple = text.len() + tag_length <= MAX_SIMPLE_KEY && !analyze::has_break(&text);
        self.writer.begin_key(simple);
        self.writer.scalar(&text, wish, tag, Place::Key { simple });
        simple
    }

    fn object(
        &mut self,
        object: &dyn Object,
        value: &Value,
        place: Place,
        depth: usize,
    ) -> Result<(), EncodeError> {
        if object.is_nil() {
            self.plain("null", place);
        } else if let Some(json) = object.json() {
            // In v3 this stands for `MarshalText`: times are plain, all others are strings.
            match crate::json::decode(json.as_bytes()) {
                Ok(Value::String(text)) if value.type_name() == "time.Time" => {
                    self.plain(&text.to_str_lossy(), place);
                }
                Ok(decoded) => self.node(&decoded, place, depth + 1)?,
                Err(_) => self.plain("null", place),
            }
        } else if value.type_name() == "time.Duration" {
            let text = object.string().unwrap_or_default();
            self.string(&text, place);
        } else if let Some(underlying) = object.underlying() {
            self.node(&underlying, place, depth + 1)?;
        } else if object.ty().is_struct_like() {
            let fields = object.fields();
            let exported = fields
                .into_iter()
                .filter(|(name, _)| name.starts_with(char::is_uppercase));
            let entries: Vec<_> = exported
                .map(|(name, field)| (GoStr::from(name.to_lowercase()), field))
                .collect();
            self.entries(&entries, depth)?;
        } else {
            return Err(EncodeError::UnsupportedType {
                ty: value.type_name(),
            });
        }
        Ok(())
    }
}

/// A finite float after JSON: what looks like an integer there is one for go-yaml.
fn json_float(x: f64, bits: u32) -> String {
    if x.fract() == 0.0 && x.abs() < 1e15 {
        return (x as i64).to_string();
    }
    let text = format_number(x, bits);
    if parse_int(&text, 10, 64).is_ok() || parse_uint(&text, 10, 64).is_ok() {
        return text;
    }
    let x = text.parse().unwrap_or(x);
    super::decode::yaml_float(x, 64)
}
