//! A query against the index: for every word the documents that match it, and how.
//!
//! Every word is looked for by itself. Neighbours are also looked for as one word and as phrases of the lexicon, and what
//! that finds counts for each of them. Typos and splits are thought of only where a word is not known as it is.

use super::Index;
use super::cells::{Cell, Column, Looking, MAX_POSTINGS};
use super::expand::{MAX_ENDING, quality};
use std::ops::Range;

use crate::bits::Bits;
use crate::field::{Field, Mask, NAMING, TELLING};
use crate::hint::Hint;
use crate::lexicon::MAX_PHRASE_WORDS;
use crate::query::{Query, Word};
use crate::request::Way;

/// Where a word as typed is at home in fewer charts than this, typos are thought of, too.
const FEW: u32 = 3;
/// What a purpose loses for each better-known piece of software before it.
const PURPOSE_STEP: f32 = 0.04;

/// A query's words and what they match.
pub(super) struct Evaluation {
    pub(super) words: Vec<Word>,
    pub(super) columns: Vec<Column>,
    /// All words as one, as a name would be squeezed.
    pub(super) joined: String,
    pub(super) hints: Vec<Hint>,
}

impl Index {
    /// Looks for the words of a query in some fields. Only what is allowed decides what is thought of and told.
    pub(super) fn evaluate(&self, query: &Query, fields: Mask, allowed: &[Bits]) -> Evaluation {
        let mut looking = Looking {
            worth: &self.tools.worth,
            n_left: MAX_POSTINGS,
        };
        let mut evaluation = Evaluation {
            words: query.words.clone(),
            columns: Vec::new(),
            joined: query.joined(),
            hints: Vec::new(),
        };
        for word in &query.words {
            let mut column = Column::new(self.parts.iter().map(|piece| piece.segment.len()));
            self.look_for(&mut column, &mut looking, word, fields, true);
            evaluation.columns.push(column);
        }
        self.look_for_spans(&mut evaluation, &mut looking, fields);
        self.look_for_mistakes(&mut evaluation, &mut looking, fields, allowed);
        if fields & Field::Name.bit() != 0 {
            for (word, column) in evaluation.words.iter().zip(&mut evaluation.columns) {
                if !word.is_exact {
                    self.look_inside_names(column, &mut looking, &word.text);
                }
            }
        }
        tell_corrections(&mut evaluation, allowed);
        evaluation
    }

    /// Neighbouring words as one word, and as phrases that mean something.
    fn look_for_spans(&self, evaluation: &mut Evaluation, looking: &mut Looking<'_>, fields: Mask) {
        let n_words = evaluation.words.len();
        for length in (1..=MAX_PHRASE_WORDS.max(n_words)).rev() {
            // Longer than a phrase is only the whole query, which may be a name.
            if length > MAX_PHRASE_WORDS && length != n_words {
                continue;
            }
            for start in 0..(n_words + 1).saturating_sub(length) {
                let span = start..start + length;
                let Some(words) = evaluation.words.get(span.clone()) else {
                    continue;
                };
                if words.iter().any(|word| word.is_exact) {
                    continue;
                }
                let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
                let (joined, phrase) = (words.concat(), words.join(" "));
                if length > 1 {
                    self.look_for_joined(evaluation, looking, fields, span.clone(), &joined);
                }
                if length <= MAX_PHRASE_WORDS {
                    self.look_for_meanings(evaluation, looking, fields, span, &phrase);
                }
            }
        }
    }

    fn look_for_joined(
        &self,
        evaluation: &mut Evaluation,
        looking: &mut Looking<'_>,
        fields: Mask,
        span: Range<usize>,
        joined: &str,
    ) {
        for (part, piece) in self.parts.iter().enumerate() {
            for dictionary in [&piece.segment.telling, &piece.segment.other] {
                let Some(postings) = dictionary.get(joined) else {
                    continue;
                };
                for column in evaluation.columns.get_mut(span.clone()).unwrap_or_default() {
                    let found = column.found(joined, Way::Joined, quality::JOINED);
                    column.note(looking, part, postings.clone(), fields, found, quality::JOINED);
                }
            }
        }
    }

    fn look_for_meanings(
        &self,
        evaluation: &mut Evaluation,
        looking: &mut Looking<'_>,
        fields: Mask,
        span: Range<usize>,
        phrase: &str,
    ) {
        let mut n_products = 0.0;
        for meaning in self.tools.lexicon.meanings(phrase) {
            let terms: Vec<&str> = meaning.words.iter().map(String::as_str).collect();
            let (way, quality, fields) = match meaning.is_purpose {
                true => {
                    n_products += 1.0;
                    let quality = quality::PURPOSE - PURPOSE_STEP * (n_products - 1.0);
                    (Way::Purpose, quality.max(quality::PURPOSE_LEAST), fields & NAMING)
                }
                false => (Way::Synonym, quality::SYNONYM, fields),
            };
            if terms.iter().any(|term| self.n_telling(term) == 0) {
                continue;
            }
            let shown = terms.join(" ");
            for column in evaluation.columns.get_mut(span.clone()).unwrap_or_default() {
                let found = column.found(&shown, way, quality);
                self.note_all(column, looking, &terms, fields, found, quality);
            }
        }
    }

