//! Zones: UTC, the host's local zone, fixed offsets, and named zones from TZif data.

use std::rc::Rc;

/// Where clocks show what.
#[derive(Debug, Clone)]
pub enum Zone {
    /// UTC.
    Utc,
    /// The host's zone: a fixed offset in seconds and its abbreviation.
    Local(Rc<Fixed>),
    /// A fixed offset.
    Fixed(Rc<Fixed>),
    /// A named zone.
    Named(Rc<Named>),
}

/// A fixed offset and its abbreviation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    name: String,
    offset: i32,
}

/// A zone whose offset changes.
#[derive(Debug)]
pub struct Named {
    name: String,
    /// The kinds of periods there are, in the order of the file; never empty.
    periods: Vec<Period>,
    /// When a period begins, and of which kind, in order of time.
    transitions: Vec<(i64, usize)>,
    /// The kind of the period before the first transition.
    first: usize,
    /// The rule for times after the last transition.
    rule: Option<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Period {
    offset: i32,
    is_dst: bool,
    name: String,
}

/// What a clock shows at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment<'z> {
    /// Seconds east of UTC.
    pub(super) offset: i32,
    /// The abbreviation.
    pub(super) name: &'z str,
    pub(super) is_dst: bool,
}

const UTC: Moment<'static> = Moment {
    offset: 0,
    name: "UTC",
    is_dst: false,
};

impl Zone {
    /// The zone with a fixed offset of `offset` seconds.
    #[must_use]
    pub fn fixed(name: &str, offset: i32) -> Self {
        Self::Fixed(Rc::new(Fixed {
            name: name.to_owned(),
            offset,
        }))
    }

    /// The host's zone.
    #[must_use]
    pub fn local(name: &str, offset: i32) -> Self {
        Self::Local(Rc::new(Fixed {
            name: name.to_owned(),
            offset,
        }))
    }

    /// Reads a zone from the TZif data of the zone database.
    #[must_use]
    pub fn from_tzif(name: &str, data: &[u8]) -> Option<Self> {
        Named::from_tzif(name, data).map(|named| Self::Named(Rc::new(named)))
    }

    /// What `time.Location.String` prints.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Utc => "UTC",
            Self::Local(_) => "Local",
            Self::Fixed(fixed) => &fixed.name,
            Self::Named(named) => &named.name,
        }
    }

    /// What clocks show at the Unix time `seconds`.
    pub(super) fn at(&self, seconds: i64) -> Moment<'_> {
        match self {
            Self::Utc => UTC,
            Self::Local(fixed) | Self::Fixed(fixed) => Moment {
                offset: fixed.offset,
                name: &fixed.name,
                is_dst: false,
            },
            Self::Named(named) => named.period_at(seconds).map_or(UTC, Period::moment),
        }
    }

    /// The offset when a clock shows `seconds`, chosen as Go's `time.Date` does where a clock shows them twice or never.
    pub(super) fn offset_of_civil(&self, seconds: i64) -> i32 {
        match self.at(seconds).offset {
            0 => 0,
            guess => self.at(seconds - i64::from(guess)).offset,
        }
    }

    /// The offset that the abbreviation `name` stands for near `seconds`.
    pub(super) fn offset_of_name(&self, name: &str, seconds: i64) -> Option<i32> {
        let Self::Named(named) = self else {
            let moment = self.at(seconds);
            return (moment.name == name).then_some(moment.offset);
        };
        let mut matching = named.periods.iter().filter(|period| period.name == name);
        // One that holds then, else the first that is called so.
        let holds = matching.clone().find_map(|period| {
            let then = self.at(seconds - i64::from(period.offset));
            (then.name == name).then_some(then.offset)
        });
        holds.or_else(|| matching.next().map(|period| period.offset))
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Utc, Self::Utc) | (Self::Local(_), Self::Local(_)) => true,
            (Self::Fixed(left), Self::Fixed(right)) => left == right,
            (Self::Named(left), Self::Named(right)) => left.name == right.name,
            _ => false,
        }
    }
}

impl Eq for Zone {}

impl Period {
    fn moment(&self) -> Moment<'_> {
        Moment {
            offset: self.offset,
            name: &self.name,
            is_dst: self.is_dst,
        }
    }
}

impl Named {
    fn period_at(&self, seconds: i64) -> Option<&Period> {
        let next = self.transitions.partition_point(|(start, _)| *start <= seconds);
        if next == self.transitions.len()
            && let Some(rule) = &self.rule
        {
            return Some(rule.period_at(seconds));
        }
        let transition = next.checked_sub(1).and_then(|index| self.transitions.get(index));
        let kind = transition.map_or(self.first, |(_, kind)| *kind);
        self.periods.get(kind)
    }

