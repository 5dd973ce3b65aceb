//! Times, durations, months, weekdays and locations as values with methods.

use std::rc::Rc;

use super::civil::days_of_date;
use super::{Duration, Month, Time, Weekday, Zone};
use crate::context::Context;
use crate::funcs::argtypes::{GoObject, Int};
use crate::funcs::{Builtin, func};
use crate::value::{GoStr, IntKind, Kind, Named, Object, Type, Value};

/// A `*time.Location`.
#[derive(Debug)]
pub struct Location(pub Zone);

macro_rules! go_types {
    ($($rust:ty: $static_name:ident = $name:literal, $kind:expr;)*) => {$(
        static $static_name: Named = Named { name: $name, kind: $kind, elem: Type::Interface, methods: &[] };

        impl GoObject for $rust {
            const TYPE: Type = Type::Named(&$static_name);
        }
    )*};
}

go_types! {
    Time: TIME = "time.Time", Kind::Struct;
    Duration: DURATION = "time.Duration", Kind::Int64;
    Month: MONTH = "time.Month", Kind::Int;
    Weekday: WEEKDAY = "time.Weekday", Kind::Int;
    Location: LOCATION = "*time.Location", Kind::Pointer;
}

impl Object for Time {
    fn ty(&self) -> Type {
        <Self as GoObject>::TYPE
    }

    fn methods(&self) -> &'static [Builtin] {
        TIME_METHODS
    }

    fn string(&self) -> Option<GoStr> {
        Some(self.to_string().into())
    }

    fn go_string(&self) -> Option<GoStr> {
        let civil = self.civil();
        let zone = match &self.zone {
            Zone::Utc => "time.UTC".to_owned(),
            Zone::Local(_) => "time.Local".to_owned(),
            other => format!("time.Location({})", super::parse::quote(other.name().as_bytes())),
        };
        Some(
            format!(
                "time.Date({}, time.{}, {}, {}, {}, {}, {}, {zone})",
                civil.year,
                Month(civil.month).name(),
                civil.day,
                civil.hour,
                civil.minute,
                civil.second,
                self.nanos
            )
            .into(),
        )
    }

    fn json(&self) -> Option<String> {
        let text = self.format(b"2006-01-02T15:04:05.999999999Z07:00");
        Some(format!("\"{}\"", String::from_utf8_lossy(&text)))
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let other: &dyn std::any::Any = other;
        other
            .downcast_ref::<Self>()
            .is_some_and(|other| self.same_instant(other) && self.zone == other.zone)
    }
}

impl Object for Duration {
    fn ty(&self) -> Type {
        <Self as GoObject>::TYPE
    }

    fn methods(&self) -> &'static [Builtin] {
        DURATION_METHODS
    }

    fn string(&self) -> Option<GoStr> {
        Some(self.to_string().into())
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::int64(self.0))
    }
}

impl Object for Month {
    fn ty(&self) -> Type {
        <Self as GoObject>::TYPE
    }

    fn methods(&self) -> &'static [Builtin] {
        MONTH_METHODS
    }

    fn string(&self) -> Option<GoStr> {
        Some(GoStr::from_static(self.name()))
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::Int(IntKind::Int, self.0))
    }
}

impl Object for Weekday {
    fn ty(&self) -> Type {
        <Self as GoObject>::TYPE
    }

    fn methods(&self) -> &'static [Builtin] {
        WEEKDAY_METHODS
    }

    fn string(&self) -> Option<GoStr> {
        Some(GoStr::from_static(self.name()))
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::Int(IntKind::Int, self.0))
    }
}

impl Object for Location {
    fn ty(&self) -> Type {
        <Self as GoObject>::TYPE
    }

    fn methods(&self) -> &'static [Builtin] {
        LOCATION_METHODS
    }

    fn string(&self) -> Option<GoStr> {
        Some(self.0.name().into())
    }
}

