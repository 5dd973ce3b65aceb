//! The printing half of libyaml's emitter: indentation, indicators and scalar styles.
//!
//! go-yaml's emitter works on events; only block collections, empty flow collections and scalars ever come from
//! values, so the walk over the value calls these methods directly.

use super::analyze::{Allowed, analyze, is_break, is_printable};
use super::scalar::Wish;
use crate::yaml::resolve::Dialect;

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Root,
    Item,
    Key { simple: bool },
    Value,
}

/// The indentation to return to.
pub(super) struct Outer(i64);

pub(super) struct Writer {
    out: String,
    dialect: Dialect,
    /// Lines are folded at the first space past this column.
    width: usize,
    column: usize,
    indent: i64,
    /// The last character was white space, or there is none.
    whitespace: bool,
    /// Only indentation and indicators stand on the line so far.
    indention: bool,
}

const INDENT: i64 = 2;

impl Writer {
    pub(super) fn new(dialect: Dialect) -> Self {
        let width = match dialect {
            Dialect::V2 => 80,
            Dialect::V3 => usize::MAX,
        };
        Self {
            out: String::new(),
            dialect,
            width,
            column: 0,
            indent: -1,
            whitespace: true,
            indention: true,
        }
    }

    /// The text, without one last line break.
    pub(super) fn finish(mut self) -> String {
        self.write_indent();
        if self.out.ends_with('\n') {
            self.out.pop();
        }
        self.out
    }

    /// Bytes written so far.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    // Collections

    pub(super) fn begin_sequence(&mut self, place: Place) -> Outer {
        // v2 does not indent sequences under keys, unless the key was a complex one.
        let in_mapping = matches!(place, Place::Key { .. } | Place::Value);
        let indentless = self.dialect == Dialect::V2 && in_mapping && !self.indention;
        self.increase_indent(indentless)
    }

    pub(super) fn begin_item(&mut self) {
        self.write_indent();
        self.write_indicator("-", true, false, true);
    }

    pub(super) fn begin_mapping(&mut self) -> Outer {
        self.increase_indent(false)
    }

    pub(super) fn begin_key(&mut self, simple: bool) {
        self.write_indent();
        if !simple {
            self.write_indicator("?", true, false, true);
        }
    }

    pub(super) fn begin_value(&mut self, simple: bool) {
        if simple {
            self.write_indicator(":", false, false, false);
        } else {
            self.write_indent();
            self.write_indicator(":", true, false, true);
        }
    }

    pub(super) fn end(&mut self, outer: Outer) {
        self.indent = outer.0;
    }

    /// `[]` or `{}`.
    pub(super) fn empty(&mut self, open: &str, close: &str) {
        self.write_indicator(open, true, true, false);
        self.write_indicator(close, false, false, false);
    }

    fn increase_indent(&mut self, indentless: bool) -> Outer {
        let outer = Outer(self.indent);
        if self.indent < 0 {
            self.indent = 0;
        } else if !indentless {
            self.indent += INDENT;
        }
        outer
    }

    // Scalars

    pub(super) fn scalar(&mut self, text: &str, wish: Wish, tag: Option<&str>, place: Place) {
        let simple_key = place == Place::Key { simple: true };
        let allowed = analyze(text, self.dialect);
        if let Some(tag) = tag {
            self.write_tag(tag);
        }
        let outer = self.indent;
        self.indent = if outer < 0 { INDENT } else { outer + INDENT };
        match choose(wish, allowed, text.is_empty(), simple_key) {
            Style::Plain => self.write_plain(text, !simple_key),
            Style::SingleQuoted => self.write_single_quoted(text, !simple_key),
            Style::DoubleQuoted => self.write_double_quoted(text, !simple_key),
            Style::Literal => self.write_literal(text),
        }
        self.indent = outer;
    }

    /// A plain scalar known to need no look at its characters.
    pub(super) fn tame(&mut self, text: &str) {
        if !self.whitespace {
            self.put(' ');
        }
        self.out.push_str(text);
        self.column += text.len();
        self.whitespace = false;
        self.indention = false;
    }

    fn write_tag(&mut self, tag: &str) {
        if !self.whitespace {
            self.put(' ');
        }
        self.put_str("!!");
        self.put_str(tag);
        self.whitespace = false;
        self.indention = false;
    }

    fn write_plain(&mut self, text: &str, may_break: bool) {
        if !self.whitespace {
            self.put(' ');
        }
        self.indention = false;
        if !may_break || self.fits(text) {
            self.put_str(text);
        } else {
            let mut spaces = false;
            let mut chars = text.chars().peekable();
            while let Some(c) = chars.next() {
                if c == ' ' && !spaces && self.column > self.width && chars.peek() != Some(&' ') {
                    self.write_indent();
                } else {
                    self.put(c);
                }
                spaces = c == ' ';
                self.indention &= spaces;
            }
        }
        if !text.is_empty() {
            self.whitespace = false;
        }
        self.indention = false;
    }