    fn from_tzif(name: &str, data: &[u8]) -> Option<Self> {
        let mut reader = Reader { rest: data };
        let header = reader.header()?;
        if header.version == 0 {
            return None;
        }
        // The first block holds 32-bit times; the second, the same with 64 bits.
        reader.take(header.block_len(4))?;
        let header = reader.header()?;
        let times = reader.take(header.n_times.checked_mul(8)?)?;
        let indices = reader.take(header.n_times)?;
        let types = reader.take(header.n_types.checked_mul(6)?)?;
        let names = reader.take(header.n_chars)?;
        reader.take(
            header
                .n_leaps
                .checked_mul(12)?
                .checked_add(header.n_std)?
                .checked_add(header.n_ut)?,
        )?;
        let periods: Vec<Period> = types
            .chunks_exact(6)
            .map(|entry| {
                let [a, b, c, d, is_dst, name_start] = entry else {
                    return None;
                };
                let name = names.get(usize::from(*name_start)..)?;
                let name = name.split(|byte| *byte == 0).next()?;
                Some(Period {
                    offset: i32::from_be_bytes([*a, *b, *c, *d]),
                    is_dst: *is_dst != 0,
                    name: String::from_utf8_lossy(name).into_owned(),
                })
            })
            .collect::<Option<_>>()?;
        let transitions = times
            .chunks_exact(8)
            .zip(indices)
            .map(|(time, index)| {
                let time = i64::from_be_bytes(time.try_into().ok()?);
                Some((time, usize::from(*index)))
            })
            .collect::<Option<Vec<_>>>()?;
        let first = periods.iter().position(|period| !period.is_dst).unwrap_or(0);
        let rule = reader
            .rest
            .strip_prefix(b"\n")
            .and_then(|rest| rest.split(|byte| *byte == b'\n').next());
        let rule = rule.and_then(|text| Rule::parse(std::str::from_utf8(text).ok()?));
        Some(Self {
            name: name.to_owned(),
            periods,
            transitions,
            first,
            rule,
        })
    }
}

struct Header {
    version: u8,
    n_ut: usize,
    n_std: usize,
    n_leaps: usize,
    n_times: usize,
    n_types: usize,
    n_chars: usize,
}

impl Header {
    fn block_len(&self, time_len: usize) -> usize {
        self.n_times * (time_len + 1)
            + self.n_types * 6
            + self.n_chars
            + self.n_leaps * (time_len + 4)
            + self.n_std
            + self.n_ut
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        Some(taken)
    }

    fn header(&mut self) -> Option<Header> {
        if self.take(4)? != b"TZif" {
            return None;
        }
        let version = *self.take(1)?.first()?;
        self.take(15)?;
        let mut count = || {
            let bytes = self.take(4)?.try_into().ok()?;
            // A file of real size; also keeps the sums above from overflowing.
            usize::try_from(u32::from_be_bytes(bytes))
                .ok()
                .filter(|count| *count <= 1 << 20)
        };
        Some(Header {
            version,
            n_ut: count()?,
            n_std: count()?,
            n_leaps: count()?,
            n_times: count()?,
            n_types: count()?,
            n_chars: count()?,
        })
    }
}

/// A POSIX rule, `EST5EDT,M3.2.0,M11.1.0`.
#[derive(Debug)]
struct Rule {
    standard: Period,
    /// Summer time with its beginning and end.
    summer: Option<(Period, Change, Change)>,
}

/// The moment of a year at which a clock is changed.
#[derive(Debug, Clone, Copy)]
struct Change {
    day: ChangeDay,
    /// Seconds after midnight on the clock being changed.
    time: i64,
}

#[derive(Debug, Clone, Copy)]
enum ChangeDay {
    /// `Jn`: 1 to 365, never February 29.
    Julian(i64),
    /// `n`: 0 to 365.
    YearDay(i64),
    /// `Mm.w.d`
    Weekday { month: i64, week: i64, weekday: i64 },
}

impl Rule {
    fn parse(text: &str) -> Option<Self> {
        let (standard_name, rest) = read_abbreviation(text)?;
        let (standard_offset, rest) = read_hms(rest)?;
        let standard = Period {
            offset: -i32::try_from(standard_offset).ok()?,
            is_dst: false,
            name: standard_name,
        };
        if rest.is_empty() {
            return Some(Self {
                standard,
                summer: None,
            });
        }
        let (name, rest) = read_abbreviation(rest)?;
        let (offset, rest) = match rest.strip_prefix(',') {
            Some(_) => (standard.offset + 3600, rest),
            None => {
                let (offset, rest) = read_hms(rest)?;
                (-i32::try_from(offset).ok()?, rest)
            }
        };
        let (start, end) = rest.strip_prefix(',')?.split_once(',')?;
        let summer = Period {
            offset,
            is_dst: true,
            name,
        };
        Some(Self {
            standard,
            summer: Some((summer, Change::parse(start)?, Change::parse(end)?)),
        })
    }

