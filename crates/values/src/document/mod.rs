//! A values file that can be edited without losing anything that was typed.
//!
//! [`Document::parse`] reads a text as Helm does and remembers where everything stands. [`Document::set`],
//! [`Document::insert`] and [`Document::remove`] change the lines they must and no others: comments, order, quotes,
//! indentation and line ends of the rest stay byte for byte. After every edit the text is read again and compared
//! with what was meant, so an edit either does exactly that or is refused with a reason.
//!
//! What is not here: what values mean to a chart ([`crate::schema`]), and what differs from its defaults
//! ([`crate::overrides`]).

mod edit;
mod error;
mod field;
mod find;
mod intent;
pub(crate) mod lines;
pub(crate) mod node;
pub(crate) mod scalar;
mod surgery;
mod write;

pub use error::{EditError, Kind, ReadError};
pub use find::EntrySpan;
pub(crate) use intent::{get, normal};

use std::ops::Range;

use helm::values::{Table, Tree, parse_values};
use serde::{Deserialize, Serialize};

use crate::Path;
use node::Nodes;

/// The longest text that is read: a release with larger values could not be stored in a cluster.
pub const MAX_BYTES: usize = 4 << 20;

/// The deepest nesting that is read, aliases written out: everything here may walk down recursively.
pub const MAX_DEPTH: usize = 200;

/// A values file: its text, its values, and where they stand in it.
#[derive(Debug, Clone)]
pub struct Document {
    pub(crate) text: String,
    pub(crate) values: Table,
    pub(crate) nodes: Nodes,
    /// Whether what is removed takes the comment above it along.
    removes_comments: bool,
    /// The order of keys where one is added.
    order: Option<Vec<String>>,
}

/// What an edit did to the text: one range that got another text. Offsets are bytes of the text before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextChange {
    /// What was replaced; empty if something was put in.
    pub range: Range<usize>,
    /// What is there now; empty if something was taken out.
    pub text: String,
}

impl TextChange {
    fn none() -> Self {
        Self {
            range: 0..0,
            text: String::new(),
        }
    }

    /// Whether the text stayed as it was.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.range.is_empty() && self.text.is_empty()
    }

    /// The smallest single change that makes one text into the other.
    #[must_use]
    pub fn between(old: &str, new: &str) -> Self {
        let pairs = old.bytes().zip(new.bytes());
        let mut head = pairs.take_while(|(a, b)| a == b).count();
        while !old.is_char_boundary(head) {
            head -= 1;
        }
        let most = old.len().min(new.len()) - head;
        let pairs = old.bytes().rev().zip(new.bytes().rev()).take(most);
        let mut tail = pairs.take_while(|(a, b)| a == b).count();
        while !old.is_char_boundary(old.len() - tail) {
            tail -= 1;
        }
        Self {
            range: head..old.len() - tail,
            text: lines::slice(new, head..new.len() - tail).to_owned(),
        }
    }

    /// The text after the change.
    #[must_use]
    pub fn apply(&self, old: &str) -> String {
        let (before, after) = (
            lines::slice(old, 0..self.range.start),
            lines::slice(old, self.range.end..old.len()),
        );
        format!("{before}{}{after}", self.text)
    }
}

impl Document {
    /// Reads a values file. Several documents (`---`) are laid over each other, as Helm does.
    pub fn parse(text: &str) -> Result<Self, ReadError> {
        if text.len() > MAX_BYTES {
            return Err(ReadError::TooLarge {
                limit_bytes: MAX_BYTES,
            });
        }
        let nodes = Nodes::read(text).map_err(ReadError::Syntax)?;
        let values = parse_values(text.as_bytes()).map_err(ReadError::Values)?;
        if values.values().any(|value| is_deeper(value, MAX_DEPTH)) {
            return Err(ReadError::TooDeep {
                limit_levels: MAX_DEPTH,
            });
        }
        Ok(Self {
            text: text.to_owned(),
            values,
            nodes,
            removes_comments: false,
            order: None,
        })
    }

    /// The text, as it is now.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values, as Helm reads them from the text: every number is a [`Tree::Float`].
    #[must_use]
    pub fn values(&self) -> &Table {
        &self.values
    }

    /// The value at a path.
    #[must_use]
    pub fn get(&self, path: &Path) -> Option<&Tree> {
        get(&self.values, path)
    }
}

fn is_deeper(tree: &Tree, levels: usize) -> bool {
    let below = |tree: &Tree| levels == 0 || is_deeper(tree, levels - 1);
    match tree {
        Tree::Table(table) => table.values().any(below),
        Tree::List(items) => items.iter().any(below),
        _ => false,
    }
}

impl std::fmt::Display for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
