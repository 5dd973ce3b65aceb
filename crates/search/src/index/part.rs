//! A search from the request to the answer: the part of the hits that was asked for, without sorting the rest.

use super::Index;
use super::expand::ANYWHERE;
use super::facets::Counts;
use super::filter::Chosen;
use super::rank::{Ranked, Weighing, rank_by_order};
use crate::hint::Hint;
use crate::query::Query;
use crate::request::{Answer, Hit, Order, Part, Position, Request};

/// Hits of one part at most.
const MAX_PART: usize = 1_000;

impl Index {
    /// Finds charts.
    pub fn search(&self, request: &Request<'_>) -> Answer {
        let query = Query::parse(request.text);
        let mut hints = query.hints.clone();
        let mut allowed = self.visible(request.visible);
        // What has nothing in it to look for finds nothing; everything would be no answer to it.
        let is_nothing = query.words.is_empty() && query.clauses.is_empty() && query.hints.is_empty();
        if is_nothing && !request.text.trim().is_empty() {
            allowed.iter_mut().for_each(|allowed| allowed.retain(|_| false));
            hints.push(Hint::Unmatched {
                words: vec![request.text.trim().to_owned()],
            });
        }
        self.meet(&query, &mut allowed, &mut hints);
        let evaluation = self.evaluate(&query, ANYWHERE, &allowed);
        let weighing = Weighing::new(self, &evaluation, &allowed, request.now);
        hints.extend(evaluation.hints.iter().cloned());
        let has_words = !query.words.is_empty();
        if has_words && weighing.is_relaxed {
            if !weighing.unmatched.is_empty() {
                hints.push(Hint::Unmatched {
                    words: weighing.unmatched.clone(),
                });
            }
            if weighing.finds() && weighing.unmatched.is_empty() {
                hints.push(Hint::Relaxed);
            }
        }
        let chosen = Chosen::new(self, &request.filters, &query);
        let named = match has_words {
            true => self.named_exactly(&query, request.text),
            false => Vec::new(),
        };
        let exact_name = |part: usize, doc: u32| {
            let named = named.get(part)?;
            let at = named.partition_point(|(known, _)| *known < doc);
            let exact = named.iter().skip(at).take_while(|(known, _)| *known == doc);
            exact.map(|(_, exact)| *exact).max()
        };

        let mut counts = Counts::new(&self.values, &request.kubernetes);
        let mut ranked: Vec<Ranked> = Vec::new();
        for (part, (piece, allowed)) in self.parts.iter().zip(&allowed).enumerate() {
            if has_words && !weighing.finds() {
                break;
            }
            for doc in allowed.iter() {
                let Some(facts) = piece.segment.fact(doc) else {
                    continue;
                };
                let rank = match has_words {
                    true => {
                        let exact = exact_name(part, doc).unwrap_or_default();
                        let Some(rank) = weighing.rank(part, doc, facts, exact) else {
                            continue;
                        };
                        if !query.phrases.is_empty() && !self.has_phrases(&query, &evaluation, part, doc) {
                            continue;
                        }
                        if request.order == Order::Relevance {
                            rank
                        } else {
                            rank_by_order(request.order, facts)
                        }
                    }
                    false => rank_by_order(request.order, facts),
                };
                let failed = chosen.failed(&piece.segment, facts);
                counts.add(&piece.segment, facts, failed);
                if failed == 0 {
                    ranked.push(Ranked {
                        rank,
                        doc,
                        part: part as u32,
                    });
                }
            }
        }
        let size = request.part_size.clamp(1, MAX_PART);
        let (rows, n_before) = self.rows(&ranked, &request.part, size);
        let hits: Vec<Hit> = rows
            .iter()
            .filter_map(|row| {
                let part = row.part as usize;
                let facts = self.parts.get(part)?.segment.fact(row.doc)?;
                let matches = self
                    .matches(&evaluation, part, row.doc)
                    .into_iter()
                    .map(|(_, found)| found);
                let explanation = request.explain.then(|| {
                    let exact = exact_name(part, row.doc).unwrap_or_default();
                    weighing.explain(self, part, row.doc, facts, exact)
                });
                Some(Hit {
                    id: facts.id,
                    position: self.position(row)?,
                    matches: matches.collect(),
                    explanation,
                })
            })
            .collect();
        Answer {
            total: ranked.len() as u64,
            first_number: n_before as u64 + 1,
            has_previous: n_before > 0,
            has_next: n_before + hits.len() < ranked.len(),
            hits,
            facets: counts.facets(&self.values, request.facet_size),
            hints,
        }
    }

    /// The rows of a part in their order, and how many rows come before.
    pub(super) fn rows(&self, ranked: &[Ranked], part: &Part, size: usize) -> (Vec<Ranked>, usize) {
        // The first document of each segment that is past the position, among those of the same rank.
        let bounds = |position: &Position, with_equal: bool| -> Vec<u32> {
            let key = (position.name.as_str(), position.repository.as_str(), position.id);
            let bound = |piece: &super::Piece| {
                let segment = &piece.segment;
                segment.facts().partition_point(|facts| {
                    let repository = self.values.repositories.name(facts.repository);
                    let known = (segment.name(facts), repository, facts.id);
                    if with_equal { known <= key } else { known < key }
                }) as u32
            };
            self.parts.iter().map(bound).collect()
        };
        let is_past = |row: &Ranked, position: &Position, bounds: &[u32]| {
            let bound = bounds.get(row.part as usize).copied().unwrap_or_default();
            row.rank > position.rank || (row.rank == position.rank && row.doc >= bound)
        };
        let mut rows: Vec<Ranked> = match part {
            Part::First => ranked.to_vec(),
            Part::After(position) => {
                let bounds = bounds(position, true);
                ranked
                    .iter()
                    .filter(|row| is_past(row, position, &bounds))
                    .copied()
                    .collect()
            }
            Part::Before(position) => {
                let bounds = bounds(position, false);
                ranked
                    .iter()
                    .filter(|row| !is_past(row, position, &bounds))
                    .copied()
                    .collect()
            }
        };
        let n_rows = rows.len();
        let order = |a: &Ranked, b: &Ranked| a.rank.cmp(&b.rank).then_with(|| self.by_name(a, b));
        if let Part::Before(_) = part {
            if n_rows > size {
                rows.select_nth_unstable_by(n_rows - size, order);
                rows.drain(..n_rows - size);
            }
            rows.sort_unstable_by(order);
            return (rows, n_rows.saturating_sub(size));
        }
        if n_rows > size {
            rows.select_nth_unstable_by(size, order);
            rows.truncate(size);
        }
        rows.sort_unstable_by(order);
        (rows, ranked.len() - n_rows)
    }

    /// Within a segment documents are in the order of their names already.
    fn by_name(&self, a: &Ranked, b: &Ranked) -> std::cmp::Ordering {
        if a.part == b.part {
            return a.doc.cmp(&b.doc);
        }
        self.position(a).cmp(&self.position(b))
    }

    fn position(&self, row: &Ranked) -> Option<Position> {
        let piece = self.parts.get(row.part as usize)?;
        let facts = piece.segment.fact(row.doc)?;
        Some(Position {
            rank: row.rank,
            name: piece.segment.name(facts).to_owned(),
            repository: self.values.repositories.name(facts.repository).to_owned(),
            id: facts.id,
        })
    }
}
