//! Dates: sprig's `now`, `date`, `duration` and relatives. What they compute is in [`crate::datetime`].
//!
//! The time comes from the host. Named zones too; where the host does not know one, it is UTC, as in sprig.

use std::rc::Rc;

use super::{Builtin, func};
use crate::context::Context;
use crate::datetime::{Duration, Time, Zone, local_zone};
use crate::error::FnError;
use crate::strconv::{NumberError, parse_int};
use crate::value::{GoStr, IntKind, Value};

pub(crate) const FUNCS: &[Builtin] = &[
    func!("now", now),
    func!("ago", ago),
    // To text
    func!("date", date),
    func!("dateInZone", date_in_zone),
    func!("date_in_zone", date_in_zone),
    func!("htmlDate", html_date),
    func!("htmlDateInZone", html_date_in_zone),
    func!("unixEpoch", unix_epoch),
    // From text
    func!("toDate", to_date),
    func!("mustToDate", must_to_date),
    // Arithmetic
    func!("dateModify", date_modify),
    func!("date_modify", date_modify),
    func!("mustDateModify", must_date_modify),
    func!("must_date_modify", must_date_modify),
    func!("duration", duration),
    func!("durationRound", duration_round),
];

const HTML_DATE: GoStr = GoStr::from_static("2006-01-02");

/// The host's time in its zone.
fn current(context: &Context<'_>) -> Time {
    Time::from_unix_nanos(context.host().unix_nanos(), local_zone(context))
}

/// A time, or seconds since the epoch of one of the given integer types; the current time for anything else.
fn time_of(context: &Context<'_>, value: &Value, integers: &[IntKind]) -> Time {
    if let Some(time) = value.as_object::<Time>() {
        return Time::clone(&time);
    }
    match value {
        Value::Int(width, seconds) if integers.contains(width) => {
            Time::from_unix(*seconds, 0, local_zone(context))
        }
        _ => current(context),
    }
}

/// Go's `time.LoadLocation`, with UTC for a zone that is not known.
fn load_zone(context: &Context<'_>, name: &GoStr) -> Zone {
    match name.as_str() {
        None | Some("" | "UTC") => Zone::Utc,
        Some("Local") => local_zone(context),
        // Names are paths below the zone database.
        Some(name) if name.contains("..") || name.starts_with(['/', '\\']) => Zone::Utc,
        Some(name) => context
            .host()
            .time_zone(name)
            .and_then(|data| Zone::from_tzif(name, &data))
            .unwrap_or(Zone::Utc),
    }
}

/// The current time.
fn now(context: &mut Context<'_>) -> Rc<Time> {
    Rc::new(current(context))
}

/// How long ago a time is, in seconds.
fn ago(context: &mut Context<'_>, date: Value) -> String {
    let time = time_of(context, &date, &[IntKind::Int64, IntKind::Int]);
    current(context)
        .since(&time)
        .round(Duration::from_seconds(1))
        .to_string()
}

/// A time in the local zone, written as the layout says.
fn date(context: &mut Context<'_>, layout: GoStr, date: Value) -> GoStr {
    date_in_zone(context, layout, date, GoStr::from_static("Local"))
}

/// A time in a zone, written as the layout says.
fn date_in_zone(context: &mut Context<'_>, layout: GoStr, date: Value, zone: GoStr) -> GoStr {
    let time = time_of(context, &date, &[IntKind::Int64, IntKind::Int, IntKind::Int32]);
    time.in_zone(load_zone(context, &zone))
        .format(layout.as_bytes())
        .into()
}

/// A date as HTML's date input takes it.
fn html_date(context: &mut Context<'_>, date: Value) -> GoStr {
    self::date(context, HTML_DATE, date)
}

/// A date in a zone as HTML's date input takes it.
fn html_date_in_zone(context: &mut Context<'_>, date: Value, zone: GoStr) -> GoStr {
    date_in_zone(context, HTML_DATE, date, zone)
}

/// Seconds since the Unix epoch.
fn unix_epoch(date: Rc<Time>) -> String {
    date.unix().to_string()
}

/// Reads a time as written by the layout; the zero time if it is not one.
fn to_date(context: &mut Context<'_>, layout: GoStr, text: GoStr) -> Rc<Time> {
    must_to_date(context, layout, text).unwrap_or_else(|_| Rc::new(Time::zero()))
}

/// Reads a time as written by the layout.
fn must_to_date(context: &mut Context<'_>, layout: GoStr, text: GoStr) -> Result<Rc<Time>, FnError> {
    Time::parse(layout.as_bytes(), text.as_bytes(), &local_zone(context))
        .map(Rc::new)
        .map_err(|error| FnError::new(error.to_string()))
}

/// A time moved by a duration such as `-1.5h`; the same time if that is none.
fn date_modify(duration: GoStr, date: Rc<Time>) -> Rc<Time> {
    must_date_modify(duration, Rc::clone(&date)).unwrap_or(date)
}

/// A time moved by a duration such as `-1.5h`.
fn must_date_modify(duration: GoStr, date: Rc<Time>) -> Result<Rc<Time>, FnError> {
    Duration::parse(duration.as_bytes())
        .map(|duration| Rc::new(date.add(duration)))
        .map_err(|error| FnError::new(error.to_string()))
}

/// A number of seconds as a duration.
fn duration(seconds: Value) -> String {
    let seconds = match &seconds {
        Value::String(text) => match text.as_str().map(|text| parse_int(text, 10, 64)) {
            Some(Ok(n) | Err(NumberError::Range(n))) => n,
            _ => 0,
        },
        Value::Int(IntKind::Int64, n) => *n,
        _ => 0,
    };
    Duration::from_seconds(seconds).to_string()
}

/// A duration, or the time since a moment, in its largest unit.
fn duration_round(context: &mut Context<'_>, duration: Value) -> String {
    let duration = match &duration {
        Value::String(text) => Duration::parse(text.as_bytes()).unwrap_or_default(),
        Value::Int(IntKind::Int64, nanos) => Duration(*nanos),
        other => match other.as_object::<Time>() {
            Some(time) => current(context).since(&time),
            None => Duration::default(),
        },
    };
    duration.round_to_unit()
}
