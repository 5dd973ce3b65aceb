//! Validators: an answer that a client has already is not sent again (RFC 9110 section 13).
//!
//! All are weak. What is compressed on the way is other bytes and the same answer, and a page's nonce differs every time.

use std::sync::Arc;

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use backend::Backend;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use sha2::{Digest as _, Sha256};

use super::since::Since;

/// Whoever has one asks whether it is still the same.
pub(crate) const ASK_AGAIN: &str = "public, no-cache";
/// Kept for minutes without asking: what many fetch again and again, and nobody misses when it is a little old.
pub(crate) const MINUTES: &str = "public, max-age=300";
/// A browser keeps it and asks; what stands between does not keep it.
pub(crate) const OWN_BROWSER: &str = "private, no-cache";
/// An answer of the API that is longer goes without a validator.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// So does what is longer than this and may be kept: what is large has a tag of its own, which costs less.
const MAX_KEPT_BYTES: u64 = 8 * 1024 * 1024;

/// A weak entity tag of everything that an answer is made of.
pub(crate) fn tag(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{hex}\"")
}

/// Whether a client has the answer with this tag: compared weakly, as for `GET` it is.
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let wanted = opaque(etag);
    known
        .flat_map(|list| list.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == wanted)
}

/// `304`, for a client that has it.
pub(crate) fn not_modified(etag: &str, cache: &'static str) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    mark(&mut response, etag, cache);
    response
}

/// Says of an answer which one it is, and how long it may be kept.
pub(crate) fn mark(response: &mut Response, etag: &str, cache: &'static str) {
    let headers = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(ETAG, etag);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
}

/// A document, made only for those who have not got it.
pub(crate) fn document(
    request: &HeaderMap,
    etag: &str,
    cache: &'static str,
    media_type: &'static str,
    make: impl FnOnce() -> Bytes,
) -> Response {
    if is_known(request, etag) {
        return not_modified(etag, cache);
    }
    let mut response = ([(CONTENT_TYPE, media_type)], make()).into_response();
    mark(&mut response, etag, cache);
    response
}

/// What an answer depends on besides its address.
pub(crate) fn vary(response: &mut Response, name: HeaderName) {
    response.headers_mut().append(VARY, HeaderValue::from(name));
}

/// Gives answers of the API that are the same for everybody a tag of their content; a layer of such routes.
pub(crate) async fn of_content(request: Request, next: Next) -> Response {
    // Without a body there is nothing that a tag could be made of.
    let is_get = *request.method() == Method::GET;
    let known = request.headers().clone();
    let mut response = next.run(request).await;
    let is_json = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !is_get || !is_json || response.status() != StatusCode::OK {
        return response;
    }
    let ask_again = HeaderValue::from_static(ASK_AGAIN);
    response.headers_mut().entry(CACHE_CONTROL).or_insert(ask_again);
    tagged(&known, response).await
}

/// Gives a tag of its content to what says that it may be kept and has none, and a date to what has a tag; a layer of
/// everything.
pub(crate) async fn of_kept(
    State((backend, since)): State<(Backend, Arc<Since>)>,
    request: Request,
    next: Next,
) -> Response {
    let is_get = *request.method() == Method::GET;
    let can_be_kept = is_get || *request.method() == Method::HEAD;
    let known = request.headers().clone();
    let address = request.uri().to_string();
    let response = next.run(request).await;
    let is_kept = response
        .headers()
        .get(CACHE_CONTROL)
        .is_some_and(|value| !value.as_bytes().ends_with(b"no-store"));
    let is_small = response
        .body()
        .size_hint()
        .exact()
        .is_some_and(|n| n <= MAX_KEPT_BYTES);
    if !is_kept || !can_be_kept {
        return response;
    }
    let has_none = !response.headers().contains_key(ETAG);
    let response = match is_get && is_small && has_none && response.status() == StatusCode::OK {
        true => tagged(&known, response).await,
        false => response,
    };
    match response.status() {
        // When the answer was ready: what came after it has another tag.
        StatusCode::OK | StatusCode::NOT_MODIFIED => since.mark(response, &address, &known, backend.now_ms()),
        _ => response,
    }
}

async fn tagged(known: &HeaderMap, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BYTES).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let etag = tag(&[&bytes]);
    parts.headers.remove(CONTENT_LENGTH);
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        parts.headers.insert(ETAG, etag);
    }
    if is_known(known, &etag) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(CONTENT_TYPE);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

#[cfg(test)]
mod tests {
    use http::header::IF_NONE_MATCH;
    use http::{HeaderMap, HeaderValue};

    use super::{is_known, tag};

    #[test]
    fn tags_are_compared_weakly_and_in_lists() {
        let etag = "W/\"abc\"";
        for (header, want) in [
            ("W/\"abc\"", true),
            ("\"abc\"", true),
            ("\"x\", W/\"abc\"", true),
            ("*", true),
            ("\"ab\"", false),
            ("abc", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static(header));
            assert_eq!(is_known(&headers, etag), want, "{header}");
        }
        assert!(!is_known(&HeaderMap::new(), etag));
    }

    #[test]
    fn where_one_part_ends_and_the_next_begins_counts() {
        assert_ne!(tag(&[b"ab", b"c"]), tag(&[b"a", b"bc"]));
        assert_eq!(tag(&[b"ab"]), tag(&[b"ab"]));
    }
}
