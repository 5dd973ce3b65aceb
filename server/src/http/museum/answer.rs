//! Answers as ChartMuseum gives them: `{"error": …}`, `{"saved": true}` and their statuses.

use std::convert::Infallible;

use app::error::AppError;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use backend::Error;
use backend::ops::{Document, HostedDownload, HostedError, IndexDocument, Uploaded};
use bytes::Bytes;
use futures_util::stream;
use http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING,
    CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::json;

use super::body::BodyError;
use crate::assets::accepts;
use crate::http::validators::{self, OWN_BROWSER};

const JSON: &str = "application/json; charset=utf-8";
const INDEX: &str = "application/x-yaml";
const ARCHIVE: &str = "application/x-tar";
const PROVENANCE: &str = "application/pgp-signature";
/// Whoever has one asks whether it is still the same: an index a moment old is a wrong one.
const ASK_AGAIN: &str = "no-cache";

const WELCOME: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>Chartroom</title></head>\n<body>\n\
    <h1>A chart repository</h1>\n<p>This is the API of a Helm chart repository. Add it with \
    <code>helm repo add NAME URL</code>.</p>\n</body>\n</html>\n";

/// What tells a client how to come in.
pub(super) struct Challenge<'a> {
    pub(super) realm: &'a str,
    pub(super) service: &'a str,
    pub(super) tenant: &'a str,
    pub(super) right: &'a str,
}

impl Challenge<'_> {
    fn header(&self) -> HeaderValue {
        let text = if self.realm.is_empty() {
            "Basic realm=\"ChartMuseum\"".to_owned()
        } else {
            let tenant = if self.tenant.is_empty() {
                "repo"
            } else {
                self.tenant
            };
            format!(
                "Bearer realm=\"{}\",service=\"{}\",scope=\"artifact-repository:{tenant}:{}\"",
                self.realm, self.service, self.right
            )
        };
        // A tenant's name that no header may hold is none that there is.
        HeaderValue::try_from(text.replace('\\', "")).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

pub(super) fn error(status: StatusCode, text: &str) -> Response {
    body(status, JSON, Bytes::from(json!({ "error": text }).to_string()))
}

/// What did not work, for whoever asked.
pub(super) fn failed(error: &HostedError, challenge: &Challenge<'_>) -> Response {
    let text = error.to_string();
    let status = match error {
        HostedError::Missing { .. } => StatusCode::NOT_FOUND,
        HostedError::NotAChart { .. } | HostedError::Misnamed { .. } => StatusCode::BAD_REQUEST,
        // As ChartMuseum has it.
        HostedError::NotProvenance => StatusCode::INTERNAL_SERVER_ERROR,
        HostedError::Exists { .. } => return self::error(StatusCode::CONFLICT, "file already exists"),
        HostedError::TooManyFiles { .. } => {
            return self::error(StatusCode::INSUFFICIENT_STORAGE, "repo has reached storage limit");
        }
        HostedError::Full { .. } => StatusCode::INSUFFICIENT_STORAGE,
        HostedError::Other(error) => return other(error, challenge),
    };
    self::error(status, &text)
}

fn other(error: &Error, challenge: &Challenge<'_>) -> Response {
    if let Error::Unauthenticated { .. } = error {
        let mut response = self::error(StatusCode::UNAUTHORIZED, "unauthorized");
        response
            .headers_mut()
            .insert(WWW_AUTHENTICATE, challenge.header());
        return response;
    }
    if let Error::Internal(_) = error {
        tracing::error!(error = %error.chain(), "a request for hosted charts failed");
    }
    // The one table from errors to statuses.
    let known = AppError::from(error.clone());
    let status = StatusCode::from_u16(known.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = self::error(status, &known.message);
    if let Error::Unavailable {
        retry_after_secs: Some(seconds),
        ..
    } = error
    {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}

/// A body that was not taken.
pub(super) fn unread(error: &BodyError) -> Response {
    match error {
        BodyError::TooLarge => {
            let text = Bytes::from_static(b"request too large");
            let mut response = body(StatusCode::PAYLOAD_TOO_LARGE, "text/plain; charset=utf-8", text);
            // What is left of the body is not read.
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
            response
        }
        BodyError::Broken(reason) => self::error(StatusCode::BAD_REQUEST, reason),
    }
}

pub(super) fn json(bytes: Bytes) -> Response {
    body(StatusCode::OK, JSON, bytes)
}

pub(super) fn yaml(bytes: Bytes) -> Response {
    body(StatusCode::OK, "application/yaml", bytes)
}

pub(super) fn info() -> Response {
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    json(Bytes::from(json!({ "version": version }).to_string()))
}

pub(super) fn health() -> Response {
    json(Bytes::from_static(b"{\"healthy\":true}"))
}

pub(super) fn deleted() -> Response {
    json(Bytes::from_static(b"{\"deleted\":true}"))
}

/// `saved` is what ChartMuseum says; the rest is for those who want to know what they uploaded.
pub(super) fn saved(uploaded: &Uploaded, charts_url: &str) -> Response {
    let mut answer = json!({ "saved": true });
    if let Some(version) = &uploaded.version {
        answer["name"] = version.name.as_str().into();
        answer["version"] = version.version.as_str().into();
        answer["digest"] = version.digest.as_str().into();
        answer["url"] = format!("{charts_url}{}", version.file_name).into();
        answer["warnings"] = version.oddities.iter().map(String::as_str).collect();
    }
    body(StatusCode::CREATED, JSON, Bytes::from(answer.to_string()))
}

pub(super) fn artifact_hub(id: &str) -> Response {
    // A JSON string is one of YAML, too.
    let text = match id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        true => format!("repositoryID: {id}\n"),
        false => format!("repositoryID: {}\n", serde_json::Value::from(id)),
    };
    body(StatusCode::OK, INDEX, Bytes::from(text))
}

pub(super) fn welcome(own: Option<Bytes>) -> Response {
    let text = own.unwrap_or(Bytes::from_static(WELCOME.as_bytes()));
    body(StatusCode::OK, "text/html", text)
}

/// A file of the welcome page, which the operator put there.
pub(super) fn file(path: &str, bytes: Bytes) -> Response {
    let kind = match path.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        _ => "application/octet-stream",
    };
    body(StatusCode::OK, kind, bytes)
}

/// An index, for whoever has not got it. That it depends on the encodings that are taken, it says in either case.
pub(super) async fn index(request: &HeaderMap, index: IndexDocument) -> Result<Response, Error> {
    let mut response = if validators::is_known(request, &index.etag) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        validators::vary(&mut response, ACCEPT_ENCODING);
        response
    } else {
        document(request, INDEX, &index.text).await?
    };
    tag(&mut response, &index.etag, index.is_private);
    Ok(response)
}

