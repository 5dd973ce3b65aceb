//! Clusters, and the releases in them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::access::ReleaseRights;
use crate::operation::OperationSummary;

/// A cluster of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClusterSummary {
    pub name: String,
    /// Where releases go that name no namespace.
    pub default_namespace: String,
}

/// Where a release is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseId {
    pub cluster: String,
    pub namespace: String,
    pub name: String,
}

/// Which releases a list holds. Empty texts and `None` leave everything in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ReleaseQuery {
    pub cluster: Option<String>,
    pub namespace: Option<String>,
    pub status: Option<StatusGroup>,
    /// Only those for which the catalog has a newer version of the chart.
    pub outdated: bool,
    /// Part of the name, the chart or the namespace.
    pub q: String,
    pub sort: ReleaseSort,
    /// From 1.
    pub page: u32,
}

/// helm's status words as people look for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum StatusGroup {
    Deployed,
    Failed,
    /// Installation, upgrade, rollback or uninstallation under way, or given up.
    Pending,
    /// Uninstalled with its history kept.
    Uninstalled,
    Other,
}

impl StatusGroup {
    /// In the order they are offered.
    pub const ALL: [Self; 5] = [
        Self::Deployed,
        Self::Failed,
        Self::Pending,
        Self::Uninstalled,
        Self::Other,
    ];

    /// The word in addresses and documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::Failed => "failed",
            Self::Pending => "pending",
            Self::Uninstalled => "uninstalled",
            Self::Other => "other",
        }
    }

    /// The group of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.as_str() == word)
    }

    /// The group of helm's word for a status.
    pub fn of(status: &str) -> Self {
        match status {
            "deployed" => Self::Deployed,
            "failed" => Self::Failed,
            "pending-install" | "pending-upgrade" | "pending-rollback" | "uninstalling" => Self::Pending,
            "uninstalled" => Self::Uninstalled,
            _ => Self::Other,
        }
    }
}

/// What a list of releases is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ReleaseSort {
    /// By name, then namespace and cluster.
    #[default]
    Name,
    /// The last change first.
    Updated,
    Namespace,
}

impl ReleaseSort {
    /// In the order they are offered.
    pub const ALL: [Self; 3] = [Self::Name, Self::Updated, Self::Namespace];

    /// The word in addresses and documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Updated => "updated",
            Self::Namespace => "namespace",
        }
    }

    /// The order of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == word)
    }
}

/// One page of releases, and what could be narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseList {
    pub releases: Vec<ReleaseSummary>,
    /// Those that the query leaves, on all pages.
    pub n_found: usize,
    pub page: u32,
    pub n_pages: u32,
    /// Of every cluster of the query, in the order of the configuration.
    pub clusters: Vec<ClusterPart>,
    /// How many releases each group has, under the query without its status.
    pub status_counts: Vec<(StatusGroup, usize)>,
    /// How many are outdated, under the query without that condition.
    pub n_outdated: usize,
}

/// What a list holds of one cluster, and what is missing from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClusterPart {
    pub name: String,
    /// Under the query.
    pub n_found: usize,
    /// The namespaces that releases were found in, whatever the query.
    pub namespaces: Vec<String>,
    /// Why releases are missing: a cluster that is down, rights that are not held.
    pub problems: Vec<ClusterProblem>,
    /// Records that belong into the list and cannot be read.
    pub damaged: Vec<DamagedRecord>,
}

/// Why something of a cluster cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClusterProblem {
    /// A sentence.
    pub message: String,
    /// YAML of the roles that would help, where rights are missing.
    pub role_yaml: Option<String>,
}

/// A record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DamagedRecord {
    pub namespace: String,
    pub name: String,
    pub revision: i64,
    pub reason: String,
}

/// A release as lists show it: its newest revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseSummary {
    #[serde(flatten)]
    pub id: ReleaseId,
    pub revision: i64,
    /// helm's word.
    pub status: String,
    /// What helm says of the status: `Install complete`, or why it failed.
    pub description: String,
    pub chart: String,
    pub chart_version: String,
    pub app_version: String,
    /// Of the last change; `None` where the record has no time.
    pub updated: Option<Timestamp>,
    /// Who made the last change, where it was made here.
    pub by: Option<String>,
    /// The chart in the catalog, where it is known which one it is.
    pub source: Option<ReleaseSource>,
    /// A newer version of the chart that the catalog has.
    pub newer_version: Option<String>,
    /// What is being done with it here, now.
    pub operation: Option<OperationSummary>,
}

/// The chart of the catalog that a release is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseSource {
    pub repository: String,
    pub chart: String,
    /// Recorded when the release was made here; otherwise it is the only chart of the catalog with this name and version.
    pub is_recorded: bool,
    /// The path of the chart's icon below `/icons/`, if it has one.
    pub icon: Option<String>,
}

/// A release, as its page shows it first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseDetail {
    #[serde(flatten)]
    pub summary: ReleaseSummary,
    pub first_deployed: Option<Timestamp>,
    /// The revision whose objects are meant to be in the cluster; not always the newest.
    pub deployed_revision: Option<i64>,
    /// `NOTES.txt`, rendered.
    pub notes: String,
    /// The user's own labels.
    pub labels: BTreeMap<String, String>,
    pub chart_description: String,
    /// What is known of where the newest revision came from.
    pub origin: Option<Origin>,
    /// What the viewer may do with it.
    pub rights: ReleaseRights,
    /// Set where an operation was begun and nobody seems to go on with it.
    pub stuck: Option<Stuck>,
    /// Whether the chart has hooks for `helm test`.
    pub has_tests: bool,
    /// The size of the newest record, in bytes, and the most that a cluster keeps.
    pub record_size_bytes: usize,
    pub record_limit_bytes: usize,
}

