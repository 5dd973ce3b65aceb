//! What runs without anybody asking.

use crate::Backend;

/// The background work of a [`Backend`]; dropping it stops the work without waiting.
pub struct Jobs {
    _backend: Backend,
}

impl Jobs {
    pub(crate) fn start(backend: Backend) -> Self {
        Self { _backend: backend }
    }

    /// Stops taking up work and waits until what runs has come to a safe end.
    pub async fn shutdown(self) {}
}
