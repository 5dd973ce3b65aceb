//! Decoding YAML into Go structs, with the words of Go's `encoding/json`.
//!
//! Helm reads Chart.yaml and the head of every manifest through `sigs.k8s.io/yaml`: YAML becomes JSON, numbers and
//! booleans become strings where the field is a string, and `encoding/json` fills the struct: keys match whatever their
//! case, null changes nothing, and after a value of the wrong type decoding goes on but the first such error is returned.

use std::collections::BTreeMap;

use engine::value::{GoStr, Map, Value};

/// A YAML document that does not fit its struct; the text is Helm's, without what it was reading.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("{0}")]
    Yaml(String),
    #[error("error unmarshaling JSON: while decoding JSON: {0}")]
    Json(String),
}

/// Parses `yaml` and fills a struct called `name` (as Go names the type in errors) from it.
pub(crate) fn decode_yaml(
    yaml: &[u8],
    type_name: &'static str,
    fill: impl FnOnce(&mut Decoder, &Map),
) -> Result<Option<()>, DecodeError> {
    // Integers stay integers: what becomes the text of a string field is not what a float would print.
    let value = engine::yaml::decode_exact(yaml).map_err(|error| DecodeError::Yaml(error.to_string()))?;
    let mut decoder = Decoder::default();
    let filled = match &value {
        Value::Nil => None,
        Value::Map(map) => {
            fill(&mut decoder, map);
            Some(())
        }
        other => {
            decoder.mismatch(other, type_name);
            Some(())
        }
    };
    match decoder.error {
        Some(error) => Err(DecodeError::Json(error)),
        None => Ok(filled),
    }
}

/// How Go calls the JSON kind of a value in errors.
pub(crate) fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::String(_) | Value::Bytes(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        _ => "number",
    }
}

/// Where decoding stands and what went wrong first.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    /// The innermost struct's type name, empty for an anonymous struct.
    owner: &'static str,
    path: Vec<&'static str>,
    error: Option<String>,
}

impl Decoder {
    /// Calls `field` for every key of `map` that is one of `fields`, in the order of the JSON Helm makes of it.
    pub(crate) fn fields(
        &mut self,
        owner: &'static str,
        map: &Map,
        fields: &[&'static str],
        mut field: impl FnMut(&mut Self, &'static str, &Value),
    ) {
        let outer = std::mem::replace(&mut self.owner, owner);
        map.for_each(|key, value| {
            let Some(name) = field_named(key, fields) else {
                return;
            };
            self.path.push(name);
            field(self, name, value);
            self.path.pop();
        });
        self.owner = outer;
    }

    pub(crate) fn string(&mut self, value: &Value, into: &mut String) {
        match value {
            Value::Nil => {}
            Value::String(text) | Value::Bytes(text) => *into = text.to_str_lossy().into_owned(),
            Value::List(_) | Value::Map(_) | Value::Object(_) => self.mismatch(value, "string"),
            scalar => *into = scalar_text(scalar),
        }
    }

    pub(crate) fn bool(&mut self, value: &Value, into: &mut bool) {
        match value {
            Value::Nil => {}
            Value::Bool(bool) => *into = *bool,
            other => self.mismatch(other, "bool"),
        }
    }

    pub(crate) fn strings(&mut self, value: &Value, into: &mut Vec<String>) {
        let absent = self.list(value, into, "[]string", |decoder, item, into| {
            decoder.string(item, into);
        });
        if absent {
            into.clear();
        }
    }

    pub(crate) fn string_map(&mut self, value: &Value, into: &mut Option<BTreeMap<String, String>>) {
        match value {
            Value::Nil => *into = None,
            Value::Map(map) => {
                let into = into.get_or_insert_default();
                map.for_each(|key, value| {
                    let mut text = String::new();
                    self.string(value, &mut text);
                    into.insert(key.to_str_lossy().into_owned(), text);
                });
            }
            other => self.mismatch(other, "map[string]string"),
        }
    }

    /// Decodes a slice element by element over what it already holds, as Go does; true when it is null.
    pub(crate) fn list<T: Default>(
        &mut self,
        value: &Value,
        into: &mut Vec<T>,
        type_name: &'static str,
        mut item: impl FnMut(&mut Self, &Value, &mut T),
    ) -> bool {
        match value {
            Value::Nil => return true,
            Value::List(list) => {
                into.resize_with(list.len(), T::default);
                for (value, into) in list.iter().zip(into.iter_mut()) {
                    item(self, value, into);
                }
            }
            other => self.mismatch(other, type_name),
        }
        false
    }

    pub(crate) fn mismatch(&mut self, value: &Value, type_name: &str) {
        if self.error.is_some() {
            return;
        }
        let kind = kind_name(value);
        self.error = Some(if self.path.is_empty() {
            format!("json: cannot unmarshal {kind} into Go value of type {type_name}")
        } else {
            let (owner, path) = (self.owner, self.path.join("."));
            format!("json: cannot unmarshal {kind} into Go struct field {owner}.{path} of type {type_name}")
        });
    }

    /// An error that is not about a type, such as a malformed time.
    pub(crate) fn fail(&mut self, text: String) {
        self.error.get_or_insert(text);
    }
}

/// Go formats a float for a string field with the precision of a `float32`.
fn scalar_text(value: &Value) -> String {
    match value {
        Value::Float(number) => engine::strconv::format_float(*number, 'g', None, 32),
        Value::Bool(bool) => bool.to_string(),
        Value::Int(_, number) => number.to_string(),
        Value::Uint(_, number) => number.to_string(),
        _ => String::new(),
    }
}

/// The field that a key fills: the one of that name, or one of that name whatever its case.
pub(crate) fn field_named(key: &GoStr, fields: &[&'static str]) -> Option<&'static str> {
    let exact = fields.iter().find(|name| key == **name);
    exact
        .or_else(|| fields.iter().find(|name| folds_to(key, name)))
        .copied()
}

/// Go's key folding: ASCII case, and the two letters outside ASCII that fold into it.
fn folds_to(key: &GoStr, name: &str) -> bool {
    let fold = |rune: char| match rune {
        '\u{212A}' => 'k',
        '\u{17F}' => 's',
        other => other.to_ascii_lowercase(),
    };
    key.runes().map(|(rune, _)| fold(rune)).eq(name.chars().map(fold))
}
