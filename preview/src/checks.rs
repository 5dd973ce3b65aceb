//! What an installation page asks besides rendering: is this a release name, what does this `--set` mean, what is in
//! this stored release.

use std::collections::BTreeMap;

use helm::release::{self, Release};
use helm::values::{Table, Tree, strvals};
use serde::{Deserialize, Serialize};

/// Whether Helm takes `name` for a release; if not, its words.
pub fn check_release_name(name: &str) -> Result<(), String> {
    helm::chart::validate_release_name(name).map_err(|error| error.to_string())
}

/// The values that `--set`, `--set-string`, `--set-json` or `--set-literal` with `expression` means.
pub fn set_values(flag: &str, expression: &str) -> Result<serde_json::Value, String> {
    let parse = match flag.trim_start_matches("--") {
        "set" => strvals::parse_set,
        "set-string" | "string" => strvals::parse_set_string,
        "set-json" | "json" => strvals::parse_set_json,
        "set-literal" | "literal" => strvals::parse_set_literal,
        _ => return Err(format!("there is no flag {flag}")),
    };
    let mut values = Table::new();
    parse(expression, &mut values).map_err(|error| error.to_string())?;
    Ok(Tree::Table(values).to_json())
}

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
