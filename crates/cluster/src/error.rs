//! What can go wrong between here and a cluster.
//!
//! The texts are helm's wherever helm has one: they are stored in records, and scripts look for them.

use std::sync::Arc;

use helm::manifest::{HookEvent, ManifestError};
use helm::release::{DecodeError, SYSTEM_LABELS};
use helm::render::RenderFailure;
use helm::values::TypeMismatch;

use crate::SelectorError;
use crate::manifest::UnknownKind;
use crate::patch::PatchError;
use crate::wait::Unready;

/// Why a cluster did not give what was asked for. No variant holds anything of a record.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("kubeconfig cannot be used")]
    Kubeconfig(#[source] Box<kube::config::KubeconfigError>),
    #[error("no kubeconfig was found and this is no pod of a cluster")]
    NoCluster(#[source] Box<kube::config::KubeconfigError>),
    #[error("this is no pod of a cluster, or it has no service account")]
    NoServiceAccount(#[source] Box<kube::config::InClusterError>),
    #[error("setting `{setting}` of the connection is invalid")]
    Setting { setting: &'static str },
    #[error("connection to the cluster cannot be prepared")]
    Client(#[source] Box<kube::Error>),
    #[error("kubernetes cluster unreachable")]
    Unreachable(#[source] Box<kube::Error>),
    #[error("the answer of the cluster is larger than {limit_bytes} bytes")]
    Answer { limit_bytes: usize },
    #[error("the answer of the cluster broke off")]
    BrokenOff,
    #[error("the answer of the cluster to `{what}` is not what Kubernetes answers")]
    Unreadable {
        what: String,
        #[source]
        source: serde_json::Error,
    },
    /// 403. The sentence is complete, so that a person knows what right to ask for.
    #[error("no right to {verb} {resource} {}", place(.namespace.as_deref()))]
    Forbidden {
        verb: &'static str,
        resource: String,
        /// `None` means all namespaces, or an object outside of them.
        namespace: Option<String>,
    },
    #[error("the cluster does not know who is asking: it answered 401 (unauthorized)")]
    Unauthorized,
    /// What the API server says; `reason` is its word for a program, such as `AlreadyExists`.
    #[error("{message}")]
    Refused {
        code: u16,
        reason: String,
        message: String,
        /// Which fields are at fault, where it says so.
        causes: Vec<Cause>,
    },
    #[error("the cluster's version {version:?} is none")]
    Version { version: String },
    #[error("Release name is invalid: {name}")]
    ReleaseName { name: String },
    #[error("invalid namespace {name:?}")]
    Namespace { name: String },
    #[error("release: not found")]
    NotFound,
    #[error("revision {revision} of release {name} in namespace {namespace} cannot be read")]
    Record {
        namespace: String,
        name: String,
        revision: i64,
        #[source]
        source: DecodeError,
    },
    #[error("{}", list_of(.kinds))]
    UnknownKinds { kinds: Vec<UnknownKind> },
    #[error("object {number} of the manifest is no Kubernetes object")]
    Manifest { number: usize },
    #[error("no random bytes to be had")]
    NoRandomness,
    #[error("metadata.name and metadata.generateName cannot both be set")]
    TwoNames { object: String },
    #[error("resource name may not be empty")]
    Nameless,
    #[error(transparent)]
    Selector(#[from] SelectorError),
    #[error("{pattern}")]
    Filter { pattern: String },

    /// Another error, and what was being done.
    #[error("{step}")]
    During {
        step: Step,
        #[source]
        source: Box<Self>,
    },
    /// Several at once; helm puts them between its own separators.
    #[error("{}", joined(.errors, .separator))]
    Several {
        errors: Vec<Self>,
        separator: &'static str,
    },
    #[error("{0}")]
    Rendering(Box<RenderFailure>),
    #[error(transparent)]
    Rendered(#[from] ManifestError),
    #[error(transparent)]
    Values(#[from] TypeMismatch),
    #[error("release record cannot be written")]
    Encode(#[source] serde_json::Error),
    #[error("release: already exists")]
    RecordExists {
        namespace: String,
        name: String,
        revision: i64,
    },
    #[error("cannot reuse a name that is still in use")]
    NameInUse,
    #[error("another operation (install/upgrade/rollback) is in progress")]
    Pending,
    #[error("{name:?} has no deployed releases")]
    NoDeployedRevision { name: String },
    #[error("release has no {revision} version")]
    NoRevision { revision: i64 },
    #[error("the release named {name:?} is already deleted")]
    AlreadyUninstalled { name: String },
    #[error("invalid ownership metadata; {}", .problems.join("; "))]
    NotOwned { problems: Vec<String> },
    #[error("user supplied labels contains system reserved label name. System labels: [{}]", SYSTEM_LABELS.join(" "))]
    SystemLabels,
    #[error(
        "the record of the release would take {size_bytes} bytes and a cluster keeps at most {limit_bytes} in one object; make the chart smaller, for instance by moving large files out of it"
    )]
    RecordTooLarge { size_bytes: usize, limit_bytes: usize },
    #[error("description must be {limit} characters or less, got {length}")]
    Description { length: usize, limit: usize },
    #[error(transparent)]
    NotReady(#[from] Unready),
    #[error("context canceled")]
    Canceled,
    #[error(transparent)]
    Patch(#[from] PatchError),
    #[error("invalid operation: {problem}")]
    Options { problem: &'static str },
    #[error("unable to get pod {name}: it is not there")]
    NoPod { name: String },
    #[error("the release was written but reads back as {status:?}")]
    NotAsWritten { status: String },
    #[error("the plan is outdated: {}", .changes.join(", "))]
    PlanOutdated { changes: Vec<String> },
    #[error("there are more than {limit} records of releases to list; choose a namespace")]
    TooManyRecords { limit: usize },
    #[error(
        "the releases to list take more than {limit_bytes} bytes without their contents; choose a namespace"
    )]
    ListTooLarge { limit_bytes: usize },
    /// One error that several are told of.
    #[error(transparent)]
    Shared(Arc<Self>),
}

/// One reason of the API server for refusing an object.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
pub struct Cause {
    /// `FieldManagerConflict`, `FieldValueForbidden`.
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub message: String,
    /// `spec.selector`, or with a leading dot in a conflict.
    #[serde(default)]
    pub field: String,
}

/// The reason of a cause: another manager owns the field.
pub(crate) const CONFLICT: &str = "FieldManagerConflict";

impl Cause {
    /// Of `conflict with "scaler" using apps/v1`, the manager.
    pub(crate) fn conflicting_manager(&self) -> Option<&str> {
        let (_, rest) = self.message.split_once("conflict with \"")?;
        rest.split_once('"').map(|(manager, _)| manager)
    }
}

/// What was being done when something went wrong, in helm's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Step {
    #[error("release name check failed")]
    CheckName,
    #[error("release name {name:?}")]
    Name { name: String },
    #[error("chart dependencies processing failed")]
    Dependencies,
    #[error("unable to build kubernetes objects from release manifest")]
    Objects,
    #[error("unable to build kubernetes objects from current release manifest")]
    CurrentObjects,
    #[error("unable to build kubernetes objects from new release manifest")]
    NewObjects,
    #[error("unable to build kubernetes objects for delete")]
    DeletedObjects,
    #[error("unable to continue with install")]
    ContinueInstall,
    #[error("unable to continue with update")]
    ContinueUpgrade,
    #[error("failed {}", .0.as_str())]
    InstallHooks(HookEvent),
    #[error("{} hooks failed", .0.as_str())]
    UpgradeHooks(HookEvent),
    #[error("unable to build kubernetes object for {} hook {path}", .event.as_str())]
    HookObject { event: HookEvent, path: String },
    #[error("unable to build kubernetes object for deleting hook {path}")]
    HookDeletion { path: String },
    #[error("warning: Hook {} {path} failed", .event.as_str())]
    Hook { event: HookEvent, path: String },
    #[error("failed to install CRD {path}")]
    Definition { path: String },
    #[error("{object} exists and cannot be imported into the current release")]
    Import { object: String },
    #[error("could not get information about the resource {object}")]
    Inspect { object: String },
    #[error("could not get information about the resource")]
    InspectForUpdate,
    #[error("failed to create resource")]
    Create,
    #[error("conflict occurred while applying object {object}")]
    Conflict { object: String },
    #[error("server-side apply failed for object {object}")]
    Apply { object: String },
    #[error("cannot patch {name:?} with kind {kind}")]
    PatchObject { name: String, kind: String },
    #[error("failed to replace object")]
    Replace,
    #[error("failed to delete resource namespace={namespace}, name={name}, kind={kind}")]
    Delete {
        namespace: String,
        name: String,
        kind: String,
    },
    #[error("failed to rebuild old values")]
    OldValues,
    #[error("release {name} failed, and has been uninstalled due to rollback-on-failure being set")]
    Uninstalled { name: String },
    #[error("an error occurred while uninstalling the release. original install error: {original}")]
    Uninstall { original: String },
    #[error("release {name} failed, and has been rolled back due to rollback-on-failure being set")]
    RolledBack { name: String },
    #[error("an error occurred while rolling back the release. original upgrade error: {original}")]
    RollBack { original: String },
    #[error(
        "unable to find a previously successful release when attempting to rollback. original upgrade error"
    )]
    NothingToRollBackTo,
    #[error(
        "an error occurred while cleaning up resources. original {operation} error: {original}: unable to cleanup resources"
    )]
    CleanUp {
        operation: &'static str,
        original: String,
    },
    #[error("release {name} failed")]
    Release { name: String },
    #[error("create: failed to create")]
    CreateRecord,
    #[error("update: failed to update")]
    UpdateRecord,
    #[error("uninstall: Release not loaded: {name}")]
    LoadForUninstall { name: String },
    #[error("uninstall: Failed to purge the release")]
    Purge,
    #[error("failed to delete release: {name}")]
    DeleteRelease { name: String },
    #[error("uninstallation completed with {errors} error(s)")]
    UninstalledWithErrors { errors: usize },
}

impl Error {
    /// Whether asking once more may help: nothing was decided.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::BrokenOff => true,
            Self::Refused { code, .. } => matches!(code, 429 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }

    /// Whether what was asked for may have been done all the same: who answered, if anybody did, does not know.
    pub(crate) fn may_hide_success(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::BrokenOff => true,
            Self::Refused { code, .. } => matches!(code, 500..=599),
            _ => false,
        }
    }

    /// Whether somebody else wrote the object at the same time, so that doing it again may work.
    pub(crate) fn is_race(&self) -> bool {
        self.is_conflict() && !self.causes().iter().any(|cause| cause.reason == CONFLICT)
    }

    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { code: 404, .. })
    }

    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { code: 409, reason, .. } if reason != "AlreadyExists")
    }

    pub(crate) fn already_exists(&self) -> bool {
        matches!(self, Self::Refused { code: 409, reason, .. } if reason == "AlreadyExists")
    }

    /// The reasons of the API server, whatever was being done.
    pub(crate) fn causes(&self) -> &[Cause] {
        match self {
            Self::Refused { causes, .. } => causes,
            Self::During { source, .. } => source.causes(),
            _ => &[],
        }
    }

    /// The error itself, without what was being done.
    pub fn innermost(&self) -> &Self {
        match self {
            Self::During { source, .. } => source.innermost(),
            Self::Shared(error) => error.innermost(),
            _ => self,
        }
    }

    /// The same error for one more who has to know: itself where a caller tells it apart, else [`Error::Shared`].
    pub(crate) fn share(error: &Arc<Self>) -> Self {
        match &**error {
            Self::Forbidden {
                verb,
                resource,
                namespace,
            } => Self::Forbidden {
                verb,
                resource: resource.clone(),
                namespace: namespace.clone(),
            },
            Self::Unauthorized => Self::Unauthorized,
            Self::Namespace { name } => Self::Namespace { name: name.clone() },
            Self::TooManyRecords { limit } => Self::TooManyRecords { limit: *limit },
            Self::ListTooLarge { limit_bytes } => Self::ListTooLarge {
                limit_bytes: *limit_bytes,
            },
            _ => Self::Shared(Arc::clone(error)),
        }
    }

    /// The objects that were waited for in vain, wherever in the chain that is said.
    pub fn unready(&self) -> Option<&Unready> {
        let mut error: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(cause) = error {
            if let Some(Self::NotReady(unready)) = cause.downcast_ref() {
                return Some(unready);
            }
            error = cause.source();
        }
        None
    }

    /// The same with what was being done.
    #[must_use]
    pub(crate) fn during(self, step: Step) -> Self {
        Self::During {
            step,
            source: Box::new(self),
        }
    }

    /// One error of several: itself if it is alone.
    pub fn of_several(mut errors: Vec<Self>, separator: &'static str) -> Result<(), Self> {
        match errors.len() {
            0 => Ok(()),
            1 => errors.pop().map_or(Ok(()), Err),
            _ => Err(Self::Several { errors, separator }),
        }
    }

    /// The whole chain in one line, as Go prints an error, and as records keep it.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        text
    }
}

