//! Go's regular expression syntax (`regexp/syntax` with the Perl flags), read into regex-syntax' intermediate form.

use regex_syntax::hir::{Capture, Class, ClassUnicode, Dot, Hir, Look, Repetition};

use super::{Problem, RegexError, class, unicode};

/// Nesting Go allows.
const MAX_HEIGHT: usize = 1000;
/// Largest count in `{n,m}`, also of nested repetitions multiplied.
const MAX_REPEAT: u32 = 1000;

/// A parsed expression.
pub(super) struct Parsed {
    pub(super) hir: Hir,
    /// Group names by index.
    pub(super) names: Vec<Option<String>>,
}

/// Parses `pattern`.
pub(super) fn parse(pattern: &[u8]) -> Result<Parsed, RegexError> {
    let text = match std::str::from_utf8(pattern) {
        Ok(text) => text,
        Err(error) => {
            let rest = pattern.get(error.valid_up_to()..).unwrap_or_default();
            return Err(RegexError {
                problem: Problem::Utf8,
                excerpt: rest.to_vec(),
            });
        }
    };
    let mut parser = Parser {
        whole: text,
        flags: Flags::default(),
        groups: vec![Group::default()],
        names: vec![None],
    };
    parser.run()?;
    if parser.groups.len() > 1 {
        return Err(error(Problem::MissingParen, text));
    }
    let item = parser.groups.pop().unwrap_or_default().finish();
    if item.height > MAX_HEIGHT {
        return Err(error(Problem::NestingDepth, text));
    }
    Ok(Parsed {
        hir: item.hir,
        names: parser.names,
    })
}

fn error(problem: Problem, excerpt: &str) -> RegexError {
    RegexError {
        problem,
        excerpt: excerpt.as_bytes().to_vec(),
    }
}

/// The part of `whole` that was read when `rest` is left.
fn consumed<'a>(whole: &'a str, rest: &str) -> &'a str {
    whole.get(..whole.len() - rest.len()).unwrap_or(whole)
}

fn next_char(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    Some((chars.next()?, chars.as_str()))
}

#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    fold_case: bool,
    multi_line: bool,
    dot_newline: bool,
    swap_greed: bool,
}

/// A parsed piece of an expression, which a following `*` would repeat.
struct Item {
    hir: Hir,
    height: usize,
    /// The product of the counts of nested repetitions, which Go bounds.
    repeats: u32,
    /// A single character: neighbours of it make one node in Go's tree.
    literal: bool,
}

impl Item {
    fn new(hir: Hir) -> Self {
        Self {
            hir,
            height: 1,
            repeats: 1,
            literal: false,
        }
    }

    fn join(mut items: Vec<Self>, join: impl FnOnce(Vec<Hir>) -> Hir) -> Self {
        if items.len() == 1
            && let Some(item) = items.pop()
        {
            return item;
        }
        let height = items.iter().map(|item| item.height).max().unwrap_or(0);
        let repeats = items.iter().map(|item| item.repeats).max().unwrap_or(1);
        let literal = !items.is_empty() && items.iter().all(|item| item.literal);
        let height = if literal || items.is_empty() {
            1
        } else {
            height + 1
        };
        let hir = join(items.into_iter().map(|item| item.hir).collect());
        Self {
            hir,
            height,
            repeats,
            literal,
        }
    }
}

/// An open parenthesis, or the whole expression.
#[derive(Default)]
struct Group {
    /// The index of the group if it captures.
    capture: Option<u32>,
    /// Flags to restore at its end.
    flags: Flags,
    /// Finished alternatives.
    alternatives: Vec<Item>,
    /// The alternative being read.
    items: Vec<Item>,
}

impl Group {
    fn end_alternative(&mut self) {
        let items = std::mem::take(&mut self.items);
        self.alternatives.push(Item::join(items, Hir::concat));
    }

