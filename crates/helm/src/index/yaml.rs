//! Cuts a YAML index into parts by its indentation and gives each part, one version as a rule, to the real parser.
//!
//! An index is a map whose `entries` is a map of lists; every tool writes it in block style, so a line that is not
//! indented more than the `-` of a version ends that version. That holds for all of YAML but two things, which may go
//! on at any column: quoted strings and flow collections. A part that was cut inside one is necessarily unfinished,
//! and the parser says so; then, and for documents that are laid out differently, the rest is read in one piece, up to
//! [`IndexLimits::max_part_bytes`].

use super::assemble::{Assembler, Sink};
use super::error::IndexError;
use super::node::Node;
use super::reader::IndexLimits;
use super::skip::{SkipReason, shown};
use super::yaml_node::{Anchors, PartError, read};
use engine::yaml::Source;

/// Input is taken in pieces of this size, so that memory does not depend on how large the caller's are.
const PIECE_BYTES: usize = 64 * 1024;

pub(super) struct YamlSplitter {
    limits: IndexLimits,
    /// Bytes not done with; the part being collected begins at `part_start`, its next line at `line_start`.
    buffer: Vec<u8>,
    part_start: usize,
    line_start: usize,
    /// Where the search for the line's end goes on.
    searched: usize,
    /// Bytes of the document before the buffer.
    offset: u64,
    part: Part,
    root_column: usize,
    chart_column: usize,
    dash_column: usize,
    /// The line that names the current chart.
    chart_line: Vec<u8>,
    anchors: Anchors,
}

/// What is being collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Nothing yet: before the first key.
    Start,
    /// A key of the document and its value.
    Root,
    /// `entries:`, whose charts should follow.
    EntriesLine,
    /// `name:`, whose versions should follow.
    ChartLine,
    /// A chart and its versions that are not laid out line by line.
    Chart,
    /// One version.
    Entry,
    /// One version that is too large; its bytes are dropped.
    LargeEntry,
    /// Everything to the end, read in one piece.
    Rest { within: Within },
    /// Behind the end of the document.
    Done,
}

/// What surrounds the rest of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    Root,
    Entries,
    Chart,
}

impl YamlSplitter {
    pub(super) fn new(limits: IndexLimits) -> Self {
        Self {
            limits,
            buffer: Vec::new(),
            part_start: 0,
            line_start: 0,
            searched: 0,
            offset: 0,
            part: Part::Start,
            root_column: 0,
            chart_column: 0,
            dash_column: 0,
            chart_line: Vec::new(),
            anchors: Anchors::default(),
        }
    }

