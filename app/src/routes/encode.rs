//! Percent-encoding for the two places we write into: a path segment and a query value.

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn push_encoded(out: &mut String, text: &str, is_plain: impl Fn(u8) -> bool) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || is_plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// Encodes one segment of a path.
pub fn encode_segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // A segment of dots alone would be resolved away by every client.
    if text == "." || text == ".." {
        return text.replace('.', "%2E");
    }
    push_encoded(&mut out, text, |byte| b"+@:!$,;=".contains(&byte));
    out
}

/// Encodes a path segment by segment, its slashes kept.
pub fn encode_path(path: &str) -> String {
    path.split('/').map(encode_segment).collect::<Vec<_>>().join("/")
}

/// Encodes a value of a query string.
pub fn encode_query(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_encoded(&mut out, text, |byte| b"/:,@".contains(&byte));
    out
}

/// Undoes percent-encoding; what is not valid stays as it is, and invalid UTF-8 is replaced.
pub fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if let (b'%', [high, low, after @ ..]) = (*first, tail)
            && let (Some(high), Some(low)) = (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
        {
            out.push((high * 16 + low) as u8);
            rest = after;
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
