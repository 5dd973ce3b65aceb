//! Beginning, following and ending what is done with releases.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use model::operation::{OperationEvent, OperationKind, OperationRequest, OperationSummary};
use model::release::ReleaseId;
use sha2::{Digest as _, Sha256};

use super::authorise::Action;
use super::releases::{prepare, shown_before};
use crate::operations::{Job, Task};
use crate::store::{NewOperationRecord, OperationRecord};
use crate::{Backend, Error, Result, Viewer, drawn};

/// Events that are given at once.
const MAX_EVENTS: i64 = 1_000;
/// How often another process's events are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A stream ends after so long; whoever asks again is asked again who it is.
const STREAM_FOR: Duration = Duration::from_secs(120);
/// Operations of a release that are listed.
const MAX_LISTED: i64 = 100;
const MAX_KEY_CHARS: usize = 200;

/// Operations on operations.
pub struct Operations<'a> {
    backend: &'a Backend,
}

/// How an operation is to be begun.
#[derive(Clone, Debug, Default)]
pub struct Begin {
    /// The plan that was shown and that is to be done exactly.
    pub plan_hash: Option<String>,
    /// A word of the caller's: the same request with the same word begins nothing anew.
    pub idempotency_key: Option<String>,
}

/// An operation as others see it.
pub(crate) fn shown(record: OperationRecord) -> OperationSummary {
    OperationSummary {
        id: record.id,
        kind: record.kind,
        release: record.release,
        state: record.state,
        by: record.actor,
        created: record.created,
        ended: record.ended,
        revision: record.revision,
        message: record.message,
    }
}

/// The word of the audit log.
pub(crate) fn audit_action(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Install => "release.install",
        OperationKind::Upgrade => "release.upgrade",
        OperationKind::Rollback => "release.rollback",
        OperationKind::Uninstall => "release.uninstall",
        OperationKind::Test => "release.test",
    }
}

/// A release in the audit log.
pub(crate) fn audit_object(id: &ReleaseId) -> String {
    format!("{}/{}/{}", id.cluster, id.namespace, id.name)
}

