//! Tokens: a kind and a range of the source.

use super::node::{Position, Span};
use crate::strconv::quote;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// The lexer stopped; the parser asks it for the message.
    Error,
    Bool,
    /// A printable ASCII character without meaning of its own, such as a comma.
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Eof,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelim,
    RightParen,
    String,
    Text,
    Variable,
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl TokenKind {
    /// Keywords are named in angle brackets in error text.
    const fn is_keyword(self) -> bool {
        matches!(
            self,
            Self::Block
                | Self::Break
                | Self::Continue
                | Self::Dot
                | Self::Define
                | Self::Else
                | Self::End
                | Self::If
                | Self::Nil
                | Self::Range
                | Self::Template
                | Self::With
        )
    }
}

/// A token of the source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// Whether there is space before it. Go's lexer makes that a token; where it means anything, it parts operands.
    pub(crate) after_space: bool,
    pub(crate) span: Span,
}

impl Token {
    #[inline(always)]
    pub(crate) fn new(kind: TokenKind, start: usize, end: usize) -> Self {
        // `parse` takes no text whose offsets do not fit.
        let offset = |position| Position::try_from(position).unwrap_or(Position::MAX);
        Self {
            kind,
            after_space: false,
            span: Span {
                start: offset(start),
                end: offset(end),
            },
        }
    }

    pub(crate) fn start(self) -> Position {
        self.span.start
    }

    /// The token's text.
    pub(crate) fn text(self, source: &[u8]) -> &[u8] {
        self.span.text(source)
    }

    /// How Go's parser names the token in `unexpected …`.
    pub(crate) fn describe(self, source: &[u8]) -> String {
        let text = self.text(source);
        match self.kind {
            TokenKind::Eof => "EOF".to_owned(),
            kind if kind.is_keyword() => format!("<{}>", String::from_utf8_lossy(text)),
            _ if text.len() > 10 => format!("{}...", quote(first_runes(text, 10))),
            _ => quote(text),
        }
    }
}

/// The first `count` runes, as the precision of Go's `%.10q` cuts.
fn first_runes(text: &[u8], count: usize) -> &[u8] {
    let mut end = 0;
    for _ in 0..count {
        let rest = text.get(end..).unwrap_or_default();
        end += crate::value::decode_rune(rest).map_or(0, |(_, width)| width);
    }
    text.get(..end).unwrap_or_default()
}
