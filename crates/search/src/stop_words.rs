//! Words that say nothing by themselves. In prose they are not indexed; in a query they are welcome, not required.

const STOP_WORDS: &[&str] = &[
    "a", "about", "all", "also", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can",
    "could", "do", "does", "for", "from", "get", "has", "have", "how", "i", "if", "in", "into", "is", "it",
    "its", "just", "may", "me", "more", "must", "my", "need", "no", "not", "of", "on", "only", "or", "other",
    "our", "over", "see", "should", "so", "some", "such", "than", "that", "the", "their", "them", "then",
    "there", "these", "they", "this", "to", "up", "use", "used", "using", "via", "want", "was", "we", "were",
    "what", "when", "where", "which", "while", "who", "will", "with", "without", "would", "you", "your",
];

/// Words that are said of every chart.
const CHART_WORDS: &[&str] = &["helm", "chart", "charts", "deploy", "install", "run", "setup"];

/// Whether prose is better off without the word.
pub(crate) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// Whether a query does not insist on the word.
pub(crate) fn is_optional(word: &str) -> bool {
    is_stop_word(word) || CHART_WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::{STOP_WORDS, is_optional, is_stop_word};

    #[test]
    fn the_list_can_be_searched() {
        assert!(STOP_WORDS.is_sorted());
        assert!(is_stop_word("the") && !is_stop_word("helm") && is_optional("helm"));
    }
}