// Methods with several results (`Date`, `Clock`, `Zone`, `ISOWeek`) cannot be called from a template.
const TIME_METHODS: &[Builtin] = &[
    func!("Add", time_add),
    func!("AddDate", time_add_date),
    func!("After", time_after),
    func!("Before", time_before),
    func!("Compare", time_compare),
    func!("Day", time_day),
    func!("Equal", time_equal),
    func!("Format", time_format),
    func!("GoString", time_go_string),
    func!("Hour", time_hour),
    func!("In", time_in),
    func!("IsDST", time_is_dst),
    func!("IsZero", time_is_zero),
    func!("Local", time_local),
    func!("Location", time_location),
    func!("Minute", time_minute),
    func!("Month", time_month),
    func!("Nanosecond", time_nanosecond),
    func!("Round", time_round),
    func!("Second", time_second),
    func!("String", time_string),
    func!("Sub", time_sub),
    func!("Truncate", time_truncate),
    func!("UTC", time_utc),
    func!("Unix", time_unix),
    func!("UnixMicro", time_unix_micro),
    func!("UnixMilli", time_unix_milli),
    func!("UnixNano", time_unix_nano),
    func!("Weekday", time_weekday),
    func!("Year", time_year),
    func!("YearDay", time_year_day),
];

const DURATION_METHODS: &[Builtin] = &[
    func!("Abs", duration_abs),
    func!("Hours", duration_hours),
    func!("Microseconds", duration_microseconds),
    func!("Milliseconds", duration_milliseconds),
    func!("Minutes", duration_minutes),
    func!("Nanoseconds", duration_nanoseconds),
    func!("Round", duration_round),
    func!("Seconds", duration_seconds),
    func!("String", duration_string),
    func!("Truncate", duration_truncate),
];

const MONTH_METHODS: &[Builtin] = &[func!("String", month_string)];
const WEEKDAY_METHODS: &[Builtin] = &[func!("String", weekday_string)];
const LOCATION_METHODS: &[Builtin] = &[func!("String", location_string)];

/// The zone of the host.
pub(crate) fn local_zone(context: &Context<'_>) -> Zone {
    let (minutes, name) = context.host().local_zone();
    Zone::local(name, minutes.saturating_mul(60))
}

fn time_add(time: Rc<Time>, duration: Rc<Duration>) -> Rc<Time> {
    Rc::new(time.add(*duration))
}

fn time_add_date(time: Rc<Time>, years: Int, months: Int, days: Int) -> Rc<Time> {
    // Far outside of what a date can be; keeps the sums small.
    const LIMIT: i64 = 1_000_000_000;
    let clamp = |n: i64| n.clamp(-LIMIT, LIMIT);
    let civil = time.civil();
    let days = days_of_date(
        civil.year + clamp(years.0),
        civil.month + clamp(months.0),
        civil.day + clamp(days.0),
    );
    let second_of_day = (civil.hour * 60 + civil.minute) * 60 + civil.second;
    Rc::new(Time::from_civil(
        days,
        second_of_day,
        time.nanos,
        time.zone.clone(),
    ))
}

fn time_after(time: Rc<Time>, other: Rc<Time>) -> bool {
    time.unix_nanos() > other.unix_nanos()
}

fn time_before(time: Rc<Time>, other: Rc<Time>) -> bool {
    time.unix_nanos() < other.unix_nanos()
}

fn time_compare(time: Rc<Time>, other: Rc<Time>) -> Int {
    Int(time.unix_nanos().cmp(&other.unix_nanos()) as i64)
}

fn time_day(time: Rc<Time>) -> Int {
    Int(time.civil().day)
}

fn time_equal(time: Rc<Time>, other: Rc<Time>) -> bool {
    time.same_instant(&other)
}

fn time_format(time: Rc<Time>, layout: GoStr) -> GoStr {
    time.format(layout.as_bytes()).into()
}

fn time_go_string(time: Rc<Time>) -> GoStr {
    time.go_string().unwrap_or_default()
}

fn time_hour(time: Rc<Time>) -> Int {
    Int(time.civil().hour)
}

fn time_in(time: Rc<Time>, location: Rc<Location>) -> Rc<Time> {
    Rc::new(time.in_zone(location.0.clone()))
}

fn time_is_dst(time: Rc<Time>) -> bool {
    time.zone.at(time.seconds).is_dst
}

