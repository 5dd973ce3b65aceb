//! Slices: `[]interface {}`, `[]string`, `[]int`, `[]map[string]interface {}` and so on.
//!
//! No template function writes into a slice it was given, so a slice is immutable once built and shared; its
//! elements (maps above all) keep their identity. What of Go's aliasing remains visible is the spare capacity:
//! reslicing past the length is allowed up to the capacity, so it is kept, with the elements behind it.

use std::rc::Rc;

use super::deep::dismantle;
use super::{Type, Value};

#[derive(Debug)]
struct Data {
    ty: Type,
    /// Elements `len..` are the spare capacity.
    items: Vec<Value>,
    len: usize,
    nil: bool,
}

impl Drop for Data {
    fn drop(&mut self) {
        if self.items.iter().any(Value::is_container) {
            dismantle(std::mem::take(&mut self.items), |items| items);
        }
    }
}

/// A shared, immutable slice.
#[derive(Clone, Debug)]
pub struct List(Rc<Data>);

impl List {
    /// A `[]interface {}`.
    #[must_use]
    pub fn new(items: Vec<Value>) -> Self {
        Self::typed(Type::LIST, items)
    }

    /// A slice of type `ty` (a slice type, not its element); the caller keeps elements and type in agreement.
    #[must_use]
    pub fn typed(ty: Type, items: Vec<Value>) -> Self {
        let len = items.len();
        Self(Rc::new(Data {
            ty,
            items,
            len,
            nil: false,
        }))
    }

    /// The first `len` of `items`, the others being spare capacity.
    #[must_use]
    pub fn with_capacity_tail(ty: Type, items: Vec<Value>, len: usize) -> Self {
        let len = len.min(items.len());
        Self(Rc::new(Data {
            ty,
            items,
            len,
            nil: false,
        }))
    }

    /// The nil slice of type `ty`: empty, prints `[]`, but is JSON `null`.
    #[must_use]
    pub fn nil(ty: Type) -> Self {
        Self(Rc::new(Data {
            ty,
            items: Vec::new(),
            len: 0,
            nil: true,
        }))
    }

    /// Its type, `[]T`.
    #[must_use]
    pub fn ty(&self) -> Type {
        self.0.ty
    }

    /// Whether it is a nil slice.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        self.0.nil
    }

    /// Go's `len`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len
    }

    /// Whether it has no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.len == 0
    }

    /// Go's `cap`.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.0.items.len()
    }

    /// The elements.
    #[must_use]
    pub fn as_slice(&self) -> &[Value] {
        self.0.items.get(..self.0.len).unwrap_or_default()
    }

    /// Element `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Value> {
        self.as_slice().get(index)
    }

    /// The elements in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Value> {
        self.as_slice().iter()
    }

    /// Go's `list[start:end]`; `None` where Go panics (`end` may reach into the capacity).
    #[must_use]
    pub fn reslice(&self, start: usize, end: usize) -> Option<Self> {
        if start > end || end > self.capacity() {
            return None;
        }
        let items = self.0.items.get(start..)?.to_vec();
        Some(Self(Rc::new(Data {
            ty: self.0.ty,
            items,
            len: end - start,
            nil: self.0.nil,
        })))
    }

    /// The elements, if this is their last holder.
    pub(super) fn into_items(self) -> Option<Vec<Value>> {
        Rc::into_inner(self.0).map(|mut data| std::mem::take(&mut data.items))
    }

    /// Whether both are the same slice in memory.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// A number that tells it from others, for cycle checks only.
    #[must_use]
    pub fn id(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self::new(items.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a List {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
