//! The samples.

use std::path::Path;

use signatures::Archive;

/// A day in March 2026: the samples were signed in February.
pub(crate) const NOW: i64 = 1_773_532_800;

/// A file of `samples`.
pub(crate) fn sample(path: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/samples")
        .join(path);
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// SHA-256 of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    sum.as_ref().try_into().expect("32 bytes")
}

/// Asks about the archive that the samples are about.
pub(crate) fn with_archive<T>(ask: impl FnOnce(&Archive<'_>) -> T) -> T {
    let sha256 = sha256(&sample("bare-0.1.0.tgz"));
    ask(&Archive {
        file_name: "bare-0.1.0.tgz",
        name: "bare",
        version: "0.1.0",
        sha256: &sha256,
    })
}
