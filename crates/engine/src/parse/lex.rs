//! The lexer: source bytes to [`Token`]s, on demand.
//!
//! Lines are not counted here; an error computes its line from its position.

use super::token::{Token, TokenKind};
use crate::strconv::{is_print, quote};
use crate::value::decode_rune;

pub(super) const LEFT_DELIM: &[u8] = b"{{";
const RIGHT_DELIM: &[u8] = b"}}";
const LEFT_COMMENT: &[u8] = b"/*";
pub(super) const RIGHT_COMMENT: &[u8] = b"*/";

/// What a byte is to the lexer; bits, since a byte can be several things.
const CLASSES: [u8; 256] = classes();
/// Part of a name. Beyond ASCII it takes a code point to know.
pub(super) const NAME: u8 = 1;
/// Ends a name, a field or a variable.
pub(super) const TERMINATOR: u8 = 2;
pub(super) const SPACE: u8 = 4;
/// Stands for itself between quotes, and ends nothing there. Nothing beyond ASCII does.
pub(super) const QUOTABLE: u8 = 8;

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    loop {
        let mut class = 0;
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            class |= NAME;
        }
        if is_space(byte) {
            class |= SPACE | TERMINATOR;
        }
        if matches!(byte, b'.' | b',' | b'|' | b':' | b')' | b'(') {
            class |= TERMINATOR;
        }
        if byte.is_ascii() && !matches!(byte, b'"' | b'\\' | b'\n') {
            class |= QUOTABLE;
        }
        #[expect(clippy::indexing_slicing, reason = "a byte is below 256")]
        {
            classes[byte as usize] = class;
        }
        if byte == u8::MAX {
            return classes;
        }
        byte += 1;
    }
}

#[expect(clippy::indexing_slicing, reason = "a byte is below 256")]
#[inline(always)]
pub(super) fn is(byte: u8, class: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

/// How many bytes from the start are of a class.
#[inline(always)]
pub(super) fn run_of(text: &[u8], class: u8) -> usize {
    text.iter()
        .position(|byte| !is(*byte, class))
        .unwrap_or(text.len())
}

/// Reads tokens off a template's text.
pub(crate) struct Lexer<'s> {
    source: &'s [u8],
    position: usize,
    inside_action: bool,
    paren_depth: usize,
    /// Set once by the first error; only [`TokenKind::Eof`] follows.
    error: Option<String>,
    /// Where the lexer was when it failed; later end-of-input tokens keep that line.
    failed_at: usize,
}

impl<'s> Lexer<'s> {
    /// Reads from `position`, outside of actions.
    pub(crate) fn new(source: &'s [u8], position: usize) -> Self {
        Self {
            source,
            position,
            inside_action: false,
            paren_depth: 0,
            error: None,
            failed_at: 0,
        }
    }

    /// Reads from `position`, inside of an action.
    pub(super) fn inside_action(source: &'s [u8], position: usize) -> Self {
        Self {
            inside_action: true,
            ..Self::new(source, position)
        }
    }

    /// Goes on at `position`, outside of actions.
    pub(super) fn skip_to(&mut self, position: usize) {
        self.position = position;
        self.inside_action = false;
    }

    /// Up to where it has read.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// The text of the error token.
    pub(crate) fn error_text(&self) -> &str {
        self.error.as_deref().unwrap_or_default()
    }

    /// The next token; after the end, end-of-input for ever.
    #[inline]
    pub(crate) fn next_token(&mut self) -> Token {
        if self.error.is_some() {
            return Token::new(TokenKind::Eof, self.failed_at, self.failed_at);
        }
        if self.inside_action {
            self.lex_inside_action()
        } else {
            self.lex_text()
        }
    }

