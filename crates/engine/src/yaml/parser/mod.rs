//! The parser: tokens to events.
//!
//! A state machine with its own stack, as libyaml's `parserc.go`, so that deep nesting costs memory and not the
//! thread's stack. Depth is bounded (`Limits`); aliases are handed out as they are, so nothing can blow up here.

mod states;

use super::error::{Error, Mark, Stage};
use super::event::{Event, Spanned};
use super::scanner::{Kind, Scanner, Token, syntax};
use super::source::Source;

/// How deep collections may nest unless the caller says otherwise. go-yaml stops at 10000; a thousand is far beyond
/// any chart and lets everything that walks a tree recurse safely.
pub const DEFAULT_MAX_DEPTH: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    StreamStart,
    ImplicitDocumentStart,
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceFirstEntry,
    BlockSequenceEntry,
    IndentlessSequenceEntry,
    BlockMappingFirstKey,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirstEntry,
    FlowSequenceEntry,
    FlowSequenceEntryMappingKey,
    FlowSequenceEntryMappingValue,
    FlowSequenceEntryMappingEnd,
    FlowMappingFirstKey,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
    End,
}

/// Reads one stream, event by event.
pub struct Parser<'a> {
    scanner: Scanner<'a>,
    state: State,
    states: Vec<State>,
    /// `%TAG` handles and prefixes of the current document.
    tag_directives: Vec<(String, String)>,
    depth: usize,
    max_depth: usize,
    failed: bool,
}

impl<'a> Parser<'a> {
    /// A parser at the start of `source`.
    pub fn new(source: &'a Source<'_>) -> Self {
        Self::with_max_depth(source, DEFAULT_MAX_DEPTH)
    }

    /// A parser that fails with [`Error::TooDeep`] when collections nest deeper than `max_depth`.
    pub fn with_max_depth(source: &'a Source<'_>, max_depth: usize) -> Self {
        Self {
            scanner: Scanner::new(source, max_depth),
            state: State::StreamStart,
            states: Vec::with_capacity(16),
            tag_directives: Vec::new(),
            depth: 0,
            max_depth,
            failed: false,
        }
    }

    /// The next event; none after the end of the stream or an error.
    pub fn next_event(&mut self) -> Result<Option<Spanned<'a>>, Error> {
        if self.failed || self.state == State::End {
            return Ok(None);
        }
        let result = self.step();
        match &result {
            Err(_) => self.failed = true,
            Ok(spanned) => self.count_depth(spanned)?,
        }
        result.map(Some)
    }

    fn count_depth(&mut self, spanned: &Spanned<'a>) -> Result<(), Error> {
        match spanned.event {
            Event::SequenceStart { .. } | Event::MappingStart { .. } => {
                self.depth += 1;
                if self.depth > self.max_depth {
                    self.failed = true;
                    let line = if spanned.start.line == 0 {
                        0
                    } else {
                        spanned.start.line + 1
                    };
                    return Err(Error::TooDeep {
                        limit: self.max_depth,
                        line,
                        mark: spanned.start,
                    });
                }
            }
            Event::SequenceEnd | Event::MappingEnd => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        Ok(())
    }

    fn peek(&mut self) -> Result<Kind, Error> {
        self.scanner.peek().map(|token| token.kind)
    }

    /// Kind, start and end of the next token.
    fn look(&mut self) -> Result<(Kind, Mark, Mark), Error> {
        self.scanner
            .peek()
            .map(|token| (token.kind, token.start, token.end))
    }

    fn take(&mut self) -> Option<Token<'a>> {
        self.scanner.take()
    }

    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }
}

impl<'a> Iterator for Parser<'a> {
    type Item = Result<Spanned<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_event().transpose()
    }
}