    fn write_single_quoted(&mut self, text: &str, may_break: bool) {
        self.write_indicator("'", true, false, false);
        let mut spaces = false;
        let mut breaks = false;
        let mut chars = text.char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            if c == ' ' {
                let folds = may_break
                    && !spaces
                    && self.column > self.width
                    && i > 0
                    && chars.peek().is_some_and(|(_, next)| *next != ' ');
                if folds {
                    self.write_indent();
                } else {
                    self.put(c);
                }
                spaces = true;
            } else if is_break(c) {
                if !breaks && c == '\n' {
                    self.put_break();
                }
                self.write_break(c);
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                if c == '\'' {
                    self.put('\'');
                }
                self.put(c);
                self.indention = false;
                spaces = false;
                breaks = false;
            }
        }
        self.write_indicator("'", false, false, false);
    }

    fn write_double_quoted(&mut self, text: &str, may_break: bool) {
        self.write_indicator("\"", true, false, false);
        // go-yaml looks for a byte order mark at the start of the text, not at the character in question.
        let has_bom = text.starts_with('\u{FEFF}');
        let mut spaces = false;
        let mut chars = text.char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            if has_bom || !is_printable(c) || is_break(c) || matches!(c, '"' | '\\') {
                self.put_escape(c);
                spaces = false;
            } else if c == ' ' {
                let next = chars.peek().map(|(_, next)| *next);
                if may_break && !spaces && self.column > self.width && i > 0 && next.is_some() {
                    self.write_indent();
                    if next == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                spaces = true;
            } else {
                self.put(c);
                spaces = false;
            }
        }
        self.write_indicator("\"", false, false, false);
    }

    fn put_escape(&mut self, c: char) {
        let short = match c {
            '\0' => "\\0",
            '\x07' => "\\a",
            '\x08' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\x0B' => "\\v",
            '\x0C' => "\\f",
            '\r' => "\\r",
            '\x1B' => "\\e",
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{85}' => "\\N",
            '\u{A0}' => "\\_",
            '\u{2028}' => "\\L",
            '\u{2029}' => "\\P",
            _ => "",
        };
        if short.is_empty() {
            let code = c as u32;
            let text = match code {
                0..=0xFF => format!("\\x{code:02X}"),
                0x100..=0xFFFF => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
            self.put_str(&text);
        } else {
            self.put_str(short);
        }
    }

    fn write_literal(&mut self, text: &str) {
        self.write_indicator("|", true, false, false);
        self.write_block_hints(text);
        self.put_break();
        self.whitespace = true;
        let mut breaks = true;
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if is_break(c) {
                self.write_break(c);
                breaks = true;
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            } else {
                if breaks {
                    self.write_indent();
                }
                let (line, after) = rest.split_at(rest.find(is_break).unwrap_or(rest.len()));
                self.put_str(line);
                self.indention = false;
                breaks = false;
                rest = after;
            }
        }
    }

    /// The digit and sign behind `|`.
    fn write_block_hints(&mut self, text: &str) {
        if text.starts_with(' ') || text.starts_with(is_break) {
            self.write_indicator("2", false, false, false);
        }
        let mut from_end = text.chars().rev();
        let chomp = match (from_end.next(), from_end.next()) {
            (Some(last), _) if !is_break(last) => "-",
            (Some(_), Some(before)) if !is_break(before) => "",
            (Some(_), _) => "+",
            (None, _) => "-",
        };
        if !chomp.is_empty() {
            self.write_indicator(chomp, false, false, false);
        }
    }

    // Characters

    /// Whether no fold can happen in `text`.
    fn fits(&self, text: &str) -> bool {
        self.column.saturating_add(text.len()) <= self.width
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn put_str(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += if text.is_ascii() {
            text.len()
        } else {
            text.chars().count()
        };
    }

    fn put_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
        self.indention = true;
    }

    fn write_break(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
        self.indention = true;
    }

    fn write_indent(&mut self) {
        let indent = usize::try_from(self.indent).unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn write_indicator(&mut self, text: &str, need_space: bool, is_space: bool, is_indention: bool) {
        if need_space && !self.whitespace {
            self.put(' ');
        }
        self.put_str(text);
        self.whitespace = is_space;
        self.indention &= is_indention;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

// go: emitterc.go, yaml_emitter_select_scalar_style
fn choose(wish: Wish, allowed: Allowed, is_empty: bool, simple_key: bool) -> Style {
    match wish {
        _ if simple_key && allowed.multiline => Style::DoubleQuoted,
        Wish::Plain if allowed.plain && !(is_empty && simple_key) => Style::Plain,
        Wish::Plain if allowed.single_quoted => Style::SingleQuoted,
        Wish::Literal if allowed.literal && !simple_key => Style::Literal,
        _ => Style::DoubleQuoted,
    }
}
