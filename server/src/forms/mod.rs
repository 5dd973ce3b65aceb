//! What plain forms of pages send, one file a page.
//!
//! A form is posted to the address of its page. Where it works, the browser is sent on with `303`, so that a reload sends
//! nothing again; where it does not, the answer is the page itself with the reason and what was typed, passwords left out.

pub(crate) mod account;
pub(crate) mod accounts;
pub(crate) mod change;
pub(crate) mod hosted;
pub(crate) mod hosted_care;
pub(crate) mod releases;
pub(crate) mod setup;
pub(crate) mod sign_in;

use app::CARRIED;
use app::api::{FormOutcome, FormToken};
use app::error::{AppError, ErrorKind};
use app::routes::Links;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use backend::Viewer;
use backend::secret::SecretString;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use url::form_urlencoded;

use crate::access::{Peer, SessionSecret};
use crate::pages;
use crate::state::AppState;

/// No form without values is larger.
const MAX_BYTES: usize = 64 * 1024;
/// Values have at most 1 MiB, of which every character may be sent as three.
const MAX_BYTES_WITH_VALUES: usize = 4 << 20;
/// Fields that are never shown again.
const SECRET_FIELDS: &[&str] = &[
    "password",
    "current_password",
    "new_password",
    "token",
    "form_token",
];

/// A form that was sent, with the request it came in.
pub(crate) struct Form {
    parts: Parts,
    fields: Vec<(String, String)>,
}

impl Form {
    /// Reads a form. One that is sent within a session must have been made for it: its token is checked here, so that no
    /// handler can forget to.
    pub(crate) async fn read(state: &AppState, request: Request) -> Result<Self, Response> {
        Self::read_up_to(MAX_BYTES, state, request).await
    }

    /// The same for a form that holds values, or carries some along.
    pub(crate) async fn read_with_values(state: &AppState, request: Request) -> Result<Self, Response> {
        Self::read_up_to(MAX_BYTES_WITH_VALUES, state, request).await
    }

    async fn read_up_to(max_bytes: usize, state: &AppState, request: Request) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let is_form = parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        let body = match to_bytes(body, max_bytes).await {
            Ok(body) if is_form => body,
            _ => {
                let form = Self {
                    parts,
                    fields: Vec::new(),
                };
                let error = AppError::new(ErrorKind::Invalid, "what was sent is not a form of this site");
                return Err(form.failed(state, error).await);
            }
        };
        let fields = form_urlencoded::parse(&body).into_owned().collect();
        let form = Self { parts, fields };
        match form.check_token(state, form.get("form_token")) {
            Ok(()) => Ok(form),
            Err(error) => Err(form.failed(state, error).await),
        }
    }

    /// A form whose fields are read one by one by whoever has it: its token has to be checked before anything is done.
    fn unread(parts: Parts) -> Self {
        Self {
            parts,
            fields: Vec::new(),
        }
    }

    fn check_token(&self, state: &AppState, given: &str) -> Result<(), AppError> {
        let Some(session) = self.session() else {
            return Ok(());
        };
        if state
            .backend
            .accounts()
            .is_form_token(session, &SecretString::new(given))
        {
            return Ok(());
        }
        Err(AppError::new(
            ErrorKind::Forbidden,
            "the form was made for another session; try again on this page",
        ))
    }

    /// A field's text, empty where it is missing.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// A field's text, or nothing where the field is missing.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(field, _)| field == name);
        field.map(|(_, value)| value.as_str())
    }

    /// A field's text that is shown to nobody.
    pub(crate) fn secret(&self, name: &str) -> SecretString {
        SecretString::new(self.get(name))
    }

    /// A field's text, or nothing where there is none.
    pub(crate) fn optional(&self, name: &str) -> Option<String> {
        Some(self.get(name).trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The texts of a field that can be there several times.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.fields
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// Everything that was sent, in its order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The path that it was sent to.
    pub(crate) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    pub(crate) fn viewer(&self) -> Viewer {
        self.parts
            .extensions
            .get::<Viewer>()
            .cloned()
            .unwrap_or_else(Viewer::anonymous)
    }

    pub(crate) fn session(&self) -> Option<&SecretString> {
        self.parts
            .extensions
            .get::<SessionSecret>()
            .map(|session| &session.0)
    }

    pub(crate) fn headers(&self) -> &http::HeaderMap {
        &self.parts.headers
    }

    pub(crate) fn peer(&self) -> Peer {
        self.parts.extensions.get::<Peer>().copied().unwrap_or(Peer {
            address: None,
            is_https: false,
        })
    }

    /// The page again, with the reason and what was typed.
    pub(crate) async fn failed(self, state: &AppState, error: AppError) -> Response {
        self.again(state, Some(error)).await
    }

    /// The page again with what was typed, and with the reason where something is wrong.
    pub(crate) async fn again(self, state: &AppState, error: Option<AppError>) -> Response {
        let typed = self
            .fields
            .iter()
            .filter(|(name, _)| !SECRET_FIELDS.contains(&name.as_str()))
            .cloned()
            .collect();
        let outcome = FormOutcome {
            error,
            typed,
            ..FormOutcome::default()
        };
        self.page(state, outcome).await
    }

    /// What was carried along, as the form of the page at `path` that somebody who has just signed in is to see.
    ///
    /// Nothing is done of what that form asked for: who has come in looks at it first.
    pub(crate) fn carried(
        self,
        path: &str,
        viewer: Viewer,
        session: SecretString,
        token: FormToken,
    ) -> Option<Self> {
        let fields: Vec<(String, String)> = self
            .fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(CARRIED)?.to_owned(), value)))
            .filter(|(name, _)| name != "do")
            .collect();
        if fields.is_empty() {
            return None;
        }
        let mut parts = self.parts;
        parts.uri = path.parse().ok()?;
        parts.extensions.insert(viewer);
        parts.extensions.insert(SessionSecret(session));
        parts.extensions.insert(token);
        Some(Self { parts, fields })
    }

    /// The page that the form is on, which shows how it ended.
    pub(crate) async fn page(self, state: &AppState, outcome: FormOutcome) -> Response {
        let mut request = Request::from_parts(self.parts, Body::empty());
        // To the page it is a visit like any other.
        *request.method_mut() = Method::GET;
        let mut response = pages::document(state, request, outcome).await;
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        response
    }
}

/// The addresses of the site.
pub(crate) fn links(state: &AppState) -> Links {
    Links::new(&state.config.server.base_path)
}

/// Sends the browser on; a reload there sends the form no second time.
fn see_other(path: &str) -> Response {
    match HeaderValue::try_from(path) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Where to go after signing in, if it is a path of this site and nothing else.
///
/// Browsers read `//host` and `/\host` as another site, and leave out tabs and line breaks before they look.
fn own_path(path: &str) -> Option<&str> {
    let is_odd = |c: char| c.is_control() || c == '\\';
    let is_path = path.starts_with('/') && !path.starts_with("//") && !path.chars().any(is_odd);
    is_path.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_paths_of_this_site_are_returned_to() {
        for good in ["/", "/charts?q=a//b", "/account#tokens", "/a/b%0d%0a"] {
            assert_eq!(own_path(good), Some(good));
        }
        for bad in [
            "",
            "charts",
            "//evil.org",
            "/\\evil.org",
            "\\/evil.org",
            "https://evil.org",
            "javascript:alert(1)",
            "/\t/evil.org",
            "/\n/evil.org",
            "\t//evil.org",
            " //evil.org",
            "/a\r\nset-cookie: x=y",
        ] {
            assert_eq!(own_path(bad), None, "{bad:?}");
        }
    }
}
