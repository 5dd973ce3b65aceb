//! Layouts: a sample time (`Mon Jan 2 15:04:05 2006`) that says how a time is written.

/// A part of a layout that stands for a part of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    LongMonth,
    Month,
    /// `1`
    NumMonth,
    /// `01`
    ZeroMonth,
    LongWeekday,
    Weekday,
    /// `2`
    Day,
    /// `_2`
    UnderDay,
    /// `02`
    ZeroDay,
    /// `__2`
    UnderYearDay,
    /// `002`
    ZeroYearDay,
    /// `15`
    Hour,
    /// `3`
    Hour12,
    /// `03`
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    /// `06`
    Year,
    UpperPm,
    LowerPm,
    /// `MST`
    ZoneName,
    /// `-0700` and the like
    Offset {
        z_for_utc: bool,
        shape: OffsetShape,
    },
    /// `.000`: so many digits
    Fraction {
        digits: usize,
        separator: u8,
    },
    /// `.999`: up to so many digits, without trailing zeros
    TrimmedFraction {
        digits: usize,
        separator: u8,
    },
}

/// How an offset is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OffsetShape {
    Hours,
    Minutes,
    ColonMinutes,
    Seconds,
    ColonSeconds,
}

/// A layout split at its first element.
pub(super) struct Chunk<'a> {
    pub(super) prefix: &'a [u8],
    /// `None` when the prefix is all that is left.
    pub(super) element: Option<Element>,
    /// The element as written.
    pub(super) text: &'a [u8],
    pub(super) rest: &'a [u8],
}

/// Finds the first element of `layout`.
pub(super) fn next_chunk(layout: &[u8]) -> Chunk<'_> {
    for start in 0..layout.len() {
        let tail = layout.get(start..).unwrap_or_default();
        if let Some((element, skip, length)) = element_at(tail) {
            let (prefix, tail) = layout.split_at_checked(start + skip).unwrap_or((layout, b""));
            let (text, rest) = tail.split_at_checked(length).unwrap_or((tail, b""));
            return Chunk {
                prefix,
                element: Some(element),
                text,
                rest,
            };
        }
    }
    Chunk {
        prefix: layout,
        element: None,
        text: b"",
        rest: b"",
    }
}

/// The element at the start of `text`: what it is, how many bytes belong to the text before it, and its length.
fn element_at(text: &[u8]) -> Option<(Element, usize, usize)> {
    use Element as E;
    use OffsetShape as O;
    let found = |element, text: &str| Some((element, 0, text.len()));
    let not_lower_after = |length: usize| !text.get(length).is_some_and(u8::is_ascii_lowercase);
    /// Longest first.
    const OFFSETS: [(&str, O); 5] = [
        ("070000", O::Seconds),
        ("07:00:00", O::ColonSeconds),
        ("0700", O::Minutes),
        ("07:00", O::ColonMinutes),
        ("07", O::Hours),
    ];
    match *text.first()? {
        b'J' if text.starts_with(b"January") => found(E::LongMonth, "January"),
        b'J' if text.starts_with(b"Jan") && not_lower_after(3) => found(E::Month, "Jan"),
        b'M' if text.starts_with(b"Monday") => found(E::LongWeekday, "Monday"),
        b'M' if text.starts_with(b"Mon") && not_lower_after(3) => found(E::Weekday, "Mon"),
        b'M' if text.starts_with(b"MST") => found(E::ZoneName, "MST"),
        b'0' => match text.get(1)? {
            b'1' => found(E::ZeroMonth, "01"),
            b'2' => found(E::ZeroDay, "02"),
            b'3' => found(E::ZeroHour12, "03"),
            b'4' => found(E::ZeroMinute, "04"),
            b'5' => found(E::ZeroSecond, "05"),
            b'6' => found(E::Year, "06"),
            b'0' if text.get(2) == Some(&b'2') => found(E::ZeroYearDay, "002"),
            _ => None,
        },
        b'1' if text.get(1) == Some(&b'5') => found(E::Hour, "15"),
        b'1' => found(E::NumMonth, "1"),
        b'2' if text.starts_with(b"2006") => found(E::LongYear, "2006"),
        b'2' => found(E::Day, "2"),
        // The underscore of _2006 stands for itself.
        b'_' if text.starts_with(b"_2006") => Some((E::LongYear, 1, 4)),
        b'_' if text.starts_with(b"_2") => found(E::UnderDay, "_2"),
        b'_' if text.starts_with(b"__2") => found(E::UnderYearDay, "__2"),
        b'3' => found(E::Hour12, "3"),
        b'4' => found(E::Minute, "4"),
        b'5' => found(E::Second, "5"),
        b'P' if text.starts_with(b"PM") => found(E::UpperPm, "PM"),
        b'p' if text.starts_with(b"pm") => found(E::LowerPm, "pm"),
        first @ (b'-' | b'Z') => {
            let tail = text.get(1..)?;
            let (digits, shape) = OFFSETS
                .iter()
                .find(|(digits, _)| tail.starts_with(digits.as_bytes()))?;
            Some((
                E::Offset {
                    z_for_utc: first == b'Z',
                    shape: *shape,
                },
                0,
                1 + digits.len(),
            ))
        }
        separator @ (b'.' | b',') => {
            let digit = *text.get(1).filter(|digit| matches!(digit, b'0' | b'9'))?;
            let digits = text.iter().skip(1).take_while(|byte| **byte == digit).count();
            if text.get(1 + digits).is_some_and(u8::is_ascii_digit) {
                return None;
            }
            let element = if digit == b'0' {
                E::Fraction { digits, separator }
            } else {
                E::TrimmedFraction { digits, separator }
            };
            Some((element, 0, 1 + digits))
        }
        _ => None,
    }
}
