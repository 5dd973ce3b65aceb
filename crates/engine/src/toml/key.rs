//! Keys: bare where they can be, quoted where they must.

/// Appends one part of a key.
pub(super) fn write_part(out: &mut Vec<u8>, part: &[u8]) {
    if !part.is_empty() && part.iter().all(|b| is_bare(*b)) {
        out.extend_from_slice(part);
    } else {
        write_quoted(out, part);
    }
}

/// Appends a dotted key.
pub(super) fn write_dotted<P: AsRef<[u8]>>(out: &mut Vec<u8>, parts: &[P]) {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            out.push(b'.');
        }
        write_part(out, part.as_ref());
    }
}

/// A dotted key as text.
pub(super) fn dotted(parts: &[String]) -> String {
    let mut out = Vec::new();
    write_dotted(&mut out, parts);
    String::from_utf8_lossy(&out).into_owned()
}

/// Appends a string in double quotes.
pub(super) fn write_quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for byte in text {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0C => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0..=0x1F | 0x7F => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
}

pub(super) fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
