//! Parts of what has a length: one range of bytes (RFC 9110 section 14), for downloads that go on where they were cut off.

use http::header::{IF_RANGE, RANGE};
use http::{HeaderMap, Method};

/// How much of a whole is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// All of it.
    Whole,
    /// So many bytes after the first so many.
    Part { first: u64, n_bytes: u64 },
    /// Nothing that is there.
    Nothing,
}

/// What a request asks for of a whole of `size_bytes` bytes with this strong tag. What asks for several parts, or in no way
/// that the RFC knows, asks for the whole: a server may ignore it.
pub(crate) fn asked(method: &Method, headers: &HeaderMap, size_bytes: u64, etag: &str) -> Asked {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(range) = text(&RANGE).filter(|_| *method == Method::GET) else {
        return Asked::Whole;
    };
    // The part of another whole would be joined to what the client has of the one from before.
    if text(&IF_RANGE).is_some_and(|known| known.trim() != etag) {
        return Asked::Whole;
    }
    let unit = range
        .split_once('=')
        .filter(|(unit, _)| unit.trim().eq_ignore_ascii_case("bytes"));
    let Some((first, last)) = unit.and_then(|(_, range)| range.trim().split_once('-')) else {
        return Asked::Whole;
    };
    // A number that does not fit is larger than any file.
    let number = |text: &str| match text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => None,
        false => Some(text.parse().unwrap_or(u64::MAX)),
    };
    let (first, last) = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => (first, last.min(size_bytes.saturating_sub(1))),
        (Some(first), None) if last.is_empty() => (first, size_bytes.saturating_sub(1)),
        // The last so many bytes.
        (None, Some(0)) if first.is_empty() => return Asked::Nothing,
        (None, Some(n_bytes)) if first.is_empty() => {
            (size_bytes.saturating_sub(n_bytes), size_bytes.saturating_sub(1))
        }
        _ => return Asked::Whole,
    };
    match first < size_bytes {
        true => Asked::Part {
            first,
            n_bytes: last - first + 1,
        },
        false => Asked::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use http::header::{IF_RANGE, RANGE};
    use http::{HeaderMap, HeaderValue, Method};

    use super::{Asked, asked};

    fn of(range: &'static str, size_bytes: u64) -> Asked {
        let headers = HeaderMap::from_iter([(RANGE, HeaderValue::from_static(range))]);
        asked(&Method::GET, &headers, size_bytes, "\"x\"")
    }

    #[test]
    fn one_range_is_a_part() {
        let part = |first, n_bytes| Asked::Part { first, n_bytes };
        for (range, want) in [
            ("bytes=0-0", part(0, 1)),
            ("bytes=0-9", part(0, 10)),
            ("bytes=9-", part(9, 1)),
            ("bytes=3-99999999999999999999999", part(3, 7)),
            ("bytes=-1", part(9, 1)),
            ("bytes=-99999999999999999999999", part(0, 10)),
            ("Bytes= 2-3 ", part(2, 2)),
            ("bytes=10-", Asked::Nothing),
            ("bytes=10-20", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=5-2", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes", Asked::Whole),
            ("lines=0-1", Asked::Whole),
        ] {
            assert_eq!(of(range, 10), want, "{range}");
        }
        for range in ["bytes=0-", "bytes=0-0", "bytes=-5"] {
            assert_eq!(of(range, 0), Asked::Nothing, "{range} of nothing");
        }
    }

    #[test]
    fn a_part_of_something_else_is_not_given() {
        let part = Asked::Part { first: 1, n_bytes: 2 };
        let mut headers = HeaderMap::from_iter([(RANGE, HeaderValue::from_static("bytes=1-2"))]);
        assert_eq!(asked(&Method::HEAD, &headers, 10, "\"x\""), Asked::Whole);
        for (known, want) in [
            ("\"x\"", part),
            ("\"y\"", Asked::Whole),
            ("W/\"x\"", Asked::Whole),
        ] {
            headers.insert(IF_RANGE, HeaderValue::from_static(known));
            assert_eq!(asked(&Method::GET, &headers, 10, "\"x\""), want, "{known}");
        }
    }
}
