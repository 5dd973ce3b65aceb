//! Block scalars: `|` keeps lines, `>` folds them.

use std::borrow::Cow;

use super::{Data, Kind, Scanner, Token};
use crate::yaml::error::{Error, Mark};
use crate::yaml::event::ScalarStyle;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl<'a> Scanner<'a> {
    pub(super) fn scan_block_scalar(&mut self, literal: bool) -> Result<Token<'a>, Error> {
        let start = self.mark();
        self.skip(1);
        let (chomping, increment) = self.scan_block_header(start)?;

        let mut end = self.mark();
        let mut indent = increment.map_or(0, |n| self.indent.max(0) + n);
        let mut text = String::new();
        let mut leading_break = "";
        let mut trailing_breaks = String::new();
        self.scan_block_breaks(&mut indent, &mut trailing_breaks, start, &mut end)?;

        let mut leading_blank = false;
        while i64::from(self.column()) == indent && self.at(0) != 0 {
            let blank = matches!(self.at(0), b' ' | b'\t');
            // Two lines that both start with a word fold into one.
            if !literal && leading_break == "\n" && !leading_blank && !blank {
                if trailing_breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(leading_break);
            }
            text.push_str(&trailing_breaks);
            trailing_breaks.clear();
            leading_blank = blank;

            let line_end = self.find_line_end(self.pos);
            text.push_str(self.slice(self.pos, line_end));
            self.advance_to(line_end);
            self.check_defect(2)?;
            leading_break = if self.break_width() > 0 {
                super::normal_break(self.bytes, self.pos)
            } else {
                ""
            };
            self.skip_line();
            self.scan_block_breaks(&mut indent, &mut trailing_breaks, start, &mut end)?;
        }
        if chomping != Chomping::Strip {
            text.push_str(leading_break);
        }
        if chomping == Chomping::Keep {
            text.push_str(&trailing_breaks);
        }
        let style = if literal {
            ScalarStyle::Literal
        } else {
            ScalarStyle::Folded
        };
        Ok(Token {
            kind: Kind::Scalar,
            start,
            end,
            data: Data::Scalar(Cow::Owned(text), style),
        })
    }

    /// `+`, `-` and an indentation digit in any order, then the rest of the line.
    fn scan_block_header(&mut self, start: Mark) -> Result<(Chomping, Option<i64>), Error> {
        let mut chomping = Chomping::Clip;
        let mut increment = None;
        if let Some(found) = self.scan_chomping() {
            chomping = found;
            increment = self.scan_increment(start)?;
        } else if let Some(found) = self.scan_increment(start)? {
            increment = Some(found);
            chomping = self.scan_chomping().unwrap_or(Chomping::Clip);
        }
        self.finish_line("did not find expected comment or line break", start)?;
        Ok((chomping, increment))
    }

    fn scan_chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.at(0) {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return None,
        };
        self.skip(1);
        Some(chomping)
    }

    fn scan_increment(&mut self, start: Mark) -> Result<Option<i64>, Error> {
        match self.at(0) {
            b'0' => Err(self.error_in("found an indentation indicator equal to 0", start)),
            digit @ b'1'..=b'9' => {
                self.skip(1);
                Ok(Some(i64::from(digit - b'0')))
            }
            _ => Ok(None),
        }
    }

    /// Skips blanks and a comment, and goes to the next line.
    pub(super) fn finish_line(&mut self, problem: &'static str, start: Mark) -> Result<(), Error> {
        while matches!(self.at(0), b' ' | b'\t') {
            self.pos += 1;
        }
        if self.at(0) == b'#' {
            self.skip_rest_of_line();
        }
        self.check_defect(1)?;
        if self.at(0) != 0 && self.break_width() == 0 {
            return Err(self.error_in(problem, start));
        }
        self.skip_line();
        Ok(())
    }

    /// Skips indentation and empty lines; finds the indentation when `indent` is 0.
    fn scan_block_breaks(
        &mut self,
        indent: &mut i64,
        breaks: &mut String,
        start: Mark,
        end: &mut Mark,
    ) -> Result<(), Error> {
        *end = self.mark();
        let mut max_indent = 0;
        loop {
            while (*indent == 0 || i64::from(self.column()) < *indent) && self.at(0) == b' ' {
                self.pos += 1;
            }
            let column = i64::from(self.column());
            max_indent = max_indent.max(column);
            if (*indent == 0 || column < *indent) && self.at(0) == b'\t' {
                return Err(self.error_in(
                    "found a tab character where an indentation space is expected",
                    start,
                ));
            }
            self.check_defect(1)?;
            if self.break_width() == 0 {
                break;
            }
            breaks.push_str(super::normal_break(self.bytes, self.pos));
            self.skip_line();
            *end = self.mark();
        }
        if *indent == 0 {
            *indent = max_indent.max(self.indent + 1).max(1);
        }
        Ok(())
    }
}
