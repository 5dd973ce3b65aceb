//! Letters and words as Go's `unicode` and `strings` packages and sprig's string libraries see them.
//!
//! `case.rs` maps single characters, `identifier.rs` turns `camelCase` into `snake_case` and back, `wrap.rs` breaks and
//! shortens lines. All work on bytes that need not be UTF-8, as Go's do.

mod case;
mod identifier;
mod wrap;

pub use case::{is_digit, is_letter, is_lower, is_number, is_punct, is_title, is_upper};
pub use case::{to_lower, to_title, to_upper};
pub use identifier::{to_kebab_case, to_pascal_case, to_snake_case};
pub use wrap::{abbreviate, wrap};

use memchr::memmem;

use crate::value::decode_rune;

/// Code points of `text`, invalid bytes being U+FFFD.
pub fn runes(text: &[u8]) -> impl Iterator<Item = char> + '_ {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (rune, width) = decode_rune(rest)?;
        rest = rest.get(width..).unwrap_or_default();
        Some(rune)
    })
}

/// `text` with each code point mapped.
pub fn map_runes(text: &[u8], map: impl FnMut(char) -> char) -> String {
    runes(text).map(map).collect()
}

/// `strings.ToUpper`.
#[must_use]
pub fn upper(text: &[u8]) -> Vec<u8> {
    if text.is_ascii() {
        text.to_ascii_uppercase()
    } else {
        map_runes(text, to_upper).into_bytes()
    }
}

/// `strings.ToLower`.
#[must_use]
pub fn lower(text: &[u8]) -> Vec<u8> {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        map_runes(text, to_lower).into_bytes()
    }
}

/// `strings.Title`: the first letter of each word in title case.
#[must_use]
pub fn title(text: &[u8]) -> String {
    let is_separator = |rune: char| {
        if rune.is_ascii() {
            return !(rune.is_ascii_alphanumeric() || rune == '_');
        }
        !is_letter(rune) && !is_digit(rune) && rune.is_whitespace()
    };
    let mut previous = ' ';
    map_runes(text, |rune| {
        let starts_word = is_separator(previous);
        previous = rune;
        if starts_word { to_title(rune) } else { rune }
    })
}

/// The first letter of each word, words being separated by white space, in lower case.
#[must_use]
pub fn uncapitalize(text: &[u8]) -> String {
    let mut at_start = true;
    map_runes(text, |rune| {
        if rune.is_whitespace() {
            at_start = true;
            rune
        } else if std::mem::take(&mut at_start) {
            to_lower(rune)
        } else {
            rune
        }
    })
}

/// Upper case to lower and back, but title case for the first letter of a word.
#[must_use]
pub fn swap_case(text: &[u8]) -> String {
    let mut after_space = true;
    map_runes(text, |rune| {
        if is_upper(rune) || is_title(rune) {
            after_space = false;
            to_lower(rune)
        } else if is_lower(rune) {
            if std::mem::take(&mut after_space) {
                to_title(rune)
            } else {
                to_upper(rune)
            }
        } else {
            after_space = rune.is_whitespace();
            rune
        }
    })
}

/// Whether the byte, taken for a Latin-1 character, is white space: how goutils looks at strings.
fn is_latin1_space(byte: u8) -> bool {
    char::from(byte).is_whitespace()
}

/// The first byte of each word, written as a Latin-1 character: sprig's `initials` mangles what is not ASCII.
#[must_use]
pub fn initials(text: &[u8]) -> String {
    let mut in_gap = true;
    let mut initials = String::new();
    for byte in text {
        if is_latin1_space(*byte) {
            in_gap = true;
        } else if std::mem::take(&mut in_gap) {
            initials.push(char::from(*byte));
        }
    }
    initials
}

/// `text` without white space. If there is any, other bytes are written as Latin-1 characters, as sprig's `nospace` does.
#[must_use]
pub fn delete_space(text: &[u8]) -> Vec<u8> {
    if !text.iter().any(|byte| is_latin1_space(*byte)) {
        return text.to_vec();
    }
    text.iter()
        .filter(|byte| !is_latin1_space(**byte))
        .map(|byte| char::from(*byte))
        .collect::<String>()
        .into_bytes()
}

