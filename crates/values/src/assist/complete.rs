//! Completions and hover.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Assistant;
use super::context::{Context, context, siblings};
use crate::Path;
use crate::document::Document;
use crate::schema::{Field, Type};

/// More than these nobody scrolls through.
const MAX_COMPLETIONS: usize = 200;

/// Something that could be typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// What to show.
    pub label: String,
    /// Which bytes it replaces: what was typed of it.
    pub range: Range<usize>,
    /// What to put there.
    pub insert: String,
    /// Type and default, for the end of the line.
    pub detail: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is used no more.
    pub deprecated: bool,
}

/// What is under the pointer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hover {
    /// Which bytes it is about.
    pub range: Range<usize>,
    /// Where in the values.
    pub path: Path,
    /// What is known of it. A secret's default is left out.
    pub field: Field,
}

impl Assistant {
    /// What could stand at an offset: keys of the mapping there that are not yet given, or values of the key before
    /// it.
    #[must_use]
    pub fn completions(&self, text: &str, offset: usize) -> Vec<Completion> {
        let context = context(text, offset);
        if context.in_text {
            return Vec::new();
        }
        match &context.key {
            Some(key) => self.values_of(&context, key),
            None => self.keys_in(text, offset, &context),
        }
    }

    fn keys_in(&self, text: &str, offset: usize, context: &Context) -> Vec<Completion> {
        let given = siblings(text, offset, context.column);
        let typed = text
            .get(context.prefix.clone())
            .unwrap_or_default()
            .to_lowercase();
        let mut found: Vec<(bool, &Field)> = self
            .fields
            .children(&context.parent)
            .filter_map(|field| {
                let key = field.path.last_key()?;
                let lower = key.to_lowercase();
                let fits = lower.contains(&typed) && !given.iter().any(|given| given == key);
                fits.then_some((!lower.starts_with(&typed), field))
            })
            .collect();
        // The order of the file, with what begins as typed first and what is not to be used last.
        found.sort_by_key(|(within, field)| (field.deprecated, *within));
        let completion = |(_, field): &(bool, &Field)| {
            let key = crate::document::scalar::key(field.path.last_key()?, false, false);
            let is_mapping = self.fields.children(&field.path).next().is_some();
            let below = format!("{key}:\n{}", " ".repeat(context.column + 2));
            Some(Completion {
                label: key.clone(),
                range: context.prefix.clone(),
                insert: if is_mapping { below } else { format!("{key}: ") },
                detail: detail(field),
                description: field.description.clone(),
                deprecated: field.deprecated,
            })
        };
        found
            .iter()
            .filter_map(completion)
            .take(MAX_COMPLETIONS)
            .collect()
    }

    fn values_of(&self, context: &Context, key: &str) -> Vec<Completion> {
        let Some(field) = self.fields.get(&context.parent.join(key)) else {
            return Vec::new();
        };
        let mut values: Vec<serde_json::Value> = field.choices.clone();
        if values.is_empty() && field.types.contains(&Type::Boolean) {
            values = vec![true.into(), false.into()];
        }
        let is_scalar =
            |value: &serde_json::Value| !value.is_object() && !value.is_array() && !value.is_null();
        if let Some(default) = &field.default
            && is_scalar(default)
            && !field.secret
            && *default != ""
            && !values.contains(default)
        {
            values.push(default.clone());
        }
        let completion = |value: &serde_json::Value| {
            let text = match value {
                serde_json::Value::String(text) => {
                    crate::document::scalar::string(text, crate::document::scalar::Quotes::Plain, false)
                }
                other => other.to_string(),
            };
            let is_default = field.default.as_ref() == Some(value);
            Completion {
                label: text.clone(),
                range: context.prefix.clone(),
                insert: text,
                detail: if is_default {
                    "default".to_owned()
                } else {
                    String::new()
                },
                description: None,
                deprecated: false,
            }
        };
        values.iter().map(completion).take(MAX_COMPLETIONS).collect()
    }

    /// What is known of the value at an offset.
    #[must_use]
    pub fn hover(&self, text: &str, offset: usize) -> Option<Hover> {
        let path = match Document::parse(text) {
            Ok(document) => document.path_at(offset),
            Err(_) => {
                let end = crate::document::lines::line_end(text, offset);
                let context = context(text, end);
                context.parent.join(context.key?)
            }
        };
        // Below a field that holds anything, that field is meant.
        let depth = path.segments().len();
        let field = (1..=depth)
            .rev()
            .find_map(|depth| self.fields.get(&path.prefix(depth)))?;
        let mut field = field.clone();
        if field.secret {
            field.default = None;
        }
        let range = Document::parse(text)
            .ok()
            .and_then(|document| document.span_of(&field.path))
            .and_then(|span| span.key)
            .unwrap_or_else(|| crate::document::lines::line_at(text, offset));
        Some(Hover {
            range,
            path: field.path.clone(),
            field,
        })
    }
}

fn detail(field: &Field) -> String {
    const MAX_DEFAULT: usize = 40;
    let types: Vec<&str> = field.types.iter().map(|kind| kind.name()).collect();
    let mut detail = types.join(" | ");
    let default = field
        .default
        .as_ref()
        // What a mapping or a list holds is told by its own keys.
        .filter(|default| !field.secret && !default.is_null() && !default.is_object() && !default.is_array());
    if let Some(default) = default
        .map(ToString::to_string)
        .filter(|text| text.chars().count() <= MAX_DEFAULT)
    {
        if !detail.is_empty() {
            detail.push_str(", ");
        }
        detail.push_str("default ");
        detail.push_str(&default);
    }
    detail
}
