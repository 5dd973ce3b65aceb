//! Hosted charts as their repository's page and the API show them.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What is in a hosted repository, and what is decided about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostedRepository {
    /// Its place in addresses; empty for the repository without a tenant.
    pub tenant: String,
    /// All its charts are private, those of the future, too.
    pub is_private: bool,
    /// The charts that the viewer may see, by name.
    pub charts: Vec<HostedChart>,
    /// What was deleted and can come back, the last first, at most 100; for those who may delete.
    pub deleted: Vec<DeletedVersion>,
    /// How long what was deleted can come back.
    pub undo_secs: u64,
    /// A larger archive is refused.
    pub max_upload_bytes: u64,
    /// Other hosted repositories that the viewer may copy versions to, by name.
    pub copies_to: Vec<String>,
}

/// A hosted chart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostedChart {
    pub name: String,
    /// Known to those alone who may get private charts, whatever its repository is.
    pub is_private: bool,
    /// Why another chart should be used, where its people say so.
    pub deprecated: Option<String>,
    /// The one that came last first.
    pub versions: Vec<HostedVersion>,
}

/// A version of a hosted chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostedVersion {
    pub version: String,
    pub size_bytes: u64,
    pub uploaded: Timestamp,
    /// Nothing where it was found in the directory, or where whoever uploaded it was nobody in particular.
    pub uploaded_by: Option<String>,
    pub has_provenance: bool,
    /// Why it is left out of the index, where its people say so. By its exact name it can still be had.
    pub yanked: Option<String>,
}

/// A version that was deleted and can come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeletedVersion {
    pub id: i64,
    pub name: String,
    pub version: String,
    pub deleted: Timestamp,
    pub deleted_by: Option<String>,
}

/// What a deletion left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeletedVersions {
    pub n_versions: u64,
    /// The ids of those that can come back.
    pub restorable: Vec<i64>,
}

/// What an archive is, before it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UploadCheck {
    /// Nothing where the archive is not that of a chart.
    pub chart: Option<CheckedChart>,
    /// What stands against it, worst first.
    pub findings: Vec<Finding>,
}

/// The chart in an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckedChart {
    pub name: String,
    pub version: String,
    pub description: String,
    /// SHA-256 of the archive, as hexadecimal.
    pub digest: String,
}

/// Something that is odd about a chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    pub level: FindingLevel,
    /// A sentence.
    pub text: String,
}

/// What follows from a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FindingLevel {
    /// It cannot be uploaded.
    Refused,
    /// Whoever installs it will have trouble.
    Warning,
    /// It could be better.
    Hint,
}

/// What somebody may do with hosted charts of a tenant, besides what their roles allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostedGrant {
    pub id: i64,
    pub subject: GrantSubject,
    /// Of the user or the group.
    pub name: String,
    /// A tenant as in addresses (empty for the repository without one), `org/*` for all below `org`, or `*` for all.
    pub place: String,
    pub right: HostedRight,
    pub granted: Timestamp,
    pub granted_by: String,
}

/// Who has a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GrantSubject {
    User,
    /// Every user with this group among those for clusters; `chartroom:users` is everybody who is signed in.
    Group,
}

impl GrantSubject {
    /// As it is written in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::User, Self::Group]
            .into_iter()
            .find(|one| one.as_str() == text)
    }
}

/// What may be done with hosted charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HostedRight {
    /// See private charts, and get them.
    Pull,
    /// Upload charts, and yank and deprecate them; and pull.
    Push,
    /// Delete charts, and take that back; and pull.
    Delete,
}

impl HostedRight {
    pub const ALL: [Self; 3] = [Self::Pull, Self::Push, Self::Delete];

    /// As it is written in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "push",
            Self::Delete => "delete",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.as_str() == text)
    }
}