    pub(super) fn push(&mut self, text: &[u8], to: &mut Assembler, sink: Sink<'_>) -> Result<(), IndexError> {
        for piece in text.chunks(PIECE_BYTES) {
            self.buffer.extend_from_slice(piece);
            while let Some(found) = self.buffer.get(self.searched..).and_then(find_line_end) {
                let line_end = self.searched + found;
                self.line(line_end, to, sink)?;
                self.line_start = line_end + 1;
                self.searched = self.line_start;
            }
            self.searched = self.buffer.len();
            self.bound_memory()?;
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, to: &mut Assembler, sink: Sink<'_>) -> Result<(), IndexError> {
        let end = self.buffer.len();
        if self.line_start < end {
            self.line(end, to, sink)?;
            self.line_start = end;
        }
        self.flush(to, sink)?;
        // The last part may have turned out to be unfinished.
        if let Part::Rest { within } = self.part {
            self.read_rest(within, to, sink)?;
        }
        Ok(())
    }

    /// Drops what is done with, and refuses what grows without an end.
    fn bound_memory(&mut self) -> Result<(), IndexError> {
        if self.part == Part::Done {
            self.line_start = self.buffer.len();
            self.drop_to(self.buffer.len());
            return Ok(());
        }
        if self.part == Part::Entry && self.buffer.len() - self.part_start > self.limits.max_entry_bytes {
            self.part = Part::LargeEntry;
        }
        if self.part == Part::LargeEntry {
            self.part_start = self.line_start;
            let (indent, content) = indentation(self.buffer.get(self.line_start..).unwrap_or_default());
            // Of a line without end the first bytes are kept, which say that it belongs here.
            let keep = self.line_start + indent + 1;
            if indent > self.dash_column && !content.is_empty() && keep < self.buffer.len() {
                self.offset += (self.buffer.len() - keep) as u64;
                self.buffer.truncate(keep);
                self.searched = keep;
            }
        }
        if self.buffer.len() - self.part_start > self.limits.max_part_bytes {
            return Err(IndexError::PartTooLarge {
                offset: self.offset + self.part_start as u64,
                limit_bytes: self.limits.max_part_bytes,
            });
        }
        self.drop_to(self.part_start);
        Ok(())
    }

    fn drop_to(&mut self, at: usize) {
        self.buffer.drain(..at);
        self.offset += at as u64;
        self.part_start = self.part_start.saturating_sub(at);
        self.line_start = self.line_start.saturating_sub(at);
        self.searched = self.searched.saturating_sub(at);
    }

    /// Looks at the line from `line_start` to `end`: does it go on with the current part or begin another?
    fn line(&mut self, end: usize, to: &mut Assembler, sink: Sink<'_>) -> Result<(), IndexError> {
        let line = self.buffer.get(self.line_start..end).unwrap_or_default();
        let (indent, content) = indentation(line);
        // Blank lines and comments belong to whatever they stand in.
        if matches!(content, [] | [b'#', ..] | [b'\r']) || matches!(self.part, Part::Done | Part::Rest { .. })
        {
            return Ok(());
        }
        // YAML also breaks lines at three characters of Unicode, so this line is more than one. Nobody writes so.
        if starts_with_break(content) {
            self.part = Part::Rest {
                within: self.within(),
            };
            return Ok(());
        }
        if indent == 0 && is_marker(content) {
            return self.marker(to, sink);
        }
        let dash = is_dash(content);
        if self.part == Part::Start {
            if indent == 0 && content.starts_with(b"%") {
                return Ok(());
            }
            // Anything but a plain or quoted key: flow style, tags, anchors, or no map at all.
            if dash
                || matches!(
                    content,
                    [b'{' | b'[' | b'&' | b'!' | b'*' | b'|' | b'>' | b'?', ..]
                )
            {
                self.part_start = self.line_start;
                self.part = Part::Rest { within: Within::Root };
                return Ok(());
            }
            self.root_column = indent;
        }

        // From the innermost level outwards.
        if matches!(self.part, Part::Entry | Part::LargeEntry) {
            if indent > self.dash_column {
                return Ok(());
            }
            let next_entry = indent == self.dash_column && dash;
            self.flush(to, sink)?;
            if matches!(self.part, Part::Rest { .. }) {
                return Ok(());
            }
            self.part_start = self.line_start;
            if next_entry {
                self.part = Part::Entry;
                return Ok(());
            }
        }
        if self.part == Part::EntriesLine {
            let content = self.buffer.get(self.line_start + indent..end).unwrap_or_default();
            let in_block_style = !dash
                && !matches!(
                    content,
                    [b'{' | b'[' | b'&' | b'!' | b'*' | b'|' | b'>' | b'?', ..]
                );
            if indent > self.root_column && in_block_style {
                to.entries_begin();
                self.chart_column = indent;
                return self.chart_begins(end);
            }
            self.part = Part::Root;
        }
        let in_charts = matches!(
            self.part,
            Part::ChartLine | Part::Chart | Part::Entry | Part::LargeEntry
        );
        if in_charts {
            let deeper = indent > self.chart_column || (indent == self.chart_column && dash);
            if deeper && self.part == Part::ChartLine && dash {
                let head = self
                    .buffer
                    .get(self.part_start..self.line_start)
                    .unwrap_or_default();
                self.chart_line = head.to_vec();
                let name = chart_name(head, &mut self.anchors);
                to.chart(
                    &name.ok_or_else(|| self.malformed("a chart's name cannot be read"))?,
                    sink,
                )?;
                self.dash_column = indent;
                self.part_start = self.line_start;
                self.part = Part::Entry;
                return Ok(());
            }
            if deeper && matches!(self.part, Part::Entry | Part::LargeEntry) {
                return Err(self.malformed("did not find expected '-' indicator"));
            }
            if deeper {
                self.part = Part::Chart;
                return Ok(());
            }
            if matches!(self.part, Part::ChartLine | Part::Chart) {
                self.flush(to, sink)?;
                if matches!(self.part, Part::Rest { .. }) {
                    return Ok(());
                }
            }
            self.part_start = self.line_start;
            if indent == self.chart_column {
                return self.chart_begins(end);
            }
        } else if self.part == Part::Root {
            if indent > self.root_column || (indent == self.root_column && dash) {
                return Ok(());
            }
            self.flush(to, sink)?;
            if matches!(self.part, Part::Rest { .. }) {
                return Ok(());
            }
        }
        self.root_begins(indent, end)
    }

    fn root_begins(&mut self, indent: usize, end: usize) -> Result<(), IndexError> {
        self.part_start = self.line_start;
        if indent < self.root_column {
            return Err(self.malformed("a key is indented less than the others"));
        }
        let content = self.buffer.get(self.line_start + indent..end).unwrap_or_default();
        let is_entries = matches!(trim_end(content), b"entries:" | b"\"entries\":" | b"'entries':");
        self.part = if is_entries { Part::EntriesLine } else { Part::Root };
        Ok(())
    }

    fn chart_begins(&mut self, end: usize) -> Result<(), IndexError> {
        self.part_start = self.line_start;
        let line = self.buffer.get(self.line_start..end).unwrap_or_default();
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let empty_value = match trim_end(line).split_last() {
            Some((b':', name)) if indentation(name).1.iter().all(plain) => true,
            // A quoted key or a comment: the parser knows whether there is a value.
            _ => {
                let source = Source::new(line);
                let special = line.iter().any(|byte| matches!(byte, b'&' | b'*' | b'!'));
                let node = read(&source, &mut self.anchors);
                !special
                    && matches!(&node, Ok(Some(Node::Map(fields))) if matches!(fields.as_slice(), [(_, Node::Null)]))
            }
        };
        self.part = if empty_value { Part::ChartLine } else { Part::Chart };
        Ok(())
    }

    /// `---` or `...`: the first one may begin the document, every other ends it. Go reads no second document.
    fn marker(&mut self, to: &mut Assembler, sink: Sink<'_>) -> Result<(), IndexError> {
        let line = self.buffer.get(self.line_start..).unwrap_or_default();
        if self.part == Part::Start && line.starts_with(b"---") {
            let rest = line.get(3..).unwrap_or_default();
            let rest = rest
                .split(|byte| matches!(byte, b'\n' | b'\r'))
                .next()
                .unwrap_or_default();
            let (_, content) = indentation(rest);
            if !matches!(content, [] | [b'#', ..]) {
                self.part_start = self.line_start;
                self.part = Part::Rest { within: Within::Root };
            }
            return Ok(());
        }
        self.flush(to, sink)?;
        if !matches!(self.part, Part::Rest { .. }) {
            to.closed();
            self.part = Part::Done;
        }
        Ok(())
    }

    /// Reads the part that ends before the current line. Afterwards `part` is what it was, or `Rest` if the part turned
    /// out to be unfinished.
    fn flush(&mut self, to: &mut Assembler, sink: Sink<'_>) -> Result<(), IndexError> {
        let within = self.within();
        let Self {
            buffer,
            part_start,
            line_start,
            anchors,
            ..
        } = self;
        let text = buffer.get(*part_start..*line_start).unwrap_or_default();
        let source = Source::new(text);
        let result = match self.part {
            Part::Start | Part::Done | Part::Rest { .. } => return Ok(()),
            // A single long line is whole before anything can be known of it.
            Part::Entry | Part::LargeEntry
                if self.part == Part::LargeEntry || text.len() > self.limits.max_entry_bytes =>
            {
                to.skip(
                    None,
                    SkipReason::TooLarge {
                        limit_bytes: self.limits.max_entry_bytes,
                    },
                    sink,
                );
                return Ok(());
            }
            Part::Root
            | Part::EntriesLine
            | Part::Chart
            | Part::ChartLine
            | Part::Entry
            | Part::LargeEntry => read(&source, anchors),
        };
        match (result, within) {
            (Err(PartError::Incomplete), within) => {
                self.part = Part::Rest { within };
                Ok(())
            }
            (Err(PartError::Invalid { .. }), within) if has_break(text) => {
                self.part = Part::Rest { within };
                Ok(())
            }
            (Ok(Some(Node::List(entries))), Within::Chart) => {
                entries.iter().try_for_each(|entry| to.version(entry, sink))
            }
            (Ok(_), Within::Chart) => {
                to.skip(None, SkipReason::NotAnEntry, sink);
                Ok(())
            }
            // One version that is not YAML is one version less.
            (Err(PartError::Invalid { what }), Within::Chart) => {
                to.skip(None, SkipReason::Unreadable { what }, sink);
                Ok(())
            }
            (Ok(Some(Node::Map(fields))), Within::Entries) => {
                fields.iter().try_for_each(|(name, versions)| {
                    to.chart(name, sink)?;
                    to.versions(versions, sink)
                })
            }
            (Ok(Some(Node::Map(fields))), Within::Root) => fields
                .iter()
                .try_for_each(|(key, value)| to.root(key, value, sink)),
            (Ok(_), _) => Err(IndexError::NotAnIndex),
            (Err(PartError::Invalid { what }), _) => Err(self.malformed(&what)),
        }
    }

    /// Reads everything from `part_start` on below the headings it stood under.
    fn read_rest(&mut self, within: Within, to: &mut Assembler, sink: Sink<'_>) -> Result<(), IndexError> {
        let mut text = Vec::new();
        if within != Within::Root {
            text.extend(std::iter::repeat_n(b' ', self.root_column));
            text.extend_from_slice(b"entries:\n");
        }
        if within == Within::Chart {
            text.extend_from_slice(&self.chart_line);
        }
        text.extend_from_slice(self.buffer.get(self.part_start..).unwrap_or_default());
        let source = Source::new(&text);
        let node = read(&source, &mut self.anchors).map_err(|error| match error {
            PartError::Incomplete => IndexError::Truncated,
            PartError::Invalid { what } => self.malformed(&what),
        })?;
        let Some(Node::Map(fields)) = node else {
            return Err(IndexError::NotAnIndex);
        };
        let mut resumes = within == Within::Chart;
        for (key, value) in &fields {
            match value {
                Node::Map(charts) if resumes => {
                    for (name, versions) in charts {
                        // The first chart was announced before its versions turned out to be hard to cut.
                        if !std::mem::take(&mut resumes) {
                            to.chart(name, sink)?;
                        }
                        to.versions(versions, sink)?;
                    }
                }
                _ => to.root(key, value, sink)?,
            }
        }
        Ok(())
    }

    fn within(&self) -> Within {
        match self.part {
            Part::Entry | Part::LargeEntry => Within::Chart,
            Part::Chart | Part::ChartLine => Within::Entries,
            Part::Rest { within } => within,
            Part::Start | Part::Root | Part::EntriesLine | Part::Done => Within::Root,
        }
    }

    fn malformed(&self, what: &str) -> IndexError {
        IndexError::Malformed {
            offset: self.offset + self.part_start as u64,
            what: shown(what),
        }
    }
}

/// The name in a line such as `demo:`.
fn chart_name(line: &[u8], anchors: &mut Anchors) -> Option<String> {
    let source = Source::new(line);
    let Ok(Some(Node::Map(fields))) = read(&source, anchors) else {
        return None;
    };
    fields.into_iter().next().map(|(name, _)| name.into_owned())
}

/// YAML also breaks lines at a lone carriage return; of the two in CRLF the second ends an empty line.
fn find_line_end(text: &[u8]) -> Option<usize> {
    memchr::memchr2(b'\n', b'\r', text)
}

/// U+0085, U+2028 and U+2029, which end a line in YAML 1.1.
const BREAKS: [&[u8]; 3] = [b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9"];

fn starts_with_break(content: &[u8]) -> bool {
    BREAKS.iter().any(|mark| content.starts_with(mark))
}

fn has_break(text: &[u8]) -> bool {
    BREAKS
        .iter()
        .any(|mark| memchr::memmem::find(text, mark).is_some())
}

fn indentation(line: &[u8]) -> (usize, &[u8]) {
    let indent = line.iter().position(|byte| *byte != b' ').unwrap_or(line.len());
    let content = line.get(indent..).unwrap_or_default();
    (
        indent,
        if content.iter().all(u8::is_ascii_whitespace) {
            &[]
        } else {
            content
        },
    )
}

fn trim_end(text: &[u8]) -> &[u8] {
    text.trim_ascii_end()
}

fn is_dash(content: &[u8]) -> bool {
    matches!(content, [b'-'] | [b'-', b' ' | b'\t', ..])
}

fn is_marker(content: &[u8]) -> bool {
    let (Some(mark), rest) = (content.get(..3), content.get(3..).unwrap_or_default()) else {
        return false;
    };
    matches!(mark, b"---" | b"...") && matches!(rest, [] | [b' ' | b'\t' | b'\r', ..])
}
