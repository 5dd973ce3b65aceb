//! What a map holds: entries in the order of their keys.
//!
//! Maps of charts are small and looked up far more often than changed. Up to [`MAX_SORTED`] entries lie in one sorted
//! vector, where a lookup compares a few words next to each other; larger maps are trees, so that no number of
//! insertions is quadratic.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::slice;

use super::gostr::prefix_of;
use super::{GoStr, Value};

/// Inserting moves half of these on average, three kilobytes at most.
const MAX_SORTED: usize = 64;

#[derive(Clone, Debug)]
pub(super) enum Entries {
    Sorted(Vec<(GoStr, Value)>),
    Tree(BTreeMap<GoStr, Value>),
}

impl Default for Entries {
    fn default() -> Self {
        Self::Sorted(Vec::new())
    }
}

impl Entries {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Sorted(entries) => entries.len(),
            Self::Tree(entries) => entries.len(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn get(&self, key: &[u8]) -> Option<&Value> {
        match self {
            Self::Sorted(entries) => {
                let index = position(entries, prefix_of(key), key).ok()?;
                entries.get(index).map(|(_, value)| value)
            }
            Self::Tree(entries) => entries.get(key),
        }
    }

    /// The same, for a key whose prefix is at hand.
    pub(super) fn get_str(&self, key: &GoStr) -> Option<&Value> {
        match self {
            Self::Sorted(entries) => {
                let index = position(entries, key.prefix(), key.as_bytes()).ok()?;
                entries.get(index).map(|(_, value)| value)
            }
            Self::Tree(entries) => entries.get(key),
        }
    }

    pub(super) fn insert(&mut self, key: GoStr, value: Value) {
        match self {
            // Most maps are made of keys in order.
            Self::Sorted(entries)
                if entries.len() < MAX_SORTED && entries.last().is_none_or(|(last, _)| *last < key) =>
            {
                entries.push((key, value));
            }
            Self::Sorted(entries) => match position(entries, key.prefix(), key.as_bytes()) {
                Ok(index) => {
                    if let Some((_, old)) = entries.get_mut(index) {
                        *old = value;
                    }
                }
                Err(index) if entries.len() < MAX_SORTED => entries.insert(index, (key, value)),
                Err(_) => {
                    let mut tree: BTreeMap<_, _> = std::mem::take(entries).into_iter().collect();
                    tree.insert(key, value);
                    *self = Self::Tree(tree);
                }
            },
            Self::Tree(entries) => drop(entries.insert(key, value)),
        }
    }

    pub(super) fn remove(&mut self, key: &[u8]) -> Option<Value> {
        match self {
            Self::Sorted(entries) => {
                let index = position(entries, prefix_of(key), key).ok()?;
                Some(entries.remove(index).1)
            }
            Self::Tree(entries) => entries.remove(key),
        }
    }

    /// Entries with the same keys, and what `copy` makes of the values.
    pub(super) fn with_values(&self, mut copy: impl FnMut(&Value) -> Value) -> Self {
        match self {
            Self::Sorted(entries) => Self::Sorted(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), copy(value)))
                    .collect(),
            ),
            Self::Tree(entries) => Self::Tree(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), copy(value)))
                    .collect(),
            ),
        }
    }

    /// Makes room for so many in all, if they are to lie in a vector.
    pub(super) fn reserve(&mut self, len: usize) {
        if let Self::Sorted(entries) = self
            && len <= MAX_SORTED
        {
            entries.reserve_exact(len.saturating_sub(entries.len()));
        }
    }

    pub(super) fn iter(&self) -> Iter<'_> {
        match self {
            Self::Sorted(entries) => Iter::Sorted(entries.iter()),
            Self::Tree(entries) => Iter::Tree(entries.iter()),
        }
    }

    pub(super) fn into_values(self) -> Vec<Value> {
        match self {
            Self::Sorted(entries) => entries.into_iter().map(|(_, value)| value).collect(),
            Self::Tree(entries) => entries.into_values().collect(),
        }
    }
}

/// Where `key` is, or belongs.
// Nearly all keys of a map differ in their first eight bytes: those alone are searched, without a branch that may go
// either way, and the few keys that share them are looked at in turn.
fn position(entries: &[(GoStr, Value)], prefix: u64, key: &[u8]) -> Result<usize, usize> {
    let mut index = entries.partition_point(|(known, _)| known.prefix() < prefix);
    while let Some((known, _)) = entries.get(index)
        && known.prefix() == prefix
    {
        match known.as_bytes().cmp(key) {
            Ordering::Less => index += 1,
            Ordering::Equal => return Ok(index),
            Ordering::Greater => break,
        }
    }
    Err(index)
}

/// Entries in the order of their keys.
pub(super) enum Iter<'e> {
    Sorted(slice::Iter<'e, (GoStr, Value)>),
    Tree(std::collections::btree_map::Iter<'e, GoStr, Value>),
}

impl<'e> Iterator for Iter<'e> {
    type Item = (&'e GoStr, &'e Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Sorted(entries) => entries.next().map(|(key, value)| (key, value)),
            Self::Tree(entries) => entries.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Sorted(entries) => entries.size_hint(),
            Self::Tree(entries) => entries.size_hint(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{Entries, MAX_SORTED};
    use crate::value::{GoStr, Value};

    fn number_in(value: Value) -> i64 {
        match value {
            Value::Int(_, number) => number,
            _ => -1,
        }
    }

    proptest! {
        /// Whatever is done to it, it holds what a tree would, in the same order.
        #[test]
        fn entries_are_a_sorted_map(
            changes in vec((vec(0_u8..4, 0..30), any::<bool>()), 0..4 * MAX_SORTED)
        ) {
            let mut entries = Entries::default();
            let mut model = BTreeMap::new();
            for (number, (key, is_insert)) in changes.into_iter().enumerate() {
                let value = Value::int(i64::try_from(number).unwrap());
                if is_insert {
                    entries.insert(GoStr::from_bytes(&key), value.clone());
                    model.insert(key, value);
                } else {
                    let removed = entries.remove(&key).map(number_in);
                    prop_assert_eq!(removed, model.remove(&key).map(number_in));
                }
            }
            prop_assert_eq!(entries.len(), model.len());
            let keys: Vec<&[u8]> = entries.iter().map(|(key, _)| key.as_bytes()).collect();
            prop_assert_eq!(keys, model.keys().map(Vec::as_slice).collect::<Vec<_>>());
            for (key, value) in &model {
                let expected = number_in(value.clone());
                prop_assert_eq!(entries.get(key).cloned().map(number_in), Some(expected));
                let found = entries.get_str(&key.as_slice().into());
                prop_assert_eq!(found.cloned().map(number_in), Some(expected));
            }
        }
    }
}
