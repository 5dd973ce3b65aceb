//! Packets (RFC 9580, section 4) and the numbers in them.
//!
//! Lengths are definite: partial and indeterminate ones are for data that is streamed, which no key and no signature is.

/// Kinds of packets that keyrings and signatures are made of.
pub(super) mod tag {
    pub(crate) const SIGNATURE: u8 = 2;
    pub(crate) const SECRET_KEY: u8 = 5;
    pub(crate) const PUBLIC_KEY: u8 = 6;
    pub(crate) const SECRET_SUBKEY: u8 = 7;
    pub(crate) const MARKER: u8 = 10;
    pub(crate) const TRUST: u8 = 12;
    pub(crate) const USER_ID: u8 = 13;
    pub(crate) const PUBLIC_SUBKEY: u8 = 14;
    pub(crate) const USER_ATTRIBUTE: u8 = 17;
}

/// Reads bytes from the front; what is not there is none, and nothing is read then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

/// One packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    pub(super) tag: u8,
    pub(super) body: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Bytes after their length of two bytes.
    pub(super) fn counted(&mut self) -> Option<&'a [u8]> {
        let n = self.u16()?;
        self.take(usize::from(n))
    }

    /// A number of any size (section 3.2), big endian and without leading zeros. Its length in bits must be the right one.
    pub(super) fn number(&mut self) -> Option<&'a [u8]> {
        let n_bits = usize::from(self.u16()?);
        let bytes = self.take(n_bits.div_ceil(8))?;
        let leading = bytes.first().map_or(0, |first| first.leading_zeros() as usize);
        (bytes.len() * 8 - leading == n_bits).then_some(bytes)
    }

    /// The length of a subpacket (section 5.2.3.7), or of a packet in the new format without a partial one.
    fn length(&mut self, is_partial: impl Fn(u8) -> bool) -> Option<usize> {
        let first = self.byte()?;
        if is_partial(first) {
            return None;
        }
        match first {
            0..=191 => Some(usize::from(first)),
            192..=254 => Some((usize::from(first) - 192) * 256 + usize::from(self.byte()?) + 192),
            255 => usize::try_from(self.u32()?).ok(),
        }
    }

    /// The bytes of the next subpacket, its kind first.
    pub(super) fn subpacket(&mut self) -> Option<&'a [u8]> {
        let n = self.length(|_| false)?;
        self.take(n)
    }

    /// The next packet; none where what is left is not one.
    pub(super) fn packet(&mut self) -> Option<Packet<'a>> {
        let first = self.byte()?;
        let (tag, n) = match first {
            0xc0.. => (first & 0x3f, self.length(|first| (224..255).contains(&first))?),
            0x80.. => {
                let n = match first & 3 {
                    0 => usize::from(self.byte()?),
                    1 => usize::from(self.u16()?),
                    2 => usize::try_from(self.u32()?).ok()?,
                    _ => return None,
                };
                ((first >> 2) & 0x0f, n)
            }
            _ => return None,
        };
        Some(Packet {
            tag,
            body: self.take(n)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Reader;

    #[test]
    fn lengths_have_several_forms() {
        let long = |head: &[u8], n: usize| [head, &vec![7; n]].concat();
        let rows = [
            (long(&[0xc2, 3], 3), Some((2, 3))),
            (long(&[0xc2, 192, 0], 192), Some((2, 192))),
            (long(&[0xc2, 223, 255], 8383), Some((2, 8383))),
            (long(&[0xc2, 255, 0, 0, 0, 3], 3), Some((2, 3))),
            (long(&[0x88, 3], 3), Some((2, 3))),
            (long(&[0x89, 1, 0], 256), Some((2, 256))),
            (long(&[0x9a, 0, 0, 0, 3], 3), Some((6, 3))),
            // Partial, indeterminate, too short, no packet.
            (long(&[0xc2, 0xe1], 3), None),
            (long(&[0x8b], 3), None),
            (long(&[0xc2, 4], 3), None),
            (long(&[0x42, 3], 3), None),
            (Vec::new(), None),
        ];
        for (bytes, want) in rows {
            let packet = Reader::new(&bytes).packet();
            assert_eq!(
                packet.map(|it| (it.tag, it.body.len())),
                want,
                "{:?}",
                bytes.get(..6)
            );
        }
    }

    #[test]
    fn a_number_has_the_length_that_it_says() {
        let number = |bytes| Reader::new(bytes).number();
        assert_eq!(number(&[0, 9, 1, 2]), Some([1, 2].as_slice()));
        assert_eq!(number(&[0, 0]), Some([].as_slice()));
        assert_eq!(number(&[0, 16, 1, 2]), None);
        assert_eq!(number(&[0, 9, 1]), None);
    }
}