/// Where a revision came from, recorded beside helm's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Origin {
    pub revision: i64,
    pub repository: String,
    pub chart: String,
    pub version: String,
    /// SHA-256 of the archive, in hex.
    pub digest: String,
    pub by: String,
    pub at: Timestamp,
}

/// An operation that nobody goes on with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stuck {
    /// helm's word, `pending-upgrade` for example.
    pub status: String,
    pub since: Option<Timestamp>,
    /// What happened as far as known, and what to do: sentences.
    pub explanation: String,
}

/// A revision in a release's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RevisionSummary {
    pub revision: i64,
    pub status: String,
    pub description: String,
    pub chart: String,
    pub chart_version: String,
    pub app_version: String,
    pub updated: Option<Timestamp>,
    pub by: Option<String>,
}

/// A release's revisions, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct History {
    pub revisions: Vec<RevisionSummary>,
    pub damaged: Vec<DamagedRecord>,
}

/// The values of a revision, as YAML.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RevisionValues {
    pub revision: i64,
    /// What the user gave, as it was typed where that is known, with its comments; empty where nothing was given.
    pub user: String,
    /// Whether `user` is the text as it was typed.
    pub is_as_typed: bool,
    /// Those with the chart's defaults.
    pub computed: String,
}

/// The manifest or the hooks of a revision. Data of Secrets is replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RevisionManifest {
    pub revision: i64,
    pub objects: Vec<ManifestPart>,
}

/// One object of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ManifestPart {
    pub kind: String,
    pub name: String,
    /// The template it came from.
    pub path: String,
    /// The events of a hook, `pre-install` for example.
    pub events: Vec<String>,
    pub yaml: String,
}

/// Two revisions side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Comparison {
    pub from: i64,
    pub to: i64,
    /// Chart versions, where they differ.
    pub chart: Option<(String, String)>,
    pub values: TextDifference,
    /// By object, in the order of the newer manifest, removed ones last; equal ones are left out.
    pub objects: Vec<ObjectDifference>,
    pub n_equal_objects: usize,
    pub notes: TextDifference,
}

/// One object in two manifests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ObjectDifference {
    pub kind: String,
    pub name: String,
    pub change: ObjectChange,
    pub text: TextDifference,
}

/// What happened to an object between two manifests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ObjectChange {
    Added,
    Changed,
    Removed,
}

/// What differs between two texts: parts of them with some equal lines around; no parts if they are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TextDifference {
    pub hunks: Vec<Hunk>,
    /// Set where there was more than is shown.
    pub is_cut: bool,
}

/// Lines that follow each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hunk {
    /// Line numbers, from 1, of its first line in both texts.
    pub from_line: usize,
    pub to_line: usize,
    pub lines: Vec<DifferenceLine>,
}

/// One line of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DifferenceLine {
    pub kind: LineKind,
    pub text: String,
}

/// Which of two texts a line is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum LineKind {
    Both,
    Old,
    New,
}

/// The objects of a release as they are in the cluster, and what can be said of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resources {
    /// The worst state of the objects.
    pub state: Option<ResourceState>,
    /// One sentence: what is not well and why, or that all is.
    pub summary: String,
    pub objects: Vec<Resource>,
    pub access: Vec<AccessPoint>,
    /// The newest first.
    pub events: Vec<ClusterEvent>,
    /// What could not be looked at, as sentences.
    pub problems: Vec<ClusterProblem>,
}

/// How an object is, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ResourceState {
    Ready,
    /// It could not be looked at.
    Unknown,
    Progressing,
    /// It is not there.
    Missing,
    Failed,
}

impl ResourceState {
    /// The word in documents and classes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Unknown => "unknown",
            Self::Progressing => "progressing",
            Self::Missing => "missing",
            Self::Failed => "failed",
        }
    }
}

/// An object, with those it owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resource {
    pub api_version: String,
    pub kind: String,
    pub namespace: Option<String>,
    pub name: String,
    pub state: ResourceState,
    /// Why it is not ready; what a ready one is worth telling ("3 of 3 replicas").
    pub message: String,
    pub created: Option<Timestamp>,
    /// Of a pod.
    pub containers: Vec<Container>,
    pub children: Vec<Self>,
}

/// A container of a pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Container {
    pub name: String,
    pub image: String,
    pub is_init: bool,
    pub is_ready: bool,
    /// In words: `running`, `waiting: ImagePullBackOff`, `terminated: Error (exit code 1)`.
    pub state: String,
    pub n_restarts: i64,
}

/// A way to reach what a release runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessPoint {
    /// `Ingress shop/web`.
    pub object: String,
    /// What to open; only `http` and `https`.
    pub url: Option<String>,
    /// A command that makes it reachable, where there is no address.
    pub command: Option<String>,
    /// What is known of it otherwise: that an address is not there yet, a port and a protocol.
    pub note: String,
}

/// An event of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClusterEvent {
    pub at: Option<Timestamp>,
    pub is_warning: bool,
    pub reason: String,
    /// `Pod shop/web-0`.
    pub object: String,
    pub message: String,
    pub count: i64,
}

/// How a release's objects differ from its manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Drift {
    pub revision: i64,
    /// Those that differ.
    pub objects: Vec<crate::plan::PlannedObject>,
    pub n_equal: usize,
    pub problems: Vec<ClusterProblem>,
}
