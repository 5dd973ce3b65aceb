//! Operations on releases: what was asked for, and how far it is.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::release::ReleaseId;

/// What is done with a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum OperationKind {
    Install,
    Upgrade,
    Rollback,
    Uninstall,
    Test,
}

impl OperationKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Install,
        Self::Upgrade,
        Self::Rollback,
        Self::Uninstall,
        Self::Test,
    ];

    /// helm's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Upgrade => "upgrade",
            Self::Rollback => "rollback",
            Self::Uninstall => "uninstall",
            Self::Test => "test",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How far an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum OperationState {
    /// Accepted and not begun.
    Queued,
    Running,
    Succeeded,
    Failed,
    /// Somebody ended it, or its deadline did.
    Canceled,
    /// The process that did it went away; what it had begun was brought to an end afterwards.
    Interrupted,
}

impl OperationState {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Canceled,
        Self::Interrupted,
    ];

    /// The word in documents and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Interrupted => "interrupted",
        }
    }

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing more will happen.
    pub fn has_ended(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OperationSummary {
    pub id: String,
    pub kind: OperationKind,
    pub release: ReleaseId,
    pub state: OperationState,
    /// Who asked for it.
    pub by: String,
    pub created: Timestamp,
    pub ended: Option<Timestamp>,
    /// The revision that it made.
    pub revision: Option<i64>,
    /// Why it failed, or how it was brought to an end.
    pub message: String,
}

/// Something that happened during an operation. Numbers grow by one, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OperationEvent {
    pub number: i64,
    pub at: Timestamp,
    #[serde(flatten)]
    pub what: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Happened {
    /// The operation became this.
    State { state: OperationState, message: String },
    /// The record of the revision was created: the operation holds the release now.
    Recorded { revision: i64 },
    /// Something was done with an object; `object` is `Deployment shop/web`.
    Object { action: ObjectAction, object: String },
    /// A hook began; `phase` is `pre-install` for example.
    HookStarted { phase: String, hook: String },
    /// A hook ended.
    HookEnded {
        phase: String,
        hook: String,
        succeeded: bool,
    },
    /// What a container of a hook or test printed.
    Log {
        pod: String,
        container: String,
        text: String,
    },
    /// How many of the objects that are waited for are ready, and why the first that is not is not.
    Waiting {
        ready: usize,
        objects: usize,
        object: Option<String>,
        message: String,
    },
    /// What helm would log as a warning.
    Warning { message: String },
}

/// What was done with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ObjectAction {
    Created,
    Changed,
    Deleted,
    Kept,
}

impl ObjectAction {
    /// The word in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Deleted => "deleted",
            Self::Kept => "kept",
        }
    }
}

/// How to do an operation, beyond what it is. The defaults are helm's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct OperationOptions {
    pub wait: bool,
    pub wait_for_jobs: bool,
    /// For each step that waits.
    pub timeout_secs: u64,
    /// Undo everything if something fails; waits, too. helm's `--rollback-on-failure`, once `--atomic`.
    pub rollback_on_failure: bool,
    pub no_hooks: bool,
    pub skip_crds: bool,
    pub force_conflicts: bool,
    pub take_ownership: bool,
    pub create_namespace: bool,
    pub keep_history: bool,
    pub description: Option<String>,
    pub labels: std::collections::BTreeMap<String, String>,
    /// Revisions to keep; 0 for all.
    pub history_max: usize,
    /// What becomes of the values of the revision before.
    pub reuse_values: ReuseValues,
    /// How objects are deleted that others depend on.
    pub cascade: Cascade,
    /// Install where there is nothing to upgrade.
    pub install: bool,
    /// Of an installation: reuse the name of a release that failed, or was uninstalled and kept its history.
    pub replace: bool,
    /// Of an upgrade or a rollback: delete what was created if something fails.
    pub cleanup_on_failure: bool,
    /// Whether objects are applied by the API server or compared here.
    pub server_side: ServerSide,
    /// Replace objects instead of changing them.
    pub force_replace: bool,
    /// Notes of subcharts belong to the notes, too.
    pub render_subchart_notes: bool,
    /// Do not check values against the chart's schema.
    pub skip_schema_validation: bool,
    /// Of a test run: the names of the tests to run; none for all.
    pub only_tests: Vec<String>,
    /// Of a test run: the names of tests to leave out.
    pub except_tests: Vec<String>,
}

impl Default for OperationOptions {
    fn default() -> Self {
        Self {
            wait: false,
            wait_for_jobs: false,
            timeout_secs: 300,
            rollback_on_failure: false,
            no_hooks: false,
            skip_crds: false,
            force_conflicts: false,
            take_ownership: false,
            create_namespace: false,
            keep_history: false,
            description: None,
            labels: std::collections::BTreeMap::new(),
            history_max: 10,
            reuse_values: ReuseValues::default(),
            cascade: Cascade::default(),
            install: false,
            replace: false,
            cleanup_on_failure: false,
            server_side: ServerSide::default(),
            force_replace: false,
            render_subchart_notes: false,
            skip_schema_validation: false,
            only_tests: Vec::new(),
            except_tests: Vec::new(),
        }
    }
}

/// What an upgrade does with the values of the revision before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ReuseValues {
    /// Keep them if no values are given.
    #[default]
    IfNoneGiven,
    /// Keep them and put the given ones over them.
    Reuse,
    /// Forget them.
    Reset,
    /// The chart's new defaults, then the old user's values, then the given ones.
    ResetThenReuse,
}

/// Who puts the fields of objects together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ServerSide {
    /// As the revision was that it starts from; the API server for an installation.
    #[default]
    Auto,
    /// The API server.
    Yes,
    /// Chartroom, by a patch.
    No,
}

/// What becomes of objects that depend on deleted ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Cascade {
    #[default]
    Background,
    Foreground,
    Orphan,
}

/// A chart of the catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChartReference {
    pub repository: String,
    pub name: String,
    /// A version, or a range of them of which the newest is taken. `None` means the newest stable.
    #[serde(default)]
    pub version: Option<String>,
}

/// How the message of an uninstallation that succeeded begins; what was kept in the cluster follows.
pub const UNINSTALLED: &str = "It is uninstalled.";

/// What to do with a release, as it is planned or begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "operation", rename_all = "lowercase")]
pub enum OperationRequest {
    Install {
        chart: ChartReference,
        /// The user's values as YAML, as typed.
        #[serde(default)]
        values: String,
        #[serde(default)]
        options: OperationOptions,
    },
    Upgrade {
        /// `None` means the chart that the release has, as it is recorded.
        #[serde(default)]
        chart: Option<ChartReference>,
        #[serde(default)]
        values: String,
        #[serde(default)]
        options: OperationOptions,
    },
    Rollback {
        /// `None` means the revision before the last.
        #[serde(default)]
        revision: Option<i64>,
        #[serde(default)]
        options: OperationOptions,
    },
    Uninstall {
        #[serde(default)]
        options: OperationOptions,
    },
    Test {
        #[serde(default)]
        options: OperationOptions,
    },
}

impl OperationRequest {
    /// What it is.
    pub fn kind(&self) -> OperationKind {
        match self {
            Self::Install { .. } => OperationKind::Install,
            Self::Upgrade { .. } => OperationKind::Upgrade,
            Self::Rollback { .. } => OperationKind::Rollback,
            Self::Uninstall { .. } => OperationKind::Uninstall,
            Self::Test { .. } => OperationKind::Test,
        }
    }
}
