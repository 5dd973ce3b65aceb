//! What the tests share.

pub(crate) mod databases;
pub(crate) mod hosted;
pub(crate) mod registry;
pub(crate) mod tls;
pub(crate) mod upstream;
pub(crate) mod world;

/// A runtime for one test.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}
