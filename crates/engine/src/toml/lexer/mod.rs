//! TOML text to items: keys, values and brackets, without a look at what they mean.
//!
//! The states and their errors are those of BurntSushi/toml's `lex.go`. Items are handed out one at a time, because the
//! parser's complaint about an earlier item comes before the lexer's about a later one.

mod states;

use std::collections::VecDeque;

use crate::strconv::quote_rune;

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::toml) enum Kind {
    Eof,
    /// A bare key.
    Text,
    String,
    /// A string with escapes.
    EscapedString,
    RawString,
    MultilineString,
    RawMultilineString,
    Bool,
    Integer,
    Float,
    Datetime,
    Array,
    ArrayEnd,
    Table,
    TableEnd,
    ArrayTable,
    ArrayTableEnd,
    Key,
    KeyEnd,
    InlineTable,
    InlineTableEnd,
}

#[derive(Debug, Clone)]
pub(in crate::toml) struct Item<'a> {
    pub(in crate::toml) kind: Kind,
    pub(in crate::toml) text: &'a str,
    pub(in crate::toml) line: usize,
}

/// A lexer's error: the line, and what is wrong.
#[derive(Debug, Clone)]
pub(in crate::toml) struct LexError {
    pub(in crate::toml) line: usize,
    pub(in crate::toml) problem: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::toml) enum State {
    Top,
    TopEnd,
    TableEnd,
    ArrayTableEnd,
    TableName,
    TableNameEnd,
    KeyName,
    KeyEnd,
    Value,
    ArrayValue,
    ArrayValueEnd,
    InlineTableValue,
    InlineTableValueEnd,
}

pub(in crate::toml) struct Lexer<'a> {
    text: &'a str,
    /// The byte behind `text`, if it is there because it is not UTF-8.
    bad_byte: Option<u8>,
    start: usize,
    pos: usize,
    line: usize,
    state: State,
    /// What follows the value, key or comment being read.
    stack: Vec<State>,
    items: VecDeque<Result<Item<'a>, LexError>>,
    pub(in crate::toml) has_escape: bool,
}

pub(in crate::toml) const EOF: char = '\0';

impl<'a> Lexer<'a> {
    pub(in crate::toml) fn new(text: &'a str, bad_byte: Option<u8>) -> Self {
        Self {
            text,
            bad_byte,
            start: 0,
            pos: 0,
            line: 1,
            state: State::Top,
            stack: Vec::new(),
            items: VecDeque::new(),
            has_escape: false,
        }
    }

    /// The next item. The end of the text is an item; there is none after it or an error.
    pub(in crate::toml) fn next_item(&mut self) -> Result<Item<'a>, LexError> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return item;
            }
            match self.step() {
                Ok(state) => self.state = state,
                Err(error) => self.items.push_back(Err(error)),
            }
        }
    }

    // Characters

    /// Takes a character; `EOF` at the end.
    pub(in crate::toml) fn next(&mut self) -> Result<char, LexError> {
        let rest = self.text.get(self.pos..).unwrap_or_default();
        let Some(c) = rest.chars().next() else {
            return match self.bad_byte {
                None => Ok(EOF),
                Some(byte) => Err(self.fail(format!("invalid UTF-8 byte: 0x{byte:02x}"))),
            };
        };
        if c == '\n' {
            self.line += 1;
        }
        let lone_cr = c == '\r' && !rest.starts_with("\r\n");
        if lone_cr || (c.is_ascii_control() && !matches!(c, '\t' | '\r' | '\n')) {
            let code = u32::from(c);
            return Err(self.fail(format!(
                "TOML files cannot contain control characters: '0x{code:02x}'"
            )));
        }
        self.pos += c.len_utf8();
        Ok(c)
    }

    /// Takes back what `next` gave.
    pub(in crate::toml) fn back(&mut self, c: char) {
        if c != EOF {
            self.pos -= c.len_utf8();
            if c == '\n' {
                self.line -= 1;
            }
        }
    }

    pub(in crate::toml) fn peek(&mut self) -> Result<char, LexError> {
        let c = self.next()?;
        self.back(c);
        Ok(c)
    }

    pub(in crate::toml) fn accept(&mut self, wanted: char) -> Result<bool, LexError> {
        let c = self.next()?;
        if c == wanted {
            return Ok(true);
        }
        self.back(c);
        Ok(false)
    }

    pub(in crate::toml) fn ignore(&mut self) {
        self.start = self.pos;
    }

    fn skip_blanks(&mut self) -> Result<(), LexError> {
        loop {
            let c = self.next()?;
            if !is_blank(c) {
                self.back(c);
                self.ignore();
                return Ok(());
            }
        }
    }

    pub(in crate::toml) fn current(&self) -> &'a str {
        self.text.get(self.start..self.pos).unwrap_or_default()
    }

    pub(in crate::toml) fn emit(&mut self, kind: Kind) {
        let item = Item {
            kind,
            text: self.current(),
            line: self.line,
        };
        self.items.push_back(Ok(item));
        self.start = self.pos;
    }

    /// Ends a value: the state that waited for it follows.
    pub(in crate::toml) fn emit_value(&mut self, kind: Kind) -> State {
        self.emit(kind);
        self.pop()
    }

    pub(in crate::toml) fn pop(&mut self) -> State {
        self.stack.pop().unwrap_or(State::TopEnd)
    }

    /// An error here; at the end of the text, of the last line that has something on it.
    pub(in crate::toml) fn fail(&self, problem: impl Into<String>) -> LexError {
        LexError {
            line: self.line,
            problem: problem.into(),
        }
    }

    /// An error after a character was taken, which at the end of the text belongs to the last line.
    pub(in crate::toml) fn fail_at(&self, c: char, problem: impl Into<String>) -> LexError {
        let after_newline = self.text.get(..self.pos).is_some_and(|t| t.ends_with('\n'));
        let back = usize::from(c == EOF && after_newline);
        LexError {
            line: self.line - back,
            problem: problem.into(),
        }
    }

    /// An error about a line break just taken.
    pub(in crate::toml) fn fail_previous_line(&self, problem: impl Into<String>) -> LexError {
        LexError {
            line: self.line.saturating_sub(1),
            problem: problem.into(),
        }
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

pub(in crate::toml) fn is_newline(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// `%q` of a rune.
pub(in crate::toml) fn quote_char(c: char) -> String {
    quote_rune(Some(c))
}

fn char_or_eof(c: char) -> String {
    if c == EOF {
        "end of file".to_owned()
    } else {
        format!("'{c}'")
    }
}
