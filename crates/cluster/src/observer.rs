//! What an operation tells while it runs.

use helm::manifest::HookEvent;

use crate::manifest::Place;

/// Something that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// The record of a revision was created: the operation holds the release now.
    Recorded {
        revision: i64,
    },
    Created(&'a Place),
    Changed(&'a Place),
    Deleted(&'a Place),
    /// Left alone because it asks for it.
    Kept(&'a Place),
    HookStarted {
        event: HookEvent,
        name: &'a str,
        path: &'a str,
    },
    HookEnded {
        event: HookEvent,
        name: &'a str,
        succeeded: bool,
    },
    /// What a container of a hook printed. It can hold anything; never log it.
    HookLog {
        namespace: &'a str,
        pod: &'a str,
        container: &'a str,
        text: &'a str,
    },
    /// How many of the objects that are waited for are ready, and one that is not.
    Waiting {
        ready: usize,
        objects: usize,
        first: Option<&'a Place>,
        message: &'a str,
    },
    /// What helm would log as a warning.
    Warning(&'a str),
}

/// Who is told.
pub trait Observer: Send + Sync {
    /// Called as things happen; must not block.
    fn event(&self, event: Event<'_>);
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _: Event<'_>) {}
}
