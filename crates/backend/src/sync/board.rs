//! Who works on what at the moment, for everybody who wants to see it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use model::repository::{SyncPhase, SyncProgress};
use tokio::sync::broadcast;

/// Progress of the running syncs, and a bell that rings with a repository's name whenever its state changed.
pub(crate) struct Board {
    running: Mutex<HashMap<String, SyncProgress>>,
    bell: broadcast::Sender<String>,
}

impl Board {
    pub(crate) fn new() -> Self {
        Self {
            running: Mutex::default(),
            bell: broadcast::Sender::new(256),
        }
    }

    pub(crate) fn progress(&self, repository: &str) -> Option<SyncProgress> {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(repository)
            .cloned()
    }

    /// Whether the index of a repository, of any if none is named, is being taken over.
    pub(crate) fn reads_index(&self, repository: Option<&str>) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let reads = |progress: &SyncProgress| progress.phase == SyncPhase::Index;
        match repository {
            Some(name) => running.get(name).is_some_and(reads),
            None => running.values().any(reads),
        }
    }

    pub(crate) fn set(&self, repository: &str, phase: SyncPhase, n_done: u64, n_total: u64) {
        let progress = SyncProgress {
            phase,
            n_done,
            n_total,
        };
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.get(repository) == Some(&progress) {
            return;
        }
        running.insert(repository.to_owned(), progress);
        drop(running);
        self.ring(repository);
    }

    pub(crate) fn clear(&self, repository: &str) {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(repository);
        self.ring(repository);
    }

    /// Says that a repository's state changed.
    pub(crate) fn ring(&self, repository: &str) {
        // Nobody listening is fine.
        let _ = self.bell.send(repository.to_owned());
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<String> {
        self.bell.subscribe()
    }
}
