//! TOML text to items: keys, values and brackets, without a look at what they mean.
//!
//! The states and their errors are those of BurntSushi/toml's `lex.go`. Items are handed out one at a time, because the
//! parser's complaint about an earlier item comes before the lexer's about a later one.

use std::collections::VecDeque;

use crate::strconv::{quote, quote_rune};

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
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
pub(super) struct Item<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) line: usize,
}

/// A lexer's error: the line, and what is wrong.
#[derive(Debug, Clone)]
pub(super) struct LexError {
    pub(super) line: usize,
    pub(super) problem: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
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

pub(super) struct Lexer<'a> {
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
    pub(super) has_escape: bool,
}

pub(super) const EOF: char = '\0';

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, bad_byte: Option<u8>) -> Self {
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
    pub(super) fn next_item(&mut self) -> Result<Item<'a>, LexError> {
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
    pub(super) fn next(&mut self) -> Result<char, LexError> {
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
    pub(super) fn back(&mut self, c: char) {
        if c != EOF {
            self.pos -= c.len_utf8();
            if c == '\n' {
                self.line -= 1;
            }
        }
    }

    pub(super) fn peek(&mut self) -> Result<char, LexError> {
        let c = self.next()?;
        self.back(c);
        Ok(c)
    }

    pub(super) fn accept(&mut self, wanted: char) -> Result<bool, LexError> {
        let c = self.next()?;
        if c == wanted {
            return Ok(true);
        }
        self.back(c);
        Ok(false)
    }

    pub(super) fn ignore(&mut self) {
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

    pub(super) fn current(&self) -> &'a str {
        self.text.get(self.start..self.pos).unwrap_or_default()
    }

    pub(super) fn emit(&mut self, kind: Kind) {
        let item = Item {
            kind,
            text: self.current(),
            line: self.line,
        };
        self.items.push_back(Ok(item));
        self.start = self.pos;
    }

    /// Ends a value: the state that waited for it follows.
    pub(super) fn emit_value(&mut self, kind: Kind) -> State {
        self.emit(kind);
        self.pop()
    }

    pub(super) fn pop(&mut self) -> State {
        self.stack.pop().unwrap_or(State::TopEnd)
    }

    /// An error here; at the end of the text, of the last line that has something on it.
    pub(super) fn fail(&self, problem: impl Into<String>) -> LexError {
        LexError {
            line: self.line,
            problem: problem.into(),
        }
    }

    /// An error after a character was taken, which at the end of the text belongs to the last line.
    pub(super) fn fail_at(&self, c: char, problem: impl Into<String>) -> LexError {
        let after_newline = self.text.get(..self.pos).is_some_and(|t| t.ends_with('\n'));
        let back = usize::from(c == EOF && after_newline);
        LexError {
            line: self.line - back,
            problem: problem.into(),
        }
    }

    /// An error about a line break just taken.
    pub(super) fn fail_previous_line(&self, problem: impl Into<String>) -> LexError {
        LexError {
            line: self.line.saturating_sub(1),
            problem: problem.into(),
        }
    }

    // States

    fn step(&mut self) -> Result<State, LexError> {
        match self.state {
            State::Top => self.top(),
            State::TopEnd => self.top_end(),
            State::TableEnd => {
                self.emit(Kind::TableEnd);
                Ok(State::TopEnd)
            }
            State::ArrayTableEnd => {
                let c = self.next()?;
                if c != ']' {
                    let got = quote_char(c);
                    return Err(self.fail_at(
                        c,
                        format!("expected end of table array name delimiter ']', but got {got} instead"),
                    ));
                }
                self.emit(Kind::ArrayTableEnd);
                Ok(State::TopEnd)
            }
            State::TableName => self.table_name(),
            State::TableNameEnd => self.table_name_end(),
            State::KeyName => self.key_name(),
            State::KeyEnd => self.key_end(),
            State::Value => self.value(),
            State::ArrayValue => self.array_value(),
            State::ArrayValueEnd => self.array_value_end(),
            State::InlineTableValue => self.inline_table_value(),
            State::InlineTableValueEnd => self.inline_table_value_end(),
        }
    }

    fn top(&mut self) -> Result<State, LexError> {
        match self.next()? {
            c if is_blank(c) || is_newline(c) => {
                self.ignore();
                Ok(State::Top)
            }
            '#' => self.comment(State::Top),
            '[' => {
                if self.peek()? == '[' {
                    self.next()?;
                    self.emit(Kind::ArrayTable);
                    self.stack.push(State::ArrayTableEnd);
                } else {
                    self.emit(Kind::Table);
                    self.stack.push(State::TableEnd);
                }
                Ok(State::TableName)
            }
            EOF => {
                self.emit(Kind::Eof);
                Ok(State::Top)
            }
            c => {
                self.back(c);
                self.stack.push(State::TopEnd);
                self.key_start()
            }
        }
    }

    fn top_end(&mut self) -> Result<State, LexError> {
        match self.next()? {
            '#' => self.comment(State::Top),
            c if is_blank(c) => Ok(State::TopEnd),
            c if is_newline(c) => {
                self.ignore();
                Ok(State::Top)
            }
            EOF => {
                self.emit(Kind::Eof);
                Ok(State::TopEnd)
            }
            c => {
                let got = quote_char(c);
                let problem = format!(
                    "expected a top-level item to end with a newline, comment, or EOF, but got {got} instead"
                );
                Err(self.fail(problem))
            }
        }
    }

    /// Reads over a comment.
    fn comment(&mut self, next: State) -> Result<State, LexError> {
        loop {
            let c = self.next()?;
            if is_newline(c) || c == EOF {
                self.back(c);
                self.ignore();
                return Ok(next);
            }
        }
    }

    fn table_name(&mut self) -> Result<State, LexError> {
        self.skip_blanks()?;
        match self.peek()? {
            ']' | EOF => Err(self.fail("unexpected end of table name (table names cannot be empty)")),
            '.' => Err(self.fail("unexpected table separator (table names cannot be empty)")),
            quote @ ('"' | '\'') => self.quoted_name(quote, State::TableNameEnd),
            _ => self.bare_name(State::TableNameEnd),
        }
    }

    fn table_name_end(&mut self) -> Result<State, LexError> {
        self.skip_blanks()?;
        match self.next()? {
            '.' => {
                self.ignore();
                Ok(State::TableName)
            }
            ']' => Ok(self.pop()),
            c => {
                let got = quote_char(c);
                Err(self.fail_at(
                    c,
                    format!("expected '.' or ']' to end table name, but got {got} instead"),
                ))
            }
        }
    }

    fn bare_name(&mut self, next: State) -> Result<State, LexError> {
        loop {
            let c = self.next()?;
            if !u8::try_from(c).is_ok_and(super::key::is_bare) {
                self.back(c);
                self.emit(Kind::Text);
                return Ok(next);
            }
        }
    }

    fn quoted_name(&mut self, quote: char, next: State) -> Result<State, LexError> {
        self.ignore();
        self.next()?;
        self.ignore();
        self.stack.push(next);
        if quote == '"' {
            self.string()
        } else {
            self.raw_string()
        }
    }

    fn key_start(&mut self) -> Result<State, LexError> {
        self.skip_blanks()?;
        match self.peek()? {
            '=' | EOF => Err(self.fail("unexpected '=': key name appears blank")),
            '.' => Err(self.fail("unexpected '.': keys cannot start with a '.'")),
            _ => {
                self.emit(Kind::Key);
                Ok(State::KeyName)
            }
        }
    }

    fn key_name(&mut self) -> Result<State, LexError> {
        self.skip_blanks()?;
        match self.peek()? {
            quote @ ('"' | '\'') => self.quoted_name(quote, State::KeyEnd),
            '=' | EOF => Err(self.fail("unexpected '='")),
            '.' => Err(self.fail("unexpected '.'")),
            _ => self.bare_name(State::KeyEnd),
        }
    }

    fn key_end(&mut self) -> Result<State, LexError> {
        self.skip_blanks()?;
        match self.next()? {
            EOF => Err(self.fail_at(EOF, "unexpected EOF; expected key separator '='")),
            '.' => {
                self.ignore();
                Ok(State::KeyName)
            }
            '=' => {
                self.emit(Kind::KeyEnd);
                self.ignore();
                Ok(State::Value)
            }
            c => {
                let problem = format!("expected '.' or '=', but got {} instead", quote_char(c));
                Err(if c == '\n' {
                    self.fail_previous_line(problem)
                } else {
                    self.fail(problem)
                })
            }
        }
    }

    fn array_value(&mut self) -> Result<State, LexError> {
        match self.next()? {
            c if is_blank(c) || is_newline(c) => {
                self.ignore();
                Ok(State::ArrayValue)
            }
            '#' => self.comment(State::ArrayValue),
            ',' => Err(self.fail("unexpected comma")),
            ']' => Ok(self.array_end()),
            c => {
                self.back(c);
                self.stack.push(State::ArrayValueEnd);
                Ok(State::Value)
            }
        }
    }

    fn array_value_end(&mut self) -> Result<State, LexError> {
        match self.next()? {
            c if is_blank(c) || is_newline(c) => {
                self.ignore();
                Ok(State::ArrayValueEnd)
            }
            '#' => self.comment(State::ArrayValueEnd),
            ',' => {
                self.ignore();
                Ok(State::ArrayValue)
            }
            ']' => Ok(self.array_end()),
            c => {
                let got = char_or_eof(c);
                let problem = format!("expected a comma (',') or array terminator (']'), but got {got}");
                Err(self.fail_at(c, problem))
            }
        }
    }

    fn array_end(&mut self) -> State {
        self.ignore();
        self.emit_value(Kind::ArrayEnd)
    }

    fn inline_table_value(&mut self) -> Result<State, LexError> {
        match self.next()? {
            c if is_blank(c) || is_newline(c) => {
                self.ignore();
                Ok(State::InlineTableValue)
            }
            '#' => self.comment(State::InlineTableValue),
            ',' => Err(self.fail("unexpected comma")),
            '}' => Ok(self.inline_table_end()),
            c => {
                self.back(c);
                self.stack.push(State::InlineTableValueEnd);
                self.key_start()
            }
        }
    }

    fn inline_table_value_end(&mut self) -> Result<State, LexError> {
        match self.next()? {
            c if is_blank(c) || is_newline(c) => {
                self.ignore();
                Ok(State::InlineTableValueEnd)
            }
            '#' => self.comment(State::InlineTableValueEnd),
            ',' => {
                self.skip_blanks()?;
                let closes = self.peek()? == '}';
                Ok(if closes {
                    State::InlineTableValueEnd
                } else {
                    State::InlineTableValue
                })
            }
            '}' => Ok(self.inline_table_end()),
            c => {
                let got = char_or_eof(c);
                let problem =
                    format!("expected a comma or an inline table terminator '}}', but got {got} instead");
                Err(self.fail_at(c, problem))
            }
        }
    }

    fn inline_table_end(&mut self) -> State {
        self.ignore();
        self.emit_value(Kind::InlineTableEnd)
    }

    fn value(&mut self) -> Result<State, LexError> {
        let c = self.next()?;
        match c {
            ' ' | '\t' => {
                self.ignore();
                Ok(State::Value)
            }
            '0'..='9' => self.number_or_date(c),
            '[' => {
                self.ignore();
                self.emit(Kind::Array);
                Ok(State::ArrayValue)
            }
            '{' => {
                self.ignore();
                self.emit(Kind::InlineTable);
                Ok(State::InlineTableValue)
            }
            '"' => {
                if self.accept_all("\"\"")? {
                    self.ignore();
                    return self.multiline_string();
                }
                self.ignore();
                self.string()
            }
            '\'' => {
                if self.accept_all("''")? {
                    self.ignore();
                    return self.multiline_raw_string();
                }
                self.ignore();
                self.raw_string()
            }
            '.' => Err(self.fail("floats must start with a digit, not '.'")),
            '-' | '+' => self.signed_number(),
            // `inf` and `nan`; the library takes `iaf`'s first letter for either and looks on.
            'i' | 'n' => {
                if (self.accept('n')? && self.accept('f')?) || (self.accept('a')? && self.accept('n')?) {
                    return Ok(self.emit_value(Kind::Float));
                }
                self.back(c);
                self.boolean()
            }
            c if c.is_alphabetic() => {
                self.back(c);
                self.boolean()
            }
            EOF => Err(self.fail_at(EOF, "unexpected EOF; expected value")),
            _ => {
                let problem = format!("expected value but found {} instead", quote_char(c));
                Err(if c == '\n' {
                    self.fail_previous_line(problem)
                } else {
                    self.fail(problem)
                })
            }
        }
    }

    /// Takes all of `wanted` or nothing.
    fn accept_all(&mut self, wanted: &str) -> Result<bool, LexError> {
        let before = self.pos;
        for c in wanted.chars() {
            if !self.accept(c)? {
                self.pos = before;
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn boolean(&mut self) -> Result<State, LexError> {
        let mut word = String::new();
        loop {
            let c = self.next()?;
            if !c.is_alphabetic() {
                self.back(c);
                if matches!(word.as_str(), "true" | "false") {
                    return Ok(self.emit_value(Kind::Bool));
                }
                let problem = format!("expected value but found {} instead", quote(word.as_bytes()));
                return Err(self.fail(problem));
            }
            word.push(c);
        }
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

pub(super) fn is_newline(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// `%q` of a rune.
pub(super) fn quote_char(c: char) -> String {
    quote_rune(Some(c))
}

fn char_or_eof(c: char) -> String {
    if c == EOF {
        "end of file".to_owned()
    } else {
        format!("'{c}'")
    }
}