impl<'a> Operations<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { backend }
    }

    /// Begins an operation and answers at once; [`Operations::events`] tells how it goes on.
    ///
    /// What can be known to be wrong is said here. While an operation is at a release, another is refused with
    /// [`Error::ReleaseBusy`], which names it.
    #[tracing::instrument(name = "op.operation.begin", skip_all, fields(release.name = %id.name), err)]
    pub async fn begin(
        &self,
        viewer: &Viewer,
        id: &ReleaseId,
        request: &OperationRequest,
        begin: &Begin,
    ) -> Result<OperationSummary> {
        let kind = request.kind();
        let action = Action::ChangeReleases {
            cluster: &id.cluster,
            namespace: &id.namespace,
        };
        let work = self.begun(viewer, id, request, begin);
        self.backend
            .audited(viewer, action, audit_action(kind), &audit_object(id), work)
            .await
    }

    async fn begun(
        &self,
        viewer: &Viewer,
        id: &ReleaseId,
        request: &OperationRequest,
        begin: &Begin,
    ) -> Result<OperationSummary> {
        let inner = self.backend.inner();
        let digest = digest(id, request, begin)?;
        let key = key(viewer, begin)?;
        if let Some(key) = &key {
            let mut tx = inner.store.begin().await?;
            if let Some(known) = tx.find_operation_by_key(key).await? {
                return repeated(known, &digest);
            }
        }
        let connection = inner.clusters.connect(viewer, &id.cluster).await?.about(&id.name);
        let task = match &begin.plan_hash {
            Some(hash) => {
                let kept = shown_before(self.backend, viewer, &connection, id, request, hash).await?;
                Task::Planned(Box::new(kept))
            }
            None => {
                let prepared = prepare(self.backend, viewer, &connection, id, request).await?;
                Task::Direct(Box::new(prepared))
            }
        };
        let operation_id = hex::encode(drawn::bytes::<16>()?);
        let new = NewOperationRecord {
            id: &operation_id,
            kind: request.kind(),
            release: id,
            actor: viewer.name().unwrap_or("system"),
            kubernetes_user: &connection.user,
            kubernetes_groups: connection.identity.groups(),
            by_token: connection.identity.is_by_token(),
            idempotency_key: key.as_deref(),
            request_digest: &digest,
            owner: &inner.running.owner,
            created: inner.clock.now(),
        };
        let audit = self
            .backend
            .record(viewer, audit_action(request.kind()), &audit_object(id), "");
        let mut tx = inner.store.begin().await?;
        if !tx.insert_operation(&new).await? {
            if let Some(key) = &key
                && let Some(known) = tx.find_operation_by_key(key).await?
            {
                return repeated(known, &digest);
            }
            let open = tx.find_open_operation(id).await?;
            return Err(Error::ReleaseBusy {
                reason: "another operation (install/upgrade/rollback) is in progress".to_owned(),
                operation: open.map(|open| open.id),
            });
        }
        let mut line = audit.clone();
        line.detail = match connection.identity.is_by_token() {
            true => format!(
                "operation {operation_id} was accepted, with a token of {}",
                connection.user
            ),
            false => format!("operation {operation_id} was accepted"),
        };
        tx.append_audit(&line).await?;
        tx.commit().await?;
        inner.running.start(
            self.backend,
            Job {
                id: operation_id.clone(),
                release: id.clone(),
                connection,
                task,
                audit,
            },
        );
        self.find(&operation_id).await.map(shown)
    }

    /// An operation on a release that the viewer may see.
    #[tracing::instrument(name = "op.operation.get", skip_all, err)]
    pub async fn get(&self, viewer: &Viewer, id: &str) -> Result<OperationSummary> {
        self.visible(viewer, id).await.map(shown)
    }

    /// What was done with a release, the newest first.
    #[tracing::instrument(name = "op.operation.list", skip_all, err)]
    pub async fn of_release(&self, viewer: &Viewer, id: &ReleaseId) -> Result<Vec<OperationSummary>> {
        let action = Action::ReadReleases {
            cluster: &id.cluster,
            namespace: &id.namespace,
        };
        self.backend.authorise(viewer, action)?;
        let found = self.backend.inner().store.list_operations(id, MAX_LISTED).await?;
        Ok(found.into_iter().map(shown).collect())
    }

    /// What happened after event `after`, at most a thousand events of it.
    #[tracing::instrument(name = "op.operation.events", skip_all, err)]
    pub async fn events(&self, viewer: &Viewer, id: &str, after: i64) -> Result<Vec<OperationEvent>> {
        self.visible(viewer, id).await?;
        let store = &self.backend.inner().store;
        Ok(store.operation_events(id, after, MAX_EVENTS).await?)
    }

    /// The same as it happens, until the operation has ended. It ends earlier when it has lasted for a while, so that
    /// whoever has lost the right to see it does not go on seeing it.
    #[tracing::instrument(name = "op.operation.follow", skip_all, err)]
    pub async fn follow(
        &self,
        viewer: &Viewer,
        id: &str,
        after: i64,
    ) -> Result<BoxStream<'static, OperationEvent>> {
        self.visible(viewer, id).await?;
        let until = tokio::time::Instant::now() + STREAM_FOR;
        let state = Following {
            backend: self.backend.clone(),
            news: self.backend.inner().running.news(),
            id: id.to_owned(),
            after,
            has_ended: false,
            until,
        };
        let parts = stream::unfold(state, |mut state| async move {
            let events = state.next().await?;
            Some((stream::iter(events), state))
        });
        Ok(parts.flatten().boxed())
    }

    /// Asks for an operation to end. It ends as failed, in its own time.
    #[tracing::instrument(name = "op.operation.cancel", skip_all, err)]
    pub async fn cancel(&self, viewer: &Viewer, id: &str) -> Result<OperationSummary> {
        let record = self.visible(viewer, id).await?;
        let release = &record.release;
        let action = Action::ChangeReleases {
            cluster: &release.cluster,
            namespace: &release.namespace,
        };
        let object = audit_object(release);
        let inner = self.backend.inner();
        let work = async {
            if record.state.has_ended() {
                return Err(Error::Conflict {
                    what: format!("operation {id}"),
                    reason: format!("it has ended: {}", record.state.as_str()),
                });
            }
            let mut tx = inner.store.begin().await?;
            if tx.cancel_operation(id, inner.clock.now()).await? {
                let detail = format!("operation {id}");
                tx.append_audit(&self.backend.record(viewer, "release.cancel", &object, &detail))
                    .await?;
            }
            tx.commit().await?;
            inner.running.cancel(id);
            self.find(id).await.map(shown)
        };
        self.backend
            .audited(viewer, action, "release.cancel", &object, work)
            .await
    }

    /// An operation, if the viewer may see its release; otherwise there is none, as far as the viewer can tell.
    async fn visible(&self, viewer: &Viewer, id: &str) -> Result<OperationRecord> {
        self.backend.authorise(viewer, Action::ReadClusters)?;
        let record = self.find(id).await?;
        let action = Action::ReadReleases {
            cluster: &record.release.cluster,
            namespace: &record.release.namespace,
        };
        match self.backend.authorise(viewer, action) {
            Ok(()) => Ok(record),
            Err(_) => Err(Error::not_found("operation", id)),
        }
    }

    async fn find(&self, id: &str) -> Result<OperationRecord> {
        let found = self.backend.inner().store.find_operation(id).await?;
        found.ok_or_else(|| Error::not_found("operation", id))
    }
}

