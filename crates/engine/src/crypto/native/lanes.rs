//! Keys made by several threads at once, each handed out once.
//!
//! How long a key takes is chance: primes are drawn until two are found. Whoever needs one has as many threads draw as
//! there are processors and takes the first key that is complete. The others are not thrown away: they go to whoever
//! asks next, which is mostly the same render, since a chart that makes a certificate makes an authority, too.
//!
//! Every key is what a single call would have given, by the same generator, and is given to one caller; how many keys
//! wait is bounded by the number of lanes for each size.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// More threads than this make a key little sooner.
const MAX_LANES: usize = 4;

/// A complete key, or `None` where the library gave none.
type Outcome = Option<String>;

/// The threads at work, by size in bits, and what they made.
pub(super) struct Lanes {
    sizes: Mutex<BTreeMap<usize, Size>>,
    changed: Condvar,
}

#[derive(Default)]
struct Size {
    ready: Vec<Outcome>,
    running: usize,
}

impl Lanes {
    pub(super) const fn new() -> Self {
        Self {
            sizes: Mutex::new(BTreeMap::new()),
            changed: Condvar::new(),
        }
    }

    /// A key of `bits` bits that nobody else gets.
    pub(super) fn take(
        &'static self,
        bits: usize,
        generate: impl Fn() -> Outcome + Copy + Send + 'static,
    ) -> Outcome {
        let lanes = thread::available_parallelism()
            .map_or(1, usize::from)
            .min(MAX_LANES);
        if lanes == 1 {
            return generate();
        }
        let mut sizes = self.lock();
        loop {
            let size = sizes.entry(bits).or_default();
            if let Some(outcome) = size.ready.pop() {
                return outcome;
            }
            while size.running < lanes {
                let work = move || {
                    let mut done = Done {
                        lanes: self,
                        bits,
                        outcome: None,
                    };
                    done.outcome = generate();
                };
                if thread::Builder::new().spawn(work).is_err() {
                    break;
                }
                size.running += 1;
            }
            if size.running == 0 {
                drop(sizes);
                return generate();
            }
            sizes = self.changed.wait(sizes).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<usize, Size>> {
        self.sizes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hands in what a thread made when it ends, however it ends: nobody waits for a thread that is gone.
struct Done {
    lanes: &'static Lanes,
    bits: usize,
    outcome: Outcome,
}

impl Drop for Done {
    fn drop(&mut self) {
        let mut sizes = self.lanes.lock();
        let size = sizes.entry(self.bits).or_default();
        size.running = size.running.saturating_sub(1);
        size.ready.push(self.outcome.take());
        drop(sizes);
        self.lanes.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn every_key_is_given_to_one_caller() {
        static LANES: Lanes = Lanes::new();
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let generate = || Some(MADE.fetch_add(1, Ordering::Relaxed).to_string());
        let callers: Vec<_> = (0..8)
            .map(|caller| {
                thread::spawn(move || {
                    let bits = 1 + caller % 2;
                    let keys = (0..50).map(|_| LANES.take(bits, generate).unwrap());
                    keys.collect::<Vec<_>>()
                })
            })
            .collect();
        let keys: Vec<String> = callers
            .into_iter()
            .flat_map(|caller| caller.join().unwrap())
            .collect();
        assert_eq!(keys.len(), 400);
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), 400);
        // Of each size no more than the lanes are left over.
        assert!(MADE.load(Ordering::Relaxed) <= 400 + 2 * MAX_LANES);
    }

    #[test]
    fn nobody_waits_for_a_thread_that_is_gone() {
        static LANES: Lanes = Lanes::new();
        let lanes = thread::available_parallelism().map_or(1, usize::from);
        if lanes > 1 {
            let key = LANES.take(1, || std::panic::panic_any("gone"));
            assert_eq!(key, None);
        }
        assert_eq!(LANES.take(2, || None), None);
    }
}