    fn finish(mut self) -> Item {
        self.end_alternative();
        let item = Item::join(self.alternatives, Hir::alternation);
        match self.capture {
            None => Item {
                literal: false,
                ..item
            },
            Some(index) => Item {
                // Names stay with us: Go allows a name twice, regex-automata does not.
                hir: Hir::capture(Capture {
                    index,
                    name: None,
                    sub: Box::new(item.hir),
                }),
                height: item.height + 1,
                repeats: item.repeats,
                literal: false,
            },
        }
    }
}

/// The operator of a repetition.
#[derive(Clone, Copy)]
struct Repeat {
    min: u32,
    max: Option<u32>,
    /// Written with braces.
    counted: bool,
}

struct Parser<'a> {
    whole: &'a str,
    flags: Flags,
    /// Never empty: the first is the expression itself.
    groups: Vec<Group>,
    names: Vec<Option<String>>,
}

impl<'a> Parser<'a> {
    fn run(&mut self) -> Result<(), RegexError> {
        let mut rest = self.whole;
        // The text from the previous item on, if that was a repetition: two in a row are an error.
        let mut last_repeat: Option<&str> = None;
        while let Some((first, after)) = next_char(rest) {
            let start = rest;
            let mut repeat = None;
            rest = match first {
                '(' if after.starts_with('?') => self.parse_group_flags(rest)?,
                '(' => {
                    self.open(Some(None));
                    after
                }
                '|' => {
                    self.top().end_alternative();
                    after
                }
                ')' => {
                    self.close()?;
                    after
                }
                '^' => {
                    self.push(Hir::look(if self.flags.multi_line {
                        Look::StartLF
                    } else {
                        Look::Start
                    }));
                    after
                }
                '$' => {
                    self.push(Hir::look(if self.flags.multi_line {
                        Look::EndLF
                    } else {
                        Look::End
                    }));
                    after
                }
                '.' => {
                    self.push(Hir::dot(if self.flags.dot_newline {
                        Dot::AnyChar
                    } else {
                        Dot::AnyCharExceptLF
                    }));
                    after
                }
                '[' => self.parse_class(rest)?,
                '*' | '+' | '?' => {
                    let (min, max) = match first {
                        '*' => (0, None),
                        '+' => (1, None),
                        _ => (0, Some(1)),
                    };
                    repeat = Some(start);
                    self.repeat(
                        Repeat {
                            min,
                            max,
                            counted: false,
                        },
                        start,
                        after,
                        last_repeat,
                    )?
                }
                '{' => match parse_counts(rest) {
                    None => {
                        self.push_char('{');
                        after
                    }
                    Some((Some(operator), after)) => {
                        repeat = Some(start);
                        self.repeat(operator, start, after, last_repeat)?
                    }
                    Some((None, after)) => return Err(error(Problem::RepeatCount, consumed(start, after))),
                },
                '\\' => self.parse_backslash(rest)?,
                other => {
                    self.push_char(other);
                    after
                }
            };
            last_repeat = repeat;
        }
        Ok(())
    }

