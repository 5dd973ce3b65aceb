//! One chart version of an index.

use std::collections::BTreeMap;

use super::skip::EntryNote;
use super::timestamp::Timestamp;

/// What an index says about one version of a chart. Text is cleaned of hidden characters as Helm cleans it; absent and
/// empty are the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexEntry {
    /// The key of `entries` it stands under: what `helm pull repo/<chart>` finds it by.
    pub chart: String,
    /// What it calls itself; nearly always the same as `chart`.
    pub name: String,
    pub version: String,
    /// As written, or resolved relative to the repository by [`super::resolve_url`]; at least one, `http`, `https`,
    /// `oci` or relative.
    pub urls: Vec<String>,
    /// SHA-256 of the archive, 64 lower-case hex digits without prefix.
    pub digest: Option<String>,
    pub created: Option<Timestamp>,
    pub removed: bool,
    pub deprecated: bool,
    pub kind: ChartKind,
    pub api_version: String,
    pub app_version: Option<String>,
    pub kube_version: Option<String>,
    pub description: Option<String>,
    pub home: Option<String>,
    pub icon: Option<String>,
    pub condition: Option<String>,
    pub tags: Option<String>,
    pub sources: Vec<String>,
    pub keywords: Vec<String>,
    pub maintainers: Vec<IndexMaintainer>,
    pub dependencies: Vec<IndexDependency>,
    pub annotations: BTreeMap<String, String>,
    /// What is wrong with it without making it useless.
    pub notes: Vec<EntryNote>,
}

/// The `type` of a chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChartKind {
    #[default]
    Application,
    Library,
}

impl ChartKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Library => "library",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexMaintainer {
    pub name: String,
    pub email: Option<String>,
    pub url: Option<String>,
}

/// A chart that a chart needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexDependency {
    pub name: String,
    pub version: Option<String>,
    pub repository: Option<String>,
    pub condition: Option<String>,
    pub tags: Vec<String>,
    pub enabled: bool,
    pub import_values: Vec<serde_json::Value>,
    pub alias: Option<String>,
}
