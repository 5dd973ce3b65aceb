//! Where an edit cuts: from one change of one node to the bytes that are replaced. Nothing is checked here; whether a
//! cut did what was meant is for [`super::edit`] to see, which has other ways where these do not lead.

use std::ops::Range;

use helm::values::{Table, Tree};

use super::Document;
use super::find::Slot;
use super::lines::{column, indentation, line_end, line_start, next_line, previous_line, slice};
use super::node::{Content, Node, NodeId, Nodes};
use super::scalar;
use super::write::{self, Layout, Like, Rendered, Unwritable};
use engine::yaml::ScalarStyle;

/// Bytes of the old text, and what takes their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Splice {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
}

impl Splice {
    fn new(range: Range<usize>, text: impl Into<String>) -> Self {
        Self {
            range,
            text: text.into(),
        }
    }

    fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::new(at..at, text)
    }
}

/// The text with all splices made; `None` if they overlap.
pub(crate) fn splice(text: &str, mut splices: Vec<Splice>) -> Option<String> {
    splices.sort_by_key(|splice| splice.range.start);
    let mut result = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for Splice { range, text: new } in splices {
        result.push_str(text.get(at..range.start)?);
        result.push_str(&new);
        at = range.end;
    }
    result.push_str(text.get(at..)?);
    Some(result)
}

/// Why there is no cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The text is written in a way that this does not know.
    NoWay,
    Unwritable(Unwritable),
}

impl From<Unwritable> for Stop {
    fn from(why: Unwritable) -> Self {
        Self::Unwritable(why)
    }
}

pub(crate) type Cut = Result<Vec<Splice>, Stop>;

/// A document and how new text is laid out in it.
#[derive(Clone, Copy)]
pub(crate) struct Surgeon<'d> {
    text: &'d str,
    nodes: &'d Nodes,
    document: &'d Document,
    layout: Layout,
}

impl<'d> Surgeon<'d> {
    pub(crate) fn new(document: &'d Document, layout: Layout) -> Self {
        Self {
            text: &document.text,
            nodes: &document.nodes,
            document,
            layout,
        }
    }

