//! Go's `regexp` on top of regex-automata, which shares RE2's leftmost-first matching.
//!
//! Go's syntax is parsed here (`parse.rs`, `class.rs`, `unicode.rs`), so that exactly what Go accepts is accepted and errors read as
//! Go's do; only matching is borrowed. Replacement templates are in `template.rs`.

mod class;
mod parse;
mod template;
mod unicode;

use std::borrow::Cow;
use std::ops::Range;

use regex_automata::meta;
use regex_automata::util::captures::Captures;
use regex_automata::{Input, Span};

use crate::value::decode_rune;

/// Bytes one compiled expression may take. RE2 takes 128 MiB for the like; no chart comes near 100 kB.
const MAX_COMPILED_BYTES: usize = 4 << 20;
/// Bytes the lazily built automaton of one expression may take.
const MAX_CACHE_BYTES: usize = 1 << 20;

/// What is wrong with an expression, in Go's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// `\8`, `\C`.
    #[error("invalid escape sequence")]
    Escape,
    /// `[z-a]`, `\p{Nope}`, `[[:nope:]]`.
    #[error("invalid character class range")]
    CharRange,
    /// `(?P<>a)`.
    #[error("invalid named capture")]
    NamedCapture,
    /// `(?=a)`.
    #[error("invalid or unsupported Perl syntax")]
    PerlOperator,
    /// `a**`.
    #[error("invalid nested repetition operator")]
    RepeatOperator,
    /// `a{1001}`.
    #[error("invalid repeat count")]
    RepeatCount,
    /// A pattern that is not UTF-8.
    #[error("invalid UTF-8")]
    Utf8,
    /// `[a`.
    #[error("missing closing ]")]
    MissingBracket,
    /// `(a`.
    #[error("missing closing )")]
    MissingParen,
    /// `*`.
    #[error("missing argument to repetition operator")]
    MissingRepeatArgument,
    /// `\` at the end.
    #[error("trailing backslash at end of expression")]
    TrailingBackslash,
    /// `a)`.
    #[error("unexpected )")]
    UnexpectedParen,
    /// Nested too deeply.
    #[error("expression nests too deeply")]
    NestingDepth,
    /// Would take too much memory.
    #[error("expression too large")]
    Large,
}

/// Why an expression does not compile; prints as Go's `syntax.Error`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("error parsing regexp: {problem}: `{}`", String::from_utf8_lossy(.excerpt))]
pub struct RegexError {
    /// What is wrong.
    pub problem: Problem,
    /// The part of the expression that is wrong.
    pub excerpt: Vec<u8>,
}

/// A compiled expression.
#[derive(Debug, Clone)]
pub struct Regex {
    inner: meta::Regex,
    /// The names of the groups by index; group 0 is the whole match.
    names: Vec<Option<String>>,
    /// Go's `Split` treats the empty expression apart.
    empty: bool,
}

impl Regex {
    /// Compiles `pattern`.
    pub fn compile(pattern: &[u8]) -> Result<Self, RegexError> {
        let parsed = parse::parse(pattern)?;
        let config = meta::Config::new()
            // An empty match never splits a character, as in Go.
            .utf8_empty(true)
            .nfa_size_limit(Some(MAX_COMPILED_BYTES))
            .onepass_size_limit(Some(MAX_CACHE_BYTES))
            .hybrid_cache_capacity(MAX_CACHE_BYTES);
        let inner = meta::Builder::new()
            .configure(config)
            .build_from_hir(&parsed.hir)
            .map_err(|_| RegexError {
                problem: Problem::Large,
                excerpt: pattern.to_vec(),
            })?;
        Ok(Self {
            inner,
            names: parsed.names,
            empty: pattern.is_empty(),
        })
    }

    /// Bytes that the compiled expression takes, without what searches add.
    #[must_use]
    pub fn memory_usage(&self) -> usize {
        self.inner.memory_usage()
    }

