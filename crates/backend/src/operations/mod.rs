//! Operations on releases, done in the background.
//!
//! `ops::operations` says who may begin one and stores it; here it is done ([`run`]), what happens is written down
//! ([`journal`]), and what a process left behind is brought to an end ([`recover`]). An operation has one owner, the
//! process that does it, which says every few seconds that it is alive.

mod journal;
mod recover;
mod run;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use run::{Job, Task};

use crate::own_thread::on_own_thread;
use crate::{Backend, Error, Result, drawn};

/// How often a process says that it is alive, and looks who wants an operation to end.
const BEAT: Duration = Duration::from_secs(3);
/// A process that said nothing for so long is dead.
const DEAD_AFTER_SECS: i64 = 30;
/// How long operations may go on after the process was asked to end.
const GRACE: Duration = Duration::from_secs(8);
/// How long they may take to record that they were ended.
const LAST_WORDS: Duration = Duration::from_secs(15);

/// The operations of this process.
pub(crate) struct Running {
    /// Who this process is, among those on the same database.
    pub(crate) owner: String,
    /// Turns of those that run at the same time.
    turns: Semaphore,
    /// What ends each.
    switches: Mutex<HashMap<String, Switch>>,
    /// What dead processes left and only their users' tokens can end, and since when it is known here.
    waiting: Mutex<HashMap<String, Instant>>,
    /// Grows whenever something happened in any operation.
    news: watch::Sender<u64>,
    tasks: TaskTracker,
    /// Set once the process ends.
    closing: CancellationToken,
}

/// Ends an operation.
#[derive(Clone)]
struct Switch {
    cluster: Arc<watch::Sender<bool>>,
    /// Why, once it was used.
    reason: Arc<Mutex<Option<Ended>>>,
}

/// Why an operation was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Canceled,
    Deadline,
    Shutdown,
}

impl Switch {
    fn end(&self, why: Ended) {
        self.reason
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(why);
        let _ = self.cluster.send(true);
    }

    fn why(&self) -> Option<Ended> {
        *self.reason.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    pub(crate) fn new(max: u32) -> Result<Self> {
        Ok(Self {
            owner: hex::encode(drawn::bytes::<16>()?),
            turns: Semaphore::new(max.max(1) as usize),
            switches: Mutex::default(),
            waiting: Mutex::default(),
            news: watch::channel(0).0,
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
        })
    }

    /// Does a stored operation.
    pub(crate) fn start(&self, backend: &Backend, job: Job) {
        let (sender, cancel) = cluster::Cancel::new();
        let switch = Switch {
            cluster: Arc::new(sender),
            reason: Arc::default(),
        };
        self.switches().insert(job.id.clone(), switch.clone());
        let backend = backend.clone();
        self.tasks.spawn(async move {
            let id = job.id.clone();
            let doing = backend.clone();
            let done =
                on_own_thread(move || async move { run::run(&doing, job, cancel, &switch).await }).await;
            if let Err(error) = done {
                // What is left of it is ended with the next beat.
                tracing::error!(error = %error.chain(), "operation {id} ended by a panic");
            }
            let running = &backend.inner().running;
            running.switches().remove(&id);
            running.tell();
        });
    }

    /// Whether this process is at it.
    fn is_at(&self, id: &str) -> bool {
        self.switches().contains_key(id)
    }

    /// Ends an operation if it is this process's.
    pub(crate) fn cancel(&self, id: &str) {
        let switch = self.switches().get(id).cloned();
        if let Some(switch) = switch {
            switch.end(Ended::Canceled);
        }
    }

    /// Something happened.
    pub(crate) fn tell(&self) {
        self.news.send_modify(|count| *count += 1);
    }

    /// Changes whenever something happens in an operation of this process.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Since when the token of an operation's user is waited for.
    fn waits_since(&self, id: &str) -> Instant {
        *self.waiting().entry(id.to_owned()).or_insert_with(Instant::now)
    }

    fn waits_no_more(&self, id: &str) {
        self.waiting().remove(id);
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn switches(&self) -> MutexGuard<'_, HashMap<String, Switch>> {
        self.switches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for what is under way, for a moment, and then ends it, as failed.
    pub(crate) async fn shutdown(&self) {
        self.closing.cancel();
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait()).await.is_ok() {
            return;
        }
        let switches: Vec<Switch> = self.switches().values().cloned().collect();
        for switch in switches {
            switch.end(Ended::Shutdown);
        }
        // What does not end in time is brought to an end by the next start.
        let _ = tokio::time::timeout(LAST_WORDS, self.tasks.wait()).await;
    }
}

/// Says that this process is alive, ends what is to be ended, and takes over what dead ones left.
pub(crate) async fn keep_alive(backend: Backend, stop: CancellationToken) {
    loop {
        if let Err(error) = beat(&backend).await {
            tracing::error!(error = %error.chain(), "operations cannot be looked after");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}

async fn beat(backend: &Backend) -> Result<()> {
    let inner = backend.inner();
    let (store, owner) = (&inner.store, inner.running.owner.as_str());
    let now = inner.clock.now();
    store.note_operations_seen(owner, now).await?;
    for id in store.canceled_operations(owner).await? {
        inner.running.cancel(&id);
    }
    for operation in store.list_open_operations().await? {
        let is_ours = operation.owner == owner;
        let is_dead = store.is_embedded() || now.0 - operation.seen.0 > DEAD_AFTER_SECS;
        // One of ours that was stored a moment ago is about to be begun.
        let is_new = now.0 - operation.created.0 <= DEAD_AFTER_SECS;
        let is_done_by_us = is_ours && (is_new || inner.running.is_at(&operation.id));
        if is_done_by_us || (!is_ours && !is_dead) {
            continue;
        }
        if !is_ours
            && !store
                .take_over_operation(&operation.id, &operation.owner, owner, now)
                .await?
        {
            continue;
        }
        // Ending the ones before took its time: this one may have ended meanwhile, and its release may have another.
        if let Some(current) = store.find_operation(&operation.id).await?
            && current.owner == owner
            && !current.state.has_ended()
        {
            recover::recover(backend, &current).await?;
        }
    }
    Ok(())
}

/// Deletes what nobody looks up any more.
pub(crate) async fn forget_old(backend: &Backend) -> Result<()> {
    let inner = backend.inner();
    let keep_secs = i64::from(inner.settings.releases.operation_keep_days) * 86_400;
    let before = model::Timestamp(inner.clock.now().0 - keep_secs);
    inner.store.forget_operations(before).await.map_err(Error::from)?;
    Ok(())
}
