//! An immutable part of the index: some documents, the words in them, and what filters and rows need of each.
//!
//! Documents are numbered in the order of their names, so that numbers can be compared instead of names. `build` makes
//! a segment of documents, `merge` one of several. Which documents have been replaced since is not known here.

mod build;
mod codec;
mod merge;
mod strings;

pub(crate) use build::Batch;
pub(crate) use codec::{Posting, Postings};
pub(crate) use merge::merge;

use fst::{IntoStreamer, Streamer};

use self::codec::read_number;
use self::strings::{Pool, Span};
use crate::field::Field;

/// No value of a facet.
pub(crate) const NONE: u32 = u32::MAX;

/// Yes-or-no facts of a document.
pub(crate) mod flag {
    pub(crate) const LIBRARY: u16 = 1;
    pub(crate) const DEPRECATED: u16 = 2;
    pub(crate) const YANKED: u16 = 4;
    pub(crate) const SIGNED: u16 = 8;
    pub(crate) const SCHEMA: u16 = 16;
    pub(crate) const OFFICIAL: u16 = 32;
    pub(crate) const FORK: u16 = 64;
}

/// What is known of a document beside its words.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) id: i64,
    /// Seconds since 1970.
    pub(crate) updated: Option<i64>,
    /// See [`crate::Document::kubernetes`].
    pub(crate) kubernetes: u64,
    name: Span,
    description: Span,
    keywords: Span,
    items: Span,
    keys: Span,
    /// Numbers of [`crate::values::Values`].
    pub(crate) repository: u32,
    pub(crate) category: u32,
    pub(crate) license: u32,
    pub(crate) n_versions: u32,
    pub(crate) flags: u16,
    /// Bytes of the squeezed name.
    pub(crate) name_length: u8,
}

/// Something of a document that a hit can be shown in.
#[derive(Clone, Copy)]
struct Item {
    field: Field,
    text: u32,
}

/// Terms with their postings.
pub(crate) struct Dictionary {
    terms: fst::Map<Vec<u8>>,
    postings: Vec<u8>,
}

impl Dictionary {
    /// The postings of a term.
    pub(crate) fn get(&self, term: &str) -> Option<Postings<'_>> {
        Postings::read(&self.postings, self.terms.get(term)?)
    }

    /// The terms that begin with `beginning`, in order, until `visit` answers `false`.
    pub(crate) fn beginning_with<'d>(
        &'d self,
        beginning: &str,
        mut visit: impl FnMut(&str, Postings<'d>) -> bool,
    ) {
        let mut stream = self.terms.range().ge(beginning).into_stream();
        while let Some((term, at)) = stream.next() {
            let Ok(term) = std::str::from_utf8(term) else {
                return;
            };
            if !term.starts_with(beginning) {
                return;
            }
            if let Some(postings) = Postings::read(&self.postings, at)
                && !visit(term, postings)
            {
                return;
            }
        }
    }

    /// The terms that an automaton accepts, in order, until `visit` answers `false`.
    pub(crate) fn accepted<'d>(
        &'d self,
        automaton: &crate::fuzzy::Near,
        mut visit: impl FnMut(&str, Postings<'d>) -> bool,
    ) {
        let mut stream = self.terms.search(automaton).into_stream();
        while let Some((term, at)) = stream.next() {
            let Ok(term) = std::str::from_utf8(term) else {
                return;
            };
            if let Some(postings) = Postings::read(&self.postings, at)
                && !visit(term, postings)
            {
                return;
            }
        }
    }

    fn n_bytes(&self) -> usize {
        self.terms.as_fst().size() + self.postings.capacity()
    }
}

/// Some documents and the words in them.
pub(crate) struct Segment {
    /// Terms that are in a telling field of some document.
    pub(crate) telling: Dictionary,
    /// All other terms.
    pub(crate) other: Dictionary,
    facts: Vec<Facts>,
    /// Keys of the caller with the document's number, in order.
    ids: Vec<(i64, u32)>,
    /// Names and descriptions.
    texts: String,
    /// Squeezed names, each on a line, for search inside of them.
    names: String,
    name_starts: Vec<u32>,
    keywords: Vec<u32>,
    items: Vec<Item>,
    keys: Vec<u8>,
    pool: Pool,
}

