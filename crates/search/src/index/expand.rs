//! The terms that stand for one word of a query: itself, its forms, what begins with it, and what is near to it.

use super::cells::{Column, Looking, conjunction};
use super::{Index, Piece};
use crate::field::{Field, Mask, NAMING, TELLING};
use crate::fuzzy::{Near, patience};
use crate::query::Word;
use crate::request::Way;
use crate::segment::Dictionary;
use crate::text::Stems;

/// Terms of a dictionary that are looked at for one beginning.
const MAX_SCANNED: usize = 4_000;
/// Bytes that one form of a word has more than another.
pub(super) const MAX_ENDING: usize = 5;
/// Terms with a beginning that are searched for, in each dictionary.
const MAX_BEGINNINGS: usize = 48;
/// Near terms that are searched for.
const MAX_NEAR: usize = 24;
/// Near terms that are looked at.
const MAX_NEAR_SCANNED: usize = 2_000;
/// Letters that a beginning needs for a typo in it to be forgiven.
const MIN_BEGINNING: usize = 5;
/// Ways to split a word that are searched for.
const MAX_SPLITS: usize = 3;

/// How good each way is; the same word is 1.
pub(super) mod quality {
    pub(crate) const JOINED: f32 = 0.97;
    pub(crate) const FORM: f32 = 0.92;
    pub(crate) const SYNONYM: f32 = 0.85;
    pub(crate) const SPLIT: f32 = 0.8;
    pub(crate) const PURPOSE: f32 = 0.78;
    /// The least that a purpose is worth, whatever its place.
    pub(crate) const PURPOSE_LEAST: f32 = 0.5;
    pub(crate) const TYPO: f32 = 0.72;
    pub(crate) const TWO_TYPOS: f32 = 0.5;
    pub(crate) const BEGINNING: f32 = 0.55;
    /// Added to a beginning by how much of the term it is.
    pub(crate) const BEGINNING_SHARE: f32 = 0.3;
    pub(crate) const INSIDE: f32 = 0.42;
    /// People rarely mistype the first letter.
    pub(crate) const OTHER_FIRST_LETTER: f32 = 0.88;
    /// What a typo is worth where the word as typed exists.
    pub(crate) const ALTHOUGH_KNOWN: f32 = 0.4;
}

/// All fields but the ones that only say the same again.
pub(super) const ANYWHERE: Mask = 0xffff;

