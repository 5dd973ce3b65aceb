//! YAML to values, the way of sigs.k8s.io/yaml: go-yaml v2 reads, the tree becomes JSON, JSON becomes Go values.
//!
//! What survives that way is decided here in one step: numbers are float64, keys are strings, infinities are errors,
//! a document that is not a map is an error of encoding/json. Errors come in the order of those stages.

mod error;
mod gosyntax;

use std::collections::HashSet;

use super::compose::{Children, Content, Document, NodeId, compose_first};
use super::error::Error;
use super::parser::DEFAULT_MAX_DEPTH;
use super::resolve::{Dialect, Resolved, resolve, resolve_tagged};
use super::source::Source;
use crate::encoding::base64;
use crate::json::{EncodeError, wrong_shape};
use crate::strconv::format_float;
use crate::value::{GoStr, List, Map, UintKind, Value};

pub use error::DecodeError;
pub(super) use gosyntax::yaml_float;

/// Aliases of a long text copy it, which go-yaml does not count: a megabyte named a thousand times is a gigabyte.
const MAX_COPIED_BY_ALIAS: usize = 64 << 20;

/// `yaml.Unmarshal` into an `interface {}`: the first document; nil if there is none.
pub fn decode(text: &[u8]) -> Result<Value, DecodeError> {
    read(text, false, false)
}

/// `yaml.UnmarshalStrict` into an `interface {}`: a key given twice is an error.
pub fn decode_strict(text: &[u8]) -> Result<Value, DecodeError> {
    read(text, true, false)
}

/// `yaml.Unmarshal` into a `map[string]interface {}`: empty if the document is empty or null.
pub fn decode_map(text: &[u8]) -> Result<Map, DecodeError> {
    match decode(text)? {
        Value::Map(map) => Ok(map),
        Value::Nil => Ok(Map::new()),
        other => Err(DecodeError::Shape(wrong_shape(&other, "map[string]interface {}"))),
    }
}

/// `yaml.Unmarshal` into a `[]interface {}`: empty if the document is empty or null.
pub fn decode_list(text: &[u8]) -> Result<List, DecodeError> {
    match decode(text)? {
        Value::List(list) => Ok(list),
        Value::Nil => Ok(List::new(Vec::new())),
        other => Err(DecodeError::Shape(wrong_shape(&other, "[]interface {}"))),
    }
}

/// Like [`decode`], but integers stay integers, as go-yaml has them before they become JSON: what fills a string
/// field of a Go struct is not the text of a float.
pub fn decode_exact(text: &[u8]) -> Result<Value, DecodeError> {
    read(text, false, true)
}

fn read(text: &[u8], strict: bool, keeps_integers: bool) -> Result<Value, DecodeError> {
    let source = Source::new(text);
    let Some(document) = compose_first(&source)? else {
        return Ok(Value::Nil);
    };
    let mut decoder = Decoder {
        strict,
        keeps_integers,
        ..Decoder::new(&document)
    };
    let value = decoder.node(document.root)?;
    if !decoder.strict_errors.is_empty() {
        return Err(Error::Strict {
            lines: decoder.strict_errors,
        }
        .into());
    }
    if let Some(error) = decoder.bad_key {
        return Err(error);
    }
    if decoder.has_non_finite
        && let Some(x) = first_non_finite(&value)
    {
        return Err(DecodeError::NotJson(EncodeError::NotFinite {
            value: format_float(x, 'g', None, 64),
        }));
    }
    Ok(value)
}

struct Decoder<'d, 'a> {
    document: &'d Document<'a>,
    strict: bool,
    /// Integers are not made float64.
    keeps_integers: bool,
    strict_errors: Vec<String>,
    /// The first key that has no JSON form: noticed only once all is decoded.
    bad_key: Option<DecodeError>,
    has_non_finite: bool,
    /// Aliases being expanded.
    aliases: HashSet<NodeId>,
    alias_depth: usize,
    decoded: u64,
    decoded_by_alias: u64,
    /// Bytes of text copied because of aliases.
    copied_by_alias: usize,
    depth: usize,
}

/// A key as go-yaml v2 sees it: 1, 1.0 and "1" are three keys.
#[derive(Debug, Clone, PartialEq)]
enum Key {
    Str(GoStr),
    Int(i64),
    Float(f64),
    Bool(bool),
    /// Null or a number past int64, which sigs.k8s.io/yaml refuses.
    Unsupported {
        ty: &'static str,
        text: String,
    },
}

impl<'d, 'a> Decoder<'d, 'a> {
    fn new(document: &'d Document<'a>) -> Self {
        Self {
            document,
            strict: false,
            keeps_integers: false,
            strict_errors: Vec::new(),
            bad_key: None,
            has_non_finite: false,
            aliases: HashSet::new(),
            alias_depth: 0,
            // The document itself counts.
            decoded: 1,
            decoded_by_alias: 0,
            copied_by_alias: 0,
            depth: 0,
        }
    }

