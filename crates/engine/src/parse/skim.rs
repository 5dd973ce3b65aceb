//! Reading without building: whether a body is in order, and where it ends.
//!
//! Most of what charts bring along is never executed: definitions that nobody calls, objects that are switched off.
//! Helm reports what is wrong in them all the same. So every body is skimmed, which takes a fraction of parsing; where
//! skimming meets anything but the usual, it gives up, and the parser reads the same text and says what it is.
//! Whatever is skimmed to its end, the parser accepts.

use super::MIN_SKIPPED_BYTES;
use super::lex::{LEFT_DELIM, Lexer, NAME, QUOTABLE, RIGHT_COMMENT, SPACE, TERMINATOR, find, is, run_of};
use super::number::Number;
use super::token::TokenKind;
use crate::funcs;
use crate::strconv::unquote;
use crate::value::GoStr;

/// `if`, `with` and `range` within each other. Skimming takes no stack, but what reads and executes bodies does.
const MAX_FRAMES: usize = 100;
/// Parentheses within each other.
const MAX_PARENS: usize = 50;

/// A body that is in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Body {
    /// Where it starts, behind the action that opens it.
    pub(super) start: usize,
    /// Where the action stands that ends it, an `end` or an `else`.
    pub(super) end: usize,
    /// How many variables are declared in it at a time.
    pub(super) slots: usize,
    /// Whether an `else` ends it, in which what it declares is in scope for Go's parser.
    pub(super) leaks: bool,
}

/// What was skimmed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Skimmed {
    pub(super) body: Body,
    /// Whether there is nothing but space and comments in it.
    pub(super) is_empty: bool,
}

/// What is known of variables and loops where a body starts.
#[derive(Clone, Copy)]
pub(super) enum Around<'p> {
    /// The names that are declared, and whether there is a `range` to break out of.
    Known { declared: &'p [GoStr], in_range: bool },
    /// All of this was skimmed before.
    Checked,
}

/// Skims the body that starts at `start`, outside of actions. `None`: the parser has to look.
///
/// The longer bodies in it, each of which was skimmed by then as well, are added to `noted`.
pub(super) fn skim(text: &[u8], start: usize, around: Around<'_>, noted: &mut Vec<Body>) -> Option<Skimmed> {
    let skim = Skim {
        text,
        at: start,
        around,
        noted,
        declared: Vec::new(),
        slots: 0,
        max_slots: 0,
        frames: Vec::new(),
        ranges: 0,
    };
    skim.body(start)
}

struct Skim<'t> {
    text: &'t [u8],
    at: usize,
    around: Around<'t>,
    noted: &'t mut Vec<Body>,
    /// Names declared in the body.
    declared: Vec<&'t [u8]>,
    slots: usize,
    max_slots: usize,
    frames: Vec<Frame>,
    /// Of the frames, those that `break` may end.
    ranges: usize,
}

/// An `if`, `with` or `range` that is open.
struct Frame {
    keyword: Keyword,
    n_declared: usize,
    slots: usize,
    has_else: bool,
    /// Of the body that is open in it: where it starts, what is declared there, and the most that was around it.
    start: usize,
    n_declared_before: usize,
    slots_before: usize,
    max_slots_around: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyword {
    If,
    With,
    Range,
}

impl Keyword {
    fn of(word: &[u8]) -> Option<Self> {
        match word {
            b"if" => Some(Self::If),
            b"with" => Some(Self::With),
            b"range" => Some(Self::Range),
            _ => None,
        }
    }
}

/// What ends a pipeline.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    RightDelim,
    RightParen,
}

