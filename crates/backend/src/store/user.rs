//! Users, and the link that makes the first one.

use model::Timestamp;
use sqlx::FromRow;

use super::{Result, Store, StoreError, Tx};

const LIST: &str = "select * from \"user\" order by name";
const FIND: &str = "select * from \"user\" where name = $1";
const GET: &str = "select * from \"user\" where user_id = $1";
const COUNT: &str = "select count(*) from \"user\"";
const INSERT: &str = "insert into \"user\" (name, password_hash, kubernetes_user, kubernetes_groups, created_at, \
    password_changed_at) values ($1, $2, $3, $4, $5, $5) on conflict (name) do nothing returning user_id";
const SET_PASSWORD: &str =
    "update \"user\" set password_hash = $2, password_changed_at = $3 where user_id = $1";
const SET_DISABLED: &str = "update \"user\" set disabled_at = $2 where user_id = $1";
const SET_IDENTITY: &str =
    "update \"user\" set kubernetes_user = $2, kubernetes_groups = $3 where user_id = $1";
const SIGNED_IN: &str = "update \"user\" set last_sign_in_at = $2 where user_id = $1";
const LOCK: &str = "update access_state set generation = generation + 1";
const ADD_LINK: &str = "insert into setup_link (secret_hash, created_at, expires_at) values ($1, $2, $3)";
const FIND_LINK: &str = "select count(*) from setup_link where secret_hash = $1 and expires_at > $2";
const FORGET_LINKS: &str = "delete from setup_link where expires_at <= $1";
const FORGET_ALL_LINKS: &str = "delete from setup_link";

pub(super) const SQL: &[&str] = &[
    LIST,
    FIND,
    GET,
    COUNT,
    INSERT,
    SET_PASSWORD,
    SET_DISABLED,
    SET_IDENTITY,
    SIGNED_IN,
    LOCK,
    ADD_LINK,
    FIND_LINK,
    FORGET_LINKS,
    FORGET_ALL_LINKS,
];

/// A stored user.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// The key.
    pub id: i64,
    /// The name to sign in with.
    pub name: String,
    /// Argon2id with its parameters and salt.
    pub password_hash: String,
    /// Whom clusters see.
    pub identity: KubernetesIdentity,
    /// When the user was made.
    pub created: Timestamp,
    /// When the password was set last.
    pub password_changed: Timestamp,
    /// When they signed in last.
    pub last_sign_in: Option<Timestamp>,
    /// Since when they may not come in.
    pub disabled: Option<Timestamp>,
}

impl std::fmt::Debug for UserRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserRecord")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What a user's own name becomes in clusters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KubernetesIdentity {
    /// Instead of the name.
    pub user: Option<String>,
    /// Besides the group of all users.
    pub groups: Vec<String>,
}

/// What to store of a new user.
#[derive(Clone)]
pub struct NewUserRecord {
    /// The name to sign in with.
    pub name: String,
    /// Argon2id with its parameters and salt.
    pub password_hash: String,
    /// Whom clusters see.
    pub identity: KubernetesIdentity,
    /// Now.
    pub created: Timestamp,
}

#[derive(FromRow)]
struct Row {
    user_id: i64,
    name: String,
    password_hash: String,
    kubernetes_user: Option<String>,
    kubernetes_groups: String,
    created_at: i64,
    password_changed_at: i64,
    last_sign_in_at: Option<i64>,
    disabled_at: Option<i64>,
}

impl TryFrom<Row> for UserRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let groups = read_groups(row.user_id, &row.kubernetes_groups)?;
        Ok(Self {
            id: row.user_id,
            name: row.name,
            password_hash: row.password_hash,
            identity: KubernetesIdentity {
                user: row.kubernetes_user,
                groups,
            },
            created: Timestamp(row.created_at),
            password_changed: Timestamp(row.password_changed_at),
            last_sign_in: row.last_sign_in_at.map(Timestamp),
            disabled: row.disabled_at.map(Timestamp),
        })
    }
}

pub(super) fn read_groups(user_id: i64, text: &str) -> Result<Vec<String>> {
    serde_json::from_str(text).map_err(|source| StoreError::Inconsistent {
        table: "user",
        column: "kubernetes_groups",
        id: user_id,
        source,
    })
}

fn write_groups(groups: &[String]) -> String {
    // A list of texts always has a JSON form.
    serde_json::to_string(groups).unwrap_or_else(|_| "[]".to_owned())
}

impl Store {
    /// All users by name.
    #[tracing::instrument(name = "db.user.list", skip_all, err)]
    pub async fn list_users(&self) -> Result<Vec<UserRecord>> {
        let rows = on_pool!(self, |pool| sqlx::query_as::<_, Row>(LIST).fetch_all(pool).await)?;
        rows.into_iter().map(UserRecord::try_from).collect()
    }

    /// The user of that name.
    // Without the name in the span: people type passwords into the wrong field.
    #[tracing::instrument(name = "db.user.find", skip_all, err)]
    pub async fn find_user(&self, name: &str) -> Result<Option<UserRecord>> {
        on_pool!(self, |pool| sqlx::query_as::<_, Row>(FIND)
            .bind(name)
            .fetch_optional(pool)
            .await)?
        .map(UserRecord::try_from)
        .transpose()
    }

