//! Tokens of clusters that are kept with sessions.

use model::Timestamp;
use sqlx::FromRow;

use super::{Result, Store, Tx};

const LIST: &str = "select cluster, sealed, kubernetes_user, given_at, expires_at from session_cluster_token \
    where session_id = $1 order by cluster";
const PUT: &str = "insert into session_cluster_token (session_id, cluster, sealed, kubernetes_user, given_at, \
    expires_at) values ($1, $2, $3, $4, $5, $6) on conflict (session_id, cluster) do update set \
    sealed = excluded.sealed, kubernetes_user = excluded.kubernetes_user, given_at = excluded.given_at, \
    expires_at = excluded.expires_at";
const DELETE: &str = "delete from session_cluster_token where session_id = $1 and cluster = $2";

pub(super) const SQL: &[&str] = &[LIST, PUT, DELETE];

/// A token as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterTokenRecord {
    /// The cluster's name.
    pub cluster: String,
    /// The token, for the holder of the session's secret.
    pub sealed: Vec<u8>,
    /// As the cluster calls who shows it.
    pub kubernetes_user: String,
    /// When it was given.
    pub given: Timestamp,
    /// When it says itself that it ends.
    pub expires: Option<Timestamp>,
}

#[derive(FromRow)]
struct Row {
    cluster: String,
    sealed: Vec<u8>,
    kubernetes_user: String,
    given_at: i64,
    expires_at: Option<i64>,
}

impl Store {
    /// The tokens of a session, by the names of their clusters.
    #[tracing::instrument(name = "db.cluster_token.list", skip_all, err)]
    pub async fn list_cluster_tokens(&self, session_id: i64) -> Result<Vec<ClusterTokenRecord>> {
        let rows = on_pool!(self, |pool| sqlx::query_as::<_, Row>(LIST)
            .bind(session_id)
            .fetch_all(pool)
            .await)?;
        Ok(rows
            .into_iter()
            .map(|row| ClusterTokenRecord {
                cluster: row.cluster,
                sealed: row.sealed,
                kubernetes_user: row.kubernetes_user,
                given: Timestamp(row.given_at),
                expires: row.expires_at.map(Timestamp),
            })
            .collect())
    }
}

impl Tx {
    /// Keeps a token with a session, in the place of the one for the same cluster.
    pub async fn put_cluster_token(&mut self, session_id: i64, token: &ClusterTokenRecord) -> Result<()> {
        on_tx!(self, |c| sqlx::query(PUT)
            .bind(session_id)
            .bind(token.cluster.as_str())
            .bind(token.sealed.as_slice())
            .bind(token.kubernetes_user.as_str())
            .bind(token.given.0)
            .bind(token.expires.map(|at| at.0))
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Forgets a token; says whether there was one.
    pub async fn delete_cluster_token(&mut self, session_id: i64, cluster: &str) -> Result<bool> {
        let n = on_tx!(self, |c| sqlx::query(DELETE)
            .bind(session_id)
            .bind(cluster)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(n > 0)
    }
}
