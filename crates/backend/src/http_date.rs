//! Moments as HTTP writes them (RFC 9110 section 5.6.7).

use std::time::{Duration, UNIX_EPOCH};

use model::Timestamp;

/// A moment such as `Sun, 06 Nov 1994 08:49:37 GMT`; what HTTP cannot write, before 1970 or after 9999, is the nearest that
/// it can.
#[must_use]
pub fn write(at: Timestamp) -> String {
    /// The end of the year 9999.
    const LAST: u64 = 253_402_300_799;
    let seconds = u64::try_from(at.0).unwrap_or(0).min(LAST);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
}

/// The moment that a header names, in any of the three forms that HTTP knows.
#[must_use]
pub fn read(text: &str) -> Option<Timestamp> {
    let at = httpdate::parse_http_date(text.trim()).ok()?;
    let seconds = at.duration_since(UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(seconds).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::{read, write};

    #[test]
    fn moments_are_written_in_one_form_and_read_in_three() {
        let at = Timestamp(784_111_777);
        assert_eq!(write(at), "Sun, 06 Nov 1994 08:49:37 GMT");
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(read(text), Some(at), "{text}");
        }
        for text in ["", "now", "1994-11-06T08:49:37Z", "Sun, 36 Nov 1994 08:49:37 GMT"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(write(Timestamp(-1)), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(write(Timestamp(i64::MAX)), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
