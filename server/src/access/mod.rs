//! Who asks: turns a cookie or a token into the viewer of a request, before anything else looks at it.
//!
//! [`identify`] is the one door. It puts a `Viewer` into the request, which pages, server functions and the API find there,
//! and turns away requests that would change something on behalf of a browser that another site made send them. What a
//! viewer may do is not decided here: that is `backend`'s.

pub(crate) mod cookie;
pub(crate) mod origin;
mod peer;

use app::api::FormToken;
use app::error::{AppError, ErrorKind};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use backend::secret::SecretString;
use backend::{ClusterToken, Viewer};
use http::header::{AUTHORIZATION, CACHE_CONTROL, VARY};
use http::{HeaderMap, HeaderValue};

pub(crate) use peer::{Peer, Proxies};

use crate::http::error::Problem;
use crate::state::AppState;

/// What our tokens begin with. Other bearers are not ours: a proxy may have its own reasons for them.
const TOKEN_PREFIX: &str = "crt_";

/// `NAME TOKEN`: a token for a cluster, once for each cluster. With it a request is made in that cluster by nothing else.
const CLUSTER_TOKEN: &str = "chartroom-cluster-token";
/// As many as a request may bring; nobody works with more at once.
const MAX_CLUSTER_TOKENS: usize = 16;

/// The secret of the session that a request came with, for those who end it or check a form.
#[derive(Clone)]
pub(crate) struct SessionSecret(pub(crate) SecretString);

/// Finds out who asks; a layer of every route that shows or changes anything.
pub(crate) async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let peer = state.proxies.peer(&request);
    let headers = request.headers();
    let is_safe = request.method().is_safe();
    let accounts = state.backend.accounts();
    let basic = basic(headers).filter(|_| is_safe && is_mirror(&state, &request));
    let (viewer, session) = match (bearer(headers), basic) {
        (Some(token), _) => match accounts.resume_token(&token).await {
            Ok(viewer) => (viewer, None),
            Err(error) => return Problem::from(error).into_response(),
        },
        (None, Some(pair)) => match accounts.resume_hosted(Some(&pair)).await {
            Ok(viewer) => (viewer, None),
            Err(error) => return Problem::from(error).into_response(),
        },
        (None, None) => {
            let session = cookie::read(headers);
            if !is_safe && !origin::is_own(headers, &state.config.server.public_origin, session.is_some()) {
                return foreign().into_response();
            }
            match resume(&state, session).await {
                Ok(found) => found,
                Err(error) => return Problem::from(error).into_response(),
            }
        }
    };
    let viewer = match with_cluster_tokens(viewer, headers) {
        Ok(viewer) => viewer,
        Err(error) => return Problem::from(error).into_response(),
    };
    let is_somebody = viewer.name().is_some();
    let viewer = match peer.address {
        Some(address) => viewer.from_address(address),
        None => viewer,
    };
    let extensions = request.extensions_mut();
    extensions.insert(viewer);
    extensions.insert(peer);
    if let Some(session) = session {
        let token = state.backend.accounts().form_token(&session);
        extensions.insert(FormToken(token.expose().to_owned()));
        extensions.insert(SessionSecret(session));
    }
    let mut response = next.run(request).await;
    keep_private(
        response.headers_mut(),
        is_somebody,
        state.config.access.anonymous_catalog,
    );
    response
}

/// The viewer of a session's secret, and the secret if its session holds.
async fn resume(
    state: &AppState,
    session: Option<SecretString>,
) -> Result<(Viewer, Option<SecretString>), backend::Error> {
    if let Some(secret) = session
        && let Some(viewer) = state.backend.accounts().resume(&secret).await?
    {
        return Ok((viewer, Some(secret)));
    }
    Ok((Viewer::anonymous(), None))
}

/// What a request brings counts more than what is kept with its session.
fn with_cluster_tokens(viewer: Viewer, headers: &HeaderMap) -> Result<Viewer, AppError> {
    let wrong = |why: &str| AppError::new(ErrorKind::Invalid, format!("the header {CLUSTER_TOKEN} {why}"));
    let mut viewer = viewer;
    for (count, value) in headers.get_all(CLUSTER_TOKEN).iter().enumerate() {
        if count == MAX_CLUSTER_TOKENS {
            return Err(wrong("is there too often"));
        }
        let text = value.to_str().unwrap_or_default().trim();
        let (cluster, token) = text
            .split_once(' ')
            .ok_or_else(|| wrong("holds the name of a cluster, a space and a token"))?;
        viewer = viewer.with_cluster_token(cluster, ClusterToken::parse(token)?);
    }
    Ok(viewer)
}

fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    let is_ours = scheme.eq_ignore_ascii_case("bearer") && token.starts_with(TOKEN_PREFIX);
    is_ours.then(|| SecretString::new(token))
}

/// Helm shows a token as the password of basic authentication, and reads mirrors.
fn is_mirror(state: &AppState, request: &Request) -> bool {
    let path = request.uri().path().strip_prefix(&state.config.server.base_path);
    path.is_some_and(|path| path.starts_with("/mirror/"))
}

fn basic(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, _) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("basic")
        .then(|| SecretString::new(value))
}

/// What is said to a browser that another site made send a request.
fn foreign() -> Problem {
    Problem::from(AppError::new(
        ErrorKind::Forbidden,
        "the request came from another site, or does not say where from: a browser sends Origin or Sec-Fetch-Site, \
         programs use a token",
    ))
}

/// No cache keeps what was made for one user, and none shares what users get: they may see more than others do.
fn keep_private(headers: &mut HeaderMap, is_somebody: bool, is_open: bool) {
    if is_somebody || !is_open {
        // The same address has something for users that it does not have for others.
        headers.append(VARY, HeaderValue::from_static("cookie, authorization"));
    }
    match headers.get(CACHE_CONTROL) {
        None if is_somebody || !is_open => {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        }
        Some(value) if is_somebody || !is_open => {
            let private = value
                .to_str()
                .ok()
                .and_then(|value| value.strip_prefix("public"))
                .and_then(|rest| HeaderValue::try_from(format!("private{rest}")).ok());
            if let Some(private) = private {
                headers.insert(CACHE_CONTROL, private);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use http::header::{AUTHORIZATION, CACHE_CONTROL};
    use http::{HeaderMap, HeaderValue};

    use backend::Viewer;

    use super::{bearer, keep_private, with_cluster_tokens};

    #[test]
    fn tokens_of_clusters_are_whole_or_refused() {
        let with = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(
                    "chartroom-cluster-token",
                    HeaderValue::from_str(value).expect("a value"),
                );
            }
            with_cluster_tokens(Viewer::anonymous(), &headers)
        };
        assert_eq!(with(&[]).expect("nothing is fine"), Viewer::anonymous());
        let two = with(&["prod abc", "test  def "]).expect("two clusters");
        assert_eq!(two, with(&["test def", "prod abc"]).expect("in any order"));
        assert_ne!(two, with(&["test def", "prod abd"]).expect("another token"));
        let many: Vec<String> = (0..17).map(|n| format!("c{n} abc")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for wrong in [&["abc"][..], &[""], &["prod a,b"], &["prod "], &many] {
            let error = with(wrong).expect_err("it is refused").message;
            assert!(!error.contains("abc") && !error.contains("a,b"), "{error}");
        }
    }

    #[test]
    fn only_our_own_tokens_are_taken_for_tokens() {
        let rows = [
            ("Bearer crt_abc", Some("crt_abc")),
            ("bearer  crt_abc ", Some("crt_abc")),
            ("Bearer eyJhbGciOi", None),
            ("Basic crt_abc", None),
            ("crt_abc", None),
            ("", None),
        ];
        for (value, want) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
            let found = bearer(&headers);
            assert_eq!(found.as_ref().map(|token| token.expose()), want, "{value}");
        }
    }

    #[test]
    fn caches_keep_nothing_of_one_user() {
        let rows = [
            (None, false, true, None),
            (None, true, true, Some("private, no-store")),
            (None, false, false, Some("private, no-store")),
            (
                Some("public, max-age=60"),
                false,
                true,
                Some("public, max-age=60"),
            ),
            // They may see what others do not.
            (
                Some("public, max-age=60"),
                true,
                true,
                Some("private, max-age=60"),
            ),
            (
                Some("public, max-age=60"),
                false,
                false,
                Some("private, max-age=60"),
            ),
            (Some("no-store"), false, false, Some("no-store")),
        ];
        for (before, is_somebody, is_open, want) in rows {
            let mut headers = HeaderMap::new();
            if let Some(before) = before {
                headers.insert(CACHE_CONTROL, HeaderValue::from_static(before));
            }
            keep_private(&mut headers, is_somebody, is_open);
            let after = headers.get(CACHE_CONTROL).and_then(|value| value.to_str().ok());
            assert_eq!(after, want, "{before:?} {is_somebody} {is_open}");
        }
    }
}
