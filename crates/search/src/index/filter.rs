//! Which documents count at all, and which pass the filters.

use std::ops::Range;

use super::cells::{Looking, MAX_POSTINGS, conjunction};
use super::{Index, Piece};
use crate::bits::Bits;
use crate::field::{Mask, NAMING};
use crate::fuzzy::Near;
use crate::hint::Hint;
use crate::query::{Condition, Query};
use crate::request::{Deprecated, Filters, Visible};
use crate::segment::{Facts, NONE, Posting, Segment, flag};
use crate::text::squeeze;
use crate::values::Names;

/// Values that look alike and are told.
const MAX_NEAREST: usize = 3;
/// Terms with a beginning that a filter looks for.
const MAX_BEGINNINGS: usize = 2_000;

/// Deprecated, or as little to be started with.
pub(super) const PAST: u16 = flag::DEPRECATED | flag::YANKED;

/// The filters of facets, as bits that say which ones a document does not pass.
pub(super) mod fails {
    pub(crate) const REPOSITORY: u16 = 1;
    pub(crate) const CATEGORY: u16 = 2;
    pub(crate) const KEYWORD: u16 = 4;
    pub(crate) const LICENSE: u16 = 8;
    pub(crate) const LIBRARY: u16 = 16;
    pub(crate) const SIGNED: u16 = 32;
    pub(crate) const SCHEMA: u16 = 64;
    pub(crate) const DEPRECATED: u16 = 128;
    pub(crate) const KUBERNETES: u16 = 256;
}

/// [`Filters`] by number.
pub(super) struct Chosen {
    repositories: Option<Vec<u32>>,
    categories: Option<Vec<u32>>,
    keywords: Option<Vec<u32>>,
    licenses: Option<Vec<u32>>,
    library: Option<bool>,
    signed: Option<bool>,
    schema: Option<bool>,
    deprecated: Deprecated,
    kubernetes: Option<u8>,
}

impl Chosen {
    pub(super) fn new(index: &Index, filters: &Filters, query: &Query) -> Self {
        let numbers = |names: &Names, chosen: &[String]| {
            // What nobody has leaves nothing, not everything.
            (!chosen.is_empty()).then(|| chosen.iter().filter_map(|name| names.find(name)).collect())
        };
        // Who asks for deprecated charts by words wants to see them.
        let asks = query.clauses.iter().any(|clause| {
            !clause.is_excluded
                && match clause.condition {
                    Condition::Deprecated => true,
                    Condition::Flag(flags) => flags & PAST != 0,
                    _ => false,
                }
        });
        let deprecated = match filters.deprecated {
            Deprecated::Hidden if asks => Deprecated::Shown,
            other => other,
        };
        let values = &index.values;
        Self {
            repositories: numbers(&values.repositories, &filters.repositories),
            categories: numbers(&values.categories, &filters.categories),
            keywords: numbers(&values.keywords, &filters.keywords),
            licenses: numbers(&values.licenses, &filters.licenses),
            library: filters.library,
            signed: filters.signed,
            schema: filters.schema,
            deprecated,
            kubernetes: filters.kubernetes,
        }
    }

    /// The filters that a document does not pass.
    pub(super) fn failed(&self, segment: &Segment, facts: &Facts) -> u16 {
        let mut failed = 0;
        let mut require = |bit: u16, passes: bool| {
            if !passes {
                failed |= bit;
            }
        };
        let among = |chosen: &Option<Vec<u32>>, number: u32| {
            chosen.as_ref().is_none_or(|chosen| chosen.contains(&number))
        };
        let is =
            |wanted: Option<bool>, flag: u16| wanted.is_none_or(|wanted| (facts.flags & flag != 0) == wanted);
        require(fails::REPOSITORY, among(&self.repositories, facts.repository));
        require(fails::CATEGORY, among(&self.categories, facts.category));
        require(fails::LICENSE, among(&self.licenses, facts.license));
        require(
            fails::KEYWORD,
            self.keywords.as_ref().is_none_or(|chosen| {
                let keywords = segment.keywords(facts);
                chosen.iter().any(|number| keywords.contains(number))
            }),
        );
        require(fails::LIBRARY, is(self.library, flag::LIBRARY));
        require(fails::SIGNED, is(self.signed, flag::SIGNED));
        require(fails::SCHEMA, is(self.schema, flag::SCHEMA));
        let is_past = facts.flags & PAST != 0;
        require(
            fails::DEPRECATED,
            match self.deprecated {
                Deprecated::Hidden => !is_past,
                Deprecated::Shown => true,
                Deprecated::Only => is_past,
            },
        );
        require(
            fails::KUBERNETES,
            self.kubernetes
                .is_none_or(|minor| facts.kubernetes >> minor.min(63) & 1 != 0),
        );
        failed
    }
}

