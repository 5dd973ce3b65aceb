//! Text to times.

use super::civil::{MONTH_NAMES, WEEKDAY_NAMES, days_in_month, days_of_date, is_leap};
use super::duration::leading_int;
use super::layout::{Element, OffsetShape, next_chunk};
use super::{Time, Zone};

/// Why a text does not fit a layout, in Go's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// A part of the text that is not what the layout wants there.
    #[error("parsing time {} as {}: cannot parse {} as {}", quote(.value), quote(.layout), quote(.rest), quote(.element))]
    Mismatch {
        /// The text.
        value: Vec<u8>,
        /// The layout.
        layout: Vec<u8>,
        /// What is left of the text.
        rest: Vec<u8>,
        /// The part of the layout it should fit.
        element: Vec<u8>,
    },
    /// More text than the layout has room for.
    #[error("parsing time {}: extra text: {}", quote(.value), quote(.rest))]
    ExtraText {
        /// The text.
        value: Vec<u8>,
        /// What is left of it.
        rest: Vec<u8>,
    },
    /// A number that is too large, or a date that does not exist.
    #[error("parsing time {}: {problem}", quote(.value))]
    OutOfRange {
        /// The text.
        value: Vec<u8>,
        /// What is out of range, with the words for it.
        problem: &'static str,
    },
}

