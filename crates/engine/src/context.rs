//! What a running function may reach: the host, the budget and caches that live as long as the render.

use std::any::{Any, TypeId};

use crate::host::Host;
use crate::limits::{Budget, Limits};

/// The state of one render as functions see it.
pub struct Context<'r> {
    host: &'r dyn Host,
    budget: Budget,
    caches: Vec<(TypeId, Box<dyn Any>)>,
}

impl<'r> Context<'r> {
    /// A fresh context.
    #[must_use]
    pub fn new(host: &'r dyn Host, limits: Limits) -> Self {
        Self {
            host,
            budget: Budget::new(limits),
            caches: Vec::new(),
        }
    }

    /// The outside world.
    #[must_use]
    pub fn host(&self) -> &'r dyn Host {
        self.host
    }

    /// What may still be spent.
    pub fn budget(&mut self) -> &mut Budget {
        &mut self.budget
    }

    /// The render's one `T`, made on first use: compiled regular expressions, parsed constraints and the like.
    // Linear search: there are a handful of caches, each a type of its own.
    pub fn cache<T: Default + 'static>(&mut self) -> &mut T {
        let id = TypeId::of::<T>();
        let index = match self.caches.iter().position(|(known, _)| *known == id) {
            Some(index) => index,
            None => {
                self.caches.push((id, Box::new(T::default())));
                self.caches.len() - 1
            }
        };
        #[expect(
            clippy::expect_used,
            reason = "the entry at `index` was found or made for `T` just above"
        )]
        self.caches
            .get_mut(index)
            .and_then(|(_, cache)| cache.downcast_mut())
            .expect("cache of this type")
    }
}