impl<'t> Skim<'t> {
    fn body(mut self, start: usize) -> Option<Skimmed> {
        let mut is_empty = true;
        loop {
            let rest = self.rest();
            let offset = find(rest, LEFT_DELIM)?;
            let end = self.at + offset;
            if is_empty {
                is_empty = is_space(rest.get(..offset)?)?;
            }
            self.at = end + LEFT_DELIM.len();
            if let [b'-', space, ..] = self.rest()
                && is(*space, SPACE)
            {
                self.at += 2;
            }
            if self.rest().starts_with(b"/*") {
                self.comment()?;
                continue;
            }
            self.space();
            if matches!(self.rest(), [b'a'..=b'z', ..]) {
                let word_start = self.at;
                let word = self.name()?;
                if self.frames.is_empty() && matches!(word, b"end" | b"else") {
                    let body = Body {
                        start,
                        end,
                        slots: self.max_slots,
                        leaks: word == b"else" && !self.declared.is_empty(),
                    };
                    return Some(Skimmed { body, is_empty });
                }
                if !self.keyword(word, end)? {
                    self.at = word_start;
                    self.pipeline(false, Stop::RightDelim, 0)?;
                }
            } else {
                self.pipeline(false, Stop::RightDelim, 0)?;
            }
            is_empty = false;
        }
    }

    /// The rest of an action that starts with a word and stands at `action`; false if the word is no keyword of actions.
    fn keyword(&mut self, word: &[u8], action: usize) -> Option<bool> {
        match word {
            b"if" | b"with" | b"range" => self.open(Keyword::of(word)?)?,
            b"end" => {
                self.end_body(action, false)?;
                let frame = self.frames.pop()?;
                self.ranges -= usize::from(frame.keyword == Keyword::Range && !frame.has_else);
                self.declared.truncate(frame.n_declared);
                self.slots = frame.slots;
                self.right_delim()?;
            }
            b"else" => {
                self.end_body(action, true)?;
                let frame = self.frames.last_mut().filter(|frame| !frame.has_else)?;
                let keyword = frame.keyword;
                let start = self.at;
                self.space();
                if matches!(self.rest(), [b'i' | b'w', ..]) && Keyword::of(self.name()?)? == keyword {
                    // One `end` ends all of the chain, and what any of it declares.
                    self.pipeline(false, Stop::RightDelim, 0)?;
                } else {
                    self.at = start;
                    self.ranges -= usize::from(keyword == Keyword::Range);
                    self.frames.last_mut()?.has_else = true;
                    self.right_delim()?;
                }
                self.start_body()?;
            }
            b"template" => {
                self.space();
                match self.byte()? {
                    b'"' => self.quoted()?,
                    b'`' => self.raw()?,
                    _ => return None,
                }
                let start = self.at;
                if self.right_delim().is_none() {
                    self.at = start;
                    self.pipeline(false, Stop::RightDelim, 0)?;
                }
            }
            b"break" | b"continue" => {
                let in_range = match self.around {
                    Around::Known { in_range, .. } => in_range || self.ranges > 0,
                    Around::Checked => true,
                };
                self.right_delim().filter(|()| in_range)?;
            }
            b"define" | b"block" => return None,
            _ => return Some(false),
        }
        Some(true)
    }

    fn open(&mut self, keyword: Keyword) -> Option<()> {
        if self.frames.len() >= MAX_FRAMES {
            return None;
        }
        let frame = Frame {
            keyword,
            n_declared: self.declared.len(),
            slots: self.slots,
            has_else: false,
            start: 0,
            n_declared_before: 0,
            slots_before: 0,
            max_slots_around: 0,
        };
        self.pipeline(keyword == Keyword::Range, Stop::RightDelim, 0)?;
        self.ranges += usize::from(keyword == Keyword::Range);
        self.frames.push(frame);
        self.start_body()
    }

    /// A body of the innermost frame starts here.
    fn start_body(&mut self) -> Option<()> {
        let frame = self.frames.last_mut()?;
        frame.start = self.at;
        frame.n_declared_before = self.declared.len();
        frame.slots_before = self.slots;
        frame.max_slots_around = std::mem::replace(&mut self.max_slots, self.slots);
        Some(())
    }

    /// The body of the innermost frame ends where the action at `end` starts.
    fn end_body(&mut self, end: usize, at_else: bool) -> Option<()> {
        let frame = self.frames.last()?;
        if end - frame.start >= MIN_SKIPPED_BYTES {
            self.noted.push(Body {
                start: frame.start,
                end,
                slots: self.max_slots - frame.slots_before,
                leaks: at_else && self.declared.len() > frame.n_declared_before,
            });
        }
        self.max_slots = self.max_slots.max(frame.max_slots_around);
        Some(())
    }

