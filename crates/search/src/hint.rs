//! What a person should know about a query. Nothing in a query is an error: what is not understood is told, and the
//! rest is searched for.

use std::fmt;

/// Something worth telling about a query. Its text is a sentence; what strangers typed stands in it as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The query was longer than is read.
    TooLong {
        /// Bytes that were read.
        limit: usize,
    },
    /// It has more words or filters than are looked for.
    TooMany {
        /// How many were looked for.
        limit: usize,
    },
    /// A quote was opened and not closed.
    OpenQuote,
    /// A filter that does not exist; it was searched for as words.
    UnknownFilter {
        /// As typed, without the colon.
        name: String,
        /// One that exists and looks alike.
        nearest: Option<&'static str>,
    },
    /// A filter without a value.
    EmptyFilter {
        /// The filter.
        name: &'static str,
    },
    /// A value that a filter does not know.
    UnknownValue {
        /// The filter.
        name: &'static str,
        /// As typed.
        value: String,
        /// What it knows, or what looks alike.
        known: Vec<String>,
    },
    /// Words that no chart has; they were left out.
    Unmatched {
        /// In lower case.
        words: Vec<String>,
    },
    /// No chart has all words; those that have most of them are shown.
    Relaxed,
    /// A word was taken for a similar one.
    Corrected {
        /// In lower case.
        word: String,
        /// What was found.
        instead: String,
    },
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => write!(f, "Only the first {limit} characters were searched for."),
            Self::TooMany { limit } => {
                write!(f, "Only the first {limit} words and filters were searched for.")
            }
            Self::OpenQuote => f.write_str("A quotation mark is not closed; the rest was taken as quoted."),
            Self::UnknownFilter { name, nearest } => {
                write!(
                    f,
                    "There is no filter `{name}:`, so it was searched for as words."
                )?;
                match nearest {
                    Some(nearest) => write!(f, " Perhaps `{nearest}:` was meant."),
                    None => Ok(()),
                }
            }
            Self::EmptyFilter { name } => write!(f, "`{name}:` needs a value and was left out."),
            Self::UnknownValue { name, value, known } => {
                write!(f, "`{name}:` does not know `{value}`.")?;
                if known.is_empty() {
                    return Ok(());
                }
                f.write_str(" It knows ")?;
                for (at, known) in known.iter().enumerate() {
                    let before = if at == 0 { "" } else { ", " };
                    write!(f, "{before}`{known}`")?;
                }
                f.write_str(".")
            }
            Self::Unmatched { words } => {
                f.write_str("No chart has ")?;
                for (at, word) in words.iter().enumerate() {
                    let before = if at == 0 { "" } else { " or " };
                    write!(f, "{before}\u{201c}{word}\u{201d}")?;
                }
                f.write_str(".")
            }
            Self::Relaxed => f.write_str("No chart has all words. These have most of them."),
            Self::Corrected { word, instead } => {
                write!(
                    f,
                    "Nothing is called \u{201c}{word}\u{201d}. Shown is \u{201c}{instead}\u{201d}."
                )
            }
        }
    }
}