/// Quotes as Go's time package does, which does not bother to print non-ASCII characters.
pub(super) fn quote(text: &[u8]) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for byte in text {
        match byte {
            b'"' | b'\\' => {
                quoted.push('\\');
                quoted.push(char::from(*byte));
            }
            b' '..=0x7f => quoted.push(char::from(*byte)),
            _ => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push('"');
    quoted
}

/// How reading one element fails.
enum Failure {
    Mismatch,
    Range(&'static str),
}

/// What has been read so far.
#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: u32,
    /// Whether `PM` was read; `AM` is `Some(false)`.
    afternoon: Option<bool>,
    utc: bool,
    offset: Option<i32>,
    zone_name: Option<Vec<u8>>,
}

impl Time {
    /// Reads `value` as written by `layout`; a time without a zone is one of `local`.
    pub fn parse(layout: &[u8], value: &[u8], local: &Zone) -> Result<Self, ParseError> {
        let mut fields = Fields::default();
        let (mut layout_rest, mut rest) = (layout, value);
        let mismatch = |rest: &[u8], element: &[u8]| ParseError::Mismatch {
            value: value.to_vec(),
            layout: layout.to_vec(),
            rest: rest.to_vec(),
            element: element.to_vec(),
        };
        let out_of_range = |problem| ParseError::OutOfRange {
            value: value.to_vec(),
            problem,
        };
        loop {
            let chunk = next_chunk(layout_rest);
            rest = skip(rest, chunk.prefix).map_err(|rest| mismatch(rest, chunk.prefix))?;
            let Some(element) = chunk.element else {
                if !rest.is_empty() {
                    return Err(ParseError::ExtraText {
                        value: value.to_vec(),
                        rest: rest.to_vec(),
                    });
                }
                break;
            };
            layout_rest = chunk.rest;
            let before = rest;
            rest = fields
                .read(element, rest, layout_rest)
                .map_err(|failure| match failure {
                    Failure::Mismatch => mismatch(before, chunk.text),
                    Failure::Range(problem) => out_of_range(problem),
                })?;
        }
        fields.finish(local).map_err(out_of_range)
    }
}

impl Fields {
    /// Reads one element from the start of `text`; returns what follows it.
    fn read<'t>(
        &mut self,
        element: Element,
        text: &'t [u8],
        layout_rest: &[u8],
    ) -> Result<&'t [u8], Failure> {
        let number = |fixed| read_number(text, fixed).ok_or(Failure::Mismatch);
        match element {
            Element::Year => {
                let (digits, rest) = text.split_at_checked(2).ok_or(Failure::Mismatch)?;
                let year = atoi(digits).ok_or(Failure::Mismatch)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
                Ok(rest)
            }
            Element::LongYear => {
                let (digits, rest) = text.split_at_checked(4).ok_or(Failure::Mismatch)?;
                if !digits.first().is_some_and(u8::is_ascii_digit) {
                    return Err(Failure::Mismatch);
                }
                self.year = atoi(digits).ok_or(Failure::Mismatch)?;
                Ok(rest)
            }
            Element::Month | Element::LongMonth => {
                let length = if element == Element::Month { 3 } else { usize::MAX };
                let (index, rest) = read_name(&MONTH_NAMES, length, text).ok_or(Failure::Mismatch)?;
                self.month = Some(index + 1);
                Ok(rest)
            }
            Element::Weekday | Element::LongWeekday => {
                let length = if element == Element::Weekday {
                    3
                } else {
                    usize::MAX
                };
                read_name(&WEEKDAY_NAMES, length, text)
                    .map(|(_, rest)| rest)
                    .ok_or(Failure::Mismatch)
            }
            Element::NumMonth | Element::ZeroMonth => {
                let (month, rest) = number(element == Element::ZeroMonth)?;
                self.month = Some(month);
                in_range((1..=12).contains(&month), "month out of range", rest)
            }
            Element::Day | Element::UnderDay | Element::ZeroDay => {
                let text = if element == Element::UnderDay {
                    text.strip_prefix(b" ").unwrap_or(text)
                } else {
                    text
                };
                let (day, rest) = read_number(text, element == Element::ZeroDay).ok_or(Failure::Mismatch)?;
                self.day = Some(day);
                Ok(rest)
            }
            Element::UnderYearDay | Element::ZeroYearDay => {
                let fixed = element == Element::ZeroYearDay;
                let mut text = text;
                if !fixed {
                    text = text.strip_prefix(b" ").unwrap_or(text);
                    text = text.strip_prefix(b" ").unwrap_or(text);
                }
                let length = text
                    .iter()
                    .take(3)
                    .take_while(|byte| byte.is_ascii_digit())
                    .count();
                if length == 0 || (fixed && length != 3) {
                    return Err(Failure::Mismatch);
                }
                let (digits, rest) = text.split_at_checked(length).ok_or(Failure::Mismatch)?;
                self.year_day = atoi(digits);
                Ok(rest)
            }
            Element::Hour => {
                // Go looks at the range of the hour it has, also when it could read none.
                let (hour, rest) = number(false)?;
                self.hour = hour;
                in_range(hour < 24, "hour out of range", rest)
            }
            Element::Hour12 | Element::ZeroHour12 => {
                let (hour, rest) = number(element == Element::ZeroHour12)?;
                self.hour = hour;
                in_range(hour <= 12, "hour out of range", rest)
            }
            Element::Minute | Element::ZeroMinute => {
                let (minute, rest) = number(element == Element::ZeroMinute)?;
                self.minute = minute;
                in_range(minute < 60, "minute out of range", rest)
            }
            Element::Second | Element::ZeroSecond => {
                let (second, rest) = number(element == Element::ZeroSecond)?;
                self.second = second;
                let rest = in_range(second < 60, "second out of range", rest)?;
                // A fraction may follow even where the layout has none.
                let next = next_chunk(layout_rest).element;
                let layout_has_one = matches!(
                    next,
                    Some(Element::Fraction { .. } | Element::TrimmedFraction { .. })
                );
                if layout_has_one {
                    Ok(rest)
                } else {
                    Ok(self.read_optional_fraction(rest))
                }
            }
            Element::TrimmedFraction { .. } => Ok(self.read_optional_fraction(text)),
            Element::Fraction { digits, .. } => {
                let (fraction, rest) = text.split_at_checked(1 + digits).ok_or(Failure::Mismatch)?;
                self.nanos = read_nanos(fraction)?;
                Ok(rest)
            }
            Element::UpperPm | Element::LowerPm => {
                let (mark, rest) = text.split_at_checked(2).ok_or(Failure::Mismatch)?;
                let upper = element == Element::UpperPm;
                self.afternoon = Some(match mark {
                    b"PM" if upper => true,
                    b"AM" if upper => false,
                    b"pm" if !upper => true,
                    b"am" if !upper => false,
                    _ => return Err(Failure::Mismatch),
                });
                Ok(rest)
            }
            Element::Offset { z_for_utc, shape } => {
                if z_for_utc && let Some(rest) = text.strip_prefix(b"Z") {
                    self.utc = true;
                    return Ok(rest);
                }
                let (offset, rest) = read_offset(text, shape)?;
                self.offset = Some(offset);
                Ok(rest)
            }
            Element::ZoneName => {
                if let Some(rest) = text.strip_prefix(b"UTC") {
                    self.utc = true;
                    return Ok(rest);
                }
                let length = zone_name_length(text).ok_or(Failure::Mismatch)?;
                let (name, rest) = text.split_at_checked(length).ok_or(Failure::Mismatch)?;
                self.zone_name = Some(name.to_vec());
                Ok(rest)
            }
        }
    }

    fn read_optional_fraction<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let Some([b'.' | b',', digits @ ..]) = text
            .get(..)
            .filter(|_| text.get(1).is_some_and(u8::is_ascii_digit))
        else {
            return text;
        };
        let length = 1 + digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (fraction, rest) = text.split_at_checked(length).unwrap_or((text, b""));
        self.nanos = read_nanos(fraction).unwrap_or_default();
        rest
    }

    /// Puts the parts together; the error says what is out of range.
    fn finish(self, local: &Zone) -> Result<Time, &'static str> {
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let (mut month, mut day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        if let Some(year_day) = self.year_day {
            if year_day < 1 || year_day > 365 + i64::from(is_leap(self.year)) {
                return Err("day-of-year out of range");
            }
            let (mut m, mut d) = (1, year_day);
            while d > days_in_month(self.year, m) {
                d -= days_in_month(self.year, m);
                m += 1;
            }
            if self.month.is_some_and(|month| month != m) {
                return Err("day-of-year does not match month");
            }
            if self.day.is_some_and(|day| day != d) {
                return Err("day-of-year does not match day");
            }
            (month, day) = (m, d);
        }
        if day < 1 || day > days_in_month(self.year, month) {
            return Err("day out of range");
        }
        let days = days_of_date(self.year, month, day);
        let second_of_day = (hour * 60 + self.minute) * 60 + self.second;
        let in_zone = |zone| Time::from_civil(days, second_of_day, self.nanos, zone);
        if self.utc {
            return Ok(in_zone(Zone::Utc));
        }
        let name = self
            .zone_name
            .map(|name| String::from_utf8_lossy(&name).into_owned());
        if let Some(offset) = self.offset {
            let time = in_zone(Zone::fixed(name.as_deref().unwrap_or_default(), offset));
            let here = local.at(time.seconds);
            let is_local = here.offset == offset && name.is_none_or(|name| name == here.name);
            return Ok(if is_local {
                time.in_zone(local.clone())
            } else {
                time
            });
        }
        let Some(name) = name else {
            return Ok(in_zone(local.clone()));
        };
        let utc = in_zone(Zone::Utc);
        if let Some(offset) = local.offset_of_name(&name, utc.seconds) {
            return Ok(in_zone(Zone::fixed("", offset)).in_zone(local.clone()));
        }
        let hours = name
            .strip_prefix("GMT")
            .and_then(|hours| atoi(hours.as_bytes()))
            .unwrap_or(0);
        let offset = i32::try_from(hours * 3600).unwrap_or(0);
        // Go keeps the instant of UTC here and only shows it with the offset.
        Ok(utc.in_zone(Zone::fixed(&name, offset)))
    }
}

