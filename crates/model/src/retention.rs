//! Which versions of hosted charts go by themselves.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Rules of a hosted repository. Zero means that there is no such limit.
///
/// Of releases, and of pre-releases, a version goes where every limit that there is lets it go: what one limit keeps is
/// kept. The newest version of a chart never goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RetentionRules {
    /// So many releases of each chart are kept, the newest by version. Yanked ones take no place.
    pub keep_releases: u32,
    /// Releases that were uploaded in the last so many days are kept.
    pub release_days: u32,
    /// So many pre-releases of each chart are kept.
    pub keep_prereleases: u32,
    /// Pre-releases that were uploaded in the last so many days are kept.
    pub prerelease_days: u32,
    /// What no rule touches: charts (`web`), or versions of them (`web 1.2.*`). `*` stands for any characters.
    pub except: Vec<String>,
}

/// What is decided about a hosted repository, and what that comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Retention {
    /// The rules that hold; those of the configuration where the repository has none of its own.
    pub rules: RetentionRules,
    /// The repository has rules of its own.
    pub is_own: bool,
    /// They are applied every hour: somebody confirmed what they come to, or the configuration says so.
    pub is_applied: bool,
    /// Whoever confirmed these rules.
    pub confirmed_by: Option<String>,
    pub confirmed: Option<Timestamp>,
    pub last_run: Option<Timestamp>,
    /// Versions that the last run deleted.
    pub n_last_deleted: u64,
    pub plan: RetentionPlan,
}

/// What goes if the rules are applied now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RetentionPlan {
    /// Names exactly this plan: whoever applies it says which one was looked at.
    pub digest: String,
    /// The first 1,000 of them, by chart, the newest first.
    pub versions: Vec<ExpiringVersion>,
    pub n_versions: u64,
    pub size_bytes: u64,
    /// Versions that stay.
    pub n_kept: u64,
}

/// A version that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExpiringVersion {
    pub chart: String,
    pub version: String,
    pub size_bytes: u64,
    pub uploaded: Timestamp,
    /// A clause.
    pub reason: String,
}
