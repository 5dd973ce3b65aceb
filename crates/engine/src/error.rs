//! What can go wrong: parsing, executing, and spending more than the budget allows.
//!
//! `Display` of [`Error`] is a contract: the text Go's text/template prints, with template, line and column.

use std::fmt;

use crate::limits::Exceeded;

/// Why a template function did not return a value.
///
/// Functions know nothing of positions: the executor adds template, line, column and node.
#[derive(Debug)]
pub enum FnError {
    /// An error in Go's words, reported as `error calling NAME: TEXT`. Go recovers panics of functions into the
    /// same form, so a panic's text (`runtime error: index out of range [3] with length 2`) goes here too.
    Message(String),
    /// The function executed a template which failed (`include`, `tpl`).
    Template(Box<Error>),
    /// A budget was exceeded; ends the render, never recovered by a template.
    Exceeded(Exceeded),
}

impl FnError {
    /// An error with Go's text.
    pub fn new(text: impl Into<String>) -> Self {
        Self::Message(text.into())
    }
}

impl From<String> for FnError {
    fn from(text: String) -> Self {
        Self::Message(text)
    }
}

impl From<&str> for FnError {
    fn from(text: &str) -> Self {
        Self::Message(text.to_owned())
    }
}

impl From<Exceeded> for FnError {
    fn from(exceeded: Exceeded) -> Self {
        Self::Exceeded(exceeded)
    }
}

impl fmt::Display for FnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(text) => f.write_str(text),
            Self::Template(error) => error.fmt(f),
            Self::Exceeded(exceeded) => exceeded.fmt(f),
        }
    }
}

/// What kind of failure an [`Error`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The template's text is not a template.
    Parse,
    /// Executing failed.
    Exec,
    /// A budget was exceeded.
    Exceeded(Exceeded),
}

/// A failed parse or execution.
#[derive(Debug)]
pub struct Error {
    pub(crate) kind: ErrorKind,
    /// The template that was being parsed or executed, innermost.
    pub(crate) template: String,
    pub(crate) line: usize,
    /// Byte column, as Go counts it; absent in parse errors.
    pub(crate) column: Option<usize>,
    /// The whole text, as Go prints it.
    pub(crate) text: String,
    /// What a function that failed had to say, when `text` wraps that.
    pub(crate) cause: Option<FnError>,
}

impl Error {
    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The template in which it happened.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The line in [`Error::template`], from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The byte column in the line, where known.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.column
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Some(FnError::Template(error)) => Some(&**error),
            _ => None,
        }
    }
}