impl Index {
    /// The documents of each segment that are there and that somebody may see.
    pub(super) fn visible(&self, visible: Visible<'_>) -> Vec<Bits> {
        let repositories: Option<Vec<u32>> = match visible {
            Visible::All => None,
            Visible::Only(names) => Some(
                names
                    .iter()
                    .filter_map(|name| self.values.repositories.find(name))
                    .collect(),
            ),
        };
        self.select(|piece, doc, facts| {
            !piece.dead.contains(doc)
                && repositories
                    .as_ref()
                    .is_none_or(|numbers| numbers.contains(&facts.repository))
        })
    }

    fn select(&self, keep: impl Fn(&Piece, u32, &Facts) -> bool) -> Vec<Bits> {
        let select = |piece: &Piece| {
            let mut bits = Bits::none(piece.segment.len());
            for (doc, facts) in (0..).zip(piece.segment.facts()) {
                if keep(piece, doc, facts) {
                    bits.insert(doc);
                }
            }
            bits
        };
        self.parts.iter().map(select).collect()
    }

    /// Leaves the documents that meet the conditions of a query. Of several conditions on the same thing any will do;
    /// exclusions all hold.
    pub(super) fn meet(&self, query: &Query, allowed: &mut [Bits], hints: &mut Vec<Hint>) {
        let mut groups: Vec<(&'static str, Vec<Bits>)> = Vec::new();
        let visible = allowed.to_vec();
        for clause in &query.clauses {
            let (group, bits) = self.meeting(&clause.condition, &visible, hints);
            if clause.is_excluded {
                for (allowed, bits) in allowed.iter_mut().zip(&bits) {
                    allowed.retain(|doc| !bits.contains(doc));
                }
                continue;
            }
            match groups
                .iter_mut()
                .find(|(known, _)| *known == group && !group.is_empty())
            {
                Some((_, known)) => {
                    for (known, bits) in known.iter_mut().zip(&bits) {
                        known.unite(bits);
                    }
                }
                None => groups.push((group, bits)),
            }
        }
        for (_, bits) in groups {
            for (allowed, bits) in allowed.iter_mut().zip(&bits) {
                allowed.intersect(bits);
            }
        }
    }

    /// The documents that meet a condition, and the name of what it is about, where several make a choice.
    fn meeting(
        &self,
        condition: &Condition,
        visible: &[Bits],
        hints: &mut Vec<Hint>,
    ) -> (&'static str, Vec<Bits>) {
        let values = &self.values;
        match condition {
            Condition::Repository(name) => {
                let numbers = self.named(&values.repositories, name, visible, |facts| facts.repository);
                self.tell_unknown("repo", name, &numbers, &values.repositories, visible, hints);
                (
                    "repo",
                    self.select(|_, _, facts| numbers.contains(&facts.repository)),
                )
            }
            Condition::Category(name) => {
                let numbers = self.named(&values.categories, name, visible, |facts| facts.category);
                (
                    "category",
                    self.select(|_, _, facts| facts.category != NONE && numbers.contains(&facts.category)),
                )
            }
            Condition::License(name) => {
                let numbers = self.named(&values.licenses, name, visible, |facts| facts.license);
                (
                    "license",
                    self.select(|_, _, facts| facts.license != NONE && numbers.contains(&facts.license)),
                )
            }
            Condition::Keyword(name) => {
                let squeezed = squeeze(name);
                let exact = values.keywords.find(name);
                let numbers: Vec<u32> = match exact {
                    Some(number) => vec![number],
                    None => beginning_with(&values.keywords, &squeezed).collect(),
                };
                let has = |piece: &Piece, facts: &Facts| {
                    let keywords = piece.segment.keywords(facts);
                    keywords.iter().any(|number| numbers.contains(number))
                };
                ("keyword", self.select(|piece, _, facts| has(piece, facts)))
            }
            Condition::Deprecated => (
                "is:deprecated",
                self.select(|_, _, facts| facts.flags & PAST != 0),
            ),
            Condition::Flag(flags) => ("", self.select(|_, _, facts| facts.flags & flags != 0)),
            Condition::NoFlag(flags) => ("", self.select(|_, _, facts| facts.flags & flags == 0)),
            Condition::Kubernetes(minor) => (
                "kubernetes",
                self.select(|_, _, facts| facts.kubernetes >> minor.min(&63) & 1 != 0),
            ),
            Condition::Terms {
                filter,
                fields,
                terms,
                path,
            } => (filter, self.with_terms(terms, path, *fields)),
            Condition::Words(words) => {
                let mut all: Option<Vec<Bits>> = None;
                for word in words {
                    let with = self.with_word(word);
                    match &mut all {
                        None => all = Some(with),
                        Some(all) => {
                            for (all, with) in all.iter_mut().zip(&with) {
                                all.intersect(with);
                            }
                        }
                    }
                }
                ("", all.unwrap_or_else(|| self.select(|_, _, _| false)))
            }
        }
    }

    /// The values that a name means: that one, else those that begin with it, else those with it inside.
    fn named(&self, names: &Names, wanted: &str, visible: &[Bits], of: impl Fn(&Facts) -> u32) -> Vec<u32> {
        let wanted = squeeze(wanted);
        let squeezed: Vec<(u32, String)> = names
            .iter()
            .map(|(number, name)| (number, squeeze(name)))
            .collect();
        let seen = self.seen(visible, of);
        let those = |is: &dyn Fn(&str) -> bool| -> Vec<u32> {
            let those = squeezed
                .iter()
                .filter(|(number, name)| seen.contains(number) && is(name));
            those.map(|(number, _)| *number).collect()
        };
        let exact = those(&|name| name == wanted);
        if !exact.is_empty() || wanted.is_empty() {
            return exact;
        }
        let beginning = those(&|name| name.starts_with(&wanted));
        if beginning.is_empty() {
            those(&|name| name.contains(&wanted))
        } else {
            beginning
        }
    }

    /// The values that visible documents have.
    fn seen(&self, visible: &[Bits], of: impl Fn(&Facts) -> u32) -> std::collections::HashSet<u32> {
        let mut seen = std::collections::HashSet::new();
        for (piece, visible) in self.parts.iter().zip(visible) {
            for (doc, facts) in (0..).zip(piece.segment.facts()) {
                if visible.contains(doc) {
                    seen.insert(of(facts));
                }
            }
        }
        seen
    }

    fn tell_unknown(
        &self,
        name: &'static str,
        value: &str,
        numbers: &[u32],
        names: &Names,
        visible: &[Bits],
        hints: &mut Vec<Hint>,
    ) {
        if !numbers.is_empty() {
            return;
        }
        let seen = self.seen(visible, |facts| facts.repository);
        let near = Near::new(&squeeze(value), 2);
        let mut nearest: Vec<(usize, String)> = names
            .iter()
            .filter(|(number, _)| seen.contains(number))
            .filter_map(|(_, known)| Some((near.as_ref()?.distance(&squeeze(known))?, known.to_owned())))
            .collect();
        nearest.sort_unstable();
        hints.push(Hint::UnknownValue {
            name,
            value: value.to_owned(),
            known: nearest
                .into_iter()
                .take(MAX_NEAREST)
                .map(|(_, known)| known)
                .collect(),
        });
    }

    /// The documents that have all of some terms in some fields; the last may be a beginning.
    fn with_terms(&self, terms: &[String], path: &[String], fields: Mask) -> Vec<Bits> {
        let mut looking = Looking {
            worth: &self.tools.worth,
            n_left: MAX_POSTINGS,
        };
        let mut all = Vec::new();
        for piece in &self.parts {
            let segment = &piece.segment;
            let mut bits = Bits::none(segment.len());
            let Some((last, before)) = terms.split_last() else {
                all.push(bits);
                continue;
            };
            for dictionary in [&segment.telling, &segment.other] {
                let mut n_scanned = 0;
                let mut left = looking.n_left;
                dictionary.beginning_with(last, |_, postings| {
                    n_scanned += 1;
                    left = left.saturating_sub(postings.n as usize);
                    for posting in postings.filter(|posting| posting.mask & fields != 0) {
                        bits.insert(posting.doc);
                    }
                    n_scanned < MAX_BEGINNINGS && left > 0
                });
                looking.n_left = left;
            }
            if !before.is_empty() {
                let lists = before
                    .iter()
                    .map(|term| segment.telling.get(term).or_else(|| segment.other.get(term)));
                let with: Vec<Posting> = conjunction(&mut looking, lists, fields);
                let mut those = Bits::none(segment.len());
                for posting in with {
                    those.insert(posting.doc);
                }
                bits.intersect(&those);
            }
            if path.len() > 1 {
                bits.retain(|doc| {
                    segment
                        .fact(doc)
                        .is_some_and(|facts| has_path(segment, facts, path))
                });
            }
            all.push(bits);
        }
        all
    }

    /// The documents of a query that is a name as a whole, perhaps after its repository's; and whether they are named
    /// exactly so.
    pub(super) fn named_exactly(&self, query: &Query, text: &str) -> Vec<Vec<(u32, u8)>> {
        let written = text.trim().to_lowercase();
        let mut all = Vec::new();
        for piece in &self.parts {
            let segment = &piece.segment;
            let mut named: Vec<(u32, u8)> = Vec::new();
            for at in 0..query.words.len() {
                let join = |range: Range<usize>| -> String {
                    let words = query.words.get(range).unwrap_or_default();
                    words.iter().map(|word| word.text.as_str()).collect()
                };
                let (repository, name) = (join(0..at), join(at..query.words.len()));
                let Some(postings) = segment.telling.get(&name) else {
                    continue;
                };
                for posting in postings.filter(|posting| posting.mask & NAMING != 0) {
                    let Some(facts) = segment.fact(posting.doc) else {
                        continue;
                    };
                    let from = self.values.repositories.name(facts.repository);
                    if segment.squeezed_name(posting.doc) != name
                        || (!repository.is_empty() && squeeze(from) != repository)
                    {
                        continue;
                    }
                    let name = segment.name(facts).to_lowercase();
                    let is_as_written = written == name
                        || written
                            .strip_suffix(name.as_str())
                            .and_then(|rest| rest.strip_suffix(['/', ' ']))
                            .is_some_and(|rest| rest == from.to_lowercase());
                    named.push((posting.doc, if is_as_written { 2 } else { 1 }));
                }
            }
            named.sort_unstable();
            all.push(named);
        }
        all
    }
}

/// The values that begin so, squeezed.
fn beginning_with<'n>(names: &'n Names, squeezed: &'n str) -> impl Iterator<Item = u32> + 'n {
    names
        .iter()
        .filter(move |(_, name)| !squeezed.is_empty() && squeeze(name).starts_with(squeezed))
        .map(|(number, _)| number)
}

/// Whether keys follow each other so from top to bottom, from whatever level; the last may be a beginning.
fn has_path(segment: &Segment, facts: &Facts, path: &[String]) -> bool {
    let mut above: Vec<String> = Vec::new();
    let Some((last, before)) = path.split_last() else {
        return true;
    };
    for (depth, key) in segment.keys(facts) {
        above.truncate(depth);
        let key = squeeze(key);
        if key.starts_with(last.as_str()) && above.ends_with(before) {
            return true;
        }
        above.push(key);
    }
    false
}
