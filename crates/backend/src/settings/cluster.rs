//! Settings of clusters, and of what is done in them.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a cluster keeps the records of releases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RecordDriver {
    /// Helm's default.
    #[default]
    Secrets,
    /// For what was installed with `HELM_DRIVER=configmap`.
    ConfigMaps,
}

/// A Kubernetes cluster that releases are shown and changed in.
///
/// Chartroom's own identity there (of the kubeconfig or the service account) only impersonates: every request is made as
/// the user who asks, or with a token that the user gives for the cluster.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterSettings {
    /// The name in addresses and roles: lower-case letters, digits, `-` and `.`.
    /// With `every_context`, what the names of all begin with; it may be empty then.
    pub name: String,
    /// A kubeconfig file; without one the service account of the pod that Chartroom runs in is used.
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig, instead of its current one.
    pub context: Option<String>,
    /// Every context of the kubeconfig is a cluster, named after its context with `-` for what names cannot have.
    /// The file is read when Chartroom starts.
    pub every_context: bool,
    /// Where records are kept.
    pub driver: RecordDriver,
    /// Users who gave no token of theirs are impersonated.
    /// Without it, each has to give one, and of the kubeconfig only the address and the certificates are used.
    pub impersonate: bool,
}

impl Default for ClusterSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            kubeconfig: None,
            context: None,
            every_context: false,
            driver: RecordDriver::default(),
            impersonate: true,
        }
    }
}

/// What is done with releases.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReleaseSettings {
    /// Operations that run at the same time in this process; others wait.
    pub max_operations: u32,
    /// An operation that takes longer is ended, as failed.
    pub operation_deadline_secs: u64,
    /// How long what an operation did can be looked up.
    pub operation_keep_days: u32,
    /// How long a plan can be applied.
    pub plan_keep_secs: u64,
    /// A plan that takes longer is given up. It is asked for by a request, so it has to be shorter than
    /// `server.request_timeout_secs`, and than what proxies in between allow.
    pub plan_timeout_secs: u64,
}

impl Default for ReleaseSettings {
    fn default() -> Self {
        Self {
            max_operations: 16,
            operation_deadline_secs: 3600,
            operation_keep_days: 90,
            plan_keep_secs: 900,
            plan_timeout_secs: 50,
        }
    }
}
