//! The OCI distribution API (specification 1.1) over hosted charts: `helm push`, `helm pull oci://…`, `oras`, `cosign`.
//!
//! Clients expect it at `/v2/` of the origin, whatever the base path of the site is. Cookies mean nothing here: programs
//! show a token or basic authentication. A client that was refused asks [`Route::Token`] with its credentials and gets
//! them back as a token, once they were checked: API tokens have scopes and an expiry, and can be taken back.

mod answer;
mod route;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::any;
use backend::ops::{OciError, OciUpload};
use backend::secret::SecretString;
use backend::{Backend, Error, Viewer};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use http::header::{AUTHORIZATION, CONTENT_RANGE, CONTENT_TYPE, HOST};
use http::{HeaderMap, StatusCode};
use serde_json::json;

use crate::access::{Proxies, origin};
use crate::config::Config;
use route::Route;

/// What stands for nobody's token.
const NOBODY: &str = "anonymous";
/// What the token for a name and a password begins with.
const PAIR: &str = "basic.";
/// A manifest is read whole; the backend says what is too long.
const MAX_MANIFEST_BYTES: usize = 4 * 1024 * 1024 + 1;

struct Registry {
    backend: Backend,
    /// What paths begin with by the time they are routed, base path included.
    prefix: String,
    public_origin: String,
    proxies: Proxies,
}

/// The routes; none where hosted repositories are switched off.
pub(crate) fn router(backend: &Backend, config: &Config) -> Router {
    if !config.hosted.enabled {
        return Router::new();
    }
    let registry = Arc::new(Registry {
        backend: backend.clone(),
        prefix: format!("{}/v2", config.server.base_path),
        public_origin: config.server.public_origin.clone(),
        // The configuration was checked when it was read.
        proxies: Proxies::parse(&config.access.trusted_proxies).unwrap_or_default(),
    });
    let handler = any(move |request: Request| {
        let registry = Arc::clone(&registry);
        async move { registry.answer(request).await }
    });
    let prefix = format!("{}/v2", config.server.base_path);
    Router::new()
        .route(&prefix, handler.clone())
        .route(&format!("{prefix}/"), handler.clone())
        .route(&format!("{prefix}/{{*rest}}"), handler)
}

impl Registry {
    async fn answer(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().strip_prefix(&self.prefix).unwrap_or_default();
        let path = path
            .strip_prefix('/')
            .unwrap_or(path)
            .replace("%3A", ":")
            .replace("%3a", ":");
        let Some(route) = Route::of(&parts.method, &path) else {
            return answer::error(StatusCode::NOT_FOUND, "UNSUPPORTED", "there is no such address");
        };
        let is_foreign =
            !parts.method.is_safe() && !origin::is_own(&parts.headers, &self.public_origin, false);
        if is_foreign {
            let reason = "the request came from a page of another site";
            return answer::error(StatusCode::FORBIDDEN, "DENIED", reason);
        }
        let challenge = self.challenge(&parts.headers, &route);
        let request = Request::from_parts(parts, body);
        match self.act(&route, request).await {
            Ok(response) => response,
            Err(error) => answer::failed(&error, &challenge),
        }
    }

    /// How to come in: by a token, for which the credentials are shown to this very server.
    fn challenge(&self, headers: &HeaderMap, route: &Route<'_>) -> String {
        let host = headers
            .get(HOST)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let origin = match self.public_origin.as_str() {
            "" => format!("http://{host}"),
            origin => origin.to_owned(),
        };
        let scope = match route.scope() {
            Some((name, actions)) => format!(",scope=\"repository:{name}:{actions}\""),
            None => String::new(),
        };
        format!("Bearer realm=\"{origin}/v2/token\",service=\"{host}\"{scope}").replace('\\', "")
    }

    /// Who asks. Unlike those of ChartMuseum's clients, credentials that are wrong are refused: `helm registry login` has
    /// no other way to know.
    async fn viewer(
        &self,
        authorization: Option<SecretString>,
        address: Option<IpAddr>,
    ) -> Result<Viewer, OciError> {
        let viewer = self
            .backend
            .accounts()
            .resume_hosted(authorization.as_ref())
            .await?;
        Ok(match address {
            Some(address) => viewer.from_address(address),
            None => viewer,
        })
    }

