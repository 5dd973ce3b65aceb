//! Settings of what is kept: the database and the object store.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::secret::SecretString;

/// The database.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSettings {
    /// `postgres://user:password@host/database`, or `sqlite:///path/to/file`. Empty means the file `chartroom.db` in
    /// the data directory.
    pub url: SecretString,
    /// Connections that read at the same time. SQLite has one more that writes.
    pub max_connections: u32,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            url: SecretString::default(),
            max_connections: 4,
        }
    }
}

/// The store of archives and icons.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StorageSettings {
    /// The directory of the store. Empty means `objects` in the data directory.
    pub dir: PathBuf,
    /// How many bytes the store may hold. Past that, archives that are not their chart's newest make room for those
    /// that are viewed, and the background stops fetching. Zero means no limit.
    pub quota_bytes: u64,
    /// How long an object that nothing refers to is kept before it is deleted.
    pub unreferenced_keep_secs: u64,
    /// Wait for the disk before an archive counts as stored. Turning this off is for tests.
    pub fsync: bool,
}

impl Default for StorageSettings {
    fn default() -> Self {
        Self {
            dir: PathBuf::new(),
            quota_bytes: 20 * 1024 * 1024 * 1024,
            unreferenced_keep_secs: 3600,
            fsync: true,
        }
    }
}
