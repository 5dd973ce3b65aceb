//! What an operator may set, in sections.
//!
//! Plain structs with defaults; reading files, environment and flags into them is the server's part. Field docs are the
//! text of `docs/configuration.md`. Units are part of the names.

mod access;
mod catalog;
mod cluster;
mod fetch;
mod hosted;
mod keep;
mod repository;
mod signatures;

use std::path::PathBuf;

use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use access::AccessSettings;
pub use catalog::CatalogSettings;
pub use cluster::{ClusterSettings, RecordDriver, ReleaseSettings};
pub use fetch::{LimitSettings, SyncSettings, UpstreamSettings};
pub use hosted::HostedSettings;
pub use keep::{DatabaseSettings, StorageSettings};
pub use repository::{ArchivePolicy, Credentials, ProvenancePolicy, RepositorySettings};
pub use signatures::{
    IdentitySettings, KeyringSettings, RepositorySignatureSettings, SignaturePolicy, SignatureSettings,
};

/// Everything the backend can be told.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where everything that is kept lives unless a section says otherwise: the SQLite database and the archives.
    pub data_dir: PathBuf,
    /// The database.
    pub database: DatabaseSettings,
    /// Archives and icons.
    pub storage: StorageSettings,
    /// How repositories are followed.
    pub sync: SyncSettings,
    /// How other servers are talked to.
    pub upstream: UpstreamSettings,
    /// What is refused as too large.
    pub limits: LimitSettings,
    /// What people find, and in which order.
    pub catalog: CatalogSettings,
    /// Users, sessions and API tokens.
    pub access: AccessSettings,
    /// Hosted repositories.
    pub hosted: HostedSettings,
    /// Whose signatures on charts count, and what becomes of charts without.
    pub signatures: SignatureSettings,
    /// Operations on releases.
    pub releases: ReleaseSettings,
    /// The clusters that releases are shown and changed in. Without any, the catalog works all the same.
    pub clusters: Vec<ClusterSettings>,
    /// The chart repositories to follow. Those named here are managed by the configuration alone.
    pub repositories: Vec<RepositorySettings>,
    /// Where the site lives below its origin, for links in READMEs: empty or `/a/b`. Handed in by the server, which has
    /// it as `server.base_path`.
    #[serde(skip)]
    #[schemars(skip)]
    pub base_path: String,
    /// The bundled charts as `(file name, archive)`, shown as repository `samples` when the first start finds no
    /// repository configured. Handed in by the server, not configurable.
    #[serde(skip)]
    #[schemars(skip)]
    pub samples: Option<Vec<(String, Bytes)>>,
}
