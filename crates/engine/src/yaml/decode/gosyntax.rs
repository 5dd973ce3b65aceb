//! Nodes as Go's `%#v` prints what go-yaml v2 makes of them: only needed in the texts of errors.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{Key, scalar_meaning};
use crate::strconv::{format_float, quote};
use crate::yaml::compose::{Content, Document, NodeId};
use crate::yaml::resolve::Resolved;

/// Aliases could make the text grow without end; nobody reads further.
const MAX_LENGTH: usize = 64 << 10;

/// `%#v` of the node; with `strict`, of keys given twice the first counts.
pub(super) fn node(document: &Document<'_>, id: NodeId, strict: bool) -> String {
    let mut writer = Writer {
        out: String::new(),
        document,
        strict,
    };
    writer.node(id, 0);
    writer.out
}

/// The same, where a nil is no element of anything.
pub(super) fn value(document: &Document<'_>, id: NodeId, strict: bool) -> String {
    let text = node(document, id, strict);
    if text == NIL { "<nil>".to_owned() } else { text }
}

const NIL: &str = "interface {}(nil)";

struct Writer<'d, 'a> {
    out: String,
    document: &'d Document<'a>,
    strict: bool,
}

impl Writer<'_, '_> {
    fn node(&mut self, id: NodeId, depth: usize) {
        let document = self.document;
        let Some(node) = document.node(id) else { return };
        if self.out.len() > MAX_LENGTH || depth > super::DEFAULT_MAX_DEPTH {
            return;
        }
        match &node.content {
            Content::Alias { target, .. } => self.node(*target, depth + 1),
            Content::Scalar { value, implicit } => {
                let meaning = scalar_meaning(node.tag.as_deref(), value, *implicit).unwrap_or(Resolved::Str);
                self.out.push_str(&scalar(meaning, value));
            }
            Content::Sequence { children } => {
                self.out.push_str("[]interface {}{");
                for (i, child) in document.children(*children).iter().enumerate() {
                    self.out.push_str(if i > 0 { ", " } else { "" });
                    self.node(*child, depth + 1);
                }
                self.out.push('}');
            }
            Content::Mapping { children } => {
                self.out.push_str("map[interface {}]interface {}{");
                let mut entries = Entries::new();
                self.collect(document.children(*children), depth, &mut entries);
                let mut entries: Vec<_> = entries.into_iter().collect();
                entries.sort_by(|(_, (a, _)), (_, (b, _))| a.partial_cmp(b).unwrap_or(Ordering::Equal));
                for (i, (key, (_, value))) in entries.into_iter().enumerate() {
                    self.out.push_str(if i > 0 { ", " } else { "" });
                    self.out.push_str(&key);
                    self.out.push(':');
                    self.node(value, depth + 1);
                }
                self.out.push('}');
            }
        }
    }

    /// Collects keys in Go syntax and values, those of merged maps among them.
    fn collect(&self, children: &[NodeId], depth: usize, entries: &mut Entries) {
        for pair in children.chunks_exact(2) {
            let [key, value] = *pair else { continue };
            if super::is_merge(self.document, key) {
                self.collect_merged(value, depth + 1, entries);
                continue;
            }
            let mut writer = Writer {
                out: String::new(),
                ..*self
            };
            writer.node(key, depth + 1);
            let entry = (self.rank(key, 0), value);
            if self.strict {
                entries.entry(writer.out).or_insert(entry);
            } else {
                entries.insert(writer.out, entry);
            }
        }
    }

    /// Where the key goes when `fmt` prints the map.
    fn rank(&self, id: NodeId, depth: usize) -> Rank {
        let Some(node) = self
            .document
            .node(id)
            .filter(|_| depth < super::DEFAULT_MAX_DEPTH)
        else {
            return Rank::Nil;
        };
        match &node.content {
            Content::Alias { target, .. } => self.rank(*target, depth + 1),
            Content::Scalar { value, implicit } => {
                match scalar_meaning(node.tag.as_deref(), value, *implicit) {
                    Ok(Resolved::Null) => Rank::Nil,
                    Ok(Resolved::Bool(b)) => Rank::Bool(b),
                    Ok(Resolved::Int(n)) => Rank::Int(n),
                    Ok(Resolved::Uint(n)) => Rank::Uint(n),
                    Ok(Resolved::Float(x)) => Rank::Float(if x.is_nan() { f64::NEG_INFINITY } else { x }),
                    _ => Rank::Str(value.as_ref().to_owned()),
                }
            }
            Content::Sequence { .. } | Content::Mapping { .. } => Rank::Nil,
        }
    }

    fn collect_merged(&self, id: NodeId, depth: usize, entries: &mut Entries) {
        if depth > super::DEFAULT_MAX_DEPTH || entries.len() > MAX_LENGTH {
            return;
        }
        match self.document.node(id).map(|node| &node.content) {
            Some(Content::Alias { target, .. }) => self.collect_merged(*target, depth + 1, entries),
            Some(Content::Mapping { children }) => {
                self.collect(self.document.children(*children), depth, entries);
            }
            Some(Content::Sequence { children }) => {
                for child in self.document.children(*children).iter().rev() {
                    self.collect_merged(*child, depth + 1, entries);
                }
            }
            _ => {}
        }
    }
}

/// Entries by their key in Go syntax.
type Entries = BTreeMap<String, (Rank, NodeId)>;

/// The order in which `fmt` prints keys of an `interface {}`: by type, as the types happen to lie in Helm's binary, then
/// by value.
#[derive(Debug, PartialEq, PartialOrd)]
enum Rank {
    Nil,
    Str(String),
    Uint(u64),
    Int(i64),
    Float(f64),
    Bool(bool),
}

fn scalar(meaning: Resolved, text: &str) -> String {
    match meaning {
        Resolved::Null => NIL.to_owned(),
        Resolved::Bool(b) => b.to_string(),
        Resolved::Int(n) => n.to_string(),
        Resolved::Uint(n) => format!("{n:#x}"),
        Resolved::Float(x) => float(x),
        _ => quote(text.as_bytes()),
    }
}

pub(super) fn key(key: &Key) -> String {
    match key {
        Key::Str(text) => quote(text.as_bytes()),
        Key::Int(n) => n.to_string(),
        Key::Float(x) => float(*x),
        Key::Bool(b) => b.to_string(),
        Key::Unsupported { text, .. } => text.clone(),
    }
}

/// `%#v` of a float64: an exponent only from 1e21 on.
fn float(x: f64) -> String {
    if x.is_finite() && x != 0.0 && (1e-4..1e21).contains(&x.abs()) {
        return format_float(x, 'f', None, 64);
    }
    format_float(x, 'g', None, 64)
}

/// A float as go-yaml prints it.
pub(in crate::yaml) fn yaml_float(x: f64, bits: u32) -> String {
    match format_float(x, 'g', None, bits).as_str() {
        "+Inf" => ".inf".to_owned(),
        "-Inf" => "-.inf".to_owned(),
        "NaN" => ".nan".to_owned(),
        other => other.to_owned(),
    }
}
