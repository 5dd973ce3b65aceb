//! Schemas that need no compiling to say yes.
//!
//! Most schemas of charts say of what type each value is, and little else; generators write them by the hundred
//! kilobytes. Checking such a document against its metaschema and compiling it takes longer than rendering the chart,
//! and most values pass. So plain schemas are applied as they stand, and compiled when they refuse: whatever a message
//! says comes from there.

use std::collections::BTreeMap;

use engine::regexp::Regex;
use engine::value::GoStr;

use super::doc::{Doc, DocType, Object};
use super::draft::Draft;
use super::validate::is_integer;

/// Schemas within each other; deeper ones are not plain.
const MAX_DEPTH: usize = 64;
/// Words that one `enum` or `required` may have, all of which are compared with each value.
const MAX_WORDS: usize = 64;
/// Patterns that are compiled without anybody needing them yet.
const MAX_PATTERNS: usize = 32;
const MAX_PATTERN_BYTES: usize = 1 << 10;

/// Compiled, by their text.
type Patterns = BTreeMap<GoStr, Regex>;

/// A schema that is valid in every draft, refers to nothing, and has no keyword that is not known here.
#[derive(Debug)]
pub(crate) struct Plain {
    schema: Doc,
    patterns: Patterns,
}

impl Plain {
    /// `schema`, or the same again where it is not plain; it may be in order all the same.
    pub(crate) fn new(schema: Doc) -> Result<Self, Doc> {
        let mut patterns = Patterns::new();
        if is_plain(&schema, &mut patterns) {
            Ok(Self { schema, patterns })
        } else {
            Err(schema)
        }
    }

    pub(crate) fn doc(&self) -> &Doc {
        &self.schema
    }

    /// Whether `value` passes.
    pub(crate) fn accepts(&self, value: &Doc) -> bool {
        accepts(&self.schema, value, &self.patterns)
    }
}

fn is_plain(schema: &Doc, patterns: &mut Patterns) -> bool {
    match schema.get("$schema") {
        None => {}
        Some(Doc::String(url)) if Draft::from_url(&url.to_str_lossy()).is_some() => {}
        Some(_) => return false,
    }
    schema
        .as_object()
        .is_some_and(|object| is_plain_object(object, true, MAX_DEPTH, patterns))
}

fn is_plain_object(object: &Object, is_root: bool, depth: usize, patterns: &mut Patterns) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    let mut is_plain = |schema: &Doc| {
        schema
            .as_object()
            .is_some_and(|object| is_plain_object(object, false, depth, patterns))
    };
    object.iter().all(|(keyword, value)| match keyword.as_bytes() {
        b"$schema" => is_root,
        b"$comment" | b"title" | b"description" => matches!(value, Doc::String(_)),
        b"default" => true,
        b"readOnly" | b"writeOnly" | b"deprecated" => matches!(value, Doc::Bool(_)),
        b"examples" => matches!(value, Doc::Array(_)),
        b"type" => match value {
            Doc::String(name) => DocType::from_name(name).is_some(),
            _ => {
                words(value).is_some_and(|names| names.iter().all(|name| DocType::from_name(name).is_some()))
            }
        },
        b"enum" | b"required" => words(value).is_some(),
        b"minLength" | b"maxLength" | b"minItems" | b"maxItems" | b"minProperties" | b"maxProperties" => {
            size(value).is_some()
        }
        b"properties" => value
            .as_object()
            .is_some_and(|members| members.values().all(&mut is_plain)),
        b"items" => is_plain(value),
        b"additionalProperties" => matches!(value, Doc::Bool(_)) || is_plain(value),
        b"pattern" => matches!(value, Doc::String(_)),
        keyword => !is_known(keyword),
    }) && object
        .get(b"pattern".as_slice())
        .is_none_or(|pattern| keep(pattern, patterns))
}

/// Compiles a pattern; false if it is none, or one too many.
fn keep(pattern: &Doc, patterns: &mut Patterns) -> bool {
    let Doc::String(pattern) = pattern else {
        return false;
    };
    if patterns.contains_key(pattern) {
        return true;
    }
    if patterns.len() >= MAX_PATTERNS || pattern.len() > MAX_PATTERN_BYTES {
        return false;
    }
    let Ok(regex) = Regex::compile(pattern.as_bytes()) else {
        return false;
    };
    patterns.insert(pattern.clone(), regex);
    true
}