    /// Whether `text` contains a match.
    #[must_use]
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.inner.is_match(&*Text::new(text).searched)
    }

    /// The leftmost match.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        self.find_at(&Text::new(text), 0)
    }

    fn find_at(&self, text: &Text<'_>, start: usize) -> Option<Range<usize>> {
        self.inner
            .search(&text.input(start))
            .map(|found| text.origin(found.span()))
    }

    /// The first `limit` successive matches; all of them if `limit` is negative.
    #[must_use]
    pub fn find_all(&self, text: &[u8], limit: i64) -> Vec<Range<usize>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let searched = Text::new(text);
        let mut found = Vec::new();
        let (mut position, mut last_end) = (0, None);
        while found.len() < limit && position <= text.len() {
            let Some(range) = self.find_at(&searched, position) else {
                break;
            };
            // An empty match right after the previous match does not count.
            let mut accept = true;
            if range.end == position {
                accept = last_end != Some(range.start);
                position += rune_width(text, position).max(1);
            } else {
                position = range.end;
            }
            last_end = Some(range.end);
            if accept {
                found.push(range);
            }
        }
        found
    }

    /// `text` with each match replaced by the expansion of `template` (`$1`, `${name}`, `$$`); `None` if it would be
    /// longer than `limit` bytes.
    #[must_use]
    pub fn replace_all(&self, text: &[u8], template: &[u8], limit: usize) -> Option<Vec<u8>> {
        if !template.contains(&b'$') {
            return self.replace_all_literal(text, template, limit);
        }
        let searched = Text::new(text);
        let mut captures = self.inner.create_captures();
        self.replace(&searched, limit, |replaced, start| {
            self.inner.search_captures(&searched.input(start), &mut captures);
            template::expand(replaced, template, |group| {
                self.group(&searched, &captures, group)
            });
        })
    }

    /// `text` with each match replaced by `replacement` as it is; `None` if it would be longer than `limit` bytes.
    #[must_use]
    pub fn replace_all_literal(&self, text: &[u8], replacement: &[u8], limit: usize) -> Option<Vec<u8>> {
        self.replace(&Text::new(text), limit, |replaced, _| {
            replaced.extend_from_slice(replacement);
        })
    }

    /// Go's loop, which treats empty matches a little differently than `FindAll` does.
    fn replace(
        &self,
        searched: &Text<'_>,
        limit: usize,
        mut append: impl FnMut(&mut Vec<u8>, usize),
    ) -> Option<Vec<u8>> {
        let text = searched.original;
        let mut replaced = Vec::with_capacity(text.len());
        let (mut last_end, mut position) = (0, 0);
        while position <= text.len() && replaced.len() <= limit {
            let Some(range) = self.find_at(searched, position) else {
                break;
            };
            replaced.extend_from_slice(text.get(last_end..range.start).unwrap_or_default());
            if range.end > last_end || range.start == 0 {
                append(&mut replaced, position);
            }
            last_end = range.end;
            let width = rune_width(text, position);
            position = if position + width > range.end {
                position + width
            } else {
                range.end.max(position + 1)
            };
        }
        replaced.extend_from_slice(text.get(last_end..).unwrap_or_default());
        (replaced.len() <= limit).then_some(replaced)
    }

    fn group<'t>(&self, text: &Text<'t>, captures: &Captures, group: template::Group<'_>) -> &'t [u8] {
        let range = match group {
            template::Group::Index(index) => captures.get_group(index),
            template::Group::Name(name) => (0..self.names.len())
                .filter(|index| self.names.get(*index).and_then(Option::as_deref) == Some(name))
                .find_map(|index| captures.get_group(index)),
        };
        range
            .and_then(|span| text.original.get(text.origin(span)))
            .unwrap_or_default()
    }

    /// `text` split at the matches into at most `limit` pieces (any number if negative); `None` is Go's nil slice.
    #[must_use]
    pub fn split<'t>(&self, text: &'t [u8], limit: i64) -> Option<Vec<&'t [u8]>> {
        if limit == 0 {
            return None;
        }
        if !self.empty && text.is_empty() {
            return Some(vec![text]);
        }
        let mut pieces = Vec::new();
        let (mut start, mut end) = (0, 0);
        for found in self.find_all(text, limit) {
            if usize::try_from(limit).is_ok_and(|limit| pieces.len() + 1 == limit) {
                break;
            }
            end = found.start;
            if found.end != 0 {
                pieces.push(text.get(start..end).unwrap_or_default());
            }
            start = found.end;
        }
        if end != text.len() {
            pieces.push(text.get(start..).unwrap_or_default());
        }
        Some(pieces)
    }
}

