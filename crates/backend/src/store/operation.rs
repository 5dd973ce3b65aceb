//! Operations on releases, and what happened during them.

use model::Timestamp;
use model::operation::{Happened, OperationEvent, OperationKind, OperationState};
use model::release::ReleaseId;
use sqlx::FromRow;

use super::{Result, Store, StoreError, Tx};

/// A query that answers whole rows.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "select operation_id, kind, cluster, namespace, release_name, state, actor, kubernetes_user, \
            kubernetes_groups, by_token, request_digest, owner, seen_at, revision, cancel_requested_at, message, created_at, \
            ended_at from operation where ",
            $condition
        )
    };
}

const FIND: &str = select!("operation_id = $1");
const FIND_BY_KEY: &str = select!("idempotency_key = $1");
const FIND_OPEN: &str =
    select!("cluster = $1 and namespace = $2 and release_name = $3 and state in ('queued', 'running')");
const LIST_OPEN: &str =
    select!("state in ('queued', 'running') order by created_at, operation_id limit 10000");
const LIST_OF_RELEASE: &str = select!(
    "cluster = $1 and namespace = $2 and release_name = $3 order by created_at desc, operation_id limit $4"
);
const INSERT: &str = "insert into operation (operation_id, kind, cluster, namespace, release_name, state, actor, \
    kubernetes_user, kubernetes_groups, by_token, idempotency_key, request_digest, owner, seen_at, message, created_at) \
    values ($1, $2, $3, $4, $5, 'queued', $6, $7, $8, $9, $10, $11, $12, $13, '', $13) on conflict do nothing";
// Only who owns it moves it on, and nobody moves what has ended.
const RUN: &str = "update operation set state = 'running', seen_at = $3 where operation_id = $1 and owner = $2 \
    and state = 'queued'";
const RECORDED: &str = "update operation set revision = $3 where operation_id = $1 and owner = $2 \
    and state in ('queued', 'running')";
const END: &str = "update operation set state = $3, message = $4, ended_at = $5 where operation_id = $1 and owner = $2 \
    and state in ('queued', 'running')";
const SEEN: &str = "update operation set seen_at = $2 where owner = $1 and state in ('queued', 'running')";
const TAKE_OVER: &str = "update operation set owner = $2, seen_at = $3 where operation_id = $1 and owner = $4 \
    and state in ('queued', 'running')";
const CANCEL: &str = "update operation set cancel_requested_at = $2 where operation_id = $1 \
    and state in ('queued', 'running') and cancel_requested_at is null";
const CANCELED: &str = "select operation_id from operation where owner = $1 and state in ('queued', 'running') \
    and cancel_requested_at is not null";
const FORGET: &str = "delete from operation where ended_at is not null and ended_at < $1";
const ADD_EVENT: &str = "insert into operation_event (operation_id, number, happened_at, what) values ($1, $2, $3, $4) \
    on conflict do nothing";
const LAST_EVENT: &str = "select coalesce(max(number), 0) from operation_event where operation_id = $1";
const EVENTS: &str = "select number, happened_at, what from operation_event where operation_id = $1 and number > $2 \
    order by number limit $3";

pub(super) const SQL: &[&str] = &[
    FIND,
    FIND_BY_KEY,
    FIND_OPEN,
    LIST_OPEN,
    LIST_OF_RELEASE,
    INSERT,
    RUN,
    RECORDED,
    END,
    SEEN,
    TAKE_OVER,
    CANCEL,
    CANCELED,
    FORGET,
    ADD_EVENT,
    LAST_EVENT,
    EVENTS,
];

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationRecord {
    /// The key.
    pub id: String,
    /// What it does.
    pub kind: OperationKind,
    /// To what.
    pub release: ReleaseId,
    /// How far it is.
    pub state: OperationState,
    /// Who asked for it.
    pub actor: String,
    /// As whom the cluster is asked.
    pub kubernetes_user: String,
    /// In which groups.
    pub kubernetes_groups: Vec<String>,
    /// Whether it is asked with a token of that user's, which is kept nowhere.
    pub by_token: bool,
    /// SHA-256 of what was asked for.
    pub request_digest: Vec<u8>,
    /// The process that does it.
    pub owner: String,
    /// When that process said last that it is alive.
    pub seen: Timestamp,
    /// The revision that it recorded.
    pub revision: Option<i64>,
    /// Whether somebody wants it to end.
    pub cancel_requested: bool,
    /// How it ended.
    pub message: String,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

/// What to store of a new operation.
#[derive(Clone, Debug)]
pub struct NewOperationRecord<'a> {
    /// The key.
    pub id: &'a str,
    /// What it does.
    pub kind: OperationKind,
    /// To what.
    pub release: &'a ReleaseId,
    /// Who asked for it.
    pub actor: &'a str,
    /// As whom the cluster is asked.
    pub kubernetes_user: &'a str,
    /// In which groups.
    pub kubernetes_groups: &'a [String],
    /// Whether it is asked with a token of that user's, which is kept nowhere.
    pub by_token: bool,
    /// What tells a repeated request.
    pub idempotency_key: Option<&'a str>,
    /// SHA-256 of what was asked for.
    pub request_digest: &'a [u8],
    /// The process that does it.
    pub owner: &'a str,
    /// Now.
    pub created: Timestamp,
}

