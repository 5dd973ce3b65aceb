//! The shape of [`Config`] as data: which keys exist, of which type, with which words.
//!
//! Taken from the JSON Schema that `schemars` derives, so that it cannot differ from the structs.

use serde_json::Value;

use super::Config;

/// The JSON Schema of the whole configuration.
pub(super) struct Schema {
    root: Value,
}

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Number,
    Boolean,
    /// A list or table, written as TOML.
    Structured,
    /// A section: its keys are set one by one.
    Section,
}

impl Schema {
    pub(super) fn new() -> Self {
        Self {
            root: schemars::schema_for!(Config).to_value(),
        }
    }

    /// The node of a dotted path, such as `server.listen`.
    pub(super) fn at(&self, path: &[String]) -> Option<&Value> {
        let mut node = &self.root;
        for key in path {
            node = self.resolve(node).get("properties")?.get(key)?;
        }
        Some(self.resolve(node))
    }

    /// The keys of a section with their nodes, unresolved: a node keeps the words of the field that uses it.
    pub(super) fn properties(&self, node: &Value) -> Vec<(String, Value)> {
        let Some(properties) = self.resolve(node).get("properties").and_then(Value::as_object) else {
            return Vec::new();
        };
        properties
            .iter()
            .map(|(key, node)| (key.clone(), node.clone()))
            .collect()
    }

    pub(super) fn root(&self) -> &Value {
        &self.root
    }

    /// Follows `$ref`, and the `anyOf` that an optional field becomes.
    pub(super) fn resolve<'a>(&'a self, node: &'a Value) -> &'a Value {
        if let Some(name) = node
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|path| path.strip_prefix("#/$defs/"))
        {
            return self
                .root
                .get("$defs")
                .and_then(|defs| defs.get(name))
                .map_or(node, |found| self.resolve(found));
        }
        if let Some(options) = node.get("anyOf").and_then(Value::as_array)
            && let Some(option) = options
                .iter()
                .find(|option| option.get("type").and_then(Value::as_str) != Some("null"))
        {
            return self.resolve(option);
        }
        node
    }

    pub(super) fn kind(&self, node: &Value) -> Kind {
        let node = self.resolve(node);
        let named = match node.get("type") {
            Some(Value::String(name)) => name.as_str(),
            Some(Value::Array(names)) => names
                .iter()
                .filter_map(Value::as_str)
                .find(|name| *name != "null")
                .unwrap_or_default(),
            // An enumeration whose variants carry words: one string each.
            _ if node.get("oneOf").is_some() => "string",
            _ => "",
        };
        match named {
            "string" => Kind::Text,
            "integer" => Kind::Integer,
            "number" => Kind::Number,
            "boolean" => Kind::Boolean,
            "object" if node.get("properties").is_some() => Kind::Section,
            _ => Kind::Structured,
        }
    }

    /// The values of an enumeration with their words.
    pub(super) fn choices(&self, node: &Value) -> Vec<(String, String)> {
        let node = self.resolve(node);
        let Some(options) = node.get("oneOf").and_then(Value::as_array) else {
            return Vec::new();
        };
        let text = |option: &Value, key: &str| {
            option
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .trim_end_matches('.')
                .to_owned()
        };
        options
            .iter()
            .map(|option| (text(option, "const"), text(option, "description")))
            .collect()
    }
}