/// A text to search in.
///
/// Go takes each byte that is not UTF-8 for U+FFFD; a text with such bytes is searched as one that has that character.
struct Text<'t> {
    original: &'t [u8],
    searched: Cow<'t, [u8]>,
    /// Where in the original each byte searched, and the end, comes from, if the two differ.
    origins: Option<Vec<usize>>,
}

impl<'t> Text<'t> {
    fn new(original: &'t [u8]) -> Self {
        if std::str::from_utf8(original).is_ok() {
            return Self {
                original,
                searched: Cow::Borrowed(original),
                origins: None,
            };
        }
        let mut searched = Vec::with_capacity(original.len() + 16);
        let mut origins = Vec::with_capacity(original.len() + 16);
        let mut position = 0;
        while let Some((rune, width)) = original.get(position..).and_then(decode_rune) {
            searched.extend_from_slice(rune.encode_utf8(&mut [0; 4]).as_bytes());
            origins.resize(searched.len(), position);
            position += width;
        }
        origins.push(position);
        Self {
            original,
            searched: Cow::Owned(searched),
            origins: Some(origins),
        }
    }

    /// To search from the byte `start` of the original on; what stands before it decides too (`\b`).
    fn input(&self, start: usize) -> Input<'_> {
        let start = match &self.origins {
            None => start,
            Some(origins) => origins.partition_point(|origin| *origin < start),
        };
        Input::new(&*self.searched).range(start..)
    }

    /// The bytes of the original a span of what is searched stands for.
    fn origin(&self, span: Span) -> Range<usize> {
        match &self.origins {
            None => span.range(),
            Some(origins) => {
                let origin = |at: usize| origins.get(at).copied().unwrap_or(self.original.len());
                origin(span.start)..origin(span.end)
            }
        }
    }
}

/// The message of the panic `regexp.MustCompile` raises.
#[must_use]
pub fn must_compile_message(pattern: &[u8], error: &RegexError) -> String {
    let can_backquote = std::str::from_utf8(pattern).is_ok_and(|text| {
        text.chars()
            .all(|rune| rune == '\t' || !(rune < ' ' || matches!(rune, '`' | '\u{7f}' | '\u{feff}')))
    });
    let quoted: Cow<'_, str> = if can_backquote {
        Cow::Owned(format!("`{}`", String::from_utf8_lossy(pattern)))
    } else {
        Cow::Owned(crate::strconv::quote(pattern))
    };
    format!("regexp: Compile({quoted}): {error}")
}

/// The characters of a Unicode category or script, as sorted ranges; empty if there is none of that name.
pub(crate) fn category(name: &str) -> Vec<(char, char)> {
    let class = class::property(name);
    class
        .iter()
        .flat_map(|class| class.ranges())
        .map(|range| (range.start(), range.end()))
        .collect()
}

