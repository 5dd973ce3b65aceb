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
