//! Bringing to an end what another process began and did not finish.
//!
//! Nobody goes on with an operation: what it had reached is not known. Its revision is recorded as failed, as the user
//! who asked for it, and an upgrade, a rollback or an uninstallation goes on from there.
//!
//! The token of an operation that was done with one is kept nowhere. Such an operation waits a while for its user: who
//! looks at anything of that cluster brings the token again.

use std::time::Duration;

use cluster::Settled;
use helm::release::ReleaseStatus;
use model::Timestamp;
use model::access::Outcome;
use model::operation::{Happened, OperationEvent, OperationKind, OperationState};

use crate::clusters::{Connection, Identity};
use crate::store::{AuditRecord, OperationRecord};
use crate::{Backend, Result};

/// The text that the record of the revision gets.
const REASON: &str = "the server that was doing it went away";
/// What the clocks of two replicas may differ by.
const CLOCK_SKEW_SECS: i64 = 60;
/// How long a release is kept from others while its user's token is waited for.
const WAIT_FOR_USER: Duration = Duration::from_secs(600);

/// Ends an operation that is this process's now and that nobody does. A cluster that is away is asked again later.
pub(super) async fn recover(backend: &Backend, operation: &OperationRecord) -> Result<()> {
    let (state, message) = match operation.state {
        OperationState::Queued => (
            OperationState::Interrupted,
            "The server went away before it was begun; nothing was changed.".to_owned(),
        ),
        _ => {
            let settled = match connect(backend, operation).await {
                Ok(Found::Connection(connection)) => settle(&connection, operation).await,
                Ok(Found::NotYet) => return Ok(()),
                Ok(Found::Nothing) => Ok((
                    OperationState::Interrupted,
                    "The server went away, and the token that it was done with is kept nowhere. If its revision is \
                     still pending, the page of the release shows what leads out of it."
                        .to_owned(),
                )),
                // The cluster is not configured any more: nobody here can say how it ended.
                Err(crate::Error::NotFound { .. }) => Ok((
                    OperationState::Interrupted,
                    "The server went away, and its cluster is not configured any more.".to_owned(),
                )),
                Err(error) => Err(error),
            };
            match settled {
                Ok(settled) => settled,
                Err(error) if may_pass(&error) => {
                    tracing::warn!(error = %error.chain(), "operation {} cannot be ended yet", operation.id);
                    return Ok(());
                }
                Err(error) => (
                    OperationState::Interrupted,
                    format!("The server went away, and its revision could not be marked as failed: {error}"),
                ),
            }
        }
    };
    end(backend, operation, state, message).await
}

/// What there is to end an operation with.
enum Found {
    Connection(Box<Connection>),
    /// The token is waited for.
    NotYet,
    /// It did not come.
    Nothing,
}

async fn connect(backend: &Backend, operation: &OperationRecord) -> Result<Found> {
    let inner = backend.inner();
    let cluster = &operation.release.cluster;
    if !operation.by_token {
        let (user, groups) = (&operation.kubernetes_user, operation.kubernetes_groups.clone());
        let identity = Identity::impersonated(cluster, user, groups);
        let connection = inner.clusters.connect_as(identity).await?;
        return Ok(Found::Connection(Box::new(connection)));
    }
    if let Some(connection) = inner.clusters.present_by_token(cluster, &operation.actor) {
        inner.running.waits_no_more(&operation.id);
        return Ok(Found::Connection(Box::new(connection)));
    }
    let since = inner.running.waits_since(&operation.id);
    Ok(match since.elapsed() > WAIT_FOR_USER {
        false => Found::NotYet,
        true => {
            inner.running.waits_no_more(&operation.id);
            Found::Nothing
        }
    })
}

fn may_pass(error: &crate::Error) -> bool {
    matches!(
        error,
        crate::Error::Unavailable { .. } | crate::Error::Internal(_)
    )
}

