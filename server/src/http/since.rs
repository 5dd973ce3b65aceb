//! Since when an answer is what it is: `Last-Modified`, and `304` for who asks by date (RFC 9110, sections 8.8.2 and 13.1.3).
//!
//! What an answer is made of has no date in common: a page changes with a sync, with another chart that depends on this one,
//! with a new build, and "3 days ago" becomes "4 days ago". Dates that charts claim are about something else. So the date is
//! that of the moment when this process first made the answer with the tag that it has: never before the change, and later
//! where the process is younger, which costs a transfer and no truth.
//!
//! HTTP's dates have seconds only, and of two answers within one second the second must not pass for the first. So the date
//! is the end of the second in which the answer was first made, and is told only when that has come.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::response::Response;
use backend::http_date;
use http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use model::Timestamp;
use sha2::{Digest as _, Sha256};

/// Addresses that are remembered, twice as many at most (attack: any number of queries). About 60 bytes each.
const MAX_KNOWN: usize = 10_000;

/// An address or a tag, as a hash: both are as long as whoever asks likes.
type Key = [u8; 16];

/// The answers that are known, with the moment when each was first made, in milliseconds since 1970.
#[derive(Default)]
pub(crate) struct Since {
    known: Mutex<Generations>,
}

/// Those asked for lately, and those before: when there are too many, the latter are forgotten.
#[derive(Default)]
struct Generations {
    young: HashMap<Key, (Key, i64)>,
    old: HashMap<Key, (Key, i64)>,
}

fn key(text: &[u8]) -> Key {
    let mut key = Key::default();
    for (to, from) in key.iter_mut().zip(Sha256::digest(text)) {
        *to = from;
    }
    key
}

impl Generations {
    fn first_made(&mut self, address: Key, tag: Key, now_ms: i64) -> i64 {
        let known = self
            .young
            .get(&address)
            .copied()
            .or_else(|| self.old.remove(&address));
        let since = match known {
            Some((known, since)) if known == tag => since,
            _ => now_ms,
        };
        if self.young.len() >= MAX_KNOWN && !self.young.contains_key(&address) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(address, (tag, since));
        since
    }
}

impl Since {
    /// The date of the answer with a tag that an address has now; nothing before it has come.
    fn date(&self, address: &str, tag: &[u8], now_ms: i64) -> Option<Timestamp> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let since = known.first_made(key(address.as_bytes()), key(tag), now_ms);
        let date = since.div_euclid(1000) + 1;
        (now_ms.div_euclid(1000) >= date).then_some(Timestamp(date))
    }

    /// Says since when an answer with a tag is what it is, and sends it to nobody who has it since. Who names tags is
    /// answered by those alone.
    pub(crate) fn mark(
        &self,
        mut response: Response,
        address: &str,
        request: &HeaderMap,
        now_ms: i64,
    ) -> Response {
        let Some(tag) = response.headers().get(ETAG).cloned() else {
            return response;
        };
        let Some(date) = self.date(address, tag.as_bytes(), now_ms) else {
            return response;
        };
        if let Ok(value) = HeaderValue::try_from(http_date::write(date)) {
            response.headers_mut().insert(LAST_MODIFIED, value);
        }
        let asked = request
            .get(IF_MODIFIED_SINCE)
            .and_then(|value| value.to_str().ok());
        let is_known = asked
            .and_then(http_date::read)
            // One that is still to come means nothing.
            .is_some_and(|asked| date <= asked && asked.0 <= now_ms.div_euclid(1000));
        if response.status() != StatusCode::OK || request.contains_key(IF_NONE_MATCH) || !is_known {
            return response;
        }
        let (mut parts, _) = response.into_parts();
        parts.status = StatusCode::NOT_MODIFIED;
        // The policy holds the nonce of a page that is not sent: the browser keeps that of the page it has.
        for name in [
            CONTENT_TYPE,
            CONTENT_LENGTH,
            CONTENT_ENCODING,
            CONTENT_SECURITY_POLICY,
        ] {
            parts.headers.remove(name);
        }
        Response::from_parts(parts, Body::empty())
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::{MAX_KNOWN, Since};

    #[test]
    fn two_answers_of_one_second_have_no_date_in_common() {
        let since = Since::default();
        let date = |tag: &str, now_ms| since.date("/a", tag.as_bytes(), now_ms).map(|at| at.0);
        // Nobody is told a date while another answer could still get the same.
        assert_eq!(date("one", 10_200), None);
        assert_eq!(date("two", 10_700), None);
        assert_eq!(date("two", 10_900), None);
        assert_eq!(date("two", 11_000), Some(11));
        assert_eq!(date("two", 99_000), Some(11));
        // One that comes back was something else meanwhile.
        assert_eq!(date("one", 99_500), None);
        assert_eq!(date("two", 99_600), None);
        assert_eq!(date("two", 100_000), Some(100));
        // A clock that was set back dates nothing into the future.
        assert_eq!(date("two", 50_000), None);
        assert_eq!(since.date("/b", b"two", 200_000), None, "another address");
    }

    #[test]
    fn what_is_remembered_has_a_limit_and_what_is_asked_for_stays() {
        let since = Since::default();
        assert_eq!(since.date("/kept", b"t", 1_000), None);
        for n in 0..5 * MAX_KNOWN {
            since.date(&format!("/?q={n}"), b"t", 2_000);
            if n % 1_000 == 0 {
                assert_eq!(since.date("/kept", b"t", 3_000), Some(Timestamp(2)));
            }
        }
        let known = since.known.lock().expect("nobody panicked");
        assert!(known.young.len() + known.old.len() <= 2 * MAX_KNOWN);
        drop(known);
        assert_eq!(since.date("/?q=1", b"t", 5_000), None, "it was forgotten");
    }
}
