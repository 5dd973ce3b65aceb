//! From a path to nodes and back from an offset to a path.

use std::ops::Range;

use super::Document;
use super::lines::{column, indentation, line_at, line_start, slice};
use super::node::{Content, NodeId, Nodes};
use crate::{Path, Segment};

/// The place of a node in its collection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    pub(crate) parent: NodeId,
    /// Which entry of a mapping or item of a list.
    pub(crate) at: usize,
}

/// How far a path leads.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The last node on the way.
    pub(crate) node: NodeId,
    /// Where it stands; `None` for the root.
    pub(crate) slot: Option<Slot>,
    /// Steps that led somewhere.
    pub(crate) steps: usize,
    /// Steps that can be taken without an alias or merge key.
    pub(crate) own_steps: usize,
}

/// Where the parts of an entry or item stand in the text, as byte ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntrySpan {
    /// The key, quotes included; `None` for an item of a list.
    pub key: Option<Range<usize>>,
    /// The value, with its anchor and tag, without a comment behind it. Empty where nothing is written.
    pub value: Range<usize>,
}

impl Nodes {
    /// Follows a path from a root as far as it leads.
    pub(crate) fn follow(&self, root: NodeId, path: &Path) -> Found {
        let mut found = Found {
            node: root,
            slot: None,
            steps: 0,
            own_steps: 0,
        };
        let mut own = true;
        for segment in path.segments() {
            let node = self.target(found.node);
            own &= node == found.node;
            let next = match segment {
                Segment::Index(index) => self.items(node).get(*index).map(|child| {
                    let slot = Slot {
                        parent: node,
                        at: *index,
                    };
                    (*child, slot, true)
                }),
                Segment::Key(name) => self.entry(node, name),
            };
            let Some((child, slot, is_own)) = next else {
                break;
            };
            own &= is_own;
            found.node = child;
            found.slot = Some(slot);
            found.steps += 1;
            found.own_steps += usize::from(own);
        }
        found
    }

    /// The entry that gives `name` its value, and whether it is an entry of this very mapping. As go-yaml v2 sets
    /// keys in their order, the last one wins, and a merge key counts where it stands.
    fn entry(&self, mapping: NodeId, name: &str) -> Option<(NodeId, Slot, bool)> {
        let mut winner = None;
        for (at, entry) in self.entries(mapping).iter().enumerate() {
            match &entry.name {
                Some(found) if found == name => {
                    winner = Some((entry.value, Slot { parent: mapping, at }, true));
                }
                Some(_) => {}
                None => {
                    let merged = self.merged(entry.value, name);
                    winner = merged.map(|(node, slot, _)| (node, slot, false)).or(winner);
                }
            }
        }
        winner
    }

    fn merged(&self, value: NodeId, name: &str) -> Option<(NodeId, Slot, bool)> {
        let value = self.target(value);
        match self.get(value).map(|node| &node.content) {
            Some(Content::Sequence { items, .. }) => {
                items.iter().find_map(|item| self.entry(self.target(*item), name))
            }
            _ => self.entry(value, name),
        }
    }
}

impl Document {
    /// The node at a path, in the last document that has it.
    pub(crate) fn find(&self, path: &Path) -> Option<Found> {
        let full = |root: &NodeId| {
            let found = self.nodes.follow(*root, path);
            (found.steps == path.segments().len()).then_some(found)
        };
        self.nodes.roots.iter().rev().find_map(full)
    }

    /// Where the value at a path is written, be it below an alias; `None` if the text does not hold it.
    #[must_use]
    pub fn span_of(&self, path: &Path) -> Option<EntrySpan> {
        let found = self.find(path)?;
        let key = found.slot.and_then(|slot| {
            let entry = self.nodes.entries(slot.parent).get(slot.at)?;
            Some(self.nodes.span(entry.key))
        });
        Some(EntrySpan {
            key,
            value: self.nodes.span(found.node),
        })
    }

    /// The whole lines that an entry or item takes, comments above it excluded.
    #[must_use]
    pub fn lines_of(&self, path: &Path) -> Option<Range<usize>> {
        let span = self.span_of(path)?;
        let start = span.key.map_or(span.value.start, |key| key.start);
        let last = line_at(&self.text, span.value.end.max(start));
        Some(line_start(&self.text, start)..last.end)
    }

