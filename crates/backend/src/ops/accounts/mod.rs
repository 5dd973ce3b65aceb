//! Users and how they come in: [`setup`] makes the first, [`users`] the others; [`sessions`] for browsers, [`tokens`] for
//! programs; [`guests`] are no users and have rights to hosted charts. [`clusters`] is who one is in clusters.

mod clusters;
mod guests;
mod sessions;
mod setup;
mod tokens;
mod users;

use std::sync::Arc;

use model::Timestamp;
use model::access::{Me, ReleaseRights, Rights};

pub(crate) use guests::TokenCheck;
pub use sessions::{NewSession, SignIn};
pub use setup::SetUp;
pub use tokens::{NewToken, TokenRequest};
pub use users::NewUser;

use super::authorise::Action;
use crate::secret::SecretString;
use crate::store::KubernetesIdentity;
use crate::viewer::{USERS_GROUP, ViewerKind, ViewingUser};
use crate::{Backend, Error, Result, Viewer, drawn};

/// A session or token is marked as used at most this often.
const MARK_EVERY_SECS: i64 = 60;
/// No secret of ours is longer; what is longer is not even hashed.
const MAX_SECRET_BYTES: usize = 128;

/// Operations on users, sessions and tokens.
pub struct Accounts<'a> {
    backend: &'a Backend,
}

impl<'a> Accounts<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { backend }
    }

    /// The viewer whose session has this secret; none when it does not hold any more, or never did.
    #[tracing::instrument(name = "op.session.resume", skip_all, err)]
    pub async fn resume(&self, secret: &SecretString) -> Result<Option<Viewer>> {
        if secret.expose().len() > MAX_SECRET_BYTES {
            return Ok(None);
        }
        let inner = self.backend.inner();
        let now = inner.clock.now();
        let found = inner
            .store
            .find_session(&drawn::hash(secret), now, self.idle_since(now))
            .await?;
        let Some(session) = found else {
            return Ok(None);
        };
        if now.0 - session.last_seen.0 >= MARK_EVERY_SECS {
            inner.store.note_session_seen(session.id, now).await?;
        }
        let user = self
            .viewing(session.user_id, session.user_name, session.identity)
            .await?;
        let viewer = Viewer::new(ViewerKind::User {
            user: Arc::new(user),
            session_id: session.id,
        });
        Ok(Some(self.with_kept_tokens(viewer, secret, session.id).await?))
    }

    /// The viewer that a token acts for.
    #[tracing::instrument(name = "op.token.resume", skip_all)]
    pub async fn resume_token(&self, token: &SecretString) -> Result<Viewer> {
        let refused = || Error::Unauthenticated {
            reason: "the token is wrong, has run out or was revoked".to_owned(),
        };
        if token.expose().len() > MAX_SECRET_BYTES || !token.expose().starts_with(tokens::PREFIX) {
            return Err(refused());
        }
        let inner = self.backend.inner();
        let now = inner.clock.now();
        let found = inner.store.find_token(&drawn::hash(token), now).await?;
        let found = found.ok_or_else(refused)?;
        if found.last_used.is_none_or(|at| now.0 - at.0 >= MARK_EVERY_SECS) {
            inner.store.note_token_used(found.id, now).await?;
        }
        let user = self
            .viewing(found.user_id, found.user_name, found.identity)
            .await?;
        Ok(Viewer::new(ViewerKind::Token {
            user: Arc::new(user),
            label: found.label,
            scopes: found.scopes,
        }))
    }

    /// Who asks and what they may do; with releases of a cluster and namespace where those are given.
    pub fn me(&self, viewer: &Viewer, place: Option<(&str, &str)>) -> Me {
        let may = |action| self.backend.authorise(viewer, action).is_ok();
        let (grants, scopes) = match &viewer.kind {
            ViewerKind::User { user, .. } => (user.grants.clone(), Vec::new()),
            ViewerKind::Token { user, scopes, .. } => (user.grants.clone(), scopes.clone()),
            ViewerKind::Anonymous | ViewerKind::Guest { .. } | ViewerKind::System => (Vec::new(), Vec::new()),
        };
        Me {
            name: viewer.name().map(str::to_owned),
            via: Some(viewer.via().to_owned()).filter(|via| !via.is_empty()),
            grants,
            scopes,
            rights: Rights {
                read_catalog: may(Action::ReadCharts),
                manage_repositories: may(Action::ManageRepositories),
                manage_accounts: may(Action::ManageAccounts),
                read_audit: may(Action::ReadAudit),
                manage_own_account: may(Action::ManageOwnAccount),
                releases: place.map(|(cluster, namespace)| ReleaseRights {
                    read: may(Action::ReadReleases { cluster, namespace }),
                    change: may(Action::ChangeReleases { cluster, namespace }),
                    read_all_namespaces: may(Action::ReadAllReleases { cluster }),
                }),
            },
        }
    }

    /// What a form of a page carries to show that it was made for this session: other sites cannot read it.
    pub fn form_token(&self, session: &SecretString) -> SecretString {
        drawn::derived(session, "form of a page")
    }

    /// Whether a form was made for this session.
    pub fn is_form_token(&self, session: &SecretString, given: &SecretString) -> bool {
        drawn::is_same(&self.form_token(session), given)
    }

    /// A session that was not used since then does not hold any more.
    fn idle_since(&self, now: Timestamp) -> Timestamp {
        let idle_secs = self.backend.inner().settings.access.session_idle_secs;
        Timestamp(now.0.saturating_sub_unsigned(idle_secs))
    }

    async fn viewing(&self, id: i64, name: String, identity: KubernetesIdentity) -> Result<ViewingUser> {
        let store = &self.backend.inner().store;
        let groups = std::iter::once(USERS_GROUP).chain(identity.groups.iter().map(String::as_str));
        let groups: Vec<&str> = groups.collect();
        Ok(ViewingUser {
            grants: store.list_grants(id).await?,
            hosted: store.hosted_grants_of(id, &groups).await?,
            id,
            name,
            kubernetes_user: identity.user,
            kubernetes_groups: identity.groups,
        })
    }

    /// The signed-in user, for what they do to their own account.
    fn own<'v>(&self, viewer: &'v Viewer) -> Result<&'v ViewingUser> {
        viewer.user().ok_or_else(|| Error::Unauthenticated {
            reason: "nobody is signed in".to_owned(),
        })
    }
}

impl Backend {
    /// Removes the sessions that hold no more.
    pub(crate) async fn forget_sessions(&self) -> Result<u64> {
        let now = self.inner().clock.now();
        let idle_since = self.accounts().idle_since(now);
        Ok(self.inner().store.forget_sessions(now, idle_since).await?)
    }
}
