//! Durations as numbers: what Helm 4.3 added (`pkg/engine/funcs.go`). Sprig's `duration` is in [`super::date`].
//!
//! All take a duration in whatever form a chart has it: a duration, a text such as `1h2m`, or a number of seconds,
//! as a number or a text. What is none counts as zero, except where the name says `must`.

use std::rc::Rc;

use super::{Builtin, func};
use crate::datetime::Duration;
use crate::error::FnError;
use crate::fmt;
use crate::strconv::{parse_float, quote};
use crate::value::Value;
use crate::words;

pub(crate) const FUNCS: &[Builtin] = &[
    func!("mustToDuration", must_to_duration),
    func!("durationNanoseconds", duration_nanoseconds),
    func!("durationMicroseconds", duration_microseconds),
    func!("durationMilliseconds", duration_milliseconds),
    func!("durationSeconds", duration_seconds),
    func!("durationMinutes", duration_minutes),
    func!("durationHours", duration_hours),
    func!("durationDays", duration_days),
    func!("durationWeeks", duration_weeks),
    func!("durationRoundTo", duration_round_to),
    func!("durationTruncateTo", duration_truncate_to),
];

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Helm's `asDuration`.
fn to_duration(value: &Value) -> Result<Duration, FnError> {
    match value {
        Value::Nil => Err(FnError::new("invalid duration")),
        Value::String(text) => {
            let trimmed = words::trim(text.as_bytes(), char::is_whitespace);
            if trimmed.is_empty() {
                return Err(FnError::new("empty duration"));
            }
            if let Ok(duration) = Duration::parse(trimmed) {
                return Ok(duration);
            }
            match std::str::from_utf8(trimmed).map(parse_float) {
                Ok(Ok(seconds)) => from_float(seconds),
                _ => Err(FnError::new(format!(
                    "could not parse duration {}",
                    quote(text.as_bytes())
                ))),
            }
        }
        Value::Int(_, seconds) => seconds
            .checked_mul(SECOND)
            .map(Duration)
            .ok_or_else(|| FnError::new(format!("duration seconds overflow: {seconds}"))),
        Value::Uint(_, seconds) => i64::try_from(*seconds)
            .ok()
            .and_then(|seconds| seconds.checked_mul(SECOND))
            .map(Duration)
            .ok_or_else(|| FnError::new(format!("duration seconds overflow: {seconds}"))),
        Value::Float(seconds) => from_float(*seconds),
        Value::Float32(seconds) => from_float(f64::from(*seconds)),
        Value::Object(object) => match value.as_object::<Duration>() {
            Some(duration) => Ok(*duration),
            // A named number, such as a month.
            None => match object.underlying() {
                Some(number @ (Value::Int(..) | Value::Uint(..) | Value::Float(_))) => to_duration(&number),
                _ => Err(unsupported(value)),
            },
        },
        _ => Err(unsupported(value)),
    }
}

fn unsupported(value: &Value) -> FnError {
    FnError::new(format!("unsupported duration type {}", value.type_name()))
}

fn from_float(seconds: f64) -> Result<Duration, FnError> {
    /// 2^63, which is no `int64` any more.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let overflow = |what: &str, number: f64| {
        let number = fmt::sprint_value(&Value::Float(number));
        FnError::new(format!("{what}: {number}"))
    };
    if !seconds.is_finite() {
        return Err(overflow("invalid duration seconds", seconds));
    }
    if seconds.abs() > LIMIT / SECOND as f64 {
        return Err(overflow("duration seconds overflow", seconds));
    }
    let nanos = seconds * SECOND as f64;
    if nanos.abs() > LIMIT {
        return Err(overflow("duration nanoseconds overflow", nanos));
    }
    // Exactly at the limit Go's conversion has the smallest number on amd64.
    Ok(Duration(if nanos >= LIMIT { i64::MIN } else { nanos as i64 }))
}

/// The value as a duration.
fn must_to_duration(value: Value) -> Result<Rc<Duration>, FnError> {
    to_duration(&value).map(Rc::new)
}

/// In whole nanoseconds.
fn duration_nanoseconds(value: Value) -> i64 {
    to_duration(&value).unwrap_or_default().0
}

/// In whole microseconds.
fn duration_microseconds(value: Value) -> i64 {
    duration_nanoseconds(value) / 1_000
}

/// In whole milliseconds.
fn duration_milliseconds(value: Value) -> i64 {
    duration_nanoseconds(value) / 1_000_000
}

/// In seconds.
fn duration_seconds(value: Value) -> f64 {
    to_duration(&value).unwrap_or_default().in_units(SECOND)
}

/// In minutes.
fn duration_minutes(value: Value) -> f64 {
    to_duration(&value).unwrap_or_default().in_units(MINUTE)
}

/// In hours.
fn duration_hours(value: Value) -> f64 {
    to_duration(&value).unwrap_or_default().in_units(HOUR)
}

/// In days of 24 hours.
fn duration_days(value: Value) -> f64 {
    duration_hours(value) / 24.0
}

/// In weeks.
fn duration_weeks(value: Value) -> f64 {
    duration_days(value) / 7.0
}

/// The nearest multiple of `unit`, halves away from zero; the duration itself if the unit is none.
fn duration_round_to(value: Value, unit: Value) -> Rc<Duration> {
    let Ok(duration) = to_duration(&value) else {
        return Rc::default();
    };
    Rc::new(match to_duration(&unit) {
        Ok(unit) => duration.round(unit),
        Err(_) => duration,
    })
}

/// The next multiple of `unit` towards zero; the duration itself if the unit is none.
fn duration_truncate_to(value: Value, unit: Value) -> Rc<Duration> {
    let Ok(duration) = to_duration(&value) else {
        return Rc::default();
    };
    Rc::new(match to_duration(&unit) {
        Ok(unit) => duration.truncate(unit),
        Err(_) => duration,
    })
}