impl Segment {
    pub(crate) fn len(&self) -> usize {
        self.facts.len()
    }

    pub(crate) fn facts(&self) -> &[Facts] {
        &self.facts
    }

    pub(crate) fn fact(&self, doc: u32) -> Option<&Facts> {
        self.facts.get(doc as usize)
    }

    /// The document of a key.
    pub(crate) fn find(&self, id: i64) -> Option<u32> {
        let at = self.ids.binary_search_by_key(&id, |(known, _)| *known).ok()?;
        self.ids.get(at).map(|(_, doc)| *doc)
    }

    pub(crate) fn name(&self, facts: &Facts) -> &str {
        self.texts.get(facts.name.range()).unwrap_or_default()
    }

    pub(crate) fn description(&self, facts: &Facts) -> &str {
        self.texts.get(facts.description.range()).unwrap_or_default()
    }

    /// Numbers of the document's keywords.
    pub(crate) fn keywords(&self, facts: &Facts) -> &[u32] {
        self.keywords.get(facts.keywords.range()).unwrap_or_default()
    }

    /// The document's texts of a field that lists some.
    pub(crate) fn items(&self, facts: &Facts, field: Field) -> impl Iterator<Item = &str> {
        let items = self.items.get(facts.items.range()).unwrap_or_default();
        items
            .iter()
            .filter(move |item| item.field == field)
            .map(|item| self.pool.get(item.text))
    }

    /// The squeezed name.
    pub(crate) fn squeezed_name(&self, doc: u32) -> &str {
        let start = self.name_starts.get(doc as usize).copied().unwrap_or_default() as usize;
        let rest = self.names.get(start..).unwrap_or_default();
        rest.split('\n').next().unwrap_or_default()
    }

    /// The documents with `part` within their squeezed names.
    pub(crate) fn with_name_part(&self, part: &str, mut visit: impl FnMut(u32)) {
        let mut last = None;
        for at in memchr::memmem::find_iter(self.names.as_bytes(), part.as_bytes()) {
            let doc = self.name_starts.partition_point(|start| *start as usize <= at) as u32;
            if let Some(doc) = doc.checked_sub(1)
                && last != Some(doc)
            {
                last = Some(doc);
                visit(doc);
            }
        }
    }

    /// Walks over the document's keys of values: each with its depth.
    pub(crate) fn keys(&self, facts: &Facts) -> impl Iterator<Item = (usize, &str)> {
        let bytes = self.keys.get(facts.keys.range()).unwrap_or_default();
        let mut at = 0;
        std::iter::from_fn(move || {
            let depth = read_number(bytes, &mut at)?;
            let text = read_number(bytes, &mut at)?;
            Some((depth as usize, self.pool.get(text)))
        })
    }

    /// The path of the key at a place among the document's values, such as `auth.existingSecret`.
    pub(crate) fn key_path(&self, facts: &Facts, place: u32) -> Option<String> {
        let mut path: Vec<&str> = Vec::new();
        for (n, (depth, key)) in self.keys(facts).enumerate() {
            path.truncate(depth);
            path.push(key);
            if n == place as usize {
                return Some(path.join("."));
            }
        }
        None
    }

    /// Memory that the segment holds.
    pub(crate) fn n_bytes(&self) -> usize {
        self.telling.n_bytes()
            + self.other.n_bytes()
            + self.facts.capacity() * size_of::<Facts>()
            + self.ids.capacity() * size_of::<(i64, u32)>()
            + self.texts.capacity()
            + self.names.capacity()
            + 4 * (self.name_starts.capacity() + self.keywords.capacity())
            + self.items.capacity() * size_of::<Item>()
            + self.keys.capacity()
            + self.pool.n_bytes()
    }

    pub(crate) fn n_terms(&self) -> usize {
        self.telling.terms.len() + self.other.terms.len()
    }
}
