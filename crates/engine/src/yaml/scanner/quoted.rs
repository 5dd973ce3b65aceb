//! Quoted scalars: `'…'` and `"…"`.

use std::borrow::Cow;

use super::plain::Breaks;
use super::{Data, Kind, Scanner, Token, class, find_class};
use crate::yaml::error::{Error, Mark};
use crate::yaml::event::ScalarStyle;

impl<'a> Scanner<'a> {
    pub(super) fn scan_quoted_scalar(&mut self, single: bool) -> Result<Token<'a>, Error> {
        let start = self.mark();
        self.skip(1);
        let quote = if single { b'\'' } else { b'"' };
        let value = match self.scan_simple_quoted(quote) {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(self.scan_quoted_text(single, start)?),
        };
        self.skip(1);
        let style = if single {
            ScalarStyle::SingleQuoted
        } else {
            ScalarStyle::DoubleQuoted
        };
        self.check_defect(1)?;
        Ok(Token {
            kind: Kind::Scalar,
            start,
            end: self.mark(),
            data: Data::Scalar(value, style),
        })
    }

    /// The text up to the closing quote if it is on this line and holds nothing to unescape.
    fn scan_simple_quoted(&mut self, quote: u8) -> Option<&'a str> {
        let from = self.pos;
        let mut at = from;
        let end = loop {
            at = find_class(self.bytes, at, class::QUOTE | class::BREAK | class::WIDE_BREAK);
            match self.bytes.get(at).copied()? {
                b'"' if quote == b'"' => break at,
                b'\'' if quote == b'\'' && self.bytes.get(at + 1) != Some(&b'\'') => break at,
                b'"' if quote == b'\'' => {}
                b'\'' | b'\\' if quote == b'"' && self.bytes.get(at) == Some(&b'\'') => {}
                b'\\' if quote == b'\'' => {}
                0xC2 | 0xE2 if super::break_width_at(self.bytes, at) == 0 => {}
                _ => return None,
            }
            at += 1;
        };
        if self.defect.is_some_and(|defect| end >= defect.limit) {
            return None;
        }
        self.advance_to(end);
        Some(self.slice(from, end))
    }

    fn scan_quoted_text(&mut self, single: bool, start: Mark) -> Result<String, Error> {
        let mut text = String::new();
        let mut breaks = Breaks::default();
        loop {
            self.check_defect(4)?;
            if self.at_document_indicator() {
                return Err(self.error_in("found unexpected document indicator", start));
            }
            if self.at(0) == 0 {
                return Err(self.error_in("found unexpected end of stream", start));
            }
            self.scan_quoted_words(single, start, &mut text, &mut breaks)?;
            self.check_defect(1)?;
            if self.at(0) == if single { b'\'' } else { b'"' } {
                return Ok(text);
            }
            let blanks = self.pos;
            let mut blanks_end = self.pos;
            loop {
                if matches!(self.at(0), b' ' | b'\t') {
                    self.pos += 1;
                    if !breaks.seen {
                        blanks_end = self.pos;
                    }
                } else if self.break_width() > 0 {
                    breaks.push(super::normal_break(self.bytes, self.pos));
                    self.skip_line();
                } else {
                    break;
                }
            }
            if breaks.seen {
                breaks.fold_into(&mut text);
            } else {
                text.push_str(self.slice(blanks, blanks_end));
            }
        }
    }

    /// Everything up to the next white space, line break or closing quote.
    fn scan_quoted_words(
        &mut self,
        single: bool,
        start: Mark,
        text: &mut String,
        breaks: &mut Breaks,
    ) -> Result<(), Error> {
        let stop = class::QUOTE | class::BLANK | class::BREAK | class::WIDE_BREAK | class::END;
        loop {
            let run_end = find_class(self.bytes, self.pos, stop);
            text.push_str(self.slice(self.pos, run_end));
            self.advance_to(run_end);
            match self.at(0) {
                b'\'' if single => {
                    if self.at(1) != b'\'' {
                        return Ok(());
                    }
                    text.push('\'');
                    self.skip(2);
                }
                b'"' if !single => return Ok(()),
                b'\\' if !single => {
                    if super::break_width_at(self.bytes, self.pos + 1) > 0 {
                        self.skip(1);
                        self.skip_line();
                        breaks.start_escaped();
                        return Ok(());
                    }
                    text.push(self.scan_escape(start)?);
                }
                quote @ (b'\'' | b'"' | b'\\') => {
                    text.push(char::from(quote));
                    self.skip(1);
                }
                0xC2 | 0xE2 if self.break_width() == 0 => {
                    let width = if self.at(0) == 0xC2 { 2 } else { 3 };
                    text.push_str(self.slice(self.pos, self.pos + width));
                    self.advance_to(self.pos + width);
                }
                _ => return Ok(()),
            }
        }
    }

    fn scan_escape(&mut self, start: Mark) -> Result<char, Error> {
        let (plain, digits) = match self.at(1) {
            b'0' => ('\0', 0),
            b'a' => ('\x07', 0),
            b'b' => ('\x08', 0),
            b't' | b'\t' => ('\t', 0),
            b'n' => ('\n', 0),
            b'v' => ('\x0B', 0),
            b'f' => ('\x0C', 0),
            b'r' => ('\r', 0),
            b'e' => ('\x1B', 0),
            b' ' => (' ', 0),
            b'"' => ('"', 0),
            b'\'' => ('\'', 0),
            b'\\' => ('\\', 0),
            b'N' => ('\u{85}', 0),
            b'_' => ('\u{A0}', 0),
            b'L' => ('\u{2028}', 0),
            b'P' => ('\u{2029}', 0),
            b'x' => ('\0', 2),
            b'u' => ('\0', 4),
            b'U' => ('\0', 8),
            _ => return Err(self.error_in("found unknown escape character", start)),
        };
        self.skip(2);
        if digits == 0 {
            return Ok(plain);
        }
        self.check_defect(digits)?;
        let mut value: u32 = 0;
        for i in 0..digits {
            let Some(digit) = char::from(self.at(i)).to_digit(16) else {
                return Err(self.error_in("did not find expected hexdecimal number", start));
            };
            value = (value << 4) | digit;
        }
        let Some(c) = char::from_u32(value) else {
            return Err(self.error_in("found invalid Unicode character escape code", start));
        };
        self.skip(digits);
        Ok(c)
    }
}