    #[inline(always)]
    fn rest(&self) -> &'s [u8] {
        self.source.get(self.position..).unwrap_or_default()
    }

    fn peek_byte(&self) -> Option<u8> {
        self.source.get(self.position).copied()
    }

    #[inline(always)]
    fn token(&self, kind: TokenKind, start: usize) -> Token {
        Token::new(kind, start, self.position)
    }

    fn fail(&mut self, start: usize, text: impl Into<String>) -> Token {
        self.error = Some(text.into());
        self.failed_at = start;
        Token::new(TokenKind::Error, start, start)
    }

    fn lex_text(&mut self) -> Token {
        // A loop, since comments produce no token.
        loop {
            let start = self.position;
            let rest = self.rest();
            let Some(offset) = find(rest, LEFT_DELIM) else {
                self.position = self.source.len();
                let kind = if self.position > start {
                    TokenKind::Text
                } else {
                    TokenKind::Eof
                };
                return self.token(kind, start);
            };
            let delimiter = start + offset;
            let after = self
                .source
                .get(delimiter + LEFT_DELIM.len()..)
                .unwrap_or_default();
            let trims = has_left_trim_marker(after);
            self.position = delimiter;
            if offset > 0 {
                let mut text = rest.get(..offset).unwrap_or_default();
                if trims {
                    text = trim_right(text);
                }
                if !text.is_empty() {
                    return Token::new(TokenKind::Text, start, start + text.len());
                }
            }
            // The left delimiter, or a comment.
            let after_marker = delimiter + LEFT_DELIM.len() + if trims { 2 } else { 0 };
            if self
                .source
                .get(after_marker..)
                .unwrap_or_default()
                .starts_with(LEFT_COMMENT)
            {
                if let Some(error) = self.skip_comment(after_marker) {
                    return error;
                }
                continue;
            }
            self.position = after_marker;
            self.inside_action = true;
            self.paren_depth = 0;
            return Token::new(TokenKind::LeftDelim, delimiter, delimiter + LEFT_DELIM.len());
        }
    }

    fn skip_comment(&mut self, start: usize) -> Option<Token> {
        self.position = start + LEFT_COMMENT.len();
        let Some(offset) = find(self.rest(), RIGHT_COMMENT) else {
            return Some(self.fail(start, "unclosed comment"));
        };
        self.position += offset + RIGHT_COMMENT.len();
        let Some(trims) = self.at_right_delim() else {
            return Some(self.fail(start, "comment ends before closing delimiter"));
        };
        self.position += RIGHT_DELIM.len() + if trims { 2 } else { 0 };
        if trims {
            self.skip_spaces();
        }
        None
    }

    fn skip_spaces(&mut self) {
        self.position += run_of(self.rest(), SPACE);
    }

    /// Whether a right delimiter follows, and whether it trims.
    fn at_right_delim(&self) -> Option<bool> {
        match self.rest() {
            [b'}', b'}', ..] => Some(false),
            [space, b'-', b'}', b'}', ..] if is(*space, SPACE) => Some(true),
            _ => None,
        }
    }

    fn lex_right_delim(&mut self, trims: bool) -> Token {
        if self.paren_depth > 0 {
            return self.fail(self.position, "unclosed left paren");
        }
        if trims {
            self.position += 2;
        }
        let start = self.position;
        self.position += RIGHT_DELIM.len();
        let token = self.token(TokenKind::RightDelim, start);
        if trims {
            self.skip_spaces();
        }
        self.inside_action = false;
        token
    }

    fn lex_inside_action(&mut self) -> Token {
        let spaces = run_of(self.rest(), SPACE);
        if spaces == 0 {
            return self.lex_dense();
        }
        self.position += spaces;
        if self.rest().starts_with(b"-}}") {
            // The last space belongs to the delimiter.
            self.position -= 1;
            return self.lex_right_delim(true);
        }
        let token = self.lex_dense();
        Token {
            after_space: true,
            ..token
        }
    }

    /// The token that starts here.
    fn lex_dense(&mut self) -> Token {
        let start = self.position;
        let rest = self.rest();
        let Some(byte) = rest.first().copied() else {
            return self.fail(start, "unclosed action");
        };
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.lex_identifier(),
            b'.' if !matches!(rest.get(1), None | Some(b'0'..=b'9')) => {
                self.position += 1;
                self.lex_field_or_variable(start, TokenKind::Field)
            }
            b'"' => self.lex_quoted(b'"', TokenKind::String, "unterminated quoted string"),
            b'}' if rest.get(1) == Some(&b'}') => self.lex_right_delim(false),
            b'$' => {
                self.position += 1;
                self.lex_field_or_variable(start, TokenKind::Variable)
            }
            b'(' => {
                self.paren_depth += 1;
                self.single(TokenKind::LeftParen)
            }
            b')' => {
                if self.paren_depth == 0 {
                    return self.fail(start, "unexpected right paren");
                }
                self.paren_depth -= 1;
                self.single(TokenKind::RightParen)
            }
            b'|' => self.single(TokenKind::Pipe),
            b'=' => self.single(TokenKind::Assign),
            b':' => {
                self.position += 1;
                if self.peek_byte() != Some(b'=') {
                    return self.fail(start, "expected :=");
                }
                self.position += 1;
                self.token(TokenKind::Declare, start)
            }
            b'\'' => self.lex_quoted(b'\'', TokenKind::CharConstant, "unterminated character constant"),
            b'`' => self.lex_raw_string(),
            b'.' | b'+' | b'-' | b'0'..=b'9' => self.lex_number(),
            _ => {
                let (rune, _) = decode_rune(rest).unwrap_or((char::REPLACEMENT_CHARACTER, 1));
                if is_alphanumeric(rune) {
                    self.lex_identifier()
                } else if (' '..='~').contains(&rune) {
                    self.single(TokenKind::Char)
                } else {
                    self.fail(
                        start,
                        format!("unrecognized character in action: {}", unicode_notation(rune)),
                    )
                }
            }
        }
    }

    fn single(&mut self, kind: TokenKind) -> Token {
        let start = self.position;
        self.position += 1;
        self.token(kind, start)
    }

    /// Goes to the end of a name; false if something follows that must not.
    #[inline(always)]
    fn skip_name(&mut self) -> bool {
        let rest = self.rest();
        let ascii = run_of(rest, NAME);
        self.position += ascii;
        match rest.get(ascii..).unwrap_or_default() {
            [] | [b'}', b'}', ..] => true,
            [0x80..=0xff, ..] => self.skip_name_beyond_ascii(),
            [byte, ..] => is(*byte, TERMINATOR),
        }
    }

    #[cold]
    fn skip_name_beyond_ascii(&mut self) -> bool {
        while let Some((rune, width)) = decode_rune(self.rest())
            && is_alphanumeric(rune)
        {
            self.position += width;
        }
        match self.rest() {
            [] | [b'}', b'}', ..] => true,
            [byte, ..] => is(*byte, TERMINATOR),
        }
    }

    fn lex_identifier(&mut self) -> Token {
        let start = self.position;
        if !self.skip_name() {
            return self.bad_character(start);
        }
        let kind = match self.source.get(start..self.position).unwrap_or_default() {
            b"block" => TokenKind::Block,
            b"break" => TokenKind::Break,
            b"continue" => TokenKind::Continue,
            b"define" => TokenKind::Define,
            b"else" => TokenKind::Else,
            b"end" => TokenKind::End,
            b"if" => TokenKind::If,
            b"range" => TokenKind::Range,
            b"nil" => TokenKind::Nil,
            b"template" => TokenKind::Template,
            b"with" => TokenKind::With,
            b"true" | b"false" => TokenKind::Bool,
            _ => TokenKind::Identifier,
        };
        self.token(kind, start)
    }

    fn lex_field_or_variable(&mut self, start: usize, kind: TokenKind) -> Token {
        let name = self.position;
        if !self.skip_name() {
            return self.bad_character(start);
        }
        let nameless = self.position == name && kind == TokenKind::Field;
        self.token(if nameless { TokenKind::Dot } else { kind }, start)
    }

    fn bad_character(&mut self, start: usize) -> Token {
        let (rune, _) = decode_rune(self.rest()).unwrap_or((char::REPLACEMENT_CHARACTER, 1));
        self.fail(start, format!("bad character {}", unicode_notation(rune)))
    }

    fn lex_quoted(&mut self, end: u8, kind: TokenKind, unterminated: &str) -> Token {
        let start = self.position;
        self.position += 1;
        loop {
            let rest = self.rest();
            let plain = rest
                .iter()
                .position(|byte| *byte == end || matches!(*byte, b'\\' | b'\n'));
            self.position += plain.unwrap_or(rest.len());
            let byte = self.peek_byte();
            self.position += 1;
            match byte {
                Some(b'\\') => match self.peek_byte() {
                    None | Some(b'\n') => return self.fail(start, unterminated),
                    Some(_) => self.position += 1,
                },
                None | Some(b'\n') => return self.fail(start, unterminated),
                Some(byte) if byte == end => return self.token(kind, start),
                Some(_) => {}
            }
        }
    }

    fn lex_raw_string(&mut self) -> Token {
        let start = self.position;
        let after = self.source.get(start + 1..).unwrap_or_default();
        match after.iter().position(|byte| *byte == b'`') {
            Some(offset) => {
                self.position = start + 1 + offset + 1;
                self.token(TokenKind::RawString, start)
            }
            None => self.fail(start, "unterminated raw quoted string"),
        }
    }

    fn lex_number(&mut self) -> Token {
        let start = self.position;
        if !self.scan_number() {
            return self.bad_number(start);
        }
        if matches!(self.peek_byte(), Some(b'+' | b'-')) {
            // A complex constant: no spaces, must end in `i`.
            let scanned = self.scan_number();
            if !scanned || self.source.get(self.position.wrapping_sub(1)) != Some(&b'i') {
                return self.bad_number(start);
            }
            return self.token(TokenKind::Complex, start);
        }
        self.token(TokenKind::Number, start)
    }

    fn bad_number(&mut self, start: usize) -> Token {
        let text = self.source.get(start..self.position).unwrap_or_default();
        self.fail(start, format!("bad number syntax: {}", quote(text)))
    }

    fn accept(&mut self, valid: &[u8]) -> bool {
        let accepted = self.peek_byte().is_some_and(|byte| valid.contains(&byte));
        self.position += usize::from(accepted);
        accepted
    }

    fn accept_run(&mut self, valid: &[u8]) {
        while self.accept(valid) {}
    }

    fn scan_number(&mut self) -> bool {
        self.accept(b"+-");
        let mut digits: &[u8] = b"0123456789_";
        let mut exponent: Option<&[u8]> = Some(b"eE");
        if self.accept(b"0") {
            if self.accept(b"xX") {
                digits = b"0123456789abcdefABCDEF_";
                exponent = Some(b"pP");
            } else if self.accept(b"oO") {
                digits = b"01234567_";
                exponent = None;
            } else if self.accept(b"bB") {
                digits = b"01_";
                exponent = None;
            }
        }
        self.accept_run(digits);
        if self.accept(b".") {
            self.accept_run(digits);
        }
        if exponent.is_some_and(|letters| self.accept(letters)) {
            self.accept(b"+-");
            self.accept_run(b"0123456789_");
        }
        self.accept(b"i");
        // The next thing must not be alphanumeric; it is part of the message if it is.
        match decode_rune(self.rest()) {
            Some((rune, width)) if is_alphanumeric(rune) => {
                self.position += width;
                false
            }
            _ => true,
        }
    }
}

/// The first occurrence of a two-byte needle.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let (first, second) = (*needle.first()?, needle.get(1)?);
    memchr::memchr_iter(first, haystack).find(|found| haystack.get(found + 1) == Some(second))
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

pub(super) fn is_alphanumeric(rune: char) -> bool {
    rune == '_' || rune.is_alphanumeric()
}

fn has_left_trim_marker(text: &[u8]) -> bool {
    matches!(text, [b'-', space, ..] if is_space(*space))
}

fn trim_right(text: &[u8]) -> &[u8] {
    let kept = text.len() - text.iter().rev().take_while(|byte| is_space(**byte)).count();
    text.get(..kept).unwrap_or_default()
}

/// Go's `%#U`.
fn unicode_notation(rune: char) -> String {
    let code = u32::from(rune);
    if is_print(rune) {
        format!("U+{code:04X} '{rune}'")
    } else {
        format!("U+{code:04X}")
    }
}
