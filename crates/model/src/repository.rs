//! Where charts come from.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A repository as a row of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RepositorySummary {
    pub name: String,
    /// Without credentials.
    pub url: String,
    pub kind: RepositoryKind,
    pub n_charts: u64,
    pub n_versions: u64,
    pub state: SyncState,
    /// Visitors do not know of it.
    pub is_private: bool,
    /// What whoever asks may do with it.
    pub can: Vec<RepositoryAction>,
}

/// Something that can be done with a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RepositoryAction {
    /// Get charts.
    Pull,
    /// Upload charts, and say what is deprecated or yanked.
    Push,
    /// Delete charts, and take that back.
    Delete,
    /// Decide who sees charts; of a repository that is followed, remove it.
    Manage,
    /// Start a sync.
    Sync,
}

/// How a repository's charts get here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RepositoryKind {
    /// The charts this binary brings along.
    Samples,
    /// An `index.yaml` elsewhere, refreshed on a schedule.
    Synced,
    /// Charts that are uploaded here.
    Hosted,
}

/// What is known about a repository's syncs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncState {
    pub last_success: Option<Timestamp>,
    pub last_attempt: Option<Timestamp>,
    pub next_run: Option<Timestamp>,
    /// Set while a sync runs.
    pub running: Option<SyncProgress>,
    /// Why the last attempt did not succeed, in words.
    pub last_error: Option<String>,
    /// Entries of the index that were left out.
    pub n_skipped: u64,
    /// The index shrank so much that it was not taken over: an operator has to accept it.
    pub held: Option<HeldIndex>,
    /// Archives not yet fetched that the policy wants.
    pub n_archives_pending: u64,
    pub n_archives_failed: u64,
}

/// How far a running sync is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncProgress {
    pub phase: SyncPhase,
    pub n_done: u64,
    /// Zero while it is not known.
    pub n_total: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SyncPhase {
    Index,
    Archives,
}

/// An index that was received but not taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldIndex {
    pub n_versions_before: u64,
    pub n_versions_now: u64,
}

/// Everything the page of a repository shows above its charts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RepositoryDetail {
    pub summary: RepositorySummary,
    /// Why entries were left out, newest sync, at most 100.
    pub skipped: Vec<SkippedEntry>,
    /// The newest runs, newest first, at most 20.
    pub history: Vec<SyncRun>,
    /// Of a hosted one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosted: Option<crate::hosted::HostedRepository>,
}

/// An entry of an index that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SkippedEntry {
    /// As the index says it, shortened and free of control characters.
    pub name: String,
    pub version: String,
    pub reason: String,
}

/// One finished run of a sync.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncRun {
    pub started: Timestamp,
    pub duration_ms: u64,
    /// The upstream said that nothing changed.
    pub unchanged: bool,
    pub n_added: u64,
    pub n_changed: u64,
    pub n_yanked: u64,
    pub n_archives: u64,
    pub error: Option<String>,
}
