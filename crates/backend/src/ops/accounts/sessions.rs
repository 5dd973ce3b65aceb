//! Signing in and out, one's sessions, one's password.

use model::Timestamp;
use model::access::{Outcome, SessionSummary};

use super::Accounts;
use crate::ops::authorise::Action;
use crate::secret::SecretString;
use crate::store::{AuditRecord, NewSessionRecord, Tx};
use crate::{Error, Result, Viewer, drawn, password};

/// The newest sessions of a user that are kept.
const MAX_SESSIONS: i64 = 50;
/// A browser's name is cut here.
const MAX_BROWSER_CHARS: usize = 200;

/// What somebody who signs in says.
#[derive(Debug)]
pub struct SignIn {
    /// The user's name.
    pub name: String,
    /// The password.
    pub password: SecretString,
    /// As the browser calls itself.
    pub browser: String,
    /// The secret of the session that the browser has so far, which ends.
    pub replaces: Option<SecretString>,
}

/// A session that has just begun.
#[derive(Debug)]
pub struct NewSession {
    /// For the cookie; it is kept nowhere else.
    pub secret: SecretString,
    /// How long the cookie is of use.
    pub max_age_secs: u64,
}

impl Accounts<'_> {
    /// Begins a session for whoever knows a user's password.
    ///
    /// A name that does not exist takes as much work and gets the same answer.
    #[tracing::instrument(name = "op.session.sign_in", skip_all)]
    pub async fn sign_in(&self, viewer: &Viewer, request: SignIn) -> Result<NewSession> {
        let inner = self.backend.inner();
        let attempt = inner
            .attempts
            .begin(&request.name, viewer.address, inner.clock.now_ms())?;
        let user = inner.store.find_user(&request.name).await?;
        let kept = user.as_ref().map(|user| user.password_hash.as_str());
        let is_right = inner.passwords.verify(&request.password, kept).await?;
        let is_known = kept.is_some();
        let Some(user) = user.filter(|_| is_right) else {
            self.note_wrong_password(viewer, &request.name, is_known).await;
            return Err(Error::Unauthenticated {
                reason: "the name or the password is wrong".to_owned(),
            });
        };
        inner.attempts.succeed(&attempt);
        if user.disabled.is_some() {
            let error = Error::Forbidden {
                action: "signing in".to_owned(),
                reason: "an administrator has disabled this user".to_owned(),
            };
            self.note_refusal(viewer, &user.name, "the user is disabled")
                .await;
            return Err(error);
        }
        let mut tx = inner.store.begin().await?;
        tx.lock_access().await?;
        // While the password was being checked, it may have been changed, or the user shut out.
        let is_unchanged = tx
            .get_user(user.id)
            .await?
            .is_some_and(|now| now.password_hash == user.password_hash && now.disabled.is_none());
        if !is_unchanged {
            return Err(Error::Conflict {
                what: "signing in".to_owned(),
                reason: "the user was changed at the same time; try again".to_owned(),
            });
        }
        if let Some(replaced) = &request.replaces {
            tx.end_session_of(&drawn::hash(replaced)).await?;
        }
        let session = self
            .begin_session(&mut tx, viewer, user.id, &request.browser)
            .await?;
        tx.append_audit(&AuditRecord {
            actor: user.name.clone(),
            ..self.backend.record(viewer, "session.sign_in", &user.name, "")
        })
        .await?;
        tx.commit().await?;
        Ok(session)
    }

    /// Ends the viewer's own session.
    #[tracing::instrument(name = "op.session.sign_out", skip_all)]
    pub async fn sign_out(&self, viewer: &Viewer) -> Result<()> {
        let (Some(user), Some(session_id)) = (viewer.user(), viewer.session_id()) else {
            return Ok(());
        };
        let mut tx = self.backend.inner().store.begin().await?;
        tx.end_session(session_id, user.id).await?;
        tx.append_audit(&self.backend.record(viewer, "session.sign_out", &user.name, ""))
            .await?;
        Ok(tx.commit().await?)
    }

    /// The viewer's sessions that hold, the one used last first.
    #[tracing::instrument(name = "op.session.list", skip_all)]
    pub async fn sessions(&self, viewer: &Viewer) -> Result<Vec<SessionSummary>> {
        self.backend.authorise(viewer, Action::ManageOwnAccount)?;
        let user = self.own(viewer)?;
        let inner = self.backend.inner();
        let now = inner.clock.now();
        let rows = inner
            .store
            .list_sessions(user.id, now, self.idle_since(now))
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| SessionSummary {
                id: row.id,
                is_current: viewer.session_id() == Some(row.id),
                created: row.created,
                last_seen: row.last_seen,
                expires: row.expires,
                address: row.address,
                browser: row.browser,
            })
            .collect())
    }

    /// Ends one of the viewer's sessions.
    #[tracing::instrument(name = "op.session.end", skip_all)]
    pub async fn end_session(&self, viewer: &Viewer, id: i64) -> Result<()> {
        let object = format!("session {id}");
        let work = async {
            let mut tx = self.backend.inner().store.begin().await?;
            if !tx.end_session(id, self.own(viewer)?.id).await? {
                return Err(Error::not_found("session", id.to_string()));
            }
            tx.append_audit(&self.backend.record(viewer, "session.end", &object, ""))
                .await?;
            Ok(tx.commit().await?)
        };
        self.backend
            .audited(viewer, Action::ManageOwnAccount, "session.end", &object, work)
            .await
    }

    /// Sets the viewer's own password; every other session ends.
    #[tracing::instrument(name = "op.user.change_password", skip_all)]
    pub async fn change_password(
        &self,
        viewer: &Viewer,
        current: &SecretString,
        new: &SecretString,
    ) -> Result<()> {
        let object = viewer.name().unwrap_or_default().to_owned();
        let work = async {
            let own = self.own(viewer)?;
            let inner = self.backend.inner();
            // Whoever found an open browser shall not find out the password with it.
            let attempt = inner
                .attempts
                .begin(&own.name, viewer.address, inner.clock.now_ms())?;
            let user = inner.store.get_user(own.id).await?;
            let kept = user.map(|user| user.password_hash);
            if !inner.passwords.verify(current, kept.as_deref()).await? {
                return Err(Error::Invalid {
                    field: "current_password",
                    message: "is wrong".to_owned(),
                });
            }
            inner.attempts.succeed(&attempt);
            password::check_new(new, &own.name)?;
            let password_hash = inner.passwords.hash(new).await?;
            let mut tx = inner.store.begin().await?;
            tx.lock_access().await?;
            tx.set_password(own.id, &password_hash, inner.clock.now()).await?;
            let n_ended = tx.end_other_sessions(own.id, viewer.session_id()).await?;
            let detail = format!("{n_ended} other sessions ended");
            tx.append_audit(&self.backend.record(viewer, "user.password", &own.name, &detail))
                .await?;
            Ok(tx.commit().await?)
        };
        self.backend
            .audited(viewer, Action::ManageOwnAccount, "user.password", &object, work)
            .await
    }

    /// Begins a session as part of a transaction.
    pub(super) async fn begin_session(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        user_id: i64,
        browser: &str,
    ) -> Result<NewSession> {
        let inner = self.backend.inner();
        let now = inner.clock.now();
        let max_age_secs = inner.settings.access.session_max_secs;
        let secret = drawn::secret()?;
        let address = viewer
            .address
            .map(|address| address.to_canonical().to_string())
            .unwrap_or_default();
        let browser: String = browser
            .chars()
            .filter(|c| !c.is_control())
            .take(MAX_BROWSER_CHARS)
            .collect();
        let new = NewSessionRecord {
            user_id,
            secret_hash: &drawn::hash(&secret),
            created: now,
            expires: Timestamp(now.0.saturating_add_unsigned(max_age_secs)),
            address: &address,
            browser: &browser,
        };
        tx.insert_session(&new, MAX_SESSIONS).await?;
        tx.note_sign_in(user_id, now).await?;
        Ok(NewSession { secret, max_age_secs })
    }

    /// A name that is unknown is not written down: it may be a password in the wrong field.
    async fn note_wrong_password(&self, viewer: &Viewer, name: &str, is_known: bool) {
        if is_known {
            self.note_refusal(viewer, name, "the password is wrong").await;
        } else {
            self.note_refusal(viewer, "", "there is no user of that name")
                .await;
        }
    }

    async fn note_refusal(&self, viewer: &Viewer, name: &str, detail: &str) {
        let record = self.backend.record(viewer, "session.sign_in", name, detail);
        self.backend
            .note(AuditRecord {
                outcome: Outcome::Refused,
                ..record
            })
            .await;
    }
}