/// A stream of events on its way.
struct Following {
    backend: Backend,
    news: tokio::sync::watch::Receiver<u64>,
    id: String,
    after: i64,
    has_ended: bool,
    until: tokio::time::Instant,
}

impl Following {
    /// The next events; nothing when there will be none.
    async fn next(&mut self) -> Option<Vec<OperationEvent>> {
        let store = &self.backend.inner().store;
        loop {
            if self.has_ended || tokio::time::Instant::now() >= self.until {
                return None;
            }
            self.news.mark_unchanged();
            // The state first: whatever happened before the end is there when the end is.
            let record = store.find_operation(&self.id).await.ok().flatten()?;
            let events = store
                .operation_events(&self.id, self.after, MAX_EVENTS)
                .await
                .ok()?;
            self.has_ended = record.state.has_ended() && (events.len() as i64) < MAX_EVENTS;
            if let Some(last) = events.last() {
                self.after = last.number;
                return Some(events);
            }
            if self.has_ended {
                return None;
            }
            tokio::select! {
                _ = self.news.changed() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = tokio::time::sleep_until(self.until) => return None,
            }
        }
    }
}

/// What tells two requests apart.
fn digest(id: &ReleaseId, request: &OperationRequest, begin: &Begin) -> Result<Vec<u8>> {
    let text = serde_json::to_vec(&(id, request, &begin.plan_hash)).map_err(Error::internal)?;
    Ok(Sha256::digest(text).to_vec())
}

/// Keys of one user are not those of another.
fn key(viewer: &Viewer, begin: &Begin) -> Result<Option<String>> {
    let Some(key) = &begin.idempotency_key else {
        return Ok(None);
    };
    let is_plain = key.bytes().all(|byte| byte.is_ascii_graphic());
    if key.is_empty() || key.len() > MAX_KEY_CHARS || !is_plain {
        return Err(Error::Invalid {
            field: "Idempotency-Key",
            message: format!("is a word of at most {MAX_KEY_CHARS} printable ASCII characters"),
        });
    }
    let user = viewer.user().map_or(0, |user| user.id);
    Ok(Some(format!("{user}:{key}")))
}

fn repeated(known: OperationRecord, digest: &[u8]) -> Result<OperationSummary> {
    if known.request_digest == digest {
        return Ok(shown(known));
    }
    Err(Error::Conflict {
        what: "Idempotency-Key".to_owned(),
        reason: "it was used for another request".to_owned(),
    })
}
