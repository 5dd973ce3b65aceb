//! What syncs did, and what they left out.

use model::Timestamp;
use model::repository::{SkippedEntry, SyncRun};
use sqlx::FromRow;

use super::{Result, Store, Tx};

const FORGET_SKIPPED: &str = "delete from skipped_entry where repository_id = $1";
const SKIP: &str = "insert into skipped_entry (repository_id, name, version, reason) values ($1, $2, $3, $4)";
const SKIPPED: &str = "select name, version, reason from skipped_entry where repository_id = $1 \
    order by skipped_entry_id limit $2";
const INSERT: &str = "insert into sync_run (repository_id, started_at, duration_ms, unchanged, n_added, n_changed, \
    n_yanked, n_archives, error) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const LIST: &str = "select started_at, duration_ms, unchanged, n_added, n_changed, n_yanked, n_archives, error \
    from sync_run where repository_id = $1 order by sync_run_id desc limit $2";
const PRUNE: &str = "delete from sync_run where repository_id = $1 and sync_run_id <= coalesce(( \
    select sync_run_id from sync_run where repository_id = $1 order by sync_run_id desc limit 1 offset $2), 0)";

pub(super) const SQL: &[&str] = &[FORGET_SKIPPED, SKIP, SKIPPED, INSERT, LIST, PRUNE];

/// Runs that are kept of each repository.
const KEPT_RUNS: i64 = 20;

/// A finished run to store.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// The repository's key.
    pub repository_id: i64,
    /// What happened.
    pub run: SyncRun,
}

#[derive(FromRow)]
struct Row {
    started_at: i64,
    duration_ms: i64,
    unchanged: bool,
    n_added: i64,
    n_changed: i64,
    n_yanked: i64,
    n_archives: i64,
    error: Option<String>,
}

impl From<Row> for SyncRun {
    fn from(row: Row) -> Self {
        Self {
            started: Timestamp(row.started_at),
            duration_ms: row.duration_ms.unsigned_abs(),
            unchanged: row.unchanged,
            n_added: row.n_added.unsigned_abs(),
            n_changed: row.n_changed.unsigned_abs(),
            n_yanked: row.n_yanked.unsigned_abs(),
            n_archives: row.n_archives.unsigned_abs(),
            error: row.error,
        }
    }
}

impl Store {
    /// Stores a run and forgets the oldest.
    #[tracing::instrument(name = "db.run.insert", skip_all, err)]
    pub async fn insert_run(&self, record: &RunRecord) -> Result<()> {
        let run = &record.run;
        let mut tx = self.begin().await?;
        on_tx!(&mut tx, |c| {
            sqlx::query(INSERT)
                .bind(record.repository_id)
                .bind(run.started.0)
                .bind(to_i64(run.duration_ms))
                .bind(run.unchanged)
                .bind(to_i64(run.n_added))
                .bind(to_i64(run.n_changed))
                .bind(to_i64(run.n_yanked))
                .bind(to_i64(run.n_archives))
                .bind(run.error.as_deref())
                .execute(c)
                .await
                .map(drop)
        })?;
        on_tx!(&mut tx, |c| {
            sqlx::query(PRUNE)
                .bind(record.repository_id)
                .bind(KEPT_RUNS)
                .execute(c)
                .await
                .map(drop)
        })?;
        tx.commit().await
    }

    /// The newest runs, newest first.
    #[tracing::instrument(name = "db.run.list", skip_all, err)]
    pub async fn list_runs(&self, repository_id: i64) -> Result<Vec<SyncRun>> {
        let rows = on_pool!(self, |pool| {
            sqlx::query_as::<_, Row>(LIST)
                .bind(repository_id)
                .bind(KEPT_RUNS)
                .fetch_all(pool)
                .await
        })?;
        Ok(rows.into_iter().map(SyncRun::from).collect())
    }

    /// What the newest index had that was left out.
    #[tracing::instrument(name = "db.skipped.list", skip_all, err)]
    pub async fn list_skipped(&self, repository_id: i64, limit: i64) -> Result<Vec<SkippedEntry>> {
        let rows = on_pool!(self, |pool| {
            sqlx::query_as::<_, (String, String, String)>(SKIPPED)
                .bind(repository_id)
                .bind(limit)
                .fetch_all(pool)
                .await
        })?;
        Ok(rows
            .into_iter()
            .map(|(name, version, reason)| SkippedEntry {
                name,
                version,
                reason,
            })
            .collect())
    }
}

impl Tx {
    /// Replaces the list of what was left out.
    pub async fn replace_skipped(&mut self, repository_id: i64, skipped: &[SkippedEntry]) -> Result<()> {
        on_tx!(&mut *self, |c| sqlx::query(FORGET_SKIPPED)
            .bind(repository_id)
            .execute(c)
            .await
            .map(drop))?;
        for entry in skipped {
            on_tx!(&mut *self, |c| {
                sqlx::query(SKIP)
                    .bind(repository_id)
                    .bind(entry.name.as_str())
                    .bind(entry.version.as_str())
                    .bind(entry.reason.as_str())
                    .execute(c)
                    .await
                    .map(drop)
            })?;
        }
        Ok(())
    }
}

fn to_i64(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
