//! Input for the scanner: decoded and checked text.
//!
//! YAML text may come as UTF-8 or UTF-16, with or without a byte order mark, and must not hold control characters.
//! libyaml decodes in chunks of 512 bytes while it scans, so a bad byte is reported only when the scanner reaches its
//! chunk: an earlier syntax error wins. `Source` checks everything at once and remembers where libyaml would notice.

use std::borrow::Cow;

use super::error::{Error, Mark, Stage};

/// Bytes that libyaml decodes at a time (`input_raw_buffer_size`).
const CHUNK: usize = 512;

const INCOMPLETE: &str = "incomplete UTF-8 octet sequence";

/// Decoded YAML text, ready to be scanned.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    text: Cow<'a, str>,
    is_ascii: bool,
    defect: Option<Defect>,
}

/// A byte that cannot be part of YAML text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defect {
    problem: &'static str,
    /// Where in the text libyaml's decoder would stop to report it: everything before can be scanned.
    pub(super) limit: usize,
}

impl Defect {
    pub(super) fn error(&self) -> Error {
        // Reader errors carry no mark in go-yaml, so their text names no line.
        Error::Syntax {
            stage: Stage::Reader,
            problem: self.problem,
            line: 0,
            mark: Mark::default(),
        }
    }
}

impl<'a> Source<'a> {
    /// Decodes `bytes`. Never fails: what cannot be decoded is reported by the parser when it gets there.
    pub fn new(bytes: &'a [u8]) -> Self {
        match bytes {
            [0xFF, 0xFE, rest @ ..] => Self::from_utf16(rest, u16::from_le_bytes),
            [0xFE, 0xFF, rest @ ..] => Self::from_utf16(rest, u16::from_be_bytes),
            [0xEF, 0xBB, 0xBF, rest @ ..] => Self::from_utf8(rest, 3),
            _ => Self::from_utf8(bytes, 0),
        }
    }

    /// The decoded text, up to the first defect.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_ascii(&self) -> bool {
        self.is_ascii
    }

    pub(super) fn defect(&self) -> Option<Defect> {
        self.defect
    }

    fn from_utf8(bytes: &'a [u8], bom: usize) -> Self {
        if is_plain_ascii(bytes) {
            let text = std::str::from_utf8(bytes).unwrap_or_default();
            return Self {
                text: Cow::Borrowed(text),
                is_ascii: true,
                defect: None,
            };
        }
        let (valid, mut defect) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let (valid, rest) = bytes.split_at(error.valid_up_to());
                let text = std::str::from_utf8(valid).unwrap_or_default();
                (text, Some((text.len(), utf8_problem(rest))))
            }
        };
        let mut text = valid;
        if let Some(at) = first_control(valid) {
            text = valid.get(..at).unwrap_or_default();
            defect = Some((at, "control characters are not allowed"));
        }
        let defect = defect.map(|(at, problem)| Defect {
            problem,
            // What is cut off may still be completed: libyaml waits until it needs the character.
            limit: if problem == INCOMPLETE {
                at
            } else {
                chunk_start(bytes, at, CHUNK - bom)
            },
        });
        Self {
            is_ascii: text.is_ascii(),
            text: Cow::Borrowed(text),
            defect,
        }
    }

    fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Self {
        let mut text = String::with_capacity(bytes.len());
        let (units, odd) = bytes.as_chunks::<2>();
        let mut problem = None;
        let mut units = units.iter().map(|pair| unit(*pair));
        while let Some(first) = units.next() {
            let code = match first {
                0xDC00..=0xDFFF => {
                    problem = Some("unexpected low surrogate area");
                    break;
                }
                0xD800..=0xDBFF => match units.next() {
                    None => {
                        problem = Some("incomplete UTF-16 surrogate pair");
                        break;
                    }
                    Some(second @ 0xDC00..=0xDFFF) => {
                        0x10000 + ((u32::from(first) & 0x3FF) << 10) + (u32::from(second) & 0x3FF)
                    }
                    Some(_) => {
                        problem = Some("expected low surrogate area");
                        break;
                    }
                },
                _ => u32::from(first),
            };
            match char::from_u32(code) {
                Some(c) if is_allowed(c) => text.push(c),
                _ => {
                    problem = Some("control characters are not allowed");
                    break;
                }
            }
        }
        if problem.is_none() && !odd.is_empty() {
            problem = Some("incomplete UTF-16 character");
        }
        // Chunks are not traced through UTF-16: the defect counts from the end of the good text.
        let defect = problem.map(|problem| Defect {
            problem,
            limit: text.len(),
        });
        Self {
            is_ascii: text.is_ascii(),
            text: Cow::Owned(text),
            defect,
        }
    }
}

