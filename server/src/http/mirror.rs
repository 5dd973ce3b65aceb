//! Every repository as a Helm repository of ours: `helm repo add`, `pull` and `install` with the upstream down.
//!
//! ```text
//! /mirror/index.yaml  /mirror/index.json                          all repositories, charts as `repository/name`
//! /mirror/{repository}/index.yaml  …/index.json                   one
//! /mirror/{repository}/charts/{name}/{version}/{name}-{version}.tgz[.prov]
//! ```
//!
//! JSON is YAML, too, and helm reads it several times faster: for whoever fetches an index often.

use std::io::{Cursor, Read as _};

use app::error::{AppError, ErrorKind};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Router};
use backend::ops::MirrorIndex;
use backend::{Backend, Bytes, Viewer};
use flate2::read::GzDecoder;
use futures_util::{StreamExt as _, stream};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::error::Problem;
use super::files;
use super::validators::{self, ASK_AGAIN};
use crate::assets::accepts;
use crate::state::AppState;

/// Bytes that are unpacked at a time, for clients that take nothing compressed: helm is one.
const PIECE_BYTES: usize = 64 * 1024;

type Answer = Result<Response, Problem>;

/// The addresses.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/mirror/index.yaml", get(all_yaml))
        .route("/mirror/index.json", get(all_json))
        .route("/mirror/{repository}/index.yaml", get(yaml))
        .route("/mirror/{repository}/index.json", get(json))
        .route("/mirror/{repository}/charts/{name}/{version}/{file}", get(file))
}

async fn all_yaml(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    headers: HeaderMap,
) -> Answer {
    index(&backend, &viewer, &headers, None, false).await
}

async fn all_json(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    headers: HeaderMap,
) -> Answer {
    index(&backend, &viewer, &headers, None, true).await
}

async fn yaml(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(repository): Path<String>,
    headers: HeaderMap,
) -> Answer {
    index(&backend, &viewer, &headers, Some(&repository), false).await
}

async fn json(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path(repository): Path<String>,
    headers: HeaderMap,
) -> Answer {
    index(&backend, &viewer, &headers, Some(&repository), true).await
}

async fn index(
    backend: &Backend,
    viewer: &Viewer,
    headers: &HeaderMap,
    repository: Option<&str>,
    is_json: bool,
) -> Answer {
    let index = backend.mirrors().index(viewer, repository, is_json).await?;
    if validators::is_known(headers, &index.etag) {
        return Ok(validators::not_modified(&index.etag, ASK_AGAIN));
    }
    let kind = if is_json {
        "application/json"
    } else {
        "application/yaml"
    };
    let etag = index.etag.clone();
    let mut response = body(headers, index);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    validators::mark(&mut response, &etag, ASK_AGAIN);
    validators::vary(&mut response, ACCEPT_ENCODING);
    Ok(response)
}

/// As it is kept for those who take that, and unpacked on the way for others; a layer further out makes brotli of it for
/// those who take only that.
fn body(headers: &HeaderMap, index: MirrorIndex) -> Response {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|accepted| accepts(accepted, "gzip")) {
        return ([(CONTENT_ENCODING, "gzip")], index.gzip).into_response();
    }
    let size_bytes = index.size_bytes.to_string();
    let decoder = GzDecoder::new(Cursor::new(index.gzip));
    let pieces = stream::unfold(decoder, |mut decoder| async move {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        let read = decoder.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece);
        match read {
            Ok(0) => None,
            Ok(_) => Some((Ok(Bytes::from(piece)), decoder)),
            // We packed it ourselves: it is whole.
            Err(error) => Some((Err(error), decoder)),
        }
    });
    // What packs it again asks once more after the end.
    let pieces = pieces.fuse();
    ([(CONTENT_LENGTH, size_bytes)], Body::from_stream(pieces)).into_response()
}

async fn file(
    State(backend): State<Backend>,
    Extension(viewer): Extension<Viewer>,
    Path((repository, name, version, file)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Answer {
    let archive = format!("{name}-{version}.tgz");
    if file == archive {
        let download = backend
            .charts()
            .archive(&viewer, &repository, &name, Some(&version))
            .await?;
        return Ok(files::download(&headers, download));
    }
    if file == format!("{archive}.prov") {
        return files::provenance(&backend, &viewer, &headers, [&repository, &name, &version]).await;
    }
    Err(Problem::from(AppError::new(
        ErrorKind::NotFound,
        "a mirror has no such file",
    )))
}
