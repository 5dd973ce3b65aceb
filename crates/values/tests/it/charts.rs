//! The charts of the conformance data, read at run time; nothing of them is kept here.

use std::fs;
use std::path::PathBuf;

use helm::chart::Chart;

/// `CHARTROOM_CONFORMANCE`, or `shared/conformance` beside the work tree; `None`, loudly, where it is absent.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("CHARTROOM_CONFORMANCE").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance"),
        PathBuf::from,
    );
    if folder.join("charts").is_dir() {
        return Some(folder);
    }
    let in_ci = std::env::var_os("CI").is_some();
    assert!(!in_ci, "no charts in {}", folder.display());
    say(&format!("skipped: no charts in {}", folder.display()));
    None
}

/// Prints past the test harness' capture, so that figures are seen where the tests pass.
pub(crate) fn say(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Every chart archive, by path.
pub(crate) fn archives() -> Vec<PathBuf> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for corpus in ["bitnami", "stable"] {
        let entries = fs::read_dir(folder.join("charts").join(corpus)).unwrap();
        found.extend(entries.map(|entry| entry.unwrap().path()));
    }
    found.sort();
    found
}

pub(crate) fn load(archive: &PathBuf) -> Chart {
    Chart::from_archive(&fs::read(archive).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", archive.display()))
}

pub(crate) fn values_text(chart: &Chart) -> Option<String> {
    let text = chart.values_text.as_ref()?;
    Some(String::from_utf8(text.to_vec()).unwrap())
}
