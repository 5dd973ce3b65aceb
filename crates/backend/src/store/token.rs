//! API tokens.

use model::Timestamp;
use model::access::Scope;
use sqlx::FromRow;

use super::user::{KubernetesIdentity, read_groups};
use super::{Result, Store, StoreError, Tx};

const FIND: &str = "select t.api_token_id, t.user_id, t.label, t.scopes, t.last_used_at, u.name, u.kubernetes_user, \
    u.kubernetes_groups from api_token t join \"user\" u on u.user_id = t.user_id \
    where t.secret_hash = $1 and t.expires_at > $2 and u.disabled_at is null";
const LIST: &str = "select api_token_id, label, hint, scopes, created_at, expires_at, last_used_at from api_token \
    where user_id = $1 order by api_token_id desc";
const COUNT: &str = "select count(*) from api_token where user_id = $1";
const INSERT: &str = "insert into api_token (user_id, label, secret_hash, hint, scopes, created_at, expires_at) \
    values ($1, $2, $3, $4, $5, $6, $7) returning api_token_id";
const USED: &str = "update api_token set last_used_at = $2 where api_token_id = $1";
const DELETE: &str = "delete from api_token where api_token_id = $1 and user_id = $2 returning label";

pub(super) const SQL: &[&str] = &[FIND, LIST, COUNT, INSERT, USED, DELETE];

/// A token that holds, with its user.
#[derive(Clone, Debug)]
pub struct TokenRecord {
    /// The key.
    pub id: i64,
    /// What its user calls it.
    pub label: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// When it was used last.
    pub last_used: Option<Timestamp>,
    /// The user's key.
    pub user_id: i64,
    /// The user's name.
    pub user_name: String,
    /// Whom clusters see.
    pub identity: KubernetesIdentity,
}

/// A token as its user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// The key.
    pub id: i64,
    /// What its user calls it.
    pub label: String,
    /// Its first characters.
    pub hint: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created: Timestamp,
    /// When it runs out.
    pub expires: Timestamp,
    /// When it was used last.
    pub last_used: Option<Timestamp>,
}

/// What to store of a new token.
#[derive(Clone, Debug)]
pub struct NewTokenRecord<'a> {
    /// Whose it is.
    pub user_id: i64,
    /// What its user calls it.
    pub label: &'a str,
    /// SHA-256 of its text.
    pub secret_hash: &'a [u8],
    /// Its first characters.
    pub hint: &'a str,
    /// What it may be used for.
    pub scopes: &'a [Scope],
    /// Now.
    pub created: Timestamp,
    /// When it runs out.
    pub expires: Timestamp,
}

#[derive(FromRow)]
struct Found {
    api_token_id: i64,
    user_id: i64,
    label: String,
    scopes: String,
    last_used_at: Option<i64>,
    name: String,
    kubernetes_user: Option<String>,
    kubernetes_groups: String,
}

#[derive(FromRow)]
struct Listed {
    api_token_id: i64,
    label: String,
    hint: String,
    scopes: String,
    created_at: i64,
    expires_at: i64,
    last_used_at: Option<i64>,
}

fn read_scopes(id: i64, text: &str) -> Result<Vec<Scope>> {
    serde_json::from_str(text).map_err(|source| StoreError::Inconsistent {
        table: "api_token",
        column: "scopes",
        id,
        source,
    })
}

impl Store {
    /// The token with that hash, if it holds at `now` and its user may come in.
    #[tracing::instrument(name = "db.token.find", skip_all, err)]
    pub async fn find_token(&self, secret_hash: &[u8], now: Timestamp) -> Result<Option<TokenRecord>> {
        let found = on_pool!(self, |pool| sqlx::query_as::<_, Found>(FIND)
            .bind(secret_hash)
            .bind(now.0)
            .fetch_optional(pool)
            .await)?;
        found
            .map(|row| {
                Ok(TokenRecord {
                    id: row.api_token_id,
                    scopes: read_scopes(row.api_token_id, &row.scopes)?,
                    label: row.label,
                    last_used: row.last_used_at.map(Timestamp),
                    user_id: row.user_id,
                    user_name: row.name,
                    identity: KubernetesIdentity {
                        user: row.kubernetes_user,
                        groups: read_groups(row.user_id, &row.kubernetes_groups)?,
                    },
                })
            })
            .transpose()
    }

    /// A user's tokens, the newest first, those that ran out included.
    #[tracing::instrument(name = "db.token.list", skip_all, fields(user.id = user_id), err)]
    pub async fn list_tokens(&self, user_id: i64) -> Result<Vec<TokenRow>> {
        let rows = on_pool!(self, |pool| sqlx::query_as::<_, Listed>(LIST)
            .bind(user_id)
            .fetch_all(pool)
            .await)?;
        rows.into_iter()
            .map(|row| {
                Ok(TokenRow {
                    id: row.api_token_id,
                    scopes: read_scopes(row.api_token_id, &row.scopes)?,
                    label: row.label,
                    hint: row.hint,
                    created: Timestamp(row.created_at),
                    expires: Timestamp(row.expires_at),
                    last_used: row.last_used_at.map(Timestamp),
                })
            })
            .collect()
    }

    /// Notes that a token was used.
    #[tracing::instrument(name = "db.token.used", skip_all, err)]
    pub async fn note_token_used(&self, id: i64, now: Timestamp) -> Result<()> {
        on_writer!(self, |pool| sqlx::query(USED)
            .bind(id)
            .bind(now.0)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }
}

impl Tx {
    /// How many tokens a user has.
    pub async fn count_tokens(&mut self, user_id: i64) -> Result<i64> {
        Ok(on_tx!(self, |c| sqlx::query_scalar::<_, i64>(COUNT)
            .bind(user_id)
            .fetch_one(c)
            .await)?)
    }

    /// Keeps a new token.
    pub async fn insert_token(&mut self, new: &NewTokenRecord<'_>) -> Result<i64> {
        // A list of words always has a JSON form.
        let scopes = serde_json::to_string(new.scopes).unwrap_or_else(|_| "[]".to_owned());
        Ok(on_tx!(self, |c| sqlx::query_scalar::<_, i64>(INSERT)
            .bind(new.user_id)
            .bind(new.label)
            .bind(new.secret_hash)
            .bind(new.hint)
            .bind(scopes.as_str())
            .bind(new.created.0)
            .bind(new.expires.0)
            .fetch_one(c)
            .await)?)
    }

    /// Revokes a token of a user; its label, if there was one.
    pub async fn delete_token(&mut self, id: i64, user_id: i64) -> Result<Option<String>> {
        Ok(on_tx!(self, |c| sqlx::query_scalar::<_, String>(DELETE)
            .bind(id)
            .bind(user_id)
            .fetch_optional(c)
            .await)?)
    }
}
