//! A query as it is typed: words, quoted words, filters such as `repo:grafana`, and any of them excluded by a minus.
//!
//! Reading never fails. What is not understood becomes a hint and is searched for as words.

mod filter;
mod scan;

pub(crate) use filter::{Clause, Condition};

use self::filter::{Known, condition, known};
use self::scan::{Chunk, chunks};
use crate::hint::Hint;
use crate::stop_words::is_optional;
use crate::text::{TokenKind, Tokenizer};

/// Bytes of a query that are read.
pub(crate) const MAX_QUERY_BYTES: usize = 512;
/// Words, and filters, that are looked for.
pub(crate) const MAX_WORDS: usize = 12;

/// A query that was understood.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pub(crate) words: Vec<Word>,
    /// Words that have to stand next to each other, by their places in `words`.
    pub(crate) phrases: Vec<std::ops::Range<usize>>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) hints: Vec<Hint>,
}

/// A word to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Folded.
    pub(crate) text: String,
    /// Where it is in camel case, its parts.
    pub(crate) parts: Vec<String>,
    /// It was quoted: neither forms nor typos of it are looked for.
    pub(crate) is_exact: bool,
    /// A chart is found without it as well.
    pub(crate) is_optional: bool,
}

impl Query {
    /// Reads a query.
    pub(crate) fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let text = query.cut(text);
        let (chunks, is_open) = chunks(text);
        if is_open {
            query.hints.push(Hint::OpenQuote);
        }
        let mut tokenizer = Tokenizer::default();
        for chunk in chunks {
            if query.words.len() + query.clauses.len() >= MAX_WORDS {
                query.hints.push(Hint::TooMany { limit: MAX_WORDS });
                break;
            }
            query.add(&chunk, &mut tokenizer);
        }
        if query.words.len() > MAX_WORDS {
            query.words.truncate(MAX_WORDS);
            query.hints.push(Hint::TooMany { limit: MAX_WORDS });
        }
        let n_words = query.words.len();
        query.phrases.retain(|phrase| phrase.end <= n_words);
        if query.words.iter().all(|word| word.is_optional) {
            for word in &mut query.words {
                word.is_optional = false;
            }
        }
        query
    }

    /// All words without anything between them, as a name would be squeezed.
    pub(crate) fn joined(&self) -> String {
        self.words.iter().map(|word| word.text.as_str()).collect()
    }

    fn cut<'t>(&mut self, text: &'t str) -> &'t str {
        if text.len() <= MAX_QUERY_BYTES {
            return text;
        }
        self.hints.push(Hint::TooLong {
            limit: MAX_QUERY_BYTES,
        });
        let end = (0..=MAX_QUERY_BYTES).rev().find(|at| text.is_char_boundary(*at));
        text.get(..end.unwrap_or_default()).unwrap_or_default()
    }

    fn add(&mut self, chunk: &Chunk<'_>, tokenizer: &mut Tokenizer) {
        if let Some(name) = chunk.filter {
            match known(name) {
                Known::Filter(filter) => {
                    match condition(filter, chunk.text, tokenizer) {
                        Ok(condition) => self.clauses.push(Clause {
                            is_excluded: chunk.is_excluded,
                            condition,
                        }),
                        Err(hint) => self.hints.push(hint),
                    }
                    return;
                }
                Known::Words => {}
                Known::Nothing { nearest } => self.hints.push(Hint::UnknownFilter {
                    name: name.to_owned(),
                    nearest,
                }),
            }
        }
        if chunk.is_excluded {
            let words = words_of(chunk.whole(), false, tokenizer);
            let is_flag = !chunk.is_quoted && chunk.text.eq_ignore_ascii_case("deprecated");
            let condition = match is_flag {
                true => Condition::Deprecated,
                false => Condition::Words(words.into_iter().map(|word| word.text).collect()),
            };
            self.clauses.push(Clause {
                is_excluded: true,
                condition,
            });
            return;
        }
        let start = self.words.len();
        self.words
            .extend(words_of(chunk.whole(), chunk.is_quoted, tokenizer));
        if chunk.is_quoted && self.words.len() > start + 1 {
            self.phrases.push(start..self.words.len());
        }
    }
}

