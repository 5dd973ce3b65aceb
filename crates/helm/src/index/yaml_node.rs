//! YAML events to nodes, for one part of an index at a time. Anchors live on from part to part, within a budget, so an
//! index may refer in one entry to what another one has.

use std::borrow::Cow;
use std::collections::HashMap;

use engine::yaml::{Error, Event, Parser, Properties, ScalarStyle, Source};

use super::node::{Node, resolved};

/// Nodes that aliases may add to one part: beyond that it is a "billion laughs".
const MAX_ALIASED_NODES: usize = 10_000;
/// Nodes that all anchors of a document may hold.
const MAX_ANCHORED_NODES: usize = 100_000;
const MAX_DEPTH: usize = 100;

/// Why a part could not be read.
#[derive(Debug)]
pub(super) enum PartError {
    /// It stops in the middle of something that would go on: a quoted string, a flow list.
    Incomplete,
    Invalid {
        what: String,
    },
}

/// Anchored nodes of the document so far.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    nodes: HashMap<String, Node<'static>>,
    n_nodes: usize,
}

/// Reads the first document of `source`; `None` if there is none.
pub(super) fn read<'a>(source: &'a Source<'_>, anchors: &mut Anchors) -> Result<Option<Node<'a>>, PartError> {
    let mut builder = Builder {
        parser: Parser::with_max_depth(source, MAX_DEPTH),
        anchors,
        n_aliased: 0,
    };
    builder.document().map_err(|error| match error {
        Failure::Yaml(error) => {
            // A quote or bracket that is never closed is noticed at the very end.
            let end = source.text().trim_end().len();
            let at_end = matches!(&error, Error::Syntax { mark, .. } if mark.offset >= end);
            if at_end {
                PartError::Incomplete
            } else {
                PartError::Invalid {
                    what: error.to_string(),
                }
            }
        }
        Failure::Other(what) => PartError::Invalid {
            what: what.to_owned(),
        },
    })
}

