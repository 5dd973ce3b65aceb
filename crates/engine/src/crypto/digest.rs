//! Digests, printed as sprig prints them.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// `sha1sum`.
#[must_use]
pub fn sha1_hex(input: &[u8]) -> String {
    hex(&Sha1::digest(input))
}

/// `sha256sum`.
#[must_use]
pub fn sha256_hex(input: &[u8]) -> String {
    hex(&Sha256::digest(input))
}

/// `sha512sum`.
#[must_use]
pub fn sha512_hex(input: &[u8]) -> String {
    hex(&Sha512::digest(input))
}

/// `adler32sum`, before it is printed in decimal.
#[must_use]
pub fn adler32(input: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    // The most bytes both sums can take before they overflow 32 bits.
    const BATCH: usize = 5_552;
    let (mut a, mut b) = (1_u32, 0_u32);
    for batch in input.chunks(BATCH) {
        for byte in batch {
            a += u32::from(*byte);
            b += a;
        }
        a %= MODULUS;
        b %= MODULUS;
    }
    b << 16 | a
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| {
        DIGITS
            .get(usize::from(nibble))
            .map_or('0', |digit| char::from(*digit))
    };
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_digests() {
        assert_eq!(sha1_hex(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            sha256_hex(b""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(adler32(b"abc"), 38_600_999);
        assert_eq!(adler32(b""), 1);
    }

    #[test]
    fn adler_of_long_input_does_not_overflow() {
        // zlib.adler32(b"\xff" * 1_000_000)
        assert_eq!(adler32(&vec![0xff; 1_000_000]), 943_972_798);
    }
}