async fn settle(connection: &Connection, operation: &OperationRecord) -> Result<(OperationState, String)> {
    let (namespace, name) = (&operation.release.namespace, &operation.release.name);
    if operation.kind == OperationKind::Test {
        return Ok((
            OperationState::Interrupted,
            "The server went away while tests ran.".to_owned(),
        ));
    }
    let cluster = &connection.cluster;
    let explain = |error: cluster::Error| connection.explain(&error);
    let mut last = None;
    // That of the record, and the newest if that is another: undoing a failed upgrade makes one more.
    let mut revisions: Vec<i64> = operation.revision.into_iter().collect();
    if let Some(newest) = begun_since(connection, operation).await?
        && !revisions.contains(&newest)
    {
        revisions.push(newest);
    }
    for revision in revisions {
        let settled = cluster.settle(namespace, name, revision, REASON).await;
        last = Some((revision, settled.map_err(explain)?));
    }
    let is_uninstall = operation.kind == OperationKind::Uninstall;
    Ok(match last {
        Some((revision, Settled::Failed { .. })) => (
            OperationState::Interrupted,
            format!("The server went away in the middle; revision {revision} is marked as failed."),
        ),
        Some((revision, Settled::Unchanged { status })) => match status {
            ReleaseStatus::Deployed | ReleaseStatus::Superseded if !is_uninstall => (
                OperationState::Succeeded,
                format!("Revision {revision} is deployed."),
            ),
            ReleaseStatus::Uninstalled if is_uninstall => {
                (OperationState::Succeeded, "It is uninstalled.".to_owned())
            }
            status => (
                OperationState::Failed,
                format!("Revision {revision} is recorded as {}.", status.as_str()),
            ),
        },
        Some((_, Settled::Gone)) if is_uninstall => {
            (OperationState::Succeeded, "It is uninstalled.".to_owned())
        }
        Some((revision, Settled::Gone)) => (
            OperationState::Interrupted,
            format!("The server went away in the middle, and revision {revision} is not there any more."),
        ),
        None if is_uninstall => uninstalled(connection, operation).await?,
        None => (
            OperationState::Interrupted,
            "The server went away before anything was changed.".to_owned(),
        ),
    })
}

/// The newest revision, if it is in the middle of something that began when the operation did.
async fn begun_since(connection: &Connection, operation: &OperationRecord) -> Result<Option<i64>> {
    let (namespace, name) = (&operation.release.namespace, &operation.release.name);
    let newest = match connection.cluster.newest(namespace, name).await {
        Err(cluster::Error::NotFound) => return Ok(None),
        newest => newest.map_err(|error| connection.explain(&error))?.release,
    };
    let Some(info) = &newest.info else {
        return Ok(None);
    };
    let is_open = info.status.is_pending() || info.status == ReleaseStatus::Uninstalling;
    let began = match info.status {
        ReleaseStatus::Uninstalling => info.deleted.as_deref(),
        _ => info.last_deployed.as_deref(),
    };
    let earliest = Timestamp(operation.created.0 - CLOCK_SKEW_SECS);
    let is_since = crate::ops::timestamp(began).is_some_and(|began| began >= earliest);
    Ok((is_open && is_since).then_some(newest.revision))
}

/// An uninstallation that left no record, or had not begun.
async fn uninstalled(
    connection: &Connection,
    operation: &OperationRecord,
) -> Result<(OperationState, String)> {
    let (namespace, name) = (&operation.release.namespace, &operation.release.name);
    let heads = connection.cluster.heads(Some(namespace), Some(name)).await;
    Ok(
        match heads.map_err(|error| connection.explain(&error))?.is_empty() {
            true => (OperationState::Succeeded, "It is uninstalled.".to_owned()),
            false => (
                OperationState::Interrupted,
                "The server went away before anything was changed.".to_owned(),
            ),
        },
    )
}

async fn end(
    backend: &Backend,
    operation: &OperationRecord,
    state: OperationState,
    message: String,
) -> Result<()> {
    let inner = backend.inner();
    let now = inner.clock.now();
    let number = inner.store.last_operation_event(&operation.id).await? + 1;
    let event = OperationEvent {
        number,
        at: now,
        what: Happened::State {
            state,
            message: message.clone(),
        },
    };
    let mut tx = inner.store.begin().await?;
    let owner = &inner.running.owner;
    if tx
        .end_operation(&operation.id, owner, state, &message, now)
        .await?
    {
        tx.add_operation_events(&operation.id, &[event]).await?;
        tx.append_audit(&AuditRecord {
            at: now,
            actor: operation.actor.clone(),
            via: "",
            action: crate::ops::audit_action(operation.kind),
            object: crate::ops::audit_object(&operation.release),
            outcome: match state {
                OperationState::Succeeded => Outcome::Done,
                _ => Outcome::Failed,
            },
            detail: format!("operation {}: {message}", operation.id),
            address: String::new(),
        })
        .await?;
    }
    tx.commit().await?;
    inner.running.tell();
    tracing::info!(
        "operation {} of a process that went away: {message}",
        operation.id
    );
    Ok(())
}
