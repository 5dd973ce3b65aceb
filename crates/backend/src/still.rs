//! A world that stands still, for renders that are compared or kept: the same chart comes to the same text every time.
//!
//! What is made of it is only looked at: its passwords and keys are nobody's.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use engine::{FnError, Host};
use sha2::{Digest as _, Sha256};

/// The start of 2026, so that what is kept does not grow old.
const UNIX_NANOS: i128 = 1_767_225_600 * 1_000_000_000;
/// Keys that are kept, of all sizes together.
const MAX_KEYS: usize = 64;

/// Private keys by size and by how many a render has asked for before. They are dear to make and, drawn anew, would
/// differ in every render.
#[derive(Default)]
pub(crate) struct KeptKeys(Mutex<HashMap<(usize, usize), String>>);

/// The surroundings of one render.
pub(crate) struct Still<'k> {
    started: Instant,
    keys: &'k KeptKeys,
    n_blocks: Cell<u64>,
    /// How many keys of each size have been asked for.
    n_keys: RefCell<HashMap<usize, usize>>,
}

impl<'k> Still<'k> {
    pub(crate) fn new(keys: &'k KeptKeys) -> Self {
        Self {
            started: Instant::now(),
            keys,
            n_blocks: Cell::new(0),
            n_keys: RefCell::default(),
        }
    }
}

impl Host for Still<'_> {
    fn unix_nanos(&self) -> i128 {
        UNIX_NANOS
    }

    /// Budgets count real time.
    fn elapsed(&self) -> Option<Duration> {
        Some(self.started.elapsed())
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), FnError> {
        for chunk in buffer.chunks_mut(32) {
            let block = self.n_blocks.get();
            self.n_blocks.set(block.wrapping_add(1));
            let bytes = Sha256::digest(block.to_le_bytes());
            for (target, source) in chunk.iter_mut().zip(bytes) {
                *target = source;
            }
        }
        Ok(())
    }

    fn generate_rsa(&self, bits: usize) -> Option<String> {
        let mut n_keys = self.n_keys.borrow_mut();
        let n_before = n_keys.entry(bits).or_default();
        let place = (bits, *n_before);
        *n_before += 1;
        let kept = || self.keys.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = kept().get(&place) {
            return Some(key.clone());
        }
        let key = engine::crypto::native::generate_rsa(bits)?;
        let mut kept = kept();
        if kept.len() < MAX_KEYS {
            // Of two renders that made it at the same time the first one's counts.
            return Some(kept.entry(place).or_insert(key).clone());
        }
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use engine::Host as _;

    use super::{KeptKeys, Still};

    #[test]
    fn every_render_meets_the_same_world() {
        let keys = KeptKeys::default();
        let draw = || {
            let world = Still::new(&keys);
            let (mut first, mut second) = ([0; 40], [0; 40]);
            world.fill_random(&mut first).expect("there is always some");
            world.fill_random(&mut second).expect("there is always some");
            assert_ne!(first, second);
            let pair = (world.generate_rsa(2048), world.generate_rsa(2048));
            assert_ne!(pair.0, pair.1);
            (first, second, pair, world.unix_nanos())
        };
        assert!(draw() == draw());
    }
}