    /// Typos and splits of words that are not known.
    fn look_for_mistakes(
        &self,
        evaluation: &mut Evaluation,
        looking: &mut Looking<'_>,
        fields: Mask,
        allowed: &[Bits],
    ) {
        let mut is_all_known = true;
        let mut is_named = false;
        for (word, column) in evaluation.words.iter().zip(&mut evaluation.columns) {
            let known = Known::of(column, allowed, &evaluation.joined);
            is_named |= known.is_named;
            if word.is_exact || known.n_meant > 0 || known.n_exact >= FEW || known.has_name {
                continue;
            }
            let is_there = known.n_exact > 0 || known.n_forms > 0;
            is_all_known &= is_there;
            self.look_for_typos(column, looking, &word.text, fields, is_there);
            if known.n_exact == 0 {
                self.look_for_splits(column, looking, word, fields);
            }
            // Only what is allowed counts: terms of charts that were replaced or are hidden are still about.
            if column.matched(allowed).next().is_none() {
                self.look_for_typos_elsewhere(column, looking, &word.text, fields);
            }
            if column.matched(allowed).next().is_none() {
                self.look_for_typos_in_beginnings(column, looking, &word.text, fields);
            }
        }
        let is_exact = evaluation.words.iter().any(|word| word.is_exact);
        if evaluation.words.len() > 1 && fields & Field::WholeName.bit() != 0 && !is_exact && !is_named {
            // A typo may have been at the seam of two words.
            let joined = evaluation.joined.clone();
            for column in &mut evaluation.columns {
                self.look_for_typos(column, looking, &joined, Field::WholeName.bit(), is_all_known);
            }
        }
    }

    /// For each segment the documents that have a word, or a form of it, in a telling field.
    pub(super) fn with_word(&self, word: &str) -> Vec<Bits> {
        let stem = self.tools.stems.of(word);
        let beginning = crate::text::Stems::common_beginning(&stem);
        let n_common = word
            .bytes()
            .zip(beginning.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let beginning = word.get(..n_common).unwrap_or(word);
        let mut all = Vec::new();
        for piece in &self.parts {
            let mut bits = Bits::none(piece.segment.len());
            let mut n_scanned = 0;
            let mut note = |postings: crate::segment::Postings<'_>| {
                for posting in postings.filter(|posting| posting.mask & TELLING != 0) {
                    bits.insert(posting.doc);
                }
            };
            if let Some(postings) = piece.segment.telling.get(word) {
                note(postings);
            }
            piece.segment.telling.beginning_with(beginning, |term, postings| {
                n_scanned += 1;
                if term.len() <= word.len() + MAX_ENDING && self.tools.stems.of(term) == stem {
                    note(postings);
                }
                n_scanned < 4_000
            });
            all.push(bits);
        }
        all
    }
}

/// How well a word is known as it is, among the documents that count.
#[derive(Default)]
struct Known {
    n_exact: u32,
    n_forms: u32,
    /// Synonyms, purposes, joined words.
    n_meant: u32,
    /// Some chart's whole name is the word.
    has_name: bool,
    /// Some chart's whole name is the query.
    is_named: bool,
}

impl Known {
    fn of(column: &Column, allowed: &[Bits], joined: &str) -> Self {
        let mut known = Self::default();
        let ways: Vec<(Way, bool)> = column
            .found
            .iter()
            .map(|found| (found.way, *found.term == *joined))
            .collect();
        for (_, cell) in column.matched(allowed) {
            let mask = Mask::from(cell.mask);
            let Some((way, is_joined)) = ways.get(usize::from(cell.found)) else {
                continue;
            };
            if mask & TELLING == 0 {
                continue;
            }
            let is_whole = mask & Field::WholeName.bit() != 0;
            match way {
                Way::Exact => {
                    known.n_exact += 1;
                    known.has_name |= is_whole;
                    known.is_named |= is_whole && *is_joined;
                }
                Way::Form => known.n_forms += 1,
                Way::Joined => {
                    known.n_meant += 1;
                    known.is_named |= is_whole && *is_joined;
                }
                Way::Synonym | Way::Purpose => known.n_meant += 1,
                _ => {}
            }
        }
        known
    }
}

/// Tells where a typo was forgiven because there was nothing else.
fn tell_corrections(evaluation: &mut Evaluation, allowed: &[Bits]) {
    for (word, column) in evaluation.words.iter().zip(&evaluation.columns) {
        let is_typo = |way| matches!(way, Way::Typo | Way::TwoTypos);
        if !column.found.iter().any(|found| is_typo(found.way)) {
            continue;
        }
        let term = |cell: &Cell| {
            column
                .found
                .get(usize::from(cell.found))
                .map(|found| &*found.term)
        };
        // Of equally good ones always the same, whatever order the documents have.
        let best = column
            .matched(allowed)
            .max_by(|(_, a), (_, b)| a.score.total_cmp(&b.score).then_with(|| term(b).cmp(&term(a))));
        if let Some((_, cell)) = best
            && let Some(found) = column.found.get(usize::from(cell.found))
            && is_typo(found.way)
        {
            let instead = found.term.to_string();
            let is_told = evaluation
                .hints
                .iter()
                .any(|hint| matches!(hint, Hint::Corrected { instead: known, .. } if *known == instead));
            if !is_told {
                evaluation.hints.push(Hint::Corrected {
                    word: word.text.clone(),
                    instead,
                });
            }
        }
    }
}
