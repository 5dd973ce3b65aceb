//! How one template's output came about: which part of a template wrote which bytes, and which values that part read.
//!
//! Recorded while the template is executed, and only for a render that asks ([`crate::Renderer::render_traced`]): others
//! pay a comparison for each node. What an `include` printed is a text of its own, which pipelines may change before it
//! is written; such a part is followed into the included template where a line of it is a line of that text.
//!
//! A value is known by the map that it is in, not by its name in a template: `.Values.a.b` and `with .Values.a`, `.b` are
//! the same value. What has no place in a map any more (a number that a `range` goes over) counts as what it came from.

mod begun;

pub use begun::Begun;

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use crate::parse::node::Position;
use crate::parse::tree::Source;
use crate::value::{GoStr, Map, Value};

/// Parts of one output, at most: what comes behind them has no origin.
const MAX_SPANS: usize = 200_000;
/// Values read, at most, each as often as it is.
const MAX_READS: usize = 200_000;
/// Text of `include`s that is kept, at most, in bytes.
const MAX_TEXT: usize = 8 << 20;
/// Maps of the values that are known, at most, and how deep they are looked for.
const MAX_MAPS: usize = 100_000;
const MAX_DEPTH: usize = 64;
/// `include`s in `include`s that are followed.
const MAX_PLACES: usize = 8;
/// Values told of one line.
const MAX_TOLD: usize = 24;

/// One step to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueStep {
    /// Into a map.
    Key(GoStr),
    /// Into a list.
    Index(usize),
}

/// A value, by the steps from the values of the root chart.
pub type ValuePath = Vec<ValueStep>;

/// What made a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The line of the template, then those of what it includes; each as the file's name and the line, from 1.
    pub places: Vec<(String, usize)>,
    /// The values that were read to write it.
    pub reads: Vec<ValuePath>,
    /// The values that decided that it is written, those nearest to it first.
    pub conditions: Vec<ValuePath>,
}

/// How an output came about.
#[derive(Debug)]
pub struct Trace {
    known: HashMap<usize, Known>,
    reads: Vec<Rc<[ValueStep]>>,
    /// What is being written, the innermost last; the first is the output itself.
    buffers: Vec<Buffer>,
    controls: Vec<Control>,
    control: Option<usize>,
    /// The reads behind variables, by execution and slot.
    variables: HashMap<(u32, u32), Range<usize>>,
    n_frames: u32,
    n_spans: usize,
    n_text: usize,
    output: Vec<u8>,
}

/// A map of the values, kept so that no other takes its address.
#[derive(Debug)]
struct Known {
    path: Rc<[ValueStep]>,
    _map: Map,
}

#[derive(Debug, Default)]
struct Buffer {
    spans: Vec<Span>,
    children: Vec<Child>,
}

/// Bytes that one node wrote.
#[derive(Debug)]
struct Span {
    bytes: Range<usize>,
    source: Arc<Source>,
    at: Position,
    /// Of a node that evaluates something; text is written as it stands.
    action: Option<Evaluated>,
    control: Option<usize>,
}

/// What evaluating took: reads of the trace, and `include`s of the buffer.
#[derive(Debug, Clone)]
struct Evaluated {
    reads: Range<usize>,
    children: Range<usize>,
}

/// An `include` that is done.
#[derive(Debug)]
struct Child {
    text: Vec<u8>,
    reads: Range<usize>,
    buffer: Buffer,
}

/// An `if`, `with` or `range` that something is written in.
#[derive(Debug)]
struct Control {
    outer: Option<usize>,
    reads: Range<usize>,
}

/// Where evaluating something began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    reads: usize,
    children: usize,
}

impl Trace {
    /// Starts with the values that a render begins with.
    pub(crate) fn new(values: &Map) -> Self {
        let mut trace = Self {
            known: HashMap::new(),
            reads: Vec::new(),
            buffers: vec![Buffer::default()],
            controls: Vec::new(),
            control: None,
            variables: HashMap::new(),
            n_frames: 0,
            n_spans: 0,
            n_text: 0,
            output: Vec::new(),
        };
        trace.know(&Value::Map(values.clone()), &mut Vec::new());
        trace
    }

