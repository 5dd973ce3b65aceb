//! Data on its way to JSON and YAML: structs whose fields keep their order in JSON, as Go prints them.

use engine::json::{Escape, encode};
use engine::value::{GoStr, List, Map, Value};

/// A value, or a struct with Go's order of fields.
pub(super) enum Node {
    Value(Value),
    Struct(Vec<(&'static str, Self)>),
    List(Vec<Self>),
}

impl Node {
    pub(super) fn text(text: &str) -> Self {
        Self::Value(Value::from(text))
    }

    pub(super) fn texts(texts: &[String]) -> Self {
        Self::List(texts.iter().map(|text| Self::text(text)).collect())
    }

    pub(super) fn int(number: i64) -> Self {
        Self::Value(Value::int64(number))
    }

    pub(super) fn json(json: &serde_json::Value) -> Self {
        Self::Value(value(json))
    }

    /// As Go's `json.Encoder` writes it, with the line break at the end.
    pub(super) fn to_json_line(&self) -> String {
        let mut json = String::new();
        self.write_json(&mut json);
        json.push('\n');
        json
    }

    /// As sigs.k8s.io/yaml writes it: fields in the order of their names.
    pub(super) fn to_yaml(&self) -> String {
        yaml(&self.to_value())
    }

    fn write_json(&self, json: &mut String) {
        match self {
            Self::Value(value) => json.push_str(&encode(value, Escape::Html, usize::MAX).unwrap_or_default()),
            Self::Struct(fields) => {
                json.push('{');
                for (number, (name, node)) in fields.iter().enumerate() {
                    json.push_str(if number == 0 { "\"" } else { ",\"" });
                    json.push_str(name);
                    json.push_str("\":");
                    node.write_json(json);
                }
                json.push('}');
            }
            Self::List(items) => {
                json.push('[');
                for (number, node) in items.iter().enumerate() {
                    json.push_str(if number == 0 { "" } else { "," });
                    node.write_json(json);
                }
                json.push(']');
            }
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Struct(fields) => {
                let map: Map = fields
                    .iter()
                    .map(|(name, node)| (GoStr::from(*name), node.to_value()))
                    .collect();
                Value::Map(map)
            }
            Self::List(items) => Value::List(items.iter().map(Self::to_value).collect::<List>()),
        }
    }
}

/// A value as YAML, with the line break at the end.
pub(super) fn yaml(value: &Value) -> String {
    let mut yaml = engine::yaml::encode(value, usize::MAX).unwrap_or_default();
    yaml.push('\n');
    yaml
}

/// A value of JSON in which whole numbers stay whole.
pub(super) fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(bool) => Value::Bool(*bool),
        serde_json::Value::Number(number) => number
            .as_i64()
            .map_or_else(|| Value::Float(number.as_f64().unwrap_or(f64::MAX)), Value::int64),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(value).collect::<List>()),
        serde_json::Value::Object(object) => {
            let map: Map = object
                .iter()
                .map(|(key, item)| (GoStr::from(key.as_str()), value(item)))
                .collect();
            Value::Map(map)
        }
    }
}
