//! Durations: `1h30m` in and out.

use std::fmt;

/// Nanoseconds, as Go's `time.Duration`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Duration(pub i64);

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000_000;
/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Why a text is not a duration, in Go's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Something else than numbers with units, or too much of them.
    #[error("time: invalid duration {}", super::parse::quote(.text))]
    Invalid {
        /// The whole text.
        text: Vec<u8>,
    },
    /// A number without unit.
    #[error("time: missing unit in duration {}", super::parse::quote(.text))]
    MissingUnit {
        /// The whole text.
        text: Vec<u8>,
    },
    /// A unit that is none.
    #[error("time: unknown unit {} in duration {}", super::parse::quote(.unit), super::parse::quote(.text))]
    UnknownUnit {
        /// The unit.
        unit: Vec<u8>,
        /// The whole text.
        text: Vec<u8>,
    },
}

impl Duration {
    /// `seconds`, wrapping around as Go's multiplication does.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.wrapping_mul(1_000_000_000))
    }

    /// Reads `-1h2m3.5s`.
    pub fn parse(text: &[u8]) -> Result<Self, DurationError> {
        let invalid = || DurationError::Invalid { text: text.to_vec() };
        let negative = text.starts_with(b"-");
        let mut rest = text
            .strip_prefix(b"-")
            .or_else(|| text.strip_prefix(b"+"))
            .unwrap_or(text);
        if rest == b"0" {
            return Ok(Self(0));
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        const LIMIT: u64 = 1 << 63;
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let (whole_digits, after) = take_digits(rest);
            let whole = leading_int(whole_digits).ok_or_else(invalid)?;
            rest = after;
            let (mut fraction, mut scale) = (0, 1.0);
            let mut fraction_digits: &[u8] = b"";
            if let Some(after_dot) = rest.strip_prefix(b".") {
                (fraction_digits, rest) = take_digits(after_dot);
                (fraction, scale) = leading_fraction(fraction_digits);
            }
            if whole_digits.is_empty() && fraction_digits.is_empty() {
                return Err(invalid());
            }
            let unit_end = rest
                .iter()
                .position(|byte| *byte == b'.' || byte.is_ascii_digit())
                .unwrap_or(rest.len());
            let (unit_text, after) = rest.split_at_checked(unit_end).unwrap_or((rest, b""));
            if unit_text.is_empty() {
                return Err(DurationError::MissingUnit { text: text.to_vec() });
            }
            rest = after;
            let unit = unit_nanos(unit_text).ok_or_else(|| DurationError::UnknownUnit {
                unit: unit_text.to_vec(),
                text: text.to_vec(),
            })?;
            if whole > LIMIT / unit {
                return Err(invalid());
            }
            let mut nanos = whole * unit;
            if fraction > 0 {
                let below = (fraction as f64 * (unit as f64 / scale)) as u64;
                nanos = nanos.saturating_add(below);
            }
            total = total.saturating_add(nanos);
            if nanos > LIMIT || total > LIMIT {
                return Err(invalid());
            }
        }
        if negative {
            return Ok(Self(0i64.wrapping_sub_unsigned(total)));
        }
        i64::try_from(total).map(Self).map_err(|_| invalid())
    }

    /// In units of `unit` nanoseconds, split as Go does so that no precision is lost.
    pub(crate) fn in_units(self, unit: i64) -> f64 {
        (self.0 / unit) as f64 + (self.0 % unit) as f64 / unit as f64
    }

    /// To the next multiple of `unit` towards zero.
    #[must_use]
    pub fn truncate(self, unit: Self) -> Self {
        if unit.0 <= 0 {
            return self;
        }
        Self(self.0 - self.0 % unit.0)
    }

    /// To the nearest multiple of `unit`, halves away from zero.
    #[must_use]
    pub fn round(self, unit: Self) -> Self {
        if unit.0 <= 0 {
            return self;
        }
        let rest = self.0 % unit.0;
        let down = self.0 - rest;
        if rest.unsigned_abs() < unit.0.unsigned_abs() - rest.unsigned_abs() {
            return Self(down);
        }
        let (limit, step) = if self.0 < 0 {
            (i64::MIN, -unit.0)
        } else {
            (i64::MAX, unit.0)
        };
        Self(down.checked_add(step).unwrap_or(limit))
    }

    /// Sprig's `durationRound`: the largest unit that fits more than once, years and months being 365 and 30 days.
    #[must_use]
    pub fn round_to_unit(self) -> String {
        let nanos = self.0.unsigned_abs();
        let units = [
            (365 * DAY, "y"),
            (30 * DAY, "mo"),
            (DAY, "d"),
            (HOUR, "h"),
            (MINUTE, "m"),
            (SECOND, "s"),
        ];
        units.into_iter().find(|(unit, _)| nanos > *unit).map_or_else(
            || "0s".to_owned(),
            |(unit, name)| format!("{}{name}", nanos / unit),
        )
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.unsigned_abs();
        if nanos == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        if nanos < SECOND {
            return match nanos {
                ..MICROSECOND => write!(f, "{nanos}ns"),
                MICROSECOND..MILLISECOND => write_decimal(f, nanos, MICROSECOND, 3, "µs"),
                _ => write_decimal(f, nanos, MILLISECOND, 6, "ms"),
            };
        }
        let (hours, minutes) = (nanos / HOUR, nanos / MINUTE % 60);
        if hours > 0 {
            write!(f, "{hours}h")?;
        }
        if hours > 0 || minutes > 0 {
            write!(f, "{minutes}m")?;
        }
        write_decimal(f, nanos % MINUTE, SECOND, 9, "s")
    }
}

