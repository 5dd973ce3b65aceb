//! Times, zones, durations and layouts as Go's `time` package has them.
//!
//! `civil.rs` computes with calendar days, `zone.rs` knows offsets (fixed, or from a TZif file the host hands over),
//! `layout.rs` reads layouts such as `2006-01-02`, `format.rs` and `parse.rs` use them, `duration.rs` has `1h30m`.
//! Nothing here asks for the time: that is the host's.

mod civil;
mod duration;
mod format;
mod layout;
mod object;
mod parse;
mod zone;

pub use civil::{Month, Weekday};
pub use duration::{Duration, DurationError};
pub use object::Location;
pub(crate) use object::local_zone;
pub use parse::ParseError;
pub use zone::Zone;

use civil::Civil;

/// Seconds from year 1, Go's zero time, to the Unix epoch.
const ZERO_UNIX: i64 = -62_135_596_800;
const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// An instant, and the zone in which it is read.
#[derive(Debug, Clone)]
pub struct Time {
    /// Seconds since the Unix epoch.
    seconds: i64,
    /// Below a second, never negative.
    nanos: u32,
    zone: Zone,
}

impl Time {
    /// Go's zero time: the first moment of year 1 in UTC.
    #[must_use]
    pub const fn zero() -> Self {
        Self {
            seconds: ZERO_UNIX,
            nanos: 0,
            zone: Zone::Utc,
        }
    }

    /// `seconds` and `nanos` after the Unix epoch.
    #[must_use]
    pub fn from_unix(seconds: i64, nanos: i64, zone: Zone) -> Self {
        let carry = nanos.div_euclid(NANOS_PER_SECOND);
        let nanos = nanos.rem_euclid(NANOS_PER_SECOND);
        Self {
            seconds: seconds.wrapping_add(carry),
            nanos: u32::try_from(nanos).unwrap_or(0),
            zone,
        }
    }

    /// Nanoseconds since the Unix epoch, as hosts tell the time.
    #[must_use]
    pub fn from_unix_nanos(nanos: i128, zone: Zone) -> Self {
        let seconds = nanos.div_euclid(i128::from(NANOS_PER_SECOND));
        let below = nanos.rem_euclid(i128::from(NANOS_PER_SECOND));
        Self::from_unix(
            i64::try_from(seconds).unwrap_or_default(),
            i64::try_from(below).unwrap_or_default(),
            zone,
        )
    }

    /// The instant at which clocks in `zone` show the given date and time; where they show it twice or never, one of the
    /// two candidates, as Go chooses.
    fn from_civil(days: i64, second_of_day: i64, nanos: u32, zone: Zone) -> Self {
        let seconds = days * civil::SECONDS_PER_DAY + second_of_day;
        let offset = zone.offset_of_civil(seconds);
        Self {
            seconds: seconds - i64::from(offset),
            nanos,
            zone,
        }
    }

    /// Seconds since the Unix epoch.
    #[must_use]
    pub fn unix(&self) -> i64 {
        self.seconds
    }

    /// Nanoseconds below the second.
    #[must_use]
    pub fn nanosecond(&self) -> u32 {
        self.nanos
    }

    /// The zone the time is read in.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The same instant read in another zone.
    #[must_use]
    pub fn in_zone(&self, zone: Zone) -> Self {
        Self { zone, ..self.clone() }
    }

    /// The time `duration` later.
    #[must_use]
    pub fn add(&self, duration: Duration) -> Self {
        let nanos = i64::from(self.nanos) + duration.0 % NANOS_PER_SECOND;
        Self::from_unix(
            self.seconds.wrapping_add(duration.0 / NANOS_PER_SECOND),
            nanos,
            self.zone.clone(),
        )
    }

    /// The time from `earlier` to this, at most what a [`Duration`] holds.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Duration {
        let nanos = self.unix_nanos() - earlier.unix_nanos();
        Duration(i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX }))
    }

    /// Nanoseconds since the Unix epoch.
    #[must_use]
    pub fn unix_nanos(&self) -> i128 {
        i128::from(self.seconds) * i128::from(NANOS_PER_SECOND) + i128::from(self.nanos)
    }

    /// Whether both are the same instant.
    #[must_use]
    pub fn same_instant(&self, other: &Self) -> bool {
        (self.seconds, self.nanos) == (other.seconds, other.nanos)
    }

    /// To a multiple of `unit` nanoseconds since Go's zero time, down or to the nearest.
    fn to_multiple(&self, unit: i64, nearest: bool) -> Self {
        if unit <= 0 {
            return self.clone();
        }
        let since_zero = self.unix_nanos() - i128::from(ZERO_UNIX) * i128::from(NANOS_PER_SECOND);
        let rest = i64::try_from(since_zero.rem_euclid(i128::from(unit))).unwrap_or(0);
        let up = nearest && rest >= unit - rest;
        self.add(Duration(if up { unit - rest } else { -rest }))
    }

    /// Date and time of day in the time's zone.
    fn civil(&self) -> Civil {
        let offset = self.zone.at(self.seconds).offset;
        Civil::from_seconds(self.seconds.saturating_add(i64::from(offset)))
    }
}

impl std::fmt::Display for Time {
    /// As Go's `String`, without a monotonic reading.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(
            &self.format(b"2006-01-02 15:04:05.999999999 -0700 MST"),
        ))
    }
}