#[derive(FromRow)]
struct Row {
    operation_id: String,
    kind: String,
    cluster: String,
    namespace: String,
    release_name: String,
    state: String,
    actor: String,
    kubernetes_user: String,
    kubernetes_groups: String,
    by_token: bool,
    request_digest: Vec<u8>,
    owner: String,
    seen_at: i64,
    revision: Option<i64>,
    cancel_requested_at: Option<i64>,
    message: String,
    created_at: i64,
    ended_at: Option<i64>,
}

impl TryFrom<Row> for OperationRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let groups =
            serde_json::from_str(&row.kubernetes_groups).map_err(|source| StoreError::Inconsistent {
                table: "operation",
                column: "kubernetes_groups",
                id: row.created_at,
                source,
            })?;
        Ok(Self {
            id: row.operation_id,
            // The database checks both words.
            kind: OperationKind::parse(&row.kind).unwrap_or(OperationKind::Upgrade),
            state: OperationState::parse(&row.state).unwrap_or(OperationState::Failed),
            release: ReleaseId {
                cluster: row.cluster,
                namespace: row.namespace,
                name: row.release_name,
            },
            actor: row.actor,
            kubernetes_user: row.kubernetes_user,
            kubernetes_groups: groups,
            by_token: row.by_token,
            request_digest: row.request_digest,
            owner: row.owner,
            seen: Timestamp(row.seen_at),
            revision: row.revision,
            cancel_requested: row.cancel_requested_at.is_some(),
            message: row.message,
            created: Timestamp(row.created_at),
            ended: row.ended_at.map(Timestamp),
        })
    }
}

#[derive(FromRow)]
struct EventRow {
    number: i64,
    happened_at: i64,
    what: String,
}

impl TryFrom<EventRow> for OperationEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self> {
        let what: Happened = serde_json::from_str(&row.what).map_err(|source| StoreError::Inconsistent {
            table: "operation_event",
            column: "what",
            id: row.number,
            source,
        })?;
        Ok(Self {
            number: row.number,
            at: Timestamp(row.happened_at),
            what,
        })
    }
}

impl Store {
    /// One operation.
    #[tracing::instrument(name = "db.operation.find", skip_all, err)]
    pub async fn find_operation(&self, id: &str) -> Result<Option<OperationRecord>> {
        let row = on_pool!(self, |pool| sqlx::query_as::<_, Row>(FIND)
            .bind(id)
            .fetch_optional(pool)
            .await)?;
        row.map(OperationRecord::try_from).transpose()
    }

    /// Those that have not ended, the oldest first.
    #[tracing::instrument(name = "db.operation.list_open", skip_all, err)]
    pub async fn list_open_operations(&self) -> Result<Vec<OperationRecord>> {
        let rows = on_pool!(self, |pool| sqlx::query_as::<_, Row>(LIST_OPEN)
            .fetch_all(pool)
            .await)?;
        rows.into_iter().map(OperationRecord::try_from).collect()
    }

    /// What was done with a release, the newest first.
    #[tracing::instrument(name = "db.operation.list_of_release", skip_all, err)]
    pub async fn list_operations(&self, release: &ReleaseId, limit: i64) -> Result<Vec<OperationRecord>> {
        let rows = on_pool!(self, |pool| sqlx::query_as::<_, Row>(LIST_OF_RELEASE)
            .bind(release.cluster.as_str())
            .bind(release.namespace.as_str())
            .bind(release.name.as_str())
            .bind(limit)
            .fetch_all(pool)
            .await)?;
        rows.into_iter().map(OperationRecord::try_from).collect()
    }

