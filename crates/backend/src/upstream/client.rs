//! HTTP clients: one for each way of connecting, shared by the repositories that connect that way.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::{Certificate, Client, Proxy, redirect};
use url::Url;

use super::FetchError;
use super::credentials::Sealed;
use super::guard::Guard;
use super::registry::{RegistryAccess, RegistryState, web_url};
use super::resolver::GuardedResolver;
use super::source::Source;
use crate::settings::{RepositorySettings, UpstreamSettings};

/// How to talk to other servers.
pub(crate) struct Upstream {
    settings: Arc<UpstreamSettings>,
    guard: Arc<Guard>,
    user_agent: String,
    clients: Mutex<HashMap<Way, (Client, GuardedResolver)>>,
    registries: Arc<RegistryState>,
}

/// What makes two clients differ.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Way {
    ca_file: Option<PathBuf>,
    proxy: Option<String>,
    private_hosts: BTreeSet<String>,
}

impl Upstream {
    /// Answers the first range of `allowed_cidrs` that is not one as the error.
    pub(crate) fn new(settings: &UpstreamSettings) -> Result<Self, String> {
        let comment = settings.user_agent_comment.trim();
        let version = env!("CARGO_PKG_VERSION");
        let user_agent = match comment.is_empty() {
            true => format!("Chartroom/{version}"),
            false => format!("Chartroom/{version} ({comment})"),
        };
        Ok(Self {
            settings: Arc::new(settings.clone()),
            guard: Arc::new(Guard::new(
                settings.allow_private_networks,
                &settings.allowed_cidrs,
            )?),
            user_agent,
            clients: Mutex::default(),
            registries: Arc::default(),
        })
    }

    /// How to talk to a repository.
    pub(crate) fn source(&self, repository: &RepositorySettings) -> Result<Source, FetchError> {
        let bad = || FetchError::Url {
            url: repository.url.clone(),
        };
        let origin = match repository.is_registry() {
            true => web_url(&repository.url, repository.plain_http)?,
            false => Url::parse(&repository.url).map_err(|_| bad())?,
        };
        let host = origin.host_str().ok_or_else(bad)?.to_owned();
        let mut private_hosts = BTreeSet::new();
        if repository.allow_private_network {
            private_hosts.insert(host);
            // The operator named them, too.
            let names = repository.token_hosts.iter();
            private_hosts.extend(names.map(|name| host_of(name).to_owned()));
        }
        let mut credentials = repository.credentials();
        let registries = RegistryAccess::new(repository, Arc::clone(&self.registries))?;
        if repository.is_registry() {
            // Said in the way that the registry asks for, and not before it does.
            credentials = crate::settings::Credentials {
                headers: credentials.headers,
                ..Default::default()
            };
        }
        let way = Way {
            ca_file: repository.ca_file.clone(),
            proxy: repository
                .proxy
                .as_ref()
                .or(self.settings.proxy.as_ref())
                .map(|proxy| proxy.expose().to_owned())
                .filter(|proxy| !proxy.is_empty()),
            private_hosts,
        };
        let is_proxied = way.proxy.is_some();
        let (client, resolver) = self.client(way)?;
        Ok(Source {
            settings: Arc::clone(&self.settings),
            client,
            resolver,
            is_proxied,
            origin,
            credentials: Sealed::new(&credentials)?,
            pass_credentials: repository.pass_credentials && !repository.is_registry(),
            registries,
        })
    }

    fn client(&self, way: Way) -> Result<(Client, GuardedResolver), FetchError> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = clients.get(&way) {
            return Ok(known.clone());
        }
        let made = self.build(&way)?;
        clients.insert(way, made.clone());
        Ok(made)
    }

    fn build(&self, way: &Way) -> Result<(Client, GuardedResolver), FetchError> {
        let mut builder = Client::builder()
            .user_agent(&self.user_agent)
            .connect_timeout(Duration::from_secs(self.settings.connect_timeout_secs))
            // Redirects are followed by hand: each target is checked like a first one.
            .redirect(redirect::Policy::none())
            // Archives are stored as they are sent; the index reader unpacks by itself.
            .no_gzip()
            .no_proxy()
            .referer(false)
            .pool_idle_timeout(Duration::from_secs(30))
            .tcp_nodelay(true);
        let mut private_hosts = way.private_hosts.clone();
        if let Some(url) = &way.proxy {
            let proxy = Url::parse(url).map_err(|_| FetchError::Proxy)?;
            private_hosts.extend(proxy.host_str().map(str::to_owned));
            builder = builder.proxy(Proxy::all(proxy).map_err(|_| FetchError::Proxy)?);
        }
        for path in way.ca_file.iter().chain(&self.settings.ca_file) {
            builder = builder.tls_certs_merge(read_certificates(path)?);
        }
        let resolver = GuardedResolver::new(Arc::clone(&self.guard), private_hosts);
        let client = builder
            .dns_resolver(Arc::new(resolver.clone()))
            .build()
            .map_err(FetchError::Client)?;
        Ok((client, resolver))
    }
}

/// The host of `host` or `host:port`.
fn host_of(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => name,
    }
}

fn read_certificates(path: &Path) -> Result<Vec<Certificate>, FetchError> {
    let bad = |source: Box<dyn std::error::Error + Send + Sync>| FetchError::Certificates {
        path: path.display().to_string(),
        source,
    };
    let pem = std::fs::read(path).map_err(|error| bad(Box::new(error)))?;
    Certificate::from_pem_bundle(&pem).map_err(|error| bad(Box::new(error)))
}
