//! Trees as text: block style below a key or dash, flow style within brackets.

use engine::value::GoStr;
use engine::yaml::ScalarStyle;
use helm::values::{Table, Tree};

use super::node::{Content, NodeId, Nodes};
use super::scalar::{self, Quotes};

/// How deep a tree that is written may nest.
const MAX_DEPTH: usize = super::MAX_DEPTH;

/// How a document lays out what it holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    /// Spaces a mapping is indented below its key.
    pub(crate) step: usize,
    /// Spaces a list is indented below its key.
    pub(crate) list_step: usize,
    pub(crate) newline: &'static str,
    /// Whether texts of several lines may be written as blocks.
    pub(crate) blocks: bool,
}

/// What stands where a value is written: the rest of the line, with its leading space, and the lines below, each
/// with its line break before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub(crate) inline: String,
    pub(crate) below: String,
}

/// Something that has no form as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unwritable {
    /// Bytes that are no UTF-8.
    NotText,
    /// Nested too deeply.
    TooDeep,
}

/// What a node looked like before it is written anew: its order of keys and its quotes are kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Like<'n> {
    nodes: &'n Nodes,
    node: Option<NodeId>,
}

impl<'n> Like<'n> {
    pub(crate) fn new(nodes: &'n Nodes, node: Option<NodeId>) -> Self {
        Self { nodes, node }
    }

    pub(crate) fn style(self) -> Option<ScalarStyle> {
        match &self.nodes.get(self.node?)?.content {
            Content::Scalar { style, .. } => Some(*style),
            _ => None,
        }
    }

    fn child(self, key: &GoStr) -> Option<(usize, NodeId)> {
        let node = self.nodes.target(self.node?);
        let entries = self.nodes.entries(node);
        let name = key.to_str_lossy();
        let at = entries
            .iter()
            .position(|entry| entry.name.as_deref() == Some(&*name))?;
        entries.get(at).map(|entry| (at, entry.value))
    }

    fn item(self, at: usize) -> Self {
        let node = self
            .node
            .and_then(|node| self.nodes.items(self.nodes.target(node)).get(at));
        Self::new(self.nodes, node.copied())
    }

    /// The entries of a table in the order they stand in the text; new ones behind.
    fn order(self, table: &Table) -> Vec<(&GoStr, &Tree, Self)> {
        let mut entries: Vec<_> = table
            .iter()
            .map(|(key, value)| {
                let known = self.child(key);
                let place = known.map_or(usize::MAX, |(at, _)| at);
                let below = Self::new(self.nodes, known.map(|(_, node)| node));
                (place, (key, value, below))
            })
            .collect();
        entries.sort_by_key(|(place, _)| *place);
        entries.into_iter().map(|(_, entry)| entry).collect()
    }
}

/// A value below a key that stands in `column`.
pub(crate) fn below_key(
    tree: &Tree,
    column: usize,
    layout: Layout,
    like: Like<'_>,
) -> Result<Rendered, Unwritable> {
    value(tree, column, false, layout, like, 0)
}

/// A value behind a dash that stands in `column`.
pub(crate) fn behind_dash(
    tree: &Tree,
    column: usize,
    layout: Layout,
    like: Like<'_>,
) -> Result<Rendered, Unwritable> {
    value(tree, column, true, layout, like, 0)
}

/// `key:` and its value, as lines in `column`; the first one without its indentation.
pub(crate) fn entry(
    key: &str,
    tree: &Tree,
    column: usize,
    layout: Layout,
    like: Like<'_>,
) -> Result<String, Unwritable> {
    let Rendered { inline, below } = value(tree, column, false, layout, like, 0)?;
    Ok(format!("{}:{inline}{below}", scalar::key(key, false, false)))
}