    fn know(&mut self, value: &Value, path: &mut ValuePath) {
        if path.len() > MAX_DEPTH || self.known.len() >= MAX_MAPS {
            return;
        }
        match value {
            Value::Map(map) => {
                let known = Known {
                    path: path.as_slice().into(),
                    _map: map.clone(),
                };
                if self.known.insert(map.id(), known).is_some() {
                    return;
                }
                for (key, value) in map.entries() {
                    if value.is_container() {
                        path.push(ValueStep::Key(key));
                        self.know(&value, path);
                        path.pop();
                    }
                }
            }
            Value::List(list) => {
                for (at, value) in list.iter().enumerate().filter(|(_, value)| value.is_container()) {
                    path.push(ValueStep::Index(at));
                    self.know(value, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    pub(crate) fn finish(&mut self, output: &[u8]) {
        self.output = output.to_vec();
    }

    /// A number for an execution of a template.
    pub(crate) fn frame(&mut self) -> u32 {
        self.n_frames = self.n_frames.wrapping_add(1);
        self.n_frames
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            reads: self.reads.len(),
            children: self.buffers.last().map_or(0, |buffer| buffer.children.len()),
        }
    }

    pub(crate) fn reads_since(&self, mark: Mark) -> Range<usize> {
        mark.reads..self.reads.len()
    }

    /// Bytes were written; `mark` is where evaluating them began, if they were evaluated.
    pub(crate) fn wrote(
        &mut self,
        bytes: Range<usize>,
        source: &Arc<Source>,
        at: Position,
        mark: Option<Mark>,
    ) {
        if bytes.is_empty() || self.n_spans >= MAX_SPANS {
            return;
        }
        self.n_spans += 1;
        let reads = self.reads.len();
        let control = self.control;
        let Some(buffer) = self.buffers.last_mut() else {
            return;
        };
        let action = mark.map(|mark| Evaluated {
            reads: mark.reads..reads,
            children: mark.children..buffer.children.len(),
        });
        buffer.spans.push(Span {
            bytes,
            source: Arc::clone(source),
            at,
            action,
            control,
        });
    }

    /// What is written from here on is written because of what was read since `mark`; answers what was so before.
    pub(crate) fn enter(&mut self, reads: Range<usize>) -> Option<usize> {
        let outer = self.control;
        if self.controls.len() < MAX_SPANS {
            self.controls.push(Control { outer, reads });
            self.control = Some(self.controls.len() - 1);
        }
        outer
    }

    pub(crate) fn leave(&mut self, outer: Option<usize>) {
        self.control = outer;
    }

    /// An `include` or `tpl` begins.
    pub(crate) fn begin(&mut self) -> Mark {
        let mark = self.mark();
        self.buffers.push(Buffer::default());
        mark
    }

    /// It has ended with a text, or with one that is of no template's file.
    pub(crate) fn end(&mut self, mark: Mark, text: Option<&[u8]>) {
        let Some(buffer) = self.buffers.pop() else { return };
        let reads = self.reads_since(mark);
        let Some(text) = text.filter(|text| self.n_text + text.len() <= MAX_TEXT) else {
            return;
        };
        self.n_text += text.len();
        if let Some(outer) = self.buffers.last_mut() {
            outer.children.push(Child {
                text: text.to_vec(),
                reads,
                buffer,
            });
        }
    }

    /// Fields of a value are read. What is known of none of the maps on the way came from `origin`.
    pub(crate) fn read(&mut self, value: &Value, fields: &[GoStr], origin: Option<&Range<usize>>) {
        let mut value = value.clone();
        let mut rest = fields;
        while let Value::Map(map) = &value {
            if let Some(known) = self.known.get(&map.id()) {
                let steps = known.path.iter().cloned();
                let path: Rc<[ValueStep]> = steps.chain(rest.iter().cloned().map(ValueStep::Key)).collect();
                if !path.is_empty() && self.reads.len() < MAX_READS {
                    self.reads.push(path);
                }
                return;
            }
            let Some((field, behind)) = rest.split_first() else {
                break;
            };
            let Some(next) = map.get(field) else { break };
            (value, rest) = (next, behind);
        }
        if let Some(origin) = origin {
            self.read_again(origin.clone());
        }
    }

    fn read_again(&mut self, reads: Range<usize>) {
        for at in reads {
            let Some(path) = self.reads.get(at).cloned() else {
                break;
            };
            if self.reads.len() >= MAX_READS {
                break;
            }
            self.reads.push(path);
        }
    }

    pub(crate) fn set_variable(&mut self, frame: u32, slot: u32, reads: Range<usize>) {
        if self.variables.len() < MAX_READS {
            self.variables.insert((frame, slot), reads);
        }
    }

    pub(crate) fn variable(&self, frame: u32, slot: u32) -> Option<Range<usize>> {
        self.variables.get(&(frame, slot)).cloned()
    }

    /// What made a line of the output, from 1; nothing of a line that is not there or blank.
    #[must_use]
    pub fn line(&self, line: usize) -> Option<Made> {
        let bytes = nth_line(&self.output, line.checked_sub(1)?)?;
        let buffer = self.buffers.first()?;
        let mut made = Made {
            places: Vec::new(),
            reads: Vec::new(),
            conditions: Vec::new(),
        };
        self.follow(&self.output, buffer, &bytes, &mut made, true, 0);
        (!made.places.is_empty()).then_some(made)
    }

    /// Adds what wrote some bytes of a line; `tells` whether its places belong to the way that is told.
    fn follow(
        &self,
        text: &[u8],
        buffer: &Buffer,
        bytes: &Range<usize>,
        made: &mut Made,
        tells: bool,
        depth: usize,
    ) {
        let from = buffer.spans.partition_point(|span| span.bytes.end <= bytes.start);
        let spans = buffer.spans.get(from..).unwrap_or_default();
        let of_line = spans.iter().take_while(|span| span.bytes.start < bytes.end);
        let mut is_first = tells;
        let mut goes_on = tells;
        for span in of_line {
            let start = span.bytes.start.max(bytes.start);
            let end = span.bytes.end.min(bytes.end);
            let Some(part) = trimmed(text, start..end) else {
                continue;
            };
            if std::mem::take(&mut is_first) {
                // Text stands in its template as it was written.
                let offset = if span.action.is_none() {
                    part.start - span.bytes.start
                } else {
                    0
                };
                let at = span.at.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
                let (line, _) = span.source.line_and_column(at);
                made.places.push((span.source.name.to_string(), line));
            }
            let mut control = span.control;
            while let Some(found) = control.and_then(|at| self.controls.get(at)) {
                self.tell(found.reads.clone(), &mut made.conditions);
                control = found.outer;
            }
            let Some(action) = &span.action else { continue };
            let children = buffer.children.get(action.children.clone()).unwrap_or_default();
            let inner = if depth < MAX_PLACES {
                children
                    .iter()
                    .rev()
                    .find_map(|child| Some((child, line_within(text, &span.bytes, &part, &child.text)?)))
            } else {
                None
            };
            let Some((child, bytes)) = inner else {
                self.tell(action.reads.clone(), &mut made.reads);
                continue;
            };
            // What was read for the call itself, and then what its line reads.
            let mut from = action.reads.start;
            for child in children {
                self.tell(from..child.reads.start, &mut made.reads);
                from = from.max(child.reads.end);
            }
            self.tell(from..action.reads.end, &mut made.reads);
            let tells = std::mem::take(&mut goes_on);
            self.follow(&child.text, &child.buffer, &bytes, made, tells, depth + 1);
        }
    }

    fn tell(&self, reads: Range<usize>, told: &mut Vec<ValuePath>) {
        for path in self.reads.get(reads).unwrap_or_default() {
            if told.len() < MAX_TOLD && !told.iter().any(|known| known[..] == path[..]) {
                told.push(path.to_vec());
            }
        }
    }
}

fn nth_line(text: &[u8], n: usize) -> Option<Range<usize>> {
    let mut start = 0;
    for (at, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if at == n {
            return trimmed(text, start..start + line.len());
        }
        start += line.len() + 1;
    }
    None
}

/// A range without the blanks at its ends; nothing if there is nothing else.
fn trimmed(text: &[u8], range: Range<usize>) -> Option<Range<usize>> {
    let part = text.get(range.clone())?;
    let before = part.len() - part.trim_ascii_start().len();
    let kept = part.trim_ascii().len();
    let start = range.start + before;
    (kept > 0).then_some(start..start + kept)
}

/// The line of an included text that became a part of what an action wrote: the equal one, the how-manieth of its kind
/// it is; or the only line there is, if one holds the other.
fn line_within(
    text: &[u8],
    action: &Range<usize>,
    part: &Range<usize>,
    included: &[u8],
) -> Option<Range<usize>> {
    let wanted = text.get(part.clone())?;
    let before = text.get(action.start..part.start)?;
    let nth = before
        .split(|byte| *byte == b'\n')
        .filter(|line| line.trim_ascii() == wanted)
        .count();
    let mut start = 0;
    let mut lines = Vec::new();
    for line in included.split(|byte| *byte == b'\n') {
        lines.extend(trimmed(included, start..start + line.len()));
        start += line.len() + 1;
    }
    let equal = |line: &&Range<usize>| included.get((*line).clone()) == Some(wanted);
    if let Some(found) = lines.iter().filter(equal).nth(nth) {
        return Some(found.clone());
    }
    let [only] = lines.as_slice() else { return None };
    let only_text = included.get(only.clone())?;
    let holds = memchr::memmem::find(wanted, only_text).is_some()
        || memchr::memmem::find(only_text, wanted).is_some();
    holds.then(|| only.clone())
}