fn in_range<T>(holds: bool, problem: &'static str, value: T) -> Result<T, Failure> {
    if holds {
        Ok(value)
    } else {
        Err(Failure::Range(problem))
    }
}

/// Removes `prefix` from `text`, any number of spaces being equal to any other; the error is what is left of `text`.
fn skip<'t>(mut text: &'t [u8], mut prefix: &[u8]) -> Result<&'t [u8], &'t [u8]> {
    while let Some((first, prefix_rest)) = prefix.split_first() {
        if *first == b' ' {
            if text.first().is_some_and(|byte| *byte != b' ') {
                return Err(text);
            }
            prefix = prefix.trim_ascii_start_spaces();
            text = text.trim_ascii_start_spaces();
            continue;
        }
        text = text.strip_prefix(&[*first]).ok_or(text)?;
        prefix = prefix_rest;
    }
    Ok(text)
}

trait TrimSpaces {
    fn trim_ascii_start_spaces(&self) -> &Self;
}

impl TrimSpaces for [u8] {
    fn trim_ascii_start_spaces(&self) -> &Self {
        let spaces = self.iter().take_while(|byte| **byte == b' ').count();
        self.get(spaces..).unwrap_or_default()
    }
}

/// One or two digits, or exactly two.
fn read_number(text: &[u8], fixed: bool) -> Option<(i64, &[u8])> {
    let length = text
        .iter()
        .take(2)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if length == 0 || (fixed && length == 1) {
        return None;
    }
    let (digits, rest) = text.split_at_checked(length)?;
    Some((atoi(digits)?, rest))
}