/// `strings.TrimFunc`.
pub fn trim(text: &[u8], remove: impl Fn(char) -> bool) -> &[u8] {
    let mut text = text;
    while let Some((rune, width)) = decode_rune(text)
        && remove(rune)
    {
        text = text.get(width..).unwrap_or_default();
    }
    while let Some((rune, width)) = decode_last_rune(text)
        && remove(rune)
    {
        text = text.get(..text.len() - width).unwrap_or_default();
    }
    text
}

/// The last code point and its width, as Go's `utf8.DecodeLastRune`.
fn decode_last_rune(text: &[u8]) -> Option<(char, usize)> {
    for width in 1..=text.len().min(4) {
        let tail = text.get(text.len() - width..)?;
        if let Some((rune, decoded)) = decode_rune(tail)
            && decoded == width
            && (width > 1 || rune != char::REPLACEMENT_CHARACTER)
        {
            return Some((rune, width));
        }
    }
    (!text.is_empty()).then_some((char::REPLACEMENT_CHARACTER, 1))
}

/// Where `needle` starts in `text`.
#[must_use]
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    memmem::find(text, needle)
}

/// `strings.SplitN`: at most `limit` pieces, all if it is negative; an empty separator splits after each code point.
pub fn split<'t>(text: &'t [u8], separator: &[u8], limit: i64) -> Vec<&'t [u8]> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let finder = memmem::Finder::new(separator);
    let mut pieces = Vec::new();
    let mut rest = text;
    if limit == 0 {
        return pieces;
    }
    while pieces.len() + 1 < limit {
        let (piece_end, next) = if separator.is_empty() {
            let Some((_, width)) = decode_rune(rest).filter(|(_, width)| *width < rest.len()) else {
                break;
            };
            (width, width)
        } else {
            let Some(at) = finder.find(rest) else { break };
            (at, at + separator.len())
        };
        pieces.push(rest.get(..piece_end).unwrap_or_default());
        rest = rest.get(next..).unwrap_or_default();
    }
    if !(separator.is_empty() && rest.is_empty()) {
        pieces.push(rest);
    }
    pieces
}

/// How often `needle` occurs in `text`, without overlap; an empty one, around each code point.
#[must_use]
pub fn count(text: &[u8], needle: &[u8]) -> usize {
    if needle.is_empty() {
        return runes(text).count() + 1;
    }
    memmem::find_iter(text, needle).count()
}

/// `strings.ReplaceAll`; an empty `old` is found around each code point.
#[must_use]
pub fn replace(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    if old.is_empty() {
        let mut rest = text;
        replaced.extend_from_slice(new);
        while let Some((_, width)) = decode_rune(rest) {
            replaced.extend_from_slice(rest.get(..width).unwrap_or_default());
            replaced.extend_from_slice(new);
            rest = rest.get(width..).unwrap_or_default();
        }
        return replaced;
    }
    let mut done = 0;
    for at in memmem::find_iter(text, old) {
        replaced.extend_from_slice(text.get(done..at).unwrap_or_default());
        replaced.extend_from_slice(new);
        done = at + old.len();
    }
    replaced.extend_from_slice(text.get(done..).unwrap_or_default());
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_change_case_as_in_go() {
        assert_eq!(
            title("hello wörld o'neil a_b".as_bytes()),
            "Hello Wörld O'Neil A_b"
        );
        assert_eq!(uncapitalize("Hello World".as_bytes()), "hello world");
        assert_eq!(swap_case("hELLO wORLD 1a".as_bytes()), "Hello World 1A");
        assert_eq!(upper("straße ǆ".as_bytes()), "STRAßE Ǆ".as_bytes());
        assert_eq!(initials("First Éa".as_bytes()), "FÃ");
        assert_eq!(delete_space("a é".as_bytes()), "aÃ©".as_bytes());
        assert_eq!(delete_space("é".as_bytes()), "é".as_bytes());
    }

    #[test]
    fn pieces() {
        assert_eq!(split(b"a,b,c", b",", 2), [b"a".as_slice(), b"b,c"]);
        assert_eq!(split("aé".as_bytes(), b"", -1), ["a".as_bytes(), "é".as_bytes()]);
        assert_eq!(split(b"", b",", -1), [b""]);
        assert!(split(b"", b"", -1).is_empty());
        assert_eq!(replace("aé".as_bytes(), b"", b"-"), "-a-é-".as_bytes());
        assert_eq!(count("aé".as_bytes(), b""), 3);
        assert_eq!(trim("\u{a0} x\u{85}".as_bytes(), char::is_whitespace), b"x");
    }
}
