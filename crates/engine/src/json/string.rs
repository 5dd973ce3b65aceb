//! Strings as encoding/json writes them.

use super::Escape;
use crate::value::decode_rune;

/// Appends `text` in quotes. What is not UTF-8 becomes `\ufffd`, each byte for itself.
// go: encoding/json/encode.go, appendString
pub fn write_string(out: &mut String, text: &[u8], escape: Escape) {
    out.push('"');
    match std::str::from_utf8(text) {
        Ok(text) => write_valid(out, text, escape),
        Err(_) => {
            let mut rest = text;
            while let Some((rune, width)) = decode_rune(rest) {
                if rune == char::REPLACEMENT_CHARACTER && width == 1 {
                    out.push_str("\\ufffd");
                } else {
                    write_valid(out, rune.encode_utf8(&mut [0; 4]), escape);
                }
                rest = rest.get(width..).unwrap_or_default();
            }
        }
    }
    out.push('"');
}

fn write_valid(out: &mut String, text: &str, escape: Escape) {
    let mut written = 0;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let (escaped, width): (&str, usize) = match byte {
            b'"' => ("\\\"", 1),
            b'\\' => ("\\\\", 1),
            b'\n' => ("\\n", 1),
            b'\r' => ("\\r", 1),
            b'\t' => ("\\t", 1),
            0x08 => ("\\b", 1),
            0x0C => ("\\f", 1),
            b'<' if escape == Escape::Html => ("\\u003c", 1),
            b'>' if escape == Escape::Html => ("\\u003e", 1),
            b'&' if escape == Escape::Html => ("\\u0026", 1),
            0..=0x1F => ("", 1),
            // JavaScript once ended lines at these two.
            0xE2 => match bytes.get(at + 1..at + 3) {
                Some([0x80, 0xA8]) => ("\\u2028", 3),
                Some([0x80, 0xA9]) => ("\\u2029", 3),
                _ => continue,
            },
            _ => continue,
        };
        out.push_str(text.get(written..at).unwrap_or_default());
        if escaped.is_empty() {
            out.push_str(&format!("\\u{byte:04x}"));
        } else {
            out.push_str(escaped);
        }
        written = at + width;
    }
    out.push_str(text.get(written..).unwrap_or_default());
}
