//! Plain scalars: text without quotes, perhaps over several lines.

use std::borrow::Cow;

use super::{Data, Kind, Scanner, Token, break_width_at, class, find_class, is_blankz_at};
use crate::yaml::error::Error;
use crate::yaml::event::ScalarStyle;

impl<'a> Scanner<'a> {
    pub(super) fn scan_plain_scalar(&mut self) -> Result<Token<'a>, Error> {
        let start = self.mark();
        let mut end = start;
        let indent = self.indent + 1;
        // As long as the scalar stays on one line it is a slice of the text; the first fold makes a copy.
        let mut folded: Option<String> = None;
        // Where the text that is not yet in `folded` begins: white space within a line belongs to it.
        let mut pending = self.pos;
        let mut breaks = Breaks::default();

        loop {
            if self.at_document_indicator() || self.at(0) == b'#' {
                break;
            }
            let word_end = self.find_plain_end();
            if word_end > self.pos {
                if breaks.seen {
                    let text = folded.get_or_insert_with(|| self.slice(start.offset, end.offset).to_owned());
                    breaks.fold_into(text);
                    pending = self.pos;
                }
                self.advance_to(word_end);
                end = self.mark();
                if let Some(text) = &mut folded {
                    text.push_str(self.slice(pending, word_end));
                }
                pending = word_end;
            }
            if !self.at_blank_or_break() {
                break;
            }
            loop {
                match self.at(0) {
                    b' ' => self.pos += 1,
                    b'\t' => {
                        if breaks.seen && i64::from(self.column()) < indent {
                            return Err(
                                self.error_in("found a tab character that violates indentation", start)
                            );
                        }
                        self.pos += 1;
                    }
                    _ if self.break_width() > 0 => {
                        breaks.push(super::normal_break(self.bytes, self.pos));
                        self.skip_line();
                    }
                    _ => break,
                }
            }
            if !self.in_flow() && i64::from(self.column()) < indent {
                break;
            }
        }
        if breaks.seen {
            self.simple_key_allowed = true;
        }
        let value = match folded {
            Some(text) => Cow::Owned(text),
            None => Cow::Borrowed(self.slice(start.offset, end.offset)),
        };
        self.check_defect(1)?;
        Ok(Token {
            kind: Kind::Scalar,
            start,
            end,
            data: Data::Scalar(value, ScalarStyle::Plain),
        })
    }

    /// The end of the run of non-blank characters here that may belong to a plain scalar.
    fn find_plain_end(&self) -> usize {
        let mut stop = class::BREAK | class::BLANK | class::END | class::WIDE_BREAK | class::COLON;
        if self.in_flow() {
            stop |= class::FLOW;
        }
        let mut at = self.pos;
        loop {
            at = find_class(self.bytes, at, stop);
            let Some(&byte) = self.bytes.get(at) else {
                return at;
            };
            let ends = match byte {
                b':' => is_blankz_at(self.bytes, at + 1),
                0xC2 | 0xE2 => break_width_at(self.bytes, at) > 0,
                _ => true,
            };
            if ends {
                return at;
            }
            at += 1;
        }
    }

    pub(super) fn at_blank_or_break(&self) -> bool {
        matches!(self.at(0), b' ' | b'\t') || self.break_width() > 0
    }
}

/// Line breaks between two lines of a flow scalar: the first folds to a space, the others stay.
#[derive(Debug, Default)]
pub(super) struct Breaks {
    pub(super) seen: bool,
    first: &'static str,
    rest: String,
}

impl Breaks {
    pub(super) fn push(&mut self, text: &'static str) {
        if self.seen {
            self.rest.push_str(text);
        } else {
            self.first = text;
            self.seen = true;
        }
    }

    /// After an escaped line break: the following breaks stay, the first does not count.
    pub(super) fn start_escaped(&mut self) {
        self.first = "";
        self.seen = true;
    }

    pub(super) fn fold_into(&mut self, text: &mut String) {
        if self.first == "\n" {
            if self.rest.is_empty() {
                text.push(' ');
            } else {
                text.push_str(&self.rest);
            }
        } else {
            text.push_str(self.first);
            text.push_str(&self.rest);
        }
        self.seen = false;
        self.first = "";
        self.rest.clear();
    }
}
