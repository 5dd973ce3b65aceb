//! What is in a release as a cluster stores it.

use std::collections::BTreeMap;

use helm::release::{self, Release};
use serde::{Deserialize, Serialize};

/// A release as it is stored in a cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct StoredRelease {
    pub release: serde_json::Value,
    /// The same, written and read again.
    pub written: serde_json::Value,
    /// The name of its Secret.
    pub record_name: String,
    pub record_labels: BTreeMap<String, String>,
}

/// Reads the payload of a release's Secret, which has a label that tells the moment (`createdAt` or `modifiedAt`).
pub fn read_release(payload: &str, moment: (&str, i64)) -> Result<StoredRelease, String> {
    let read = release::decode(payload.as_bytes()).map_err(|error| error.to_string())?;
    let as_json = |release: &Release| serde_json::to_value(release).map_err(|error| error.to_string());
    let written = release::encode(&read).map_err(|error| error.to_string())?;
    let written = release::decode(written.as_bytes()).map_err(|error| error.to_string())?;
    Ok(StoredRelease {
        release: as_json(&read)?,
        written: as_json(&written)?,
        record_name: release::record_name(&read.name, read.revision),
        record_labels: release::record_labels(&read, moment),
    })
}
