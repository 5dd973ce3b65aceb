//! Suggestions while somebody types, and names that are near to one that does not exist.

use super::Index;
use super::rank::{Ranked, Weighing};
use crate::bits::Bits;
use crate::field::{Field, NAMING};
use crate::query::Query;
use crate::request::{Part, Visible};
use crate::segment::flag;

/// Suggestions at most.
const MAX_SUGGESTIONS: usize = 50;

/// A chart that is suggested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The caller's key.
    pub id: i64,
    /// Its repository.
    pub repository: String,
    /// Its name.
    pub name: String,
}

impl Index {
    /// The charts that somebody who has typed `text` so far is most likely to look for, by names, keywords and
    /// purposes; none that are deprecated or gone.
    pub fn suggest(&self, text: &str, visible: Visible<'_>, n: usize, now: i64) -> Vec<Suggestion> {
        let query = Query::parse(text);
        if query.words.is_empty() {
            return Vec::new();
        }
        let mut allowed = self.visible(visible);
        self.without_past(&mut allowed);
        let mut hints = Vec::new();
        self.meet(&query, &mut allowed, &mut hints);
        let fields = NAMING | Field::Keyword.bit() | Field::Repository.bit() | Field::Description.bit();
        self.best(&query, text, fields, &allowed, n, now)
    }

    fn without_past(&self, allowed: &mut [Bits]) {
        for (piece, allowed) in self.parts.iter().zip(allowed) {
            let segment = &piece.segment;
            allowed.retain(|doc| {
                segment
                    .fact(doc)
                    .is_some_and(|facts| facts.flags & (flag::DEPRECATED | flag::YANKED) == 0)
            });
        }
    }

    fn best(
        &self,
        query: &Query,
        text: &str,
        fields: crate::field::Mask,
        allowed: &[Bits],
        n: usize,
        now: i64,
    ) -> Vec<Suggestion> {
        let evaluation = self.evaluate(query, fields, allowed);
        let weighing = Weighing::new(self, &evaluation, allowed, now);
        if !weighing.finds() {
            return Vec::new();
        }
        let named = self.named_exactly(query, text);
        let mut ranked: Vec<Ranked> = Vec::new();
        for (part, (piece, allowed)) in self.parts.iter().zip(allowed).enumerate() {
            for doc in allowed.iter() {
                let Some(facts) = piece.segment.fact(doc) else {
                    continue;
                };
                let named = named
                    .get(part)
                    .and_then(|named| named.iter().find(|(known, _)| *known == doc));
                let exact = named.map_or(0, |(_, exact)| *exact);
                if let Some(rank) = weighing.rank(part, doc, facts, exact) {
                    ranked.push(Ranked {
                        rank,
                        doc,
                        part: part as u32,
                    });
                }
            }
        }
        let (rows, _) = self.rows(&ranked, &Part::First, n.clamp(1, MAX_SUGGESTIONS));
        let suggestion = |row: &Ranked| {
            let segment = &self.parts.get(row.part as usize)?.segment;
            let facts = segment.fact(row.doc)?;
            Some(Suggestion {
                id: facts.id,
                repository: self.values.repositories.name(facts.repository).to_owned(),
                name: segment.name(facts).to_owned(),
            })
        };
        rows.iter().filter_map(suggestion).collect()
    }
}
