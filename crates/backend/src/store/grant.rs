//! Roles that users hold, and where.

use model::access::{Grant, Role};
use sqlx::FromRow;

use super::{Result, Store, Tx};

/// In the columns: all clusters, all namespaces.
const ALL: &str = "*";

const OF_USER: &str = "select user_id, role, cluster, namespace from role_grant where user_id = $1 \
    order by role, cluster, namespace";
const OF_ALL: &str =
    "select user_id, role, cluster, namespace from role_grant order by role, cluster, namespace";
const INSERT: &str = "insert into role_grant (user_id, role, cluster, namespace) values ($1, $2, $3, $4) \
    on conflict (user_id, role, cluster, namespace) do nothing";
const DELETE: &str =
    "delete from role_grant where user_id = $1 and role = $2 and cluster = $3 and namespace = $4";
const ADMINS: &str = "select count(distinct u.user_id) from \"user\" u join role_grant g on g.user_id = u.user_id \
    where u.disabled_at is null and g.role = 'admin' and g.cluster = '*' and g.namespace = '*'";

pub(super) const SQL: &[&str] = &[OF_USER, OF_ALL, INSERT, DELETE, ADMINS];

#[derive(FromRow)]
struct Row {
    user_id: i64,
    role: String,
    cluster: String,
    namespace: String,
}

impl Row {
    /// A role that this version does not know grants nothing.
    fn into_grant(self) -> Option<Grant> {
        Some(Grant {
            role: Role::parse(&self.role)?,
            cluster: place(self.cluster),
            namespace: place(self.namespace),
        })
    }
}

fn place(column: String) -> Option<String> {
    (column != ALL).then_some(column)
}

fn column(place: Option<&String>) -> &str {
    place.map_or(ALL, String::as_str)
}

impl Store {
    /// What a user holds.
    #[tracing::instrument(name = "db.grant.list", skip_all, fields(user.id = user_id), err)]
    pub async fn list_grants(&self, user_id: i64) -> Result<Vec<Grant>> {
        let rows = on_pool!(self, |pool| sqlx::query_as::<_, Row>(OF_USER)
            .bind(user_id)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().filter_map(Row::into_grant).collect())
    }

    /// What every user holds, as `(user, grant)`.
    #[tracing::instrument(name = "db.grant.list_all", skip_all, err)]
    pub async fn list_all_grants(&self) -> Result<Vec<(i64, Grant)>> {
        let rows = on_pool!(self, |pool| sqlx::query_as::<_, Row>(OF_ALL)
            .fetch_all(pool)
            .await)?;
        Ok(rows
            .into_iter()
            .filter_map(|row| Some((row.user_id, row.into_grant()?)))
            .collect())
    }
}

impl Tx {
    /// Grants a role; says whether that changed anything.
    pub async fn insert_grant(&mut self, user_id: i64, grant: &Grant) -> Result<bool> {
        let n = on_tx!(self, |c| sqlx::query(INSERT)
            .bind(user_id)
            .bind(grant.role.as_str())
            .bind(column(grant.cluster.as_ref()))
            .bind(column(grant.namespace.as_ref()))
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(n > 0)
    }

    /// Takes a role away; says whether it was there.
    pub async fn delete_grant(&mut self, user_id: i64, grant: &Grant) -> Result<bool> {
        let n = on_tx!(self, |c| sqlx::query(DELETE)
            .bind(user_id)
            .bind(grant.role.as_str())
            .bind(column(grant.cluster.as_ref()))
            .bind(column(grant.namespace.as_ref()))
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(n > 0)
    }

    /// How many users can come in and administrate everything.
    pub async fn count_admins(&mut self) -> Result<i64> {
        Ok(on_tx!(self, |c| sqlx::query_scalar::<_, i64>(ADMINS)
            .fetch_one(c)
            .await)?)
    }
}