/// Adds to a result what was being done.
pub(crate) trait During<T> {
    fn during(self, step: impl FnOnce() -> Step) -> Result<T, Error>;
}

impl<T> During<T> for Result<T, Error> {
    fn during(self, step: impl FnOnce() -> Step) -> Self {
        self.map_err(|error| error.during(step()))
    }
}

fn place(namespace: Option<&str>) -> String {
    namespace.map_or_else(
        || "in all namespaces".to_owned(),
        |namespace| format!("in the namespace {namespace}"),
    )
}

fn list_of(kinds: &[UnknownKind]) -> String {
    let texts: Vec<String> = kinds.iter().map(UnknownKind::to_string).collect();
    match texts.as_slice() {
        [one] => one.clone(),
        _ => format!("[{}]", texts.join(", ")),
    }
}

fn joined(errors: &[Error], separator: &str) -> String {
    let texts: Vec<String> = errors.iter().map(Error::chain).collect();
    texts.join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_right_is_a_sentence() {
        let error = |namespace: Option<&str>| {
            let (resource, namespace) = ("secrets".to_owned(), namespace.map(str::to_owned));
            let verb = "list";
            Error::Forbidden {
                verb,
                resource,
                namespace,
            }
            .to_string()
        };
        assert_eq!(
            error(Some("shop")),
            "no right to list secrets in the namespace shop"
        );
        assert_eq!(error(None), "no right to list secrets in all namespaces");
    }

    #[test]
    fn chains_read_as_in_go() {
        let error = Error::NameInUse.during(Step::CheckName);
        assert_eq!(
            error.chain(),
            "release name check failed: cannot reuse a name that is still in use"
        );
        let several = Error::of_several(vec![Error::Pending, error], " && ").unwrap_err();
        assert_eq!(
            several.chain(),
            "another operation (install/upgrade/rollback) is in progress && release name check failed: cannot reuse a name that is still in use"
        );
        assert!(Error::of_several(Vec::new(), ", ").is_ok());
    }
}
