//! Finds the conformance data, which lives outside the repository.

use std::path::{Path, PathBuf};

/// The conformance folder; where it is absent the calling test skips loudly, except in CI, where absence fails.
pub(crate) fn folder() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named = std::env::var_os("CHARTROOM_CONFORMANCE").map(PathBuf::from);
    let near = ["../shared/conformance", "../../shared/conformance"].map(|relative| workspace.join(relative));
    let found = named.into_iter().chain(near).find(|folder| folder.is_dir());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "the conformance data is missing"
        );
        #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("SKIPPED: the conformance data is missing");
        }
    }
    found
}

/// Every chart archive of the conformance data, in a fixed order.
pub(crate) fn archives(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for corpus in std::fs::read_dir(folder.join("charts")).expect("charts folder") {
        for archive in std::fs::read_dir(corpus.expect("corpus").path()).expect("corpus folder") {
            let path = archive.expect("archive").path();
            if path.extension().is_some_and(|extension| extension == "tgz") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
