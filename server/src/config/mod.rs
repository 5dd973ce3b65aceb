//! What an operator can set: sections of plain structs, read from layers.
//!
//! Defaults < TOML file < environment (`CHARTROOM__SECTION__KEY`, or `…_FILE` naming a file that holds the value) < flags.
//! [`layers`] reads them, [`docs`] prints `docs/configuration.md`. Nothing else in the product reads the environment.

pub mod docs;
mod layers;
mod schema;
mod sections;

use std::path::{Path, PathBuf};

use backend::Settings;
use backend::settings::{
    AccessSettings, CatalogSettings, ClusterSettings, DatabaseSettings, HostedSettings, LimitSettings,
    ReleaseSettings, RepositorySettings, SignatureSettings, StorageSettings, SyncSettings, UpstreamSettings,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Proxies;

pub use layers::{ConfigError, Layers};
pub use sections::{LogFormat, ServerSection, TelemetrySection};

/// First segments of addresses that are pages or other routes.
const TAKEN: [&str; 28] = [
    "account",
    "accounts",
    "api",
    "archives",
    "assets",
    "audit",
    "badges",
    "cards",
    "charts",
    "dev",
    "feeds",
    "healthz",
    "icons",
    "livez",
    "mirror",
    "operations",
    "packages",
    "raw",
    "readyz",
    "releases",
    "repositories",
    "search",
    "setup",
    "sign-in",
    "sign-out",
    "sitemaps",
    "ui",
    "v1",
];

/// Everything that can be set.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server listens and how the world sees it.
    pub server: ServerSection,
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
    /// Hosted repositories: charts that are uploaded here, with ChartMuseum's API.
    pub hosted: HostedSettings,
    /// Whose signatures on charts count, and what becomes of charts without; [signatures.md](signatures.md) tells how.
    pub signatures: SignatureSettings,
    /// Logs.
    pub telemetry: TelemetrySection,
    /// Operations on releases.
    pub releases: ReleaseSettings,
    /// The clusters that releases are shown and changed in. Without any, the catalog works all the same.
    pub clusters: Vec<ClusterSettings>,
    /// The chart repositories to follow. Those named here are managed by the configuration alone.
    pub repositories: Vec<RepositorySettings>,
}

impl Config {
    /// The configuration with everything at its default and storage in `data_dir`.
    pub fn for_test(data_dir: &Path) -> Self {
        let mut config = Self::default();
        config.server.data_dir = data_dir.to_owned();
        config.storage.fsync = false;
        config
    }

    /// Checks what types alone cannot say.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.server.validate()?;
        Proxies::parse(&self.access.trusted_proxies).map_err(|value| ConfigError::Invalid {
            key: "access.trusted_proxies",
            reason: "holds ranges of addresses such as `10.20.0.0/16`",
            value,
        })?;
        if let Some((group, reason)) = self.catalog.bad_synonyms() {
            return Err(ConfigError::Invalid {
                key: "catalog.synonyms",
                reason,
                value: group.join(", "),
            });
        }
        // Else who asks would be told that a request took too long, instead of what the cluster did not answer.
        let plan_secs = self.releases.plan_timeout_secs;
        if !self.clusters.is_empty() && plan_secs >= self.server.request_timeout_secs {
            return Err(ConfigError::Invalid {
                key: "releases.plan_timeout_secs",
                reason: "is shorter than `server.request_timeout_secs`",
                value: plan_secs.to_string(),
            });
        }
        self.validate_context_path()
    }

    /// Hosted repositories have addresses of their own, below one that no page and no other route has.
    fn validate_context_path(&self) -> Result<(), ConfigError> {
        let path = &self.hosted.context_path;
        let invalid = |reason: &'static str| {
            Err(ConfigError::Invalid {
                key: "hosted.context_path",
                reason,
                value: path.clone(),
            })
        };
        if path.is_empty() {
            return Ok(());
        }
        let is_plain = path
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte));
        if !path.starts_with('/') || path.ends_with('/') || path.contains("//") || !is_plain {
            return invalid("is empty or like `/a/b`, without a slash at the end");
        }
        let first = path.split('/').nth(1).unwrap_or_default();
        if TAKEN.contains(&first) {
            return invalid("begins with a segment that has another meaning here");
        }
        Ok(())
    }

    /// What the backend needs of it.
    pub fn backend_settings(&self) -> Settings {
        Settings {
            data_dir: self.server.data_dir.clone(),
            database: self.database.clone(),
            storage: self.storage.clone(),
            sync: self.sync.clone(),
            upstream: self.upstream.clone(),
            limits: self.limits.clone(),
            catalog: self.catalog.clone(),
            access: self.access.clone(),
            hosted: self.hosted.clone(),
            signatures: self.signatures.clone(),
            releases: self.releases.clone(),
            clusters: self.clusters.clone(),
            repositories: self.repositories.clone(),
            base_path: self.server.base_path.clone(),
            samples: None,
        }
    }

    /// As TOML; secrets are masked by their own type.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string_pretty(self).map_err(|source| ConfigError::Unprintable { source })
    }
}

/// The file that is read when no other is named and it exists.
pub fn default_file() -> Option<PathBuf> {
    let file = PathBuf::from("chartroom.toml");
    file.is_file().then_some(file)
}
