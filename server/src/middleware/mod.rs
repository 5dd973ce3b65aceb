//! What happens to every request, in one stack.

mod base_path;
pub(crate) mod csp;

use std::time::Duration;

use axum::Router;
use http::header::CONTENT_TYPE;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate as _, SizeAbove};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::config::Config;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is shorter fits into the packet of its head.
const MIN_PACKED_BYTES: u16 = 256;

/// Whether packing makes it smaller: archives and pictures are packed already, and events must not wait.
fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default();
    match kind.split_once('/') {
        Some(("text", rest)) => rest != "event-stream",
        Some((_, rest)) => ["json", "xml", "yaml", "javascript", "wasm", "pgp-signature"]
            .iter()
            .any(|form| rest.ends_with(form)),
        None => false,
    }
}

/// Wraps `router`, outermost first: the id must exist before the span that names it; a panic must be caught inside the
/// span that reports it; compression is innermost because it only concerns the body.
pub(crate) fn stack(router: Router, config: &Config) -> Router {
    let always = |name: &'static str, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    let timeout = Duration::from_secs(config.server.request_timeout_secs);
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            timeout,
        ))
        .layer(always("x-content-type-options", "nosniff"))
        .layer(always("referrer-policy", "same-origin"))
        .layer(always("cross-origin-opener-policy", "same-origin"))
        .layer(always("x-frame-options", "DENY"))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(MIN_PACKED_BYTES).and(is_text)));
    base_path::accept_both(router.layer(layers), &config.server.base_path)
}

fn span(request: &axum::extract::Request) -> tracing::Span {
    let id = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default();
    // The query is left out: people type into it.
    tracing::info_span!("http.request", method = %request.method(), path = request.uri().path(), request.id = id)
}
