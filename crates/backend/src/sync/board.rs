//! Who works on what at the moment, for everybody who wants to see it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use model::Timestamp;
use model::repository::{SyncPhase, SyncProgress};
use tokio::sync::broadcast;

use crate::settings::ArchivePolicy;

const COUNTS_HOLD: Duration = Duration::from_secs(60);

/// Progress of the running syncs, and a bell that rings with a repository's name whenever its state changed.
pub(crate) struct Board {
    running: Mutex<HashMap<String, SyncProgress>>,
    counted: Mutex<HashMap<String, Counted>>,
    bell: broadcast::Sender<String>,
}

/// Archives of a repository that are wanted and that failed, as they were counted last: counting looks at every chart.
#[derive(Default)]
struct Counted {
    /// How often the repository's state has changed.
    n_changes: u64,
    kept: Option<Count>,
}

struct Count {
    at: Instant,
    asked: Asked,
    counts: (u64, u64),
}

/// What counts are asked of: the policy, and the last sync's begin and successful end, of whatever process.
pub(crate) type Asked = (ArchivePolicy, Option<Timestamp>, Option<Timestamp>);

/// Whether a count that begins now will still hold when it is kept.
#[derive(Debug)]
pub(crate) struct CountMark(u64);

impl Board {
    pub(crate) fn new() -> Self {
        Self {
            running: Mutex::default(),
            counted: Mutex::default(),
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
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let counted_here = counted.entry(repository.to_owned()).or_default();
        counted_here.n_changes += 1;
        counted_here.kept = None;
        drop(counted);
        // Nobody listening is fine.
        let _ = self.bell.send(repository.to_owned());
    }

    /// The counts that are kept of a repository, if they are of what is asked; else where a count begins. What
    /// other processes fetch for whoever looks at a chart rings no bell here, so that counts hold for a minute.
    pub(crate) fn counts(&self, repository: &str, asked: Asked) -> Result<(u64, u64), CountMark> {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = counted.get(repository) else {
            return Err(CountMark(0));
        };
        match &known.kept {
            Some(kept) if kept.asked == asked && kept.at.elapsed() < COUNTS_HOLD => Ok(kept.counts),
            _ => Err(CountMark(known.n_changes)),
        }
    }

    /// Keeps counts, unless the state has changed since the count began.
    pub(crate) fn keep_counts(&self, repository: &str, mark: &CountMark, asked: Asked, counts: (u64, u64)) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let known = counted.entry(repository.to_owned()).or_default();
        if known.n_changes == mark.0 {
            known.kept = Some(Count {
                at: Instant::now(),
                asked,
                counts,
            });
        }
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<String> {
        self.bell.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::Board;
    use crate::settings::ArchivePolicy;

    #[test]
    fn counts_hold_until_the_repository_changes_or_something_else_is_asked() {
        let board = Board::new();
        let asked = (ArchivePolicy::Latest, Some(Timestamp(7)), Some(Timestamp(8)));
        let mark_of = |repository: &str| board.counts(repository, asked).expect_err("no count is kept");
        board.keep_counts("team", &mark_of("team"), asked, (3, 1));
        assert_eq!(board.counts("team", asked).ok(), Some((3, 1)));
        mark_of("other");
        for other in [
            (ArchivePolicy::All, asked.1, asked.2),
            (asked.0, Some(Timestamp(9)), asked.2),
            (asked.0, asked.1, Some(Timestamp(9))),
        ] {
            assert!(board.counts("team", other).is_err());
        }
        board.ring("team");
        let mark = mark_of("team");
        // What changes while it is counted makes the count one of the past.
        board.ring("team");
        board.keep_counts("team", &mark, asked, (2, 1));
        mark_of("team");
    }
}
