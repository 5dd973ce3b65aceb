//! Charts: a tree of files with a Chart.yaml, as loaded and before any value is applied.

mod ignore;
mod name;
mod path_match;

pub use ignore::{IGNORE_FILE, IgnoreError, IgnoreRules, filter_directory};
pub use name::{ReleaseNameError, validate_release_name};
pub use path_match::{BadPattern, path_match};

/// One file of a chart: its path below the chart's directory and its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartFile {
    pub name: String,
    pub data: Vec<u8>,
}

impl ChartFile {
    pub fn new(name: impl Into<String>, data: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            data: data.into(),
        }
    }
}

pub(crate) fn path_components(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
}
