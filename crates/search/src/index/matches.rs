//! Where the words of a query were found in a document.

use super::Index;
use super::evaluate::Evaluation;
use crate::field::{Field, Mask, PLACED};
use crate::request::{Match, Way};
use crate::segment::{Facts, Segment};
use crate::text::{TokenKind, Tokenizer, squeeze};

impl Index {
    /// The matches of a document, each with the word's place in the query.
    pub(super) fn matches(&self, evaluation: &Evaluation, part: usize, doc: u32) -> Vec<(usize, Match)> {
        let Some(piece) = self.parts.get(part) else {
            return Vec::new();
        };
        let segment = &piece.segment;
        let Some(facts) = segment.fact(doc) else {
            return Vec::new();
        };
        let mut matches = Vec::new();
        for (at, (word, column)) in evaluation.words.iter().zip(&evaluation.columns).enumerate() {
            let Some(cell) = column.cells.get(part).and_then(|cells| cells.get(doc as usize)) else {
                continue;
            };
            let mask = Mask::from(cell.mask);
            let (Some(found), Some(field)) = (column.found.get(usize::from(cell.found)), Field::best(mask))
            else {
                continue;
            };
            let place = match mask & PLACED != 0 && matches!(field, Field::Key | Field::Comment) {
                true => segment.key_path(facts, cell.place),
                false => self.item(segment, facts, field, &found.term),
            };
            matches.push((
                at,
                Match {
                    word: word.text.clone(),
                    found: found.term.to_string(),
                    way: found.way,
                    field,
                    place,
                },
            ));
        }
        matches
    }

    /// The item of a field's list that has a term.
    fn item(&self, segment: &Segment, facts: &Facts, field: Field, term: &str) -> Option<String> {
        let has_term = |text: &str| {
            let mut has = squeeze(text) == term;
            Tokenizer::default().run(text, |token| {
                has |= term.split(' ').any(|term| term == token.text);
                !has
            });
            has
        };
        if field == Field::Keyword {
            let keywords = segment
                .keywords(facts)
                .iter()
                .map(|number| self.values.keywords.name(*number));
            return keywords
                .into_iter()
                .find(|keyword| has_term(keyword))
                .map(str::to_owned);
        }
        let mut items = segment.items(facts, field);
        items.find(|item| has_term(item)).map(str::to_owned)
    }
}

/// The parts of a text that matches stand for, in bytes, in order and apart from each other: what a page marks in a name
/// or a description.
pub fn marks(text: &str, matches: &[Match]) -> Vec<std::ops::Range<usize>> {
    let mut marks: Vec<std::ops::Range<usize>> = Vec::new();
    let is_found = |token: &str| {
        matches.iter().any(|found| match found.way {
            Way::Inside => token.contains(found.found.as_str()),
            _ => found.found.split(' ').any(|term| term == token),
        })
    };
    let mut tokens: Vec<(String, std::ops::Range<usize>, TokenKind)> = Vec::new();
    Tokenizer::default().run(text, |token| {
        tokens.push((token.text.to_owned(), token.range, token.kind));
        tokens.len() < 2_000
    });
    for (token, range, _) in &tokens {
        if is_found(token) {
            marks.push(range.clone());
        }
    }
    mark_joined(&tokens, matches, &mut marks);
    marks.sort_unstable_by_key(|mark| (mark.start, mark.end));
    marks.dedup_by(|next, mark| {
        let overlaps = next.start < mark.end;
        if overlaps {
            mark.end = mark.end.max(next.end);
        }
        overlaps
    });
    marks
}

/// Words that were found as one, where the text has them apart.
fn mark_joined(
    tokens: &[(String, std::ops::Range<usize>, TokenKind)],
    matches: &[Match],
    marks: &mut Vec<std::ops::Range<usize>>,
) {
    let whole: Vec<_> = tokens
        .iter()
        .filter(|(.., kind)| *kind != TokenKind::Part)
        .collect();
    for term in matches
        .iter()
        .map(|found| found.found.as_str())
        .filter(|term| !term.contains(' '))
    {
        for start in 0..whole.len() {
            let mut rest = term;
            let mut n = 0;
            for (token, ..) in whole.iter().skip(start) {
                let Some(after) = rest.strip_prefix(token.as_str()) else {
                    break;
                };
                rest = after;
                n += 1;
                if rest.is_empty() {
                    break;
                }
            }
            if rest.is_empty() && n > 1 {
                marks.extend(
                    whole
                        .iter()
                        .skip(start)
                        .take(n)
                        .map(|(_, range, _)| range.clone()),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::marks;
    use crate::field::Field;
    use crate::request::{Match, Way};

    fn found(found: &str, way: Way) -> Match {
        Match {
            word: found.to_owned(),
            found: found.to_owned(),
            way,
            field: Field::Name,
            place: None,
        }
    }

    fn marked(text: &str, matches: &[Match]) -> Vec<String> {
        marks(text, matches)
            .into_iter()
            .map(|range| text[range].to_owned())
            .collect()
    }

    #[test]
    fn what_was_found_is_marked_as_it_is_written() {
        assert_eq!(
            marked("A Redis\u{ae} cache", &[found("redis", Way::Exact)]),
            ["Redis"]
        );
        assert_eq!(
            marked("Cert-Manager", &[found("certmanager", Way::Joined)]),
            ["Cert", "Manager"]
        );
        assert_eq!(marked("mysql", &[found("sql", Way::Inside)]), ["mysql"]);
        assert_eq!(
            marked("existingSecret", &[found("secret", Way::Exact)]),
            ["Secret"]
        );
    }

    proptest! {
        #[test]
        fn marks_are_in_order_and_within_the_text(text in "[a-cA-C é中-]{0,30}", term in "[a-c]{1,4}") {
            let mut end = 0;
            for mark in marks(&text, &[found(&term, Way::Exact), found("ab", Way::Inside)]) {
                prop_assert!(mark.start >= end && text.get(mark.clone()).is_some());
                end = mark.end;
            }
        }
    }
}
