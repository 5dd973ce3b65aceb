//! The order of hits.
//!
//! First come charts whose name the query is, then those with more of its words. Among them counts what each word is
//! worth where it was found, weighed by how rare the word is, plus how much of the name the query names; all of that
//! times where the chart stands: official and fresh before stale, forks and deprecated ones behind.

use super::Index;
use super::cells::Cell;
use super::evaluate::Evaluation;
use super::filter::PAST;
use crate::bits::Bits;
use crate::field::{Field, Mask, NAMING, TELLING};
use crate::query::Query;
use crate::request::{Explanation, Order, WordScore};
use crate::segment::{Facts, Segment, flag};
use crate::text::{TokenKind, Tokenizer};

/// What a name that the query names as a whole adds.
const COVERAGE: f32 = 4.0;
/// What a word that every chart has still counts, compared with one that a single chart has.
const COMMON_WORD: f32 = 0.35;
/// What an optional word counts, compared with one that is required.
const OPTIONAL_WORD: f32 = 0.3;

const OFFICIAL: f32 = 1.1;
const FORK: f32 = 0.75;
const DEPRECATED: f32 = 0.5;
const GONE: f32 = 0.45;
const LIBRARY: f32 = 0.9;
/// Lost with each year without a new version, for so many years.
const STALE_YEAR: f32 = 0.06;
const STALE_YEARS: f32 = 4.0;
const UNDATED: f32 = 0.85;
/// Gained with each doubling of the number of versions, for so many doublings.
const DOUBLING: f32 = 0.015;
const DOUBLINGS: f32 = 7.0;
const YEAR_SECS: f32 = 31_557_600.0;

/// A score of one in units of a rank.
const UNIT: f32 = 10_000.0;
/// More than any score is.
const TIER: i64 = 10_000_000;

/// A document that matches.
#[derive(Clone, Copy)]
pub(super) struct Ranked {
    pub(super) rank: i64,
    pub(super) doc: u32,
    pub(super) part: u32,
}

/// A query's words, weighed.
pub(super) struct Weighing<'e> {
    pub(super) evaluation: &'e Evaluation,
    /// How rare each word is, from [`COMMON_WORD`] to 1.
    pub(super) rarity: Vec<f32>,
    n_required: u32,
    /// The required words that a hit has.
    n_enough: u32,
    /// No hit has all words.
    pub(super) is_relaxed: bool,
    /// Words that no document has.
    pub(super) unmatched: Vec<String>,
    now: i64,
}

impl<'e> Weighing<'e> {
    pub(super) fn new(index: &Index, evaluation: &'e Evaluation, allowed: &[Bits], now: i64) -> Self {
        let n_documents = allowed.iter().map(Bits::count).sum::<usize>() as f32;
        let mut weighing = Self {
            evaluation,
            rarity: Vec::new(),
            n_required: 0,
            n_enough: 0,
            is_relaxed: false,
            unmatched: Vec::new(),
            now,
        };
        for (word, column) in evaluation.words.iter().zip(&evaluation.columns) {
            let mut n_matched = 0;
            let mut n_telling = 0;
            for (_, cell) in column.matched(allowed) {
                n_matched += 1;
                n_telling += usize::from(Mask::from(cell.mask) & TELLING != 0);
            }
            if n_matched == 0 && !word.is_optional {
                weighing.unmatched.push(word.text.clone());
            }
            let share = (1.0 + n_telling as f32).ln() / (2.0 + n_documents).ln();
            weighing
                .rarity
                .push(1.0 - (1.0 - COMMON_WORD) * share.clamp(0.0, 1.0));
            weighing.n_required += u32::from(!word.is_optional);
        }
        let most = index.most_words(evaluation, allowed);
        weighing.n_enough = most.min(weighing.n_required);
        weighing.is_relaxed = most < weighing.n_required;
        weighing
    }

    /// Whether some document has enough words to be a hit.
    pub(super) fn finds(&self) -> bool {
        self.n_enough > 0
    }

