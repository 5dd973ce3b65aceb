//! Doing one operation, from its turn to its end.

use std::sync::Arc;
use std::time::Duration;

use cluster::{Applied, Cancel, Context, Error as ClusterError};
use helm::release::{Release, ReleaseStatus};
use model::access::Outcome;
use model::operation::{Happened, OperationState, UNINSTALLED};
use model::release::ReleaseId;

use super::journal::Journal;
use super::{Ended, Switch};
use crate::clusters::Connection;
use crate::ops::{KeptPlan, NewOrigin, Prepared, Work};
use crate::store::AuditRecord;
use crate::world::World;
use crate::{Backend, Error, Result};

/// How often the end of an operation is tried to be stored.
const PAUSE: Duration = Duration::from_secs(2);

/// A stored operation that is to be done.
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) release: ReleaseId,
    pub(crate) connection: Connection,
    pub(crate) task: Task,
    /// The line of the audit log about its end, but for how it ended.
    pub(crate) audit: AuditRecord,
}

/// What is to be done.
pub(crate) enum Task {
    Planned(Box<KeptPlan>),
    Direct(Box<Prepared>),
}

impl Task {
    fn origin(&self) -> Option<&NewOrigin> {
        match self {
            Self::Planned(kept) => kept.origin.as_ref(),
            Self::Direct(prepared) => prepared.origin.as_ref(),
        }
    }
}

/// How an operation ended.
struct Outcomes {
    state: OperationState,
    message: String,
}