/// Whether a keyword without a meaning here has one in some draft: all others mean nothing in any.
fn is_known(keyword: &[u8]) -> bool {
    const KNOWN: &[&str] = &[
        "$anchor",
        "$defs",
        "$dynamicAnchor",
        "$dynamicRef",
        "$id",
        "$recursiveAnchor",
        "$recursiveRef",
        "$ref",
        "$vocabulary",
        "additionalItems",
        "allOf",
        "anyOf",
        "const",
        "contains",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "definitions",
        "dependencies",
        "dependentRequired",
        "dependentSchemas",
        "else",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "id",
        "if",
        "maxContains",
        "maximum",
        "minContains",
        "minimum",
        "multipleOf",
        "not",
        "oneOf",
        "patternProperties",
        "prefixItems",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
        "uniqueItems",
    ];
    KNOWN
        .binary_search_by(|known| known.as_bytes().cmp(keyword))
        .is_ok()
}

/// A list of different words, at least one and not many.
fn words(value: &Doc) -> Option<Vec<&GoStr>> {
    let Doc::Array(items) = value else { return None };
    if items.is_empty() || items.len() > MAX_WORDS {
        return None;
    }
    let words: Option<Vec<&GoStr>> = items.iter().map(Doc::as_string).collect();
    words.filter(|words| {
        words
            .iter()
            .enumerate()
            .all(|(index, word)| !words.iter().take(index).any(|earlier| earlier == word))
    })
}

/// A number of things, written in digits.
fn size(value: &Doc) -> Option<usize> {
    let Doc::Number(number) = value else { return None };
    let text = number.text();
    let is_short = text.len() < 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_short)
}

/// Whether a plain schema accepts `value`.
fn accepts(schema: &Doc, value: &Doc, patterns: &Patterns) -> bool {
    let Doc::Object(keywords) = schema else {
        return false;
    };
    let (mut properties, mut additional) = (None, None);
    let fits = keywords.iter().all(|(keyword, wanted)| {
        let length = match (keyword.as_bytes(), value) {
            (b"type", _) => return has_type(value, wanted),
            (b"enum", Doc::String(word)) => return contains(wanted, word),
            (b"enum", _) => return false,
            (b"properties", _) => {
                properties = wanted.as_object();
                return true;
            }
            (b"additionalProperties", _) => {
                additional = Some(wanted);
                return true;
            }
            (b"items", Doc::Array(items)) => {
                return items.iter().all(|item| accepts(wanted, item, patterns));
            }
            (b"pattern", Doc::String(text)) => {
                let pattern = wanted.as_string().and_then(|pattern| patterns.get(pattern));
                return pattern.is_some_and(|pattern| pattern.is_match(text.as_bytes()));
            }
            (b"required", Doc::Object(members)) => return has_all(members, wanted),
            (b"minLength" | b"maxLength", Doc::String(text)) => text.runes().count(),
            (b"minItems" | b"maxItems", Doc::Array(items)) => items.len(),
            (b"minProperties" | b"maxProperties", Doc::Object(members)) => members.len(),
            _ => return true,
        };
        match (size(wanted), keyword.as_bytes().starts_with(b"min")) {
            (Some(least), true) => length >= least,
            (Some(most), false) => length <= most,
            (None, _) => false,
        }
    });
    if !fits {
        return false;
    }
    let Doc::Object(members) = value else { return true };
    members.iter().all(|(name, value)| {
        let schema = properties
            .and_then(|properties| properties.get(name))
            .or(additional);
        match schema {
            None | Some(Doc::Bool(true)) => true,
            Some(schema) => accepts(schema, value, patterns),
        }
    })
}

fn has_type(value: &Doc, wanted: &Doc) -> bool {
    let is = |name: &GoStr| {
        let ty = value.ty();
        name == ty.name() || name == DocType::Integer.name() && is_integer(value)
    };
    match wanted {
        Doc::String(name) => is(name),
        Doc::Array(names) => names.iter().filter_map(Doc::as_string).any(is),
        _ => false,
    }
}

fn contains(words: &Doc, word: &GoStr) -> bool {
    let Doc::Array(words) = words else { return false };
    words.iter().any(|known| known.as_string() == Some(word))
}

