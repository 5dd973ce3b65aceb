//! The text as a tree of nodes that know where they stand. Built from the engine's events; it says what is written,
//! not what it means: aliases and merge keys are kept as such.

use std::collections::HashMap;
use std::ops::Range;

use engine::yaml::{Dialect, Error, Event, Parser, Properties, Resolved, ScalarStyle, Source, resolve};

use super::lines::slice;

pub(crate) type NodeId = usize;

#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// From its anchor or tag, if it has one, to the end of what it says: without a comment or blank lines behind it.
    pub(crate) span: Range<usize>,
    /// Where the node begins behind anchor and tag.
    pub(crate) head: usize,
    pub(crate) anchor: Option<String>,
    pub(crate) content: Content,
}

#[derive(Debug, Clone)]
pub(crate) enum Content {
    Scalar {
        value: String,
        style: ScalarStyle,
        /// The text decides what it is.
        implicit: bool,
    },
    Sequence {
        flow: bool,
        items: Vec<NodeId>,
    },
    Mapping {
        flow: bool,
        entries: Vec<Entry>,
    },
    Alias {
        target: NodeId,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: NodeId,
    pub(crate) value: NodeId,
    /// The key as Helm reads it; `None` for a merge key.
    pub(crate) name: Option<String>,
}

/// All nodes of a text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nodes {
    all: Vec<Node>,
    /// One for each document that says anything.
    pub(crate) roots: Vec<NodeId>,
    pub(crate) has_aliases: bool,
}

impl Nodes {
    pub(crate) fn read(text: &str) -> Result<Self, Error> {
        let bom = if text.starts_with('\u{FEFF}') {
            '\u{FEFF}'.len_utf8()
        } else {
            0
        };
        let source = Source::new(text.as_bytes());
        let mut parser = Parser::with_max_depth(&source, super::MAX_DEPTH);
        let mut builder = Builder {
            text,
            nodes: Self::default(),
            anchors: HashMap::new(),
            open: Vec::new(),
            finished: None,
        };
        while let Some(spanned) = parser.next_event()? {
            let span = spanned.start.offset + bom..spanned.end.offset + bom;
            builder.event(spanned.event, span)?;
        }
        Ok(builder.nodes)
    }

    pub(crate) fn get(&self, id: NodeId) -> Option<&Node> {
        self.all.get(id)
    }

    pub(crate) fn span(&self, id: NodeId) -> Range<usize> {
        self.get(id).map_or(0..0, |node| node.span.clone())
    }

    /// The node itself, or what it is an alias of.
    pub(crate) fn target(&self, id: NodeId) -> NodeId {
        match self.get(id).map(|node| &node.content) {
            Some(Content::Alias { target }) => *target,
            _ => id,
        }
    }

    pub(crate) fn entries(&self, id: NodeId) -> &[Entry] {
        match self.get(id).map(|node| &node.content) {
            Some(Content::Mapping { entries, .. }) => entries,
            _ => &[],
        }
    }

    pub(crate) fn items(&self, id: NodeId) -> &[NodeId] {
        match self.get(id).map(|node| &node.content) {
            Some(Content::Sequence { items, .. }) => items,
            _ => &[],
        }
    }

    pub(crate) fn is_flow(&self, id: NodeId) -> bool {
        matches!(
            self.get(id).map(|node| &node.content),
            Some(Content::Mapping { flow: true, .. } | Content::Sequence { flow: true, .. })
        )
    }

    /// Whether it is a mapping or list in block style.
    pub(crate) fn is_block_collection(&self, id: NodeId) -> bool {
        matches!(
            self.get(id).map(|node| &node.content),
            Some(Content::Mapping { flow: false, .. } | Content::Sequence { flow: false, .. })
        )
    }

    pub(crate) fn block_scalar_style(&self, id: NodeId) -> Option<ScalarStyle> {
        match self.get(id).map(|node| &node.content) {
            Some(Content::Scalar {
                style: style @ (ScalarStyle::Literal | ScalarStyle::Folded),
                ..
            }) => Some(*style),
            _ => None,
        }
    }

    /// Where the first key or dash of a block collection stands.
    pub(crate) fn first_line(&self, id: NodeId) -> usize {
        match self.get(id).map(|node| &node.content) {
            Some(Content::Mapping { entries, .. }) => entries
                .first()
                .map_or(self.span(id).start, |entry| self.span(entry.key).start),
            _ => self.get(id).map_or(0, |node| node.head),
        }
    }

    pub(crate) fn ids(&self) -> Range<NodeId> {
        0..self.all.len()
    }
}

/// A collection that is being read.
struct Open {
    id: NodeId,
    children: Vec<NodeId>,
}

