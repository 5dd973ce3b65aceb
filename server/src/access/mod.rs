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
use backend::Viewer;
use backend::secret::SecretString;
use http::header::{AUTHORIZATION, CACHE_CONTROL};
use http::{HeaderMap, HeaderValue};

pub(crate) use peer::{Peer, Proxies};

use crate::http::error::Problem;
use crate::state::AppState;

/// What our tokens begin with. Other bearers are not ours: a proxy may have its own reasons for them.
const TOKEN_PREFIX: &str = "crt_";

/// The secret of the session that a request came with, for those who end it or check a form.
#[derive(Clone)]
pub(crate) struct SessionSecret(pub(crate) SecretString);

/// Finds out who asks; a layer of every route that shows or changes anything.
pub(crate) async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let peer = state.proxies.peer(&request);
    let headers = request.headers();
    let is_safe = request.method().is_safe();
    let (viewer, session) = match bearer(headers) {
        Some(token) => match state.backend.accounts().resume_token(&token).await {
            Ok(viewer) => (viewer, None),
            Err(error) => return Problem::from(error).into_response(),
        },
        None => {
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

fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    let is_ours = scheme.eq_ignore_ascii_case("bearer") && token.starts_with(TOKEN_PREFIX);
    is_ours.then(|| SecretString::new(token))
}

/// What is said to a browser that another site made send a request.
fn foreign() -> Problem {
    Problem::from(AppError::new(
        ErrorKind::Forbidden,
        "the request came from another site, or does not say where from: a browser sends Origin or Sec-Fetch-Site, \
         programs use a token",
    ))
}

/// No cache keeps what was made for one user, and none shares what only users may read.
fn keep_private(headers: &mut HeaderMap, is_somebody: bool, is_open: bool) {
    match headers.get(CACHE_CONTROL) {
        None if is_somebody || !is_open => {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        }
        Some(value) if !is_open => {
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

    use super::{bearer, keep_private};

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
            (Some("public, max-age=60"), true, true, Some("public, max-age=60")),
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
