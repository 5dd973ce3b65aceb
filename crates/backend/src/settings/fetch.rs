//! Settings of following repositories and of talking to other servers.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::repository::{ArchivePolicy, ProvenancePolicy};
use crate::secret::SecretString;

/// How repositories are followed.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SyncSettings {
    /// Repositories are followed at all. Off, only `chartroom sync` refreshes them.
    pub enabled: bool,
    /// How often a repository is looked at.
    pub interval_secs: u64,
    /// Which archives are fetched without being asked for.
    pub archives: ArchivePolicy,
    /// Which provenance files of archives are asked for.
    pub provenance: ProvenancePolicy,
    /// Archives fetched at the same time from one repository.
    pub concurrency: usize,
    /// Repositories synced at the same time.
    pub max_repositories: usize,
    /// Bytes of archives held in memory at the same time, over all repositories.
    pub max_bytes_in_flight: u64,
    /// A larger index is refused.
    pub max_index_bytes: u64,
    /// A larger archive is refused.
    pub max_archive_bytes: u64,
    /// The wait after a failed sync; it doubles with every further failure up to the interval.
    pub retry_secs: u64,
    /// How long a page waits for an archive that is not here yet before it is shown without it.
    pub view_wait_ms: u64,
}

impl Default for SyncSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            interval_secs: 15 * 60,
            archives: ArchivePolicy::Latest,
            provenance: ProvenancePolicy::Signed,
            concurrency: 8,
            max_repositories: 2,
            max_bytes_in_flight: 32 * 1024 * 1024,
            max_index_bytes: 256 * 1024 * 1024,
            max_archive_bytes: 32 * 1024 * 1024,
            retry_secs: 30,
            view_wait_ms: 2_500,
        }
    }
}

/// How other servers are talked to.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UpstreamSettings {
    /// Time to open a connection.
    pub connect_timeout_secs: u64,
    /// Time until the head of an answer is here.
    pub first_byte_timeout_secs: u64,
    /// Longest silence within a body.
    pub body_timeout_secs: u64,
    /// Longest time for a whole answer, retries not counted.
    pub total_timeout_secs: u64,
    /// Further attempts after one that failed for a passing reason.
    pub retries: u32,
    /// The first wait before a retry; it doubles each time and is spread at random.
    pub retry_base_ms: u64,
    /// The longest wait before a retry, also where the server's `Retry-After` asks for more.
    pub retry_max_ms: u64,
    /// Redirects followed for one request.
    pub max_redirects: usize,
    /// Certificates (PEM) trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// An HTTP proxy for every request: `http://[user:password@]host:port`.
    pub proxy: Option<SecretString>,
    /// Every repository may lead to addresses in private ranges (10.0.0.0/8, 127.0.0.0/8, fd00::/8 and so on).
    /// Link-local addresses, where clouds keep their metadata services, stay closed.
    pub allow_private_networks: bool,
    /// Ranges that are open although they are private or link-local, such as `10.20.0.0/16`.
    pub allowed_cidrs: Vec<String>,
    /// Added to the `User-Agent`.
    pub user_agent_comment: String,
}

impl Default for UpstreamSettings {
    fn default() -> Self {
        Self {
            connect_timeout_secs: 10,
            first_byte_timeout_secs: 30,
            body_timeout_secs: 30,
            total_timeout_secs: 300,
            retries: 2,
            retry_base_ms: 500,
            retry_max_ms: 60_000,
            max_redirects: 5,
            ca_file: None,
            proxy: None,
            allow_private_networks: false,
            allowed_cidrs: Vec::new(),
            user_agent_comment: String::new(),
        }
    }
}

/// What is refused as too large.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// An archive that unpacks to more is refused.
    pub max_unpacked_bytes: u64,
    /// A file of an archive that is larger is refused.
    pub max_file_bytes: u64,
    /// A chart's icon that is larger is not shown.
    pub max_icon_bytes: u64,
    /// A chart's icon with more pixels is not shown.
    pub max_icon_pixels: u64,
    /// Unpacked files kept in memory for the pages that were looked at last.
    pub file_cache_bytes: u64,
    /// Rows of a part of a list.
    pub page_size: usize,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            max_unpacked_bytes: 100 * 1024 * 1024,
            max_file_bytes: 100 * 1024 * 1024,
            max_icon_bytes: 2 * 1024 * 1024,
            max_icon_pixels: 4_000_000,
            file_cache_bytes: 16 * 1024 * 1024,
            page_size: 30,
        }
    }
}
