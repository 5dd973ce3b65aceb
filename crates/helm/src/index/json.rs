//! Cuts a JSON index into versions without reading it: brackets and quotes are enough to find where a value ends. Each
//! value is then read by serde_json.

use super::assemble::{Assembler, Sink};
use super::error::IndexError;
use super::node::Node;
use super::reader::IndexLimits;
use super::skip::{SkipReason, shown};
use super::yaml_node::{Anchors, read};
use engine::yaml::Source;

/// Input is taken in pieces of this size, so that memory does not depend on how large the caller's are.
const PIECE_BYTES: usize = 64 * 1024;

pub(super) struct JsonSplitter {
    limits: IndexLimits,
    buffer: Vec<u8>,
    /// The next byte to look at.
    position: usize,
    /// Bytes of the document before the buffer.
    offset: u64,
    place: Place,
    /// The value being collected, which begins at the buffer's start.
    value: Option<Value>,
    key: String,
    /// No version was handed on yet, so that the document can still be read as something else: nothing is dropped.
    is_undecided: bool,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    RootKey { first: bool },
    RootColon,
    RootValue,
    RootEnd,
    ChartKey { first: bool },
    ChartColon,
    ChartValue,
    ChartEnd,
    Entry { first: bool },
    EntryEnd,
    Done,
}

/// Where in a value the scan is.
#[derive(Clone, Copy, Debug, Default)]
struct Value {
    start: usize,
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// Not a container and not a string: ends before the next structural byte.
    is_bare: bool,
    /// Too large: its bytes are dropped.
    is_dropped: bool,
}

impl JsonSplitter {
    pub(super) fn new(limits: IndexLimits) -> Self {
        Self {
            limits,
            buffer: Vec::new(),
            position: 0,
            offset: 0,
            place: Place::Start,
            value: None,
            key: String::new(),
            is_undecided: true,
        }
    }

    /// Returns everything read so far if it turns out not to be JSON before anything was handed on.
    pub(super) fn push(
        &mut self,
        text: &[u8],
        to: &mut Assembler,
        sink: Sink<'_>,
    ) -> Result<Option<Vec<u8>>, IndexError> {
        for (index, piece) in text.chunks(PIECE_BYTES).enumerate() {
            self.buffer.extend_from_slice(piece);
            if let Err(error) = self.scan(to, sink) {
                if !self.is_undecided || !matches!(error, IndexError::Malformed { .. }) {
                    return Err(error);
                }
                let mut unread = std::mem::take(&mut self.buffer);
                unread.extend_from_slice(text.get((index + 1) * PIECE_BYTES..).unwrap_or_default());
                return Ok(Some(unread));
            }
            self.bound_memory()?;
        }
        Ok(None)
    }

    pub(super) fn finish(&mut self, to: &mut Assembler, _sink: Sink<'_>) -> Result<(), IndexError> {
        to.is_json(true);
        if self.place == Place::Done {
            Ok(())
        } else {
            Err(IndexError::Truncated)
        }
    }

