//! Helm releases in a Kubernetes cluster: connecting as one identity, finding and reading records, looking at objects.
//!
//! A crate of its own because its dependencies are slow to compile, and because the command line reads a cluster without
//! a database. What a record means is `helm::release`'s business; who may ask is the cluster's.
//!
//! Start at [`Cluster`]; [`list`] says which releases a list holds, [`records`](StoredRelease) are read whole one by one.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

mod api;
mod apply;
mod connect;
mod discovery;
mod error;
mod hooks;
mod list;
mod live;
mod logs;
mod manifest;
mod namespaces;
mod observer;
mod operations;
mod origin;
mod ownership;
pub mod patch;
mod plan;
pub mod readiness;
mod records;
mod resources;
mod rights;
mod selector;
mod storage;
mod stuck;
mod wait;
mod watch;
mod whoami;

pub use apply::Cascade;
pub use connect::{Cluster, Driver, Settings, contexts};
pub use discovery::Discovery;
pub use error::{Cause, Error, Step};
pub use list::{ListOptions, Listed, Order, State};
pub use live::LiveObjects;
pub use logs::ContainerLog;
pub use manifest::{ManifestObject, Place, UnknownKind};
pub use observer::{Event, Observer, Silent};
pub use operations::{
    Cancel, Context, DEFAULT_TIMEOUT, DryRun, Install, MAX_DESCRIPTION_CHARS, MissingRelease, Rollback,
    ServerSide, Settled, Test, TestRun, Uninstall, Uninstalled, Upgrade,
};
pub use origin::{MAX_KEPT_VALUES_BYTES, Origin, StoredOrigin};
pub use plan::{
    Action, Applied, Conflict, Drift, FieldChange, Operation, Plan, PlanWarning, PlannedHook, PlannedObject,
    Shown,
};
pub use records::{RecordHead, StoredRelease};
pub use resources::{
    AccessPoint, ClusterEvent, Container, LogOptions, MAX_LOG_LINES, PodLog, Problem, Resource,
    ResourceState, Resources,
};
pub use rights::{MissingRight, NeededRight, Subject, missing_rights, role_yaml};
pub use selector::{Selector, SelectorError};
pub use storage::{MAX_RECORD_SIZE_BYTES, record_size_bytes};
pub use stuck::{Stuck, UnfinishedRevision, WayOut, WayOutAction, explain_stuck};
pub use wait::{Unready, UnreadyObject, Wait};
pub use watch::{
    DamagedRelease, MAX_SUMMARIES_BYTES, MAX_WATCHED_RECORDS, ReleaseWatch, Snapshot, Trouble, WatchedRelease,
};
