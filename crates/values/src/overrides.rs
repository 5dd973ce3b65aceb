//! From a whole values file that was edited to what differs from the defaults, and back.
//!
//! [`extract`] keeps the lines that differ as they were typed, and the comments that the defaults do not hold.
//! [`whole`] shows the defaults with the overrides in their places. Lists replace whole; a default that was deleted
//! becomes `null`, which is how Helm is told so.

use std::collections::HashSet;
use std::ops::Range;

use helm::values::{Table, Tree};

use crate::defaults::coalesce;
use crate::document::lines::{line_at, line_end, line_start, next_line, previous_line, slice};
use crate::document::node::{Content, NodeId};
use crate::document::{Document, EditError, ReadError, lines, normal};
use crate::{Path, Segment};

/// More overrides than these are not shown in their places, nor more deletions found: each is a reading of the text.
const MAX_STEPS: usize = 2_000;

/// Why there are no overrides, or no whole view.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OverridesError {
    /// One of the texts cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A value could not be put into its place.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// What differs between an edited whole file and the defaults, as a values file of its own.
///
/// `defaults` is the text the editing began with. Laid over it, the result gives the edited values.
pub fn extract(edited: &str, defaults: &str) -> Result<Document, OverridesError> {
    let edited = Document::parse(edited)?;
    let defaults = Document::parse(defaults)?;
    let wanted = without_nulls(edited.values());
    let text = Extraction::of(&edited, &defaults).text();
    let mut deleted = Vec::new();
    deletions(edited.values(), defaults.values(), &Path::root(), &mut deleted);
    if deleted.len() <= MAX_STEPS
        && let Ok(mut document) = Document::parse(&text)
    {
        let made: Result<Vec<_>, _> = deleted
            .iter()
            .map(|path| document.set(path, &Tree::Null))
            .collect();
        if made.is_ok() && without_nulls(&coalesce(defaults.values(), document.values())) == wanted {
            return Ok(document);
        }
    }
    // Anchors that stay behind, or several documents: written anew, without comments.
    let mut document = Document::parse("")?;
    let difference = difference(edited.values(), defaults.values());
    document.set(&Path::root(), &Tree::Table(difference))?;
    Ok(document)
}

/// The values of `over` that are not those of `under`; a key that `over` lacks is null.
#[must_use]
pub fn difference(over: &Table, under: &Table) -> Table {
    let mut result = Table::new();
    for (key, value) in over {
        match (value, under.get(key)) {
            (value, Some(default)) if value == default => {}
            (Tree::Table(value), Some(Tree::Table(default))) => {
                let inner = difference(value, default);
                if !inner.is_empty() {
                    result.insert(key.clone(), Tree::Table(inner));
                }
            }
            _ => {
                result.insert(key.clone(), value.clone());
            }
        }
    }
    for (key, default) in under {
        if !over.contains_key(key) && *default != Tree::Null {
            result.insert(key.clone(), Tree::Null);
        }
    }
    result
}

/// The defaults with the overrides in their places: each as it was typed, with the comments at it.
pub fn whole(overrides: &str, defaults: &str) -> Result<Document, OverridesError> {
    let overrides = Document::parse(overrides)?;
    let mut document = Document::parse(defaults)?;
    let mut paths = Vec::new();
    leaves(overrides.values(), document.values(), &Path::root(), &mut paths);
    if paths.len() > MAX_STEPS {
        return Err(EditError::TooMany { limit: MAX_STEPS }.into());
    }
    // In the order they were typed: what is new keeps it.
    paths.sort_by_key(|path| overrides.span_of(path).map(|span| span.value.start));
    for path in paths {
        document.graft(&path, &overrides, &path)?;
    }
    Ok(document)
}

