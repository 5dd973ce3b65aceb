//! DER, as far as public keys and certificates need it: definite lengths, in their shortest form.

/// Tags that are asked for.
pub(super) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const SEQUENCE: u8 = 0x30;
}

/// Reads elements from the front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Der<'a> {
    rest: &'a [u8],
}

impl<'a> Der<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next element: its tag and its content.
    pub(super) fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], rest) = self.rest.split_first_chunk::<2>()?;
        let (n, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81 => {
                let (n, rest) = rest.split_first()?;
                (usize::from(*n).checked_sub(0x80)? + 0x80, rest)
            }
            0x82 => {
                let (n, rest) = rest.split_first_chunk::<2>()?;
                let n = usize::from(u16::from_be_bytes(*n));
                (n.checked_sub(0x100)? + 0x100, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(n)?;
        self.rest = rest;
        Some((tag, content))
    }

    /// The content of the next element, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, content) = self.any()?;
        (found == tag).then_some(content)
    }

    /// The content of the next element, which must have this tag, to be read itself.
    pub(super) fn inside(&mut self, tag: u8) -> Option<Self> {
        self.expect(tag).map(Self::new)
    }

    /// Whole bytes of a bit string.
    pub(super) fn bits(&mut self) -> Option<&'a [u8]> {
        match self.expect(tag::BIT_STRING)?.split_first()? {
            (0, bytes) => Some(bytes),
            _ => None,
        }
    }
}