pub(super) async fn run(backend: &Backend, job: Job, cancel: Cancel, switch: &Switch) {
    let inner = backend.inner();
    let (journal, writer) = Journal::open(backend, &job.id);
    let (id, audit) = (job.id.clone(), job.audit.clone());
    let outcome = perform(backend, job, cancel, switch, &journal).await;
    journal.add(Happened::State {
        state: outcome.state,
        message: outcome.message.clone(),
    });
    drop(journal);
    // Everything that happened is there before the operation has ended.
    let _ = writer.await;
    loop {
        match end(backend, &id, &outcome, &audit).await {
            Ok(()) => return,
            Err(error) => {
                tracing::error!(error = %error.chain(), "the end of operation {id} cannot be stored");
            }
        }
        tokio::select! {
            () = inner.running.closing.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

async fn end(backend: &Backend, id: &str, outcome: &Outcomes, audit: &AuditRecord) -> Result<()> {
    let inner = backend.inner();
    let mut tx = inner.store.begin().await?;
    let now = inner.clock.now();
    let owner = &inner.running.owner;
    if tx
        .end_operation(id, owner, outcome.state, &outcome.message, now)
        .await?
    {
        let line = AuditRecord {
            at: now,
            outcome: match outcome.state {
                OperationState::Succeeded => Outcome::Done,
                _ => Outcome::Failed,
            },
            detail: format!("operation {id}: {}", outcome.message),
            ..audit.clone()
        };
        tx.append_audit(&line).await?;
    }
    Ok(tx.commit().await?)
}

async fn perform(
    backend: &Backend,
    job: Job,
    cancel: Cancel,
    switch: &Switch,
    journal: &Journal,
) -> Outcomes {
    let inner = backend.inner();
    let wanted = cancel.clone();
    let turn = tokio::select! {
        turn = inner.running.turns.acquire() => turn,
        () = wanted.canceled() => {
            return Outcomes { state: OperationState::Canceled, message: "It had not begun.".to_owned() };
        }
    };
    let begun = inner
        .store
        .run_operation(&job.id, &inner.running.owner, inner.clock.now())
        .await;
    match begun {
        Ok(true) => {}
        Ok(false) => {
            return Outcomes {
                state: OperationState::Interrupted,
                message: "Another process has taken it over.".to_owned(),
            };
        }
        Err(error) => {
            tracing::error!(error = %Error::from(error).chain(), "operation {} cannot begin", job.id);
            return Outcomes {
                state: OperationState::Failed,
                message: "It could not be begun: the database does not answer.".to_owned(),
            };
        }
    }
    journal.add(Happened::State {
        state: OperationState::Running,
        message: String::new(),
    });
    let deadline = Duration::from_secs(inner.settings.releases.operation_deadline_secs);
    let Job {
        release,
        connection,
        task,
        ..
    } = job;
    let origin = task.origin().cloned();
    let working = work(&connection, task, cancel, journal);
    tokio::pin!(working);
    let result = tokio::select! {
        result = &mut working => result,
        () = tokio::time::sleep(deadline) => {
            switch.end(Ended::Deadline);
            working.await
        }
    };
    drop(turn);
    // Of a revision that failed, too: who tries again need not say where the chart came from.
    if let (Some(revision), Some(origin)) = (journal.recorded(), origin) {
        keep_origin(&connection, &release, revision, &origin, journal).await;
    }
    match result {
        Ok(message) => Outcomes {
            state: OperationState::Succeeded,
            message,
        },
        Err(error) => failed(&connection, &error, switch),
    }
}

/// Does it, and says in a sentence what came of it.
async fn work(
    connection: &Connection,
    task: Task,
    cancel: Cancel,
    journal: &Journal,
) -> Result<String, ClusterError> {
    let host = Arc::new(World::new(false, None));
    let context = Context::new(&connection.cluster, host, journal).with_cancel(cancel);
    let work = match task {
        Task::Planned(kept) => {
            return Ok(match kept.plan.apply(&context).await? {
                Applied::Release(release) => made(&release),
                Applied::Uninstalled(uninstalled) => gone(&uninstalled.kept),
            });
        }
        Task::Direct(prepared) => prepared.work,
    };
    Ok(match work {
        Work::Install(install) => made(&install.run(&context).await?),
        Work::Upgrade(upgrade) => made(&upgrade.run(&context).await?),
        Work::Rollback(rollback) => made(&rollback.run(&context).await?),
        Work::Uninstall(uninstall) => {
            let uninstalled = uninstall.run(&context).await?;
            gone(&uninstalled.map(|done| done.kept).unwrap_or_default())
        }
        Work::Test(test) => tested(test, &context, journal).await?,
    })
}

async fn tested(
    test: cluster::Test,
    context: &Context<'_>,
    journal: &Journal,
) -> Result<String, ClusterError> {
    let run = test.run(context).await?;
    // A test that failed is explained by what it printed.
    for log in run.logs(context).await.unwrap_or_default() {
        journal.log(&log.pod, &log.container, &log.text);
    }
    let cleaned = run.clean_up(context).await;
    run.result.and(cleaned)?;
    Ok("All tests succeeded.".to_owned())
}

fn made(release: &Release) -> String {
    let status = release
        .info
        .as_ref()
        .map_or(ReleaseStatus::None, |info| info.status.clone());
    let word = match status {
        ReleaseStatus::Deployed => "is deployed",
        _ => "is recorded",
    };
    format!("Revision {} {word}.", release.revision)
}

fn gone(kept: &str) -> String {
    match kept {
        "" => UNINSTALLED.to_owned(),
        kept => format!("{UNINSTALLED} {kept}"),
    }
}

/// An extra: without it a later upgrade has to be told the chart, and says so.
async fn keep_origin(
    connection: &Connection,
    release: &ReleaseId,
    revision: i64,
    new: &NewOrigin,
    journal: &Journal,
) {
    let kept = connection
        .cluster
        .keep_origin(
            &release.namespace,
            &release.name,
            revision,
            &new.origin,
            &new.values,
        )
        .await;
    if let Err(error) = kept {
        let error = connection.explain(&error);
        journal.add(Happened::Warning {
            message: format!("Where the revision came from could not be kept beside it: {error}"),
        });
    }
}

/// Of an operation whose revision another one recorded first: helm says only that something exists.
fn overtaken(error: &ClusterError) -> Option<String> {
    let ClusterError::RecordExists { revision, .. } = error.innermost() else {
        return None;
    };
    Some(match revision {
        1 => "cannot reuse a name that is still in use: another installation was first".to_owned(),
        _ => format!("another operation was first: it has recorded revision {revision}"),
    })
}

fn failed(connection: &Connection, error: &ClusterError, switch: &Switch) -> Outcomes {
    let is_canceled = matches!(error.innermost(), ClusterError::Canceled);
    let mut text = match connection.explain(error) {
        // In the words of these errors a reader knows what to do; of others the cluster's own say more.
        explained
        @ (Error::MissingRights { .. } | Error::Unavailable { .. } | Error::PlanOutdated { .. }) => {
            explained.to_string()
        }
        _ => overtaken(error).unwrap_or_else(|| error.chain()),
    };
    for object in error.unready().iter().flat_map(|unready| &unready.objects) {
        if let Some(reason) = &object.reason {
            text.push_str(&format!("\n{} {}: {reason}", object.kind, object.name));
        }
    }
    let (state, message) = match switch.why() {
        Some(Ended::Canceled) if is_canceled => (
            OperationState::Canceled,
            "It was canceled; its revision failed.".to_owned(),
        ),
        Some(Ended::Deadline) => (
            OperationState::Failed,
            format!("It took longer than `releases.operation_deadline_secs` allows: {text}"),
        ),
        Some(Ended::Shutdown) => (
            OperationState::Interrupted,
            format!("The server was stopped while it was under way: {text}"),
        ),
        _ => (OperationState::Failed, text),
    };
    Outcomes { state, message }
}