enum Failure {
    Yaml(Error),
    Other(&'static str),
}

struct Builder<'a, 'b> {
    parser: Parser<'a>,
    anchors: &'b mut Anchors,
    n_aliased: usize,
}

impl<'a> Builder<'a, '_> {
    fn document(&mut self) -> Result<Option<Node<'a>>, Failure> {
        loop {
            match self.next()? {
                Event::StreamStart | Event::DocumentStart { .. } => {}
                Event::StreamEnd | Event::DocumentEnd { .. } => return Ok(None),
                event => {
                    let node = self.node(event)?;
                    // Go reads the first document and looks no further, and would not see what else stands there.
                    // Here that must be another document, or the part was not what it seemed.
                    return match self.next()? {
                        Event::DocumentEnd { explicit: true } => Ok(Some(node)),
                        Event::DocumentEnd { .. } if self.next().is_ok() => Ok(Some(node)),
                        _ => Err(Failure::Other("did not find the end of the document")),
                    };
                }
            }
        }
    }

    fn next(&mut self) -> Result<Event<'a>, Failure> {
        match self.parser.next_event().map_err(Failure::Yaml)? {
            Some(spanned) => Ok(spanned.event),
            None => Err(Failure::Other("did not find the end of the document")),
        }
    }

    fn node(&mut self, event: Event<'a>) -> Result<Node<'a>, Failure> {
        let (node, properties) = match event {
            Event::Scalar {
                value,
                style,
                properties,
                ..
            } => (scalar(value, style, &properties), properties),
            Event::Alias { name } => return self.alias(name),
            Event::SequenceStart { properties, .. } => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => items.push(self.node(event)?),
                    }
                }
                (Node::List(items), properties)
            }
            Event::MappingStart { properties, .. } => {
                let mut fields = Vec::with_capacity(16);
                let mut merges = Vec::new();
                loop {
                    let event = self.next()?;
                    if event == Event::MappingEnd {
                        break;
                    }
                    let is_merge = matches!(&event, Event::Scalar { value, style: ScalarStyle::Plain, .. } if value == "<<");
                    let key = match event {
                        // The common case, without a node in between.
                        Event::Scalar {
                            value,
                            style,
                            properties:
                                Properties {
                                    anchor: None,
                                    tag: None,
                                },
                            ..
                        } => Some(if style == ScalarStyle::Plain {
                            key(value)
                        } else {
                            value
                        }),
                        other => match self.node(other)? {
                            Node::Scalar { text, bare } => Some(if bare { key(text) } else { text }),
                            Node::Null => Some("null".into()),
                            // Go refuses lists and maps as keys; nothing an index has is named so.
                            Node::List(_) | Node::Map(_) => None,
                        },
                    };
                    let event = self.next()?;
                    let value = self.node(event)?;
                    match key {
                        Some(_) if is_merge => merges.push(value),
                        Some(key) => fields.push((key, value)),
                        None => {}
                    }
                }
                // A merged key never replaces one that stands there, and the last of two keys counts: so, in front.
                if !merges.is_empty() {
                    let mut merged = Vec::new();
                    for merge in merges {
                        match merge {
                            Node::Map(fields) => merged.splice(0..0, fields).for_each(drop),
                            Node::List(maps) => {
                                for map in maps {
                                    if let Node::Map(fields) = map {
                                        merged.splice(0..0, fields).for_each(drop);
                                    }
                                }
                            }
                            Node::Null | Node::Scalar { .. } => {
                                return Err(Failure::Other(
                                    "map merge requires map or sequence of maps as the value",
                                ));
                            }
                        }
                    }
                    merged.append(&mut fields);
                    fields = merged;
                }
                (Node::Map(fields), properties)
            }
            _ => return Err(Failure::Other("did not find a value")),
        };
        if let Some(anchor) = properties.anchor {
            self.anchors.n_nodes += count(&node);
            if self.anchors.n_nodes > MAX_ANCHORED_NODES {
                return Err(Failure::Other("too much is anchored"));
            }
            self.anchors
                .nodes
                .insert(anchor.to_owned(), node.clone().into_owned());
        }
        Ok(node)
    }

    fn alias(&mut self, name: &str) -> Result<Node<'a>, Failure> {
        let Some(node) = self.anchors.nodes.get(name) else {
            return Err(Failure::Other("unknown anchor referenced"));
        };
        self.n_aliased += count(node);
        if self.n_aliased > MAX_ALIASED_NODES {
            return Err(Failure::Other("document contains excessive aliasing"));
        }
        Ok(node.clone())
    }
}

/// A plain key as Go prints it again: a chart may be called `1.10`, or `on`.
fn key(text: Cow<'_, str>) -> Cow<'_, str> {
    let could_resolve = text.len() <= 5 || text.starts_with(|first: char| first.is_ascii_digit());
    if !could_resolve {
        return text;
    }
    match resolved(&text) {
        Cow::Owned(printed) => Cow::Owned(printed),
        Cow::Borrowed(printed) if printed == text => text,
        Cow::Borrowed(printed) => Cow::Owned(printed.to_owned()),
    }
}

fn scalar<'a>(text: Cow<'a, str>, style: ScalarStyle, properties: &Properties<'_>) -> Node<'a> {
    let bare = style == ScalarStyle::Plain && properties.tag.as_deref() != Some("tag:yaml.org,2002:str");
    if bare && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL") {
        return Node::Null;
    }
    Node::Scalar { text, bare }
}

fn count(node: &Node<'_>) -> usize {
    match node {
        Node::Null | Node::Scalar { .. } => 1,
        Node::List(items) => 1 + items.iter().map(count).sum::<usize>(),
        Node::Map(fields) => 1 + fields.iter().map(|(_, value)| 1 + count(value)).sum::<usize>(),
    }
}