    async fn act(&self, route: &Route<'_>, request: Request) -> Result<Response, OciError> {
        let address = self.proxies.peer(&request).address;
        let viewer = &self.viewer(given(request.headers()), address).await?;
        let registry = self.backend.oci();
        let query = Query::read(request.uri().query().unwrap_or_default());
        Ok(match route {
            Route::Base => {
                // Even where all may read: a client that would log in shows its credentials only when it is asked.
                if !request.headers().contains_key(AUTHORIZATION) {
                    return Err(OciError::Other(Error::Unauthenticated {
                        reason: "show a token; `/v2/token` gives one, to nobody in particular, too"
                            .to_owned(),
                    }));
                }
                registry.check(viewer)?;
                answer::base()
            }
            Route::Token => answer::token(&shown(request.headers())),
            Route::Catalog => {
                let page = registry.catalog(viewer, query.last.as_deref(), query.n).await?;
                let next = |last: &str| format!("/v2/_catalog?{}", query.next(last));
                answer::list(json!({ "repositories": page.names }), &page, next)
            }
            Route::Tags(name) => {
                let page = registry
                    .tags(viewer, name, query.last.as_deref(), query.n)
                    .await?;
                let next = |last: &str| format!("/v2/{name}/tags/list?{}", query.next(last));
                answer::list(json!({ "name": name, "tags": page.names }), &page, next)
            }
            Route::Referrers(name, digest) => {
                let kind = query.artifact_type.as_deref();
                answer::referrers(
                    registry.referrers(viewer, name, digest, kind).await?,
                    kind.is_some(),
                )
            }
            Route::Blob(name, digest) => {
                let blob = registry.blob(viewer, name, digest).await?;
                answer::blob(blob, digest, request.method(), request.headers())
            }
            Route::DeleteBlob(name) => {
                registry.check_push(viewer, name)?;
                let text = "blobs go by themselves when no manifest names them";
                answer::error(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", text)
            }
            Route::Begin(name) => {
                let mount = query.mount.as_deref();
                let mount = mount.map(|digest| (query.from.as_deref().unwrap_or(name), digest));
                match (
                    registry.begin(viewer, name, mount).await?,
                    query.digest.as_deref(),
                ) {
                    (OciUpload::Mounted, _) => {
                        let digest = query.mount.as_deref().unwrap_or_default();
                        answer::created(&format!("/v2/{name}/blobs/{digest}"), digest)
                    }
                    (OciUpload::Begun(id), Some(digest)) => {
                        let finished = registry.finish(viewer, name, &id, digest, pieces(request)).await;
                        if finished.is_err() {
                            let _ = registry.cancel(viewer, name, &id).await;
                        }
                        finished?;
                        answer::created(&format!("/v2/{name}/blobs/{digest}"), digest)
                    }
                    (OciUpload::Begun(id), None) => {
                        answer::open(StatusCode::ACCEPTED, &upload(name, &id), &id, 0)
                    }
                }
            }
            Route::Progress(name, id) => {
                let n_bytes = registry.progress(viewer, name, id).await?;
                answer::open(StatusCode::NO_CONTENT, &upload(name, id), id, n_bytes)
            }
            Route::Append(name, id) => {
                let at = start(request.headers())?;
                let n_bytes = registry.append(viewer, name, id, at, pieces(request)).await?;
                answer::open(StatusCode::ACCEPTED, &upload(name, id), id, n_bytes)
            }
            Route::Finish(name, id) => {
                let digest = query.digest.as_deref().unwrap_or_default();
                registry.finish(viewer, name, id, digest, pieces(request)).await?;
                answer::created(&format!("/v2/{name}/blobs/{digest}"), digest)
            }
            Route::Cancel(name, id) => {
                registry.cancel(viewer, name, id).await?;
                answer::done(StatusCode::NO_CONTENT)
            }
            Route::Manifest(name, reference) => {
                let manifest = registry.manifest(viewer, name, reference).await?;
                answer::manifest(manifest, reference.contains(':'))
            }
            Route::PushManifest(name, reference) => {
                registry.check_push(viewer, name)?;
                let kind = request.headers().get(CONTENT_TYPE);
                let kind = kind
                    .and_then(|value| value.to_str().ok())
                    .unwrap_or_default()
                    .to_owned();
                let content = whole(request).await?;
                let pushed = registry.push(viewer, name, reference, &kind, content).await?;
                answer::pushed(&format!("/v2/{name}/manifests/{}", pushed.digest), &pushed)
            }
            Route::DeleteManifest(name, reference) => {
                registry.delete(viewer, name, reference).await?;
                answer::done(StatusCode::ACCEPTED)
            }
        })
    }
}

/// What is in the query of some address.
#[derive(Debug, Default, PartialEq, Eq)]
struct Query {
    digest: Option<String>,
    mount: Option<String>,
    from: Option<String>,
    last: Option<String>,
    n: Option<usize>,
    artifact_type: Option<String>,
}

impl Query {
    fn read(query: &str) -> Self {
        let mut read = Self::default();
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            match key.as_ref() {
                "digest" => read.digest = Some(value),
                "mount" => read.mount = Some(value),
                "from" => read.from = Some(value),
                "last" => read.last = Some(value),
                "n" => read.n = value.parse().ok(),
                "artifactType" => read.artifact_type = Some(value),
                _ => {}
            }
        }
        read
    }

