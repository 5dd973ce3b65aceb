//! Fields one after the other: the form of work that [`crate::Host::delegate`] hands to another module.
//!
//! Numbers are little-endian, texts have their length in front. Nobody stores this form; both sides are built from the
//! same sources. The reader trusts nothing all the same.

/// Writes fields.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// As many bytes as the reader will ask for.
    pub fn array<const N: usize>(&mut self, bytes: [u8; N]) {
        self.0.extend(bytes);
    }

    /// How many fields of a kind follow.
    pub fn count(&mut self, count: usize) {
        self.array((count as u64).to_le_bytes());
    }

    pub fn text(&mut self, text: &[u8]) {
        self.count(text.len());
        self.0.extend_from_slice(text);
    }

    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads what [`Writer`] wrote; `None` where that is not what is there.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    /// A count of fields that take at least a byte each, so that it is never more than what is left.
    pub fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(u64::from_le_bytes(self.array()?)).ok()?;
        (count <= self.0.len()).then_some(count)
    }

    pub fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.count()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(text)
    }

    /// The value, if nothing is left behind it.
    #[must_use]
    pub fn finish<T>(self, value: T) -> Option<T> {
        self.0.is_empty().then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_was_written() {
        let mut writer = Writer::default();
        writer.byte(7);
        writer.text(b"text");
        writer.array([1, 2]);
        let bytes = writer.finish();
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.byte(), Some(7));
        assert_eq!(reader.text(), Some(&b"text"[..]));
        assert_eq!(reader.finish(()), None, "two bytes are left");
        assert_eq!(reader.array(), Some([1, 2]));
        assert_eq!(reader.finish(true), Some(true));
    }

    #[test]
    fn lengths_beyond_the_end_are_refused() {
        let mut writer = Writer::default();
        writer.count(usize::MAX);
        let bytes = writer.finish();
        assert_eq!(Reader::new(&bytes).text(), None);
        assert_eq!(Reader::new(&bytes).count(), None);
        assert_eq!(Reader::new(&[]).byte(), None);
    }
}
