//! Releases as helm records them, for programs that speak helm's language.
//!
//! Pages and most programs read [`release`](crate::release): it says in fewer words what a revision is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::operation::OperationRequest;
use crate::release::DamagedRecord;

/// A revision.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseRecord {
    /// The JSON that helm stores, with helm's names of fields; data of Secrets are replaced in manifest and hooks.
    pub release: Value,
    /// All labels of the record, helm's own among them.
    pub labels: BTreeMap<String, String>,
    /// What an uninstallation leaves in the cluster, in helm's words; empty for everything else.
    #[serde(default)]
    pub kept: String,
}

/// Revisions in a row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordList {
    /// As helm stores them, but without manifest, hooks, values and the files of the chart.
    pub records: Vec<Value>,
    /// Those that belong here and cannot be read.
    pub damaged: Vec<DamagedRecord>,
}

/// Which revisions a list of a cluster holds, in `helm list`'s terms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RecordQuery {
    /// Without one, all namespaces; that takes a role for all of them.
    pub namespace: Option<String>,
    /// helm's words separated by commas: `deployed`, `failed`, `pending`, `superseded`, `uninstalled`, `uninstalling`.
    /// Empty for all. `superseded` alone gives all superseded revisions, otherwise the newest of each release count.
    pub status: String,
    /// A regular expression in Go's syntax that names have to match.
    pub filter: String,
    /// A label selector.
    pub selector: String,
    pub order: RecordOrder,
    pub reverse: bool,
    pub offset: usize,
    /// 0 for no limit.
    pub max: usize,
}

/// What a list of records is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum RecordOrder {
    #[default]
    Name,
    /// The last deployment, the oldest first.
    Date,
}

/// The objects of a revision as they are in the cluster now, by version and kind such as `v1/Service`.
pub type LiveObjects = BTreeMap<String, Vec<Value>>;

/// An operation that is only simulated, with the record that it would make as the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DryRunRequest {
    #[serde(default)]
    pub mode: DryRunMode,
    /// Leave Secrets out of the manifest altogether.
    #[serde(default)]
    pub hide_secrets: bool,
    #[serde(flatten)]
    pub request: OperationRequest,
}

/// How far a simulation goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum DryRunMode {
    /// Templates see nothing of the cluster.
    #[default]
    Client,
    /// Templates see the cluster, and objects are compared with it.
    Server,
}