    /// The query of the part after this one.
    fn next(&self, last: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("last", last);
        if let Some(n) = self.n {
            query.append_pair("n", &n.to_string());
        }
        query.finish()
    }
}

fn upload(name: &str, id: &str) -> String {
    format!("/v2/{name}/blobs/uploads/{id}")
}

/// Where the client says that its bytes begin.
fn start(headers: &HeaderMap) -> Result<Option<u64>, OciError> {
    let Some(range) = headers.get(CONTENT_RANGE) else {
        return Ok(None);
    };
    let first = range.to_str().ok().and_then(|range| {
        let range = range.strip_prefix("bytes ").unwrap_or(range);
        range.split('-').next()?.trim().parse().ok()
    });
    match first {
        Some(first) => Ok(Some(first)),
        None => Err(OciError::UploadInvalid {
            reason: "Content-Range is not `FIRST-LAST`".to_owned(),
        }),
    }
}

/// The credentials that a request shows; none where they are nobody's token.
fn given(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (_, token) = value.split_once(' ').unwrap_or_default();
    match token.strip_prefix(PAIR) {
        Some(pair) => Some(SecretString::new(format!("Basic {pair}"))),
        None if token == NOBODY => None,
        None => Some(SecretString::new(value)),
    }
}

/// A token that stands for the credentials, which were checked.
fn shown(headers: &HeaderMap) -> String {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    match value.and_then(|value| value.split_once(' ')) {
        Some((scheme, given)) if scheme.eq_ignore_ascii_case("bearer") => given.trim().to_owned(),
        Some((_, given)) => format!("{PAIR}{}", given.trim()),
        None => NOBODY.to_owned(),
    }
}

fn pieces(request: Request) -> futures_util::stream::BoxStream<'static, backend::Result<Bytes>> {
    let body: Body = request.into_body();
    body.into_data_stream()
        .map(|piece| {
            piece.map_err(|error| Error::Invalid {
                field: "body",
                message: error.to_string(),
            })
        })
        .boxed()
}

/// The body of a manifest; of a longer one more than is allowed, which the backend refuses.
async fn whole(request: Request) -> Result<Bytes, OciError> {
    let mut pieces = pieces(request);
    let mut whole = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        whole.extend_from_slice(&piece?);
        if whole.len() >= MAX_MANIFEST_BYTES {
            break;
        }
    }
    Ok(whole.freeze())
}

#[cfg(test)]
mod tests {
    use http::header::{AUTHORIZATION, CONTENT_RANGE};
    use http::{HeaderMap, HeaderValue};

    use super::{NOBODY, Query, shown, start};

    #[test]
    fn tokens_are_found_in_either_scheme() {
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
            shown(&headers)
        };
        assert_eq!(of("Bearer abc"), "abc");
        assert_eq!(of("Basic Y2k6c2VjcmV0"), "basic.Y2k6c2VjcmV0");
        assert_eq!(shown(&HeaderMap::new()), NOBODY);
    }

    #[test]
    fn ranges_and_queries_are_read() {
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_RANGE, HeaderValue::from_static(value));
            start(&headers).ok().flatten()
        };
        assert_eq!(
            (of("0-9"), of("10-19"), of("bytes 5-6/7"), of("x")),
            (Some(0), Some(10), Some(5), None)
        );
        let query = Query::read("n=2&last=a%2Fb&digest=sha256%3Aaa");
        assert_eq!(query.digest.as_deref(), Some("sha256:aa"));
        assert_eq!(query.next("x y"), "last=x+y&n=2");
    }
}