    fn top(&mut self) -> &mut Group {
        if self.groups.is_empty() {
            self.groups.push(Group::default());
        }
        let last = self.groups.len() - 1;
        #[expect(
            clippy::indexing_slicing,
            reason = "just made sure that there is a last group"
        )]
        &mut self.groups[last]
    }

    fn push(&mut self, hir: Hir) {
        self.top().items.push(Item::new(hir));
    }

    fn push_char(&mut self, c: char) {
        let mut chars = class::from_ranges(&[(c, c)]);
        if self.flags.fold_case {
            chars = unicode::fold(chars);
        }
        let hir = Hir::class(Class::Unicode(chars));
        self.top().items.push(Item {
            literal: true,
            ..Item::new(hir)
        });
    }

    /// Opens a group: `None` does not capture, `Some(name)` does.
    fn open(&mut self, capture: Option<Option<String>>) {
        let capture = capture.map(|name| {
            self.names.push(name);
            u32::try_from(self.names.len() - 1).unwrap_or(u32::MAX)
        });
        self.groups.push(Group {
            capture,
            flags: self.flags,
            ..Group::default()
        });
    }

    fn close(&mut self) -> Result<(), RegexError> {
        if self.groups.len() < 2 {
            return Err(error(Problem::UnexpectedParen, self.whole));
        }
        if let Some(group) = self.groups.pop() {
            self.flags = group.flags;
            let item = group.finish();
            if item.height > MAX_HEIGHT {
                return Err(error(Problem::NestingDepth, self.whole));
            }
            self.top().items.push(item);
        }
        Ok(())
    }

    /// Repeats the last item. `start` is the text from the operator on, `after` what follows it.
    fn repeat<'t>(
        &mut self,
        operator: Repeat,
        start: &str,
        after: &'t str,
        last_repeat: Option<&str>,
    ) -> Result<&'t str, RegexError> {
        let (after, lazy) = after
            .strip_prefix('?')
            .map_or((after, false), |after| (after, true));
        if let Some(last) = last_repeat {
            return Err(error(Problem::RepeatOperator, consumed(last, after)));
        }
        let greedy = lazy == self.flags.swap_greed;
        let whole = self.whole;
        let Some(item) = self.top().items.pop() else {
            return Err(error(Problem::MissingRepeatArgument, consumed(start, after)));
        };
        let mut repeats = item.repeats;
        if operator.counted {
            let count = operator.max.unwrap_or(operator.min).max(1);
            repeats = repeats.saturating_mul(count);
            if (operator.min >= 2 || operator.max.is_some_and(|max| max >= 2)) && repeats > MAX_REPEAT {
                return Err(error(Problem::RepeatCount, consumed(start, after)));
            }
        }
        let height = item.height + 1;
        if height > MAX_HEIGHT {
            return Err(error(Problem::NestingDepth, whole));
        }
        let hir = Hir::repetition(Repetition {
            min: operator.min,
            max: operator.max,
            greedy,
            sub: Box::new(item.hir),
        });
        self.top().items.push(Item {
            hir,
            height,
            repeats,
            literal: false,
        });
        Ok(after)
    }

    /// Reads `(?…`: flags, a group with flags, or a named group.
    fn parse_group_flags<'t>(&mut self, start: &'t str) -> Result<&'t str, RegexError> {
        let named = start.strip_prefix("(?P<").filter(|rest| !rest.is_empty());
        let named = named.or_else(|| start.strip_prefix("(?<").filter(|rest| !rest.is_empty()));
        if let Some(named) = named {
            let Some((name, after)) = named.split_once('>') else {
                return Err(error(Problem::NamedCapture, start));
            };
            if name.is_empty()
                || !name
                    .bytes()
                    .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
            {
                return Err(error(Problem::NamedCapture, consumed(start, after)));
            }
            self.open(Some(Some(name.to_owned())));
            return Ok(after);
        }
        let mut rest = start.get(2..).unwrap_or_default();
        let (mut flags, mut negative, mut saw_flag) = (self.flags, false, false);
        while let Some((c, after)) = next_char(rest) {
            rest = after;
            match c {
                'i' => flags.fold_case = !negative,
                'm' => flags.multi_line = !negative,
                's' => flags.dot_newline = !negative,
                'U' => flags.swap_greed = !negative,
                '-' if !negative => {
                    negative = true;
                    saw_flag = false;
                    continue;
                }
                ':' | ')' if !negative || saw_flag => {
                    if c == ':' {
                        self.open(None);
                    }
                    self.flags = flags;
                    return Ok(rest);
                }
                _ => break,
            }
            saw_flag = true;
        }
        Err(error(Problem::PerlOperator, consumed(start, rest)))
    }

    /// Reads an escape outside of a class.
    fn parse_backslash<'t>(&mut self, start: &'t str) -> Result<&'t str, RegexError> {
        let after = start.get(1..).unwrap_or_default();
        if let Some((letter, after)) = next_char(after) {
            match letter {
                'A' => self.push(Hir::look(Look::Start)),
                'z' => self.push(Hir::look(Look::End)),
                'b' => self.push(Hir::look(Look::WordAscii)),
                'B' => self.push(Hir::look(Look::WordAsciiNegate)),
                'Q' => {
                    let (literal, after) = after.split_once(r"\E").unwrap_or((after, ""));
                    literal.chars().for_each(|c| self.push_char(c));
                    return Ok(after);
                }
                _ => {
                    if let Some((chars, after)) = self.parse_class_escape(start)? {
                        self.push(Hir::class(Class::Unicode(chars)));
                        return Ok(after);
                    }
                    let (c, after) = parse_escape(start)?;
                    self.push_char(c);
                    return Ok(after);
                }
            }
            return Ok(after);
        }
        Err(error(Problem::TrailingBackslash, ""))
    }

    /// Reads `\d`, `\pL`, `\P{^Greek}` and the like, if there is one.
    fn parse_class_escape<'t>(&self, start: &'t str) -> Result<Option<(ClassUnicode, &'t str)>, RegexError> {
        let Some((letter, after)) = start.strip_prefix('\\').and_then(next_char) else {
            return Ok(None);
        };
        let mut negative = letter.is_ascii_uppercase();
        if let Some(chars) = class::perl(letter.to_ascii_lowercase()) {
            return Ok(Some((self.class_of(chars, negative), after)));
        }
        if !matches!(letter, 'p' | 'P') {
            return Ok(None);
        }
        let Some((first, after_first)) = next_char(after) else {
            // Go decodes the missing character as U+FFFD, of no width.
            return Err(error(Problem::CharRange, start));
        };
        let (mut name, rest) = if first == '{' {
            after_first
                .split_once('}')
                .ok_or_else(|| error(Problem::CharRange, start))?
        } else {
            (consumed(after, after_first), after_first)
        };
        if let Some(stripped) = name.strip_prefix('^') {
            negative = !negative;
            name = stripped;
        }
        let chars = class::property(name).ok_or_else(|| error(Problem::CharRange, consumed(start, rest)))?;
        Ok(Some((self.class_of(chars, negative), rest)))
    }

    fn class_of(&self, mut chars: ClassUnicode, negative: bool) -> ClassUnicode {
        if self.flags.fold_case {
            chars = unicode::fold(chars);
        }
        if negative { class::negated(chars) } else { chars }
    }

    /// Reads `[…]`.
    fn parse_class<'t>(&mut self, start: &'t str) -> Result<&'t str, RegexError> {
        let mut rest = start.get(1..).unwrap_or_default();
        let negative = rest.starts_with('^');
        if negative {
            rest = rest.get(1..).unwrap_or_default();
        }
        let mut chars = ClassUnicode::empty();
        let mut first = true;
        while first || !rest.starts_with(']') {
            first = false;
            if let Some(posix) = rest.strip_prefix("[:").filter(|rest| !rest.is_empty())
                && let Some((name, after)) = posix.split_once(":]")
            {
                let (plain, inverted) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
                let set =
                    class::posix(plain).ok_or_else(|| error(Problem::CharRange, consumed(rest, after)))?;
                chars.union(&self.class_of(set, inverted));
                rest = after;
                continue;
            }
            if let Some((set, after)) = self.parse_class_escape(rest)? {
                chars.union(&set);
                rest = after;
                continue;
            }
            let range = rest;
            let (low, after) = parse_class_char(rest, start)?;
            rest = after;
            let mut high = low;
            if let Some(after_dash) = rest.strip_prefix('-')
                && !after_dash.is_empty()
                && !after_dash.starts_with(']')
            {
                (high, rest) = parse_class_char(after_dash, start)?;
                if high < low {
                    return Err(error(Problem::CharRange, consumed(range, rest)));
                }
            }
            chars.union(&self.class_of(class::from_ranges(&[(low, high)]), false));
        }
        if negative {
            chars.negate();
        }
        self.push(Hir::class(Class::Unicode(chars)));
        Ok(rest.get(1..).unwrap_or_default())
    }
}

