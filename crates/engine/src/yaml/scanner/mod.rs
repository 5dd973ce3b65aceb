//! The scanner: text to tokens, with libyaml's look-ahead for simple keys.
//!
//! A key such as `a: 1` is only known to be a key when its `:` is met, so tokens wait in a queue until the KEY token
//! that may belong before them is decided. Structure and limits follow go-yaml's `scannerc.go`, whose errors charts
//! and people know; text is borrowed instead of copied.

mod block;
mod fetch;
mod plain;
mod quoted;
mod tag;
mod token;

pub(super) use token::{Data, Kind, Token};

use std::collections::VecDeque;

use super::error::{Error, Mark, Stage};
use super::source::{Defect, Source};

/// A place where a simple key may have started, one for each level of flow collections.
#[derive(Debug, Clone, Copy)]
struct SimpleKey {
    possible: bool,
    /// Whether the head of the queue waits for it, see `decrease_flow_level`.
    awaited: bool,
    /// In block context at the current indentation nothing but a key can stand here.
    required: bool,
    token_number: usize,
    /// Characters from the start of the text: the `:` must come within 1024.
    index: usize,
    mark: Mark,
}

pub(super) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    is_ascii: bool,
    defect: Option<Defect>,
    /// A second byte order mark at the start stays in libyaml's buffer, see `skip_to_next_token`.
    has_second_bom: bool,

    pos: usize,
    line: u32,
    /// `pos - line_base` is the column in characters: continuation bytes on the line are added to it.
    line_base: usize,
    /// `pos - index_base` is the number of characters before `pos`.
    index_base: usize,

    tokens: VecDeque<Token<'a>>,
    tokens_taken: usize,
    token_available: bool,
    stream_start_produced: bool,
    stream_end_taken: bool,

    simple_key_allowed: bool,
    simple_keys: Vec<SimpleKey>,
    /// Column of the current block collection, -1 outside of all.
    indent: i64,
    indents: Vec<i64>,
    max_depth: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(source: &'a Source<'_>, max_depth: usize) -> Self {
        let text = source.text();
        Self {
            text,
            bytes: text.as_bytes(),
            is_ascii: source.is_ascii(),
            defect: source.defect(),
            has_second_bom: text.starts_with('\u{FEFF}'),
            pos: 0,
            line: 0,
            line_base: 0,
            index_base: 0,
            tokens: VecDeque::with_capacity(8),
            tokens_taken: 0,
            token_available: false,
            stream_start_produced: false,
            stream_end_taken: false,
            simple_key_allowed: false,
            simple_keys: Vec::new(),
            indent: -1,
            indents: Vec::new(),
            max_depth,
        }
    }

    /// The next token, without taking it.
    pub(super) fn peek(&mut self) -> Result<&Token<'a>, Error> {
        if !self.token_available {
            self.fetch_more_tokens()?;
        }
        match self.tokens.front() {
            Some(token) => Ok(token),
            None => Err(syntax(
                Stage::Scanner,
                "found unexpected end of stream",
                0,
                Mark::default(),
            )),
        }
    }

    /// Takes the token that `peek` showed.
    pub(super) fn take(&mut self) -> Option<Token<'a>> {
        self.token_available = false;
        self.tokens_taken += 1;
        let token = self.tokens.pop_front();
        self.stream_end_taken = token.as_ref().is_some_and(|t| t.kind == Kind::StreamEnd);
        token
    }

    fn fetch_more_tokens(&mut self) -> Result<(), Error> {
        // After the end there is nothing to fetch; the parser does not ask again.
        while !self.stream_end_taken {
            if !self.tokens.is_empty() && !self.head_may_be_key()? {
                break;
            }
            self.fetch_next_token()?;
        }
        self.token_available = true;
        Ok(())
    }

    /// Whether a simple key that is still undecided may start at the head of the queue.
    fn head_may_be_key(&mut self) -> Result<bool, Error> {
        // Token numbers grow along the stack, so the first one that is not smaller decides. Searching keeps deep
        // flow nesting from costing a walk over all levels for every token.
        let head = self.tokens_taken;
        let at = match self.simple_keys.as_slice() {
            [only] => usize::from(only.token_number < head),
            keys => keys.partition_point(|key| key.token_number < head),
        };
        match self.simple_keys.get(at) {
            Some(key) if key.token_number == head && key.possible && key.awaited => {
                self.simple_key_is_valid(at)
            }
            _ => Ok(false),
        }
    }

    fn simple_key_is_valid(&mut self, at: usize) -> Result<bool, Error> {
        let (line, index) = (self.line, self.index());
        let Some(key) = self.simple_keys.get_mut(at) else {
            return Ok(false);
        };
        if !key.possible {
            return Ok(false);
        }
        // A simple key stands on one line and is at most 1024 characters long.
        if key.mark.line < line || key.index + 1024 < index {
            if key.required {
                let mark = key.mark;
                return Err(self.error_in("could not find expected ':'", mark));
            }
            key.possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    fn save_simple_key(&mut self) -> Result<(), Error> {
        if self.simple_key_allowed {
            let key = SimpleKey {
                possible: true,
                awaited: true,
                required: !self.in_flow() && self.indent == i64::from(self.column()),
                token_number: self.tokens_taken + self.tokens.len(),
                index: self.index(),
                mark: self.mark(),
            };
            self.remove_simple_key()?;
            if let Some(last) = self.simple_keys.last_mut() {
                *last = key;
            }
        }
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Result<(), Error> {
        let Some(key) = self.simple_keys.last_mut() else {
            return Ok(());
        };
        if key.possible {
            if key.required {
                let mark = key.mark;
                return Err(self.error_in("could not find expected ':'", mark));
            }
            key.possible = false;
        }
        Ok(())
    }

    fn in_flow(&self) -> bool {
        // The bottom entry belongs to block context.
        self.simple_keys.len() > 1
    }

    fn increase_flow_level(&mut self) -> Result<(), Error> {
        let mark = self.mark();
        self.simple_keys.push(SimpleKey {
            possible: false,
            awaited: false,
            required: false,
            token_number: self.tokens_taken + self.tokens.len(),
            index: self.index(),
            mark,
        });
        if self.simple_keys.len() > self.max_depth.saturating_add(1) {
            return Err(self.too_deep());
        }
        Ok(())
    }

    /// go-yaml finds the awaited keys by token number, and the entry of a flow level starts with the number of its
    /// bracket. Leaving an empty collection therefore forgets that the bracket may start a key: `[]: x` is handed out
    /// as a sequence before its `:` is seen.
    fn decrease_flow_level(&mut self) {
        let Some(left) = self.simple_keys.pop() else {
            return;
        };
        if let Some(outer) = self.simple_keys.last_mut()
            && outer.token_number == left.token_number
        {
            outer.awaited = false;
        }
    }

    /// Opens a block collection at `column` if it is deeper than the current one. `number` is the token before which
    /// its start belongs, or none for the end of the queue.
    fn roll_indent(
        &mut self,
        column: u32,
        number: Option<usize>,
        kind: Kind,
        mark: Mark,
    ) -> Result<(), Error> {
        if self.in_flow() || self.indent >= i64::from(column) {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = i64::from(column);
        if self.indents.len() > self.max_depth {
            return Err(self.too_deep());
        }
        self.insert(number, Token::bare(kind, mark, mark));
        Ok(())
    }

    fn unroll_indent(&mut self, column: i64) {
        if self.in_flow() {
            return;
        }
        while self.indent > column {
            let mark = self.mark();
            self.tokens.push_back(Token::bare(Kind::BlockEnd, mark, mark));
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn insert(&mut self, number: Option<usize>, token: Token<'a>) {
        match number.and_then(|n| n.checked_sub(self.tokens_taken)) {
            Some(at) if at < self.tokens.len() => self.tokens.insert(at, token),
            _ => self.tokens.push_back(token),
        }
    }

    // Position

    fn at(&self, offset: usize) -> u8 {
        // Past the end reads as NUL, as in libyaml's buffer: NUL cannot occur within.
        self.bytes.get(self.pos + offset).copied().unwrap_or(0)
    }

    fn mark(&self) -> Mark {
        Mark {
            offset: self.pos,
            line: self.line,
            column: self.column(),
        }
    }

    fn column(&self) -> u32 {
        (self.pos - self.line_base) as u32
    }

    fn index(&self) -> usize {
        self.pos - self.index_base
    }

    /// Moves on to `to`, which is on the same line.
    fn advance_to(&mut self, to: usize) {
        if !self.is_ascii {
            let passed = self.bytes.get(self.pos..to).unwrap_or_default();
            let continuation = passed.iter().filter(|b| **b & 0xC0 == 0x80).count();
            self.line_base += continuation;
            self.index_base += continuation;
        }
        self.pos = to;
    }

    /// Skips ASCII characters.
    fn skip(&mut self, n: usize) {
        self.pos = (self.pos + n).min(self.bytes.len());
    }

    /// The width in bytes of the line break here: 0 if there is none.
    fn break_width(&self) -> usize {
        break_width_at(self.bytes, self.pos)
    }

    fn skip_line(&mut self) {
        let width = self.break_width();
        if width > 0 {
            // CR LF counts as two characters, NEL, LS and PS as one each.
            if self.at(0) >= 0x80 {
                self.index_base += width - 1;
            }
            self.pos += width;
            self.line += 1;
            self.line_base = self.pos;
        }
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn is_blank_or_end(&self, offset: usize) -> bool {
        is_blankz_at(self.bytes, self.pos + offset)
    }

    fn at_document_indicator(&self) -> bool {
        self.column() == 0
            && (self.bytes.get(self.pos..self.pos + 3))
                .is_some_and(|three| three == b"---" || three == b"...")
            && self.is_blank_or_end(3)
    }

    // Errors

    /// A scanner error at the current position.
    fn error(&self, problem: &'static str) -> Error {
        self.error_in(problem, Mark::default())
    }

    /// A scanner error at the current position, within something that began at `context`.
    fn error_in(&self, problem: &'static str, context: Mark) -> Error {
        if let Some(error) = self.reached_defect(1) {
            return error;
        }
        // go-yaml adds one to the line only when it is not the first, and falls back to the context's.
        let line = if self.line != 0 {
            self.line + 1
        } else {
            context.line
        };
        syntax(Stage::Scanner, problem, line, self.mark())
    }

    fn too_deep(&self) -> Error {
        let line = if self.line != 0 { self.line + 1 } else { 0 };
        Error::TooDeep {
            limit: self.max_depth,
            line,
            mark: self.mark(),
        }
    }

    /// The reader's error, if fewer than `n` characters are left before it.
    fn reached_defect(&self, n: usize) -> Option<Error> {
        let defect = self.defect?;
        let left = self.bytes.get(self.pos..defect.limit).unwrap_or_default();
        let chars = left.iter().take(4 * n).filter(|b| **b & 0xC0 != 0x80).count();
        (chars < n).then(|| defect.error())
    }

    fn check_defect(&self, n: usize) -> Result<(), Error> {
        match self.defect {
            None => Ok(()),
            Some(_) => self.reached_defect(n).map_or(Ok(()), Err),
        }
    }
}

pub(super) fn syntax(stage: Stage, problem: &'static str, line: u32, mark: Mark) -> Error {
    Error::Syntax {
        stage,
        problem,
        line,
        mark,
    }
}

/// Character classes, one bit each.
mod class {
    pub(super) const BREAK: u8 = 1;
    pub(super) const BLANK: u8 = 2;
    pub(super) const END: u8 = 4;
    /// First byte of NEL, LS or PS, perhaps.
    pub(super) const WIDE_BREAK: u8 = 8;
    pub(super) const FLOW: u8 = 16;
    pub(super) const COLON: u8 = 32;
    pub(super) const WORD: u8 = 64;
    pub(super) const QUOTE: u8 = 128;
}

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time")]
const CLASSES: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = match i as u8 {
            b'\r' | b'\n' => class::BREAK,
            b' ' | b'\t' => class::BLANK,
            0 => class::END,
            0xC2 | 0xE2 => class::WIDE_BREAK,
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => class::FLOW,
            b':' => class::COLON,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-' => class::WORD,
            b'\'' | b'"' | b'\\' => class::QUOTE,
            _ => 0,
        };
        i += 1;
    }
    table
};

fn class_of(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(0)
}

/// The first offset from `from` whose class is one of `stop`, or the end.
fn find_class(bytes: &[u8], from: usize, stop: u8) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest
        .iter()
        .position(|b| class_of(*b) & stop != 0)
        .unwrap_or(rest.len())
}

fn break_width_at(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..).unwrap_or_default() {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        [0xC2, 0x85, ..] => 2,
        [0xE2, 0x80, 0xA8 | 0xA9, ..] => 3,
        _ => 0,
    }
}

fn is_blankz_at(bytes: &[u8], at: usize) -> bool {
    let Some(&byte) = bytes.get(at) else { return true };
    match class_of(byte) {
        class::BLANK | class::BREAK | class::END => true,
        class::WIDE_BREAK => break_width_at(bytes, at) > 0,
        _ => false,
    }
}

/// The text of the line break of `width` bytes at `at`, as it counts in a scalar: CR, LF, CR LF and NEL are LF.
fn normal_break(bytes: &[u8], at: usize) -> &'static str {
    match bytes.get(at..).unwrap_or_default() {
        [0xE2, 0x80, 0xA8, ..] => "\u{2028}",
        [0xE2, 0x80, 0xA9, ..] => "\u{2029}",
        _ => "\n",
    }
}