/// Writes `nanos / unit` with up to `width` decimals, without trailing zeros.
fn write_decimal(f: &mut fmt::Formatter<'_>, nanos: u64, unit: u64, width: usize, name: &str) -> fmt::Result {
    write!(f, "{}", nanos / unit)?;
    if !nanos.is_multiple_of(unit) {
        let decimals = format!("{:0width$}", nanos % unit);
        write!(f, ".{}", decimals.trim_end_matches('0'))?;
    }
    f.write_str(name)
}

fn take_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, b""))
}

/// The number in `digits`, `None` above 2^63.
pub(super) fn leading_int(digits: &[u8]) -> Option<u64> {
    const LIMIT: u64 = 1 << 63;
    digits.iter().try_fold(0u64, |number, digit| {
        number
            .checked_mul(10)?
            .checked_add(u64::from(digit - b'0'))
            .filter(|number| *number <= LIMIT)
    })
}

/// The digits after a point as a number and what to divide it by; digits that do not fit are dropped.
fn leading_fraction(digits: &[u8]) -> (u64, f64) {
    let (mut number, mut scale) = (0u64, 1.0);
    for digit in digits {
        if number > ((1 << 63) - 1) / 10 {
            break;
        }
        let next = number * 10 + u64::from(digit - b'0');
        if next > 1 << 63 {
            break;
        }
        number = next;
        scale *= 10.0;
    }
    (number, scale)
}

fn unit_nanos(unit: &[u8]) -> Option<u64> {
    Some(match unit {
        b"ns" => 1,
        b"us" => MICROSECOND,
        b"ms" => MILLISECOND,
        b"s" => SECOND,
        b"m" => MINUTE,
        b"h" => HOUR,
        // The micro sign and the Greek letter.
        _ if unit == "µs".as_bytes() || unit == "μs".as_bytes() => MICROSECOND,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_printed() {
        for (text, printed) in [
            ("0", "0s"),
            ("5s", "5s"),
            ("-1.5h", "-1h30m0s"),
            ("2h45m", "2h45m0s"),
            ("1.5ms", "1.5ms"),
            ("100us", "100µs"),
            (".5s", "500ms"),
            ("1h1s1ns", "1h0m1.000000001s"),
            ("9223372036854775807ns", "2562047h47m16.854775807s"),
        ] {
            assert_eq!(
                Duration::parse(text.as_bytes()).map(|duration| duration.to_string()),
                Ok(printed.into())
            );
        }
        for (text, error) in [
            ("", "time: invalid duration \"\""),
            ("1", "time: missing unit in duration \"1\""),
            ("1f", "time: unknown unit \"f\" in duration \"1f\""),
            (
                "1é",
                "time: unknown unit \"\\xc3\\xa9\" in duration \"1\\xc3\\xa9\"",
            ),
            (
                "9223372036854775808ns",
                "time: invalid duration \"9223372036854775808ns\"",
            ),
            ("x", "time: invalid duration \"x\""),
        ] {
            assert_eq!(
                Duration::parse(text.as_bytes()).expect_err(text).to_string(),
                error
            );
        }
    }

    #[test]
    fn rounding() {
        let rounded = |text: &str| {
            Duration::parse(text.as_bytes())
                .unwrap_or_default()
                .round_to_unit()
        };
        assert_eq!(rounded("2h5m"), "2h");
        assert_eq!(rounded("1h"), "60m");
        assert_eq!(rounded("2400h"), "3mo");
        assert_eq!(rounded("500ms"), "0s");
        let second = Duration::from_seconds(1);
        assert_eq!(Duration(1_500_000_000).round(second).to_string(), "2s");
        assert_eq!(Duration(-1_400_000_000).round(second).to_string(), "-1s");
    }
}
