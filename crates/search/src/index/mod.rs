//! The index: some segments, and which of their documents have been replaced.
//!
//! An index never changes. A change makes a new one that shares what stays, so that readers need no lock. A small change
//! becomes a small segment; small ones are merged as they pile up, each document about as often as the number of its
//! doublings, so that a change costs what it is and not what the index is.

mod builder;
mod cells;
mod evaluate;
mod expand;
mod facets;
mod filter;
mod matches;
mod part;
mod rank;
mod suggest;

pub use builder::Builder;
pub use matches::marks;
pub use suggest::Suggestion;

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::bits::Bits;
use crate::document::Document;
use crate::field::Worth;
use crate::lexicon::Lexicon;
use crate::segment::{Batch, Segment, merge};
use crate::text::Stems;
use crate::values::Values;

/// A segment is merged with the one before while that is not this much larger.
const GROWTH: usize = 3;
/// Documents of a change that become one segment.
const MAX_BATCH: usize = 1_024;

/// Everything that can be found, at one point in time. Cloning is cheap; searching takes no lock.
#[derive(Clone)]
pub struct Index {
    parts: Vec<Piece>,
    values: Arc<Values>,
    tools: Arc<Tools>,
}

/// A segment with what has been replaced of it.
#[derive(Clone)]
struct Piece {
    segment: Arc<Segment>,
    dead: Arc<Bits>,
    n_live: usize,
}

/// What searching needs beside the documents.
struct Tools {
    lexicon: Arc<Lexicon>,
    stems: Stems,
    worth: Worth,
}

/// A change of the catalog.
#[derive(Clone, Debug)]
pub enum Change {
    /// A chart that is new, or has changed.
    Put(Box<Document>),
    /// The key of a chart that is no more.
    Remove(i64),
}

/// How large an index is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Charts that can be found.
    pub n_documents: usize,
    /// Segments.
    pub n_segments: usize,
    /// Terms, counted once for each segment that has them.
    pub n_terms: usize,
    /// Memory, without what all indexes of a process share.
    pub n_bytes: usize,
}

impl Index {
    /// An index without documents.
    pub fn new(lexicon: impl Into<Arc<Lexicon>>) -> Self {
        Self {
            parts: Vec::new(),
            values: Arc::default(),
            tools: Arc::new(Tools {
                lexicon: lexicon.into(),
                stems: Stems::new(),
                worth: Worth::new(),
            }),
        }
    }

    /// The index after some changes. Of several of one key the last counts.
    #[must_use]
    pub fn with(&self, changes: impl IntoIterator<Item = Change>) -> Self {
        let mut last: HashMap<i64, Option<Document>, RandomState> = HashMap::default();
        for change in changes {
            match change {
                Change::Put(document) => last.insert(document.id, Some(*document)),
                Change::Remove(id) => last.insert(id, None),
            };
        }
        let mut next = self.clone();
        next.forget(last.keys().copied());
        let documents: Vec<Document> = last.into_values().flatten().collect();
        let values = Arc::make_mut(&mut next.values);
        for batch in documents.chunks(MAX_BATCH) {
            let segment = Batch::segment(values, &self.tools.lexicon, batch);
            next.parts.push(Piece::new(segment));
        }
        next.tidy();
        next
    }

    fn forget(&mut self, ids: impl Iterator<Item = i64>) {
        for id in ids {
            for piece in &mut self.parts {
                if let Some(doc) = piece.segment.find(id)
                    && !piece.dead.contains(doc)
                {
                    Arc::make_mut(&mut piece.dead).insert(doc);
                    piece.n_live -= 1;
                }
            }
        }
    }

    /// Merges what has piled up: every segment is more than [`GROWTH`] times as large as what is behind it.
    fn tidy(&mut self) {
        self.parts.retain(|piece| piece.n_live > 0);
        let Some(mut from) = self.parts.len().checked_sub(1) else {
            return;
        };
        let mut n_behind = 0;
        for (at, piece) in self.parts.iter().enumerate().rev() {
            if n_behind > 0 && piece.n_live > GROWTH * n_behind {
                break;
            }
            from = at;
            n_behind += piece.n_live;
        }
        // A segment that is mostly replaced is not worth its memory.
        let hollow = self
            .parts
            .iter()
            .position(|piece| piece.n_live * 2 < piece.segment.len());
        let from = from.min(hollow.unwrap_or(from));
        if hollow.is_some() || self.parts.len() - from > 1 {
            self.merge_from(from);
        }
    }

    fn merge_from(&mut self, from: usize) {
        let merged = {
            let parts: Vec<(&Segment, &Bits)> = self
                .parts
                .iter()
                .skip(from)
                .map(|piece| (&*piece.segment, &*piece.dead))
                .collect();
            merge(&parts, &self.values)
        };
        self.parts.truncate(from);
        if merged.len() > 0 {
            self.parts.push(Piece::new(merged));
        }
    }

    /// How large it is.
    pub fn stats(&self) -> Stats {
        let values = &*self.values;
        let names = [
            &values.repositories,
            &values.categories,
            &values.keywords,
            &values.licenses,
        ];
        Stats {
            n_documents: self.parts.iter().map(|piece| piece.n_live).sum(),
            n_segments: self.parts.len(),
            n_terms: self.parts.iter().map(|piece| piece.segment.n_terms()).sum(),
            n_bytes: self
                .parts
                .iter()
                .map(|piece| piece.segment.n_bytes())
                .sum::<usize>()
                + names.iter().map(|names| names.n_bytes()).sum::<usize>(),
        }
    }
}

impl Piece {
    fn new(segment: Segment) -> Self {
        Self {
            dead: Arc::new(Bits::none(segment.len())),
            n_live: segment.len(),
            segment: Arc::new(segment),
        }
    }
}
