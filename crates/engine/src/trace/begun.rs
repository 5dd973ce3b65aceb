//! Where every line of an output begins to be written, all lines at once.
//!
//! [`Trace::line`] tells everything of one line and looks for it; whoever shows a whole manifest wants one place of each
//! line. A walk over parts and included texts in their order finds them without looking at anything twice.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::{Buffer, Child, MAX_PLACES, Span, Trace, trimmed};
use crate::parse::node::Position;
use crate::parse::tree::Source;

/// An included text of one line is looked for within other lines, or they in it, up to this length in bytes (attack: each
/// of many lines is searched in a long one).
const MAX_ONLY_LINE: usize = 4 << 10;
/// Texts that one action included which are looked into, the last ones (attack: every line is looked for in all).
const MAX_TEXTS: usize = 16;

/// Where a line begins to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The line of the template that was rendered, from 1.
    pub line: usize,
    /// The file and the line, from 1, that the first letter of the line stands in, or whose action wrote it: of an included
    /// template where the line is one of its lines, else of the template that was rendered.
    pub by: (Arc<str>, usize),
}

impl Trace {
    /// Where each line of the output begins to be written; nothing for blank ones and for those that no template is known
    /// of.
    ///
    /// `n_left` is how many lines may be looked at, those of included texts among them, and how many may be looked at after
    /// that (attack: a loop prints millions); where it comes to nothing, the answer ends.
    #[must_use]
    pub fn begun(&self, n_left: &mut usize) -> Vec<Option<Begun>> {
        let Some(buffer) = self.buffers.first() else {
            return Vec::new();
        };
        let mut walk = Walk {
            n_left: *n_left,
            sources: HashMap::new(),
        };
        let lines = walk.lines(&self.output, buffer, 0);
        *n_left = walk.n_left;
        lines.into_iter().map(|line| line.begun).collect()
    }
}

/// A line of a text, and where it begins.
struct Line {
    /// Without the blanks around it; empty if there is nothing else.
    bytes: Range<usize>,
    begun: Option<Begun>,
}

/// A file's name, and the places of its line feeds.
type Feeds = (Arc<str>, Vec<usize>);

struct Walk {
    n_left: usize,
    /// By the address of a source, which the trace keeps alive.
    sources: HashMap<*const Source, Feeds>,
}

impl Walk {
    fn lines(&mut self, text: &[u8], buffer: &Buffer, depth: usize) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut spans = buffer.spans.iter().enumerate().peekable();
        let mut included: Option<(usize, Included)> = None;
        let mut start = 0;
        for line in text.split(|byte| *byte == b'\n') {
            if self.n_left == 0 {
                break;
            }
            self.n_left -= 1;
            let whole = start..start + line.len();
            start += line.len() + 1;
            let Some(bytes) = trimmed(text, whole.clone()) else {
                lines.push(Line {
                    bytes: whole.start..whole.start,
                    begun: None,
                });
                continue;
            };
            while spans.next_if(|(_, span)| span.bytes.end <= bytes.start).is_some() {}
            let span = spans.peek().filter(|(_, span)| span.bytes.start <= bytes.start);
            let begun = span.map(|(at, span)| {
                let offset = match span.action {
                    // Text stands in its template as it was written.
                    None => bytes.start - span.bytes.start,
                    Some(_) => 0,
                };
                let (name, line) = self.place(&span.source, span.at, offset);
                let mut begun = Begun {
                    line,
                    by: (name, line),
                };
                if let Some(children) = children(buffer, span).filter(|_| depth < MAX_PLACES) {
                    if included.as_ref().is_none_or(|(of, _)| of != at) {
                        included = Some((*at, Included::of(self, children, depth)));
                    }
                    if let Some((_, included)) = &mut included
                        && let Some(inner) = included.line(text, span.bytes.start, &bytes, span.bytes.end)
                    {
                        begun.by = inner;
                    }
                }
                begun
            });
            lines.push(Line { bytes, begun });
        }
        lines
    }

    fn place(&mut self, source: &Arc<Source>, at: Position, offset: usize) -> (Arc<str>, usize) {
        let (name, feeds) = self.sources.entry(Arc::as_ptr(source)).or_insert_with(|| {
            let text = source.text.as_bytes();
            let feeds = memchr::memchr_iter(b'\n', text).collect();
            (source.name.to_string().into(), feeds)
        });
        let at = usize::try_from(at).unwrap_or(usize::MAX).saturating_add(offset);
        (Arc::clone(name), 1 + feeds.partition_point(|feed| *feed < at))
    }
}

