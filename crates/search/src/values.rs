//! Names of repositories, categories, keywords and licenses by number, the same numbers in all segments, so that counts
//! of segments add up. Names are added and never taken away: what no document has any more is counted as zero.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

/// The values of every facet.
#[derive(Clone, Default)]
pub(crate) struct Values {
    pub(crate) repositories: Names,
    pub(crate) categories: Names,
    pub(crate) keywords: Names,
    pub(crate) licenses: Names,
}

/// Different names by number.
#[derive(Clone, Default)]
pub(crate) struct Names {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32, RandomState>,
}

impl Names {
    /// The number of a name, which is added if it is new.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    /// The number of a known name.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub(crate) fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("", |name| name)
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..).zip(self.names.iter().map(|name| &**name))
    }

    pub(crate) fn n_bytes(&self) -> usize {
        self.names.iter().map(|name| name.len() + 16 + 2 * 16 + 8).sum()
    }
}
