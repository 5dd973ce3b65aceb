//! What each indicator character means: the dispatcher of the scanner.

use super::{Data, Kind, Scanner, Token, class, find_class};
use crate::yaml::error::Error;

impl<'a> Scanner<'a> {
    pub(super) fn fetch_next_token(&mut self) -> Result<(), Error> {
        self.check_defect(1)?;
        if !self.stream_start_produced {
            self.fetch_stream_start();
            return Ok(());
        }
        self.skip_to_next_token()?;
        self.unroll_indent(i64::from(self.column()));
        self.check_defect(4)?;

        let here = self.at(0);
        if here == 0 {
            return self.fetch_stream_end();
        }
        if self.column() == 0 {
            if here == b'%' {
                return self.fetch_directive();
            }
            if self.at_document_indicator() {
                let kind = if here == b'-' {
                    Kind::DocumentStart
                } else {
                    Kind::DocumentEnd
                };
                return self.fetch_document_indicator(kind);
            }
        }
        let flow = self.in_flow();
        match here {
            b'[' => self.fetch_flow_start(Kind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(Kind::FlowMappingStart),
            b']' => self.fetch_flow_end(Kind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(Kind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if self.is_blank_or_end(1) => self.fetch_block_entry(),
            b'?' if flow || self.is_blank_or_end(1) => self.fetch_key(),
            b':' if flow || self.is_blank_or_end(1) => self.fetch_value(),
            b'*' => self.fetch_anchor(Kind::Alias),
            b'&' => self.fetch_anchor(Kind::Anchor),
            b'!' => self.fetch_tag(),
            b'|' if !flow => self.fetch_block_scalar(true),
            b'>' if !flow => self.fetch_block_scalar(false),
            b'\'' => self.fetch_quoted_scalar(true),
            b'"' => self.fetch_quoted_scalar(false),
            // `?` and `:` come here only in block context and before a non-blank.
            b'\t' | b'#' | b'%' | b'@' | b'`' | b'|' | b'>' => {
                Err(self.error("found character that cannot start any token"))
            }
            _ => self.fetch_plain_scalar(),
        }
    }

    fn fetch_stream_start(&mut self) {
        self.simple_keys.push(super::SimpleKey {
            possible: false,
            awaited: false,
            required: false,
            token_number: 0,
            index: 0,
            mark: self.mark(),
        });
        self.simple_key_allowed = true;
        self.stream_start_produced = true;
        let mark = self.mark();
        self.tokens.push_back(Token::bare(Kind::StreamStart, mark, mark));
    }

    fn fetch_stream_end(&mut self) -> Result<(), Error> {
        if self.column() != 0 {
            self.line_base = self.pos;
            self.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let mark = self.mark();
        self.tokens.push_back(Token::bare(Kind::StreamEnd, mark, mark));
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<(), Error> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_directive()?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_document_indicator(&mut self, kind: Kind) -> Result<(), Error> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push_indicator(kind, 3);
        Ok(())
    }

    /// Takes `width` characters as a token without text.
    fn push_indicator(&mut self, kind: Kind, width: usize) {
        let start = self.mark();
        self.skip(width);
        let end = self.mark();
        self.tokens.push_back(Token::bare(kind, start, end));
    }

    fn fetch_flow_start(&mut self, kind: Kind) -> Result<(), Error> {
        self.save_simple_key()?;
        self.increase_flow_level()?;
        self.simple_key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: Kind) -> Result<(), Error> {
        self.remove_simple_key()?;
        if self.in_flow() {
            self.decrease_flow_level();
        }
        self.simple_key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<(), Error> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(Kind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Error> {
        // In flow context the parser reports it, with its context.
        if !self.in_flow() {
            if !self.simple_key_allowed {
                return Err(self.error_in(
                    "block sequence entries are not allowed in this context",
                    self.mark(),
                ));
            }
            self.roll_indent(self.column(), None, Kind::BlockSequenceStart, self.mark())?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(Kind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Error> {
        if !self.in_flow() {
            if !self.simple_key_allowed {
                return Err(self.error_in("mapping keys are not allowed in this context", self.mark()));
            }
            self.roll_indent(self.column(), None, Kind::BlockMappingStart, self.mark())?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = !self.in_flow();
        self.push_indicator(Kind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Error> {
        let top = self.simple_keys.len().saturating_sub(1);
        if self.simple_key_is_valid(top)? {
            let Some(key) = self.simple_keys.get_mut(top) else {
                return Ok(());
            };
            key.possible = false;
            let (number, mark) = (key.token_number, key.mark);
            self.insert(Some(number), Token::bare(Kind::Key, mark, mark));
            self.roll_indent(mark.column, Some(number), Kind::BlockMappingStart, mark)?;
            // A simple key cannot follow another.
            self.simple_key_allowed = false;
        } else {
            if !self.in_flow() {
                if !self.simple_key_allowed {
                    return Err(self.error_in("mapping values are not allowed in this context", self.mark()));
                }
                self.roll_indent(self.column(), None, Kind::BlockMappingStart, self.mark())?;
            }
            self.simple_key_allowed = !self.in_flow();
        }
        self.push_indicator(Kind::Value, 1);
        Ok(())
    }

    fn fetch_anchor(&mut self, kind: Kind) -> Result<(), Error> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark();
        let name_start = self.pos + 1;
        let name_end = (name_start..self.bytes.len())
            .find(|i| {
                self.bytes
                    .get(*i)
                    .is_some_and(|b| super::class_of(*b) != class::WORD)
            })
            .unwrap_or(self.bytes.len());
        self.advance_to(name_end);
        let follows = matches!(self.at(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name_end <= name_start || !(follows || self.is_blank_or_end(0)) {
            return Err(self.error_in("did not find expected alphabetic or numeric character", start));
        }
        let name = self.slice(name_start, name_end);
        self.tokens.push_back(Token {
            kind,
            start,
            end: self.mark(),
            data: Data::Name(name),
        });
        Ok(())
    }

    fn fetch_tag(&mut self) -> Result<(), Error> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_tag()?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_block_scalar(&mut self, literal: bool) -> Result<(), Error> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        let token = self.scan_block_scalar(literal)?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_quoted_scalar(&mut self, single: bool) -> Result<(), Error> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_quoted_scalar(single)?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_plain_scalar(&mut self) -> Result<(), Error> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let token = self.scan_plain_scalar()?;
        self.tokens.push_back(token);
        Ok(())
    }

    /// Skips white space, comments and line breaks.
    fn skip_to_next_token(&mut self) -> Result<(), Error> {
        loop {
            // go-yaml looks for the mark at the start of its buffer, not at the current character. After a doubled
            // byte order mark it therefore eats the first character of every line as long as the buffer holds it.
            if self.has_second_bom && self.column() == 0 && self.pos < 512 && self.at(0) != 0 {
                let width = self
                    .text
                    .get(self.pos..)
                    .and_then(|t| t.chars().next())
                    .map_or(1, char::len_utf8);
                self.advance_to(self.pos + width);
            }
            // A tab may stand where no indentation is meant.
            let tabs = self.in_flow() || !self.simple_key_allowed;
            while self.at(0) == b' ' || (tabs && self.at(0) == b'\t') {
                self.pos += 1;
            }
            if self.at(0) == b'#' {
                self.skip_rest_of_line();
            }
            if self.break_width() == 0 {
                return self.check_defect(1);
            }
            self.skip_line();
            if !self.in_flow() {
                self.simple_key_allowed = true;
            }
        }
    }

    /// Moves to the next line break or the end.
    pub(super) fn skip_rest_of_line(&mut self) {
        let end = self.find_line_end(self.pos);
        self.advance_to(end);
    }

    pub(super) fn find_line_end(&self, from: usize) -> usize {
        let mut at = from;
        loop {
            at = find_class(self.bytes, at, class::BREAK | class::WIDE_BREAK);
            if at >= self.bytes.len() || super::break_width_at(self.bytes, at) > 0 {
                return at;
            }
            at += 1;
        }
    }
}