fn atoi(text: &[u8]) -> Option<i64> {
    let digits = text
        .strip_prefix(b"-")
        .or_else(|| text.strip_prefix(b"+"))
        .unwrap_or(text);
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = i64::try_from(leading_int(digits)?).ok()?;
    Some(if text.starts_with(b"-") { -number } else { number })
}

/// The first of `names`, cut to `length`, that `text` starts with in any case.
fn read_name<'t>(names: &[&str], length: usize, text: &'t [u8]) -> Option<(i64, &'t [u8])> {
    names.iter().zip(0..).find_map(|(name, index)| {
        let name = name.as_bytes();
        let name = name.get(..length).unwrap_or(name);
        let (head, rest) = text.split_at_checked(name.len())?;
        head.eq_ignore_ascii_case(name).then_some((index, rest))
    })
}

/// Nanoseconds from `.123`; digits past the ninth are dropped.
fn read_nanos(fraction: &[u8]) -> Result<u32, Failure> {
    let [b'.' | b',', digits @ ..] = fraction else {
        return Err(Failure::Mismatch);
    };
    let kept = digits.get(..9).unwrap_or(digits);
    let number = atoi(kept).ok_or(Failure::Mismatch)?;
    if number < 0 {
        return Err(Failure::Range("fractional second out of range"));
    }
    let scale = 10i64.pow(9 - u32::try_from(kept.len()).unwrap_or(9));
    Ok(u32::try_from(number * scale).unwrap_or(0))
}

fn read_offset(text: &[u8], shape: OffsetShape) -> Result<(i32, &[u8]), Failure> {
    let (length, has_minutes, has_seconds, colon) = match shape {
        OffsetShape::Hours => (3, false, false, false),
        OffsetShape::Minutes => (5, true, false, false),
        OffsetShape::ColonMinutes => (6, true, false, true),
        OffsetShape::Seconds => (7, true, true, false),
        OffsetShape::ColonSeconds => (9, true, true, true),
    };
    let (offset, after) = text.split_at_checked(length).ok_or(Failure::Mismatch)?;
    let (sign, rest) = offset.split_first().ok_or(Failure::Mismatch)?;
    let parts: Vec<&[u8]> = if colon {
        rest.split(|byte| *byte == b':').collect()
    } else {
        rest.chunks(2).collect()
    };
    let n_parts = 1 + usize::from(has_minutes) + usize::from(has_seconds);
    if parts.len() != n_parts || parts.iter().any(|part| part.len() != 2) {
        return Err(Failure::Mismatch);
    }
    // Go reports what is out of range, the last if there are several, before what is no number.
    let mut numbers = [0; 3];
    let mut failure = None;
    for (number, part) in numbers.iter_mut().zip(&parts) {
        match read_number(part, true) {
            Some((read, _)) => *number = read,
            None => {
                failure = Some(Failure::Mismatch);
                break;
            }
        }
    }
    let [hours, minutes, seconds] = numbers;
    in_range(seconds <= 60, "time zone offset second out of range", ())?;
    in_range(minutes <= 60, "time zone offset minute out of range", ())?;
    in_range(hours <= 24, "time zone offset hour out of range", ())?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    let offset = i32::try_from((hours * 60 + minutes) * 60 + seconds).unwrap_or(0);
    match sign {
        b'+' => Ok((offset, after)),
        b'-' => Ok((-offset, after)),
        _ => Err(Failure::Mismatch),
    }
}

