//! One chart and one version of it.

use serde::{Deserialize, Serialize};

use crate::signature::SignatureCheck;
use crate::time::Timestamp;

/// Everything the header and the rail of a chart's pages show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChartDetail {
    pub repository: String,
    /// The repository's URL as a helm client adds it.
    pub repository_url: String,
    pub name: String,
    /// The version shown.
    pub version: ChartVersion,
    /// The newest version of the chart (releases before pre-releases).
    pub latest_version: String,
    /// The newest versions, newest first, at most 12; the versions tab has all.
    pub newest_versions: Vec<VersionSummary>,
    pub n_versions: u32,
    /// Its repository is one of those that the configuration calls official.
    pub is_official: bool,
    /// What kind of software it is, inferred from its name where it does not say; empty where neither tells.
    pub category: String,
    /// Which tabs have content.
    pub contents: Contents,
    /// Who signed the archive; none where its repository has no keyring and it does not call itself signed, or where the
    /// archive is not here.
    pub signature: Option<SignatureCheck>,
}

/// One published archive of a chart, from its `Chart.yaml` or, before the archive is here, from the index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChartVersion {
    pub version: String,
    pub app_version: Option<String>,
    pub description: String,
    pub icon: Option<String>,
    pub home: Option<String>,
    pub sources: Vec<String>,
    pub keywords: Vec<String>,
    pub maintainers: Vec<Maintainer>,
    pub kube_version: Option<String>,
    pub license: Option<String>,
    pub deprecated: bool,
    pub is_library: bool,
    pub has_schema: bool,
    pub is_signed: bool,
    pub yanked: bool,
    /// Of a hosted chart: why another is to be used, as its people say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated_because: Option<String>,
    /// Of a hosted version: why it is in no index, as its people say. It can still be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yanked_because: Option<String>,
    pub created: Option<Timestamp>,
    /// Lower-case hexadecimal SHA-256 of the archive.
    pub digest: Option<String>,
    pub size_bytes: Option<u64>,
    pub dependencies: Vec<Dependency>,
    /// Container images named in values and annotations.
    pub images: Vec<String>,
    /// Where the archive can be had upstream.
    pub urls: Vec<String>,
    /// Whether the archive has been read.
    pub archive: ArchiveState,
    /// What is odd about the archive, in words.
    pub oddities: Vec<String>,
    /// What it changes, where it says so; 50 at most.
    pub changes: Vec<Change>,
}

/// One thing that a version changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// `added`, `changed`, `deprecated`, `removed`, `fixed` or `security`; empty where it says none of these.
    pub kind: String,
    /// One line of text.
    pub description: String,
    pub links: Vec<ChangeLink>,
}

/// A page about a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangeLink {
    pub name: String,
    /// `http` or `https`.
    pub url: String,
}

/// What changed from version to version, as the chart says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changelog {
    /// Versions that say what they change, the newest first: the version that was asked for and those before it, 100 at
    /// most.
    pub versions: Vec<VersionChanges>,
    /// The file in the archive that says so, such as `CHANGELOG.md`.
    pub file: Option<ChangelogFile>,
}

/// What one version changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionChanges {
    pub version: String,
    pub created: Option<Timestamp>,
    pub changes: Vec<Change>,
}

/// A file about changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangelogFile {
    /// Within the archive.
    pub path: String,
    pub prose: Prose,
}

/// Whether a version's archive is in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ArchiveState {
    Ready,
    /// It will be fetched when first viewed or by the next sync.
    Pending,
    /// The last attempt to fetch or read it ended with this reason.
    Failed {
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Maintainer {
    pub name: String,
    pub email: Option<String>,
    pub url: Option<String>,
}

/// A sub-chart as `Chart.yaml` or `requirements.yaml` declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dependency {
    pub name: String,
    pub version: String,
    pub repository: String,
    pub alias: Option<String>,
    pub condition: Option<String>,
    pub tags: Vec<String>,
    /// `repository/name` of the chart in this catalog that it means, where one is known.
    pub chart: Option<String>,
}

/// A row of the versions tab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionSummary {
    pub version: String,
    pub app_version: Option<String>,
    pub created: Option<Timestamp>,
    pub deprecated: bool,
    pub yanked: bool,
    pub is_prerelease: bool,
}

/// Which tabs of a chart version have content, with the numbers their labels show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Contents {
    pub has_readme: bool,
    pub has_values: bool,
    pub has_notes: bool,
    /// This version says what it changes, or its archive has a file that does.
    pub has_changelog: bool,
    pub n_templates: u32,
    pub n_crds: u32,
    pub n_files: u32,
    pub n_dependencies: u32,
}

/// Prose of a chart rendered to safe HTML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Prose {
    /// Sanitised; may be set as inner HTML.
    pub html: String,
    pub headings: Vec<Heading>,
}

/// An entry of a table of contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// The anchor in [`Prose::html`].
    pub id: String,
    pub text: String,
}
