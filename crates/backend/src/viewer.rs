//! On whose behalf an operation runs.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use model::access::{Grant, Scope};
use model::hosted::HostedRight;

use crate::clusters::ClusterToken;

/// The group that every user belongs to.
pub(crate) const USERS_GROUP: &str = "chartroom:users";

/// The subject of every operation; `ops::authorise` says what it may do.
///
/// Somebody's viewer is made by [`Accounts`](crate::ops::Accounts) alone, from a session or a token that it has checked,
/// and for one request: what it may do is what its user held at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub(crate) kind: ViewerKind,
    /// Where the request came from, for the audit log and for counting attempts.
    pub(crate) address: Option<IpAddr>,
    /// Tokens that the viewer gave, by the names of the clusters they are for.
    cluster_tokens: Arc<BTreeMap<String, ClusterToken>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ViewerKind {
    /// Nobody has signed in.
    Anonymous,
    /// A user with a session.
    User { user: Arc<ViewingUser>, session_id: i64 },
    /// A token that acts for a user.
    Token {
        user: Arc<ViewingUser>,
        label: String,
        scopes: Vec<Scope>,
    },
    /// Not one of our users, but with rights to hosted charts: who knows the configured pair of name and password, or
    /// was given a token by the authorisation server that the configuration names.
    Guest { name: String, rights: GuestRights },
    /// The operator at the command line, and our own jobs.
    System,
}

/// What a guest may do with hosted charts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GuestRights {
    /// Everything with all of them.
    All,
    /// What a token lists.
    Listed(Vec<GuestGrant>),
}

/// One entry of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GuestGrant {
    /// As in addresses; empty for the repository without one.
    pub(crate) tenant: String,
    pub(crate) pull: bool,
    pub(crate) push: bool,
}

/// The user behind a viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ViewingUser {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) grants: Vec<Grant>,
    /// What they may do with hosted charts besides: places with rights.
    pub(crate) hosted: Vec<(String, HostedRight)>,
    pub(crate) kubernetes_user: Option<String>,
    pub(crate) kubernetes_groups: Vec<String>,
}

impl Viewer {
    /// A visitor who has not signed in.
    pub fn anonymous() -> Self {
        Self::new(ViewerKind::Anonymous)
    }

    /// The operator at the command line, or the process itself.
    pub fn system() -> Self {
        Self::new(ViewerKind::System)
    }

    pub(crate) fn new(kind: ViewerKind) -> Self {
        Self {
            kind,
            address: None,
            cluster_tokens: Arc::default(),
        }
    }

    /// The same with a token for a cluster, which is asked with it and with nothing else of this viewer's from then on.
    /// It gives no rights here: who may not see a cluster does not see it with a token either.
    #[must_use]
    pub fn with_cluster_token(mut self, cluster: &str, token: ClusterToken) -> Self {
        Arc::make_mut(&mut self.cluster_tokens).insert(cluster.to_owned(), token);
        self
    }

    /// The token that the viewer gave for a cluster.
    pub(crate) fn cluster_token(&self, cluster: &str) -> Option<&ClusterToken> {
        self.cluster_tokens.get(cluster)
    }

    /// The same, with the address that the request came from.
    #[must_use]
    pub fn from_address(self, address: IpAddr) -> Self {
        Self {
            address: Some(address),
            ..self
        }
    }

    /// Whether nobody has shown who it is.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.kind == ViewerKind::Anonymous
    }

    /// The signed-in user's name.
    pub fn name(&self) -> Option<&str> {
        self.user().map(|user| user.name.as_str())
    }

    /// The name to impersonate in clusters (`Impersonate-User`). Without one, nothing is done in a cluster on the
    /// viewer's behalf; the system itself acts there with its own credentials.
    pub fn kubernetes_user(&self) -> Option<&str> {
        let user = self.user()?;
        Some(user.kubernetes_user.as_deref().unwrap_or(&user.name))
    }

    /// The groups to impersonate in clusters (`Impersonate-Group`).
    pub fn kubernetes_groups(&self) -> Vec<&str> {
        let Some(user) = self.user() else {
            return Vec::new();
        };
        std::iter::once(USERS_GROUP)
            .chain(user.kubernetes_groups.iter().map(String::as_str))
            .collect()
    }

    /// Whether some role reaches into a cluster.
    pub(crate) fn sees_cluster(&self, cluster: &str) -> bool {
        match self.user() {
            None => self.kind == ViewerKind::System,
            Some(user) => user
                .grants
                .iter()
                .any(|grant| covers(grant.cluster.as_deref(), cluster)),
        }
    }

    /// The namespaces of a cluster that roles name, in order; who holds a role for all of them needs none to be named.
    pub(crate) fn namespaces(&self, cluster: &str) -> BTreeSet<String> {
        let grants = self.user().map(|user| user.grants.iter());
        grants
            .into_iter()
            .flatten()
            .filter(|grant| covers(grant.cluster.as_deref(), cluster))
            .filter_map(|grant| grant.namespace.clone())
            .collect()
    }

    pub(crate) fn user(&self) -> Option<&ViewingUser> {
        match &self.kind {
            ViewerKind::User { user, .. } | ViewerKind::Token { user, .. } => Some(user),
            ViewerKind::Anonymous | ViewerKind::Guest { .. } | ViewerKind::System => None,
        }
    }

    pub(crate) fn session_id(&self) -> Option<i64> {
        match &self.kind {
            ViewerKind::User { session_id, .. } => Some(*session_id),
            _ => None,
        }
    }

    /// How the viewer came in, in the words of the audit log.
    pub(crate) fn via(&self) -> &'static str {
        match &self.kind {
            ViewerKind::Anonymous => "",
            ViewerKind::User { .. } => "session",
            ViewerKind::Token { .. } => "token",
            ViewerKind::Guest { .. } => "hosted",
            ViewerKind::System => "command line",
        }
    }
}

/// Whether a grant for `granted`, or for all clusters, holds in `cluster`.
fn covers(granted: Option<&str>, cluster: &str) -> bool {
    granted.is_none_or(|granted| granted == cluster)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Viewer, ViewerKind, ViewingUser};

    fn user(kubernetes_user: Option<&str>, groups: &[&str]) -> Viewer {
        Viewer::new(ViewerKind::User {
            user: Arc::new(ViewingUser {
                id: 1,
                name: "alice".to_owned(),
                grants: Vec::new(),
                hosted: Vec::new(),
                kubernetes_user: kubernetes_user.map(str::to_owned),
                kubernetes_groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            }),
            session_id: 1,
        })
    }

    #[test]
    fn clusters_see_the_user_and_never_the_system() {
        assert_eq!(user(None, &[]).kubernetes_user(), Some("alice"));
        assert_eq!(user(None, &[]).kubernetes_groups(), ["chartroom:users"]);
        let mapped = user(Some("alice@example.com"), &["team-shop"]);
        assert_eq!(mapped.kubernetes_user(), Some("alice@example.com"));
        assert_eq!(mapped.kubernetes_groups(), ["chartroom:users", "team-shop"]);
        for nobody in [Viewer::anonymous(), Viewer::system()] {
            assert_eq!(nobody.kubernetes_user(), None);
            assert!(nobody.kubernetes_groups().is_empty());
        }
    }
}
