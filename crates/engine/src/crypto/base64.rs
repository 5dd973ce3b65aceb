//! Standard base64 as Go's `encoding/base64` reads and writes it: line breaks are skipped, errors name an offset.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Not base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("illegal base64 data at input byte {offset}")]
pub struct Base64Error {
    /// Where, as Go counts.
    pub offset: usize,
}

/// Encodes with padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - group.len()));
        for position in 0..4 {
            let index = bits >> (18 - 6 * position) & 63;
            let letter = ALPHABET.get(index as usize).copied().unwrap_or(b'=');
            text.push(if position <= group.len() { letter } else { b'=' });
        }
    }
    text
}

/// Decodes; padding is required, trailing bits are not checked.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, Base64Error> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut input = text
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, byte)| !matches!(byte, b'\n' | b'\r'));
    // How far Go has read: past the last byte it looked at, line breaks behind it included at the end of the text.
    loop {
        let mut bits = 0_u32;
        for position in 0..4_usize {
            let Some((offset, byte)) = input.next() else {
                if position == 0 {
                    return Ok(bytes);
                }
                return Err(Base64Error {
                    offset: text.len() - position,
                });
            };
            if let Some(value) = value_of(byte) {
                bits = bits << 6 | value;
                continue;
            }
            if byte != b'=' || position < 2 {
                return Err(Base64Error { offset });
            }
            if position == 2 {
                match input.next() {
                    None => return Err(Base64Error { offset: text.len() }),
                    Some((_, b'=')) => {}
                    // Go reports the byte before the one that should have been the second padding.
                    Some((second, _)) => return Err(Base64Error { offset: second - 1 }),
                }
            }
            let [_, first, second, _] = (bits << (6 * (4 - position))).to_be_bytes();
            bytes.push(first);
            if position == 3 {
                bytes.push(second);
            }
            return match input.next() {
                Some((offset, _)) => Err(Base64Error { offset }),
                None => Ok(bytes),
            };
        }
        let [_, group @ ..] = bits.to_be_bytes();
        bytes.extend(group);
    }
}

fn value_of(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips() {
        for (bytes, text) in [
            (&b""[..], &b""[..]),
            (b"f", b"Zg=="),
            (b"fo", b"Zm8="),
            (b"foo", b"Zm9v"),
            (b"foob", b"Zm9vYg=="),
        ] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).unwrap(), bytes);
        }
        assert_eq!(decode(b"Zm9v\r\nYg\n=\n=\n").unwrap(), b"foob");
    }

    #[test]
    fn errors_are_where_go_sees_them() {
        // Offsets printed by Go's base64.StdEncoding.
        for (text, offset) in [
            (&b"bad"[..], 0),
            (b"!", 0),
            (b"Zg=", 3),
            (b"Zg=x", 2),
            (b"Zg==x", 4),
            (b"Zm8=Zg==", 4),
            (b"Z", 0),
            (b"Zm9vZ", 4),
            (b"=", 0),
            (b"Z===", 1),
            (b"Zm9vZm", 4),
            (b"Zm9v-", 4),
            (b"Zg\n=", 4),
            (b"Zm\n", 1),
        ] {
            assert_eq!(
                decode(text),
                Err(Base64Error { offset }),
                "{}",
                String::from_utf8_lossy(text)
            );
        }
    }
}