/// The list of charts.
pub(super) async fn list(request: &HeaderMap, list: &Document) -> Result<Response, Error> {
    document(request, JSON, list).await
}

/// A text in pieces: compressed as it is kept for those who take that, as it is for others.
async fn document(request: &HeaderMap, kind: &'static str, text: &Document) -> Result<Response, Error> {
    let accepted = request.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let is_packed = accepted.is_some_and(|accepted| accepts(accepted, "gzip"));
    let pieces = match is_packed {
        true => text.gzip().await?,
        false => text.plain(),
    };
    let length = HeaderValue::from(pieces.n_bytes());
    let pieces = pieces.into_pieces().map(Ok::<_, Infallible>);
    let mut response = Body::from_stream(stream::iter(pieces)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    // In pieces it has no length of its own, and clients show how far they are.
    headers.insert(CONTENT_LENGTH, length);
    if is_packed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    validators::vary(&mut response, ACCEPT_ENCODING);
    Ok(response)
}

pub(super) fn download(download: HostedDownload, etag: &str, is_known: bool, is_head: bool) -> Response {
    let is_private = download.is_private;
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let kind = if download.is_provenance {
            PROVENANCE
        } else {
            ARCHIVE
        };
        let length = download.size_bytes.to_string();
        let stream = if is_head {
            Body::empty()
        } else {
            Body::from_stream(download.body)
        };
        // Bytes of strangers run nothing on our origin.
        let headers: [(HeaderName, &str); 3] = [
            (CONTENT_TYPE, kind),
            (CONTENT_LENGTH, &length),
            (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        ];
        (headers, stream).into_response()
    };
    tag(&mut response, etag, is_private);
    response
}

/// What is not for everybody is in no cache that several share.
fn tag(response: &mut Response, etag: &str, is_private: bool) {
    let headers = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(ETAG, etag);
    }
    let cache = if is_private { OWN_BROWSER } else { ASK_AGAIN };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
}

pub(super) fn allow_origin(response: &mut Response, origin: &str) {
    if !origin.is_empty()
        && let Ok(origin) = HeaderValue::from_str(origin)
    {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
}

fn body(status: StatusCode, kind: &str, bytes: Bytes) -> Response {
    (status, [(CONTENT_TYPE, kind)], bytes).into_response()
}
