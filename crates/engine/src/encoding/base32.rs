//! RFC 4648 base32 with padding, `base32.StdEncoding`.

use super::CorruptInput;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// `EncodeToString`.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut bits: u64 = 0;
        for i in 0..5 {
            bits = bits << 8 | u64::from(chunk.get(i).copied().unwrap_or(0));
        }
        let digits = (chunk.len() * 8).div_ceil(5);
        for i in 0..8 {
            let digit = (bits >> (35 - 5 * i)) & 0x1F;
            let letter = ALPHABET.get(digit as usize).copied().unwrap_or(b'=');
            text.push(if i < digits { char::from(letter) } else { '=' });
        }
    }
    text
}

/// `DecodeString`: CR and LF are taken out first, so offsets in errors do not count them.
// go: encoding/base32/base32.go, decode
pub fn decode(text: &[u8]) -> Result<Vec<u8>, CorruptInput> {
    let text: Vec<u8> = text
        .iter()
        .copied()
        .filter(|b| !matches!(b, b'\n' | b'\r'))
        .collect();
    let mut bytes = Vec::with_capacity(text.len() / 8 * 5);
    let mut at = 0;
    while at < text.len() {
        let mut bits: u64 = 0;
        let mut n = 0;
        while n < 8 {
            let Some(&byte) = text.get(at) else {
                return Err(corrupt(at.saturating_sub(n)));
            };
            at += 1;
            let left = text.len() - at;
            if byte == b'=' && n >= 2 && left < 8 {
                check_padding(&text, at, n)?;
                push(&mut bytes, bits << (5 * (8 - n)), n);
                return Ok(bytes);
            }
            let Some(digit) = digit(byte) else {
                return Err(corrupt(at - 1));
            };
            bits = bits << 5 | u64::from(digit);
            n += 1;
        }
        push(&mut bytes, bits, 8);
    }
    Ok(bytes)
}

/// Checks what follows the first `=`, after `n` digits.
fn check_padding(text: &[u8], at: usize, n: usize) -> Result<(), CorruptInput> {
    let left = text.len() - at;
    if left + n < 7 {
        return Err(corrupt(text.len()));
    }
    for k in 0..7 - n.min(7) {
        if text.get(at + k).is_some_and(|b| *b != b'=') {
            return Err(corrupt((at + k).saturating_sub(1)));
        }
    }
    // No number of bytes ends with these numbers of digits.
    if matches!(n, 1 | 3 | 6) {
        Err(corrupt(at - 1))
    } else {
        Ok(())
    }
}

/// Appends the bytes that `digits` digits hold.
fn push(bytes: &mut Vec<u8>, bits: u64, digits: usize) {
    let [_, _, _, group @ ..] = bits.to_be_bytes();
    bytes.extend(group.iter().take(digits * 5 / 8));
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

fn corrupt(offset: usize) -> CorruptInput {
    CorruptInput {
        encoding: "base32",
        offset,
    }
}
