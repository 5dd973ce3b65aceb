//! Places in a text: bytes here, UTF-16 units in JavaScript.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use values::document::TextChange;

/// A change of a text, in UTF-16 units of the text before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// Where what is replaced begins.
    pub from: usize,
    /// Where it ends; `from` if something is put in.
    pub to: usize,
    /// What is there now.
    pub insert: String,
}

/// Turns places of one text into those of another unit.
pub(super) struct Units<'t> {
    text: &'t str,
    is_ascii: bool,
}

impl<'t> Units<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self {
            text,
            is_ascii: text.is_ascii(),
        }
    }

    /// The byte at so many UTF-16 units; the end of the text where it has fewer.
    pub(super) fn byte(&self, unit: usize) -> usize {
        if self.is_ascii {
            return unit.min(self.text.len());
        }
        let mut units = 0;
        for (byte, letter) in self.text.char_indices() {
            if units >= unit {
                return byte;
            }
            units += letter.len_utf16();
        }
        self.text.len()
    }

    /// The UTF-16 units before a byte.
    pub(super) fn unit(&self, byte: usize) -> usize {
        if self.is_ascii {
            return byte.min(self.text.len());
        }
        let letters = self.text.char_indices().take_while(|(at, _)| *at < byte);
        letters.map(|(_, letter)| letter.len_utf16()).sum()
    }

    pub(super) fn range(&self, bytes: &Range<usize>) -> (usize, usize) {
        (self.unit(bytes.start), self.unit(bytes.end))
    }

    pub(super) fn edit(&self, change: &TextChange) -> Edit {
        let (from, to) = self.range(&change.range);
        Edit {
            from,
            to,
            insert: change.text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Units;

    #[test]
    fn places_are_counted_as_javascript_does() {
        let text = "a: ü😀b\n";
        let units = Units::of(text);
        for (byte, unit) in [(0, 0), (3, 3), (5, 4), (9, 6), (10, 7), (11, 8)] {
            assert_eq!(units.unit(byte), unit, "{byte}");
            assert_eq!(units.byte(unit), byte, "{unit}");
        }
        assert_eq!((units.byte(99), units.unit(99)), (11, 8));
        let plain = Units::of("a: b\n");
        assert_eq!((plain.byte(3), plain.unit(3), plain.byte(99)), (3, 3, 5));
    }
}
