//! How a string wants to be written, before it is known what its characters allow.

use crate::encoding::base64;
use crate::yaml::resolve::{Dialect, Resolved, is_base60, is_old_bool, resolve};

/// The style asked for; the writer takes the next possible one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Plain,
    DoubleQuoted,
    Literal,
}

/// Text of several lines wants to stay lines; text that unquoted would be something else needs quotes.
// go: encode.go, stringv
pub(super) fn wish(text: &str, dialect: Dialect) -> Wish {
    if text.contains('\n') {
        Wish::Literal
    } else if resolve(text, dialect) == Resolved::Str
        && !is_base60(text)
        && !(dialect == Dialect::V3 && is_old_bool(text))
    {
        Wish::Plain
    } else {
        Wish::DoubleQuoted
    }
}

/// Whether the text is a plain word whose characters mean nothing to YAML anywhere: most keys and values are.
pub(super) fn is_tame(text: &str, dialect: Dialect) -> bool {
    let Some((first, rest)) = text.as_bytes().split_first() else {
        return false;
    };
    (first.is_ascii_alphabetic() || matches!(first, b'/' | b'_'))
        && rest
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/'))
        && wish(text, dialect) == Wish::Plain
}

/// Base64 in lines of 70 characters, each ended if there is more than one.
pub(super) fn binary(bytes: &[u8]) -> String {
    const LINE: usize = 70;
    let text = base64::encode(bytes);
    if text.len() < LINE {
        return text;
    }
    let mut lines = String::with_capacity(text.len() + text.len() / LINE + 1);
    for (i, c) in text.chars().enumerate() {
        if i > 0 && i % LINE == 0 {
            lines.push('\n');
        }
        lines.push(c);
    }
    lines.push('\n');
    lines
}
