//! Release records: what Helm stores in a cluster about an installed chart.
//!
//! A record is JSON, compressed, in a Secret or ConfigMap. This module reads and writes what Helm 3 and Helm 4 read and
//! write; talking to the cluster is not its business.

mod build;
mod codec;
mod computed;
mod record;
mod reuse;
mod secret;
mod time;

pub use build::NewRevision;
pub use codec::{DecodeError, MAX_RECORD_BYTES, decode, encode};
pub use computed::computed_values;
pub use record::{
    Release, ReleaseChart, ReleaseFile, ReleaseHook, ReleaseHookRun, ReleaseInfo, ReleaseStatus,
};
pub use reuse::{ReuseValues, UpgradeValues, upgrade_values};
pub use secret::{
    RECORD_KEY, RECORD_TYPE, SYSTEM_LABELS, parse_record_name, record_labels, record_name, user_labels,
};
pub use time::rfc3339;
