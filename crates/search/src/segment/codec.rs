//! Postings as bytes: for each document that has a term, how far it is from the one before, in which fields, and, where
//! it is among the values, at which key.
//!
//! The bytes are made and read by this process only. Reading ends where they end, whatever they say.

use crate::field::{Mask, PLACED, TELLING};

/// A document that has a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Posting {
    pub(crate) doc: u32,
    pub(crate) mask: Mask,
    /// The key's place among the document's values; 0 where it is in none.
    pub(crate) place: u32,
}

pub(super) fn write_number(mut number: u32, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(super) fn read_number(bytes: &[u8], at: &mut usize) -> Option<u32> {
    let mut number = 0;
    let mut shift = 0;
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        number |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

/// Writes a list, which is in the order of documents.
pub(super) fn write_postings(postings: &[Posting], out: &mut Vec<u8>) {
    let n_telling = postings
        .iter()
        .filter(|posting| posting.mask & TELLING != 0)
        .count();
    write_number(postings.len() as u32, out);
    write_number(n_telling as u32, out);
    let mut before = 0;
    for posting in postings {
        write_number(posting.doc - before, out);
        write_number(posting.mask, out);
        if posting.mask & PLACED != 0 {
            write_number(posting.place, out);
        }
        before = posting.doc;
    }
}

/// A list of postings being read.
#[derive(Clone)]
pub(crate) struct Postings<'a> {
    bytes: &'a [u8],
    at: usize,
    left: u32,
    before: u32,
    /// How many documents there are.
    pub(crate) n: u32,
    /// How many of them have the term in a telling field.
    pub(crate) n_telling: u32,
}

impl<'a> Postings<'a> {
    pub(super) fn read(bytes: &'a [u8], at: u64) -> Option<Self> {
        let mut at = usize::try_from(at).ok()?;
        let n = read_number(bytes, &mut at)?;
        let n_telling = read_number(bytes, &mut at)?;
        Some(Self {
            bytes,
            at,
            left: n,
            before: 0,
            n,
            n_telling,
        })
    }
}

impl Iterator for Postings<'_> {
    type Item = Posting;

    #[inline]
    fn next(&mut self) -> Option<Posting> {
        self.left = self.left.checked_sub(1)?;
        let doc = self.before.checked_add(read_number(self.bytes, &mut self.at)?)?;
        let mask = read_number(self.bytes, &mut self.at)?;
        let place = if mask & PLACED != 0 {
            read_number(self.bytes, &mut self.at)?
        } else {
            0
        };
        self.before = doc;
        Some(Posting { doc, mask, place })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Posting, Postings, write_postings};
    use crate::field::{Field, PLACED};

    proptest! {
        #[test]
        fn what_is_written_is_read(list in proptest::collection::btree_map(0u32..1_000_000, (1u32..0x1_0000, 0u32..70_000), 0..50)) {
            let list: Vec<Posting> = list
                .into_iter()
                .map(|(doc, (mask, place))| Posting { doc, mask, place: if mask & PLACED != 0 { place } else { 0 } })
                .collect();
            let mut bytes = vec![7; 3];
            write_postings(&list, &mut bytes);
            let read = Postings::read(&bytes, 3).expect("a list");
            prop_assert_eq!(read.n as usize, list.len());
            prop_assert_eq!(read.collect::<Vec<_>>(), list);
        }

        #[test]
        fn bytes_that_end_too_early_end_the_list(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Some(postings) = Postings::read(&bytes, 0) {
                prop_assert!(postings.take(1000).count() <= 40);
            }
        }
    }

    #[test]
    fn telling_documents_are_counted() {
        let posting = |doc, field: Field| Posting {
            doc,
            mask: field.bit(),
            place: 0,
        };
        let mut bytes = Vec::new();
        write_postings(&[posting(1, Field::Readme), posting(9, Field::Name)], &mut bytes);
        let read = Postings::read(&bytes, 0).expect("a list");
        assert_eq!((read.n, read.n_telling), (2, 1));
    }
}
