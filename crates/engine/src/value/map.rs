//! Maps with string keys: shared and mutable, as Go's are.
//!
//! `set`, `unset` and `merge` change the map every holder sees, which charts rely on (a helper writes into
//! `.Values`, later templates read it). Iteration is in key order, the order text/template and `fmt` use.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::deep::dismantle;
use super::entries::Entries;
use super::{GoStr, Named, Type, Value};

#[derive(Debug)]
struct Data {
    ty: Type,
    nil: Cell<bool>,
    entries: RefCell<Entries>,
}

impl Drop for Data {
    fn drop(&mut self) {
        let entries = self.entries.get_mut();
        if entries.iter().any(|(_, value)| value.is_container()) {
            let entries = std::mem::take(entries);
            dismantle(entries, Entries::into_values);
        }
    }
}

/// A shared mutable map.
#[derive(Clone, Debug)]
pub struct Map {
    /// The named type this handle sees the table as, if not the table's own type.
    named: Option<&'static Named>,
    data: Rc<Data>,
}

impl Map {
    /// An empty `map[string]interface {}`.
    #[must_use]
    pub fn new() -> Self {
        Self::typed(Type::DICT)
    }

    /// An empty map of type `ty` (a map type, or a named type of map kind).
    #[must_use]
    pub fn typed(ty: Type) -> Self {
        Self {
            named: None,
            data: Rc::new(Data {
                ty,
                nil: Cell::new(false),
                entries: RefCell::default(),
            }),
        }
    }

    /// The nil map of type `ty`: reads as empty, cannot be written, is JSON `null`.
    #[must_use]
    pub fn nil(ty: Type) -> Self {
        let map = Self::typed(ty);
        map.data.nil.set(true);
        map
    }

    /// The same table seen as a named map type, as Go's `common.Values(m)`: later changes are seen through both.
    #[must_use]
    pub fn retyped(&self, named: &'static Named) -> Self {
        Self {
            named: Some(named),
            data: Rc::clone(&self.data),
        }
    }

    /// The same table seen as its unnamed type (`map[string]interface {}(values)`).
    #[must_use]
    pub fn unnamed(&self) -> Self {
        Self {
            named: None,
            data: Rc::clone(&self.data),
        }
    }

    /// Its type.
    #[must_use]
    pub fn ty(&self) -> Type {
        self.named.map_or(self.data.ty, Type::Named)
    }

    /// Whether it is a nil map.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        self.data.nil.get()
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.data.entries.borrow().len()
    }

    /// Whether it has no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.entries.borrow().is_empty()
    }

    /// The value at `key`.
    #[must_use]
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.data.entries.borrow().get(key.as_ref()).cloned()
    }

    /// Looks at the value at `key` without copying it; `look` must not change this map.
    pub(crate) fn with<R>(&self, key: &GoStr, look: impl FnOnce(&Value) -> R) -> Option<R> {
        self.data.entries.borrow().get_str(key).map(look)
    }

    /// Whether there is an entry for `key`, even a nil one.
    #[must_use]
    pub fn contains_key(&self, key: impl AsRef<[u8]>) -> bool {
        self.data.entries.borrow().get(key.as_ref()).is_some()
    }

    /// Sets `key`; a nil map stays nil (the callers that can meet one report Go's panic first).
    pub fn insert(&self, key: impl Into<GoStr>, value: impl Into<Value>) {
        if !self.is_nil() {
            self.data.entries.borrow_mut().insert(key.into(), value.into());
        }
    }

    /// Removes `key`.
    pub fn remove(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.data.entries.borrow_mut().remove(key.as_ref())
    }

    /// The keys, sorted.
    #[must_use]
    pub fn keys(&self) -> Vec<GoStr> {
        self.data
            .entries
            .borrow()
            .iter()
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// The values in key order.
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        self.data
            .entries
            .borrow()
            .iter()
            .map(|(_, value)| value.clone())
            .collect()
    }

    /// A snapshot of the entries in key order; the map may be changed while it is walked.
    #[must_use]
    pub fn entries(&self) -> Vec<(GoStr, Value)> {
        self.data
            .entries
            .borrow()
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// Visits the entries in key order without copying; `visit` must not change this map.
    pub fn for_each(&self, mut visit: impl FnMut(&GoStr, &Value)) {
        for (key, value) in self.data.entries.borrow().iter() {
            visit(key, value);
        }
    }

    /// A copy of the table whose values are shared.
    #[must_use]
    pub fn shallow_copy(&self) -> Self {
        let copy = Self::typed(self.ty());
        copy.data
            .entries
            .borrow_mut()
            .clone_from(&self.data.entries.borrow());
        copy
    }

    /// A map of the same type and keys, with what `copy` makes of the values; `copy` must not change this map.
    pub(super) fn with_values(&self, copy: impl FnMut(&Value) -> Value) -> Self {
        let made = Self::typed(self.ty());
        *made.data.entries.borrow_mut() = self.data.entries.borrow().with_values(copy);
        made
    }

    /// The values, if this is their last holder.
    pub(super) fn into_values(self) -> Option<Vec<Value>> {
        Rc::into_inner(self.data).map(|mut data| std::mem::take(data.entries.get_mut()).into_values())
    }

    /// Whether both are the same map in memory.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.data, &other.data)
    }

    /// A number that tells it from others, for cycle checks only.
    #[must_use]
    pub fn id(&self) -> usize {
        Rc::as_ptr(&self.data).addr()
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Into<GoStr>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let map = Self::new();
        {
            let entries = entries.into_iter();
            let mut own = map.data.entries.borrow_mut();
            own.reserve(entries.size_hint().0);
            for (key, value) in entries {
                own.insert(key.into(), value.into());
            }
        }
        map
    }
}