    fn node(&mut self, id: NodeId) -> Result<Value, DecodeError> {
        self.count()?;
        let document = self.document;
        let Some(node) = document.node(id) else {
            return Ok(Value::Nil);
        };
        match &node.content {
            Content::Alias { name, target } => {
                let (name, target) = (*name, *target);
                self.expand(id, name, |decoder| decoder.node(target))
            }
            Content::Scalar { value, implicit } => self.scalar(node.tag.as_deref(), value, *implicit),
            Content::Sequence { children } => {
                self.enter(node.line)?;
                let ids = document.children(*children);
                let mut items = Vec::with_capacity(ids.len());
                for child in ids {
                    items.push(self.node(*child)?);
                }
                self.depth -= 1;
                Ok(Value::list(items))
            }
            Content::Mapping { children } => {
                let map = Map::new();
                self.mapping(*children, node.line, &map, &mut Seen::default())?;
                Ok(Value::Map(map))
            }
        }
    }

    /// go-yaml's guard against documents that are mostly aliases.
    fn count(&mut self) -> Result<(), DecodeError> {
        self.decoded += 1;
        if self.alias_depth > 0 {
            self.decoded_by_alias += 1;
        }
        if self.decoded_by_alias > 100
            && self.decoded > 1000
            && self.decoded_by_alias as f64 / self.decoded as f64 > allowed_alias_ratio(self.decoded)
        {
            return Err(Error::ExcessiveAliasing.into());
        }
        Ok(())
    }

    /// The parser bounds the depth of what is written; aliases within aliases could still nest deeper.
    fn enter(&mut self, line: u32) -> Result<(), DecodeError> {
        self.depth += 1;
        if self.depth > DEFAULT_MAX_DEPTH {
            let mark = super::Mark {
                line,
                ..super::Mark::default()
            };
            return Err(Error::TooDeep {
                limit: DEFAULT_MAX_DEPTH,
                line: line + 1,
                mark,
            }
            .into());
        }
        Ok(())
    }

    fn expand<T>(
        &mut self,
        alias: NodeId,
        name: &str,
        decode: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if !self.aliases.insert(alias) {
            return Err(Error::RecursiveAnchor {
                name: name.to_owned(),
            }
            .into());
        }
        self.alias_depth += 1;
        let result = decode(self);
        self.alias_depth -= 1;
        self.aliases.remove(&alias);
        result
    }

    fn scalar(&mut self, tag: Option<&str>, text: &str, implicit: bool) -> Result<Value, DecodeError> {
        if self.alias_depth > 0 {
            self.copied_by_alias += text.len();
            if self.copied_by_alias > MAX_COPIED_BY_ALIAS {
                return Err(Error::ExcessiveAliasing.into());
            }
        }
        Ok(match scalar_meaning(tag, text, implicit)? {
            Resolved::Null => Value::Nil,
            Resolved::Bool(b) => Value::Bool(b),
            Resolved::Int(n) if self.keeps_integers => Value::int(n),
            Resolved::Uint(n) if self.keeps_integers => Value::Uint(UintKind::Uint64, n),
            Resolved::Int(n) => Value::Float(n as f64),
            Resolved::Uint(n) => Value::Float(n as f64),
            Resolved::Float(x) => {
                self.has_non_finite |= !x.is_finite();
                Value::Float(x)
            }
            Resolved::Binary => Value::String(binary(text)?),
            Resolved::Timestamp | Resolved::Merge | Resolved::Str => Value::from(text),
        })
    }

    /// Decodes the entries of a mapping into `map`; merged mappings go into the same one.
    fn mapping(
        &mut self,
        children: Children,
        line: u32,
        map: &Map,
        seen: &mut Seen,
    ) -> Result<(), DecodeError> {
        self.enter(line)?;
        let document = self.document;
        for pair in document.children(children).chunks_exact(2) {
            let [key_id, value_id] = *pair else { continue };
            if is_merge(document, key_id) {
                self.merge(value_id, map, seen)?;
                continue;
            }
            let key = self.key(key_id)?;
            let value = self.node(value_id)?;
            self.insert(map, seen, key, value, value_id);
        }
        self.depth -= 1;
        Ok(())
    }

    fn insert(&mut self, map: &Map, seen: &mut Seen, key: Key, value: Value, value_id: NodeId) {
        if self.strict {
            let text = gosyntax::key(&key);
            if !seen.0.insert((std::mem::discriminant(&key), text.clone())) {
                let line = self.document.node(value_id).map_or(0, |n| n.line) + 1;
                self.strict_errors
                    .push(format!("line {line}: key {text} already set in map"));
                return;
            }
        }
        let text = match key {
            Key::Str(text) => text,
            Key::Int(n) => n.to_string().into(),
            Key::Float(x) => yaml_float(x, 32).into(),
            Key::Bool(b) => GoStr::from_static(if b { "true" } else { "false" }),
            Key::Unsupported { ty, text } => {
                let value = gosyntax::value(self.document, value_id, self.strict);
                self.bad_key = Some(DecodeError::UnsupportedKey {
                    ty: ty.to_owned(),
                    key: text,
                    value,
                });
                return;
            }
        };
        map.insert(text, value);
    }

