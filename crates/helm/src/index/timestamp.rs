//! Points in time as an index writes them: RFC 3339.

use std::fmt;

/// Seconds and nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    pub seconds: i64,
    pub nanoseconds: u32,
}

impl Timestamp {
    /// Reads RFC 3339 as Go does: `2016-10-06T16:23:20.499814565-06:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |from: usize, length: usize| -> Option<i64> {
            let digits = text.get(from..from + length)?;
            digits
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| digits.parse().ok())?
        };
        let mark = |at: usize, byte: u8| (text.as_bytes().get(at) == Some(&byte)).then_some(());
        let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
        let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
        mark(4, b'-')?;
        mark(7, b'-')?;
        mark(10, b'T')?;
        mark(13, b':')?;
        mark(16, b':')?;
        let mut rest = text.get(19..)?;
        let mut nanoseconds = 0;
        if let Some(fraction) = rest.strip_prefix(['.', ',']) {
            let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let (digits, after) = fraction.split_at_checked(length)?;
            if digits.is_empty() {
                return None;
            }
            let nine = digits.bytes().chain(std::iter::repeat(b'0')).take(9);
            nanoseconds = nine.fold(0u32, |sum, digit| sum * 10 + u32::from(digit - b'0'));
            rest = after;
        }
        let offset = match rest.as_bytes() {
            [b'Z'] => 0,
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
                let digit = |byte: &u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
                let (hours, minutes) = (digit(h1)? * 10 + digit(h2)?, digit(m1)? * 10 + digit(m2)?);
                if hours > 24 || minutes > 59 {
                    return None;
                }
                let seconds = (hours * 60 + minutes) * 60;
                if *sign == b'-' { -seconds } else { seconds }
            }
            _ => return None,
        };
        if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
            return None;
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds =
            days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
        Some(Self { seconds, nanoseconds })
    }
}

impl fmt::Display for Timestamp {
    /// In UTC, with as many decimals as there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.seconds.div_euclid(86_400));
        let second = self.seconds.rem_euclid(86_400);
        write!(f, "{year:04}-{month:02}-{day:02}T")?;
        write!(
            f,
            "{:02}:{:02}:{:02}",
            second / 3_600,
            second / 60 % 60,
            second % 60
        )?;
        if self.nanoseconds > 0 {
            let digits = format!("{:09}", self.nanoseconds);
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

// Both by Howard Hinnant's algorithms, exact for the whole proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (
        year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day_of_year - (153 * shifted + 2) / 5 + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn reads_and_writes_known_moments() {
        let rows = [
            ("1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00Z"),
            (
                "2016-10-06T16:23:20.499814565-06:00",
                1_475_792_600,
                499_814_565,
                "2016-10-06T22:23:20.499814565Z",
            ),
            (
                "2000-02-29T23:59:59.5+00:00",
                951_868_799,
                500_000_000,
                "2000-02-29T23:59:59.5Z",
            ),
            ("0001-01-01T00:00:00Z", -62_135_596_800, 0, "0001-01-01T00:00:00Z"),
        ];
        for (text, seconds, nanoseconds, printed) in rows {
            let time = Timestamp::parse(text);
            assert_eq!(time, Some(Timestamp { seconds, nanoseconds }), "{text}");
            assert_eq!(time.map(|time| time.to_string()).as_deref(), Some(printed));
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        let rows = [
            "",
            "2016",
            "2016-13-01T00:00:00Z",
            "2015-02-29T00:00:00Z",
            "2016-01-01 00:00:00Z",
            "2016-01-01T24:00:00Z",
            "2016-01-01T00:00:00",
            "2016-01-01T00:00:00.Z",
            "2016-01-01T00:00:00+0100",
            "+016-01-01T00:00:00Z",
            "2016-01-01T00:00:00Zx",
            "2016-01-01T00:00:00\u{fc}",
        ];
        for text in rows {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
