//! What one render compiles and the next can use: regular expressions, constraints.
//!
//! A render takes the caches of its template set along and gives them back at its end, so that nothing is locked while
//! it runs. Renders at the same time start with empty ones; those of the last to end are kept.

use std::any::{Any, TypeId};
use std::fmt;

/// A cache that a render may hand on.
pub trait Keep: Any + Default + Send {
    /// Whether it is small enough to lie about between two renders: templates decide what is in it.
    fn is_small(&self) -> bool;
}

/// One cache of each type.
#[derive(Default)]
pub(crate) struct Caches(Vec<Entry>);

struct Entry {
    id: TypeId,
    cache: Box<dyn Any + Send>,
    is_small: fn(&dyn Any) -> bool,
}

impl Caches {
    /// The cache of type `T`, made on first use.
    // Linear search: there are a handful.
    pub(crate) fn get<T: Keep>(&mut self) -> &mut T {
        let id = TypeId::of::<T>();
        let index = match self.0.iter().position(|entry| entry.id == id) {
            Some(index) => index,
            None => {
                self.0.push(Entry {
                    id,
                    cache: Box::new(T::default()),
                    is_small: |cache| cache.downcast_ref().is_some_and(T::is_small),
                });
                self.0.len() - 1
            }
        };
        #[expect(
            clippy::expect_used,
            reason = "the entry at `index` was found or made for `T` just above"
        )]
        self.0
            .get_mut(index)
            .and_then(|entry| entry.cache.downcast_mut())
            .expect("cache of this type")
    }

    /// Those that may be kept.
    pub(crate) fn into_small(mut self) -> Self {
        self.0.retain(|entry| (entry.is_small)(&*entry.cache));
        self
    }
}

impl fmt::Debug for Caches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Caches({})", self.0.len())
    }
}