    /// The user with that key.
    #[tracing::instrument(name = "db.user.get", skip_all, fields(user.id = id), err)]
    pub async fn get_user(&self, id: i64) -> Result<Option<UserRecord>> {
        on_pool!(self, |pool| sqlx::query_as::<_, Row>(GET)
            .bind(id)
            .fetch_optional(pool)
            .await)?
        .map(UserRecord::try_from)
        .transpose()
    }

    /// How many users there are.
    #[tracing::instrument(name = "db.user.count", skip_all, err)]
    pub async fn count_users(&self) -> Result<i64> {
        Ok(on_pool!(self, |pool| sqlx::query_scalar::<_, i64>(COUNT)
            .fetch_one(pool)
            .await)?)
    }

    /// Keeps the hash of a link that makes the first user, and forgets those that ran out.
    #[tracing::instrument(name = "db.setup_link.add", skip_all, err)]
    pub async fn add_setup_link(&self, secret_hash: &[u8], now: Timestamp, expires: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        on_tx!(&mut tx, |c| sqlx::query(FORGET_LINKS)
            .bind(now.0)
            .execute(c)
            .await
            .map(drop))?;
        on_tx!(&mut tx, |c| sqlx::query(ADD_LINK)
            .bind(secret_hash)
            .bind(now.0)
            .bind(expires.0)
            .execute(c)
            .await
            .map(drop))?;
        tx.commit().await
    }

    /// Whether a link with that hash is good.
    #[tracing::instrument(name = "db.setup_link.find", skip_all, err)]
    pub async fn is_setup_link(&self, secret_hash: &[u8], now: Timestamp) -> Result<bool> {
        let n = on_pool!(self, |pool| sqlx::query_scalar::<_, i64>(FIND_LINK)
            .bind(secret_hash)
            .bind(now.0)
            .fetch_one(pool)
            .await)?;
        Ok(n > 0)
    }
}

impl Tx {
    /// Waits until no other change of users and roles goes on, and keeps others waiting.
    pub async fn lock_access(&mut self) -> Result<()> {
        on_tx!(self, |c| sqlx::query(LOCK).execute(c).await.map(drop))?;
        Ok(())
    }

    /// How many users there are, seen under the lock.
    pub async fn count_users(&mut self) -> Result<i64> {
        Ok(on_tx!(self, |c| sqlx::query_scalar::<_, i64>(COUNT)
            .fetch_one(c)
            .await)?)
    }

    /// The user of that name, seen under the lock.
    pub async fn find_user(&mut self, name: &str) -> Result<Option<UserRecord>> {
        on_tx!(self, |c| sqlx::query_as::<_, Row>(FIND)
            .bind(name)
            .fetch_optional(c)
            .await)?
        .map(UserRecord::try_from)
        .transpose()
    }

    /// The user with that key, seen under the lock.
    pub async fn get_user(&mut self, id: i64) -> Result<Option<UserRecord>> {
        on_tx!(self, |c| sqlx::query_as::<_, Row>(GET)
            .bind(id)
            .fetch_optional(c)
            .await)?
        .map(UserRecord::try_from)
        .transpose()
    }

    /// Adds a user.
    pub async fn insert_user(&mut self, new: &NewUserRecord) -> Result<i64> {
        let groups = write_groups(&new.identity.groups);
        let id = on_tx!(self, |c| sqlx::query_scalar::<_, i64>(INSERT)
            .bind(new.name.as_str())
            .bind(new.password_hash.as_str())
            .bind(new.identity.user.as_deref())
            .bind(groups.as_str())
            .bind(new.created.0)
            .fetch_optional(c)
            .await)?;
        id.ok_or_else(|| StoreError::Exists {
            name: new.name.clone(),
        })
    }

    /// Sets a user's password.
    pub async fn set_password(&mut self, id: i64, password_hash: &str, now: Timestamp) -> Result<()> {
        on_tx!(self, |c| sqlx::query(SET_PASSWORD)
            .bind(id)
            .bind(password_hash)
            .bind(now.0)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Shuts a user out, or lets them in again.
    pub async fn set_disabled(&mut self, id: i64, since: Option<Timestamp>) -> Result<()> {
        on_tx!(self, |c| sqlx::query(SET_DISABLED)
            .bind(id)
            .bind(since.map(|at| at.0))
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Sets whom clusters see.
    pub async fn set_kubernetes_identity(&mut self, id: i64, identity: &KubernetesIdentity) -> Result<()> {
        let groups = write_groups(&identity.groups);
        on_tx!(self, |c| sqlx::query(SET_IDENTITY)
            .bind(id)
            .bind(identity.user.as_deref())
            .bind(groups.as_str())
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Notes that a user signed in.
    pub async fn note_sign_in(&mut self, id: i64, now: Timestamp) -> Result<()> {
        on_tx!(self, |c| sqlx::query(SIGNED_IN)
            .bind(id)
            .bind(now.0)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Whether a link with that hash is good, seen under the lock.
    pub async fn is_setup_link(&mut self, secret_hash: &[u8], now: Timestamp) -> Result<bool> {
        let n = on_tx!(self, |c| sqlx::query_scalar::<_, i64>(FIND_LINK)
            .bind(secret_hash)
            .bind(now.0)
            .fetch_one(c)
            .await)?;
        Ok(n > 0)
    }

    /// Forgets every link that makes a first user.
    pub async fn forget_setup_links(&mut self) -> Result<()> {
        on_tx!(self, |c| sqlx::query(FORGET_ALL_LINKS).execute(c).await.map(drop))?;
        Ok(())
    }
}
