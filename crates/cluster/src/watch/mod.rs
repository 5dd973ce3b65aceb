//! A list of releases that stays right by itself: read once, then followed by what the cluster says has changed.
//!
//! [`ReleaseWatch`] is what others hold. Its task lists metadata of records, watches them from there on, and reads only
//! the records that are the newest of their release; the [`ledger`] is what it knows, [`events`] how a cluster tells.

mod events;
mod follow;
mod ledger;

use std::sync::Arc;
use std::time::SystemTime;

use helm::release::{Release, ReleaseStatus};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;

use self::follow::Follower;
use crate::{Cluster, Error};

/// Records that one list holds, of all revisions; beyond it there is no list.
pub const MAX_WATCHED_RECORDS: usize = 50_000;
/// What the summaries of one list may add up to, in bytes of their JSON.
pub const MAX_SUMMARIES_BYTES: usize = 64 << 20;

/// The releases of one namespace, or of all, as one identity sees them, kept up to date until it is dropped.
///
/// One more of these costs the cluster a connection, and this process what its releases take; hold one for each identity
/// and scope, and share it with nobody else.
#[derive(Debug)]
pub struct ReleaseWatch {
    state: watch::Receiver<State>,
    changes: watch::Receiver<u64>,
    retry: Arc<Notify>,
    task: AbortHandle,
}

/// The releases at one moment.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// By name, then namespace, as [`Cluster::list`] orders them.
    pub releases: Vec<WatchedRelease>,
    /// Newest revisions whose records cannot be read, in the same order.
    pub damaged: Vec<Arc<DamagedRelease>>,
}

/// One release.
#[derive(Debug, Clone)]
pub struct WatchedRelease {
    /// The newest revision, without manifest, hooks, values, notes and the files of the chart.
    pub release: Arc<Release>,
    /// The newest revision that is deployed, which is not always the newest.
    pub deployed: Option<i64>,
    /// How many revisions are kept.
    pub revisions: usize,
}

/// A release whose newest record cannot be read.
#[derive(Debug)]
pub struct DamagedRelease {
    pub namespace: String,
    pub name: String,
    pub revision: i64,
    pub status: ReleaseStatus,
    pub error: Error,
}

/// Why a list is not up to date now. It is tried again and again.
#[derive(Debug, Clone)]
pub struct Trouble {
    pub since: SystemTime,
    pub error: Arc<Error>,
}

#[derive(Debug, Default)]
struct State {
    outcome: Outcome,
    trouble: Option<Trouble>,
    is_over: bool,
}

#[derive(Debug, Default)]
enum Outcome {
    #[default]
    Starting,
    Listed(Arc<Snapshot>),
    Failed(Arc<Error>),
}

impl ReleaseWatch {
    /// Starts following; nothing has been read when it returns. `None` is all namespaces.
    ///
    /// Needs a runtime of tokio, and the rights to list, watch and get records.
    pub fn start(cluster: &Cluster, namespace: Option<&str>) -> Self {
        let (teller, state, changes) = Teller::new();
        let retry = Arc::new(Notify::new());
        let follower = Follower::new(cluster, namespace, teller, Arc::clone(&retry));
        let task = tokio::spawn(follower.run()).abort_handle();
        Self {
            state,
            changes,
            retry,
            task,
        }
    }

    /// The releases, as soon as they were listed once; no request is made for it.
    ///
    /// While they cannot be listed for the first time, the last reason is the error, and asking has it tried again
    /// soon. Later they stay as they were last seen, and [`trouble`](Self::trouble) says that they do; but an identity
    /// that has lost the right to see them gets that as the error, for good.
    pub async fn releases(&self) -> Result<Arc<Snapshot>, Error> {
        let mut state = self.state.clone();
        let state = state
            .wait_for(|state| !matches!(state.outcome, Outcome::Starting))
            .await
            // Only the end of the runtime ends the task without an outcome.
            .map_err(|_| Error::Canceled)?;
        match &state.outcome {
            Outcome::Listed(snapshot) => Ok(Arc::clone(snapshot)),
            Outcome::Failed(error) => {
                self.retry.notify_one();
                Err(Error::share(error))
            }
            Outcome::Starting => Err(Error::Canceled),
        }
    }

    /// A number that grows with every change of what [`releases`](Self::releases) or [`trouble`](Self::trouble) answer.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// Why the releases are not up to date now, if they are not.
    pub fn trouble(&self) -> Option<Trouble> {
        self.state.borrow().trouble.clone()
    }

    /// Whether it has ended: the identity may not list, or is not known any more. Only a new one would try again.
    pub fn is_over(&self) -> bool {
        self.state.borrow().is_over
    }
}

impl Drop for ReleaseWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Tells those who hold a watch what its task knows.
struct Teller {
    state: watch::Sender<State>,
    changes: watch::Sender<u64>,
}

impl Teller {
    fn new() -> (Self, watch::Receiver<State>, watch::Receiver<u64>) {
        let (state, state_receiver) = watch::channel(State::default());
        let (changes, changes_receiver) = watch::channel(0);
        (Self { state, changes }, state_receiver, changes_receiver)
    }

    fn listed(&self, snapshot: Snapshot) {
        self.change(|state| {
            state.outcome = Outcome::Listed(Arc::new(snapshot));
            state.trouble = None;
        });
    }

    /// The connection is there again.
    fn is_connected(&self) {
        if self.state.borrow().trouble.is_some() {
            self.change(|state| state.trouble = None);
        }
    }

    /// It did not work, and will be tried again.
    fn troubled(&self, error: Error) {
        let error = Arc::new(error);
        self.change(|state| {
            let since = match &state.trouble {
                Some(trouble) => trouble.since,
                None => SystemTime::now(),
            };
            if !matches!(state.outcome, Outcome::Listed(_)) {
                state.outcome = Outcome::Failed(Arc::clone(&error));
            }
            state.trouble = Some(Trouble { since, error });
        });
    }

    /// What was listed must not be shown any more.
    fn withdrawn(&self, error: Error) {
        self.change(|state| {
            state.outcome = Outcome::Failed(Arc::new(error));
            state.trouble = None;
        });
    }

    fn over(&self, error: Error) {
        self.change(|state| {
            state.outcome = Outcome::Failed(Arc::new(error));
            state.trouble = None;
            state.is_over = true;
        });
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        self.state.send_modify(change);
        self.changes.send_modify(|version| *version += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_hides_no_list_but_a_lost_right_does() {
        let (teller, state, changes) = Teller::new();
        let is_listed = || matches!(state.borrow().outcome, Outcome::Listed(_));
        teller.troubled(Error::BrokenOff);
        assert!(matches!(state.borrow().outcome, Outcome::Failed(_)));
        teller.listed(Snapshot::default());
        assert!(is_listed() && state.borrow().trouble.is_none());
        teller.troubled(Error::BrokenOff);
        let since = state.borrow().trouble.as_ref().unwrap().since;
        teller.troubled(Error::BrokenOff);
        assert_eq!(state.borrow().trouble.as_ref().unwrap().since, since);
        assert!(is_listed());
        teller.is_connected();
        assert!(state.borrow().trouble.is_none());
        let version = *changes.borrow();
        teller.is_connected();
        assert_eq!(*changes.borrow(), version, "nothing changed");
        teller.over(Error::Unauthorized);
        assert!(!is_listed() && state.borrow().is_over);
        assert_eq!(*changes.borrow(), 6);
    }
}
