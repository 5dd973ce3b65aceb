//! Whether a file is text, and which.

use std::borrow::Cow;

/// What a file cannot be shown as text for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextLimit {
    #[error("it is not text")]
    Binary,
    #[error("it has more than {limit_bytes} bytes")]
    TooLarge { limit_bytes: usize },
}

/// The text of a file. Text is UTF-8, or UTF-16 with a byte order mark; in a text that is nearly all UTF-8, what is not
/// becomes U+FFFD.
pub fn text(data: &[u8], limit_bytes: usize) -> Result<Cow<'_, str>, TextLimit> {
    if data.len() > limit_bytes {
        return Err(TextLimit::TooLarge { limit_bytes });
    }
    match data {
        [0xff, 0xfe, rest @ ..] => return utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => return utf16(rest, u16::from_be_bytes),
        _ => {}
    }
    let text = String::from_utf8_lossy(data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data));
    let n_foreign = match &text {
        Cow::Borrowed(_) => 0,
        Cow::Owned(text) => text
            .chars()
            .filter(|character| *character == char::REPLACEMENT_CHARACTER)
            .count(),
    };
    // A few bytes of Latin-1 in a README are text; an image is not.
    let n_controls = text
        .chars()
        .filter(|character| is_binary_control(*character))
        .count();
    if text.contains('\0') || (n_foreign + n_controls) * 50 > text.len() {
        return Err(TextLimit::Binary);
    }
    Ok(text)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, TextLimit> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let decoded: Result<String, _> = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    match decoded {
        Ok(text) if rest.is_empty() && !text.contains('\0') => Ok(text.into()),
        _ => Err(TextLimit::Binary),
    }
}

/// Controls that text files do not have; tabs, line and page breaks and terminal escapes they do.
fn is_binary_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}')
}
