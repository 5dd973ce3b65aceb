//! Plans: what an operation would do, before it does it.
//!
//! A plan takes the same steps as its operation, up to where something would change; what would become of each object
//! the API server says, by a dry run of the request that would be sent. The prepared release stays in the plan, so that
//! applying it does what was shown, or nothing if what the plan depends on has changed.

mod draft;
mod drift;
mod facts;
mod fields;
mod needs;
mod objects;
mod operations;
mod secret;
mod warnings;

use helm::release::Release;
use serde::Serialize;

pub use drift::Drift;
pub use fields::{FieldChange, Shown};
pub use objects::{Action, Conflict, PlannedObject};
pub use warnings::PlanWarning;

use self::facts::Facts;
use crate::Error;
use crate::operations::{Context, Install, Rollback, Uninstall, Uninstalled, Upgrade, rollback, upgrade};
use crate::rights::MissingRight;
use crate::storage::{info_mut, now};

/// What is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    Install,
    Upgrade,
    Rollback,
    Uninstall,
}

impl Operation {
    /// helm's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Upgrade => "upgrade",
            Self::Rollback => "rollback",
            Self::Uninstall => "uninstall",
        }
    }
}

/// What an operation would do. It shows nothing of what is in Secrets, however it is printed.
#[derive(Debug, Serialize)]
pub struct Plan {
    pub operation: Operation,
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
    /// All that the caller may not do and would have to.
    pub missing_rights: Vec<MissingRight>,
    /// What is applied, without Secrets.
    pub manifest: String,
    /// Equal for equal inputs and an equal state of the cluster: SHA-256 in hex.
    pub hash: String,
    #[serde(skip)]
    kept: Kept,
}

/// A hook that would run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedHook {
    pub event: &'static str,
    pub name: String,
    pub kind: String,
    /// The template it came from.
    pub path: String,
    pub weight: i64,
    /// Whether its object is there already; `None` where that cannot be known.
    pub exists: Option<bool>,
}

/// What applying a plan needs; none of it is shown.
struct Kept {
    facts: Facts,
    prepared: Prepared,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Kept")
    }
}

/// An operation up to where something changes.
enum Prepared {
    Install {
        operation: Box<Install>,
        last: Option<Box<Release>>,
        release: Box<Release>,
    },
    Upgrade {
        operation: Box<Upgrade>,
        prepared: Box<upgrade::Prepared>,
    },
    Rollback {
        operation: Box<Rollback>,
        prepared: Box<rollback::Prepared>,
    },
    Uninstall {
        operation: Box<Uninstall>,
    },
}

/// What came of a plan.
#[derive(Debug)]
pub enum Applied {
    /// The record of the new revision, as it was read back.
    Release(Box<Release>),
    Uninstalled(Box<Uninstalled>),
}

impl Plan {
    /// Whether something speaks against it: the operation would fail, or that cannot be ruled out.
    pub fn is_prevented(&self) -> bool {
        let stops = |object: &PlannedObject| {
            let has_problem = object.problem.is_some() && object.action != Action::Keep;
            has_problem || !object.conflicts.is_empty()
        };
        self.warnings.iter().any(PlanWarning::prevents)
            || !self.missing_rights.is_empty()
            || self.objects.iter().any(stops)
    }

    /// Does what was shown; [`Error::PlanOutdated`] if what the plan depends on has changed.
    pub async fn apply(self, context: &Context<'_>) -> Result<Applied, Error> {
        let Kept { facts, prepared } = self.kept;
        let mut discovery = context.cluster.discover().await?;
        let changes = facts.changes(&context.cluster, &discovery).await?;
        if !changes.is_empty() {
            return Err(Error::PlanOutdated { changes });
        }
        let release = match prepared {
            Prepared::Install {
                operation,
                last,
                mut release,
            } => {
                let method = operation.method();
                if operation.install_definitions(context, &discovery, method).await? {
                    discovery = context.cluster.discover().await?;
                }
                let now = now();
                let info = info_mut(&mut release);
                info.first_deployed = Some(now.clone());
                info.last_deployed = Some(now);
                let last = last.map(|last| *last);
                operation.install(context, &discovery, last, *release).await?
            }
            Prepared::Upgrade {
                operation,
                mut prepared,
            } => {
                info_mut(&mut prepared.upgraded).last_deployed = Some(now());
                operation.upgrade(context, &discovery, *prepared).await?
            }
            Prepared::Rollback {
                operation,
                mut prepared,
            } => {
                info_mut(&mut prepared.target).last_deployed = Some(now());
                operation.roll_back(context, &discovery, *prepared).await?
            }
            Prepared::Uninstall { operation } => {
                // It was there a moment ago, so that nothing is no answer.
                let done = operation.run(context).await?.ok_or(Error::NotFound)?;
                return Ok(Applied::Uninstalled(Box::new(done)));
            }
        };
        Ok(Applied::Release(Box::new(release)))
    }
}
