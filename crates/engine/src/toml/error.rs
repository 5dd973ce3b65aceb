//! Errors of TOML, with the words of BurntSushi/toml.

use crate::strconv::quote;

/// Why a value has no TOML form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// A nil in an array.
    #[error("toml: cannot encode array with nil element")]
    NilElement,
    /// An array of tables without a name.
    #[error("toml: top-level values must be Go maps or structs")]
    NoKey,
    /// A Go type without a TOML form.
    #[error("unsupported type: {kind}")]
    UnsupportedType {
        /// Its kind.
        kind: String,
    },
    /// The nil interface, on which the library panics.
    #[error("reflect: call of reflect.Value.Type on zero Value")]
    Nil,
    /// A map or list that contains itself, or is nested beyond all reason.
    #[error("values are nested deeper than {limit}")]
    TooDeep {
        /// The depth allowed.
        limit: usize,
    },
    /// The text grows past a limit.
    #[error("text is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
}

/// Why TOML text could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    /// The line, from 1; the library counts the end of the text to the line before.
    pub line: usize,
    /// The key that was being read, if any.
    pub last_key: String,
    /// What is wrong.
    pub problem: String,
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "toml: line {}", self.line)?;
        if !self.last_key.is_empty() {
            write!(f, " (last key {})", quote(self.last_key.as_bytes()))?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for DecodeError {}