    fn scan(&mut self, to: &mut Assembler, sink: Sink<'_>) -> Result<(), IndexError> {
        loop {
            if let Some(value) = &mut self.value {
                let found = value.scan(&self.buffer, self.position);
                let Some(end) = found else {
                    self.position = self.buffer.len();
                    return Ok(());
                };
                self.position = end;
                let value = *value;
                self.value = None;
                self.value_complete(value, end, to, sink)?;
                continue;
            }
            let Some(&byte) = self.buffer.get(self.position) else {
                return Ok(());
            };
            if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                self.position += 1;
                continue;
            }
            self.structure(byte, to)?;
        }
    }

    /// A byte between values.
    fn structure(&mut self, byte: u8, to: &mut Assembler) -> Result<(), IndexError> {
        let next = match (self.place, byte) {
            (Place::Start, b'{') => Place::RootKey { first: true },
            (Place::RootKey { first: true }, b'}') | (Place::RootEnd, b'}') => {
                to.closed();
                Place::Done
            }
            (Place::RootColon, b':') => Place::RootValue,
            (Place::RootEnd, b',') => Place::RootKey { first: false },
            (Place::RootValue, b'{') if self.key == "entries" => {
                to.entries_begin();
                Place::ChartKey { first: true }
            }
            (Place::ChartKey { first: true }, b'}') | (Place::ChartEnd, b'}') => Place::RootEnd,
            (Place::ChartColon, b':') => Place::ChartValue,
            (Place::ChartEnd, b',') => Place::ChartKey { first: false },
            (Place::ChartValue, b'[') => Place::Entry { first: true },
            (Place::Entry { first: true }, b']') | (Place::EntryEnd, b']') => Place::ChartEnd,
            (Place::EntryEnd, b',') => Place::Entry { first: false },
            (Place::RootKey { .. } | Place::ChartKey { .. }, b'"') => return self.value_begins(byte),
            (Place::RootValue | Place::ChartValue | Place::Entry { .. }, _) => {
                return self.value_begins(byte);
            }
            _ => {
                return Err(self.malformed(&format!("unexpected `{}`", shown(&char::from(byte).to_string()))));
            }
        };
        self.place = next;
        self.position += 1;
        Ok(())
    }

    fn value_begins(&mut self, byte: u8) -> Result<(), IndexError> {
        let is_value = matches!(byte, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n');
        if !is_value {
            return Err(self.malformed("expected a value"));
        }
        let is_bare = !matches!(byte, b'{' | b'[' | b'"');
        self.value = Some(Value {
            start: self.position,
            is_bare,
            ..Value::default()
        });
        Ok(())
    }

    fn value_complete(
        &mut self,
        value: Value,
        end: usize,
        to: &mut Assembler,
        sink: Sink<'_>,
    ) -> Result<(), IndexError> {
        let text = self.buffer.get(value.start..end).unwrap_or_default();
        match self.place {
            Place::RootKey { .. } | Place::ChartKey { .. } => {
                let key = serde_json::from_slice::<String>(text);
                self.key = key.map_err(|error| self.malformed(&error.to_string()))?;
                if matches!(self.place, Place::ChartKey { .. }) {
                    to.chart(&self.key, sink)?;
                    self.is_undecided = false;
                    self.place = Place::ChartColon;
                } else {
                    self.place = Place::RootColon;
                }
            }
            Place::RootValue => {
                // A large value beside the entries is nothing we know.
                if !value.is_dropped {
                    let node = serde_json::from_slice::<Node<'_>>(text);
                    let node = node.map_err(|error| self.malformed(&error.to_string()))?;
                    to.root(&self.key, &node, sink)?;
                }
                self.place = Place::RootEnd;
            }
            Place::ChartValue => {
                self.place = Place::ChartEnd;
                let reason = match text {
                    b"null" => return Ok(()),
                    _ => SkipReason::NotAList,
                };
                to.skip(None, reason, sink);
            }
            Place::Entry { .. } => {
                self.place = Place::EntryEnd;
                if value.is_dropped || text.len() > self.limits.max_entry_bytes {
                    to.skip(
                        None,
                        SkipReason::TooLarge {
                            limit_bytes: self.limits.max_entry_bytes,
                        },
                        sink,
                    );
                    return Ok(());
                }
                match serde_json::from_slice::<Node<'_>>(text) {
                    Ok(node) => to.version(&node, sink)?,
                    // YAML in flow style looks like JSON from outside.
                    Err(error) => match read(&Source::new(text), &mut Anchors::default()) {
                        Ok(Some(node)) => to.version(&node, sink)?,
                        _ => to.skip(
                            None,
                            SkipReason::Unreadable {
                                what: error.to_string(),
                            },
                            sink,
                        ),
                    },
                }
            }
            Place::Start
            | Place::RootColon
            | Place::RootEnd
            | Place::ChartColon
            | Place::ChartEnd
            | Place::EntryEnd
            | Place::Done => {}
        }
        Ok(())
    }

    fn bound_memory(&mut self) -> Result<(), IndexError> {
        if self.is_undecided {
            if self.buffer.len() > self.limits.max_part_bytes {
                return Err(IndexError::PartTooLarge {
                    offset: 0,
                    limit_bytes: self.limits.max_part_bytes,
                });
            }
            return Ok(());
        }
        let keep_from = match &mut self.value {
            Some(value)
                if self.position - value.start <= self.limits.max_entry_bytes && !value.is_dropped =>
            {
                value.start
            }
            Some(value) => {
                if matches!(self.place, Place::RootKey { .. } | Place::ChartKey { .. }) {
                    return Err(IndexError::PartTooLarge {
                        offset: self.offset,
                        limit_bytes: self.limits.max_entry_bytes,
                    });
                }
                value.is_dropped = true;
                self.position
            }
            None => self.position,
        };
        self.buffer.drain(..keep_from);
        self.offset += keep_from as u64;
        self.position -= keep_from;
        if let Some(value) = &mut self.value {
            value.start = value.start.saturating_sub(keep_from);
        }
        Ok(())
    }

    fn malformed(&self, what: &str) -> IndexError {
        IndexError::Malformed {
            offset: self.offset + self.position as u64,
            what: what.to_owned(),
        }
    }
}

impl Value {
    /// Goes on from `position`; returns where the value ends.
    fn scan(&mut self, buffer: &[u8], mut position: usize) -> Option<usize> {
        if self.is_bare {
            let rest = buffer.get(position..)?;
            let length = rest
                .iter()
                .position(|byte| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r'));
            return length.map(|length| position + length);
        }
        loop {
            let rest = buffer.get(position..)?;
            if self.in_string {
                if self.escaped {
                    rest.first()?;
                    self.escaped = false;
                    position += 1;
                    continue;
                }
                let found = memchr::memchr2(b'"', b'\\', rest)?;
                position += found + 1;
                if rest.get(found) == Some(&b'\\') {
                    self.escaped = true;
                    continue;
                }
                self.in_string = false;
                if self.depth == 0 {
                    return Some(position);
                }
                continue;
            }
            let found = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'))?;
            position += found + 1;
            match rest.get(found) {
                Some(b'"') => self.in_string = true,
                Some(b'{' | b'[') => self.depth += 1,
                _ => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(position);
                    }
                }
            }
        }
    }
}