    #[inline(always)]
    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    #[inline(always)]
    fn byte(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Skips space; whether there is any before what comes next.
    #[inline(always)]
    fn space(&mut self) -> bool {
        let length = run_of(self.rest(), SPACE);
        self.at += length;
        // Something may have skipped it before.
        length > 0 || {
            let before = self.at.checked_sub(1).and_then(|before| self.text.get(before));
            before.is_some_and(|byte| is(*byte, SPACE))
        }
    }

    fn comment(&mut self) -> Option<()> {
        self.at += 2;
        self.at += find(self.rest(), RIGHT_COMMENT)? + RIGHT_COMMENT.len();
        match self.rest() {
            [b'}', b'}', ..] => self.at += 2,
            [space, b'-', b'}', b'}', ..] if is(*space, SPACE) => {
                self.at += 4;
                self.space();
            }
            _ => return None,
        }
        Some(())
    }

    fn right_delim(&mut self) -> Option<()> {
        let spaced = self.space();
        self.at_right_delim(spaced).then(|| self.skip_right_delim())
    }

    #[inline(always)]
    fn at_right_delim(&self, spaced: bool) -> bool {
        match self.rest() {
            [b'}', b'}', ..] => true,
            [b'-', b'}', b'}', ..] => spaced,
            _ => false,
        }
    }

    fn skip_right_delim(&mut self) {
        if self.byte() == Some(b'-') {
            self.at += 3;
            self.space();
        } else {
            self.at += 2;
        }
    }

    /// A run of letters, which may be none, with what must follow it.
    #[inline(always)]
    fn name(&mut self) -> Option<&'t [u8]> {
        let rest = self.rest();
        let length = run_of(rest, NAME);
        self.at += length;
        let (name, after) = rest.split_at_checked(length)?;
        match after {
            [] | [b'}', b'}', ..] => Some(name),
            // Letters beyond ASCII terminate nothing.
            [byte, ..] => is(*byte, TERMINATOR).then_some(name),
        }
    }

    fn pipeline(&mut self, is_range: bool, stop: Stop, parens: usize) -> Option<()> {
        self.space();
        if self.byte() == Some(b'$') {
            self.declarations(is_range)?;
        }
        let mut n_commands = 0;
        loop {
            let spaced = self.space();
            match stop {
                Stop::RightDelim if self.at_right_delim(spaced) => {
                    self.skip_right_delim();
                    break;
                }
                Stop::RightParen if self.byte() == Some(b')') => {
                    self.at += 1;
                    break;
                }
                _ => {}
            }
            let is_literal = self.command(parens)?;
            n_commands += 1;
            if is_literal && n_commands > 1 {
                return None;
            }
        }
        (n_commands > 0).then_some(())
    }

    fn declarations(&mut self, is_range: bool) -> Option<()> {
        let start = self.at;
        let mut n_names = 0;
        loop {
            self.at += 1;
            let name_start = self.at - 1;
            self.name()?;
            let name = self.text.get(name_start..self.at)?;
            self.space();
            let next = self.rest();
            let slots = match next {
                [b':', b'=', ..] => {
                    self.at += 2;
                    n_names + 1
                }
                [b'=', ..] => {
                    self.at += 1;
                    0
                }
                [b',', ..] if is_range && n_names == 0 => {
                    self.at += 1;
                    self.declared.push(name);
                    n_names += 1;
                    self.space();
                    if self.byte() != Some(b'$') {
                        return None;
                    }
                    continue;
                }
                [b',', ..] => return None,
                // No declaration, but a command that starts with a variable.
                _ if n_names == 0 => {
                    self.at = start;
                    return Some(());
                }
                _ => return None,
            };
            // What is only assigned counts as declared, too.
            self.declared.push(name);
            self.slots += slots;
            self.max_slots = self.max_slots.max(self.slots);
            return Some(());
        }
    }