/// The length of what looks like a zone's abbreviation at the start of `text`.
fn zone_name_length(text: &[u8]) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix(b"GMT") {
        return Some(3 + signed_offset_length(rest).unwrap_or(0));
    }
    if matches!(text.first(), Some(b'+' | b'-')) {
        return signed_offset_length(text);
    }
    match text
        .iter()
        .take(6)
        .take_while(|byte| byte.is_ascii_uppercase())
        .count()
    {
        5 if text.get(4) == Some(&b'T') => Some(5),
        4 if text.get(3) == Some(&b'T') || text.starts_with(b"WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

fn signed_offset_length(text: &[u8]) -> Option<usize> {
    let [b'+' | b'-', digits @ ..] = text else {
        return None;
    };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let hours = leading_int(digits.get(..length)?)?;
    (length > 0 && hours <= 23).then_some(1 + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reformat(layout: &str, value: &str) -> String {
        match Time::parse(layout.as_bytes(), value.as_bytes(), &Zone::Utc) {
            Ok(time) => time.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn times_are_read() {
        for (layout, value, time) in [
            ("2006-01-02", "2017-12-31", "2017-12-31 00:00:00 +0000 UTC"),
            (
                "2006-01-02T15:04:05Z07:00",
                "2021-03-09T07:08:09.25Z",
                "2021-03-09 07:08:09.25 +0000 UTC",
            ),
            (
                "2006-01-02T15:04:05Z07:00",
                "2021-03-09T07:08:09+01:30",
                "2021-03-09 07:08:09 +0130 +0130",
            ),
            (
                "Mon Jan _2 15:04:05 MST 2006",
                "Tue Mar  9 07:08:09 CET 2021",
                "2021-03-09 07:08:09 +0000 CET",
            ),
            ("3:04PM", "12:05AM", "0000-01-01 00:05:00 +0000 UTC"),
            ("2006 002", "2020 060", "2020-02-29 00:00:00 +0000 UTC"),
            ("06-1-2", "70-2-3", "1970-02-03 00:00:00 +0000 UTC"),
        ] {
            assert_eq!(reformat(layout, value), time, "{layout} {value}");
        }
    }

    #[test]
    fn misfits_are_explained() {
        for (layout, value, error) in [
            (
                "2006-01-02",
                "x",
                "parsing time \"x\" as \"2006-01-02\": cannot parse \"x\" as \"2006\"",
            ),
            (
                "2006-01-02",
                "2021/03/09",
                "parsing time \"2021/03/09\" as \"2006-01-02\": cannot parse \"/03/09\" as \"-\"",
            ),
            (
                "2006-01-02",
                "2021-13-09",
                "parsing time \"2021-13-09\": month out of range",
            ),
            (
                "2006-01-02",
                "2021-02-29",
                "parsing time \"2021-02-29\": day out of range",
            ),
            ("2006", "2021 ", "parsing time \"2021 \": extra text: \" \""),
            ("15:04", "24:00", "parsing time \"24:00\": hour out of range"),
        ] {
            assert_eq!(reformat(layout, value), error);
        }
    }
}