    fn cells(&self, part: usize, doc: u32) -> impl Iterator<Item = Option<&'e Cell>> {
        self.evaluation.columns.iter().map(move |column| {
            let cell = column.cells.get(part)?.get(doc as usize)?;
            (cell.score > 0.0).then_some(cell)
        })
    }

    /// How many required words a document has.
    fn n_words(&self, part: usize, doc: u32) -> u32 {
        let words = self.evaluation.words.iter().zip(self.cells(part, doc));
        words
            .filter(|(word, cell)| !word.is_optional && cell.is_some())
            .count() as u32
    }

    /// The rank of a document, none where it is no hit.
    pub(super) fn rank(&self, part: usize, doc: u32, facts: &Facts, exact_name: u8) -> Option<i64> {
        let n_words = self.n_words(part, doc);
        if n_words < self.n_enough {
            return None;
        }
        let (sum, coverage) = self.sum(part, doc, facts);
        let standing = standing(facts, self.now, &mut |_, _| {});
        Some(rank_of(
            score(sum + coverage, standing, exact_name),
            exact_name,
            n_words,
        ))
    }

    /// What the words add, and what the name does.
    fn sum(&self, part: usize, doc: u32, facts: &Facts) -> (f32, f32) {
        let mut sum = 0.0;
        let mut weights = 0.0;
        let mut n_named = 0;
        let mut last = "";
        let words = self
            .evaluation
            .words
            .iter()
            .zip(&self.evaluation.columns)
            .zip(&self.rarity);
        for (((word, column), rarity), cell) in words.zip(self.cells(part, doc)) {
            let weight = if word.is_optional {
                rarity * OPTIONAL_WORD
            } else {
                *rarity
            };
            if !(word.is_optional && cell.is_none()) {
                weights += weight;
            }
            let Some(cell) = cell else { continue };
            sum += weight * cell.score;
            if Mask::from(cell.mask) & NAMING != 0
                && let Some(found) = column.found.get(usize::from(cell.found))
                // Several words that were found as one name it once.
                && *found.term != *last
            {
                let named = found.term.len().min(usize::from(facts.name_length));
                n_named += (named as f32 * found.quality) as usize;
                last = &found.term;
            }
        }
        let coverage = COVERAGE * (n_named as f32 / f32::from(facts.name_length.max(1))).min(1.0);
        (if weights > 0.0 { sum / weights } else { 0.0 }, coverage)
    }

    /// How a rank came about.
    pub(super) fn explain(
        &self,
        index: &Index,
        part: usize,
        doc: u32,
        facts: &Facts,
        exact_name: u8,
    ) -> Explanation {
        let (sum, name_coverage) = self.sum(part, doc, facts);
        let mut factors = Vec::new();
        let standing = standing(facts, self.now, &mut |what, factor| {
            factors.push((what.to_owned(), factor));
        });
        let words = index.matches(self.evaluation, part, doc).into_iter();
        let words = words.map(|(at, found)| {
            let column = self.evaluation.columns.get(at);
            let cell = column
                .and_then(|column| column.cells.get(part)?.get(doc as usize))
                .copied();
            let cell = cell.unwrap_or_default();
            let quality = column
                .and_then(|column| column.found.get(usize::from(cell.found)))
                .map_or(0.0, |found| found.quality);
            WordScore {
                found,
                worth: crate::field::worth(Mask::from(cell.mask)),
                quality,
                rarity: self.rarity.get(at).copied().unwrap_or_default(),
            }
        });
        Explanation {
            words: words.collect(),
            name_coverage,
            standing,
            factors,
            exact_name,
            n_words: self.n_words(part, doc),
            score: score(sum + name_coverage, standing, exact_name),
        }
    }
}

/// Of charts that all have the name that was asked for, standing tells more than how often the word occurs in them.
fn score(sum: f32, standing: f32, exact_name: u8) -> f32 {
    if exact_name > 0 {
        20.0 * standing + sum * standing / 8.0
    } else {
        sum * standing
    }
}

fn rank_of(score: f32, exact_name: u8, n_words: u32) -> i64 {
    let tier = 100 * i64::from(exact_name) + i64::from(n_words);
    -(tier * TIER + (score * UNIT) as i64)
}

