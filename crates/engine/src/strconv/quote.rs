//! `strconv.Quote`, `Unquote` and relatives, on byte strings.

use crate::value::decode_rune;

/// Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space.
// The standard library has the table, but only its debug escape shows it; a preceding letter keeps it from
// escaping combining marks.
#[must_use]
pub fn is_print(rune: char) -> bool {
    match rune {
        ' '..='~' => true,
        '\0'..='\u{a0}' | '\u{ad}' => false,
        '\u{a1}'..='\u{ff}' => true,
        _ => {
            let mut text = [0; 5];
            text[0] = b'a';
            let width = rune.len_utf8();
            rune.encode_utf8(text.get_mut(1..).unwrap_or_default());
            let text = text
                .get(..=width)
                .and_then(|text| std::str::from_utf8(text).ok())
                .unwrap_or_default();
            text.escape_debug().nth(1) != Some('\\')
        }
    }
}

/// `strconv.Quote`.
#[must_use]
pub fn quote(text: &[u8]) -> String {
    quote_with(text, '"', false)
}

/// `strconv.QuoteToASCII`.
#[must_use]
pub fn quote_to_ascii(text: &[u8]) -> String {
    quote_with(text, '"', true)
}

/// `strconv.QuoteRune`; `None` is a rune that is not a Unicode scalar value.
#[must_use]
pub fn quote_rune(rune: Option<char>) -> String {
    quote_one_rune(rune, false)
}

/// `strconv.QuoteRuneToASCII`.
#[must_use]
pub fn quote_rune_to_ascii(rune: Option<char>) -> String {
    quote_one_rune(rune, true)
}

fn quote_one_rune(rune: Option<char>, ascii: bool) -> String {
    let mut out = String::from("'");
    push_escaped(&mut out, rune.unwrap_or(char::REPLACEMENT_CHARACTER), '\'', ascii);
    out.push('\'');
    out
}

fn quote_with(text: &[u8], quote: char, ascii: bool) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 2 + 2);
    out.push(quote);
    let mut rest = text;
    while let Some((rune, width)) = decode_rune(rest) {
        if rune == char::REPLACEMENT_CHARACTER && width == 1 {
            let byte = rest.first().copied().unwrap_or_default();
            out.push_str(&format!("\\x{byte:02x}"));
        } else {
            push_escaped(&mut out, rune, quote, ascii);
        }
        rest = rest.get(width..).unwrap_or_default();
    }
    out.push(quote);
    out
}

fn push_escaped(out: &mut String, rune: char, quote: char, ascii: bool) {
    if rune == quote || rune == '\\' {
        out.push('\\');
        out.push(rune);
        return;
    }
    if is_print(rune) && (!ascii || rune.is_ascii()) {
        out.push(rune);
        return;
    }
    match rune {
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        '\0'..=' ' | '\x7f' => out.push_str(&format!("\\x{:02x}", u32::from(rune))),
        '\0'..='\u{ffff}' => out.push_str(&format!("\\u{:04x}", u32::from(rune))),
        _ => out.push_str(&format!("\\U{:08x}", u32::from(rune))),
    }
}

/// `strconv.CanBackquote`: one line, no backquote, no control character but tab.
#[must_use]
pub fn can_backquote(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    text.chars()
        .all(|c| c == '\t' || c >= ' ' && !matches!(c, '`' | '\x7f' | '\u{feff}'))
}