fn is_plain_ascii(bytes: &[u8]) -> bool {
    let plain = |b: &u8| matches!(b, 0x20..=0x7E | b'\n' | b'\r' | b'\t');
    // Outside of this range there are three bytes alone; both folds are without a branch, and of bytes rather than
    // booleans, so that the compiler uses vector instructions.
    let odd = |b: &u8| {
        let space = u8::from(*b == b'\n') | u8::from(*b == b'\r') | u8::from(*b == b'\t');
        u8::from(b.wrapping_sub(0x20) > 0x7E - 0x20) & !space
    };
    let (blocks, rest) = bytes.as_chunks::<64>();
    blocks
        .iter()
        .all(|block| block.iter().fold(0, |found, b| found | odd(b)) == 0)
        && rest.iter().all(plain)
}

/// The characters of YAML 1.1's `c-printable`.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{FFFD}' | '\u{10000}'..)
}

fn first_control(text: &str) -> Option<usize> {
    text.char_indices()
        .find(|(_, c)| !is_allowed(*c))
        .map(|(at, _)| at)
}

/// How libyaml names the fault of the byte sequence at the start of `rest`.
fn utf8_problem(rest: &[u8]) -> &'static str {
    let Some(&lead) = rest.first() else {
        return INCOMPLETE;
    };
    let width = match lead {
        0x00..=0x7F => 1,
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => return "invalid leading UTF-8 octet",
    };
    let Some(sequence) = rest.get(..width) else {
        return INCOMPLETE;
    };
    if sequence.iter().skip(1).any(|b| b & 0xC0 != 0x80) {
        return "invalid trailing UTF-8 octet";
    }
    let lead_bits = if width == 1 { lead } else { lead & (0x7F >> width) };
    let value = sequence
        .iter()
        .skip(1)
        .fold(u32::from(lead_bits), |v, b| (v << 6) | u32::from(b & 0x3F));
    let least = match width {
        2 => 0x80,
        3 => 0x800,
        _ => 0x10000,
    };
    if value < least {
        "invalid length of a UTF-8 sequence"
    } else {
        "invalid Unicode character"
    }
}

/// The start of the chunk in which libyaml's decoder meets the byte at `at`.
fn chunk_start(bytes: &[u8], at: usize, first_chunk: usize) -> usize {
    let mut start = 0;
    let mut size = first_chunk;
    loop {
        let full = (start + size).min(bytes.len());
        // A character cut by the end of a chunk is decoded with the next one.
        let mut end = full;
        if full < bytes.len() {
            for back in 1..4 {
                let Some(lead) = full.checked_sub(back).and_then(|i| bytes.get(i)) else {
                    break;
                };
                if lead & 0xC0 != 0x80 {
                    let width = match lead {
                        0xC0..=0xDF => 2,
                        0xE0..=0xEF => 3,
                        0xF0..=0xF7 => 4,
                        _ => 1,
                    };
                    if width > back {
                        end = full - back;
                    }
                    break;
                }
            }
        }
        if at < end || full == bytes.len() || end <= start {
            return start;
        }
        start = end;
        size = CHUNK;
    }
}
