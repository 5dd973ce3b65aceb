//! Events to a tree of nodes: what decoding needs anchors and merge keys for.

use std::borrow::Cow;
use std::collections::HashMap;

use super::error::Error;
use super::event::{Event, Properties};
use super::parser::Parser;
use super::source::Source;

/// Index of a node in its [`Document`].
pub(super) type NodeId = u32;

#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) tag: Option<Box<str>>,
    /// Line from 0.
    pub(super) line: u32,
    pub(super) content: Content<'a>,
}

#[derive(Debug)]
pub(super) enum Content<'a> {
    /// `implicit`: the text decides what it is.
    Scalar {
        value: Cow<'a, str>,
        implicit: bool,
    },
    Sequence {
        children: Children,
    },
    /// Keys and values in turn.
    Mapping {
        children: Children,
    },
    Alias {
        name: &'a str,
        target: NodeId,
    },
}

/// A range of [`Document::children`].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Children {
    start: u32,
    end: u32,
}

/// One document of a stream.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    nodes: Vec<Node<'a>>,
    children: Vec<NodeId>,
    pub(super) root: NodeId,
}

impl<'a> Document<'a> {
    pub(super) fn node(&self, id: NodeId) -> Option<&Node<'a>> {
        self.nodes.get(id as usize)
    }

    pub(super) fn children(&self, range: Children) -> &[NodeId] {
        self.children
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }
}

/// The first document, as `yaml.Unmarshal` reads it: what comes after it is not looked at.
pub(super) fn compose_first<'a>(source: &'a Source<'_>) -> Result<Option<Document<'a>>, Error> {
    let mut parser = Parser::new(source);
    let mut composer = Composer::default();
    while let Some(spanned) = parser.next_event()? {
        let line = spanned.start.line;
        match spanned.event {
            Event::StreamStart | Event::DocumentStart { .. } => {}
            Event::StreamEnd => return Ok(None),
            Event::DocumentEnd { .. } => {
                composer.document.root = composer.pending.first().copied().unwrap_or_default();
                return Ok(Some(composer.document));
            }
            Event::Alias { name } => {
                let Some(&target) = composer.anchors.get(name) else {
                    return Err(Error::UnknownAnchor {
                        name: name.to_owned(),
                    });
                };
                composer.add(line, Properties::default(), Content::Alias { name, target });
            }
            Event::Scalar {
                value,
                implicit,
                properties,
                ..
            } => {
                composer.add(line, properties, Content::Scalar { value, implicit });
            }
            Event::SequenceStart { properties, .. } => {
                composer.open(
                    line,
                    properties,
                    Content::Sequence {
                        children: Children::default(),
                    },
                );
            }
            Event::MappingStart { properties, .. } => {
                composer.open(
                    line,
                    properties,
                    Content::Mapping {
                        children: Children::default(),
                    },
                );
            }
            Event::SequenceEnd | Event::MappingEnd => composer.close(),
        }
    }
    Ok(None)
}

#[derive(Default)]
struct Composer<'a> {
    document: Document<'a>,
    anchors: HashMap<&'a str, NodeId>,
    /// Children of the collections that are still open, outermost first.
    pending: Vec<NodeId>,
    /// The open collections, and where their children begin in `pending`.
    open: Vec<(NodeId, usize)>,
}

impl<'a> Composer<'a> {
    fn add(&mut self, line: u32, properties: Properties<'a>, content: Content<'a>) -> NodeId {
        let id = self.document.nodes.len() as NodeId;
        // The anchor of a collection is known inside of it already: that is how one can contain itself.
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor, id);
        }
        self.document.nodes.push(Node {
            tag: properties.tag,
            line,
            content,
        });
        self.pending.push(id);
        id
    }

    fn open(&mut self, line: u32, properties: Properties<'a>, content: Content<'a>) {
        let id = self.add(line, properties, content);
        self.open.push((id, self.pending.len()));
    }

    fn close(&mut self) {
        let Some((id, from)) = self.open.pop() else { return };
        let start = self.document.children.len() as u32;
        self.document.children.extend(self.pending.drain(from..));
        let range = Children {
            start,
            end: self.document.children.len() as u32,
        };
        if let Some(node) = self.document.nodes.get_mut(id as usize)
            && let Content::Sequence { children } | Content::Mapping { children } = &mut node.content
        {
            *children = range;
        }
    }
}
