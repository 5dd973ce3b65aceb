//! Why a text is no document, and why an edit was refused.

use std::fmt;

use helm::values::{Tree, ValuesError};

use crate::Path;

/// A text that is not a values file. [`crate::assist`] says the same in a beginner's words.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReadError {
    /// No YAML; the error knows the line and column.
    #[error("the text is no YAML")]
    Syntax(#[source] engine::yaml::Error),
    /// YAML, but nothing Helm takes for values.
    #[error("the text is no values file")]
    Values(#[source] ValuesError),
    /// Longer than any values file may be.
    #[error("the text is longer than {limit_bytes} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit_bytes: usize,
    },
    /// Nested deeper than any chart needs, perhaps by aliases within aliases.
    #[error("the values are nested deeper than {limit_levels} levels")]
    TooDeep {
        /// The limit.
        limit_levels: usize,
    },
}

/// What a value is, in the words of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null` or nothing.
    Null,
    /// `true` or `false`.
    Boolean,
    /// With or without a fraction.
    Number,
    /// Text.
    Text,
    /// A list.
    List,
    /// A mapping.
    Table,
}

impl Kind {
    /// What a tree is.
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        match tree {
            Tree::Null => Self::Null,
            Tree::Bool(_) => Self::Boolean,
            Tree::Int(_) | Tree::Float(_) => Self::Number,
            Tree::String(_) => Self::Text,
            Tree::List(_) => Self::List,
            Tree::Table(_) => Self::Table,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "nothing (null)",
            Self::Boolean => "true or false",
            Self::Number => "a number",
            Self::Text => "text",
            Self::List => "a list",
            Self::Table => "a mapping",
        })
    }
}

/// Why an edit was not made. The document is as it was.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EditError {
    /// `---` between two documents: Helm lays them over each other, and which one an edit means is for the writer to
    /// say.
    #[error("the text holds several documents, separated by ---; join them first")]
    SeveralDocuments,
    /// A key below something that has no keys.
    #[error("`{path}` is {found} and can have no keys")]
    NotATable {
        /// Where.
        path: Path,
        /// What is there.
        found: Kind,
    },
    /// An index into something that is no list.
    #[error("`{path}` is {found} and can have no items")]
    NotAList {
        /// Where.
        path: Path,
        /// What is there.
        found: Kind,
    },
    /// An index past the end of a list.
    #[error("the list `{path}` has {n_items} items, none at index {index}")]
    NoSuchItem {
        /// The list.
        path: Path,
        /// The index asked for, from 0.
        index: usize,
        /// The length of the list.
        n_items: usize,
    },
    /// The top of the values is always a mapping.
    #[error("values are a mapping; the whole cannot be {found}")]
    RootIsTable {
        /// What it was to become.
        found: Kind,
    },
    /// A text that is not UTF-8.
    #[error("a text for `{path}` is not UTF-8")]
    NotText {
        /// Where it was to go.
        path: Path,
    },
    /// A value that nests too deeply to be written.
    #[error("the value for `{path}` is nested too deeply")]
    TooDeep {
        /// Where it was to go.
        path: Path,
    },
    /// The result would be longer than any values file may be.
    #[error("the text would be longer than {limit_bytes} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit_bytes: usize,
    },
    /// More single changes at once than there is time for.
    #[error("more than {limit} values would change at once")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// Every way to make the edit would have changed something else: the text uses aliases, odd styles or the like.
    #[error(
        "`{path}` is written in a way that cannot be edited without changing other values; edit the text by hand"
    )]
    Entangled {
        /// What was to be changed.
        path: Path,
    },
}
