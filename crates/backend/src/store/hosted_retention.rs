//! Rules by which versions of hosted repositories go, and who confirmed them.

use model::Timestamp;
use sqlx::FromRow;

use super::{Result, Store, Tx};

const FIND: &str = "select rules, confirmed, confirmed_by, confirmed_at, last_run_at, n_deleted from hosted_retention \
    where repository_id = $1";
const SET_RULES: &str = "insert into hosted_retention (repository_id, rules) values ($1, $2) \
    on conflict (repository_id) do update set rules = excluded.rules";
const CONFIRM: &str = "insert into hosted_retention (repository_id, confirmed, confirmed_by, confirmed_at) \
    values ($1, $2, $3, $4) on conflict (repository_id) do update set confirmed = excluded.confirmed, \
    confirmed_by = excluded.confirmed_by, confirmed_at = excluded.confirmed_at";
// Of several processes one gets the row.
const CLAIM: &str = "insert into hosted_retention (repository_id, last_run_at) values ($1, $2) \
    on conflict (repository_id) do update set last_run_at = excluded.last_run_at \
    where hosted_retention.last_run_at is null or hosted_retention.last_run_at <= $3";
const NOTE_RUN: &str =
    "update hosted_retention set last_run_at = $2, n_deleted = $3 where repository_id = $1";

pub(super) const SQL: &[&str] = &[FIND, SET_RULES, CONFIRM, CLAIM, NOTE_RUN];

/// What is kept of a repository's rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow)]
pub struct RetentionRecord {
    /// JSON of its own rules.
    pub rules: Option<String>,
    /// JSON of the rules that somebody confirmed.
    pub confirmed: Option<String>,
    /// Whoever did; empty for nobody.
    pub confirmed_by: String,
    /// Seconds since 1970.
    pub confirmed_at: Option<i64>,
    /// Seconds since 1970.
    pub last_run_at: Option<i64>,
    /// Versions that the last run deleted.
    pub n_deleted: i64,
}

impl Store {
    /// What is decided about a repository; nothing where nobody decided anything.
    #[tracing::instrument(name = "db.retention.find", skip_all, err)]
    pub async fn find_retention(&self, repository_id: i64) -> Result<RetentionRecord> {
        let found = on_pool!(self, |pool| {
            sqlx::query_as::<_, RetentionRecord>(FIND)
                .bind(repository_id)
                .fetch_optional(pool)
                .await
        })?;
        Ok(found.unwrap_or_default())
    }

    /// Takes up a run that is due: whether nobody else did since `before`.
    #[tracing::instrument(name = "db.retention.claim", skip_all, err)]
    pub async fn claim_retention(
        &self,
        repository_id: i64,
        now: Timestamp,
        before: Timestamp,
    ) -> Result<bool> {
        let n = on_writer!(self, |pool| sqlx::query(CLAIM)
            .bind(repository_id)
            .bind(now.0)
            .bind(before.0)
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(n > 0)
    }

    /// Notes how many versions a run deleted.
    #[tracing::instrument(name = "db.retention.note_run", skip_all, err)]
    pub async fn note_retention_run(&self, repository_id: i64, now: Timestamp, n_deleted: i64) -> Result<()> {
        on_writer!(self, |pool| sqlx::query(NOTE_RUN)
            .bind(repository_id)
            .bind(now.0)
            .bind(n_deleted)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }
}

impl Tx {
    /// Gives a repository rules of its own, or takes them away.
    pub async fn set_retention_rules(&mut self, repository_id: i64, rules: Option<&str>) -> Result<()> {
        on_tx!(self, |c| sqlx::query(SET_RULES)
            .bind(repository_id)
            .bind(rules)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Notes that somebody looked at what rules come to and confirmed that.
    pub async fn confirm_retention(
        &mut self,
        repository_id: i64,
        rules: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<()> {
        on_tx!(self, |c| sqlx::query(CONFIRM)
            .bind(repository_id)
            .bind(rules)
            .bind(by)
            .bind(now.0)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }
}