    /// The path of the innermost entry or item that `offset` (in bytes) is on; the top if it is on none.
    ///
    /// A line belongs to the entry that begins on it or last began before it, if it is indented as deep as that
    /// entry asks: a comment between two entries belongs to what holds them both.
    #[must_use]
    pub fn path_at(&self, offset: usize) -> Path {
        let root = self.nodes.roots.iter().rev().find(|root| {
            let start = self.nodes.span(**root).start;
            line_start(&self.text, start) <= offset
        });
        let Some(&root) = root else {
            return Path::root();
        };
        let mut path = Path::root();
        let mut node = root;
        while let Some((segment, child)) = self.child_at(node, offset) {
            path = path.join(segment);
            node = child;
        }
        // A key that is given again below has no value here.
        while !path.is_root() && self.get(&path).is_none() {
            path = path.parent().unwrap_or_default();
        }
        path
    }

    fn child_at(&self, node: NodeId, offset: usize) -> Option<(Segment, NodeId)> {
        let nodes = &self.nodes;
        match &nodes.get(node)?.content {
            Content::Mapping { flow, entries } => {
                let entry = entries
                    .iter()
                    .rev()
                    .find(|entry| self.begins_by(nodes.span(entry.key).start, *flow, offset))?;
                let within = self.reaches(
                    nodes.span(entry.key).start,
                    nodes.span(entry.value),
                    *flow,
                    offset,
                );
                let name = entry.name.clone().filter(|_| within)?;
                Some((Segment::Key(name), entry.value))
            }
            Content::Sequence { flow, items } => {
                let (at, item) = items.iter().enumerate().rev().find(|(at, item)| {
                    let start = self.dash_of(node, *at).unwrap_or(nodes.span(**item).start);
                    self.begins_by(start, *flow, offset)
                })?;
                let start = self.dash_of(node, at).unwrap_or(nodes.span(*item).start);
                self.reaches(start, nodes.span(*item), *flow, offset)
                    .then_some((Segment::Index(at), *item))
            }
            _ => None,
        }
    }

    fn begins_by(&self, start: usize, flow: bool, offset: usize) -> bool {
        if flow || !self.only_indentation_before(start) {
            start <= offset
        } else {
            line_start(&self.text, start) <= offset
        }
    }

    fn only_indentation_before(&self, offset: usize) -> bool {
        slice(&self.text, line_start(&self.text, offset)..offset)
            .trim()
            .is_empty()
    }

    /// Whether what begins at `start` and has a value at `value` still goes on at `offset`.
    fn reaches(&self, start: usize, value: Range<usize>, flow: bool, offset: usize) -> bool {
        if offset <= value.end || line_at(&self.text, value.end).contains(&offset) && !flow {
            return true;
        }
        if flow {
            return false;
        }
        let line = slice(&self.text, line_at(&self.text, offset));
        if offset == line_at(&self.text, value.end).end {
            return true;
        }
        let depth = if line.trim().is_empty() {
            offset - line_start(&self.text, offset)
        } else {
            indentation(line)
        };
        depth > column(&self.text, start)
    }

    /// Where the dash of a block list's item stands.
    pub(crate) fn dash_of(&self, list: NodeId, at: usize) -> Option<usize> {
        let nodes = &self.nodes;
        if nodes.is_flow(list) {
            return None;
        }
        let first = nodes.first_line(list);
        if at == 0 {
            return Some(first);
        }
        let dash_column = column(&self.text, first);
        let item = nodes.items(list).get(at)?;
        let mut from = nodes.span(*item).start;
        loop {
            let line = line_start(&self.text, from);
            let dash = line + dash_column;
            let is_dash = self.text.as_bytes().get(dash) == Some(&b'-')
                && slice(&self.text, line..dash).bytes().all(|byte| byte == b' ');
            if is_dash {
                return Some(dash);
            }
            if line <= first {
                return None;
            }
            from = line - 1;
        }
    }
}