    /// Marks an operation as begun; `false` if it is not the owner's to begin any more.
    #[tracing::instrument(name = "db.operation.run", skip_all, err)]
    pub async fn run_operation(&self, id: &str, owner: &str, now: Timestamp) -> Result<bool> {
        let changed = on_writer!(self, |pool| sqlx::query(RUN)
            .bind(id)
            .bind(owner)
            .bind(now.0)
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Notes the revision that an operation recorded.
    #[tracing::instrument(name = "db.operation.recorded", skip_all, err)]
    pub async fn note_operation_revision(&self, id: &str, owner: &str, revision: i64) -> Result<()> {
        on_writer!(self, |pool| sqlx::query(RECORDED)
            .bind(id)
            .bind(owner)
            .bind(revision)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Says that the operations of `owner` are being done.
    #[tracing::instrument(name = "db.operation.seen", skip_all, err)]
    pub async fn note_operations_seen(&self, owner: &str, now: Timestamp) -> Result<()> {
        on_writer!(self, |pool| sqlx::query(SEEN)
            .bind(owner)
            .bind(now.0)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Makes an operation of another process this one's; `false` if somebody was faster.
    #[tracing::instrument(name = "db.operation.take_over", skip_all, err)]
    pub async fn take_over_operation(
        &self,
        id: &str,
        from: &str,
        owner: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let changed = on_writer!(self, |pool| sqlx::query(TAKE_OVER)
            .bind(id)
            .bind(owner)
            .bind(now.0)
            .bind(from)
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Those of `owner` that somebody wants to end.
    #[tracing::instrument(name = "db.operation.canceled", skip_all, err)]
    pub async fn canceled_operations(&self, owner: &str) -> Result<Vec<String>> {
        Ok(on_pool!(self, |pool| sqlx::query_scalar::<_, String>(CANCELED)
            .bind(owner)
            .fetch_all(pool)
            .await)?)
    }

    /// Deletes what ended before `before`.
    #[tracing::instrument(name = "db.operation.forget", skip_all, err)]
    pub async fn forget_operations(&self, before: Timestamp) -> Result<u64> {
        Ok(on_writer!(self, |pool| sqlx::query(FORGET)
            .bind(before.0)
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?)
    }

    /// What happened after event `after`, at most `limit` of it.
    #[tracing::instrument(name = "db.operation.events", skip_all, err)]
    pub async fn operation_events(&self, id: &str, after: i64, limit: i64) -> Result<Vec<OperationEvent>> {
        let rows = on_pool!(self, |pool| sqlx::query_as::<_, EventRow>(EVENTS)
            .bind(id)
            .bind(after)
            .bind(limit)
            .fetch_all(pool)
            .await)?;
        rows.into_iter().map(OperationEvent::try_from).collect()
    }

    /// The number of the newest event, 0 if there is none.
    #[tracing::instrument(name = "db.operation.last_event", skip_all, err)]
    pub async fn last_operation_event(&self, id: &str) -> Result<i64> {
        Ok(on_pool!(self, |pool| sqlx::query_scalar::<_, i64>(LAST_EVENT)
            .bind(id)
            .fetch_one(pool)
            .await)?)
    }
}

impl Tx {
    /// Stores an operation; `false` if its release has one already, or its key is known.
    pub async fn insert_operation(&mut self, new: &NewOperationRecord<'_>) -> Result<bool> {
        let groups = serde_json::to_string(new.kubernetes_groups).unwrap_or_else(|_| "[]".to_owned());
        let inserted = on_tx!(self, |c| sqlx::query(INSERT)
            .bind(new.id)
            .bind(new.kind.as_str())
            .bind(new.release.cluster.as_str())
            .bind(new.release.namespace.as_str())
            .bind(new.release.name.as_str())
            .bind(new.actor)
            .bind(new.kubernetes_user)
            .bind(groups.as_str())
            .bind(new.by_token)
            .bind(new.idempotency_key)
            .bind(new.request_digest)
            .bind(new.owner)
            .bind(new.created.0)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(inserted == 1)
    }

    /// The operation with an idempotency key.
    pub async fn find_operation_by_key(&mut self, key: &str) -> Result<Option<OperationRecord>> {
        let row = on_tx!(self, |c| sqlx::query_as::<_, Row>(FIND_BY_KEY)
            .bind(key)
            .fetch_optional(c)
            .await)?;
        row.map(OperationRecord::try_from).transpose()
    }

    /// The operation that a release has now.
    pub async fn find_open_operation(&mut self, release: &ReleaseId) -> Result<Option<OperationRecord>> {
        let row = on_tx!(self, |c| sqlx::query_as::<_, Row>(FIND_OPEN)
            .bind(release.cluster.as_str())
            .bind(release.namespace.as_str())
            .bind(release.name.as_str())
            .fetch_optional(c)
            .await)?;
        row.map(OperationRecord::try_from).transpose()
    }

    /// Ends an operation; `false` if it is not the owner's, or has ended.
    pub async fn end_operation(
        &mut self,
        id: &str,
        owner: &str,
        state: OperationState,
        message: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let changed = on_tx!(self, |c| sqlx::query(END)
            .bind(id)
            .bind(owner)
            .bind(state.as_str())
            .bind(message)
            .bind(now.0)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Asks for an operation to end; `false` if it has ended, or was asked before.
    pub async fn cancel_operation(&mut self, id: &str, now: Timestamp) -> Result<bool> {
        let changed = on_tx!(self, |c| sqlx::query(CANCEL)
            .bind(id)
            .bind(now.0)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Adds what happened. Events that are there already stay as they are.
    pub async fn add_operation_events(&mut self, id: &str, events: &[OperationEvent]) -> Result<()> {
        for event in events {
            let what = serde_json::to_string(&event.what).map_err(|source| StoreError::Inconsistent {
                table: "operation_event",
                column: "what",
                id: event.number,
                source,
            })?;
            on_tx!(&mut *self, |c| sqlx::query(ADD_EVENT)
                .bind(id)
                .bind(event.number)
                .bind(event.at.0)
                .bind(what.as_str())
                .execute(c)
                .await
                .map(drop))?;
        }
        Ok(())
    }
}
