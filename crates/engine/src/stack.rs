//! A bound on native recursion.
//!
//! Parser, executor and printer recurse as deeply as a template says, and frames differ between builds, so what
//! is measured is the stack itself: the distance between an address taken at the start and one taken now.

/// Knows where the stack was when work began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StackGuard {
    base: usize,
    limit: usize,
}

impl StackGuard {
    /// Starts here; `limit` bytes may be used from now on.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            base: address(),
            limit,
        }
    }

    /// Whether less than the limit has been used.
    pub(crate) fn has_room(self) -> bool {
        self.base.abs_diff(address()) < self.limit
    }

    /// The bytes that may be used.
    pub(crate) fn limit(self) -> usize {
        self.limit
    }
}

#[inline(never)]
fn address() -> usize {
    let marker = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&marker)).addr()
}

/// Runs `work` on a thread with a stack of `bytes`, for templates that nest as deeply as Helm lets them.
///
/// Where there are no threads (in the browser) it runs in place, and [`Limits::max_stack_bytes`] has to be small.
///
/// [`Limits::max_stack_bytes`]: crate::Limits::max_stack_bytes
pub fn with_deep_stack<T: Send>(bytes: usize, work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    #[cfg(target_family = "wasm")]
    {
        let _ = bytes;
        Ok(work())
    }
    #[cfg(not(target_family = "wasm"))]
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(bytes)
            .spawn_scoped(scope, work)?;
        match thread.join() {
            Ok(result) => Ok(result),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