fn value(
    tree: &Tree,
    column: usize,
    dash: bool,
    layout: Layout,
    like: Like<'_>,
    depth: usize,
) -> Result<Rendered, Unwritable> {
    if depth > MAX_DEPTH {
        return Err(Unwritable::TooDeep);
    }
    let one_line = |text: &str| Rendered {
        inline: format!(" {text}"),
        below: String::new(),
    };
    match tree {
        Tree::Table(table) if table.is_empty() => Ok(one_line("{}")),
        Tree::List(list) if list.is_empty() => Ok(one_line("[]")),
        Tree::Table(table) => {
            let inner = column + if dash { 2 } else { layout.step };
            let mut lines = Vec::with_capacity(table.len());
            for (key, tree, like) in like.order(table) {
                let key = scalar::key(utf8(key)?, false, false);
                let Rendered { inline, below } = value(tree, inner, false, layout, like, depth + 1)?;
                lines.push(format!("{key}:{inline}{below}"));
            }
            Ok(collection(&lines, inner, dash, layout))
        }
        Tree::List(list) => {
            let inner = column + if dash { 2 } else { layout.list_step };
            let mut lines = Vec::with_capacity(list.len());
            for (at, tree) in list.iter().enumerate() {
                let Rendered { inline, below } = value(tree, inner, true, layout, like.item(at), depth + 1)?;
                lines.push(format!("-{inline}{below}"));
            }
            Ok(collection(&lines, inner, dash, layout))
        }
        Tree::String(text) => {
            let text = utf8(text)?;
            let inner = column + if dash { 2 } else { layout.step };
            Ok(literal(text, inner, layout, like.style())
                .unwrap_or_else(|| one_line(&scalar::string(text, Quotes::of(like.style()), false))))
        }
        other => Ok(one_line(&simple(other))),
    }
}

fn collection(lines: &[String], column: usize, dash: bool, layout: Layout) -> Rendered {
    let indentation = " ".repeat(column);
    let mut rendered = Rendered::default();
    for (at, line) in lines.iter().enumerate() {
        if at == 0 && dash {
            rendered.inline = format!(" {line}");
        } else {
            rendered.below.push_str(layout.newline);
            rendered.below.push_str(&indentation);
            rendered.below.push_str(line);
        }
    }
    rendered
}

fn literal(text: &str, column: usize, layout: Layout, style: Option<ScalarStyle>) -> Option<Rendered> {
    let quoted = matches!(style, Some(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted));
    if !layout.blocks || quoted {
        return None;
    }
    let (header, lines) = scalar::literal(text)?;
    let mut below = String::new();
    for line in lines {
        below.push_str(layout.newline);
        if !line.is_empty() {
            below.push_str(&" ".repeat(column));
            below.push_str(line);
        }
    }
    Some(Rendered {
        inline: format!(" {header}"),
        below,
    })
}

/// A value within brackets, on one line. `quoted`: as JSON, with every text in double quotes.
pub(crate) fn flow(tree: &Tree, quoted: bool, like: Like<'_>) -> Result<String, Unwritable> {
    flow_at(tree, quoted, like, 0)
}

fn flow_at(tree: &Tree, quoted: bool, like: Like<'_>, depth: usize) -> Result<String, Unwritable> {
    if depth > MAX_DEPTH {
        return Err(Unwritable::TooDeep);
    }
    match tree {
        Tree::Table(table) => {
            let mut parts = Vec::with_capacity(table.len());
            for (key, tree, like) in like.order(table) {
                let key = scalar::key(utf8(key)?, true, quoted);
                parts.push(format!("{key}: {}", flow_at(tree, quoted, like, depth + 1)?));
            }
            Ok(format!("{{{}}}", parts.join(", ")))
        }
        Tree::List(list) => {
            let mut parts = Vec::with_capacity(list.len());
            for (at, tree) in list.iter().enumerate() {
                parts.push(flow_at(tree, quoted, like.item(at), depth + 1)?);
            }
            Ok(format!("[{}]", parts.join(", ")))
        }
        Tree::String(text) => {
            let quotes = match Quotes::of(like.style()) {
                Quotes::Plain if quoted => Quotes::Double,
                other => other,
            };
            Ok(scalar::string(utf8(text)?, quotes, true))
        }
        other => Ok(simple(other)),
    }
}

fn simple(tree: &Tree) -> String {
    match tree {
        Tree::Bool(truth) => truth.to_string(),
        Tree::Int(number) => number.to_string(),
        Tree::Float(number) => scalar::number(*number),
        _ => "null".to_owned(),
    }
}

fn utf8(text: &GoStr) -> Result<&str, Unwritable> {
    std::str::from_utf8(text.as_bytes()).map_err(|_| Unwritable::NotText)
}
