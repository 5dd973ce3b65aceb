//! Answers as the distribution specification words them: `{"errors": [{"code": …, "message": …}]}` and their statuses.

use app::error::AppError;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use backend::Error;
use backend::ops::{OciBlob, OciError, OciManifest, OciPage, OciPushed};
use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    LINK, LOCATION, RANGE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::json;

use crate::http::range::{Asked, asked};

const JSON: &str = "application/json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
const VERSION: HeaderName = HeaderName::from_static("docker-distribution-api-version");
const SUBJECT: HeaderName = HeaderName::from_static("oci-subject");
const UPLOAD: HeaderName = HeaderName::from_static("docker-upload-uuid");

pub(super) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({ "errors": [{ "code": code, "message": message }] });
    with(status, JSON, Bytes::from(body.to_string()))
}

/// What did not work, for whoever asked; `challenge` says how to come in.
pub(super) fn failed(error: &OciError, challenge: &str) -> Response {
    let (status, code) = match error {
        OciError::NameUnknown { .. } => (StatusCode::NOT_FOUND, "NAME_UNKNOWN"),
        OciError::BlobUnknown => (StatusCode::NOT_FOUND, "BLOB_UNKNOWN"),
        OciError::UploadUnknown => (StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN"),
        OciError::UploadInvalid { .. } => (StatusCode::CONFLICT, "BLOB_UPLOAD_INVALID"),
        OciError::OutOfOrder { at } => {
            let text = error.to_string();
            let mut response = self::error(StatusCode::RANGE_NOT_SATISFIABLE, "BLOB_UPLOAD_INVALID", &text);
            set(&mut response, RANGE, &range(*at));
            return response;
        }
        OciError::DigestInvalid { .. } => (StatusCode::BAD_REQUEST, "DIGEST_INVALID"),
        OciError::ManifestUnknown { .. } => (StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN"),
        OciError::ManifestInvalid { .. } => (StatusCode::BAD_REQUEST, "MANIFEST_INVALID"),
        OciError::PartUnknown { .. } => (StatusCode::BAD_REQUEST, "MANIFEST_BLOB_UNKNOWN"),
        OciError::Exists { .. } => (StatusCode::CONFLICT, "DENIED"),
        OciError::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "SIZE_INVALID"),
        OciError::Full { .. } => (StatusCode::INSUFFICIENT_STORAGE, "DENIED"),
        OciError::TooMany => (StatusCode::TOO_MANY_REQUESTS, "TOOMANYREQUESTS"),
        OciError::Other(error) => return other(error, challenge),
    };
    self::error(status, code, &error.to_string())
}

fn other(error: &Error, challenge: &str) -> Response {
    if let Error::Internal(_) = error {
        tracing::error!(error = %error.chain(), "a request of an OCI client failed");
    }
    // The one table from errors to statuses.
    let known = AppError::from(error.clone());
    let status = StatusCode::from_u16(known.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let code = match status {
        StatusCode::UNAUTHORIZED => "UNAUTHORIZED",
        StatusCode::TOO_MANY_REQUESTS => "TOOMANYREQUESTS",
        StatusCode::NOT_FOUND => "NAME_UNKNOWN",
        status if status.is_server_error() => "UNKNOWN",
        _ => "DENIED",
    };
    let mut response = self::error(status, code, &known.message);
    if status == StatusCode::UNAUTHORIZED {
        set(&mut response, WWW_AUTHENTICATE, challenge);
    }
    if let Error::Unavailable {
        retry_after_secs: Some(seconds),
        ..
    }
    | Error::TooManyAttempts {
        retry_after_secs: seconds,
        ..
    } = error
    {
        set(&mut response, RETRY_AFTER, &seconds.to_string());
    }
    response
}

pub(super) fn base() -> Response {
    with(StatusCode::OK, JSON, Bytes::from_static(b"{}"))
}

pub(super) fn token(token: &str) -> Response {
    let body = json!({ "token": token, "access_token": token, "expires_in": 300 });
    let mut response = with(StatusCode::OK, JSON, Bytes::from(body.to_string()));
    set(&mut response, CACHE_CONTROL, "no-store");
    response
}

/// A blob, or the part of it that is asked for.
pub(super) fn blob(blob: OciBlob, digest: &str, method: &Method, request: &HeaderMap) -> Response {
    let size_bytes = blob.size_bytes;
    let asked = asked(method, request, size_bytes, &etag(digest));
    let (status, first, n_bytes) = match asked {
        Asked::Whole => (StatusCode::OK, 0, size_bytes),
        Asked::Part { first, n_bytes } => (StatusCode::PARTIAL_CONTENT, first, n_bytes),
        Asked::Nothing => {
            let text = format!("the blob has {size_bytes} bytes: ask for some of them, or for all");
            let mut response = error(StatusCode::RANGE_NOT_SATISFIABLE, "SIZE_INVALID", &text);
            set(&mut response, CONTENT_RANGE, &format!("bytes */{size_bytes}"));
            return response;
        }
    };
    let body = match *method == Method::HEAD {
        true => Body::empty(),
        false => Body::from_stream(blob.part(first, n_bytes)),
    };
    let mut response = (status, body).into_response();
    set(&mut response, CONTENT_TYPE, "application/octet-stream");
    set(&mut response, CONTENT_LENGTH, &n_bytes.to_string());
    set(&mut response, ACCEPT_RANGES, "bytes");
    if status == StatusCode::PARTIAL_CONTENT {
        let last = first + n_bytes - 1;
        set(
            &mut response,
            CONTENT_RANGE,
            &format!("bytes {first}-{last}/{size_bytes}"),
        );
    }
    addressed(&mut response, digest);
    response
}

pub(super) fn manifest(manifest: OciManifest, is_digest: bool) -> Response {
    let mut response = with(StatusCode::OK, &manifest.media_type, manifest.content);
    addressed(&mut response, &manifest.digest);
    if !is_digest {
        set(&mut response, CACHE_CONTROL, "no-cache");
    }
    response
}

/// An upload that is open, of which so many bytes came.
pub(super) fn open(status: StatusCode, location: &str, id: &str, n_bytes: u64) -> Response {
    let mut response = status.into_response();
    set(&mut response, LOCATION, location);
    set(&mut response, RANGE, &range(n_bytes));
    set(&mut response, UPLOAD, id);
    set(&mut response, VERSION, "registry/2.0");
    response
}

pub(super) fn created(location: &str, digest: &str) -> Response {
    let mut response = StatusCode::CREATED.into_response();
    set(&mut response, LOCATION, location);
    set(&mut response, DIGEST, digest);
    set(&mut response, VERSION, "registry/2.0");
    response
}

pub(super) fn pushed(location: &str, pushed: &OciPushed) -> Response {
    let mut response = created(location, &pushed.digest);
    if let Some(subject) = &pushed.subject {
        set(&mut response, SUBJECT, subject);
    }
    response
}

pub(super) fn done(status: StatusCode) -> Response {
    status.into_response()
}

/// A part of a list; `next` is the address of the next part.
pub(super) fn list(body: serde_json::Value, page: &OciPage, next: impl FnOnce(&str) -> String) -> Response {
    let mut response = with(StatusCode::OK, JSON, Bytes::from(body.to_string()));
    if let Some(last) = page.names.last().filter(|_| page.has_more) {
        set(&mut response, LINK, &format!("<{}>; rel=\"next\"", next(last)));
    }
    response
}

pub(super) fn referrers(index: Bytes, is_filtered: bool) -> Response {
    let mut response = with(StatusCode::OK, INDEX, index);
    if is_filtered {
        set(
            &mut response,
            HeaderName::from_static("oci-filters-applied"),
            "artifactType",
        );
    }
    response
}

/// Bytes that are what their digest says for ever, and that run nothing on our origin.
fn addressed(response: &mut Response, digest: &str) {
    set(response, DIGEST, digest);
    set(response, ETAG, &etag(digest));
    set(response, CACHE_CONTROL, "private, max-age=31536000, immutable");
    set(response, CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
    set(response, VERSION, "registry/2.0");
}

fn etag(digest: &str) -> String {
    format!("\"{digest}\"")
}

/// `0-N`, where N is the last byte; an empty upload says `0-0`, as registries do.
fn range(n_bytes: u64) -> String {
    format!("0-{}", n_bytes.saturating_sub(1))
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn with(status: StatusCode, kind: &str, body: Bytes) -> Response {
    let mut response = (status, body).into_response();
    set(&mut response, CONTENT_TYPE, kind);
    set(&mut response, VERSION, "registry/2.0");
    response
}
