//! A connection to one cluster as one identity.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::Error;

/// An answer that makes no progress for this long is given up.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Where a cluster is, and as whom to speak to it. The default is what kubectl does without flags.
#[derive(Clone, Default)]
pub struct Settings {
    /// Kubeconfig files, earlier ones win; none means `~/.kube/config`, else the service account of this pod.
    pub kubeconfig: Vec<PathBuf>,
    /// Only the service account of the pod that this runs in, whatever kubeconfig there is.
    pub in_cluster: bool,
    /// The context, instead of the current one.
    pub context: Option<String>,
    /// Instead of the server of the context.
    pub api_server: Option<String>,
    /// A bearer token instead of the context's identity.
    pub token: Option<String>,
    /// A user and groups to impersonate.
    pub as_user: Option<String>,
    pub as_groups: Vec<String>,
    /// PEM certificates that the server's is checked with.
    pub ca_file: Option<PathBuf>,
    pub tls_server_name: Option<String>,
    pub accept_any_certificate: bool,
    /// Where records are kept.
    pub driver: Driver,
}

/// The contexts of a kubeconfig file, in its order.
///
/// # Errors
/// Where the file cannot be read or is no kubeconfig.
pub fn contexts(kubeconfig: &Path) -> Result<Vec<String>, Error> {
    let file = Kubeconfig::read_from(kubeconfig).map_err(|error| Error::Kubeconfig(Box::new(error)))?;
    Ok(file.contexts.into_iter().map(|context| context.name).collect())
}

/// The kind of object that holds records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Driver {
    #[default]
    Secrets,
    ConfigMaps,
}

impl Driver {
    /// The driver of helm's variable `HELM_DRIVER`; `memory` and `sql` are not kept in a cluster.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "" | "secret" | "secrets" => Some(Self::Secrets),
            "configmap" | "configmaps" => Some(Self::ConfigMaps),
            _ => None,
        }
    }

    /// The resource in paths of the API.
    pub(crate) fn resource(self) -> &'static str {
        match self {
            Self::Secrets => "secrets",
            Self::ConfigMaps => "configmaps",
        }
    }
}

/// One cluster, seen by one identity. What it may do is the cluster's decision; never share it between identities.
#[derive(Clone)]
pub struct Cluster {
    pub(crate) client: Client,
    config: Arc<Config>,
    pub(crate) driver: Driver,
    /// How long a request is repeated that fails for a reason that may pass.
    pub(crate) patience: Duration,
    namespace: String,
}

impl Cluster {
    /// Prepares the connection; nothing is asked of the cluster yet.
    pub async fn connect(settings: Settings) -> Result<Self, Error> {
        let mut config = config(&settings).await?;
        config.read_timeout = Some(READ_TIMEOUT);
        // It would repeat what creates objects without telling, and sleep for as long as an answer says. See `api`.
        config.default_retry = false;
        if let Some(server) = &settings.api_server {
            config.cluster_url = server.parse().map_err(|_| Error::Setting {
                setting: "api server",
            })?;
        }
        if let Some(token) = settings.token {
            config.auth_info = kube::config::AuthInfo {
                token: Some(token.into()),
                ..Default::default()
            };
        }
        if settings.as_user.is_some() {
            config.auth_info.impersonate = settings.as_user;
        }
        if !settings.as_groups.is_empty() {
            config.auth_info.impersonate_groups = Some(settings.as_groups);
        }
        if let Some(file) = settings.ca_file {
            config.root_cert = None;
            config.root_cert_file = Some(file);
        }
        if settings.tls_server_name.is_some() {
            config.tls_server_name = settings.tls_server_name;
        }
        config.accept_invalid_certs |= settings.accept_any_certificate;
        let namespace = config.default_namespace.clone();
        let client = client(config.clone())?;
        Ok(Self {
            client,
            config: Arc::new(config),
            driver: settings.driver,
            patience: Duration::ZERO,
            namespace,
        })
    }

    /// The same connection, which goes on asking for `patience` where an API server is away or overloaded.
    #[must_use]
    pub fn with_patience(&self, patience: Duration) -> Self {
        Self {
            patience,
            ..self.clone()
        }
    }

    /// A client that waits for as long as it takes for the next part of an answer.
    pub(crate) fn client_for_streams(&self) -> Result<Client, Error> {
        let mut config = (*self.config).clone();
        config.read_timeout = None;
        client(config)
    }

    /// The namespace of the context, or `default`.
    pub fn default_namespace(&self) -> &str {
        &self.namespace
    }
}

fn client(config: Config) -> Result<Client, Error> {
    Client::try_from(config).map_err(|error| Error::Client(Box::new(error)))
}

async fn config(settings: &Settings) -> Result<Config, Error> {
    if settings.in_cluster {
        return Config::incluster().map_err(|error| Error::NoServiceAccount(Box::new(error)));
    }
    let options = KubeConfigOptions {
        context: settings.context.clone(),
        ..Default::default()
    };
    let unusable = |error| Error::Kubeconfig(Box::new(error));
    let mut merged: Option<Kubeconfig> = None;
    for file in &settings.kubeconfig {
        let next = Kubeconfig::read_from(file).map_err(unusable)?;
        merged = Some(match merged {
            None => next,
            Some(before) => before.merge(next).map_err(unusable)?,
        });
    }
    if let Some(kubeconfig) = merged {
        return Config::from_custom_kubeconfig(kubeconfig, &options)
            .await
            .map_err(unusable);
    }
    match Config::from_kubeconfig(&options).await {
        Ok(config) => Ok(config),
        Err(kubeconfig) if settings.context.is_some() => Err(unusable(kubeconfig)),
        Err(kubeconfig) => Config::incluster().map_err(|_| Error::NoCluster(Box::new(kubeconfig))),
    }
}