/// The paths where overrides leave the defaults: not below what the defaults do not have.
fn leaves(over: &Table, under: &Table, at: &Path, paths: &mut Vec<Path>) {
    for (key, value) in over {
        let path = at.join(key.to_str_lossy().into_owned());
        match (value, under.get(key)) {
            (value, Some(default)) if value == default => {}
            (Tree::Table(value), Some(Tree::Table(default))) if !value.is_empty() && !default.is_empty() => {
                leaves(value, default, &path, paths);
            }
            // Over a mapping an empty one says nothing.
            (Tree::Table(value), Some(Tree::Table(_))) if value.is_empty() => {}
            _ => paths.push(path),
        }
    }
}

/// The defaults that an edited file lacks.
fn deletions(edited: &Table, defaults: &Table, at: &Path, found: &mut Vec<Path>) {
    for (key, default) in defaults {
        let path = at.join(key.to_str_lossy().into_owned());
        match (edited.get(key), default) {
            (None, default) if *default != Tree::Null => found.push(path),
            (Some(Tree::Table(edited)), Tree::Table(default)) => deletions(edited, default, &path, found),
            _ => {}
        }
    }
}

fn without_nulls(table: &Table) -> Table {
    let kept = table.iter().filter(|(_, value)| **value != Tree::Null);
    kept.map(|(key, value)| {
        let value = match value {
            Tree::Table(inner) => Tree::Table(without_nulls(inner)),
            other => other.clone(),
        };
        (key.clone(), value)
    })
    .collect()
}

/// Which lines of an edited file are overrides.
struct Extraction<'d> {
    document: &'d Document,
    defaults: &'d Document,
    /// Byte ranges of whole lines.
    kept: Vec<Range<usize>>,
    /// Starts of top-level entries that are kept.
    tops: Vec<usize>,
}

impl<'d> Extraction<'d> {
    fn of(document: &'d Document, defaults: &'d Document) -> Self {
        let mut extraction = Self {
            document,
            defaults,
            kept: Vec::new(),
            tops: Vec::new(),
        };
        for root in &document.nodes.roots {
            extraction.mapping(*root, &Path::root());
        }
        extraction
    }

    fn mapping(&mut self, node: NodeId, at: &Path) {
        let nodes = &self.document.nodes;
        for entry in nodes.entries(node) {
            let key = nodes.span(entry.key);
            let value = nodes.span(entry.value);
            let start = line_start(self.document.text(), key.start);
            let Some(name) = &entry.name else {
                self.keep(start, value.end);
                continue;
            };
            let path = at.join(name.as_str());
            let (own, default) = (self.document.get(&path), self.defaults.get(&path));
            if own == default {
                continue;
            }
            if at.is_root() {
                self.tops.push(start);
            }
            let is_block = nodes.is_block_collection(entry.value)
                && matches!(
                    nodes.get(entry.value).map(|node| &node.content),
                    Some(Content::Mapping { .. })
                );
            match (own, default) {
                (Some(Tree::Table(_)), Some(Tree::Table(_))) if is_block => {
                    self.keep(start, key.end);
                    self.mapping(entry.value, &path);
                }
                _ => self.keep(start, value.end.max(key.end)),
            }
        }
    }

    fn keep(&mut self, start: usize, end: usize) {
        self.kept.push(start..line_end(self.document.text(), end));
    }

    fn text(&self) -> String {
        let text = self.document.text();
        let known: HashSet<&str> = self
            .defaults
            .text()
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with('#'))
            .collect();
        let mut result = String::new();
        let mut pending_blank = false;
        let mut at = 0;
        let mut kept = self.kept.iter().peekable();
        while at < text.len() {
            let line = line_at(text, at);
            let next = next_line(text, at).max(at + 1);
            while kept.next_if(|range| range.end < line.start).is_some() {}
            let is_kept = kept.peek().is_some_and(|range| range.start <= line.start);
            let content = slice(text, line.clone()).trim();
            let is_own_comment = content.starts_with('#') && !known.contains(content);
            if is_kept || is_own_comment {
                let begins_top =
                    self.tops.contains(&line.start) || is_own_comment && slice(text, line).starts_with('#');
                if pending_blank && begins_top && !result.is_empty() {
                    result.push_str(lines::newline(text));
                }
                pending_blank = false;
                result.push_str(slice(text, at..next));
            } else if content.is_empty() {
                pending_blank = true;
            }
            at = next;
        }
        result
    }
}

