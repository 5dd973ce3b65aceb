//! What was compiled once and may be asked for again: regular expressions, constraints.

use crate::hash::HashMap;
use crate::value::GoStr;

/// Most entries of one cache. Charts have a few dozen; a template that makes up texts starts over.
const MAX_ENTRIES: usize = 512;

/// Entries that are kept from render to render; charts seldom have more.
pub(super) const MAX_KEPT_ENTRIES: usize = 64;

/// Compiled values by their text, bounded.
pub(super) struct Cache<T> {
    entries: HashMap<GoStr, T>,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self {
            entries: HashMap::default(),
        }
    }
}

impl<T> Cache<T> {
    /// The value of `text`, made if it is not there.
    pub(super) fn get_or_make(&mut self, text: &GoStr, make: impl FnOnce(&GoStr) -> T) -> &T {
        if self.entries.len() >= MAX_ENTRIES && !self.entries.contains_key(text.as_bytes()) {
            self.entries.clear();
        }
        self.entries.entry(text.clone()).or_insert_with_key(make)
    }

    /// What was compiled.
    pub(super) fn values(&self) -> impl ExactSizeIterator<Item = &T> {
        self.entries.values()
    }
}
