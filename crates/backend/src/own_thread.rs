//! Work that a thread does for itself: reading charts and rendering them keeps a processor busy, and a chart can be slow
//! on purpose. Threads that answer requests do none of it.

use std::future::Future;

use tokio::runtime::Handle;

use crate::{Error, Result};

/// Does `work` on a thread of its own, where it may take its time.
///
/// `work` makes the future there, so that the future need not move between threads.
pub(crate) async fn on_own_thread<T, F>(work: impl FnOnce() -> F + Send + 'static) -> Result<T>
where
    T: Send + 'static,
    F: Future<Output = T>,
{
    let handle = Handle::current();
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(|| handle.block_on(work())))
        .await
        .map_err(Error::internal)
}
