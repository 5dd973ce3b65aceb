//! Calendar arithmetic in the proleptic Gregorian calendar.

pub(super) const SECONDS_PER_DAY: i64 = 86_400;

/// A month of the year, January being 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month(pub i64);

/// A day of the week, Sunday being 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekday(pub i64);

pub(super) const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) const WEEKDAY_NAMES: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

impl Month {
    /// The English name.
    #[must_use]
    pub fn name(self) -> &'static str {
        usize::try_from(self.0 - 1)
            .ok()
            .and_then(|index| MONTH_NAMES.get(index))
            .copied()
            .unwrap_or("%!Month")
    }
}

impl Weekday {
    /// The English name.
    #[must_use]
    pub fn name(self) -> &'static str {
        usize::try_from(self.0)
            .ok()
            .and_then(|index| WEEKDAY_NAMES.get(index))
            .copied()
            .unwrap_or("%!Weekday")
    }
}

/// A date and time of day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    /// From 1.
    pub(super) year_day: i64,
    pub(super) weekday: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
}

impl Civil {
    /// From seconds since the epoch, as a clock in UTC shows them.
    pub(super) fn from_seconds(seconds: i64) -> Self {
        let days = seconds.div_euclid(SECONDS_PER_DAY);
        let second_of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        let (year, month, day) = date_of_days(days);
        Self {
            year,
            month,
            day,
            year_day: days - days_of_date(year, 1, 1) + 1,
            // 1970-01-01 was a Thursday.
            weekday: (days + 4).rem_euclid(7),
            hour: second_of_day / 3600,
            minute: second_of_day / 60 % 60,
            second: second_of_day % 60,
        }
    }
}

/// Days since the epoch of a date; day and month may lie outside of their range and carry over.
pub(super) fn days_of_date(year: i64, month: i64, day: i64) -> i64 {
    // Years are counted from March, so that a leap day is a year's last.
    let months = month - 1;
    let year = year + months.div_euclid(12);
    let month = months.rem_euclid(12) + 1;
    let (year, month) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a number of days since the epoch.
fn date_of_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (year_of_era + era * 400 + carry, month, day)
}

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        for (date, days) in [
            ((1970, 1, 1), 0),
            ((2000, 2, 29), 11_016),
            ((1, 1, 1), -719_162),
            ((2026, 11, 24), 20_781),
        ] {
            assert_eq!(days_of_date(date.0, date.1, date.2), days);
            assert_eq!(date_of_days(days), date);
        }
        assert_eq!(days_of_date(2020, 14, 31), days_of_date(2021, 3, 3));
    }
}
