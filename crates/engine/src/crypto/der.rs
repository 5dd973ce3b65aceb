//! The little DER there is to write and read: tag, length, contents.

/// A universal or context tag with its class and constructed bits.
pub(super) mod tag {
    pub(in crate::crypto) const BOOLEAN: u8 = 0x01;
    pub(in crate::crypto) const INTEGER: u8 = 0x02;
    pub(in crate::crypto) const BIT_STRING: u8 = 0x03;
    pub(in crate::crypto) const OCTET_STRING: u8 = 0x04;
    pub(in crate::crypto) const NULL: u8 = 0x05;
    pub(in crate::crypto) const OID: u8 = 0x06;
    pub(in crate::crypto) const UTF8_STRING: u8 = 0x0c;
    pub(in crate::crypto) const PRINTABLE_STRING: u8 = 0x13;
    pub(in crate::crypto) const UTC_TIME: u8 = 0x17;
    pub(in crate::crypto) const GENERALIZED_TIME: u8 = 0x18;
    pub(in crate::crypto) const SEQUENCE: u8 = 0x30;
    pub(in crate::crypto) const SET: u8 = 0x31;

    /// `[number] EXPLICIT`.
    pub(in crate::crypto) const fn explicit(number: u8) -> u8 {
        0xa0 | number
    }

    /// `[number] IMPLICIT` of a primitive type.
    pub(in crate::crypto) const fn implicit(number: u8) -> u8 {
        0x80 | number
    }
}

/// Object identifiers, encoded.
pub(super) mod oid {
    pub(in crate::crypto) const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
    pub(in crate::crypto) const SHA256_WITH_RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b";
    pub(in crate::crypto) const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
    pub(in crate::crypto) const ECDSA_WITH_SHA256: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x03\x02";
    pub(in crate::crypto) const P224: &[u8] = b"\x2b\x81\x04\x00\x21";
    pub(in crate::crypto) const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";
    pub(in crate::crypto) const P384: &[u8] = b"\x2b\x81\x04\x00\x22";
    pub(in crate::crypto) const P521: &[u8] = b"\x2b\x81\x04\x00\x23";
    pub(in crate::crypto) const ED25519: &[u8] = b"\x2b\x65\x70";
    pub(in crate::crypto) const COMMON_NAME: &[u8] = b"\x55\x04\x03";
    pub(in crate::crypto) const SUBJECT_KEY_ID: &[u8] = b"\x55\x1d\x0e";
    pub(in crate::crypto) const KEY_USAGE: &[u8] = b"\x55\x1d\x0f";
    pub(in crate::crypto) const SUBJECT_ALT_NAME: &[u8] = b"\x55\x1d\x11";
    pub(in crate::crypto) const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1d\x13";
    pub(in crate::crypto) const AUTHORITY_KEY_ID: &[u8] = b"\x55\x1d\x23";
    pub(in crate::crypto) const EXT_KEY_USAGE: &[u8] = b"\x55\x1d\x25";
    pub(in crate::crypto) const SERVER_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x01";
    pub(in crate::crypto) const CLIENT_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x02";
}

/// One element.
pub(super) fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match u8::try_from(contents.len()) {
        Ok(length) if length < 0x80 => bytes.push(length),
        _ => {
            let length = contents.len().to_be_bytes();
            let significant = length.iter().position(|byte| *byte != 0).unwrap_or(length.len());
            let (_, length) = length.split_at(significant);
            bytes.push(0x80 | length.len() as u8);
            bytes.extend(length);
        }
    }
    bytes.extend(contents);
    bytes
}

/// A `SEQUENCE` of encoded elements.
pub(super) fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    element(tag::SEQUENCE, &elements.concat())
}

/// A non-negative `INTEGER` from big-endian bytes.
pub(super) fn integer(magnitude: &[u8]) -> Vec<u8> {
    let zeros = magnitude.iter().take_while(|byte| **byte == 0).count();
    let (_, significant) = magnitude.split_at(zeros);
    let mut contents = Vec::with_capacity(significant.len() + 1);
    // A leading one bit would make it negative; zero is one zero byte.
    if significant.first().is_none_or(|byte| *byte >= 0x80) {
        contents.push(0);
    }
    contents.extend(significant);
    element(tag::INTEGER, &contents)
}

/// A `BIT STRING` of whole bytes.
pub(super) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(tag::BIT_STRING, &[&[0], bytes].concat())
}

/// An element as read.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) contents: &'a [u8],
    /// Tag, length and contents.
    pub(super) whole: &'a [u8],
}

/// Reads elements one after the other.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element, if there is a well-formed one. Tags above 30 and lengths of more than four bytes are
    /// not, as in Go's cryptobyte.
    pub(super) fn any(&mut self) -> Option<Element<'a>> {
        let (&[tag, first], _) = self.0.split_first_chunk::<2>()?;
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (header, length) = if first < 0x80 {
            (2, usize::from(first))
        } else {
            let count = usize::from(first & 0x7f);
            let bytes = self.0.get(2..2 + count).filter(|_| (1..=4).contains(&count))?;
            let length = bytes
                .iter()
                .fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
            // DER: as few bytes as will do.
            if length < 0x80 || bytes.first() == Some(&0) {
                return None;
            }
            (2 + count, length)
        };
        let end = header.checked_add(length)?;
        let whole = self.0.get(..end)?;
        let contents = whole.get(header..)?;
        self.0 = self.0.get(end..)?;
        Some(Element { tag, contents, whole })
    }

    /// The next element, if it has this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        let before = *self;
        let found = self.any().filter(|element| element.tag == tag);
        if found.is_none() {
            *self = before;
        }
        found
    }

    /// The contents of a constructed element.
    pub(super) fn enter(&mut self, tag: u8) -> Option<Self> {
        self.expect(tag).map(|element| Self(element.contents))
    }

    /// A non-negative integer as big-endian bytes without leading zeros.
    pub(super) fn unsigned(&mut self) -> Option<&'a [u8]> {
        let contents = self.expect(tag::INTEGER)?.contents;
        if contents.first().is_none_or(|byte| *byte >= 0x80) {
            return None;
        }
        let zeros = contents.iter().take_while(|byte| **byte == 0).count();
        contents.get(zeros..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        assert_eq!(element(4, &[7; 3]), [4, 3, 7, 7, 7]);
        assert_eq!(element(4, &[7; 200])[..3], [4, 0x81, 200]);
        assert_eq!(element(4, &[7; 300])[..4], [4, 0x82, 1, 44]);
        for length in [0, 3, 127, 128, 255, 256, 70_000] {
            let bytes = element(4, &vec![1; length]);
            let read = Reader::new(&bytes).any().unwrap();
            assert_eq!((read.contents.len(), read.whole.len()), (length, bytes.len()));
        }
    }

    #[test]
    fn integers_are_never_negative() {
        assert_eq!(integer(&[]), [2, 1, 0]);
        assert_eq!(integer(&[0, 0, 5]), [2, 1, 5]);
        assert_eq!(integer(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(Reader::new(&integer(&[0x80])).unsigned(), Some(&[0x80][..]));
    }

    #[test]
    fn malformed_elements_are_refused() {
        for bytes in [
            &[4][..],
            &[4, 5, 1],
            &[4, 0x80],
            &[4, 0x81, 3, 1, 1, 1],
            &[0x1f, 0],
            &[4, 0x85, 0, 0, 0, 0, 0],
        ] {
            assert!(Reader::new(bytes).any().is_none(), "{bytes:?}");
        }
    }
}
