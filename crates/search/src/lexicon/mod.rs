//! What words mean beyond their letters: synonyms, and the purposes that well-known software serves.
//!
//! `table` holds what is known from the start; callers add groups of their own. Synonyms go both ways. A purpose goes
//! from its words ("message queue") to names of software, and from a name to the category of a chart that does not
//! say one.

mod table;

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::text::{TokenKind, Tokenizer, squeeze};

/// Words of a phrase: longer ones are not looked up.
pub(crate) const MAX_PHRASE_WORDS: usize = 3;
/// Groups that callers may add.
const MAX_GROUPS: usize = 1_000;
/// Phrases of one group.
const MAX_PHRASES: usize = 32;

/// Synonyms, purposes and categories.
#[derive(Clone, Debug)]
pub struct Lexicon {
    phrases: HashMap<String, Vec<Meaning>, RandomState>,
    categories: HashMap<&'static str, &'static str, RandomState>,
}

/// Something that a phrase stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// Folded words that mean the same, or the squeezed name of software that serves the purpose.
    pub(crate) words: Vec<String>,
    pub(crate) is_purpose: bool,
}

impl Default for Lexicon {
    fn default() -> Self {
        Self::with_synonyms(std::iter::empty::<Vec<String>>())
    }
}

impl Lexicon {
    /// The built-in lexicon with groups of the caller's: the phrases of a group mean the same. Phrases of more than
    /// three words are left out.
    pub fn with_synonyms<G, P>(groups: impl IntoIterator<Item = G>) -> Self
    where
        G: IntoIterator<Item = P>,
        P: AsRef<str>,
    {
        let mut lexicon = Self {
            phrases: HashMap::default(),
            categories: HashMap::default(),
        };
        for group in table::SYNONYMS {
            lexicon.add_group(group.iter().copied());
        }
        for group in groups.into_iter().take(MAX_GROUPS) {
            let group: Vec<P> = group.into_iter().collect();
            lexicon.add_group(group.iter().map(AsRef::as_ref));
        }
        for purpose in table::purposes() {
            for product in purpose.products {
                lexicon.categories.entry(*product).or_insert(purpose.category);
            }
            for phrase in purpose.phrases {
                for product in purpose.products {
                    lexicon.add(
                        &words(phrase),
                        Meaning {
                            words: vec![(*product).to_owned()],
                            is_purpose: true,
                        },
                    );
                }
            }
        }
        lexicon
    }

    /// Whether a text is a phrase that synonyms can be told of: one to three words.
    pub fn is_phrase(text: &str) -> bool {
        (1..=MAX_PHRASE_WORDS).contains(&words(text).len())
    }

    fn add_group<'p>(&mut self, phrases: impl Iterator<Item = &'p str>) {
        let phrases: Vec<Vec<String>> = phrases
            .take(MAX_PHRASES)
            .map(words)
            .filter(|words| (1..=MAX_PHRASE_WORDS).contains(&words.len()))
            .collect();
        for (at, phrase) in phrases.iter().enumerate() {
            for (other_at, other) in phrases.iter().enumerate() {
                if at != other_at && phrase != other {
                    let meaning = Meaning {
                        words: other.clone(),
                        is_purpose: false,
                    };
                    self.add(phrase, meaning);
                }
            }
        }
    }

    fn add(&mut self, phrase: &[String], meaning: Meaning) {
        let meanings = self.phrases.entry(phrase.join(" ")).or_default();
        if !meanings.contains(&meaning) {
            meanings.push(meaning);
        }
    }

    /// What a phrase of folded words stands for, beside itself.
    pub(crate) fn meanings(&self, phrase: &str) -> &[Meaning] {
        self.phrases.get(phrase).map(Vec::as_slice).unwrap_or_default()
    }

    /// The category of a chart: what it says, in our words where they differ, else by the software that it is named
    /// after.
    pub fn category<'c>(&self, said: &'c str, name: &str) -> &'c str {
        let said = said.trim();
        if !said.is_empty() {
            let squeezed = squeeze(said);
            let known = table::CATEGORY_NAMES
                .iter()
                .find(|(other, _)| *other == squeezed)
                .map(|(_, category)| *category);
            return known.unwrap_or(said);
        }
        let whole = squeeze(name);
        if let Some(category) = self.categories.get(whole.as_str()) {
            return category;
        }
        let mut found = "";
        Tokenizer::default().run(name, |token| {
            if let Some(category) = self.categories.get(token.text) {
                found = category;
            }
            found.is_empty()
        });
        found
    }
}

/// The folded words of a phrase.
fn words(phrase: &str) -> Vec<String> {
    let mut words = Vec::new();
    Tokenizer::default().run(phrase, |token| {
        if token.kind != TokenKind::Part {
            words.push(token.text.to_owned());
        }
        words.len() <= MAX_PHRASE_WORDS
    });
    words
}

#[cfg(test)]
mod tests {
    use super::{Lexicon, table, words};
    use crate::text::squeeze;

    fn meanings(lexicon: &Lexicon, phrase: &str) -> Vec<String> {
        lexicon
            .meanings(phrase)
            .iter()
            .map(|meaning| meaning.words.join(" "))
            .collect()
    }

    #[test]
    fn synonyms_go_both_ways_and_callers_add_their_own() {
        let lexicon = Lexicon::with_synonyms([["Kassenbuch", "cash book"]]);
        assert!(meanings(&lexicon, "postgres").contains(&"postgresql".to_owned()));
        assert!(meanings(&lexicon, "postgresql").contains(&"postgres".to_owned()));
        assert_eq!(meanings(&lexicon, "cash book"), ["kassenbuch"]);
        assert_eq!(meanings(&lexicon, "kassenbuch"), ["cash book"]);
        assert!(meanings(&lexicon, "a word that nobody knows").is_empty());
    }

    #[test]
    fn a_purpose_leads_to_software_and_software_to_a_category() {
        let lexicon = Lexicon::default();
        assert!(meanings(&lexicon, "message queue").contains(&"rabbitmq".to_owned()));
        assert_eq!(lexicon.category("", "redis-cluster"), "Database");
        assert_eq!(
            lexicon.category("", "kube-prometheus-stack"),
            "Monitoring and logging"
        );
        assert_eq!(lexicon.category("LogManagement", "x"), "Monitoring and logging");
        assert_eq!(lexicon.category("Games", "redis"), "Games");
        assert_eq!(lexicon.category("", "unheard-of"), "");
    }

    #[test]
    fn the_table_is_in_the_form_that_is_looked_up() {
        for purpose in table::purposes() {
            for product in purpose.products {
                assert_eq!(squeeze(product), *product);
            }
            for phrase in purpose.phrases {
                assert!((1..=3).contains(&words(phrase).len()), "{phrase}");
            }
        }
        for (squeezed, _) in table::CATEGORY_NAMES {
            assert_eq!(squeeze(squeezed), *squeezed);
        }
    }
}
