//! Strings: the four quoted forms in the lexer, and what their escapes stand for.

use super::lexer::{EOF, Kind, LexError, Lexer, State, is_newline};
use crate::strconv::quote;

impl Lexer<'_> {
    pub(super) fn string(&mut self) -> Result<State, LexError> {
        loop {
            match self.next()? {
                EOF => return Err(self.fail_at(EOF, "unexpected EOF; expected '\"'")),
                c if is_newline(c) => return Err(self.fail_previous_line("strings cannot contain newlines")),
                '\\' => self.escape()?,
                '"' => {
                    let kind = if self.has_escape {
                        Kind::EscapedString
                    } else {
                        Kind::String
                    };
                    self.has_escape = false;
                    return self.close(kind, 1);
                }
                _ => {}
            }
        }
    }

    pub(super) fn raw_string(&mut self) -> Result<State, LexError> {
        loop {
            match self.next()? {
                EOF => return Err(self.fail_at(EOF, "unexpected EOF; expected \"'\"")),
                c if is_newline(c) => return Err(self.fail_previous_line("strings cannot contain newlines")),
                '\'' => return self.close(Kind::RawString, 1),
                _ => {}
            }
        }
    }

    pub(super) fn multiline_string(&mut self) -> Result<State, LexError> {
        loop {
            match self.next()? {
                EOF => return Err(self.fail_at(EOF, "unexpected EOF; expected '\"\"\"'")),
                '\\' => {
                    let c = self.next()?;
                    if !is_newline(c) {
                        self.back(c);
                        self.escape()?;
                    }
                }
                '"' if self.at_triple('"')? => {
                    if self.peek()? != '"' {
                        self.has_escape = false;
                        return self.close(Kind::MultilineString, 3);
                    }
                    // Up to two quotes may stand before the closing three, unless the first is escaped.
                    let text = self.current();
                    if text.ends_with(r#"""""""#) && !text.ends_with(r#"\""""""#) {
                        return Err(self.fail("unexpected '\"\"\"\"\"\"'"));
                    }
                    self.back('"');
                    self.back('"');
                }
                _ => {}
            }
        }
    }

    pub(super) fn multiline_raw_string(&mut self) -> Result<State, LexError> {
        loop {
            match self.next()? {
                EOF => return Err(self.fail_at(EOF, "unexpected EOF; expected \"'''\"")),
                '\'' if self.at_triple('\'')? => {
                    if self.peek()? != '\'' {
                        return self.close(Kind::RawMultilineString, 3);
                    }
                    if self.current().ends_with("'''''") {
                        return Err(self.fail("unexpected \"''''''\""));
                    }
                    self.back('\'');
                    self.back('\'');
                }
                _ => {}
            }
        }
    }

    /// After one quote: takes two more if they are there.
    fn at_triple(&mut self, quote: char) -> Result<bool, LexError> {
        if self.accept(quote)? {
            if self.accept(quote)? {
                return Ok(true);
            }
            self.back(quote);
        }
        Ok(false)
    }

    /// Ends a string of which the closing `quotes` were taken.
    fn close(&mut self, kind: Kind, quotes: usize) -> Result<State, LexError> {
        for _ in 0..quotes {
            // Either quote is one byte wide.
            self.back('"');
        }
        self.emit(kind);
        for _ in 0..quotes {
            self.next()?;
        }
        self.ignore();
        Ok(self.pop())
    }

    fn escape(&mut self) -> Result<(), LexError> {
        self.has_escape = true;
        let (digits, words, letter) = match self.next()? {
            'e' | 'b' | 't' | 'n' | 'f' | 'r' | '"' | ' ' | '\t' | '\\' => return Ok(()),
            'x' => (2, "two", 'x'),
            'u' => (4, "four", 'u'),
            'U' => (8, "eight", 'U'),
            c => {
                let problem = format!("invalid escape in string '\\{c}'");
                return Err(if c == EOF {
                    self.fail_previous_line(problem)
                } else {
                    self.fail(problem)
                });
            }
        };
        for _ in 0..digits {
            let c = self.next()?;
            if !c.is_ascii_hexdigit() {
                let got = quote(self.current().as_bytes());
                let problem =
                    format!("expected {words} hexadecimal digits after '\\{letter}', but got {got} instead");
                return Err(self.fail_at(c, problem));
            }
        }
        Ok(())
    }
}

/// Without the line break right behind the opening quotes.
pub(super) fn strip_first_newline(text: &str) -> &str {
    text.strip_prefix('\n')
        .or_else(|| text.strip_prefix("\r\n"))
        .unwrap_or(text)
}

/// Without backslashes at the ends of lines and the white space behind them.
pub(super) fn strip_escaped_newlines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let after = from.get(1..).unwrap_or_default();
        if let Some(behind) = after.strip_prefix('\\') {
            out.push_str("\\\\");
            rest = behind;
            continue;
        }
        let next = after.trim_start_matches([' ', '\t', '\r', '\n']);
        let blanks = after.get(..after.len() - next.len()).unwrap_or_default();
        if blanks.contains('\n') {
            rest = next;
        } else {
            out.push('\\');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Replaces escapes, which the lexer has checked; an error is what the library says.
pub(super) fn replace_escapes(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let mut after = from.chars();
        after.next();
        let digits = match after.next() {
            Some(c @ (' ' | '\t')) => return Err(format!("invalid escape: '\\{c}'")),
            Some('b') => Ok('\x08'),
            Some('t') => Ok('\t'),
            Some('n') => Ok('\n'),
            Some('f') => Ok('\x0C'),
            Some('r') => Ok('\r'),
            Some('e') => Ok('\x1B'),
            Some('x') => Err(2),
            Some('u') => Err(4),
            Some('U') => Err(8),
            Some(c) => Ok(c),
            None => Ok('\\'),
        };
        rest = after.as_str();
        match digits {
            Ok(c) => out.push(c),
            Err(n) => {
                let (hex, behind) = rest.split_at_checked(n).unwrap_or((rest, ""));
                let code = u32::from_str_radix(hex, 16).ok().and_then(char::from_u32);
                let Some(c) = code else {
                    return Err(format!("Escaped character '\\u{hex}' is not valid UTF-8."));
                };
                out.push(c);
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}
