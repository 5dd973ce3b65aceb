//! Times to text.

use super::Time;
use super::civil::{Month, Weekday};
use super::layout::{Element, OffsetShape, next_chunk};

impl Time {
    /// The time written as `layout` says.
    #[must_use]
    pub fn format(&self, layout: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(layout.len() + 10);
        let (zone, civil) = (self.zone.at(self.seconds), self.civil());
        let mut rest = layout;
        while !rest.is_empty() {
            let chunk = next_chunk(rest);
            rest = chunk.rest;
            text.extend_from_slice(chunk.prefix);
            let Some(element) = chunk.element else { break };
            let hour12 = if civil.hour % 12 == 0 { 12 } else { civil.hour % 12 };
            match element {
                Element::Year => push_int(&mut text, civil.year.abs() % 100, 2),
                Element::LongYear => push_int(&mut text, civil.year, 4),
                Element::Month => push_short(&mut text, Month(civil.month).name()),
                Element::LongMonth => text.extend_from_slice(Month(civil.month).name().as_bytes()),
                Element::NumMonth => push_int(&mut text, civil.month, 0),
                Element::ZeroMonth => push_int(&mut text, civil.month, 2),
                Element::Weekday => push_short(&mut text, Weekday(civil.weekday).name()),
                Element::LongWeekday => text.extend_from_slice(Weekday(civil.weekday).name().as_bytes()),
                Element::Day => push_int(&mut text, civil.day, 0),
                Element::UnderDay => push_padded(&mut text, civil.day, 2),
                Element::ZeroDay => push_int(&mut text, civil.day, 2),
                Element::UnderYearDay => push_padded(&mut text, civil.year_day, 3),
                Element::ZeroYearDay => push_int(&mut text, civil.year_day, 3),
                Element::Hour => push_int(&mut text, civil.hour, 2),
                Element::Hour12 => push_int(&mut text, hour12, 0),
                Element::ZeroHour12 => push_int(&mut text, hour12, 2),
                Element::Minute => push_int(&mut text, civil.minute, 0),
                Element::ZeroMinute => push_int(&mut text, civil.minute, 2),
                Element::Second => push_int(&mut text, civil.second, 0),
                Element::ZeroSecond => push_int(&mut text, civil.second, 2),
                Element::UpperPm => text.extend_from_slice(if civil.hour >= 12 { b"PM" } else { b"AM" }),
                Element::LowerPm => text.extend_from_slice(if civil.hour >= 12 { b"pm" } else { b"am" }),
                Element::ZoneName if zone.name.is_empty() => {
                    push_offset(&mut text, zone.offset, OffsetShape::Minutes);
                }
                Element::ZoneName => text.extend_from_slice(zone.name.as_bytes()),
                Element::Offset { z_for_utc: true, .. } if zone.offset == 0 => text.push(b'Z'),
                Element::Offset { shape, .. } => push_offset(&mut text, zone.offset, shape),
                Element::Fraction { digits, separator } => {
                    text.push(separator);
                    text.extend_from_slice(fraction(self.nanos, digits).as_bytes());
                }
                Element::TrimmedFraction { digits, separator } => {
                    let digits = fraction(self.nanos, digits);
                    let digits = digits.trim_end_matches('0');
                    if !digits.is_empty() {
                        text.push(separator);
                        text.extend_from_slice(digits.as_bytes());
                    }
                }
            }
        }
        text
    }
}

fn push_int(text: &mut Vec<u8>, number: i64, width: usize) {
    let sign = if number < 0 { "-" } else { "" };
    text.extend_from_slice(format!("{sign}{:0width$}", number.unsigned_abs()).as_bytes());
}

fn push_padded(text: &mut Vec<u8>, number: i64, width: usize) {
    text.extend_from_slice(format!("{number:>width$}").as_bytes());
}

fn push_short(text: &mut Vec<u8>, name: &str) {
    text.extend(name.bytes().take(3));
}

fn push_offset(text: &mut Vec<u8>, offset: i32, shape: OffsetShape) {
    let minutes = i64::from(offset / 60);
    text.push(if minutes < 0 { b'-' } else { b'+' });
    push_int(text, minutes.abs() / 60, 2);
    if shape == OffsetShape::Hours {
        return;
    }
    let colon = matches!(shape, OffsetShape::ColonMinutes | OffsetShape::ColonSeconds);
    if colon {
        text.push(b':');
    }
    push_int(text, minutes.abs() % 60, 2);
    if matches!(shape, OffsetShape::Seconds | OffsetShape::ColonSeconds) {
        if colon {
            text.push(b':');
        }
        push_int(text, i64::from(offset).abs() % 60, 2);
    }
}

/// The first `digits` digits of the nine below a second.
fn fraction(nanos: u32, digits: usize) -> String {
    let mut text = format!("{nanos:09}");
    text.truncate(digits);
    text
}
