//! What the containers of a release print.

use serde::{Deserialize, Serialize};

use crate::release::ClusterProblem;

/// The containers whose logs can be read, and one of the logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseLogs {
    pub pods: Vec<LogPod>,
    /// The one that was asked for, else the first; `None` where there is none or it could not be read.
    pub shown: Option<ContainerLog>,
    /// What could not be looked at.
    pub problems: Vec<ClusterProblem>,
}

/// A pod of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogPod {
    pub name: String,
    pub containers: Vec<LogContainer>,
}

/// A container that may have a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogContainer {
    pub name: String,
    pub n_restarts: i64,
}

/// The end of a container's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContainerLog {
    pub pod: String,
    pub container: String,
    /// Of the container before its last restart.
    pub is_previous: bool,
    pub text: String,
    /// Whether there was more before.
    pub is_cut: bool,
}