/// What a chart's score is multiplied by, factor by factor.
fn standing(facts: &Facts, now: i64, tell: &mut impl FnMut(&str, f32)) -> f32 {
    let mut product = 1.0;
    let mut factor = |what: &str, factor: f32| {
        if factor != 1.0 {
            product *= factor;
            tell(what, factor);
        }
    };
    let has = |flag: u16| facts.flags & flag != 0;
    if has(flag::OFFICIAL) {
        factor("official", OFFICIAL);
    }
    if has(flag::FORK) {
        factor("fork", FORK);
    }
    if has(flag::DEPRECATED) {
        factor("deprecated", DEPRECATED);
    }
    if has(flag::YANKED) {
        factor("gone from its repository", GONE);
    }
    if has(flag::LIBRARY) {
        factor("library", LIBRARY);
    }
    match facts.updated {
        // A date in the future gains nothing: dates are what charts say of themselves.
        Some(updated) => {
            let years = (now.saturating_sub(updated) as f32 / YEAR_SECS).clamp(0.0, STALE_YEARS);
            factor("age", 1.0 - STALE_YEAR * years);
        }
        None => factor("no date", UNDATED),
    }
    let doublings = (1.0 + facts.n_versions as f32).log2().min(DOUBLINGS);
    factor("versions", 1.0 + DOUBLING * doublings);
    product
}

impl Index {
    /// The most required words that any allowed document has.
    fn most_words(&self, evaluation: &Evaluation, allowed: &[Bits]) -> u32 {
        let mut most = 0;
        for (part, allowed) in allowed.iter().enumerate() {
            let columns: Vec<&Vec<Cell>> = evaluation
                .words
                .iter()
                .zip(&evaluation.columns)
                .filter(|(word, _)| !word.is_optional)
                .filter_map(|(_, column)| column.cells.get(part))
                .collect();
            let n_docs = columns.first().map_or(0, |cells| cells.len());
            let mut counts = vec![0u8; n_docs];
            for cells in &columns {
                for (count, cell) in counts.iter_mut().zip(cells.iter()) {
                    *count += u8::from(cell.score > 0.0);
                }
            }
            for (doc, count) in (0..).zip(counts) {
                if u32::from(count) > most && allowed.contains(doc) {
                    most = u32::from(count);
                }
            }
        }
        most
    }

    /// Whether a document has a query's phrases. In READMEs and comments, of which only words are kept, it is enough
    /// that all words are there.
    pub(super) fn has_phrases(&self, query: &Query, evaluation: &Evaluation, part: usize, doc: u32) -> bool {
        let Some(piece) = self.parts.get(part) else {
            return false;
        };
        let segment = &piece.segment;
        let Some(facts) = segment.fact(doc) else {
            return false;
        };
        query.phrases.iter().all(|phrase| {
            let words = query.words.get(phrase.clone()).unwrap_or_default();
            let columns = evaluation.columns.get(phrase.clone()).unwrap_or_default();
            let shared = columns.iter().fold(Mask::MAX, |shared, column| {
                let cell = column.cells.get(part).and_then(|cells| cells.get(doc as usize));
                shared & cell.map_or(0, |cell| Mask::from(cell.mask))
            });
            let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
            shared & (Field::Readme.bit() | Field::Comment.bit()) != 0
                || self.texts(segment, facts).any(|text| has_in_a_row(&text, &words))
        })
    }

    fn texts<'s>(&'s self, segment: &'s Segment, facts: &'s Facts) -> impl Iterator<Item = String> + 's {
        let listed = [
            Field::AlternativeName,
            Field::Image,
            Field::Kind,
            Field::Dependency,
            Field::Maintainer,
            Field::Source,
        ];
        let keywords = segment
            .keywords(facts)
            .iter()
            .map(|number| self.values.keywords.name(*number).to_owned());
        [
            segment.name(facts).to_owned(),
            segment.description(facts).to_owned(),
        ]
        .into_iter()
        .chain(keywords)
        .chain(
            listed
                .into_iter()
                .flat_map(move |field| segment.items(facts, field).map(str::to_owned)),
        )
    }
}

fn has_in_a_row(text: &str, words: &[&str]) -> bool {
    let mut tokens = Vec::new();
    Tokenizer::default().run(text, |token| {
        if token.kind != TokenKind::Part {
            tokens.push(token.text.to_owned());
        }
        true
    });
    tokens
        .windows(words.len().max(1))
        .any(|row| row.iter().eq(words.iter()))
}

/// The rank of a document in an order that no word has a part in.
pub(super) fn rank_by_order(order: Order, facts: &Facts) -> i64 {
    match order {
        Order::Name => 0,
        // Among equals, what should not be used comes last.
        Order::Relevance => i64::from(facts.flags & PAST != 0),
        Order::Updated => facts.updated.map_or(i64::MAX, |updated| updated.saturating_neg()),
    }
}
