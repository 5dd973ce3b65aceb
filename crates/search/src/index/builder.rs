//! An index of many documents at once, which need not be in memory at the same time.

use std::sync::Arc;

use super::{Index, MAX_BATCH, Piece};
use crate::document::Document;
use crate::lexicon::Lexicon;
use crate::segment::Batch;

/// Takes documents and makes an index of them: batches become segments, and those are merged once, at the end.
pub struct Builder {
    index: Index,
    waiting: Vec<Document>,
}

impl Builder {
    /// No documents yet.
    pub fn new(lexicon: impl Into<Arc<Lexicon>>) -> Self {
        Self {
            index: Index::new(lexicon),
            waiting: Vec::new(),
        }
    }

    /// Adds a document; of several with one key the last counts.
    pub fn add(&mut self, document: Document) {
        self.waiting.push(document);
        if self.waiting.len() >= MAX_BATCH {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        self.index.forget(self.waiting.iter().map(|document| document.id));
        let values = Arc::make_mut(&mut self.index.values);
        let segment = Batch::segment(values, &self.index.tools.lexicon, &self.waiting);
        self.index.parts.push(Piece::new(segment));
        self.waiting.clear();
    }

    /// The index.
    pub fn finish(mut self) -> Index {
        self.flush();
        if self.index.parts.len() > 1 {
            self.index.merge_from(0);
        }
        self.index
    }
}