/// An entry as it stands in a text, to be put elsewhere.
struct Cutting {
    /// Comment lines directly above it, without indentation.
    comments: Vec<String>,
    /// The entry's lines, without the indentation of its key.
    lines: Vec<String>,
}

impl Cutting {
    fn of(document: &Document, path: &Path) -> Option<Self> {
        let text = document.text();
        let key = document.span_of(path)?.key?;
        let range = document.lines_of(path)?;
        if range.end < key.end
            || !slice(text, range.start..key.start)
                .bytes()
                .all(|byte| byte == b' ')
        {
            return None;
        }
        let indentation = key.start - range.start;
        let unindent = |line: &str| {
            let spaces = lines::indentation(line).min(indentation);
            line.get(spaces..).unwrap_or_default().to_owned()
        };
        let mut comments = Vec::new();
        let mut start = range.start;
        while let Some(line) = previous_line(text, start) {
            let content = slice(text, line.clone());
            if lines::indentation(content) != indentation || !content.trim_start().starts_with('#') {
                break;
            }
            comments.push(content.trim().to_owned());
            start = line.start;
        }
        comments.reverse();
        Some(Self {
            comments,
            lines: slice(text, range).lines().map(unindent).collect(),
        })
    }

    /// The entry below another key, in a column.
    fn put(&self, key: &str, old_key: &str, column: usize, newline: &str, known: &str) -> Option<String> {
        let (first, rest) = self.lines.split_first()?;
        let behind = first.strip_prefix(old_key)?;
        let indentation = " ".repeat(column);
        let comments = self
            .comments
            .iter()
            .filter(|line| !known.lines().any(|other| other.trim() == **line));
        let mut lines: Vec<String> = comments.map(|line| format!("{indentation}{line}")).collect();
        lines.push(format!("{indentation}{key}{behind}"));
        lines.extend(rest.iter().map(|line| {
            if line.is_empty() {
                String::new()
            } else {
                format!("{indentation}{line}")
            }
        }));
        Some(lines.join(newline))
    }
}

impl Document {
    /// Puts the value at `from` of another document at `path` of this one, as it was typed there: with its style, the
    /// comments in it, behind it and directly above it. Where it cannot stand as typed it is written anew.
    pub fn graft(&mut self, path: &Path, other: &Self, from: &Path) -> Result<(), EditError> {
        let Some(value) = other.get(from).map(normal) else {
            return Ok(());
        };
        let mut made = self.clone();
        // First anywhere, then as typed: so its place and what it does to the rest are known to be right.
        made.set_like(path, &value, other)?;
        if let Some(text) = made.as_typed(path, other, from)
            && let Ok(typed) = Self::parse(&text)
            && typed.values() == made.values()
        {
            made = typed;
        }
        *self = made;
        Ok(())
    }

    fn as_typed(&self, path: &Path, other: &Self, from: &Path) -> Option<String> {
        let cutting = Cutting::of(other, from)?;
        let text = self.text();
        let key = self.span_of(path)?.key?;
        let old_key = other.span_of(from)?.key?;
        let range = self.lines_of(path)?;
        let is_own_line = slice(text, range.start..key.start)
            .bytes()
            .all(|byte| byte == b' ');
        let column = key.start - range.start;
        let Some(Segment::Key(_)) = path.segments().last() else {
            return None;
        };
        let lines = cutting.put(
            slice(text, key),
            slice(other.text(), old_key),
            column,
            lines::newline(text),
            text,
        )?;
        let after = text.get(range.end..)?;
        is_own_line.then(|| format!("{}{lines}{after}", slice(text, 0..range.start)))
    }
}