fn time_is_zero(time: Rc<Time>) -> bool {
    time.same_instant(&Time::zero())
}

fn time_local(context: &mut Context<'_>, time: Rc<Time>) -> Rc<Time> {
    Rc::new(time.in_zone(local_zone(context)))
}

fn time_location(time: Rc<Time>) -> Rc<Location> {
    Rc::new(Location(time.zone.clone()))
}

fn time_minute(time: Rc<Time>) -> Int {
    Int(time.civil().minute)
}

fn time_month(time: Rc<Time>) -> Rc<Month> {
    Rc::new(Month(time.civil().month))
}

fn time_nanosecond(time: Rc<Time>) -> Int {
    Int(i64::from(time.nanos))
}

fn time_round(time: Rc<Time>, unit: Rc<Duration>) -> Rc<Time> {
    Rc::new(time.to_multiple(unit.0, true))
}

fn time_second(time: Rc<Time>) -> Int {
    Int(time.civil().second)
}

fn time_string(time: Rc<Time>) -> String {
    time.to_string()
}

fn time_sub(time: Rc<Time>, other: Rc<Time>) -> Rc<Duration> {
    Rc::new(time.since(&other))
}

fn time_truncate(time: Rc<Time>, unit: Rc<Duration>) -> Rc<Time> {
    Rc::new(time.to_multiple(unit.0, false))
}

fn time_utc(time: Rc<Time>) -> Rc<Time> {
    Rc::new(time.in_zone(Zone::Utc))
}

fn time_unix(time: Rc<Time>) -> i64 {
    time.seconds
}

fn time_unix_micro(time: Rc<Time>) -> i64 {
    time.seconds
        .wrapping_mul(1_000_000)
        .wrapping_add(i64::from(time.nanos) / 1_000)
}

fn time_unix_milli(time: Rc<Time>) -> i64 {
    time.seconds
        .wrapping_mul(1_000)
        .wrapping_add(i64::from(time.nanos) / 1_000_000)
}

fn time_unix_nano(time: Rc<Time>) -> i64 {
    time.seconds
        .wrapping_mul(1_000_000_000)
        .wrapping_add(i64::from(time.nanos))
}

fn time_weekday(time: Rc<Time>) -> Rc<Weekday> {
    Rc::new(Weekday(time.civil().weekday))
}

fn time_year(time: Rc<Time>) -> Int {
    Int(time.civil().year)
}

fn time_year_day(time: Rc<Time>) -> Int {
    Int(time.civil().year_day)
}

fn duration_abs(duration: Rc<Duration>) -> Rc<Duration> {
    Rc::new(Duration(duration.0.saturating_abs()))
}

fn duration_hours(duration: Rc<Duration>) -> f64 {
    duration.in_units(3_600_000_000_000)
}

fn duration_minutes(duration: Rc<Duration>) -> f64 {
    duration.in_units(60_000_000_000)
}

fn duration_seconds(duration: Rc<Duration>) -> f64 {
    duration.in_units(1_000_000_000)
}

fn duration_microseconds(duration: Rc<Duration>) -> i64 {
    duration.0 / 1_000
}

fn duration_milliseconds(duration: Rc<Duration>) -> i64 {
    duration.0 / 1_000_000
}

fn duration_nanoseconds(duration: Rc<Duration>) -> i64 {
    duration.0
}

fn duration_round(duration: Rc<Duration>, unit: Rc<Duration>) -> Rc<Duration> {
    Rc::new(duration.round(*unit))
}

fn duration_string(duration: Rc<Duration>) -> String {
    duration.to_string()
}

fn duration_truncate(duration: Rc<Duration>, unit: Rc<Duration>) -> Rc<Duration> {
    Rc::new(duration.truncate(*unit))
}

fn month_string(month: Rc<Month>) -> GoStr {
    GoStr::from_static(month.name())
}

fn weekday_string(weekday: Rc<Weekday>) -> GoStr {
    GoStr::from_static(weekday.name())
}

fn location_string(location: Rc<Location>) -> GoStr {
    location.0.name().into()
}
