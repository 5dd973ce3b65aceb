//! Several segments into one, without the documents that have been replaced.

use fst::Streamer;
use fst::map::OpBuilder;

use super::build::DictionaryBuilder;
use super::codec::{Posting, Postings, read_number, write_number};
use super::strings::{PoolBuilder, Span};
use super::{Facts, Item, Segment};
use crate::bits::Bits;
use crate::values::Values;

/// A document that is no more.
const GONE: u32 = u32::MAX;

/// One segment of those that are still there.
pub(crate) fn merge(parts: &[(&Segment, &Bits)], values: &Values) -> Segment {
    let numbers = numbers(parts, values);
    let (telling, other) = dictionaries(parts, &numbers);
    let mut order: Vec<(u32, usize, u32)> = Vec::new();
    for (part, numbers) in numbers.iter().enumerate() {
        for (old, new) in (0..).zip(numbers) {
            if *new != GONE {
                order.push((*new, part, old));
            }
        }
    }
    order.sort_unstable();
    let mut merged = Rows {
        segment: Segment {
            telling: telling.finish(),
            other: other.finish(),
            facts: Vec::with_capacity(order.len()),
            ids: Vec::with_capacity(order.len()),
            texts: String::new(),
            names: String::new(),
            name_starts: Vec::with_capacity(order.len()),
            keywords: Vec::new(),
            items: Vec::new(),
            keys: Vec::new(),
            pool: super::Pool::default(),
        },
        pool: PoolBuilder::default(),
        texts: parts
            .iter()
            .map(|(segment, _)| vec![GONE; segment.pool.len()])
            .collect(),
    };
    for (_, part, old) in order {
        if let Some((segment, _)) = parts.get(part)
            && let Some(facts) = segment.fact(old)
        {
            merged.copy(segment, part, old, *facts);
        }
    }
    merged.finish()
}

/// For each segment the new numbers of its documents: all are in the order of their names.
fn numbers(parts: &[(&Segment, &Bits)], values: &Values) -> Vec<Vec<u32>> {
    let mut live: Vec<(&str, &str, i64, usize, u32)> = Vec::new();
    for (part, (segment, dead)) in parts.iter().enumerate() {
        for (doc, facts) in (0..).zip(segment.facts()) {
            if !dead.contains(doc) {
                let repository = values.repositories.name(facts.repository);
                live.push((segment.name(facts), repository, facts.id, part, doc));
            }
        }
    }
    live.sort_unstable();
    let mut numbers: Vec<Vec<u32>> = parts
        .iter()
        .map(|(segment, _)| vec![GONE; segment.len()])
        .collect();
    for (new, (.., part, old)) in (0..).zip(live) {
        if let Some(number) = numbers
            .get_mut(part)
            .and_then(|numbers| numbers.get_mut(old as usize))
        {
            *number = new;
        }
    }
    numbers
}

fn dictionaries(parts: &[(&Segment, &Bits)], numbers: &[Vec<u32>]) -> (DictionaryBuilder, DictionaryBuilder) {
    let mut telling = DictionaryBuilder::default();
    let mut other = DictionaryBuilder::default();
    let mut terms = OpBuilder::new();
    // Two dictionaries a segment: a term may be telling in one segment and not in another.
    for (segment, _) in parts {
        terms = terms.add(&segment.telling.terms).add(&segment.other.terms);
    }
    let mut terms = terms.union();
    let mut merged: Vec<Posting> = Vec::new();
    while let Some((term, found)) = terms.next() {
        merged.clear();
        for one in found {
            let part = one.index / 2;
            let (Some((segment, _)), Some(numbers)) = (parts.get(part), numbers.get(part)) else {
                continue;
            };
            let dictionary = if one.index % 2 == 0 {
                &segment.telling
            } else {
                &segment.other
            };
            let Some(postings) = Postings::read(&dictionary.postings, one.value) else {
                continue;
            };
            merged.extend(postings.filter_map(|posting| {
                let doc = *numbers.get(posting.doc as usize)?;
                (doc != GONE).then_some(Posting { doc, ..posting })
            }));
        }
        if !merged.is_empty() {
            // Made of a few lists that are in order, which the stable sort makes use of.
            merged.sort_by_key(|posting| posting.doc);
            DictionaryBuilder::add(&mut telling, &mut other, term, &merged);
        }
    }
    (telling, other)
}

struct Rows {
    segment: Segment,
    pool: PoolBuilder,
    /// For each segment the new numbers of its pool's texts, as far as they were met.
    texts: Vec<Vec<u32>>,
}

impl Rows {
    fn copy(&mut self, from: &Segment, part: usize, old: u32, facts: Facts) {
        let doc = self.segment.facts.len() as u32;
        let start = self.segment.texts.len();
        self.segment.texts.push_str(from.name(&facts));
        let middle = self.segment.texts.len();
        self.segment.texts.push_str(from.description(&facts));
        let end = self.segment.texts.len();
        self.segment.name_starts.push(self.segment.names.len() as u32);
        self.segment.names.push_str(from.squeezed_name(old));
        self.segment.names.push('\n');

        let keywords = self.segment.keywords.len();
        self.segment.keywords.extend_from_slice(from.keywords(&facts));
        let items = self.segment.items.len();
        for item in from.items.get(facts.items.range()).unwrap_or_default() {
            let text = self.text(from, part, item.text);
            self.segment.items.push(Item {
                field: item.field,
                text,
            });
        }
        let keys = self.segment.keys.len();
        let bytes = from.keys.get(facts.keys.range()).unwrap_or_default();
        let mut at = 0;
        while let (Some(depth), Some(text)) = (read_number(bytes, &mut at), read_number(bytes, &mut at)) {
            let text = self.text(from, part, text);
            write_number(depth, &mut self.segment.keys);
            write_number(text, &mut self.segment.keys);
        }
        self.segment.ids.push((facts.id, doc));
        self.segment.facts.push(Facts {
            name: Span::of(start, middle),
            description: Span::of(middle, end),
            keywords: Span::of(keywords, self.segment.keywords.len()),
            items: Span::of(items, self.segment.items.len()),
            keys: Span::of(keys, self.segment.keys.len()),
            ..facts
        });
    }

    fn text(&mut self, from: &Segment, part: usize, old: u32) -> u32 {
        let Some(number) = self
            .texts
            .get_mut(part)
            .and_then(|texts| texts.get_mut(old as usize))
        else {
            return GONE;
        };
        if *number == GONE {
            *number = self.pool.add(from.pool.get(old));
        }
        *number
    }

    fn finish(self) -> Segment {
        let mut segment = self.segment;
        segment.ids.sort_unstable();
        segment.texts.shrink_to_fit();
        segment.names.shrink_to_fit();
        segment.keywords.shrink_to_fit();
        segment.items.shrink_to_fit();
        segment.keys.shrink_to_fit();
        segment.pool = self.pool.finish();
        segment
    }
}