    fn node(&self, id: NodeId) -> Result<&'d Node, Stop> {
        self.nodes.get(id).ok_or(Stop::NoWay)
    }

    fn like(&self, node: NodeId) -> Like<'d> {
        Like::new(self.nodes, Some(node))
    }

    fn unlike(&self) -> Like<'d> {
        Like::new(self.nodes, None)
    }

    fn slice(&self, range: Range<usize>) -> &'d str {
        slice(self.text, range)
    }

    fn rest_of_line(&self, offset: usize) -> &'d str {
        self.slice(offset..line_end(self.text, offset))
    }

    fn begins_line(&self, offset: usize) -> bool {
        self.slice(line_start(self.text, offset)..offset)
            .bytes()
            .all(|byte| byte == b' ')
    }

    /// Gives a node another value.
    pub(crate) fn replace(&self, slot: Option<Slot>, id: NodeId, tree: &Tree) -> Cut {
        let node = self.node(id)?;
        let Some(slot) = slot else {
            return self.replace_root(node, tree);
        };
        if self.nodes.is_flow(slot.parent) {
            return self.replace_in_flow(slot, node, tree, id);
        }
        let like = self.like(id);
        let indicator = self.indicator(slot)?;
        let rendered = match self.nodes.entries(slot.parent).get(slot.at) {
            Some(entry) => {
                let key = self.nodes.span(entry.key).start;
                write::below_key(tree, column(self.text, key), self.layout, like)?
            }
            None => write::behind_dash(tree, column(self.text, indicator), self.layout, like)?,
        };
        self.put(indicator + 1, id, node, rendered)
    }

    /// The colon behind an entry's key, or the dash before an item of a block list.
    fn indicator(&self, slot: Slot) -> Result<usize, Stop> {
        let found = match self.node(slot.parent)?.content {
            Content::Mapping { .. } => {
                let entry = self.nodes.entries(slot.parent).get(slot.at).ok_or(Stop::NoWay)?;
                self.colon_behind(self.nodes.span(entry.key).end)
            }
            Content::Sequence { .. } => self.document.dash_of(slot.parent, slot.at),
            _ => None,
        };
        found.ok_or(Stop::NoWay)
    }

    /// The end of a node's anchor and tag; `after` if it has none.
    fn properties_end(&self, node: &Node, after: usize) -> usize {
        let properties = self.slice(node.span.start..node.head).trim_end();
        if properties.is_empty() {
            after
        } else {
            node.span.start + properties.len()
        }
    }

    fn colon_behind(&self, key_end: usize) -> Option<usize> {
        let rest = self.text.get(key_end..)?;
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        (rest.as_bytes().get(blanks) == Some(&b':')).then_some(key_end + blanks)
    }

    /// Puts a value where another stands, behind a colon or dash that ends at `after`.
    fn put(&self, after: usize, id: NodeId, node: &Node, rendered: Rendered) -> Cut {
        let Rendered { mut inline, below } = rendered;
        if let Some(anchor) = &node.anchor {
            inline = format!(" &{anchor}{inline}");
        }
        let end = node.span.end;
        if node.span.is_empty() {
            let line_end = line_end(self.text, after);
            let is_blank = self.rest_of_line(after).trim().is_empty();
            let range = after..if is_blank { line_end } else { after };
            return Ok(vec![Splice::new(range, inline), Splice::insert(line_end, below)]);
        }
        if self.nodes.block_scalar_style(id).is_some() {
            let header = self.rest_of_line(node.head);
            let header_end = node.head + header.find([' ', '\t']).unwrap_or(header.len());
            let lines = line_end(self.text, header_end)..line_end(self.text, end.max(header_end));
            return Ok(vec![
                Splice::new(after..header_end, inline),
                Splice::new(lines, below),
            ]);
        }
        let begins_below = line_start(self.text, self.nodes.first_line(id)) > line_start(self.text, after);
        if begins_below && self.nodes.is_block_collection(id) {
            let head_end = self.properties_end(node, after);
            let lines = line_end(self.text, after)..line_end(self.text, end);
            return Ok(vec![
                Splice::new(after..head_end, inline),
                Splice::new(lines, below),
            ]);
        }
        if begins_below && below.is_empty() {
            return Ok(vec![Splice::new(node.span.clone(), inline.trim_start())]);
        }
        Ok(vec![
            Splice::new(after..end, inline),
            Splice::insert(line_end(self.text, end), below),
        ])
    }

    fn replace_in_flow(&self, slot: Slot, node: &Node, tree: &Tree, id: NodeId) -> Cut {
        let text = write::flow(tree, self.is_json(slot.parent), self.like(id))?;
        let anchor = node
            .anchor
            .as_ref()
            .map_or_else(String::new, |anchor| format!("&{anchor} "));
        if !node.span.is_empty() {
            return Ok(vec![Splice::new(node.span.clone(), format!("{anchor}{text}"))]);
        }
        let entry = self.nodes.entries(slot.parent).get(slot.at).ok_or(Stop::NoWay)?;
        let key_end = self.nodes.span(entry.key).end;
        match self.colon_behind(key_end) {
            Some(colon) => Ok(vec![Splice::insert(colon + 1, format!(" {text}"))]),
            None => Ok(vec![Splice::insert(key_end, format!(": {text}"))]),
        }
    }

    /// Whether a flow collection writes its texts as JSON does.
    fn is_json(&self, flow: NodeId) -> bool {
        let is_double = |id: NodeId| {
            matches!(
                self.nodes.get(id).map(|node| &node.content),
                Some(Content::Scalar {
                    style: ScalarStyle::DoubleQuoted,
                    ..
                })
            )
        };
        let entries = self.nodes.entries(flow);
        !entries.is_empty() && entries.iter().all(|entry| is_double(entry.key))
    }

    /// Lines of a table for the top level, without the last line break.
    fn root_lines(&self, table: &Table) -> Result<String, Stop> {
        let mut lines = Vec::with_capacity(table.len());
        for (key, tree) in table {
            let key = std::str::from_utf8(key.as_bytes()).map_err(|_| Unwritable::NotText)?;
            lines.push(write::entry(key, tree, 0, self.layout, self.unlike())?);
        }
        Ok(lines.join(self.layout.newline))
    }

    fn replace_root(&self, node: &Node, tree: &Tree) -> Cut {
        let Tree::Table(table) = tree else {
            return Err(Stop::NoWay);
        };
        let lines = self.root_lines(table)?;
        Ok(self.put_at_root(node.span.clone(), &lines))
    }

    /// Puts lines where the root is empty, `{}` or null.
    fn put_at_root(&self, span: Range<usize>, lines: &str) -> Vec<Splice> {
        let newline = self.layout.newline;
        if span.is_empty() {
            let text = if column(self.text, span.start) == 0 || self.only_mark_before(span.start) {
                format!("{lines}{newline}")
            } else {
                format!("{newline}{lines}")
            };
            return vec![Splice::new(span, text)];
        }
        let before = if self.begins_line(span.start) || self.only_mark_before(span.start) {
            ""
        } else {
            newline
        };
        if self.rest_of_line(span.end).trim().is_empty() || !lines.contains(newline) {
            return vec![Splice::new(span, format!("{before}{lines}"))];
        }
        let end = line_end(self.text, span.end);
        vec![
            Splice::new(span, ""),
            Splice::insert(end, format!("{newline}{lines}")),
        ]
    }

    fn only_mark_before(&self, offset: usize) -> bool {
        self.slice(0..offset) == "\u{FEFF}"
    }

    /// Puts the first entry into a text that has no document at all.
    pub(crate) fn begin(&self, table: &Table) -> Cut {
        let lines = self.root_lines(table)?;
        let at = self.text.len();
        Ok(self.put_at_root(at..at, &lines))
    }

    /// Adds an entry to a mapping, behind its entry `after` or at its end.
    pub(crate) fn add_entry(
        &self,
        slot: Option<Slot>,
        mapping: NodeId,
        after: Option<usize>,
        key: &str,
        tree: &Tree,
    ) -> Cut {
        let entries = self.nodes.entries(mapping);
        let Some(last) = after.and_then(|at| entries.get(at)).or(entries.last()) else {
            let table = Table::from_iter([(key.into(), tree.clone())]);
            return self.replace(slot, mapping, &Tree::Table(table));
        };
        let end = self.nodes.span(last.key).end.max(self.nodes.span(last.value).end);
        if self.nodes.is_flow(mapping) {
            let json = self.is_json(mapping);
            let key = scalar::key(key, true, json);
            let text = format!("{key}: {}", write::flow(tree, json, self.unlike())?);
            let start = self.nodes.span(last.key).start;
            return Ok(self.add_to_flow(start, end, &text));
        }
        let first = entries.first().ok_or(Stop::NoWay)?;
        let column = column(self.text, self.nodes.span(first.key).start);
        let text = write::entry(key, tree, column, self.layout, self.unlike())?;
        let indentation = " ".repeat(column);
        Ok(vec![Splice::insert(
            self.past_comments(line_end(self.text, end), column),
            format!("{}{indentation}{text}", self.layout.newline),
        )])
    }

    /// Past the comment lines below a line's end that are indented deeper than `column`: they belong to what ends
    /// there.
    fn past_comments(&self, end: usize, column: usize) -> usize {
        let mut at = end;
        loop {
            let next = next_line(self.text, at);
            let line = self.rest_of_line(next);
            let is_deeper = indentation(line) > column && line.trim_start().starts_with('#');
            if next == at || !is_deeper {
                return at;
            }
            at = line_end(self.text, next);
        }
    }

    /// Behind the last member of a flow collection, which stands at `start..end`: on a line of its own if that one
    /// has one.
    fn add_to_flow(&self, start: usize, end: usize, text: &str) -> Vec<Splice> {
        let rest = self.rest_of_line(end).trim_start();
        let (comma_there, rest) = match rest.strip_prefix(',') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, rest),
        };
        let has_own_line = self.begins_line(start) && (rest.is_empty() || rest.starts_with('#'));
        if !has_own_line {
            return vec![Splice::insert(end, format!(", {text}"))];
        }
        let indentation = self.slice(line_start(self.text, start)..start);
        let (here, there) = if comma_there { ("", ",") } else { (",", "") };
        let line = format!("{}{indentation}{text}{there}", self.layout.newline);
        vec![
            Splice::insert(end, here),
            Splice::insert(line_end(self.text, end), line),
        ]
    }

    /// Adds an item to a list, before the one that is now at `index`.
    pub(crate) fn add_item(&self, slot: Option<Slot>, list: NodeId, index: usize, tree: &Tree) -> Cut {
        let items = self.nodes.items(list);
        let previous = index.checked_sub(1).and_then(|at| items.get(at));
        let Some(first) = items.first() else {
            return self.replace(slot, list, &Tree::List(vec![tree.clone()]));
        };
        if self.nodes.is_flow(list) {
            let text = write::flow(tree, false, self.unlike())?;
            return Ok(match previous {
                Some(previous) => {
                    let span = self.nodes.span(*previous);
                    if index == items.len() {
                        self.add_to_flow(span.start, span.end, &text)
                    } else {
                        vec![Splice::insert(span.end, format!(", {text}"))]
                    }
                }
                None => vec![Splice::insert(self.nodes.span(*first).start, format!("{text}, "))],
            });
        }
        let dash = self.document.dash_of(list, 0).ok_or(Stop::NoWay)?;
        let column = column(self.text, dash);
        let Rendered { inline, below } = write::behind_dash(tree, column, self.layout, self.unlike())?;
        let newline = self.layout.newline;
        let indentation = " ".repeat(column);
        if let Some(previous) = previous {
            let at = self.past_comments(self.end_of_item(list, index - 1, *previous)?, column);
            return Ok(vec![Splice::insert(
                at,
                format!("{newline}{indentation}-{inline}{below}"),
            )]);
        }
        if !self.begins_line(dash) {
            let text = format!("-{inline}{below}{newline}{indentation}");
            return Ok(vec![Splice::insert(dash, text)]);
        }
        let at = self.comment_above(dash).unwrap_or(line_start(self.text, dash));
        Ok(vec![Splice::insert(
            at,
            format!("{indentation}-{inline}{below}{newline}"),
        )])
    }

    /// Gives an item of a list another place: the texts of the items on the way change places, and what stands between
    /// them stays.
    pub(crate) fn move_item(&self, list: NodeId, from: usize, to: usize) -> Cut {
        let items = self.nodes.items(list);
        let on_the_way = from.min(to)..=from.max(to);
        let mut places = Vec::new();
        for at in on_the_way.clone() {
            let item = *items.get(at).ok_or(Stop::NoWay)?;
            places.push(if self.nodes.is_flow(list) {
                self.nodes.span(item)
            } else {
                self.lines_of_item(list, at, item)?
            });
        }
        let mut order: Vec<usize> = (0..places.len()).collect();
        if from < to {
            order.rotate_left(1);
        } else {
            order.rotate_right(1);
        }
        let texts = order.iter().filter_map(|at| places.get(*at));
        let texts: Vec<&str> = texts.map(|range| self.slice(range.clone())).collect();
        let splices = places.iter().zip(texts);
        Ok(splices
            .map(|(range, text)| Splice::new(range.clone(), text))
            .collect())
    }

    /// An item of a block list from the comment above it to the end of its last line.
    fn lines_of_item(&self, list: NodeId, at: usize, item: NodeId) -> Result<Range<usize>, Stop> {
        let dash = self.document.dash_of(list, at).ok_or(Stop::NoWay)?;
        if !self.begins_line(dash) {
            return Err(Stop::NoWay);
        }
        let start = self.comment_above(dash).unwrap_or(line_start(self.text, dash));
        let end = self.past_comments(self.end_of_item(list, at, item)?, column(self.text, dash));
        Ok(start..end)
    }

    fn end_of_item(&self, list: NodeId, at: usize, item: NodeId) -> Result<usize, Stop> {
        let dash = self.document.dash_of(list, at).ok_or(Stop::NoWay)?;
        Ok(line_end(self.text, self.nodes.span(item).end.max(dash)))
    }

    /// The start of the comment lines directly above a line that are indented as it is.
    fn comment_above(&self, offset: usize) -> Option<usize> {
        let mut start = line_start(self.text, offset);
        let column = offset - start;
        let mut found = None;
        while let Some(line) = previous_line(self.text, start) {
            let text = self.slice(line.clone());
            if indentation(text) != column || !text.trim_start().starts_with('#') {
                break;
            }
            start = line.start;
            found = Some(start);
        }
        found
    }

    /// Takes an entry or item out; with `comment`, the comment lines directly above it, too.
    pub(crate) fn remove(&self, parent_slot: Option<Slot>, slot: Slot, comment: bool) -> Cut {
        let parent = self.node(slot.parent)?;
        let spans: Vec<(usize, usize)> = match &parent.content {
            Content::Mapping { entries, .. } => entries
                .iter()
                .map(|entry| {
                    let (key, value) = (self.nodes.span(entry.key), self.nodes.span(entry.value));
                    (key.start, key.end.max(value.end))
                })
                .collect(),
            Content::Sequence { items, flow } => items
                .iter()
                .enumerate()
                .map(|(at, item)| {
                    let span = self.nodes.span(*item);
                    let dash = if *flow {
                        None
                    } else {
                        self.document.dash_of(slot.parent, at)
                    };
                    (dash.unwrap_or(span.start), span.end.max(dash.unwrap_or(0)))
                })
                .collect(),
            _ => return Err(Stop::NoWay),
        };
        let doomed = self.same_key(slot);
        if doomed.len() == spans.len() {
            return self.empty(parent_slot, slot.parent, &spans, comment);
        }
        let is_flow = self.nodes.is_flow(slot.parent);
        let mut splices = Vec::new();
        for at in doomed {
            let &(start, end) = spans.get(at).ok_or(Stop::NoWay)?;
            let next = spans.get(at + 1).map(|(start, _)| *start);
            let range = match next {
                Some(next) if is_flow => start..next,
                None if is_flow => spans.get(at.wrapping_sub(1)).map_or(start, |(_, end)| *end)..end,
                _ if self.begins_line(start) => self.whole_lines(start, end, comment),
                // The first entry of a list's item: what follows moves up behind the dash, unless a comment stands
                // between.
                Some(next) if self.is_followed_by(end, next) => start..next,
                _ => {
                    let before = self.slice(line_start(self.text, start)..start);
                    let blanks = before.len() - before.trim_end().len();
                    start - blanks..line_end(self.text, end)
                }
            };
            splices.push(Splice::new(range, ""));
        }
        Ok(splices)
    }

    /// The entries with the same key: only the last one counts, and what was hidden must not come to light.
    fn same_key(&self, slot: Slot) -> Vec<usize> {
        let entries = self.nodes.entries(slot.parent);
        match entries.get(slot.at) {
            Some(entry) if entry.name.is_some() => entries
                .iter()
                .enumerate()
                .filter(|(_, other)| other.name == entry.name)
                .map(|(at, _)| at)
                .collect(),
            _ => vec![slot.at],
        }
    }

    fn is_followed_by(&self, end: usize, next: usize) -> bool {
        let between = self.slice(line_end(self.text, end)..next);
        between.trim().is_empty()
    }

    fn whole_lines(&self, start: usize, end: usize, comment: bool) -> Range<usize> {
        let from = comment
            .then(|| self.comment_above(start))
            .flatten()
            .unwrap_or(line_start(self.text, start));
        let to = next_line(self.text, end);
        let is_last = to == self.text.len() && line_end(self.text, end) == to;
        match previous_line(self.text, from) {
            // The text goes on to end without a line break.
            Some(previous) if is_last => previous.end..to,
            _ => from..to,
        }
    }

    /// Takes out all that a collection holds.
    fn empty(&self, slot: Option<Slot>, id: NodeId, spans: &[(usize, usize)], comment: bool) -> Cut {
        let node = self.node(id)?;
        let is_list = matches!(node.content, Content::Sequence { .. });
        if self.nodes.is_flow(id) {
            let brackets = if is_list { "[]" } else { "{}" };
            return Ok(vec![Splice::new(node.head..node.span.end, brackets)]);
        }
        if let Some(slot) = slot {
            let after = self.indicator(slot)? + 1;
            let begins_below =
                line_start(self.text, self.nodes.first_line(id)) > line_start(self.text, after);
            if !begins_below || self.nodes.is_flow(slot.parent) {
                let empty = if is_list {
                    Tree::List(Vec::new())
                } else {
                    Tree::Table(Table::new())
                };
                return self.replace(Some(slot), id, &empty);
            }
            let brackets = if is_list { " []" } else { " {}" };
            let mut splices = vec![Splice::insert(self.properties_end(node, after), brackets)];
            splices.extend(
                spans
                    .iter()
                    .map(|&(start, end)| Splice::new(self.whole_lines(start, end, comment), "")),
            );
            return Ok(splices);
        }
        // Nothing is left at the top: no lines are the same as `{}`.
        let cut = |&(start, end): &(usize, usize)| Splice::new(self.whole_lines(start, end, comment), "");
        Ok(spans.iter().map(cut).collect())
    }
}

