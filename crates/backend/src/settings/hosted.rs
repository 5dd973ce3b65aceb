//! Settings of hosted repositories.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::secret::SecretString;

/// Repositories whose charts are uploaded here, with ChartMuseum's API.
///
/// They live in a directory of `<tenant>/<name>-<version>.tgz`, which may be one that a ChartMuseum left.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HostedSettings {
    /// There are hosted repositories. Off, those that were there leave the catalog; their files stay.
    pub enabled: bool,
    /// The name of the repository in the catalog; with tenants `name.org.repo`.
    pub name: String,
    /// The directory of the charts. Empty means `hosted` in the data directory.
    pub dir: PathBuf,
    /// Where the API is, below the base path of the site, such as `/hosted`.
    pub context_path: String,
    /// Segments of a tenant's name in addresses: 0 is one repository, 2 is `org/repo`.
    pub depth: u32,
    /// Tenants may have any depth up to 8; `depth` does not count then.
    pub depth_dynamic: bool,
    /// What the addresses of archives in an index begin with. Empty makes them relative to the index.
    pub chart_url: String,
    /// An index is written as JSON, which helm 3.13 and newer reads several times faster.
    pub json_index: bool,
    /// Routes below `/api` exist.
    pub api: bool,
    /// Versions can be deleted, by whatever door.
    pub delete: bool,
    /// A version may be uploaded again without `?force`.
    pub allow_overwrite: bool,
    /// A version may be uploaded again with `?force`.
    pub allow_force_overwrite: bool,
    /// A larger upload is refused.
    pub max_upload_bytes: u64,
    /// Files of one tenant; zero means no limit.
    pub max_objects: u64,
    /// Versions of one chart: one more and the one uploaded first goes. Zero means no limit.
    pub max_versions_per_chart: u64,
    /// How many bytes the directory may hold. Zero means no limit.
    pub quota_bytes: u64,
    /// How long what was deleted can come back. Zero means not at all.
    pub undo_secs: u64,
    /// Releases of each chart that are kept, the newest by version, where a repository has no retention rules of its own.
    /// Zero means no limit.
    pub retention_keep_releases: u32,
    /// Releases that were uploaded in the last so many days are kept. Zero means no limit.
    pub retention_release_days: u32,
    /// Pre-releases of each chart that are kept. Zero means no limit.
    pub retention_keep_prereleases: u32,
    /// Pre-releases that were uploaded in the last so many days are kept. Zero means no limit.
    pub retention_prerelease_days: u32,
    /// Charts (`web`) or versions (`web 1.2.*`) that no rule touches.
    pub retention_except: Vec<String>,
    /// These rules are applied without anybody having confirmed on a page what they come to.
    pub retention_apply: bool,
    /// Seals the secrets of webhooks in the database. Empty means a key in the file `.webhook-key` beside the charts, which
    /// is made when it is needed.
    pub webhook_key: SecretString,
    /// Hosts that webhooks may be sent to although they are in a private network.
    pub webhook_private_hosts: Vec<String>,
    /// How often the whole directory is compared with what is known of it. What is added or removed there is noticed
    /// without that, at the next request or look.
    pub rescan_secs: u64,
    /// Whoever is not signed in may upload and delete.
    pub anonymous_push: bool,
    /// The name in a pair of name and password that may do everything with hosted charts, besides users' tokens.
    pub basic_auth_user: String,
    /// The password of that pair.
    pub basic_auth_password: SecretString,
    /// The public key (PEM) of an authorisation server: its tokens (JWT, RS256) are accepted.
    pub auth_cert_file: Option<PathBuf>,
    /// The address of that server, which clients are sent to.
    pub auth_realm: String,
    /// What that server calls us.
    pub auth_service: String,
    /// The field of a form that holds an archive, besides `chart`.
    pub chart_field: String,
    /// The field of a form that holds a provenance file, besides `prov`.
    pub provenance_field: String,
    /// An origin whose pages may use the API: what is sent as `Access-Control-Allow-Origin` below `/api`.
    pub cors_allow_origin: String,
    /// A directory with `index.html`, which is shown instead of the welcome page, and `static`, which it uses.
    pub web_template_dir: Option<PathBuf>,
    /// The repository's id on Artifact Hub by tenant, for `artifacthub-repo.yml`; the empty name is the repository
    /// without a tenant.
    pub artifact_hub_ids: BTreeMap<String, String>,
}

impl Default for HostedSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            name: "hosted".to_owned(),
            dir: PathBuf::new(),
            context_path: "/hosted".to_owned(),
            depth: 0,
            depth_dynamic: false,
            chart_url: String::new(),
            json_index: false,
            api: true,
            delete: true,
            allow_overwrite: false,
            allow_force_overwrite: true,
            max_upload_bytes: 20 * 1024 * 1024,
            max_objects: 0,
            max_versions_per_chart: 0,
            quota_bytes: 0,
            undo_secs: 86_400,
            retention_keep_releases: 0,
            retention_release_days: 0,
            retention_keep_prereleases: 0,
            retention_prerelease_days: 0,
            retention_except: Vec::new(),
            retention_apply: false,
            webhook_key: SecretString::default(),
            webhook_private_hosts: Vec::new(),
            rescan_secs: 60,
            anonymous_push: false,
            basic_auth_user: String::new(),
            basic_auth_password: SecretString::default(),
            auth_cert_file: None,
            auth_realm: String::new(),
            auth_service: String::new(),
            chart_field: "chart".to_owned(),
            provenance_field: "prov".to_owned(),
            cors_allow_origin: String::new(),
            web_template_dir: None,
            artifact_hub_ids: BTreeMap::new(),
        }
    }
}