    fn key(&mut self, id: NodeId) -> Result<Key, DecodeError> {
        self.count()?;
        let document = self.document;
        let Some(node) = document.node(id) else {
            return Ok(Key::Str(GoStr::EMPTY));
        };
        match &node.content {
            Content::Alias { name, target } => {
                let (name, target) = (*name, *target);
                self.expand(id, name, |decoder| decoder.key(target))
            }
            Content::Scalar { value, implicit } => {
                Ok(match scalar_meaning(node.tag.as_deref(), value, *implicit)? {
                    Resolved::Null => Key::Unsupported {
                        ty: "%!s(<nil>)",
                        text: "<nil>".to_owned(),
                    },
                    Resolved::Bool(b) => Key::Bool(b),
                    Resolved::Int(n) => Key::Int(n),
                    Resolved::Uint(n) => Key::Unsupported {
                        ty: "uint64",
                        text: format!("{n:#x}"),
                    },
                    Resolved::Float(x) => Key::Float(x),
                    Resolved::Binary => Key::Str(binary(value)?),
                    Resolved::Timestamp | Resolved::Merge | Resolved::Str => Key::Str(value.as_ref().into()),
                })
            }
            Content::Sequence { .. } | Content::Mapping { .. } => {
                // Whatever is wrong inside of it is reported first.
                self.node(id)?;
                Err(Error::InvalidKey {
                    key: gosyntax::node(document, id, self.strict),
                }
                .into())
            }
        }
    }

    /// `<<: *map` or `<<: [*a, *b]`. In go-yaml v2 a merged key replaces one that was set before it.
    fn merge(&mut self, id: NodeId, map: &Map, seen: &mut Seen) -> Result<(), DecodeError> {
        let document = self.document;
        let Some(node) = document.node(id) else {
            return Ok(());
        };
        match &node.content {
            Content::Sequence { children } => {
                // Backwards, as the first map of the list wins.
                for child in document.children(*children).iter().rev() {
                    self.merge_one(*child, map, seen)?;
                }
                Ok(())
            }
            _ => self.merge_one(id, map, seen),
        }
    }

    fn merge_one(&mut self, id: NodeId, map: &Map, seen: &mut Seen) -> Result<(), DecodeError> {
        let document = self.document;
        let node = document.node(id);
        match node.map(|n| (&n.content, n.line)) {
            Some((Content::Mapping { children }, line)) => {
                self.count()?;
                self.mapping(*children, line, map, seen)
            }
            Some((Content::Alias { name, target }, line)) => {
                let Some(Content::Mapping { children }) = document.node(*target).map(|n| &n.content) else {
                    return Err(Error::MergeNotMap.into());
                };
                self.count()?;
                self.expand(id, name, |decoder| {
                    decoder.count()?;
                    decoder.mapping(*children, line, map, seen)
                })
            }
            _ => Err(Error::MergeNotMap.into()),
        }
    }
}

/// Keys set so far, in Go syntax, for strict reading.
#[derive(Default)]
struct Seen(HashSet<(std::mem::Discriminant<Key>, String)>);

fn scalar_meaning(tag: Option<&str>, text: &str, implicit: bool) -> Result<Resolved, Error> {
    match tag {
        None if implicit => Ok(resolve(text, Dialect::V2)),
        None => Ok(Resolved::Str),
        Some(tag) => resolve_tagged(tag, text),
    }
}

fn is_merge(document: &Document<'_>, id: NodeId) -> bool {
    let Some(node) = document.node(id) else {
        return false;
    };
    match &node.content {
        Content::Scalar { value, implicit } => {
            value == "<<" && (*implicit || node.tag.as_deref() == Some("tag:yaml.org,2002:merge"))
        }
        _ => false,
    }
}

/// The decoded bytes, as JSON carries them: what is not UTF-8 is replaced.
fn binary(text: &str) -> Result<GoStr, Error> {
    let bytes = base64::decode(text.as_bytes()).map_err(|_| Error::InvalidBinary)?;
    match std::str::from_utf8(&bytes) {
        Ok(_) => Ok(bytes.into()),
        Err(_) => Ok(GoStr::from(bytes)
            .runes()
            .map(|(rune, _)| rune)
            .collect::<String>()
            .into()),
    }
}

// go: yaml.v2 decode.go, allowedAliasRatio
fn allowed_alias_ratio(decoded: u64) -> f64 {
    const LOW: u64 = 400_000;
    const HIGH: u64 = 4_000_000;
    match decoded {
        0..=LOW => 0.99,
        HIGH.. => 0.10,
        _ => 0.99 - 0.89 * ((decoded - LOW) as f64 / (HIGH - LOW) as f64),
    }
}

fn first_non_finite(value: &Value) -> Option<f64> {
    match value {
        Value::Float(x) if !x.is_finite() => Some(*x),
        Value::List(list) => list.iter().find_map(first_non_finite),
        Value::Map(map) => map.values().iter().find_map(first_non_finite),
        _ => None,
    }
}