fn words_of(text: &str, is_exact: bool, tokenizer: &mut Tokenizer) -> Vec<Word> {
    let mut words = Vec::new();
    let mut parts = Vec::new();
    tokenizer.run(text, |token| {
        if token.kind == TokenKind::Part {
            parts.push(token.text.to_owned());
            return true;
        }
        words.push(Word {
            text: token.text.to_owned(),
            parts: std::mem::take(&mut parts),
            is_exact: is_exact || token.kind == TokenKind::Version,
            is_optional: !is_exact && is_optional(token.text),
        });
        words.len() <= MAX_WORDS
    });
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Condition, MAX_WORDS, Query};
    use crate::hint::Hint;

    fn words(text: &str) -> Vec<String> {
        Query::parse(text)
            .words
            .into_iter()
            .map(|word| word.text)
            .collect()
    }

    #[test]
    fn words_are_folded_and_names_taken_apart() {
        assert_eq!(
            words("Cert-Manager bitnami/redis"),
            ["cert", "manager", "bitnami", "redis"]
        );
        assert_eq!(words("existingSecret"), ["existingsecret"]);
        assert!(
            Query::parse("the helm chart for redis")
                .words
                .iter()
                .any(|word| word.is_optional)
        );
        assert!(!Query::parse("helm").words.iter().any(|word| word.is_optional));
    }

    #[test]
    fn quotes_keep_words_together_and_exact() {
        let query = Query::parse(r#"fast "message queue" "#);
        assert_eq!(
            query
                .phrases
                .iter()
                .map(|phrase| (phrase.start, phrase.end))
                .collect::<Vec<_>>(),
            [(1, 3)]
        );
        assert!(query.words.iter().skip(1).all(|word| word.is_exact));
        assert_eq!(Query::parse("say \"never closed").hints, [Hint::OpenQuote]);
    }

    #[test]
    fn filters_and_exclusions_become_conditions() {
        let query = Query::parse(r#"redis repo:Bitnami -kind:Cluster image:"ghcr.io/x" -deprecated -alpha"#);
        assert_eq!(words("redis repo:bitnami"), ["redis"]);
        let conditions: Vec<(bool, &Condition)> = query
            .clauses
            .iter()
            .map(|clause| (clause.is_excluded, &clause.condition))
            .collect();
        assert!(
            matches!(
                conditions.as_slice(),
                [
                    (false, Condition::Repository(_)),
                    (true, Condition::Terms { .. }),
                    (false, Condition::Terms { .. }),
                    (true, Condition::Deprecated),
                    (true, Condition::Words(_)),
                ]
            ),
            "{conditions:?}"
        );
    }

    #[test]
    fn versions_of_kubernetes_are_written_in_many_ways() {
        for text in ["k8s:1.29", "kubernetes:v1.29.3", "K8S:29"] {
            let query = Query::parse(text);
            let condition = query.clauses.first().map(|clause| &clause.condition);
            assert_eq!(condition, Some(&Condition::Kubernetes(29)), "{text}");
        }
        assert!(matches!(
            Query::parse("k8s:new").hints.as_slice(),
            [Hint::UnknownValue {
                name: "kubernetes",
                ..
            }]
        ));
    }

    #[test]
    fn what_is_not_understood_is_told_and_searched_for() {
        let query = Query::parse("repositry:bitnami");
        assert_eq!(
            query.hints,
            [Hint::UnknownFilter {
                name: "repositry".to_owned(),
                nearest: Some("repository")
            }]
        );
        assert_eq!(query.words.len(), 2);
        assert!(matches!(
            Query::parse("repo:").hints.as_slice(),
            [Hint::EmptyFilter { name: "repo" }]
        ));
        assert!(matches!(
            Query::parse("is:blue").hints.as_slice(),
            [Hint::UnknownValue { .. }]
        ));
        // Addresses and images have colons, too.
        assert!(
            Query::parse("https://example.com nginx:1.25 localhost:5000/x")
                .hints
                .is_empty()
        );
    }

    #[test]
    fn a_query_has_limits() {
        let long = "word ".repeat(1000);
        let query = Query::parse(&long);
        assert!(query.words.len() <= MAX_WORDS);
        assert!(
            query
                .hints
                .iter()
                .any(|hint| matches!(hint, Hint::TooLong { .. }))
        );
        assert!(
            query
                .hints
                .iter()
                .any(|hint| matches!(hint, Hint::TooMany { .. }))
        );
    }

    proptest! {
        #[test]
        fn any_text_is_a_query(text in r#"[a-zA-Z:"\-. /é中\u{301}\\*()0-9]{0,80}"#) {
            let query = Query::parse(&text);
            prop_assert!(query.words.len() <= MAX_WORDS);
            for phrase in &query.phrases {
                prop_assert!(phrase.end <= query.words.len());
            }
        }
    }
}
