//! RFC 4648 base64 with padding, `base64.StdEncoding`.

use super::CorruptInput;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `EncodeToString`.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        for (to, from) in group.iter_mut().zip(chunk) {
            *to = *from;
        }
        let [a, b, c] = group;
        let bits = u32::from(a) << 16 | u32::from(b) << 8 | u32::from(c);
        for i in 0..4 {
            let digit = (bits >> (18 - 6 * i)) & 0x3F;
            let letter = ALPHABET.get(digit as usize).copied().unwrap_or(b'=');
            text.push(if i <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

/// `DecodeString`: CR and LF are skipped anywhere, bits after the last byte need not be zero.
// go: encoding/base64/base64.go, decodeQuantum; the offsets in errors are Go's, odd as some are.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, CorruptInput> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut at = 0;
    loop {
        let mut bits: u32 = 0;
        let mut n = 0;
        while n < 4 {
            let Some(&byte) = text.get(at) else {
                return if n == 0 { Ok(bytes) } else { Err(corrupt(at - n)) };
            };
            at += 1;
            match digit(byte) {
                Some(digit) => {
                    bits = bits << 6 | u32::from(digit);
                    n += 1;
                }
                None if is_newline(byte) => {}
                None if byte == b'=' && n >= 2 => {
                    at = finish(text, at, n)?;
                    bits <<= 6 * (4 - n);
                    let [_, a, b, _] = bits.to_be_bytes();
                    bytes.push(a);
                    if n == 3 {
                        bytes.push(b);
                    }
                    return if at < text.len() {
                        Err(corrupt(at))
                    } else {
                        Ok(bytes)
                    };
                }
                None => return Err(corrupt(at - 1)),
            }
        }
        let [_, a, b, c] = bits.to_be_bytes();
        bytes.extend([a, b, c]);
    }
}

/// Reads the rest of the padding after its first `=` and line breaks; `n` digits came before.
fn finish(text: &[u8], mut at: usize, n: usize) -> Result<usize, CorruptInput> {
    if n == 2 {
        at = skip_newlines(text, at);
        match text.get(at) {
            None => return Err(corrupt(text.len())),
            Some(b'=') => at += 1,
            Some(_) => return Err(corrupt(at - 1)),
        }
    }
    Ok(skip_newlines(text, at))
}

fn skip_newlines(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(|b| is_newline(*b)) {
        at += 1;
    }
    at
}

fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

fn corrupt(offset: usize) -> CorruptInput {
    CorruptInput {
        encoding: "base64",
        offset,
    }
}
