//! Who may do what with hosted charts of which tenants, besides what roles allow.

use model::Timestamp;
use model::hosted::{GrantSubject, HostedGrant, HostedRight};
use sqlx::FromRow;

use super::{Result, Store, Tx};

const LIST: &str = "select g.hosted_grant_id, u.name as user_name, g.group_name, g.place, g.access, g.granted_at, \
    g.granted_by from hosted_grant g left join \"user\" u on u.user_id = g.user_id order by g.hosted_grant_id";
const OF: &str = "select group_name, place, access from hosted_grant where user_id = $1 or user_id is null";
const COUNT_SAME: &str = "select count(*) from hosted_grant where coalesce(user_id, 0) = $1 and group_name = $2 \
    and place = $3 and access = $4";
const INSERT: &str = "insert into hosted_grant (user_id, group_name, place, access, granted_at, granted_by) \
    values ($1, $2, $3, $4, $5, $6)";
const DELETE: &str = "delete from hosted_grant where hosted_grant_id = $1";

pub(super) const SQL: &[&str] = &[LIST, OF, COUNT_SAME, INSERT, DELETE];

#[derive(FromRow)]
struct Row {
    hosted_grant_id: i64,
    user_name: Option<String>,
    group_name: String,
    place: String,
    access: String,
    granted_at: i64,
    granted_by: String,
}

impl Row {
    /// A right that this version does not know grants nothing.
    fn into_grant(self) -> Option<HostedGrant> {
        let (subject, name) = match self.user_name {
            Some(name) => (GrantSubject::User, name),
            None => (GrantSubject::Group, self.group_name),
        };
        Some(HostedGrant {
            id: self.hosted_grant_id,
            subject,
            name,
            place: self.place,
            right: HostedRight::parse(&self.access)?,
            granted: Timestamp(self.granted_at),
            granted_by: self.granted_by,
        })
    }
}

#[derive(FromRow)]
struct OfRow {
    group_name: String,
    place: String,
    access: String,
}

/// A right to add.
#[derive(Clone, Copy, Debug)]
pub struct NewHostedGrant<'a> {
    /// The user; nothing where it is a group's.
    pub user_id: Option<i64>,
    /// The group; empty where it is a user's.
    pub group: &'a str,
    /// A tenant, `tenant/*` or `*`.
    pub place: &'a str,
    /// What may be done there.
    pub right: HostedRight,
    /// Now.
    pub granted_at: Timestamp,
    /// Whoever gives it.
    pub granted_by: &'a str,
}

impl Store {
    /// All rights.
    #[tracing::instrument(name = "db.hosted_grant.list", skip_all, err)]
    pub async fn hosted_grants(&self) -> Result<Vec<HostedGrant>> {
        let rows = on_pool!(self, |pool| sqlx::query_as::<_, Row>(LIST).fetch_all(pool).await)?;
        Ok(rows.into_iter().filter_map(Row::into_grant).collect())
    }

    /// What a user may do, also as one of these groups: places with rights.
    #[tracing::instrument(name = "db.hosted_grant.of", skip_all, fields(user.id = user_id), err)]
    pub async fn hosted_grants_of(
        &self,
        user_id: i64,
        groups: &[&str],
    ) -> Result<Vec<(String, HostedRight)>> {
        let rows = on_pool!(self, |pool| sqlx::query_as::<_, OfRow>(OF)
            .bind(user_id)
            .fetch_all(pool)
            .await)?;
        Ok(rows
            .into_iter()
            .filter(|row| row.group_name.is_empty() || groups.contains(&row.group_name.as_str()))
            .filter_map(|row| Some((row.place, HostedRight::parse(&row.access)?)))
            .collect())
    }
}

impl Tx {
    /// Gives a right; whether that changed anything.
    pub async fn insert_hosted_grant(&mut self, new: &NewHostedGrant<'_>) -> Result<bool> {
        let n_same = on_tx!(&mut *self, |c| {
            sqlx::query_scalar::<_, i64>(COUNT_SAME)
                .bind(new.user_id.unwrap_or_default())
                .bind(new.group)
                .bind(new.place)
                .bind(new.right.as_str())
                .fetch_one(c)
                .await
        })?;
        if n_same > 0 {
            return Ok(false);
        }
        on_tx!(self, |c| sqlx::query(INSERT)
            .bind(new.user_id)
            .bind(new.group)
            .bind(new.place)
            .bind(new.right.as_str())
            .bind(new.granted_at.0)
            .bind(new.granted_by)
            .execute(c)
            .await
            .map(drop))?;
        Ok(true)
    }

    /// Takes a right away; whether it was there.
    pub async fn delete_hosted_grant(&mut self, id: i64) -> Result<bool> {
        let n = on_tx!(self, |c| sqlx::query(DELETE)
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(n > 0)
    }
}