/// The `include`s that an action evaluated; nothing where there are none.
fn children<'b>(buffer: &'b Buffer, span: &Span) -> Option<&'b [Child]> {
    let action = span.action.as_ref()?;
    let children = buffer.children.get(action.children.clone())?;
    (!children.is_empty()).then_some(children)
}

/// The lines of texts that one action included, by what is in them.
struct Included<'b> {
    /// The last one first: what is written is mostly what came out last.
    texts: Vec<IncludedText<'b>>,
    /// How often each line has been written so far.
    n_written: HashMap<Vec<u8>, usize>,
    /// Up to where the action's bytes have been counted.
    counted: Option<usize>,
}

struct IncludedText<'b> {
    lines: HashMap<&'b [u8], Vec<(Arc<str>, usize)>>,
    /// Where it has one line only.
    only: Option<&'b [u8]>,
}

impl<'b> Included<'b> {
    fn of(walk: &mut Walk, children: &'b [Child], depth: usize) -> Self {
        let texts = children.iter().rev().take(MAX_TEXTS).map(|child| {
            let lines = walk.lines(&child.text, &child.buffer, depth + 1);
            let mut by_text: HashMap<&[u8], Vec<(Arc<str>, usize)>> = HashMap::new();
            let mut n_lines = 0;
            for line in lines {
                let Some(text) = child.text.get(line.bytes).filter(|text| !text.is_empty()) else {
                    continue;
                };
                n_lines += 1;
                // One without a place still counts: those behind it keep their turns.
                let place = line.begun.map_or_else(|| ("".into(), 0), |begun| begun.by);
                by_text.entry(text).or_default().push(place);
            }
            let only = match n_lines {
                1 => by_text.keys().next().copied(),
                _ => None,
            };
            IncludedText {
                lines: by_text,
                only: only.filter(|text| text.len() <= MAX_ONLY_LINE),
            }
        });
        Self {
            texts: texts.collect(),
            n_written: HashMap::new(),
            counted: None,
        }
    }

    /// The place of a line that begins in the bytes of the action, `from..to` of a text: of the equal line, the how-manieth
    /// of its kind it is; or of the only line there is, if one holds the other.
    fn line(
        &mut self,
        text: &[u8],
        from: usize,
        line: &Range<usize>,
        to: usize,
    ) -> Option<(Arc<str>, usize)> {
        // What an action wrote ahead of its first whole line ends a line of somebody else's.
        let ahead = text
            .get(self.counted.unwrap_or(from)..line.start)
            .unwrap_or_default();
        for part in ahead.split(|byte| *byte == b'\n') {
            let part = part.trim_ascii();
            if !part.is_empty() {
                *self.n_written.entry(part.to_vec()).or_default() += 1;
            }
        }
        let end = line.end.min(to);
        let wanted = text.get(line.start..end)?.trim_ascii();
        self.counted = Some(end);
        let n_before = self.n_written.entry(wanted.to_vec()).or_default();
        let nth = *n_before;
        *n_before += 1;
        let found = self.texts.iter().find_map(|text| {
            let equal = text.lines.get(wanted).and_then(|places| places.get(nth));
            equal.or_else(|| {
                let only = text.only.filter(|_| wanted.len() <= MAX_ONLY_LINE)?;
                let holds = memchr::memmem::find(wanted, only).is_some()
                    || memchr::memmem::find(only, wanted).is_some();
                text.lines.get(only).filter(|_| holds)?.first()
            })
        });
        found.filter(|(_, line)| *line > 0).cloned()
    }
}
