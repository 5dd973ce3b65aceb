//! What the tests share.

pub(crate) mod cosign;
pub(crate) mod databases;
pub(crate) mod distribution;
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

/// A file of the samples that real gpg, helm and cosign made for the crate that verifies.
pub(crate) fn signature_sample(name: &str) -> std::path::PathBuf {
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../signatures/tests/it/samples");
    std::path::Path::new(samples).join(name)
}