    fn period_at(&self, seconds: i64) -> &Period {
        let Some((summer, start, end)) = &self.summer else {
            return &self.standard;
        };
        let standard_offset = i64::from(self.standard.offset);
        let year = super::Civil::from_seconds(seconds.saturating_add(standard_offset)).year;
        let start = start.local_seconds(year) - standard_offset;
        let end = end.local_seconds(year) - i64::from(summer.offset);
        let in_summer = if start < end {
            (start..end).contains(&seconds)
        } else {
            !(end..start).contains(&seconds)
        };
        if in_summer { summer } else { &self.standard }
    }
}

impl Change {
    fn parse(text: &str) -> Option<Self> {
        let (day, time) = text
            .split_once('/')
            .map_or((text, None), |(day, time)| (day, Some(time)));
        let time = match time {
            None => 2 * 3600,
            Some(time) => read_hms(time)?.0,
        };
        let day = if let Some(date) = day.strip_prefix('M') {
            let mut parts = date.split('.').map(|part| part.parse::<i64>().ok());
            ChangeDay::Weekday {
                month: parts.next()??,
                week: parts.next()??,
                weekday: parts.next()??,
            }
        } else if let Some(day) = day.strip_prefix('J') {
            ChangeDay::Julian(day.parse().ok()?)
        } else {
            ChangeDay::YearDay(day.parse().ok()?)
        };
        Some(Self { day, time })
    }

    /// Seconds since the epoch on the clock being changed.
    fn local_seconds(self, year: i64) -> i64 {
        use super::civil::{SECONDS_PER_DAY, days_in_month, days_of_date, is_leap};
        let new_year = days_of_date(year, 1, 1);
        let day = match self.day {
            ChangeDay::YearDay(day) => new_year + day,
            ChangeDay::Julian(day) => new_year + day - 1 + i64::from(is_leap(year) && day >= 60),
            ChangeDay::Weekday { month, week, weekday } => {
                let first = days_of_date(year, month, 1);
                let until_weekday = (weekday - (first + 4)).rem_euclid(7);
                let mut day = until_weekday + 7 * (week - 1);
                if day >= days_in_month(year, month) {
                    day -= 7;
                }
                first + day
            }
        };
        day * SECONDS_PER_DAY + self.time
    }
}

fn read_abbreviation(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('<') {
        let (name, rest) = quoted.split_once('>')?;
        return Some((name.to_owned(), rest));
    }
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    (name.len() >= 3).then(|| (name.to_owned(), rest))
}

/// Reads `[+-]h[h][:mm[:ss]]` as seconds.
fn read_hms(text: &str) -> Option<(i64, &str)> {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let end = unsigned
        .bytes()
        .position(|byte| !(byte.is_ascii_digit() || byte == b':'))
        .unwrap_or(unsigned.len());
    let (number, rest) = unsigned.split_at_checked(end)?;
    let mut seconds = 0;
    let mut unit = 3600;
    for part in number.splitn(3, ':') {
        seconds += part.parse::<i64>().ok().filter(|part| *part < 1000)? * unit;
        unit /= 60;
    }
    Some((if negative { -seconds } else { seconds }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_followed() {
        let rule = Rule::parse("EST5EDT,M3.2.0,M11.1.0").expect("a rule");
        // 2021-03-14 07:00 UTC is when the clock goes forward, 2021-11-07 06:00 when it goes back.
        for (seconds, name) in [
            (1_615_705_199, "EST"),
            (1_615_705_200, "EDT"),
            (1_636_264_799, "EDT"),
            (1_636_264_800, "EST"),
        ] {
            assert_eq!(rule.period_at(seconds).name, name);
        }
        let rule = Rule::parse("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0").expect("a rule");
        assert_eq!(rule.period_at(1_609_459_200).offset, 39_600);
    }

    #[test]
    fn damaged_data_is_refused() {
        assert!(Zone::from_tzif("x", b"").is_none());
        assert!(Zone::from_tzif("x", b"TZif2").is_none());
        assert!(Zone::from_tzif("x", &[b"TZif2".as_slice(), &[255; 60]].concat()).is_none());
    }
}
