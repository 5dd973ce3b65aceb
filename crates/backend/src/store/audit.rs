//! The audit log. It is only ever added to and read; the database itself refuses anything else.

use model::Timestamp;
use model::access::{AuditEntry, Outcome};
use sqlx::FromRow;

use super::{Result, Store, Tx};

const APPEND: &str = "insert into audit_entry (happened_at, actor, via, action, object, outcome, detail, address) \
    values ($1, $2, $3, $4, $5, $6, $7, $8)";
const LIST: &str = "select * from audit_entry where ($1 = 0 or audit_entry_id < $1) and ($2 = '' or actor = $2) \
    order by audit_entry_id desc limit $3";

pub(super) const SQL: &[&str] = &[APPEND, LIST];

/// A line to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Now.
    pub at: Timestamp,
    /// The user's name, `system`, or empty.
    pub actor: String,
    /// `session`, `token`, `command line`, or empty.
    pub via: &'static str,
    /// Such as `user.create`.
    pub action: &'static str,
    /// What it was done to.
    pub object: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What else there is to say.
    pub detail: String,
    /// Where the request came from.
    pub address: String,
}

#[derive(FromRow)]
struct Row {
    audit_entry_id: i64,
    happened_at: i64,
    actor: String,
    via: String,
    action: String,
    object: String,
    outcome: String,
    detail: String,
    address: String,
}

impl From<Row> for AuditEntry {
    fn from(row: Row) -> Self {
        Self {
            id: row.audit_entry_id,
            at: Timestamp(row.happened_at),
            actor: row.actor,
            via: row.via,
            action: row.action,
            object: row.object,
            outcome: match row.outcome.as_str() {
                "done" => Outcome::Done,
                "refused" => Outcome::Refused,
                _ => Outcome::Failed,
            },
            detail: row.detail,
            address: row.address,
        }
    }
}

/// Binds a line and runs the statement on whatever connection there is.
macro_rules! append {
    ($record:expr, $on:expr) => {
        sqlx::query(APPEND)
            .bind($record.at.0)
            .bind($record.actor.as_str())
            .bind($record.via)
            .bind($record.action)
            .bind($record.object.as_str())
            .bind($record.outcome.as_str())
            .bind($record.detail.as_str())
            .bind($record.address.as_str())
            .execute($on)
            .await
            .map(drop)
    };
}

impl Store {
    /// Adds a line about something that changed nothing here.
    #[tracing::instrument(name = "db.audit.append", skip_all, err)]
    pub async fn append_audit(&self, record: &AuditRecord) -> Result<()> {
        on_writer!(self, |pool| append!(record, pool))?;
        Ok(())
    }

    /// Lines before the one with key `before` (0: the newest), newest first; of one actor where that is not empty.
    #[tracing::instrument(name = "db.audit.list", skip_all, err)]
    pub async fn list_audit(&self, before: i64, actor: &str, limit: i64) -> Result<Vec<AuditEntry>> {
        let rows = on_pool!(self, |pool| sqlx::query_as::<_, Row>(LIST)
            .bind(before)
            .bind(actor)
            .bind(limit)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(AuditEntry::from).collect())
    }
}

impl Tx {
    /// Adds a line together with the change that it is about.
    pub async fn append_audit(&mut self, record: &AuditRecord) -> Result<()> {
        on_tx!(self, |c| append!(record, c))?;
        Ok(())
    }
}
