//! Word stems, so that "queues" finds "queue". English only: other languages are matched as written.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

/// Shorter words are their own stems: cutting three letters apart joins what has nothing in common.
const MIN_BYTES: usize = 4;

/// Cuts endings off.
pub(crate) struct Stems(Stemmer);

impl Stems {
    pub(crate) fn new() -> Self {
        Self(Stemmer::create(Algorithm::English))
    }

    /// The stem of a folded word.
    pub(crate) fn of<'w>(&self, word: &'w str) -> Cow<'w, str> {
        let is_word = word.len() >= MIN_BYTES && word.bytes().all(|byte| byte.is_ascii_lowercase());
        if is_word {
            self.0.stem(word)
        } else {
            Cow::Borrowed(word)
        }
    }

    /// What all words of a stem begin with: the stemmer writes `proxi` for both "proxy" and "proxies".
    pub(crate) fn common_beginning(stem: &str) -> &str {
        stem.strip_suffix(['i', 'y']).unwrap_or(stem)
    }
}

#[cfg(test)]
mod tests {
    use super::Stems;

    #[test]
    fn forms_of_a_word_have_one_stem_and_begin_alike() {
        let stems = Stems::new();
        for (one, other) in [
            ("queue", "queues"),
            ("proxy", "proxies"),
            ("database", "databases"),
            ("monitor", "monitoring"),
        ] {
            let stem = stems.of(one);
            assert_eq!(stem, stems.of(other));
            assert!(one.starts_with(Stems::common_beginning(&stem)));
            assert!(other.starts_with(Stems::common_beginning(&stem)));
        }
        assert_eq!(stems.of("s3s"), "s3s");
    }
}
