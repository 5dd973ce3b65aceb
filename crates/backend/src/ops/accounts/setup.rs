//! The first start: a link, printed where only the operator reads, makes the first user, who may do everything.

use model::Timestamp;
use model::access::{Grant, Role};

use super::users::check_name;
use super::{Accounts, MAX_SECRET_BYTES, NewSession};
use crate::secret::SecretString;
use crate::store::{KubernetesIdentity, NewUserRecord};
use crate::{Error, Result, Viewer, drawn, password};

/// What the first user says.
#[derive(Debug)]
pub struct SetUp {
    /// The secret of the link.
    pub token: SecretString,
    /// The name to sign in with.
    pub name: String,
    /// Its password.
    pub password: SecretString,
    /// As the browser calls itself.
    pub browser: String,
}

impl Accounts<'_> {
    /// Whether there is a user.
    pub async fn is_set_up(&self) -> Result<bool> {
        Ok(self.backend.inner().store.count_users().await? > 0)
    }

    /// The secret of a new link, while there is no user. It is for the process that starts, and for nobody's request.
    #[tracing::instrument(name = "op.setup.link", skip_all, err)]
    pub async fn new_setup_link(&self) -> Result<Option<SecretString>> {
        if self.is_set_up().await? {
            return Ok(None);
        }
        let inner = self.backend.inner();
        let secret = drawn::secret()?;
        let now = inner.clock.now();
        let expires = Timestamp(
            now.0
                .saturating_add_unsigned(inner.settings.access.setup_link_secs),
        );
        inner
            .store
            .add_setup_link(&drawn::hash(&secret), now, expires)
            .await?;
        Ok(Some(secret))
    }

    /// Says what is wrong with a link, or nothing.
    #[tracing::instrument(name = "op.setup.check", skip_all)]
    pub async fn check_setup_link(&self, token: &SecretString) -> Result<()> {
        if self.is_set_up().await? {
            return Err(set_up_already());
        }
        let inner = self.backend.inner();
        let is_good = token.expose().len() <= MAX_SECRET_BYTES
            && inner
                .store
                .is_setup_link(&drawn::hash(token), inner.clock.now())
                .await?;
        if is_good { Ok(()) } else { Err(bad_link()) }
    }

    /// Makes the first user with the secret of a link, and signs them in. Of many at once, one succeeds.
    #[tracing::instrument(name = "op.setup.use", skip_all)]
    pub async fn set_up(&self, viewer: &Viewer, request: SetUp) -> Result<NewSession> {
        // Before the work of hashing a password.
        self.check_setup_link(&request.token).await?;
        check_name(&request.name)?;
        password::check_new(&request.password, &request.name)?;
        let inner = self.backend.inner();
        let password_hash = inner.passwords.hash(&request.password).await?;
        let now = inner.clock.now();
        let mut tx = inner.store.begin().await?;
        tx.lock_access().await?;
        if tx.count_users().await? > 0 {
            return Err(set_up_already());
        }
        if !tx.is_setup_link(&drawn::hash(&request.token), now).await? {
            return Err(bad_link());
        }
        let user_id = tx
            .insert_user(&NewUserRecord {
                name: request.name.clone(),
                password_hash,
                identity: KubernetesIdentity::default(),
                created: now,
            })
            .await?;
        let everything = Grant {
            role: Role::Admin,
            cluster: None,
            namespace: None,
        };
        tx.insert_grant(user_id, &everything).await?;
        tx.forget_setup_links().await?;
        let session = self
            .begin_session(&mut tx, viewer, user_id, &request.browser)
            .await?;
        tx.append_audit(&self.backend.record(
            viewer,
            "user.create",
            &request.name,
            "the first user, by the link of the first start",
        ))
        .await?;
        tx.commit().await?;
        Ok(session)
    }
}

fn bad_link() -> Error {
    Error::Unauthenticated {
        reason: "the setup link is wrong or has run out; restarting the server prints a new one".to_owned(),
    }
}

fn set_up_already() -> Error {
    Error::Conflict {
        what: "setup".to_owned(),
        reason: "there is a user already; sign in instead".to_owned(),
    }
}
