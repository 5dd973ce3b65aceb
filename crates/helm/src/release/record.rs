//! The JSON of a stored release.
//!
//! Field names, order and what is left out when empty follow Helm 4's structs, so that both Helm 3 and Helm 4 read what
//! is written here. Every level keeps the fields it does not know in `other`: a newer Helm's record survives a rewrite.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// One revision of a release.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Release {
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "null_as_default"
    )]
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info: Option<ReleaseInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart: Option<ReleaseChart>,
    /// The supplied values: what the user set, without the chart's defaults.
    #[serde(skip_serializing_if = "Map::is_empty", deserialize_with = "null_as_default")]
    pub config: Map<String, Value>,
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "null_as_default"
    )]
    pub manifest: String,
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub hooks: Vec<ReleaseHook>,
    /// Helm's `version`: the revision, counted from 1.
    #[serde(
        rename = "version",
        skip_serializing_if = "is_zero",
        deserialize_with = "null_as_default"
    )]
    pub revision: i64,
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "null_as_default"
    )]
    pub namespace: String,
    /// `ssa` or `csa`; empty (Helm 3) means client-side apply.
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "null_as_default"
    )]
    pub apply_method: String,
    /// Stored as labels of the Secret, not in the JSON.
    #[serde(skip)]
    pub labels: BTreeMap<String, String>,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// When and how a revision came about.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReleaseInfo {
    /// RFC 3339 with up to nanoseconds, as Go prints a time. Helm 3 writes `""` for "never".
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "empty_as_none")]
    pub first_deployed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "empty_as_none")]
    pub last_deployed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "empty_as_none")]
    pub deleted: Option<String>,
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "null_as_default"
    )]
    pub description: String,
    #[serde(
        skip_serializing_if = "ReleaseStatus::is_empty",
        deserialize_with = "null_as_default"
    )]
    pub status: ReleaseStatus,
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "null_as_default"
    )]
    pub notes: String,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The state of a revision. Words from the future are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum ReleaseStatus {
    #[default]
    None,
    Unknown,
    Deployed,
    Uninstalled,
    Superseded,
    Failed,
    Uninstalling,
    PendingInstall,
    PendingUpgrade,
    PendingRollback,
    Other(String),
}

impl ReleaseStatus {
    /// The word Helm stores and prints.
    pub fn as_str(&self) -> &str {
        match self {
            Self::None => "",
            Self::Unknown => "unknown",
            Self::Deployed => "deployed",
            Self::Uninstalled => "uninstalled",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
            Self::Uninstalling => "uninstalling",
            Self::PendingInstall => "pending-install",
            Self::PendingUpgrade => "pending-upgrade",
            Self::PendingRollback => "pending-rollback",
            Self::Other(word) => word,
        }
    }

    /// Whether another operation holds the release.
    pub fn is_pending(&self) -> bool {
        matches!(
            self,
            Self::PendingInstall | Self::PendingUpgrade | Self::PendingRollback
        )
    }

    fn is_empty(&self) -> bool {
        *self == Self::None
    }
}

impl From<String> for ReleaseStatus {
    fn from(word: String) -> Self {
        match word.as_str() {
            "" => Self::None,
            "unknown" => Self::Unknown,
            "deployed" => Self::Deployed,
            "uninstalled" => Self::Uninstalled,
            "superseded" => Self::Superseded,
            "failed" => Self::Failed,
            "uninstalling" => Self::Uninstalling,
            "pending-install" => Self::PendingInstall,
            "pending-upgrade" => Self::PendingUpgrade,
            "pending-rollback" => Self::PendingRollback,
            _ => Self::Other(word),
        }
    }
}

impl From<ReleaseStatus> for String {
    fn from(status: ReleaseStatus) -> Self {
        status.as_str().to_owned()
    }
}

/// The chart as stored: without its subcharts, whose rendered objects are in the manifest.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReleaseChart {
    /// Chart.yaml as JSON.
    pub metadata: Value,
    pub lock: Value,
    #[serde(deserialize_with = "null_as_default")]
    pub templates: Vec<ReleaseFile>,
    /// The chart's default values, with those imported from subcharts.
    pub values: Value,
    /// values.schema.json in base64.
    pub schema: Option<String>,
    #[serde(deserialize_with = "null_as_default")]
    pub files: Vec<ReleaseFile>,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl ReleaseChart {
    /// The chart's name, or nothing when the record is damaged.
    pub fn name(&self) -> &str {
        self.field("name")
    }

    /// The chart's version.
    pub fn version(&self) -> &str {
        self.field("version")
    }

    /// The version of what the chart installs.
    pub fn app_version(&self) -> &str {
        self.field("appVersion")
    }

    fn field(&self, name: &str) -> &str {
        self.metadata
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// A template or other file of the stored chart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReleaseFile {
    pub name: String,
    /// The contents in base64; `null` when empty, as Go encodes an absent slice.
    pub data: Option<String>,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A stored hook.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReleaseHook {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub manifest: String,
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub events: Vec<String>,
    #[serde(deserialize_with = "null_as_default")]
    pub last_run: ReleaseHookRun,
    #[serde(skip_serializing_if = "is_zero")]
    pub weight: i64,
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub delete_policies: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub output_log_policies: Vec<String>,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The last execution of a hook.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReleaseHookRun {
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "empty_as_none")]
    pub started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "empty_as_none")]
    pub completed_at: Option<String>,
    /// `Unknown`, `Running`, `Succeeded`, `Failed`, or empty before the first run.
    pub phase: String,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

fn null_as_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn empty_as_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|time| !time.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helm_3_records_are_read() {
        let release: Release = serde_json::from_str(
            r#"{"name":"a","info":{"first_deployed":"2020-01-01T00:00:00.5+01:00","deleted":"","status":"pending-install"},
                "config":null,"hooks":[{"name":"h","last_run":{"started_at":"","completed_at":"","phase":""}}]}"#,
        )
        .unwrap();
        let info = release.info.as_ref().unwrap();
        assert_eq!(
            info.first_deployed.as_deref(),
            Some("2020-01-01T00:00:00.5+01:00")
        );
        assert_eq!(info.deleted, None);
        assert!(info.status.is_pending());
        assert_eq!(
            serde_json::to_string(&release).unwrap(),
            r#"{"name":"a","info":{"first_deployed":"2020-01-01T00:00:00.5+01:00","status":"pending-install"},"hooks":[{"name":"h","last_run":{"phase":""}}]}"#
        );
    }

    #[test]
    fn unknown_words_and_fields_stay() {
        let json = r#"{"info":{"status":"paused","rollback_revision":3},"chart":{"metadata":{"name":"c"},"lock":null,"templates":[{"name":"t","data":"eA==","modtime":"1970-01-01T00:00:00Z"}],"values":{},"schema":null,"files":[],"modtime":"1970-01-01T00:00:00Z"},"sequencing":{"a":1}}"#;
        let release: Release = serde_json::from_str(json).unwrap();
        assert_eq!(release.chart.as_ref().unwrap().name(), "c");
        assert_eq!(serde_json::to_string(&release).unwrap(), json);
    }
}