fn parse_class_char<'t>(text: &'t str, class: &str) -> Result<(char, &'t str), RegexError> {
    match next_char(text) {
        None => Err(error(Problem::MissingBracket, class)),
        Some(('\\', _)) => parse_escape(text),
        Some(found) => Ok(found),
    }
}

/// Reads an escape that stands for one character.
fn parse_escape(start: &str) -> Result<(char, &str), RegexError> {
    let Some((c, rest)) = start.strip_prefix('\\').and_then(next_char) else {
        return Err(error(Problem::TrailingBackslash, ""));
    };
    let invalid = |rest: &str| error(Problem::Escape, consumed(start, rest));
    let next_is_octal = rest.starts_with(|digit: char| digit.is_digit(8));
    match c {
        'a' => Ok(('\x07', rest)),
        'f' => Ok(('\x0c', rest)),
        'n' => Ok(('\n', rest)),
        'r' => Ok(('\r', rest)),
        't' => Ok(('\t', rest)),
        'v' => Ok(('\x0b', rest)),
        '0' => Ok(parse_octal(c, rest)),
        // A single digit would be a back-reference.
        '1'..='7' if next_is_octal => Ok(parse_octal(c, rest)),
        'x' => parse_hex(rest).map_err(invalid),
        _ if c.is_ascii() && !c.is_ascii_alphanumeric() => Ok((c, rest)),
        _ => Err(invalid(rest)),
    }
}

