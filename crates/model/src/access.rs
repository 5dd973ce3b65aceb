//! Users, what they may do, and what was done.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What a user may do where a grant holds; each role may do what the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees releases.
    Viewer,
    /// Changes releases, too. Held everywhere: uploads and deletes hosted charts.
    Operator,
    /// Held everywhere: manages users and repositories and reads the audit log, too.
    Admin,
}

impl Role {
    /// From the least to the most.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    /// The word in addresses, documents and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// The role of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// Who somebody is in a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClusterIdentity {
    pub cluster: String,
    #[serde(flatten)]
    pub kind: ClusterIdentityKind,
}

/// By what a cluster knows who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum ClusterIdentityKind {
    /// Chartroom's own account there speaks for them.
    Impersonated { user: String, groups: Vec<String> },
    /// A token of theirs, kept for this session.
    Token {
        /// As the cluster calls whose it is.
        user: String,
        given: Timestamp,
        /// Where the token itself says so.
        expires: Option<Timestamp>,
        is_expired: bool,
    },
    /// Nothing yet: the cluster takes nothing but a token.
    TokenNeeded,
}

/// A role with the place where it holds. `None` means all, those of the future, too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Grant {
    pub role: Role,
    #[serde(default)]
    pub cluster: Option<String>,
    #[serde(default)]
    pub namespace: Option<String>,
}

/// What an API token may be used for. A scope narrows what the token's user may do and never widens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Scope {
    /// The catalog, where reading it needs a user at all. Every other scope includes it.
    #[serde(rename = "read")]
    Read,
    /// Releases, without changing them.
    #[serde(rename = "releases:read")]
    ReadReleases,
    /// Releases, including changing them.
    #[serde(rename = "releases:write")]
    WriteReleases,
    /// Hosted charts, including uploading and deleting them.
    #[serde(rename = "charts:write")]
    WriteCharts,
    /// Users, repositories and the audit log.
    #[serde(rename = "admin")]
    Admin,
}

impl Scope {
    /// In the order they are offered.
    pub const ALL: [Self; 5] = [
        Self::Read,
        Self::ReadReleases,
        Self::WriteReleases,
        Self::WriteCharts,
        Self::Admin,
    ];

    /// The word in documents, forms and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadReleases => "releases:read",
            Self::WriteReleases => "releases:write",
            Self::WriteCharts => "charts:write",
            Self::Admin => "admin",
        }
    }

    /// The scope of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// Who asks, and what they may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Me {
    /// Nothing when nobody is signed in.
    pub name: Option<String>,
    /// `session`, `token`, `command line`, or nothing.
    pub via: Option<String>,
    pub grants: Vec<Grant>,
    /// Of the token that was used; empty for a session.
    pub scopes: Vec<Scope>,
    pub rights: Rights,
}

/// What a viewer may do, as the one table says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rights {
    pub read_catalog: bool,
    pub manage_repositories: bool,
    pub manage_accounts: bool,
    pub read_audit: bool,
    pub manage_own_account: bool,
    /// Of the cluster and namespace that were asked about, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub releases: Option<ReleaseRights>,
}

/// What a viewer may do with the releases of one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseRights {
    pub read: bool,
    pub change: bool,
    /// Those of every namespace of the cluster.
    pub read_all_namespaces: bool,
}

/// A user, as administrators see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserSummary {
    pub name: String,
    pub disabled: bool,
    pub grants: Vec<Grant>,
    /// Whom clusters see.
    pub kubernetes_user: String,
    pub kubernetes_groups: Vec<String>,
    pub created: Timestamp,
    pub last_sign_in: Option<Timestamp>,
}

/// A session of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionSummary {
    pub id: i64,
    /// The one that asks.
    pub is_current: bool,
    pub created: Timestamp,
    pub last_seen: Timestamp,
    pub expires: Timestamp,
    pub address: String,
    /// As the browser called itself.
    pub browser: String,
}

/// A token of one's own. Its text is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenSummary {
    pub id: i64,
    pub label: String,
    /// Its first characters.
    pub hint: String,
    pub scopes: Vec<Scope>,
    pub created: Timestamp,
    pub expires: Timestamp,
    pub is_expired: bool,
    pub last_used: Option<Timestamp>,
}

/// How something that was tried ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Done,
    /// Not allowed.
    Refused,
    /// Allowed, but it did not work.
    Failed,
}

impl Outcome {
    /// The word in documents and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditEntry {
    pub id: i64,
    pub at: Timestamp,
    /// The user's name, `system`, or empty where nobody was signed in.
    pub actor: String,
    /// `session`, `token`, `command line`, or empty.
    pub via: String,
    /// Such as `user.create`.
    pub action: String,
    /// What it was done to.
    pub object: String,
    pub outcome: Outcome,
    /// What else there is to say, such as why it failed.
    pub detail: String,
    /// Where the request came from.
    pub address: String,
}

/// A part of the audit log, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditPage {
    pub entries: Vec<AuditEntry>,
    /// Asks for the entries before these.
    pub next: Option<i64>,
}
