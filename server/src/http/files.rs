//! Bytes out of the store: files of a chart's archive and icons.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use backend::ops::ArchiveDownload;
use backend::{Backend, Viewer};
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::error::Problem;
use super::validators;

/// Whatever a chart ships, it runs nothing on our origin: no script, no form, no plug-in.
pub(super) const SANDBOX: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// An icon's name is the hash of its content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// An archive of a version may change where a repository is not careful.
const ARCHIVE_CACHE: &str = "public, max-age=3600";

/// `GET /icons/{digest}`: re-encoded by us; the name is the content's hash.
pub(crate) async fn icon(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(digest): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (media_type, bytes) = backend.charts().icon(&viewer, &digest).await?;
    let etag = format!("\"{digest}\"");
    let mut response = validators::document(&headers, &etag, FOR_EVER, media_type, || bytes);
    let policy = HeaderValue::from_static(SANDBOX);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// `GET /raw/{repository}/{name}/{version}/{*path}`: a file as it is.
pub(crate) async fn raw(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name, version, path)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (media_type, bytes) = backend
        .charts()
        .raw_file(&viewer, &repository, &name, Some(&version), &path)
        .await?;
    let etag = validators::tag(&[&bytes]);
    let mut response = validators::document(&headers, &etag, ARCHIVE_CACHE, media_type, || bytes);
    let headers = response.headers_mut();
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    Ok(response)
}

/// `GET /archives/{repository}/{name}/{version}/{file}`: a chart's archive as its repository published it, or the
/// provenance file beside it.
pub(crate) async fn archive(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name, version, file)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if file.ends_with(".prov") {
        return provenance(&backend, &viewer, &headers, [&repository, &name, &version]).await;
    }
    let found = backend
        .charts()
        .archive(&viewer, &repository, &name, Some(&version))
        .await?;
    Ok(download(&headers, found))
}

/// What signs a version, for those who have not got it: repository, name and version.
pub(super) async fn provenance(
    backend: &Backend,
    viewer: &Viewer,
    request: &HeaderMap,
    [repository, name, version]: [&str; 3],
) -> Result<Response, Problem> {
    let mirrors = backend.mirrors();
    let body = mirrors.provenance(viewer, repository, name, version).await?;
    let etag = validators::tag(&[&body]);
    let kind = "application/pgp-signature";
    let mut response = validators::document(request, &etag, ARCHIVE_CACHE, kind, || body);
    let policy = HeaderValue::from_static(SANDBOX);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// An archive, for those who have not got it: its digest says which one it is.
pub(super) fn download(request: &HeaderMap, download: ArchiveDownload) -> Response {
    let etag = format!("\"{}\"", download.digest);
    if validators::is_known(request, &etag) {
        return validators::not_modified(&etag, ARCHIVE_CACHE);
    }
    let headers = [
        (CONTENT_TYPE, "application/gzip".to_owned()),
        (CONTENT_LENGTH, download.size_bytes.to_string()),
        (
            CONTENT_DISPOSITION,
            format!(
                "attachment; filename=\"{}\"",
                download.file_name.replace(['"', '\\'], "_")
            ),
        ),
    ];
    let mut response = (headers, Body::from_stream(download.body)).into_response();
    validators::mark(&mut response, &etag, ARCHIVE_CACHE);
    response
}
