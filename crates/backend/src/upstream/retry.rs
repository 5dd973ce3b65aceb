//! When to try again.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::RETRY_AFTER;

/// The wait before attempt `n_failed + 1`: doubling, spread at random so that many waiters do not come back together,
/// and never shorter than what the server asked for, within `max`.
pub(super) fn delay(base: Duration, max: Duration, n_failed: u32, asked: Option<Duration>) -> Duration {
    let doubled = base
        .saturating_mul(1 << n_failed.saturating_sub(1).min(16))
        .min(max);
    let spread = doubled.mul_f64(0.5 + random_fraction() / 2.0);
    spread.max(asked.unwrap_or_default()).min(max)
}

/// Zero to one. Not for secrets: the seed that hash maps start from is random enough to spread waits.
fn random_fraction() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// `Retry-After` in seconds or as a date.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use http::HeaderMap;
    use http::header::RETRY_AFTER;

    use super::{delay, retry_after};

    #[test]
    fn waits_grow_and_stay_within_bounds() {
        let (base, max) = (Duration::from_millis(100), Duration::from_secs(2));
        for n_failed in 1..40 {
            let wait = delay(base, max, n_failed, None);
            let full = base.saturating_mul(1 << (n_failed - 1).min(16)).min(max);
            assert!(wait >= full / 2 && wait <= full, "{n_failed}: {wait:?}");
        }
        assert_eq!(
            delay(base, max, 1, Some(Duration::from_secs(1))),
            Duration::from_secs(1)
        );
        assert_eq!(delay(base, max, 1, Some(Duration::from_secs(3600))), max);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
        let parse = |text: &'static str| {
            retry_after(
                &HeaderMap::from_iter([(RETRY_AFTER, text.parse().expect("a value"))]),
                now,
            )
        };
        assert_eq!(parse("7"), Some(Duration::from_secs(7)));
        assert_eq!(
            parse("Sun, 06 Nov 1994 08:49:47 GMT"),
            Some(Duration::from_secs(10))
        );
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:07 GMT"), Some(Duration::ZERO));
        assert_eq!(parse("soon"), None);
    }
}
