//! Times of records, read and printed as Go does.

use engine::datetime::{Time, Zone};

const RFC3339: &[u8] = b"2006-01-02T15:04:05Z07:00";

/// Go's `time.ANSIC`.
pub(super) const ANSIC: &str = "Mon Jan _2 15:04:05 2006";
/// What Go's `Time.String` prints.
pub(super) const GO: &str = "2006-01-02 15:04:05.999999999 -0700 MST";

/// A time of a record by `layout`; nothing for no time, and for Go's zero time, which stands for none.
pub(super) fn format(text: Option<&str>, layout: &str, local: &Zone) -> Option<String> {
    let time = Time::parse(RFC3339, text?.as_bytes(), local).ok()?;
    if time.same_instant(&Time::zero()) {
        return None;
    }
    String::from_utf8(time.format(layout.as_bytes())).ok()
}

/// Go's zero time by `layout`.
pub(super) fn never(layout: &str) -> String {
    String::from_utf8(Time::zero().format(layout.as_bytes())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_with_todays_offset_has_todays_abbreviation() {
        let local = Zone::local("CEST", 2 * 3600);
        let shown = |text| format(Some(text), GO, &local).unwrap();
        // No zone is asked what its offset was in that winter.
        assert_eq!(
            shown("2026-01-15T10:00:00+02:00"),
            "2026-01-15 10:00:00 +0200 CEST"
        );
        assert_eq!(
            shown("2026-01-15T10:00:00+01:00"),
            "2026-01-15 10:00:00 +0100 +0100"
        );
    }
}
