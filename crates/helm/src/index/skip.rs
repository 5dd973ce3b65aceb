//! Why a version of an index is not used, and what is wrong with versions that are.

use std::fmt;

/// A version, or a whole chart, that is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The chart it stands under, made fit to be shown.
    pub chart: Option<String>,
    /// What it calls its version, made fit to be shown.
    pub version: Option<String>,
    pub reason: SkipReason,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.chart, &self.version) {
            (Some(chart), Some(version)) => write!(f, "`{chart}` {version}: {}", self.reason),
            (Some(chart), None) => write!(f, "`{chart}`: {}", self.reason),
            _ => write!(f, "{}", self.reason),
        }
    }
}

/// Why it is not used. The words complete "skipped: …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SkipReason {
    #[error("the entry is empty")]
    Null,
    #[error("the entry is not a map of fields")]
    NotAnEntry,
    #[error("the chart's versions are not a list")]
    NotAList,
    #[error("the entry cannot be read: {what}")]
    Unreadable { what: String },
    #[error("the entry has more than {limit_bytes} bytes")]
    TooLarge { limit_bytes: usize },
    #[error("the chart has no name")]
    NoName,
    #[error("the chart's name cannot be used in a path")]
    UnusableName,
    #[error("{field} has characters that are hidden or change the direction of text")]
    HiddenCharacters { field: &'static str },
    #[error("{field} has {length} bytes, more than the {limit} allowed")]
    FieldTooLong {
        field: &'static str,
        length: usize,
        limit: usize,
    },
    #[error("the version is missing")]
    NoVersion,
    #[error("the version is not a semantic version")]
    NotSemver,
    #[error("the type is neither `application` nor `library`")]
    UnknownType,
    #[error("there is no address to download it from")]
    NoUrls,
    #[error("no address can be used: {first}")]
    NoUsableUrl { first: String },
    #[error("the list of maintainers has an empty item")]
    NullMaintainer,
    #[error("the list of dependencies has an empty item")]
    NullDependency,
    #[error("the alias of dependency `{dependency}` has characters that are not allowed")]
    BadAlias { dependency: String },
    #[error("the version occurs more than once; the first counts")]
    DuplicateVersion,
    #[error("the chart occurs more than once; the first counts")]
    DuplicateChart,
}

/// What is wrong with a version that is used all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryNote {
    #[error("it calls itself `{name}`")]
    OtherName { name: String },
    #[error("its digest is not a SHA-256 digest")]
    BadDigest,
    #[error("its date cannot be read")]
    BadDate,
    #[error("{n_urls} of its addresses cannot be used")]
    UnusableUrls { n_urls: usize },
    #[error("{field} is too long and was cut")]
    Cut { field: &'static str },
}

/// Shows text of unknown origin: hidden characters are escaped, and length is bounded.
pub(crate) fn shown(text: &str) -> String {
    const MAX_CHARACTERS: usize = 100;
    let mut out = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == MAX_CHARACTERS {
            out.push('…');
            break;
        }
        if crate::archive::is_hidden(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}