fn spanned(event: Event<'_>, start: Mark, end: Mark) -> Spanned<'_> {
    Spanned { event, start, end }
}

/// A parser error: go-yaml prints its line from 0, so it is one too small, and none on the first line.
fn unexpected(problem: &'static str, at: Mark) -> Error {
    syntax(Stage::Parser, problem, at.line, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events in the notation of the YAML test suite.
    fn events(text: &str) -> String {
        let source = Source::new(text.as_bytes());
        let mut out = String::new();
        for spanned in Parser::new(&source) {
            match spanned {
                Ok(Spanned { event, .. }) => match event {
                    Event::StreamStart | Event::StreamEnd => {}
                    Event::DocumentStart { .. } => out.push_str("+D "),
                    Event::DocumentEnd { .. } => out.push_str("-D "),
                    Event::SequenceStart { .. } => out.push_str("[ "),
                    Event::SequenceEnd => out.push_str("] "),
                    Event::MappingStart { .. } => out.push_str("{ "),
                    Event::MappingEnd => out.push_str("} "),
                    Event::Alias { name } => out.push_str(&format!("*{name} ")),
                    Event::Scalar {
                        value, properties, ..
                    } => {
                        let anchor = properties.anchor.map(|a| format!("&{a} ")).unwrap_or_default();
                        out.push_str(&format!("{anchor}{value:?} "));
                    }
                },
                Err(error) => out.push_str(&error.to_string()),
            }
        }
        out.trim_end().to_owned()
    }

    #[test]
    fn walks_collections() {
        assert_eq!(events("a: [x, {y: z}]\n"), r#"+D { "a" [ "x" { "y" "z" } ] } -D"#);
        assert_eq!(
            events("a:\n- b\n- c: d\n  e:\n"),
            r#"+D { "a" [ "b" { "c" "d" "e" "" } ] } -D"#
        );
        assert_eq!(events("a: &n 1\nb: *n"), r#"+D { "a" &n "1" "b" *n } -D"#);
        assert_eq!(events("--- x\n--- y\n...\n"), r#"+D "x" -D +D "y" -D"#);
    }

    #[test]
    fn joins_lines() {
        assert_eq!(events("a: b\n  c\n\n  d"), r#"+D { "a" "b c\nd" } -D"#);
        assert_eq!(events("'a\n  b'' c'"), r#"+D "a b' c" -D"#);
        assert_eq!(events("\"a\\\n  \\u00e9\\t\""), r#"+D "aé\t" -D"#);
        assert_eq!(events("|\n a\n  b\n\n"), r#"+D "a\n b\n" -D"#);
        assert_eq!(events(">-\n a\n b\n\n c\n"), r#"+D "a b\nc" -D"#);
        assert_eq!(events("a: é b\r\nb: x\r\n"), r#"+D { "a" "é b" "b" "x" } -D"#);
    }

    #[test]
    fn speaks_as_libyaml() {
        assert_eq!(
            events("a: 1\nb: [c"),
            "+D { \"a\" \"1\" \"b\" [ \"c\" line 2: did not find expected ',' or ']'"
        );
        assert_eq!(
            events("a: b: c"),
            "+D { \"a\" \"b\" mapping values are not allowed in this context"
        );
        assert_eq!(
            events("x:\n\t- y"),
            "+D { \"x\" line 2: found character that cannot start any token"
        );
        assert_eq!(events("a: \x07"), "control characters are not allowed");
    }

    #[test]
    fn bounds_depth() {
        for open in ["[", "{a: ", "- ", "? "] {
            let text = open.repeat(200_000);
            let source = Source::new(text.as_bytes());
            let error = Parser::new(&source).find_map(Result::err);
            assert!(
                matches!(
                    error,
                    Some(Error::TooDeep {
                        limit: DEFAULT_MAX_DEPTH,
                        ..
                    })
                ),
                "{open}: {error:?}"
            );
        }
    }

    #[test]
    fn marks_count_characters() {
        let source = Source::new("é: x\nb: ü y".as_bytes());
        let marks: Vec<_> = Parser::new(&source)
            .flatten()
            .filter(|s| matches!(s.event, Event::Scalar { .. }))
            .map(|s| (s.start.line, s.start.column, s.start.offset, s.end.column))
            .collect();
        assert_eq!(marks, [(0, 0, 0, 1), (0, 3, 4, 4), (1, 0, 6, 1), (1, 3, 9, 6)]);
    }
}