/// How the text lays out its collections, as far as it shows; two spaces otherwise.
pub(crate) fn layout(text: &str, nodes: &Nodes) -> Layout {
    let mut steps = [0_usize; 9];
    let mut list_steps = [0_usize; 9];
    for id in nodes.ids() {
        for entry in nodes.entries(id) {
            let value = entry.value;
            if nodes.is_flow(id) || !nodes.is_block_collection(value) {
                continue;
            }
            let own = column(text, nodes.span(entry.key).start);
            let first = nodes.first_line(value);
            let deeper = column(text, first).saturating_sub(own);
            let is_list = matches!(
                nodes.get(value).map(|n| &n.content),
                Some(Content::Sequence { .. })
            );
            let counts = if is_list { &mut list_steps } else { &mut steps };
            if let Some(count) = counts.get_mut(deeper) {
                *count += 1;
            }
        }
    }
    let most = |counts: &[usize]| {
        let best = counts
            .iter()
            .enumerate()
            .max_by_key(|(at, count)| (**count, usize::MAX - at));
        best.filter(|(_, count)| **count > 0).map(|(at, _)| at)
    };
    let step = most(&steps).filter(|step| *step > 0).unwrap_or(2);
    Layout {
        step,
        list_step: most(&list_steps).unwrap_or(step),
        newline: super::lines::newline(text),
        blocks: true,
    }
}
