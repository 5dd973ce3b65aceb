//! What an operation on a release would do, object by object.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is planned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Plan {
    /// To apply exactly this.
    pub hash: String,
    pub operation: crate::operation::OperationKind,
    pub name: String,
    pub namespace: String,
    /// The revision that is made; of an uninstallation the last.
    pub revision: i64,
    /// The revision whose objects are changed or deleted.
    pub from_revision: Option<i64>,
    /// In the order in which they are dealt with.
    pub objects: Vec<PlannedObject>,
    /// In the order in which they run.
    pub hooks: Vec<PlannedHook>,
    pub notes: String,
    pub warnings: Vec<PlanWarning>,
    /// All that the viewer may not do and would have to: sentences.
    pub missing_rights: Vec<String>,
    /// YAML of the roles that would give the missing rights.
    pub role_yaml: Option<String>,
    /// What is applied, without what is in Secrets.
    pub manifest: String,
    /// Whether the operation would fail, or that cannot be ruled out.
    pub is_prevented: bool,
}

/// What becomes of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum PlannedAction {
    Create,
    Change,
    /// Fields that are fixed would have to change; the operation would fail.
    Recreate,
    Delete,
    /// It leaves the release and stays in the cluster.
    Keep,
    Unchanged,
    /// It is there already, and becomes part of the release.
    Adopt,
}

/// One object of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedObject {
    pub api_version: String,
    pub kind: String,
    pub namespace: Option<String>,
    pub name: String,
    pub action: PlannedAction,
    /// The fields that are fixed, of an object that would have to be recreated.
    pub fixed_fields: Vec<String>,
    /// What differs from what is there; empty for what is created or deleted as a whole.
    pub fields: Vec<FieldChange>,
    pub conflicts: Vec<Conflict>,
    /// Why it would not work, or why that cannot be known.
    pub problem: Option<String>,
}

/// One field that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldChange {
    /// `spec.template.spec.containers[name=web].image`.
    pub path: String,
    /// What the release applied last; `None` if it did not set the field.
    pub applied: Option<Shown>,
    /// What is there; where it differs from `applied`, somebody else has changed it.
    pub live: Option<Shown>,
    /// What will be there; `None` if the field goes away.
    pub proposed: Option<Shown>,
}

/// A value, unless it is secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    Value(Value),
    /// Part of a Secret: only whether it is what the cluster has now.
    Redacted {
        same_as_live: bool,
    },
}

/// Fields of another manager that the operation sets, too; unless they are taken by force, it fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Conflict {
    pub manager: String,
    pub fields: Vec<String>,
}

/// A hook that would run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedHook {
    pub event: String,
    pub name: String,
    pub kind: String,
    pub weight: i64,
    /// The template it came from.
    pub path: String,
}

/// Something to know beforehand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanWarning {
    /// `namespace-missing`, `deprecated`, `privileged`, …
    pub topic: String,
    /// A sentence.
    pub message: String,
    /// Whether the operation would fail because of it.
    pub prevents: bool,
}
