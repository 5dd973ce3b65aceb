//! What is expected where: one method for each state of the lexer.

use super::{EOF, Kind, LexError, Lexer, State, char_or_eof, is_blank, is_newline, quote_char};
use crate::strconv::quote;

impl Lexer<'_> {
    pub(super) fn step(&mut self) -> Result<State, LexError> {
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
            if !u8::try_from(c).is_ok_and(crate::toml::key::is_bare) {
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
