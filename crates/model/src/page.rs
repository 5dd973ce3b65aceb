//! Lists that are read in parts.

use serde::{Deserialize, Serialize};

/// One part of a list.
///
/// Cursors are opaque: they name a position by key, not by number, so that a list that changes while it is read neither
/// repeats nor drops a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    /// How many rows match in all.
    pub total: u64,
    /// The 1-based position of the first row of this part among all matching rows.
    pub first_position: u64,
    /// Cursor of the part after this one.
    pub next: Option<String>,
    /// Cursor of the part before this one.
    pub previous: Option<String>,
}