/// `regexp.QuoteMeta`: an expression that matches `text` literally.
#[must_use]
pub fn quote_meta(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len() + 8);
    for byte in text {
        if b"\\.+*?()|[]{}^$".contains(byte) {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    quoted
}

fn rune_width(text: &[u8], position: usize) -> usize {
    text.get(position..)
        .and_then(decode_rune)
        .map_or(0, |(_, width)| width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(pattern: &str) -> Regex {
        Regex::compile(pattern.as_bytes()).expect("an expression")
    }

    #[test]
    fn errors_read_as_gos_do() {
        for (pattern, message) in [
            (r"(a", "missing closing ): `(a`"),
            (r"[a", "missing closing ]: `[a`"),
            (r"a**", "invalid nested repetition operator: `**`"),
            (r"a*?+", "invalid nested repetition operator: `*?+`"),
            (r"x{2}{3}", "invalid nested repetition operator: `{2}{3}`"),
            (r"a|*", "missing argument to repetition operator: `*`"),
            (r"a{1001}", "invalid repeat count: `{1001}`"),
            (r"(a{100}){100}", "invalid repeat count: `{100}`"),
            (r"x{3,2}", "invalid repeat count: `{3,2}`"),
            (r"(?i", "invalid or unsupported Perl syntax: `(?i`"),
            (r"(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
            (r"(?P=n)", "invalid or unsupported Perl syntax: `(?P`"),
            (r"(?P<>a)", "invalid named capture: `(?P<>`"),
            (r"(?P<n", "invalid named capture: `(?P<n`"),
            (r"\8", r"invalid escape sequence: `\8`"),
            (r"(a)\1", r"invalid escape sequence: `\1`"),
            (r"\x{110000}", r"invalid escape sequence: `\x{110000`"),
            (r"\", "trailing backslash at end of expression: ``"),
            (r"a)", "unexpected ): `a)`"),
            (r"[z-a]", "invalid character class range: `z-a`"),
            (r"[[:foo:]]", "invalid character class range: `[:foo:]`"),
            (r"\p{Latn}", r"invalid character class range: `\p{Latn}`"),
            (r"\pX", r"invalid character class range: `\pX`"),
        ] {
            let error = Regex::compile(pattern.as_bytes()).expect_err(pattern);
            assert_eq!(
                error.to_string(),
                format!("error parsing regexp: {message}"),
                "{pattern}"
            );
        }
        let deep = format!("{}{}", "(".repeat(1001), ")".repeat(1001));
        let error = Regex::compile(deep.as_bytes()).expect_err("deep");
        assert_eq!(error.problem, Problem::NestingDepth);
        let error = Regex::compile(br"(\pL{100}){10}").expect_err("large");
        assert_eq!(error.problem, Problem::Large);
    }

    #[test]
    fn unusual_syntax_is_understood() {
        for (pattern, text, found) in [
            (r"a{,2}", "xa{,2}", Some(1..6)),
            (r"\Qa.b\E+", "a.bb", Some(0..4)),
            (r"(?U)a+", "aaa", Some(0..1)),
            (r"(?U)a+?", "aaa", Some(0..3)),
            (r"[]a]+", "x]a", Some(1..3)),
            (r"[^[:space:]]+", " ab ", Some(1..3)),
            (r"(?i)[^k]", "K\u{212a}x", Some(4..5)),
            (r"\bfoo\b", "éfoo", Some(2..5)),
            (r"\w+", "éa", Some(2..3)),
            (r"a$", "a\n", None),
            (r"(?m)a$", "a\n", Some(0..1)),
            (r"(?i:A)b", "ab", Some(0..2)),
            (r"\101\x41\x{41}", "AAA", Some(0..3)),
            (r"(?P<n>a)(?P<n>b)", "ab", Some(0..2)),
        ] {
            assert_eq!(compile(pattern).find(text.as_bytes()), found, "{pattern} {text}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_characters() {
        let regex = compile("(.)b?");
        assert_eq!(regex.find_all(b"\xffb\xfe", -1), [0..2, 2..3]);
        assert_eq!(
            regex.replace_all(b"\xffb\xfe", b"<$1>", 100).as_deref(),
            Some(&b"<\xff><\xfe>"[..])
        );
        assert!(!compile("^b").is_match(b"\xffb"));
    }

    #[test]
    fn empty_matches_are_counted_as_gos_loops_do() {
        let all = |pattern: &str, text: &str| compile(pattern).find_all(text.as_bytes(), -1);
        assert_eq!(all("a*", "baaé"), [0..0, 1..3, 5..5]);
        assert_eq!(all(r"\B", "é"), [0..0, 2..2]);
        let replace = |pattern: &str, text: &str, with: &str| {
            String::from_utf8(
                compile(pattern)
                    .replace_all(text.as_bytes(), with.as_bytes(), 100)
                    .unwrap_or_default(),
            )
            .expect("UTF-8")
        };
        assert_eq!(replace("x*", "abc", "-"), "-a-b-c-");
        assert_eq!(replace("(b*)", "abbc", "<$1>"), "<>a<bb>c<>");
        assert_eq!(
            replace("(?P<first>a)(?P<second>b)?", "ab a", "${second}${first}"),
            "ba a"
        );
        let split = |pattern: &str, text: &str, limit| {
            let pattern = compile(pattern);
            let pieces = pattern.split(text.as_bytes(), limit);
            pieces.map(|pieces| {
                pieces
                    .into_iter()
                    .map(String::from_utf8_lossy)
                    .collect::<Vec<_>>()
                    .join("|")
            })
        };
        assert_eq!(split("", "abc", -1).as_deref(), Some("a|b|c"));
        assert_eq!(split("a", "banana", 2).as_deref(), Some("b|nana"));
        assert_eq!(split("a", "", -1).as_deref(), Some(""));
        assert_eq!(split("x*", "abc", 0), None);
    }
}