    /// Operands up to a `|`, which is skipped, or to what may end a pipeline; whether the first is a literal.
    fn command(&mut self, parens: usize) -> Option<bool> {
        let is_literal = self.operand(parens)?;
        loop {
            let spaced = self.space();
            match self.byte()? {
                b'|' => {
                    self.at += 1;
                    return Some(is_literal);
                }
                b')' => return Some(is_literal),
                b'}' | b'-' if self.at_right_delim(spaced) => return Some(is_literal),
                _ if spaced => {
                    self.operand(parens)?;
                }
                _ => return None,
            }
        }
    }

    /// An operand; whether it is a literal.
    fn operand(&mut self, parens: usize) -> Option<bool> {
        let start = self.at;
        let is_literal = match self.byte()? {
            b'.' if !matches!(self.text.get(start + 1), None | Some(b'0'..=b'9')) => {
                self.at += 1;
                self.name()?.is_empty()
            }
            b'$' => {
                self.at += 1;
                self.name()?;
                self.variable(self.text.get(start..self.at)?)?;
                false
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => match self.name()? {
                b"true" | b"false" | b"nil" => true,
                b"block" | b"break" | b"continue" | b"define" | b"else" | b"end" | b"if" | b"range"
                | b"template" | b"with" => return None,
                name => {
                    funcs::find(name)?;
                    false
                }
            },
            b'"' => {
                self.quoted()?;
                true
            }
            b'`' => {
                self.raw()?;
                true
            }
            b'(' => {
                if parens >= MAX_PARENS {
                    return None;
                }
                self.at += 1;
                self.pipeline(false, Stop::RightParen, parens + 1)?;
                false
            }
            b'.' | b'+' | b'-' | b'0'..=b'9' | b'\'' => {
                self.number()?;
                true
            }
            _ => return None,
        };
        while self.byte() == Some(b'.') {
            if is_literal || matches!(self.text.get(self.at + 1), None | Some(b'0'..=b'9')) {
                return None;
            }
            self.at += 1;
            self.name().filter(|name| !name.is_empty())?;
        }
        Some(is_literal)
    }

    fn variable(&self, name: &[u8]) -> Option<()> {
        let Around::Known { declared, .. } = self.around else {
            return Some(());
        };
        let is_known = name == b"$"
            || self.declared.contains(&name)
            || declared.iter().any(|known| known.as_bytes() == name);
        is_known.then_some(())
    }

    fn quoted(&mut self) -> Option<()> {
        let start = self.at;
        self.at += 1;
        let mut is_plain = true;
        loop {
            self.at += run_of(self.rest(), QUOTABLE);
            let byte = self.byte()?;
            self.at += 1;
            match byte {
                b'"' => break,
                b'\n' => return None,
                b'\\' => {
                    is_plain = false;
                    self.byte().filter(|byte| *byte != b'\n')?;
                    self.at += 1;
                }
                // Beyond ASCII.
                _ => is_plain = false,
            }
        }
        is_plain
            .then_some(())
            .or_else(|| unquote(self.text.get(start..self.at)?).map(|_| ()))
    }

    fn raw(&mut self) -> Option<()> {
        let start = self.at;
        let after = self.text.get(start + 1..)?;
        self.at = start + 2 + memchr::memchr(b'`', after)?;
        unquote(self.text.get(start..self.at)?).map(|_| ())
    }

    /// A number or a character.
    fn number(&mut self) -> Option<()> {
        let rest = self.rest();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_plain = digits == 1 || (1..=15).contains(&digits) && rest.first() != Some(&b'0');
        if is_plain && matches!(rest.get(digits), Some(b' ' | b')' | b'|' | b'}')) {
            self.at += digits;
            return Some(());
        }
        let mut lexer = Lexer::inside_action(self.text, self.at);
        let token = lexer.next_token();
        if !matches!(
            token.kind,
            TokenKind::Number | TokenKind::Complex | TokenKind::CharConstant
        ) {
            return None;
        }
        self.at = lexer.position();
        let text = String::from_utf8_lossy(token.text(self.text));
        Number::parse(&text, token.kind).ok().map(|_| ())
    }
}

/// Whether there is nothing but space in a text; `None` where its letters do not say so at once.
fn is_space(text: &[u8]) -> Option<bool> {
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => Some(true),
        Some(byte) => byte.is_ascii_graphic().then_some(false),
    }
}