fn parse_octal(first: char, mut rest: &str) -> (char, &str) {
    let mut code = first.to_digit(8).unwrap_or(0);
    for _ in 0..2 {
        let Some((digit, after)) = next_char(rest).and_then(|(c, after)| Some((c.to_digit(8)?, after)))
        else {
            break;
        };
        code = code * 8 + digit;
        rest = after;
    }
    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), rest)
}

/// Reads what follows `\x`; the error is the text left where reading stopped.
fn parse_hex(text: &str) -> Result<(char, &str), &str> {
    let (first, rest) = next_char(text).ok_or(text)?;
    if first != '{' {
        let (second, rest) = next_char(rest).ok_or(rest)?;
        let (Some(high), Some(low)) = (first.to_digit(16), second.to_digit(16)) else {
            return Err(rest);
        };
        return Ok((char::from_u32(high * 16 + low).ok_or(rest)?, rest));
    }
    let (mut rest, mut code, mut n_digits) = (rest, 0, 0);
    loop {
        let (c, after) = next_char(rest).ok_or(rest)?;
        rest = after;
        if c == '}' {
            break;
        }
        code = code * 16 + c.to_digit(16).ok_or(rest)?;
        if code > u32::from(char::MAX) {
            return Err(rest);
        }
        n_digits += 1;
    }
    if n_digits == 0 {
        return Err(rest);
    }
    // A surrogate is legal in Go, and matches nothing that is UTF-8.
    Ok((char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), rest))
}

/// Reads `{n}`, `{n,}`, `{n,m}`; the outer `None` if it is none of these, the inner if its numbers are bad.
fn parse_counts(text: &str) -> Option<(Option<Repeat>, &str)> {
    let (min, rest) = parse_count(text.strip_prefix('{')?)?;
    let (max, rest) = match rest.strip_prefix(',') {
        None => (Some(min), rest),
        Some(rest) if rest.starts_with('}') => (None, rest),
        Some(rest) => parse_count(rest).map(|(max, rest)| (Some(max), rest))?,
    };
    let rest = rest.strip_prefix('}')?;
    let valid = min <= MAX_REPEAT && max.is_none_or(|max| max <= MAX_REPEAT && min <= max);
    Some((
        valid.then_some(Repeat {
            min,
            max,
            counted: true,
        }),
        rest,
    ))
}

fn parse_count(text: &str) -> Option<(u32, &str)> {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    Some((digits.parse().unwrap_or(u32::MAX), rest))
}
