//! One chart version of an index.

use std::collections::BTreeMap;

use super::skip::EntryNote;
use super::timestamp::Timestamp;
use crate::chart::{Dependency, ImportValue, Metadata};

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

impl IndexEntry {
    /// The entry of a chart's archive that lies at `url` and has this SHA-256: what `helm repo index` makes of it.
    pub fn of_chart(metadata: &Metadata, url: String, digest: String, created: Timestamp) -> Self {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            chart: metadata.name.clone(),
            name: metadata.name.clone(),
            version: metadata.version.clone(),
            urls: vec![url],
            digest: Some(digest),
            created: Some(created),
            removed: false,
            deprecated: metadata.deprecated,
            kind: match metadata.kind.as_str() {
                "library" => ChartKind::Library,
                _ => ChartKind::Application,
            },
            api_version: metadata.api_version.clone(),
            app_version: some(&metadata.app_version),
            kube_version: some(&metadata.kube_version),
            description: some(&metadata.description),
            home: some(&metadata.home),
            icon: some(&metadata.icon),
            condition: some(&metadata.condition),
            tags: some(&metadata.tags),
            sources: metadata.sources.clone(),
            keywords: metadata.keywords.clone(),
            maintainers: metadata
                .maintainers
                .iter()
                .map(|maintainer| IndexMaintainer {
                    name: maintainer.name.clone(),
                    email: some(&maintainer.email),
                    url: some(&maintainer.url),
                })
                .collect(),
            dependencies: metadata
                .dependencies
                .iter()
                .flatten()
                .map(IndexDependency::of_chart)
                .collect(),
            annotations: metadata.annotations.clone().unwrap_or_default(),
            notes: Vec::new(),
        }
    }
}

impl IndexDependency {
    fn of_chart(dependency: &Dependency) -> Self {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            name: dependency.name.clone(),
            version: some(&dependency.version),
            repository: some(&dependency.repository),
            condition: some(&dependency.condition),
            tags: dependency.tags.clone(),
            enabled: dependency.enabled,
            import_values: dependency
                .import_values
                .iter()
                .map(|value| match value {
                    ImportValue::Declared(tree) => tree.to_json(),
                    ImportValue::Resolved { child, parent } => {
                        serde_json::json!({ "child": child, "parent": parent })
                    }
                })
                .collect(),
            alias: some(&dependency.alias),
        }
    }
}
