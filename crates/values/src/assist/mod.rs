//! Help while values are typed: what is wrong and where ([`Assistant::problems`]), what could stand here
//! ([`Assistant::completions`]), what is meant here ([`Assistant::hover`]).
//!
//! Offsets are bytes of the text, lines and columns count from 1 as editors show them. Completions and hover work on
//! text that is no YAML yet, as it is most of the time while somebody types.

mod complete;
mod context;
mod distance;
mod problems;
#[cfg(feature = "schema")]
mod validate;
mod yaml;

pub use complete::{Completion, Hover};
pub(crate) use distance::distance;

use std::ops::Range;

use helm::chart::Chart;
use helm::values::Table;
use serde::{Deserialize, Serialize};

use crate::Path;
use crate::defaults::defaults_of;
use crate::document::TextChange;
use crate::schema::Fields;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Helm would refuse it.
    Error,
    /// Helm would take it, and do something else than it looks like.
    Warning,
    /// It is unusual for this chart.
    Hint,
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Which bytes to underline; empty where something is missing.
    pub range: Range<usize>,
    /// The line it begins on, from 1.
    pub line: usize,
    /// The character it begins at, from 1.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
    /// The value it is about, if the text could be read.
    pub path: Option<Path>,
    /// An edit that may settle it, and its name for a button.
    pub fix: Option<(String, TextChange)>,
}

/// A value that does not fit values.schema.json, as the host's validator found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Where in the values of the whole chart.
    pub path: Path,
    /// What is wrong, in Helm's words.
    pub message: String,
}

/// Knows one chart.
#[derive(Debug)]
pub struct Assistant {
    pub(crate) fields: Fields,
    pub(crate) defaults: Table,
    #[cfg(feature = "schema")]
    schemas: Vec<validate::ChartSchema>,
}

impl Assistant {
    /// Reads the chart once.
    #[must_use]
    pub fn new(chart: &Chart) -> Self {
        Self {
            fields: Fields::of(chart),
            defaults: defaults_of(chart),
            #[cfg(feature = "schema")]
            schemas: validate::schemas_of(chart),
        }
    }

    /// What can be configured.
    #[must_use]
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The defaults, sub-charts' included.
    #[must_use]
    pub fn defaults(&self) -> &Table {
        &self.defaults
    }
}

/// The line and column of an offset, from 1, columns in characters.
#[must_use]
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or_default();
    let start = crate::document::lines::line_start(text, end);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (line, before.get(start..).unwrap_or_default().chars().count() + 1)
}

impl Problem {
    fn new(text: &str, severity: Severity, range: Range<usize>, message: impl Into<String>) -> Self {
        let (line, column) = position(text, range.start);
        Self {
            severity,
            range,
            line,
            column,
            message: message.into(),
            path: None,
            fix: None,
        }
    }

    fn at(mut self, path: &Path) -> Self {
        self.path = Some(path.clone());
        self
    }

    fn fixed_by(mut self, label: &str, range: Range<usize>, text: impl Into<String>) -> Self {
        let change = TextChange {
            range,
            text: text.into(),
        };
        self.fix = Some((label.to_owned(), change));
        self
    }
}