impl Index {
    /// Looks for a word as it is, for its forms, and for what begins with it.
    pub(super) fn look_for(
        &self,
        column: &mut Column,
        looking: &mut Looking<'_>,
        word: &Word,
        fields: Mask,
        with_beginnings: bool,
    ) {
        for (part, piece) in self.parts.iter().enumerate() {
            for dictionary in [&piece.segment.telling, &piece.segment.other] {
                if let Some(postings) = dictionary.get(&word.text) {
                    let found = column.found(&word.text, Way::Exact, 1.0);
                    column.note(looking, part, postings, fields, found, 1.0);
                }
            }
            if !word.is_exact {
                self.look_for_forms(column, looking, part, piece, word, fields, with_beginnings);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the state of one look-up")]
    fn look_for_forms(
        &self,
        column: &mut Column,
        looking: &mut Looking<'_>,
        part: usize,
        piece: &Piece,
        word: &Word,
        fields: Mask,
        with_beginnings: bool,
    ) {
        let stem = self.tools.stems.of(&word.text);
        let common = Stems::common_beginning(&stem);
        let n_common = word
            .text
            .bytes()
            .zip(common.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let beginning = word.text.get(..n_common).unwrap_or(&word.text);
        let longest = word.text.len() + MAX_ENDING;
        let is_short = word.text.chars().count() < 2;
        for dictionary in [&piece.segment.telling, &piece.segment.other] {
            let is_telling = std::ptr::eq(dictionary, &piece.segment.telling);
            // Beginnings of a few letters are everywhere in prose, where they mean nothing.
            let takes_beginnings =
                with_beginnings && !is_short && (is_telling || word.text.chars().count() >= 4);
            let mut beginnings = Vec::new();
            let mut n_scanned = 0;
            dictionary.beginning_with(beginning, |term, postings| {
                n_scanned += 1;
                if term == word.text {
                    return true;
                }
                // Endings are short, and cutting them off is not cheap.
                if term.len() <= longest && self.tools.stems.of(term) == stem {
                    let found = column.found(term, Way::Form, quality::FORM);
                    column.note(looking, part, postings, fields, found, quality::FORM);
                } else if takes_beginnings && term.starts_with(&*word.text) {
                    beginnings.push((postings.n_telling, postings.n, term.to_owned(), postings));
                }
                n_scanned < MAX_SCANNED
            });
            beginnings.sort_unstable_by(|a, b| (b.0, b.1, &a.2).cmp(&(a.0, a.1, &b.2)));
            for (_, _, term, postings) in beginnings.into_iter().take(MAX_BEGINNINGS) {
                let share = word.text.len() as f32 / term.len() as f32;
                let quality = quality::BEGINNING + quality::BEGINNING_SHARE * share;
                let found = column.found(&term, Way::Beginning, quality);
                column.note(looking, part, postings, fields, found, quality);
            }
        }
    }

    /// Looks for what the word may have been mistyped for, among telling terms.
    pub(super) fn look_for_typos(
        &self,
        column: &mut Column,
        looking: &mut Looking<'_>,
        word: &str,
        fields: Mask,
        is_known: bool,
    ) {
        let Some(near) = near(word, is_known) else { return };
        let terms = self.near_terms(&near, word, |piece| &piece.segment.telling, fields & TELLING);
        self.note_near(
            column,
            looking,
            terms,
            |piece| &piece.segment.telling,
            fields,
            is_known,
        );
    }

    /// The same among all other terms.
    pub(super) fn look_for_typos_elsewhere(
        &self,
        column: &mut Column,
        looking: &mut Looking<'_>,
        word: &str,
        fields: Mask,
    ) {
        let Some(near) = near(word, false).filter(|_| fields & !TELLING != 0) else {
            return;
        };
        let terms = self.near_terms(&near, word, |piece| &piece.segment.other, fields);
        self.note_near(
            column,
            looking,
            terms,
            |piece| &piece.segment.other,
            fields,
            false,
        );
    }

    /// Looks for what begins with something that the word may have been mistyped for.
    pub(super) fn look_for_typos_in_beginnings(
        &self,
        column: &mut Column,
        looking: &mut Looking<'_>,
        word: &str,
        fields: Mask,
    ) {
        if word.chars().count() < MIN_BEGINNING {
            return;
        }
        let Some(near) = Near::new(word, 1).map(Near::prefix) else {
            return;
        };
        let mut terms = self.near_terms(&near, word, |piece| &piece.segment.telling, fields & TELLING);
        for (_, _, quality) in &mut terms {
            *quality *= quality::BEGINNING;
        }
        self.note_near(
            column,
            looking,
            terms,
            |piece| &piece.segment.telling,
            fields,
            false,
        );
    }

    fn note_near(
        &self,
        column: &mut Column,
        looking: &mut Looking<'_>,
        terms: Vec<(String, Way, f32)>,
        dictionary: fn(&Piece) -> &Dictionary,
        fields: Mask,
        is_known: bool,
    ) {
        for (term, way, quality) in terms {
            let quality = if is_known {
                quality * quality::ALTHOUGH_KNOWN
            } else {
                quality
            };
            let found = column.found(&term, way, quality);
            for (part, piece) in self.parts.iter().enumerate() {
                if let Some(postings) = dictionary(piece).get(&term) {
                    column.note(looking, part, postings, fields, found, quality);
                }
            }
        }
    }

    /// The nearest terms of a dictionary of all segments; of equally near ones those of names first.
    fn near_terms(
        &self,
        near: &Near,
        word: &str,
        dictionary: fn(&Piece) -> &Dictionary,
        fields: Mask,
    ) -> Vec<(String, Way, f32)> {
        let mut terms: Vec<(usize, bool, bool, u32, String)> = Vec::new();
        let length = word.chars().count();
        for piece in &self.parts {
            let mut n_scanned = 0;
            dictionary(piece).accepted(near, |term, postings| {
                n_scanned += 1;
                let Some(edits) = near.distance(term) else {
                    return true;
                };
                let n_letters = term.chars().count();
                // Of few letters one edit leaves too little in common.
                let is_enough = n_letters.max(length) >= 4 && (edits < 2 || n_letters.min(length) >= 6);
                if edits > 0 && is_enough && terms.iter().all(|known| known.4 != term) {
                    let is_name = postings
                        .clone()
                        .take(64)
                        .any(|posting| posting.mask & fields & NAMING != 0);
                    let other_first = term.bytes().next() != word.bytes().next();
                    terms.push((
                        edits,
                        !is_name,
                        other_first,
                        u32::MAX - postings.n_telling,
                        term.to_owned(),
                    ));
                }
                n_scanned < MAX_NEAR_SCANNED
            });
        }
        terms.sort_unstable();
        terms.truncate(MAX_NEAR);
        terms
            .into_iter()
            .map(|(edits, _, other_first, _, term)| {
                let (way, quality) = match edits {
                    1 => (Way::Typo, quality::TYPO),
                    _ => (Way::TwoTypos, quality::TWO_TYPOS),
                };
                let factor = if other_first {
                    quality::OTHER_FIRST_LETTER
                } else {
                    1.0
                };
                (term, way, quality * factor)
            })
            .collect()
    }

    /// Looks for the word as two that were written as one.
    pub(super) fn look_for_splits(
        &self,
        column: &mut Column,
        looking: &mut Looking<'_>,
        word: &Word,
        fields: Mask,
    ) {
        let mut splits: Vec<(u32, Vec<&str>)> = Vec::new();
        if word.parts.len() > 1 {
            splits.push((u32::MAX, word.parts.iter().map(String::as_str).collect()));
        }
        for (at, _) in word.text.char_indices() {
            let (head, tail) = word.text.split_at(at);
            if head.len() < 3 || tail.len() < 3 {
                continue;
            }
            let n = self.n_telling(head).min(self.n_telling(tail));
            if n > 0 {
                splits.push((n, vec![head, tail]));
            }
        }
        splits.sort_by_key(|(n, _)| u32::MAX - n);
        for (_, parts) in splits.into_iter().take(MAX_SPLITS) {
            let shown = parts.join(" ");
            let found = column.found(&shown, Way::Split, quality::SPLIT);
            self.note_all(column, looking, &parts, fields, found, quality::SPLIT);
        }
    }

    /// Notes the documents that have all of some terms.
    pub(super) fn note_all(
        &self,
        column: &mut Column,
        looking: &mut Looking<'_>,
        terms: &[&str],
        fields: Mask,
        found: u16,
        quality: f32,
    ) {
        for (part, piece) in self.parts.iter().enumerate() {
            let segment = &piece.segment;
            let lists = terms
                .iter()
                .map(|term| segment.telling.get(term).or_else(|| segment.other.get(term)));
            let both = conjunction(looking, lists, fields);
            column.note(looking, part, both.into_iter(), fields, found, quality);
        }
    }

    /// Looks inside names.
    pub(super) fn look_inside_names(&self, column: &mut Column, looking: &mut Looking<'_>, word: &str) {
        if word.chars().count() < 3 {
            return;
        }
        let found = column.found(word, Way::Inside, quality::INSIDE);
        for (part, piece) in self.parts.iter().enumerate() {
            let mut inside = Vec::new();
            piece.segment.with_name_part(word, |doc| {
                inside.push(crate::segment::Posting {
                    doc,
                    mask: Field::Name.bit(),
                    place: 0,
                });
            });
            column.note(
                looking,
                part,
                inside.into_iter(),
                ANYWHERE,
                found,
                quality::INSIDE,
            );
        }
    }

    /// How many documents have a term in a telling field, replaced ones included.
    pub(super) fn n_telling(&self, term: &str) -> u32 {
        self.parts
            .iter()
            .filter_map(|piece| piece.segment.telling.get(term))
            .map(|postings| postings.n_telling)
            .sum()
    }
}

/// What is near to a word that may be mistyped; none where it is too short for that.
fn near(word: &str, is_known: bool) -> Option<Near> {
    let n_edits = match patience(word) {
        // A letter is missing of a word of four.
        0 if word.chars().count() == 3 => 1,
        0 => return None,
        n if is_known => n.min(1),
        n => n,
    };
    Near::new(word, n_edits)
}
