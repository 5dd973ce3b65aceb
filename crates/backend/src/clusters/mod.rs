//! Clusters of the configuration, and one connection for each identity that asks something of them.
//!
//! A connection is made for a viewer and speaks as that viewer: with the token that the viewer gave for the cluster, and
//! with nothing else, or as Chartroom's own identity there, which only impersonates. What is kept of connections is kept
//! by identity, so that nobody is ever served with somebody else's.

mod configured;
mod error;
mod lists;
mod token;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cluster::{Cluster, Driver, Settings, Subject};
use model::release::ClusterSummary;

use error::cluster_error;
pub(crate) use error::problem;
pub(crate) use lists::damaged;
pub use token::ClusterToken;

use self::lists::Lists;
use crate::settings::{ClusterSettings, RecordDriver};
use crate::viewer::{Viewer, ViewerKind};
use crate::{Error, Result};

/// Connections that nobody used for so long are closed.
const IDLE: Duration = Duration::from_secs(600);
/// Connections that are kept at most; the one that was not used for longest goes first.
const MAX_CONNECTIONS: usize = 256;

/// What is said of a token's owner where a cluster does not tell the name: before Kubernetes 1.28 it need not.
const UNNAMED: &str = "the token's owner";

/// As whom a cluster is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    cluster: String,
    speaks: Speaks,
}

/// By what a cluster knows who asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Speaks {
    /// Chartroom itself.
    Own,
    /// Chartroom's credentials, for somebody else.
    Impersonating { user: String, groups: Vec<String> },
    /// A token that the user of that name here gave. The name is part of it for those who look for a user's connection
    /// and know no token.
    Token { of: String, token: ClusterToken },
}

impl Identity {
    /// Of a viewer, who has to be somebody.
    fn of(viewer: &Viewer, cluster: &str) -> Result<Self> {
        let speaks = match (viewer.user(), viewer.cluster_token(cluster)) {
            (Some(user), Some(token)) => Speaks::Token {
                of: user.name.clone(),
                token: token.clone(),
            },
            (Some(user), None) => Speaks::Impersonating {
                user: viewer.kubernetes_user().unwrap_or(&user.name).to_owned(),
                groups: viewer
                    .kubernetes_groups()
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
            },
            (None, _) if viewer.kind == ViewerKind::System => Speaks::Own,
            (None, _) => {
                return Err(Error::Unauthenticated {
                    reason: "a cluster needs a signed-in user".to_owned(),
                });
            }
        };
        Ok(Self {
            cluster: cluster.to_owned(),
            speaks,
        })
    }

    /// Somebody who asked for something earlier, by impersonation.
    pub(crate) fn impersonated(cluster: &str, user: &str, groups: Vec<String>) -> Self {
        Self {
            cluster: cluster.to_owned(),
            speaks: Speaks::Impersonating {
                user: user.to_owned(),
                groups,
            },
        }
    }

    pub(crate) fn is_by_token(&self) -> bool {
        matches!(self.speaks, Speaks::Token { .. })
    }

    /// The groups that are impersonated.
    pub(crate) fn groups(&self) -> &[String] {
        match &self.speaks {
            Speaks::Impersonating { groups, .. } => groups,
            Speaks::Own | Speaks::Token { .. } => &[],
        }
    }
}

/// A connection, and as whom it speaks.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) cluster: Cluster,
    pub(crate) identity: Identity,
    /// As the cluster calls who asks; empty where Chartroom asks for itself.
    pub(crate) user: String,
    /// The release that is asked about, for what is said when there is none.
    release: String,
}

impl Connection {
    fn new(kept: Kept, identity: Identity) -> Self {
        Self {
            cluster: kept.cluster,
            identity,
            user: kept.user,
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
        match self.user.as_str() {
            "" => Subject::of_user_name("chartroom"),
            user => Subject::of_user_name(user),
        }
    }

    /// An error of the cluster in the words of operations on releases.
    pub(crate) fn explain(&self, error: &cluster::Error) -> Error {
        match error.innermost() {
            cluster::Error::NotFound => Error::not_found("release", &self.release),
            cluster::Error::NoRevision { revision } => {
                Error::not_found("revision", format!("{revision} of {}", self.release))
            }
            _ => cluster_error(error, &self.identity, &self.subject()),
        }
    }
}

#[derive(Clone)]
struct Kept {
    cluster: Cluster,
    /// As in [`Connection`].
    user: String,
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

    /// Their settings, in the order of the configuration.
    pub(crate) fn each(&self) -> impl Iterator<Item = &ClusterSettings> {
        self.configured.iter()
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
        if let Some(kept) = self.kept(&identity) {
            return Ok(Connection::new(kept, identity));
        }
        if matches!(identity.speaks, Speaks::Impersonating { .. }) && !configured.impersonate {
            return Err(error::needs_token(&configured.name));
        }
        let explain = |error| cluster_error(&error, &identity, &no_subject());
        let cluster = Cluster::connect(settings(configured, &identity))
            .await
            .map_err(explain)?;
        let user = match &identity.speaks {
            Speaks::Own => String::new(),
            Speaks::Impersonating { user, .. } => user.clone(),
            // Whether the cluster takes the token is found out now and not by the first of many questions.
            Speaks::Token { .. } => match cluster.whoami().await {
                Ok(name) => name,
                Err(cluster::Error::NotFound | cluster::Error::Forbidden { .. }) => UNNAMED.to_owned(),
                Err(error) => return Err(explain(error)),
            },
        };
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
            cluster,
            user,
            last_used: Instant::now(),
        };
        connections.insert(identity.clone(), kept.clone());
        Ok(Connection::new(kept, identity))
    }

    /// A connection that a user has to a cluster at present by a token of theirs, if there is one.
    pub(crate) fn present_by_token(&self, cluster: &str, user: &str) -> Option<Connection> {
        let connections = self.connections();
        let (identity, kept) = connections.iter().find(|(identity, _)| {
            identity.cluster == cluster && matches!(&identity.speaks, Speaks::Token { of, .. } if of == user)
        })?;
        Some(Connection::new(kept.clone(), identity.clone()))
    }

    /// Closes what a user's connection with that token was used for; the token is not wanted any more.
    pub(crate) fn forget_token(&self, cluster: &str, user: &str, token: &ClusterToken) {
        let identity = Identity {
            cluster: cluster.to_owned(),
            speaks: Speaks::Token {
                of: user.to_owned(),
                token: token.clone(),
            },
        };
        self.connections().remove(&identity);
        self.lists.forget(&identity);
    }

    fn kept(&self, identity: &Identity) -> Option<Kept> {
        let now = Instant::now();
        let mut connections = self.connections();
        connections.retain(|_, kept| now.duration_since(kept.last_used) < IDLE);
        let kept = connections.get_mut(identity)?;
        kept.last_used = now;
        Some(kept.clone())
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
        // In the place of whatever the configuration has: a client's certificate would count more than a token.
        token: match &identity.speaks {
            Speaks::Token { token, .. } => Some(token.secret().expose().to_owned()),
            Speaks::Own | Speaks::Impersonating { .. } => None,
        },
        as_user: match &identity.speaks {
            Speaks::Impersonating { user, .. } => Some(user.clone()),
            Speaks::Own | Speaks::Token { .. } => None,
        },
        as_groups: identity.groups().to_vec(),
        driver: match configured.driver {
            RecordDriver::Secrets => Driver::Secrets,
            RecordDriver::ConfigMaps => Driver::ConfigMaps,
        },
        ..Settings::default()
    }
}

fn no_subject() -> Subject {
    Subject::of_user_name("")
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