struct Builder<'t> {
    text: &'t str,
    nodes: Nodes,
    anchors: HashMap<String, NodeId>,
    open: Vec<Open>,
    /// The root of the document that is being read.
    finished: Option<NodeId>,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), Error> {
        match event {
            Event::StreamStart | Event::StreamEnd | Event::DocumentStart { .. } => {}
            Event::DocumentEnd { .. } => {
                self.nodes.roots.extend(self.finished.take());
                self.anchors.clear();
            }
            Event::Alias { name } => {
                let Some(&target) = self.anchors.get(name) else {
                    return Err(Error::UnknownAnchor {
                        name: name.to_owned(),
                    });
                };
                self.nodes.has_aliases = true;
                self.add(span, &Properties::default(), Content::Alias { target });
            }
            Event::Scalar {
                value,
                style,
                implicit,
                properties,
            } => {
                let end = self.scalar_end(&span, style);
                let content = Content::Scalar {
                    value: value.into_owned(),
                    style,
                    implicit: implicit && properties.tag.is_none(),
                };
                self.add(span.start..end, &properties, content);
            }
            Event::SequenceStart { flow, properties } => {
                let content = Content::Sequence {
                    flow,
                    items: Vec::new(),
                };
                self.start(span, &properties, content);
            }
            Event::MappingStart { flow, properties } => {
                let content = Content::Mapping {
                    flow,
                    entries: Vec::new(),
                };
                self.start(span, &properties, content);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span.end),
        }
        Ok(())
    }

    fn add(&mut self, span: Range<usize>, properties: &Properties<'_>, content: Content) -> NodeId {
        let id = self.nodes.all.len();
        let anchor = properties.anchor.map(str::to_owned);
        let head = if anchor.is_some() || properties.tag.is_some() {
            behind_properties(self.text, span.start)
        } else {
            span.start
        };
        if let Some(name) = &anchor {
            self.anchors.insert(name.clone(), id);
        }
        self.nodes.all.push(Node {
            span,
            head,
            anchor,
            content,
        });
        match self.open.last_mut() {
            Some(parent) => parent.children.push(id),
            None => self.finished = Some(id),
        }
        id
    }

    fn start(&mut self, span: Range<usize>, properties: &Properties<'_>, content: Content) {
        let id = self.add(span, properties, content);
        self.open.push(Open {
            id,
            children: Vec::new(),
        });
    }

    fn end(&mut self, flow_end: usize) {
        let Some(Open { id, children }) = self.open.pop() else {
            return;
        };
        let last_end = children.last().map_or(0, |child| self.nodes.span(*child).end);
        let entries: Vec<Entry> = children
            .as_chunks::<2>()
            .0
            .iter()
            .map(|&[key, value]| Entry {
                key,
                value,
                name: self.key_name(key),
            })
            .collect();
        let Some(node) = self.nodes.all.get_mut(id) else {
            return;
        };
        let is_flow = match &mut node.content {
            Content::Sequence { flow, items } => {
                *items = children;
                *flow
            }
            Content::Mapping { flow, entries: found } => {
                *found = entries;
                *flow
            }
            _ => return,
        };
        // The end of a block collection is told only where the next token is, past comments and blank lines.
        node.span.end = if is_flow {
            flow_end
        } else {
            last_end.max(node.span.start)
        };
    }

    /// Where a scalar's text ends: block scalars count the blank lines behind them, which belong to nobody unless
    /// they are kept (`|+`).
    fn scalar_end(&self, span: &Range<usize>, style: ScalarStyle) -> usize {
        if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            return span.end;
        }
        let text = slice(self.text, span.clone());
        let header = text.get(behind_properties(text, 0)..).unwrap_or_default();
        let keeps = header.chars().take(3).any(|character| character == '+');
        let kept = if keeps {
            text.strip_suffix('\n')
                .map_or(text, |text| text.strip_suffix('\r').unwrap_or(text))
        } else {
            text.trim_end_matches([' ', '\t', '\n', '\r'])
        };
        span.start + kept.len()
    }

    /// A key as Helm reads it.
    fn key_name(&self, key: NodeId) -> Option<String> {
        let node = self.nodes.get(self.nodes.target(key))?;
        let Content::Scalar { value, implicit, .. } = &node.content else {
            return Some(String::new());
        };
        if !implicit {
            return Some(value.clone());
        }
        Some(match resolve(value, Dialect::V2) {
            Resolved::Merge => return None,
            _ if value == "<<" => return None,
            Resolved::Int(number) => number.to_string(),
            Resolved::Bool(truth) => truth.to_string(),
            // How Go prints a float is the engine's to know.
            Resolved::Float(_) => {
                let map = engine::yaml::decode_map(format!("{value}: 0").as_bytes()).ok()?;
                let name = map
                    .entries()
                    .first()
                    .map(|(name, _)| name.to_str_lossy().into_owned());
                name.unwrap_or_default()
            }
            _ => value.clone(),
        })
    }
}

/// Past `&anchor` and `!tag`, and the blanks and line breaks behind them.
fn behind_properties(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        at += rest.len() - trimmed.len();
        if !trimmed.starts_with(['&', '!']) {
            return at;
        }
        at += trimmed.find([' ', '\t', '\n', '\r']).unwrap_or(trimmed.len());
    }
}
