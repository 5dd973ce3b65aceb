//! The whole site in this process: every route and layer, without a socket.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use backend::clock::{Clock, SystemClock};
use backend::ops::NewUser;
use backend::secret::SecretString;
use backend::store::KubernetesIdentity;
use backend::{Backend, Bytes, Viewer};
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use http::{HeaderMap, Method, Request};
use model::access::{Grant, Role};
use server::config::Config;
use server::{AppState, router};
use tower::ServiceExt as _;

use crate::contract;

pub(crate) const PASSWORD: &str = "a long enough one";

/// A site with its data in a temporary folder.
pub(crate) struct Site {
    router: Router,
    pub(crate) backend: Backend,
    _dir: tempfile::TempDir,
}

/// What a request is made of; by default a form of a page of ours.
pub(crate) struct Sent<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) host: &'a str,
    pub(crate) origin: Option<&'a str>,
    pub(crate) cookie: Option<&'a str>,
    pub(crate) bearer: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    /// Any others.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: String,
}

impl Default for Sent<'_> {
    fn default() -> Self {
        Self {
            method: Method::GET,
            path: "/",
            host: "localhost:8080",
            origin: None,
            cookie: None,
            bearer: None,
            content_type: None,
            headers: &[],
            body: String::new(),
        }
    }
}

impl<'a> Sent<'a> {
    pub(crate) fn get(path: &'a str) -> Self {
        Self {
            path,
            ..Self::default()
        }
    }

    /// A form that a page of ours sends.
    pub(crate) fn form(path: &'a str, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        Self {
            method: Method::POST,
            path,
            origin: Some("http://localhost:8080"),
            content_type: Some("application/x-www-form-urlencoded"),
            body,
            ..Self::default()
        }
    }

    /// What a program sends.
    pub(crate) fn json(method: Method, path: &'a str, body: &serde_json::Value) -> Self {
        Self {
            method,
            path,
            content_type: Some("application/json"),
            body: body.to_string(),
            ..Self::default()
        }
    }

    pub(crate) fn with(self, cookie: &'a str) -> Self {
        Self {
            cookie: Some(cookie),
            ..self
        }
    }

    pub(crate) fn by(self, bearer: &'a str) -> Self {
        Self {
            bearer: Some(bearer),
            ..self
        }
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: impl http::header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    pub(crate) fn location(&self) -> &str {
        self.header(LOCATION)
    }

    /// `name=value` of the session's cookie that the answer sets.
    pub(crate) fn cookie(&self) -> String {
        let cookie = self.header(SET_COOKIE);
        cookie.split(';').next().unwrap_or_default().to_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The value of the first hidden field with that name.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let field = format!("name=\"{name}\" value=\"");
        let after = self.body.split_once(&field).map(|(_, after)| after);
        let value = after.and_then(|after| after.split('"').next());
        value.unwrap_or_default().to_owned()
    }
}

impl Site {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::with_charts(change, Vec::new()).await
    }

    /// With charts in the repository `samples`, each the name of an archive and its bytes.
    pub(crate) async fn with_charts(change: impl FnOnce(&mut Config), charts: Vec<(String, Bytes)>) -> Self {
        Self::with_clock(change, charts, Arc::new(SystemClock)).await
    }

    /// The same, at a time of the caller's.
    pub(crate) async fn with_clock(
        change: impl FnOnce(&mut Config),
        charts: Vec<(String, Bytes)>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut config = Config::for_test(dir.path());
        change(&mut config);
        let mut settings = config.backend_settings();
        settings.samples = (!charts.is_empty()).then_some(charts);
        let backend = Backend::open_with_clock(settings, clock).await;
        let backend = backend.expect("it opens");
        Self {
            router: router(AppState::new(backend.clone(), config)),
            backend,
            _dir: dir,
        }
    }

    /// Adds a user straight in the database.
    pub(crate) async fn user(&self, name: &str, role: Option<Role>) {
        let grant = |role| Grant {
            role,
            cluster: None,
            namespace: None,
        };
        let new = NewUser {
            name: name.to_owned(),
            password: SecretString::new(PASSWORD),
            grants: role.map(grant).into_iter().collect(),
            identity: KubernetesIdentity::default(),
        };
        self.backend
            .accounts()
            .create_user(&Viewer::system(), new)
            .await
            .expect("the user is added");
    }

    /// Signs in by the form; the cookie.
    pub(crate) async fn sign_in(&self, name: &str) -> String {
        let answer = self
            .send(Sent::form("/sign-in", &[("name", name), ("password", PASSWORD)]))
            .await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.cookie()
    }

    /// The token of the forms that this session's pages hold.
    pub(crate) async fn form_token(&self, cookie: &str) -> String {
        self.send(Sent::get("/account").with(cookie))
            .await
            .hidden("form_token")
    }

    /// A token of a user with these scopes.
    pub(crate) async fn token(&self, name: &str, scopes: &[&str]) -> String {
        let cookie = self.sign_in(name).await;
        let body = serde_json::json!({ "label": "test", "scopes": scopes, "valid_days": 1 });
        let sent = Sent {
            origin: Some("http://localhost:8080"),
            ..Sent::json(Method::POST, "/api/v1/tokens", &body)
        };
        let answer = self.send(sent.with(&cookie)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()["data"]["token"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The body of an answer as it came, which has to be one.
    pub(crate) async fn bytes(&self, sent: Sent<'_>) -> Vec<u8> {
        let (parts, body) = self.answer(sent).await;
        assert_eq!(parts.status, 200);
        body.to_vec()
    }

    /// Sends a request. What the API answers has to be what its description says.
    pub(crate) async fn send(&self, sent: Sent<'_>) -> Answer {
        let (method, path) = (sent.method.clone(), sent.path);
        let (parts, body) = self.answer(sent).await;
        let answer = Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        contract::check(&method, path, &answer);
        answer
    }

    /// Sends a request; the head and the body of the answer as they came.
    pub(crate) async fn answer(&self, sent: Sent<'_>) -> (http::response::Parts, Bytes) {
        let mut request = Request::builder()
            .method(sent.method)
            .uri(sent.path)
            .header(HOST, sent.host);
        let bearer = sent.bearer.map(|token| format!("Bearer {token}"));
        let headers = [
            (ORIGIN, sent.origin),
            (COOKIE, sent.cookie),
            (http::header::AUTHORIZATION, bearer.as_deref()),
            (CONTENT_TYPE, sent.content_type),
        ];
        for (name, value) in headers {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        for (name, value) in sent.headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(sent.body)).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        (parts, to_bytes(body, usize::MAX).await.expect("a body"))
    }
}

/// A runtime for one test.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}