/// `strconv.UnquoteChar` without the tail: the code point, its width in the input, and whether it was written
/// as one byte (`\x`, octal or ASCII) rather than as a character.
#[must_use]
pub fn unquote_char(text: &[u8], quote: u8) -> Option<(u32, usize, bool)> {
    let first = *text.first()?;
    if first == quote && matches!(quote, b'\'' | b'"') {
        return None;
    }
    if first >= 0x80 {
        let (rune, width) = decode_rune(text)?;
        return Some((u32::from(rune), width, false));
    }
    if first != b'\\' {
        return Some((u32::from(first), 1, true));
    }
    let escape = *text.get(1)?;
    let simple = |byte: u8| Some((u32::from(byte), 2, true));
    match escape {
        b'a' => simple(7),
        b'b' => simple(8),
        b'f' => simple(12),
        b'n' => simple(b'\n'),
        b'r' => simple(b'\r'),
        b't' => simple(b'\t'),
        b'v' => simple(11),
        b'\\' => simple(b'\\'),
        b'\'' | b'"' if escape == quote => simple(escape),
        b'x' | b'u' | b'U' => {
            let digits = match escape {
                b'x' => 2,
                b'u' => 4,
                _ => 8,
            };
            let mut value: u32 = 0;
            for digit in text.get(2..2 + digits)? {
                value = value << 4 | char::from(*digit).to_digit(16)?;
            }
            if escape != b'x' {
                char::from_u32(value)?;
            }
            Some((value, 2 + digits, escape == b'x'))
        }
        b'0'..=b'7' => {
            let mut value: u32 = 0;
            for digit in text.get(1..4)? {
                value = value << 3 | char::from(*digit).to_digit(8)?;
            }
            (value <= 255).then_some((value, 4, true))
        }
        _ => None,
    }
}

/// `strconv.Unquote`; `None` is its one error, `invalid syntax`.
#[must_use]
pub fn unquote(text: &[u8]) -> Option<Vec<u8>> {
    let quote = *text.first()?;
    if text.len() < 2 || text.last() != Some(&quote) {
        return None;
    }
    let mut rest = text.get(1..text.len() - 1)?;
    match quote {
        // A raw string loses its carriage returns, as in Go source.
        b'`' => (!rest.contains(&b'`')).then(|| rest.iter().copied().filter(|byte| *byte != b'\r').collect()),
        b'"' | b'\'' => {
            if rest.contains(&b'\n') {
                return None;
            }
            if quote == b'"'
                && !rest.contains(&b'\\')
                && !rest.contains(&quote)
                && std::str::from_utf8(rest).is_ok()
            {
                return Some(rest.to_vec());
            }
            let mut out = Vec::with_capacity(rest.len());
            let mut count = 0;
            while !rest.is_empty() {
                let (value, width, single_byte) = unquote_char(rest, quote)?;
                match (single_byte, char::from_u32(value)) {
                    (true, _) => out.push(u8::try_from(value).ok()?),
                    (false, Some(rune)) => out.extend_from_slice(rune.encode_utf8(&mut [0; 4]).as_bytes()),
                    (false, None) => return None,
                }
                rest = rest.get(width..)?;
                count += 1;
            }
            (quote == b'"' || count == 1).then_some(out)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_print, quote, quote_rune, quote_to_ascii, unquote};

    #[test]
    fn quotes_as_go_does() {
        assert_eq!(quote(b"a\"b\\\n\x00\xff"), r#""a\"b\\\n\x00\xff""#);
        assert_eq!(quote("é☺\u{1F389}\u{200b}".as_bytes()), "\"é☺\u{1F389}\\u200b\"");
        assert_eq!(quote_to_ascii("é\u{1F389}".as_bytes()), r#""\u00e9\U0001f389""#);
        assert_eq!(quote("\u{feff}\u{a0}\x7f".as_bytes()), r#""\ufeff\u00a0\x7f""#);
        assert_eq!(quote_rune(Some('\'')), r"'\''");
        assert!(is_print('\u{301}') && is_print('☺') && !is_print('\u{200c}') && !is_print('\u{e000}'));
    }

    #[test]
    fn unquotes_as_go_does() {
        for (text, want) in [
            (r#""a\tb""#, Some("a\tb")),
            (r#""\u00e9\U0001F389\101""#, Some("é\u{1F389}A")),
            ("`a\\n\r`", Some("a\\n")),
            ("'x'", Some("x")),
            ("'xy'", None),
            (r#""\'""#, None),
            ("\"a\nb\"", None),
            ("\"", None),
            (r#""\ud800""#, None),
        ] {
            assert_eq!(
                unquote(text.as_bytes()).as_deref(),
                want.map(str::as_bytes),
                "{text}"
            );
        }
        assert_eq!(unquote(br#""\xff""#).as_deref(), Some(&b"\xff"[..]));
    }
}
