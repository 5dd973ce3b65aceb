//! Clusters of the configuration, and one connection for each identity that asks something of them.
//!
//! A connection is made for a viewer and speaks as that viewer: Chartroom's own identity in a cluster only impersonates.
//! What is kept of connections is kept by identity, so that nobody is ever served with somebody else's.

mod configured;
mod error;
mod lists;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cluster::{Cluster, Driver, Settings, Subject};
use model::release::ClusterSummary;

pub(crate) use error::{cluster_error, problem};
pub(crate) use lists::damaged;

use self::lists::Lists;
use crate::settings::{ClusterSettings, RecordDriver};
use crate::viewer::{Viewer, ViewerKind};
use crate::{Error, Result};

/// Connections that nobody used for so long are closed.
const IDLE: Duration = Duration::from_secs(600);
/// Connections that are kept at most; the one that was not used for longest goes first.
const MAX_CONNECTIONS: usize = 256;

/// As whom a cluster is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    cluster: String,
    /// `None` is Chartroom itself.
    user: Option<String>,
    groups: Vec<String>,
}

impl Identity {
    /// Of a viewer, who has to be somebody.
    fn of(viewer: &Viewer, cluster: &str) -> Result<Self> {
        let user = viewer.kubernetes_user().map(str::to_owned);
        if user.is_none() && viewer.kind != ViewerKind::System {
            return Err(Error::Unauthenticated {
                reason: "a cluster needs a signed-in user".to_owned(),
            });
        }
        Ok(Self {
            cluster: cluster.to_owned(),
            user,
            groups: viewer
                .kubernetes_groups()
                .into_iter()
                .map(str::to_owned)
                .collect(),
        })
    }

    /// Somebody who asked for something earlier.
    pub(crate) fn stored(cluster: &str, user: &str, groups: Vec<String>) -> Self {
        Self {
            cluster: cluster.to_owned(),
            user: Some(user.to_owned()),
            groups,
        }
    }

    /// Whom the cluster sees, for roles; nobody where Chartroom asks for itself.
    pub(crate) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    pub(crate) fn groups(&self) -> &[String] {
        &self.groups
    }
}

/// A connection, and as whom it speaks.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) cluster: Cluster,
    pub(crate) identity: Identity,
    /// The release that is asked about, for what is said when there is none.
    release: String,
}

impl Connection {
    fn new(cluster: Cluster, identity: Identity) -> Self {
        Self {
            cluster,
            identity,
            release: String::new(),
        }
    }

    /// The same, for questions about one release.
    #[must_use]
    pub(crate) fn about(self, release: &str) -> Self {
        Self {
            release: release.to_owned(),
            ..self
        }
    }

    /// Who is to get missing rights.
    pub(crate) fn subject(&self) -> Subject {
        Subject::User {
            name: self
                .identity
                .user
                .clone()
                .unwrap_or_else(|| "chartroom".to_owned()),
        }
    }

    /// An error of the cluster in the words of operations on releases.
    pub(crate) fn explain(&self, error: &cluster::Error) -> Error {
        match error.innermost() {
            cluster::Error::NotFound => Error::not_found("release", &self.release),
            cluster::Error::NoRevision { revision } => {
                Error::not_found("revision", format!("{revision} of {}", self.release))
            }
            _ => cluster_error(error, &self.identity.cluster, &self.subject()),
        }
    }
}

struct Kept {
    cluster: Cluster,
    last_used: Instant,
}

/// The clusters of the configuration.
pub(crate) struct Clusters {
    configured: Vec<ClusterSettings>,
    connections: Mutex<HashMap<Identity, Kept>>,
    pub(crate) lists: Lists,
}

impl Clusters {
    pub(crate) fn new(configured: &[ClusterSettings]) -> Result<Self> {
        Ok(Self {
            configured: configured::read(configured)?,
            connections: Mutex::default(),
            lists: Lists::default(),
        })
    }

    /// Their names, in the order of the configuration.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.configured.iter().map(|cluster| cluster.name.as_str())
    }

    pub(crate) fn summaries(&self) -> Vec<ClusterSummary> {
        self.names()
            .map(|name| ClusterSummary {
                name: name.to_owned(),
                default_namespace: "default".to_owned(),
            })
            .collect()
    }

    /// The viewer's connection to a cluster. Whether the viewer may have one is `ops::authorise`'s to say, before.
    pub(crate) async fn connect(&self, viewer: &Viewer, name: &str) -> Result<Connection> {
        self.connect_as(Identity::of(viewer, name)?).await
    }

    /// A connection of an identity.
    pub(crate) async fn connect_as(&self, identity: Identity) -> Result<Connection> {
        let configured = self
            .configured
            .iter()
            .find(|cluster| cluster.name == identity.cluster);
        let Some(configured) = configured else {
            return Err(Error::not_found("cluster", identity.cluster));
        };
        if let Some(cluster) = self.kept(&identity) {
            return Ok(Connection::new(cluster, identity));
        }
        let cluster = Cluster::connect(settings(configured, &identity))
            .await
            .map_err(|error| cluster_error(&error, &configured.name, &no_subject()))?;
        let mut connections = self.connections();
        if connections.len() >= MAX_CONNECTIONS
            && let Some(oldest) = connections
                .iter()
                .min_by_key(|(_, kept)| kept.last_used)
                .map(|(identity, _)| identity.clone())
        {
            connections.remove(&oldest);
        }
        let kept = Kept {
            cluster: cluster.clone(),
            last_used: Instant::now(),
        };
        connections.insert(identity.clone(), kept);
        Ok(Connection::new(cluster, identity))
    }

    fn kept(&self, identity: &Identity) -> Option<Cluster> {
        let now = Instant::now();
        let mut connections = self.connections();
        connections.retain(|_, kept| now.duration_since(kept.last_used) < IDLE);
        let kept = connections.get_mut(identity)?;
        kept.last_used = now;
        Some(kept.cluster.clone())
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<Identity, Kept>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn settings(configured: &ClusterSettings, identity: &Identity) -> Settings {
    Settings {
        kubeconfig: configured.kubeconfig.iter().cloned().collect(),
        context: configured.context.clone(),
        in_cluster: configured.kubeconfig.is_none(),
        as_user: identity.user.clone(),
        as_groups: identity.groups.clone(),
        driver: match configured.driver {
            RecordDriver::Secrets => Driver::Secrets,
            RecordDriver::ConfigMaps => Driver::ConfigMaps,
        },
        ..Settings::default()
    }
}

fn no_subject() -> Subject {
    Subject::User { name: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_has_no_connection() {
        let clusters = Clusters::new(&[ClusterSettings {
            name: "prod".to_owned(),
            kubeconfig: Some("/nowhere/kubeconfig".into()),
            ..ClusterSettings::default()
        }])
        .expect("it is fine");
        let refused = clusters.connect(&Viewer::anonymous(), "prod").await;
        assert!(matches!(refused, Err(Error::Unauthenticated { .. })));
        let unknown = clusters.connect(&Viewer::system(), "other").await;
        assert!(matches!(unknown, Err(Error::NotFound { .. })));
        // The file is not there; what is said names the cluster.
        let unusable = clusters.connect(&Viewer::system(), "prod").await;
        assert!(matches!(unusable, Err(Error::Unavailable { .. })));
    }
}
