//! Words for people: times, sizes, counts.

use model::Timestamp;

/// `3 days ago`; the exact time goes beside it.
pub(crate) fn relative(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.0 - then.0;
    if seconds < 0 {
        return match -seconds {
            ..60 => "in a moment".to_owned(),
            60..3_600 => format!("in {}", count((-seconds / 60) as u64, "minute")),
            3_600..86_400 => format!("in {}", count((-seconds / 3_600) as u64, "hour")),
            _ => date(then),
        };
    }
    let (n, unit) = match seconds {
        ..45 => return "just now".to_owned(),
        45..3_600 => ((seconds / 60).max(1), "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        86_400..2_592_000 => (seconds / 86_400, "day"),
        2_592_000..31_536_000 => (seconds / 2_592_000, "month"),
        _ => (seconds / 31_536_000, "year"),
    };
    format!("{} ago", count(n as u64, unit))
}

/// `2026-11-24`.
pub(crate) fn date(at: Timestamp) -> String {
    let (year, month, day) = at.date();
    format!("{year:04}-{month:02}-{day:02}")
}

/// `1 chart`, `12,345 charts`.
pub(crate) fn count(n: u64, noun: &str) -> String {
    let plural = match (n, noun.strip_suffix('y')) {
        (1, _) => noun.to_owned(),
        (_, Some(stem)) if !noun.ends_with("ay") && !noun.ends_with("ey") => format!("{stem}ies"),
        _ => format!("{noun}s"),
    };
    format!("{} {plural}", number(n))
}

/// `12,345`.
pub(crate) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `12.3 kB`.
pub(crate) fn size(bytes: u64) -> String {
    let (unit, divisor) = match bytes {
        ..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => ("kB", 1_000),
        _ => ("MB", 1_000_000),
    };
    let tenths = bytes * 10 / divisor;
    if tenths >= 1_000 {
        format!("{} {unit}", tenths / 10)
    } else {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

/// `1.2 s`.
pub(crate) fn duration(ms: u64) -> String {
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// The time as this machine knows it.
pub(crate) fn now() -> Timestamp {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seconds = elapsed.map_or(0, |elapsed| elapsed.as_secs() as i64);
    Timestamp(seconds)
}

#[cfg(test)]
mod tests {
    use super::{count, duration, number, relative, size};
    use model::Timestamp;

    #[test]
    fn words_for_times() {
        let now = Timestamp(1_700_000_000);
        let rows = [
            (0, "just now"),
            (60, "1 minute ago"),
            (7_200, "2 hours ago"),
            (86_400, "1 day ago"),
            (40 * 86_400, "1 month ago"),
            (800 * 86_400, "2 years ago"),
            (-120, "in 2 minutes"),
            (-400 * 86_400, "2024-12-18"),
        ];
        for (age, want) in rows {
            assert_eq!(relative(Timestamp(now.0 - age), now), want, "{age}");
        }
    }

    #[test]
    fn words_for_numbers() {
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(number(12), "12");
        assert_eq!(count(1, "chart"), "1 chart");
        assert_eq!(count(1_200, "repository"), "1,200 repositories");
        assert_eq!(count(3, "day"), "3 days");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(12_345), "12.3 kB");
        assert_eq!(size(5_242_880), "5.2 MB");
        assert_eq!(duration(1_250), "1.2 s");
    }
}