fn has_all(members: &Object, names: &Doc) -> bool {
    let Doc::Array(names) = names else { return false };
    let mut names = names.iter().filter_map(Doc::as_string);
    names.all(|name| members.contains_key(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;
    use serde_json::{Value, json};

    use super::super::compiled::Compiled;
    use super::super::json::read;
    use super::*;

    fn doc(value: &Value) -> Doc {
        read(value.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn known_keywords_are_sorted_and_complete() {
        for metaschema in ["draft-04/schema", "draft-06/schema", "draft-07/schema"]
            .map(str::to_owned)
            .into_iter()
            .chain(
                ["applicator", "content", "core", "meta-data", "validation"]
                    .into_iter()
                    .flat_map(|part| {
                        ["2019-09", "2020-12"].map(|draft| format!("draft/{draft}/meta/{part}"))
                    }),
            )
            .chain(
                [
                    "draft/2019-09/schema",
                    "draft/2020-12/schema",
                    "draft/2020-12/meta/unevaluated",
                ]
                .map(str::to_owned),
            )
        {
            let url = format!("https://json-schema.org/{metaschema}");
            let metaschema = super::super::metaschema::document(&url).unwrap();
            for keyword in metaschema
                .get("properties")
                .and_then(Doc::as_object)
                .unwrap()
                .keys()
            {
                let nonsense = Object::from([(keyword.clone(), Doc::Null)]);
                let is_free = *keyword == "default";
                assert!(
                    is_free
                        || *keyword == "$schema"
                        || !is_plain_object(&nonsense, true, 1, &mut Patterns::new()),
                    "{keyword} may be anything"
                );
            }
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(|truth| json!(truth)),
            select(vec![
                json!(0),
                json!(1),
                json!(-2),
                json!(1.5),
                json!(2.0),
                json!(1e20)
            ]),
            select(vec!["", "a", "b", "string", "integer", "object", "é"]).prop_map(|text| json!(text)),
        ];
        leaf.prop_recursive(4, 30, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                members(select(vec!["a", "b", "c"]), inner),
            ]
        })
    }

    fn members(
        name: impl Strategy<Value = &'static str>,
        value: impl Strategy<Value = Value>,
    ) -> impl Strategy<Value = Value> {
        prop::collection::hash_map(name, value, 0..4).prop_map(|members| {
            members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()
        })
    }

    fn any_schema() -> impl Strategy<Value = Value> {
        let ty = || {
            select(vec![
                "null", "boolean", "number", "integer", "string", "array", "object",
            ])
        };
        let keyword = prop_oneof![
            ty().prop_map(|ty| json!({ "type": ty })),
            prop::collection::vec(ty(), 0..3).prop_map(|ty| json!({ "type": ty })),
            prop::collection::vec(select(vec!["a", "b", "c"]), 0..3)
                .prop_map(|names| json!({ "required": names })),
            prop::collection::vec(any_value(), 0..3).prop_map(|items| json!({ "enum": items })),
            (
                select(vec![
                    "minLength",
                    "maxLength",
                    "minItems",
                    "maxItems",
                    "minProperties",
                    "maxProperties"
                ]),
                select(vec![
                    json!(0),
                    json!(1),
                    json!(2),
                    json!(-1),
                    json!("a"),
                    json!(2.0),
                    json!(1e3)
                ])
            )
                .prop_map(|(name, size)| json!({ name: size })),
            select(vec![
                json!({"additionalProperties": false}),
                json!({"title": "a", "form": {"type": 5}}),
                json!({"title": 5}),
                json!({"pattern": "^[ab]$"}),
                json!({"pattern": "("}),
                json!({"$schema": "http://json-schema.org/draft-04/schema#"}),
                json!({"$schema": "http://json-schema.org/schema#"}),
                json!({"$schema": "https://example.com/schema"}),
                json!({"$id": "https://example.com/a"}),
                json!({"$ref": "#/a"}),
                json!({"default": {"type": 5}, "examples": [1]}),
            ]),
        ];
        let object = prop::collection::vec(keyword, 0..4).prop_map(|keywords| {
            let mut merged = serde_json::Map::new();
            for keyword in keywords {
                merged.extend(keyword.as_object().cloned().unwrap_or_default());
            }
            Value::Object(merged)
        });
        object.prop_recursive(4, 30, 4, |inner| {
            let holds = prop_oneof![
                members(select(vec!["a", "b"]), inner.clone()).prop_map(|it| json!({ "properties": it })),
                inner.clone().prop_map(|it| json!({ "items": it })),
                inner.clone().prop_map(|it| json!({ "additionalProperties": it })),
            ];
            (inner, holds).prop_map(|(mut schema, holds)| {
                if let (Some(schema), Some(holds)) = (schema.as_object_mut(), holds.as_object()) {
                    schema.extend(holds.clone());
                }
                schema
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        /// A plain schema compiles, and says of every value what the compiled one says.
        #[test]
        fn plain_schemas_say_what_compiled_ones_say(schema in any_schema(), value in any_value()) {
            let (schema, value) = (doc(&schema), doc(&value));
            if let Ok(plain) = Plain::new(schema) {
                let compiled = Compiled::new(plain.doc().clone()).unwrap();
                prop_assert_eq!(plain.accepts(&value), compiled.validate(&value).is_ok());
            }
        }
    }
}
