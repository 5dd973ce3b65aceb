//! The outside world of a comparison: a clock that runs and a generator that is good enough for salts.

use std::cell::Cell;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use engine::{FnError, Host};

/// Masked lines aside, nothing compared depends on what it answers.
#[derive(Debug)]
pub(crate) struct RunningHost {
    state: Cell<u64>,
    ahead_nanos: i128,
}

impl Default for RunningHost {
    fn default() -> Self {
        Self {
            state: Cell::new(0x9E37_79B9_7F4A_7C15),
            ahead_nanos: 0,
        }
    }
}

impl RunningHost {
    /// The same host when every field of a date has changed.
    pub(crate) fn later() -> Self {
        const FOUR_HUNDRED_DAYS_AND_MORE: i128 = 34_563_661_000_000_000;
        Self {
            ahead_nanos: FOUR_HUNDRED_DAYS_AND_MORE,
            ..Self::default()
        }
    }
}

impl Host for RunningHost {
    fn unix_nanos(&self) -> i128 {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i128::try_from(elapsed.as_nanos()).map_or(i128::MAX, |now| now + self.ahead_nanos)
    }

    /// The machine's zone database, where Helm looks as well.
    fn time_zone(&self, name: &str) -> Option<Vec<u8>> {
        let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.');
        if !name.split('/').all(is_plain) || name.contains('\\') {
            return None;
        }
        std::fs::read(Path::new("/usr/share/zoneinfo").join(name)).ok()
    }

    /// SplitMix64, seeded alike in every run: a failure can be repeated.
    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), FnError> {
        for chunk in buffer.chunks_mut(8) {
            self.state
                .set(self.state.get().wrapping_add(0x9E37_79B9_7F4A_7C15));
            let mut mixed = self.state.get();
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^= mixed >> 31;
            for (target, source) in chunk.iter_mut().zip(mixed.to_le_bytes()) {
                *target = source;
            }
        }
        Ok(())
    }
}
