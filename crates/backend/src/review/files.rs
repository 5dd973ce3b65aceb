//! Files of two archives: which came, went or differ, and how.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use helm::archive::ChartFiles;
use model::files::FileKind;
use model::release::{ObjectChange, TextDifference};
use model::review::{FileChange, FileChanges};

use crate::difference::difference;
use crate::sync::kind_of;

/// Files that are told.
const MAX_FILES: usize = 300;
/// A longer text is not compared line by line.
const MAX_TEXT_BYTES: usize = 1 << 20;
/// Time for all files together; files that are left then are only told.
const MAX_TIME: Duration = Duration::from_secs(4);

/// Lines of differences that one page holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lines {
    left: usize,
}

impl Lines {
    pub(crate) fn new(left: usize) -> Self {
        Self { left }
    }

    /// Takes what a difference needs; `false` where it is more than there is.
    pub(crate) fn take(&mut self, text: &TextDifference) -> bool {
        let n = text.hunks.iter().map(|hunk| hunk.lines.len()).sum();
        match self.left.checked_sub(n) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

/// How the files differ: templates first, then what else is the chart's own, then its sub-charts.
pub(crate) fn changes(before: &ChartFiles, after: &ChartFiles, mut lines: Lines) -> FileChanges {
    let started = Instant::now();
    let (old, new) = (by_path(before), by_path(after));
    let mut paths: Vec<&str> = old.keys().chain(new.keys()).copied().collect();
    paths.sort_unstable_by_key(|path| (rank(path), *path));
    paths.dedup();
    let mut found = FileChanges::default();
    for path in paths {
        let (was, is) = (old.get(path).copied(), new.get(path).copied());
        if was == is {
            found.n_equal += 1;
            continue;
        }
        if found.changes.len() == MAX_FILES {
            found.n_left_out += 1;
            continue;
        }
        let mut change = FileChange {
            path: path.to_owned(),
            kind: kind_of(path),
            change: match (was, is) {
                (None, _) => ObjectChange::Added,
                (_, None) => ObjectChange::Removed,
                _ => ObjectChange::Changed,
            },
            before_bytes: was.map(|bytes| bytes.len() as u64),
            after_bytes: is.map(|bytes| bytes.len() as u64),
            text: None,
            note: None,
        };
        if let (Some(was), Some(is)) = (was, is) {
            match told(was, is, started) {
                Ok(text) if lines.take(&text) => change.text = Some(text),
                Ok(_) => {
                    change.note =
                        Some("More differs between these versions than a page can show.".to_owned());
                }
                Err(note) => change.note = Some(note.to_owned()),
            }
        }
        found.changes.push(change);
    }
    found
}

fn told(was: &[u8], is: &[u8], started: Instant) -> Result<TextDifference, &'static str> {
    if was.len() > MAX_TEXT_BYTES || is.len() > MAX_TEXT_BYTES {
        return Err("It is too long to be compared line by line.");
    }
    let (Some(was), Some(is)) = (text(was), text(is)) else {
        return Err("It is not text.");
    };
    if started.elapsed() > MAX_TIME {
        return Err("More differs between these versions than can be compared at once.");
    }
    Ok(difference(was, is))
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\0'))
}

/// The files by path; of two files at one path the last counts.
fn by_path(files: &ChartFiles) -> BTreeMap<&str, &[u8]> {
    let files = files.files.iter();
    files
        .map(|file| (file.path.as_str(), file.data.as_ref()))
        .collect()
}

fn rank(path: &str) -> usize {
    match kind_of(path) {
        _ if path.starts_with("charts/") => 4,
        FileKind::Template | FileKind::Notes => 0,
        FileKind::Crd => 1,
        FileKind::Values | FileKind::Schema | FileKind::Metadata => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use helm::archive::{ArchiveLimits, ChartFiles, Modified, pack};
    use model::release::ObjectChange;

    use super::{Lines, changes};

    fn files(files: &[(&str, &[u8])]) -> ChartFiles {
        let archive = pack("c", files.iter().copied(), Modified::default()).expect("it packs");
        ChartFiles::from_bytes(&archive, &ArchiveLimits::default()).expect("it unpacks")
    }

    #[test]
    fn files_are_compared_by_path_templates_first() {
        let before = files(&[
            ("Chart.yaml", b"version: 1\n"),
            ("README.md", b"same\n"),
            ("logo.png", b"\0a"),
            ("charts/x/values.yaml", b"a: 1\n"),
            ("templates/b.yaml", b"b\n"),
        ]);
        let after = files(&[
            ("Chart.yaml", b"version: 2\n"),
            ("README.md", b"same\n"),
            ("logo.png", b"\0b"),
            ("charts/x/values.yaml", b"a: 2\n"),
            ("templates/a.yaml", b"a\n"),
        ]);
        let found = changes(&before, &after, Lines::new(100));
        let told: Vec<_> = found
            .changes
            .iter()
            .map(|change| {
                (
                    change.path.as_str(),
                    change.change,
                    change.text.is_some(),
                    change.note.is_some(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("templates/a.yaml", ObjectChange::Added, false, false),
                ("templates/b.yaml", ObjectChange::Removed, false, false),
                ("Chart.yaml", ObjectChange::Changed, true, false),
                ("logo.png", ObjectChange::Changed, false, true),
                ("charts/x/values.yaml", ObjectChange::Changed, true, false),
            ]
        );
        assert_eq!(found.n_equal, 1);
    }

    #[test]
    fn lines_and_files_run_out() {
        let numbered: Vec<(String, String)> = (0..400)
            .map(|number| (format!("f{number:03}"), format!("{number}\n")))
            .collect();
        let before: Vec<(&str, &[u8])> = numbered
            .iter()
            .map(|(path, _)| (path.as_str(), b"x\n".as_slice()))
            .collect();
        let after: Vec<(&str, &[u8])> = numbered
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_bytes()))
            .collect();
        let found = changes(&files(&before), &files(&after), Lines::new(20));
        assert_eq!((found.changes.len(), found.n_left_out), (300, 100));
        let n_shown = found
            .changes
            .iter()
            .filter(|change| change.text.is_some())
            .count();
        assert_eq!(n_shown, 10);
        assert!(found.changes[10].note.is_some());
    }
}
