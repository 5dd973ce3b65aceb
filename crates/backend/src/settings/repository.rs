//! Settings of one repository.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::secret::SecretString;

/// Which archives are fetched without being asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ArchivePolicy {
    /// The newest version of every chart; others when they are first viewed.
    #[default]
    Latest,
    /// Every version, the newest of every chart first.
    All,
    /// None until it is viewed.
    OnDemand,
}

/// Which provenance files (`<archive>.prov`, what signs a chart) are asked for; each costs a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProvenancePolicy {
    /// With the archives of charts whose annotations name the key that signs them; others when somebody asks a mirror.
    #[default]
    Signed,
    /// With every archive.
    All,
    /// When somebody asks a mirror.
    OnDemand,
    /// None: this repository has none.
    Never,
}

/// A chart repository to follow.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RepositorySettings {
    /// The name in URLs: lower-case letters, digits, `-` and `.`.
    pub name: String,
    /// The URL as `helm repo add` takes it: the folder of `index.yaml`. Or a registry and a namespace of it, as
    /// `helm push` takes them: `oci://registry.example.com/charts`.
    pub url: String,
    /// Of a registry: the charts to follow, by their names below the namespace. Without them the registry's catalog
    /// says which there are, which some registries (ghcr.io, Docker Hub) do not have.
    pub charts: Vec<String>,
    /// Of a registry: other hosts (`host` or `host:port`) that it may send its credentials to for a token, such as
    /// `auth.docker.io`. Those of its own host need no mention.
    pub token_hosts: Vec<String>,
    /// Of a registry: it is spoken to without TLS, as with helm's `--plain-http`.
    pub plain_http: bool,
    /// User name for basic authentication.
    pub username: Option<String>,
    /// Password for basic authentication.
    pub password: Option<SecretString>,
    /// Token sent as `Authorization: Bearer`.
    pub bearer_token: Option<SecretString>,
    /// Further headers to send, such as a token header of the repository's product.
    pub headers: BTreeMap<String, SecretString>,
    /// Send the credentials to other hosts, too, when the index points there.
    pub pass_credentials: bool,
    /// Certificates (PEM) trusted for this repository besides the system's.
    pub ca_file: Option<PathBuf>,
    /// A proxy for this repository alone.
    pub proxy: Option<SecretString>,
    /// The host of `url` may have an address in a private range.
    pub allow_private_network: bool,
    /// How often this repository is looked at; default is `sync.interval_secs`.
    pub interval_secs: Option<u64>,
    /// Which archives are fetched without being asked for; default is `sync.archives`.
    pub archives: Option<ArchivePolicy>,
    /// Which provenance files are asked for; default is `sync.provenance`.
    pub provenance: Option<ProvenancePolicy>,
}

/// What a repository wants to see before it answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Credentials {
    /// User name for basic authentication.
    pub username: Option<String>,
    /// Password for basic authentication.
    pub password: Option<SecretString>,
    /// Token sent as `Authorization: Bearer`.
    pub bearer_token: Option<SecretString>,
    /// Further headers.
    pub headers: BTreeMap<String, SecretString>,
}

impl RepositorySettings {
    /// A repository without credentials, as a test or a command line names it.
    pub fn new(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            url: url.into(),
            ..Self::default()
        }
    }

    /// Whether its charts lie in an OCI registry.
    pub fn is_registry(&self) -> bool {
        self.url.trim_start().starts_with("oci://")
    }

    /// What is sent to prove who asks.
    pub fn credentials(&self) -> Credentials {
        Credentials {
            username: self.username.clone(),
            password: self.password.clone(),
            bearer_token: self.bearer_token.clone(),
            headers: self.headers.clone(),
        }
    }
}
