//! Helm releases in a Kubernetes cluster: connecting as one identity, finding and reading records, looking at objects.
//!
//! A crate of its own because its dependencies are slow to compile, and because the command line reads a cluster without
//! a database. What a record means is `helm::release`'s business; who may ask is the cluster's.
//!
//! Start at [`Cluster`]; [`list`] says which releases a list holds, [`records`](StoredRelease) are read whole one by one.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

mod api;
mod connect;
mod error;
mod list;
mod objects;
pub mod patch;
pub mod readiness;
mod records;
mod selector;

pub use connect::{Cluster, Driver, Settings};
pub use error::Error;
pub use list::{ListOptions, Listed, Order, State};
pub use objects::LiveObjects;
pub use records::{RecordHead, StoredRelease};
pub use selector::{Selector, SelectorError};
