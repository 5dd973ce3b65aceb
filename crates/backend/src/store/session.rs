//! Sessions of signed-in browsers.

use model::Timestamp;
use sqlx::FromRow;

use super::user::{KubernetesIdentity, read_groups};
use super::{Result, Store, Tx};

const FIND: &str = "select s.session_id, s.user_id, s.created_at, s.last_seen_at, s.expires_at, u.name, \
    u.kubernetes_user, u.kubernetes_groups from session s join \"user\" u on u.user_id = s.user_id \
    where s.secret_hash = $1 and s.expires_at > $2 and s.last_seen_at > $3 and u.disabled_at is null";
const LIST: &str = "select session_id, created_at, last_seen_at, expires_at, address, browser from session \
    where user_id = $1 and expires_at > $2 and last_seen_at > $3 order by last_seen_at desc, session_id desc";
const INSERT: &str = "insert into session (user_id, secret_hash, created_at, last_seen_at, expires_at, address, \
    browser) values ($1, $2, $3, $3, $4, $5, $6) returning session_id";
const SEEN: &str = "update session set last_seen_at = $2 where session_id = $1 and last_seen_at < $2";
const END: &str = "delete from session where session_id = $1 and user_id = $2";
const END_BY_SECRET: &str = "delete from session where secret_hash = $1";
const END_OTHERS: &str = "delete from session where user_id = $1 and session_id <> $2";
// All but the newest few.
const END_OLD: &str = "delete from session where user_id = $1 and session_id not in \
    (select session_id from session where user_id = $1 order by session_id desc limit $2)";
const FORGET: &str = "delete from session where expires_at <= $1 or last_seen_at <= $2";

pub(super) const SQL: &[&str] = &[
    FIND,
    LIST,
    INSERT,
    SEEN,
    END,
    END_BY_SECRET,
    END_OTHERS,
    END_OLD,
    FORGET,
];

/// A session that holds, with its user.
#[derive(Clone, Debug)]
pub struct SessionRecord {
    /// The key.
    pub id: i64,
    /// The user's key.
    pub user_id: i64,
    /// The user's name.
    pub user_name: String,
    /// Whom clusters see.
    pub identity: KubernetesIdentity,
    /// When it was used last.
    pub last_seen: Timestamp,
}

/// A session as its user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The key.
    pub id: i64,
    /// When it began.
    pub created: Timestamp,
    /// When it was used last.
    pub last_seen: Timestamp,
    /// When it ends at the latest.
    pub expires: Timestamp,
    /// Where it began.
    pub address: String,
    /// As the browser called itself.
    pub browser: String,
}

/// What to store of a new session.
#[derive(Clone, Debug)]
pub struct NewSessionRecord<'a> {
    /// Whose it is.
    pub user_id: i64,
    /// SHA-256 of the secret in the cookie.
    pub secret_hash: &'a [u8],
    /// Now.
    pub created: Timestamp,
    /// When it ends at the latest.
    pub expires: Timestamp,
    /// Where it begins.
    pub address: &'a str,
    /// As the browser calls itself.
    pub browser: &'a str,
}

#[derive(FromRow)]
struct Found {
    session_id: i64,
    user_id: i64,
    last_seen_at: i64,
    name: String,
    kubernetes_user: Option<String>,
    kubernetes_groups: String,
}

#[derive(FromRow)]
struct Listed {
    session_id: i64,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    address: String,
    browser: String,
}

impl Store {
    /// The session with that hash, if it holds at `now` and was used after `idle_since`, and its user may come in.
    #[tracing::instrument(name = "db.session.find", skip_all, err)]
    pub async fn find_session(
        &self,
        secret_hash: &[u8],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<SessionRecord>> {
        let found = on_pool!(self, |pool| sqlx::query_as::<_, Found>(FIND)
            .bind(secret_hash)
            .bind(now.0)
            .bind(idle_since.0)
            .fetch_optional(pool)
            .await)?;
        found
            .map(|row| {
                Ok(SessionRecord {
                    id: row.session_id,
                    user_id: row.user_id,
                    user_name: row.name,
                    identity: KubernetesIdentity {
                        user: row.kubernetes_user,
                        groups: read_groups(row.user_id, &row.kubernetes_groups)?,
                    },
                    last_seen: Timestamp(row.last_seen_at),
                })
            })
            .transpose()
    }

    /// A user's sessions that hold, the one used last first.
    #[tracing::instrument(name = "db.session.list", skip_all, fields(user.id = user_id), err)]
    pub async fn list_sessions(
        &self,
        user_id: i64,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Vec<SessionRow>> {
        let rows = on_pool!(self, |pool| sqlx::query_as::<_, Listed>(LIST)
            .bind(user_id)
            .bind(now.0)
            .bind(idle_since.0)
            .fetch_all(pool)
            .await)?;
        Ok(rows
            .into_iter()
            .map(|row| SessionRow {
                id: row.session_id,
                created: Timestamp(row.created_at),
                last_seen: Timestamp(row.last_seen_at),
                expires: Timestamp(row.expires_at),
                address: row.address,
                browser: row.browser,
            })
            .collect())
    }

    /// Notes that a session is in use.
    #[tracing::instrument(name = "db.session.seen", skip_all, err)]
    pub async fn note_session_seen(&self, id: i64, now: Timestamp) -> Result<()> {
        on_writer!(self, |pool| sqlx::query(SEEN)
            .bind(id)
            .bind(now.0)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Removes the sessions that hold no more.
    #[tracing::instrument(name = "db.session.forget", skip_all, err)]
    pub async fn forget_sessions(&self, now: Timestamp, idle_since: Timestamp) -> Result<u64> {
        Ok(on_writer!(self, |pool| sqlx::query(FORGET)
            .bind(now.0)
            .bind(idle_since.0)
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?)
    }
}

impl Tx {
    /// Begins a session, and ends the user's oldest ones past `keep`.
    pub async fn insert_session(&mut self, new: &NewSessionRecord<'_>, keep: i64) -> Result<i64> {
        let id = on_tx!(&mut *self, |c| sqlx::query_scalar::<_, i64>(INSERT)
            .bind(new.user_id)
            .bind(new.secret_hash)
            .bind(new.created.0)
            .bind(new.expires.0)
            .bind(new.address)
            .bind(new.browser)
            .fetch_one(c)
            .await)?;
        on_tx!(&mut *self, |c| sqlx::query(END_OLD)
            .bind(new.user_id)
            .bind(keep)
            .execute(c)
            .await
            .map(drop))?;
        Ok(id)
    }

    /// Ends a session of a user; says whether there was one.
    pub async fn end_session(&mut self, id: i64, user_id: i64) -> Result<bool> {
        let n = on_tx!(self, |c| sqlx::query(END)
            .bind(id)
            .bind(user_id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(n > 0)
    }

    /// Ends the session with that hash, whoever's it is.
    pub async fn end_session_of(&mut self, secret_hash: &[u8]) -> Result<()> {
        on_tx!(self, |c| sqlx::query(END_BY_SECRET)
            .bind(secret_hash)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Ends a user's sessions but one, or all where none is spared; says how many.
    pub async fn end_other_sessions(&mut self, user_id: i64, spared: Option<i64>) -> Result<u64> {
        // Keys begin at 1.
        Ok(on_tx!(self, |c| sqlx::query(END_OTHERS)
            .bind(user_id)
            .bind(spared.unwrap_or(0))
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }
}
