//! Charts: a tree of files with a Chart.yaml, as loaded and before any value is applied.

mod crds;
mod decode;
mod ignore;
mod load;
mod metadata;
mod name;
mod path_match;
mod sanitize;

pub use crds::Crd;
pub(crate) use crds::crds_of;
pub use decode::DecodeError;
pub(crate) use decode::{Decoder, decode_yaml, field_named};
pub use ignore::{IGNORE_FILE, IgnoreError, IgnoreRules, filter_directory};
pub use load::LoadError;
pub(crate) use load::extension;
pub(crate) use metadata::{DEPENDENCY_FIELDS, Draft, MAINTAINER_FIELDS};
pub use metadata::{Dependency, ImportValue, Lock, Maintainer, Metadata, MetadataError};
pub use name::{ReleaseNameError, validate_release_name};
pub use path_match::{BadPattern, path_match};

pub use crate::archive::ChartFile;

use bytes::Bytes;

pub use crate::archive::Modified;
use crate::values::Table;

impl ChartFile {
    /// A file that came from no archive.
    pub fn new(path: impl Into<String>, data: impl Into<Bytes>) -> Self {
        Self {
            path: path.into(),
            data: data.into(),
            modified: Modified::default(),
        }
    }
}

/// A loaded chart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chart {
    pub metadata: Metadata,
    pub lock: Option<Lock>,
    /// Everything below `templates/`, partials and NOTES.txt included.
    pub templates: Vec<ChartFile>,
    /// The default values.
    pub values: Table,
    /// values.yaml as it was written, comments and all.
    pub values_text: Option<Bytes>,
    /// values.schema.json
    pub schema: Option<Bytes>,
    /// All other files: what templates reach through `.Files`.
    pub files: Vec<ChartFile>,
    /// The subcharts in `charts/`, by directory name.
    pub dependencies: Vec<Self>,
    /// When Chart.yaml and values.schema.json were changed; records tell it.
    pub metadata_modified: Option<Modified>,
    pub schema_modified: Option<Modified>,
    /// What Helm logs while it loads the chart.
    pub warnings: Vec<String>,
}

impl Chart {
    /// The README, under whatever case and extension Helm looks for.
    pub fn readme(&self) -> Option<&ChartFile> {
        let is_readme = |file: &&ChartFile| {
            ["readme.md", "readme.txt", "readme"]
                .iter()
                .any(|name| file.path.eq_ignore_ascii_case(name))
        };
        self.files.iter().find(is_readme)
    }

    /// The names of declared dependencies for which `charts/` holds no chart.
    pub fn missing_dependencies(&self) -> Vec<&str> {
        let is_there = |name: &str| self.dependencies.iter().any(|chart| chart.metadata.name == name);
        let declared = self.metadata.dependencies.iter().flatten();
        declared
            .map(|dependency| dependency.name.as_str())
            .filter(|name| !is_there(name))
            .collect()
    }

    /// The files of `crds/` of the chart and of all its subcharts, whether values switch them on or not.
    pub fn crds(&self) -> Vec<&ChartFile> {
        let below = self.dependencies.iter().flat_map(Self::crds);
        crds_of(self).chain(below).collect()
    }
}

pub(crate) fn path_components(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
}
