//! How well each document matches one word of a query.

use crate::bits::Bits;
use crate::field::{Mask, Worth};
use crate::request::Way;
use crate::segment::{Posting, Postings};

/// Postings that one query looks at: enough for everything that people ask, and an end for what attackers do.
pub(super) const MAX_POSTINGS: usize = 2_000_000;

/// The best match of a word in one document.
#[derive(Clone, Copy, Default)]
pub(super) struct Cell {
    /// Worth of the fields times quality of the way; 0 is no match.
    pub(super) score: f32,
    pub(super) place: u32,
    pub(super) mask: u16,
    /// Which of the word's terms it is.
    pub(super) found: u16,
}

/// A term that stands for a word of the query.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) term: Box<str>,
    pub(super) way: Way,
    pub(super) quality: f32,
}

/// The matches of one word.
pub(super) struct Column {
    pub(super) found: Vec<Found>,
    /// For each segment a cell for each document.
    pub(super) cells: Vec<Vec<Cell>>,
}

/// Where matches are looked for, and how much of that is left.
pub(super) struct Looking<'i> {
    pub(super) worth: &'i Worth,
    pub(super) n_left: usize,
}

impl Column {
    pub(super) fn new(lengths: impl Iterator<Item = usize>) -> Self {
        Self {
            found: Vec::new(),
            cells: lengths.map(|length| vec![Cell::default(); length]).collect(),
        }
    }

    /// The number of a term that stands for the word.
    pub(super) fn found(&mut self, term: &str, way: Way, quality: f32) -> u16 {
        let at = self
            .found
            .iter()
            .position(|found| found.way == way && *found.term == *term);
        let at = at.unwrap_or_else(|| {
            self.found.push(Found {
                term: term.into(),
                way,
                quality,
            });
            self.found.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// Notes the documents of a list.
    pub(super) fn note(
        &mut self,
        looking: &mut Looking<'_>,
        part: usize,
        postings: impl Iterator<Item = Posting>,
        fields: Mask,
        found: u16,
        quality: f32,
    ) {
        let Some(cells) = self.cells.get_mut(part) else {
            return;
        };
        let mut n_seen = 0;
        for posting in postings.take(looking.n_left) {
            n_seen += 1;
            let mask = posting.mask & fields;
            let score = looking.worth.of(mask) * quality;
            if let Some(cell) = cells.get_mut(posting.doc as usize)
                && score > cell.score
            {
                *cell = Cell {
                    score,
                    place: posting.place,
                    mask: mask as u16,
                    found,
                };
            }
        }
        looking.n_left -= n_seen;
    }

    /// The cells of documents that match and are allowed, each with its segment and document.
    pub(super) fn matched<'c>(
        &'c self,
        allowed: &'c [Bits],
    ) -> impl Iterator<Item = ((usize, u32), &'c Cell)> + 'c {
        let parts = self.cells.iter().zip(allowed).enumerate();
        parts.flat_map(|(part, (cells, allowed))| {
            (0..)
                .zip(cells)
                .filter(|(doc, cell)| cell.score > 0.0 && allowed.contains(*doc))
                .map(move |(doc, cell)| ((part, doc), cell))
        })
    }
}

/// The documents that have all of some terms in some fields.
pub(super) fn conjunction<'p>(
    looking: &mut Looking<'_>,
    lists: impl Iterator<Item = Option<Postings<'p>>>,
    fields: Mask,
) -> Vec<Posting> {
    let mut common: Option<Vec<Posting>> = None;
    for list in lists {
        let Some(list) = list else { return Vec::new() };
        let left = looking.n_left;
        looking.n_left = left.saturating_sub(list.n as usize);
        let list = list.take(left).filter(|posting| posting.mask & fields != 0);
        common = Some(match common {
            None => list.collect(),
            Some(common) => {
                let mut common = common.into_iter().peekable();
                let mut both = Vec::new();
                for posting in list {
                    while common.next_if(|known| known.doc < posting.doc).is_some() {}
                    if let Some(known) = common.next_if(|known| known.doc == posting.doc) {
                        // Where both are is what counts; where only one is, the weaker place does.
                        let shared = known.mask & posting.mask;
                        let weaker = match crate::field::worth(known.mask) < crate::field::worth(posting.mask)
                        {
                            true => known,
                            false => posting,
                        };
                        both.push(if shared == 0 {
                            weaker
                        } else {
                            Posting {
                                mask: shared,
                                ..weaker
                            }
                        });
                    }
                }
                both
            }
        });
    }
    common.unwrap_or_default()
}
