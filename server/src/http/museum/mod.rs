//! ChartMuseum's API: its routes, statuses and the texts that clients parse (`helm`, `helm cm-push`, Terraform, scripts).
//!
//! One handler for every address below a context path, because tenants are as deep as the configuration says; [`route`]
//! reads addresses, [`body`] what is uploaded, [`answer`] writes answers. Mounted on the main origin, and by
//! `chartroom museum` on a listener of its own. Cookies mean nothing here: programs show a token or basic authentication,
//! so that no page of another site can act for whoever looks at it.

mod answer;
mod body;
mod route;

use std::net::IpAddr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::any;
use backend::ops::{HostedError, NewUpload, Uploaded};
use backend::secret::SecretString;
use backend::settings::HostedSettings;
use backend::{Action, Backend, Error, Viewer};
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, StatusCode};

use crate::access::{Proxies, origin};
use crate::config::Config;
use crate::http::validators;
use answer::Challenge;
use body::{BodyError, Budget, Form};
use route::{Depth, Route};

/// A file of a welcome page that is larger is not served.
const MAX_STATIC_BYTES: u64 = 16 * 1024 * 1024;

/// Everything the handler needs.
struct Museum {
    backend: Backend,
    settings: HostedSettings,
    /// What addresses begin with, base path included.
    prefix: String,
    public_origin: String,
    proxies: Proxies,
    budget: Budget,
}

/// The routes, where `config` has them below the main origin; none where hosted repositories are switched off there.
pub(crate) fn router(backend: &Backend, config: &Config) -> Router {
    let hosted = &config.hosted;
    if !hosted.enabled || hosted.context_path.is_empty() {
        return Router::new();
    }
    let prefix = format!("{}{}", config.server.base_path, hosted.context_path);
    let museum = Arc::new(Museum::new(backend, config, prefix.clone()));
    let handler = any(move |request: Request| {
        let museum = Arc::clone(&museum);
        async move { museum.answer(request).await }
    });
    Router::new()
        .route(&prefix, handler.clone())
        .route(&format!("{prefix}/"), handler.clone())
        .route(&format!("{prefix}/{{*rest}}"), handler)
}

/// The routes on a listener of their own.
pub(crate) fn standalone(backend: &Backend, config: &Config) -> Router {
    let prefix = config.hosted.context_path.clone();
    let museum = Arc::new(Museum::new(backend, config, prefix));
    Router::new().fallback(move |request: Request| {
        let museum = Arc::clone(&museum);
        async move { museum.answer(request).await }
    })
}

impl Museum {
    fn new(backend: &Backend, config: &Config, prefix: String) -> Self {
        Self {
            backend: backend.clone(),
            budget: Budget::new(config.hosted.max_upload_bytes),
            settings: config.hosted.clone(),
            prefix,
            public_origin: config.server.public_origin.clone(),
            // The configuration was checked when it was read.
            proxies: Proxies::parse(&config.access.trusted_proxies).unwrap_or_default(),
        }
    }

    fn depth(&self) -> Depth {
        match self.settings.depth_dynamic {
            true => Depth::Dynamic,
            false => Depth::Fixed(self.settings.depth as usize),
        }
    }

    fn route(&self, method: &Method, path: &str) -> Option<Route> {
        let below = path.strip_prefix(&self.prefix)?;
        if !below.is_empty() && !below.starts_with('/') {
            return None;
        }
        let route = Route::of(method, below, self.depth())?;
        let is_there = match &route {
            Route::Static(_) => self.settings.web_template_dir.is_some(),
            Route::ArtifactHub(_) => !self.settings.artifact_hub_ids.is_empty(),
            Route::Delete(..) => self.settings.api && self.settings.delete,
            route if route.is_api() => self.settings.api,
            _ => true,
        };
        is_there.then_some(route)
    }

    async fn answer(&self, request: Request) -> Response {
        let Some(route) = self.route(request.method(), request.uri().path()) else {
            return answer::error(StatusCode::NOT_FOUND, "not found");
        };
        let is_api = route.is_api();
        let challenge = Challenge {
            realm: &self.settings.auth_realm,
            service: &self.settings.auth_service,
            tenant: route.tenant(),
            right: route.right(),
        };
        let is_foreign = !request.method().is_safe()
            && !origin::is_own(request.headers(), &self.public_origin, false)
            && !self.is_allowed_origin(request.headers());
        let result = if is_foreign {
            // An open server on somebody's own machine is within reach of every page that they look at.
            let reason = "the request came from a page of another site";
            Ok(answer::error(StatusCode::FORBIDDEN, reason))
        } else {
            self.act(&route, request).await
        };
        let mut response = result.unwrap_or_else(|error| answer::failed(&error, &challenge));
        if is_api {
            answer::allow_origin(&mut response, &self.settings.cors_allow_origin);
        }
        response
    }

    fn is_allowed_origin(&self, headers: &HeaderMap) -> bool {
        let allowed = self.settings.cors_allow_origin.as_str();
        let origin = headers
            .get(http::header::ORIGIN)
            .and_then(|value| value.to_str().ok());
        allowed == "*" || (!allowed.is_empty() && origin == Some(allowed))
    }

    /// Who asks. Credentials that are wrong are none: what is everybody's they do not close.
    async fn viewer(
        &self,
        authorization: Option<SecretString>,
        address: Option<IpAddr>,
    ) -> Result<Viewer, HostedError> {
        let viewer = match self
            .backend
            .accounts()
            .resume_hosted(authorization.as_ref())
            .await
        {
            Ok(viewer) => viewer,
            Err(Error::Unauthenticated { .. }) => Viewer::anonymous(),
            Err(error) => return Err(error.into()),
        };
        Ok(match address {
            Some(address) => viewer.from_address(address),
            None => viewer,
        })
    }

    async fn act(&self, route: &Route, request: Request) -> Result<Response, HostedError> {
        match route {
            Route::Info => return Ok(answer::info()),
            Route::Health => return Ok(answer::health()),
            _ => {}
        }
        let authorization = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .map(SecretString::new);
        let address = self.proxies.peer(&request).address;
        let viewer = &self.viewer(authorization, address).await?;
        let query = request.uri().query().unwrap_or_default().to_owned();
        let hosted = self.backend.hosted();
        let is_head = request.method() == Method::HEAD;
        Ok(match route {
            Route::Info | Route::Health => answer::health(),
            Route::Welcome => {
                hosted.check(viewer, Action::PullHosted { tenant: "" })?;
                answer::welcome(self.template("index.html").await)
            }
            Route::Static(path) => {
                hosted.check(viewer, Action::PullHosted { tenant: "" })?;
                match self.template(&format!("static/{path}")).await {
                    Some(bytes) => answer::file(path, bytes),
                    None => answer::error(StatusCode::NOT_FOUND, "not found"),
                }
            }
            Route::Index(tenant) => {
                let index = hosted.index(viewer, tenant).await?;
                answer::index(request.headers(), index).await?
            }
            Route::ArtifactHub(tenant) => {
                hosted.check(viewer, Action::PullHosted { tenant })?;
                match self.settings.artifact_hub_ids.get(tenant) {
                    Some(id) => answer::artifact_hub(id),
                    None => {
                        let text = "Artifact Hub repository ID not found";
                        answer::error(StatusCode::NOT_FOUND, text)
                    }
                }
            }
            Route::File(_, file) if !file.ends_with(".tgz") && !file.ends_with(".tgz.prov") => {
                hosted.check(
                    viewer,
                    Action::PullHosted {
                        tenant: route.tenant(),
                    },
                )?;
                answer::error(StatusCode::INTERNAL_SERVER_ERROR, "unsupported file extension")
            }
            Route::File(tenant, file) => {
                let download = hosted.download(viewer, tenant, file).await?;
                let etag = format!("\"{}\"", download.digest);
                let is_known = validators::is_known(request.headers(), &etag);
                answer::download(download, &etag, is_known, is_head)
            }
            Route::List(tenant) => match part(&query) {
                Ok((offset, limit)) => {
                    let list = hosted.list(viewer, tenant, offset, limit).await?;
                    answer::list(request.headers(), &list).await?
                }
                Err(text) => {
                    hosted.check(viewer, Action::PullHosted { tenant })?;
                    answer::error(StatusCode::BAD_REQUEST, text)
                }
            },
            Route::Chart(tenant, name) => answer::json(hosted.versions(viewer, tenant, name).await?),
            Route::Version(tenant, name, version) => {
                answer::json(hosted.version(viewer, tenant, name, version).await?)
            }
            Route::Templates(tenant, name, version) => {
                answer::json(hosted.templates(viewer, tenant, name, version).await?)
            }
            Route::Values(tenant, name, version) => {
                answer::yaml(hosted.values(viewer, tenant, name, version).await?)
            }
            Route::Push(tenant) => self.push(viewer, tenant, has_force(&query), request).await?,
            Route::PushProvenance(tenant) => {
                self.push_provenance(viewer, tenant, has_force(&query), request)
                    .await?
            }
            Route::Delete(tenant, name, version) => {
                hosted.delete(viewer, tenant, name, version).await?;
                answer::deleted()
            }
        })
    }

    async fn push(
        &self,
        viewer: &Viewer,
        tenant: &str,
        force: bool,
        request: Request,
    ) -> Result<Response, HostedError> {
        // Before a byte of the body is read: strangers' bytes cost nothing.
        self.backend
            .hosted()
            .check(viewer, Action::PushHosted { tenant })?;
        let (parts, body) = request.into_parts();
        let received = self.receive(&parts.headers, body).await;
        let (form, is_form, _permit) = match received {
            Ok(received) => received,
            Err(error) => return Ok(answer::unread(&error)),
        };
        if form == Form::default() {
            let (chart, provenance) = (&self.settings.chart_field, &self.settings.provenance_field);
            let text = format!("no package or provenance file found in form fields {chart} and {provenance}");
            return Ok(answer::error(StatusCode::BAD_REQUEST, &text));
        }
        let new = NewUpload {
            archive: form.chart,
            provenance: form.provenance,
            force,
        };
        match self.backend.hosted().upload(viewer, tenant, new).await {
            Ok(uploaded) => Ok(self.saved(tenant, &uploaded)),
            Err(HostedError::Exists { .. }) => Ok(answer::error(
                StatusCode::CONFLICT,
                if is_form {
                    "chart already exists"
                } else {
                    "file already exists"
                },
            )),
            // Of a form it is a bad request.
            Err(error @ HostedError::NotProvenance) => {
                Ok(answer::error(StatusCode::BAD_REQUEST, &error.to_string()))
            }
            Err(error) => Err(error),
        }
    }

    async fn push_provenance(
        &self,
        viewer: &Viewer,
        tenant: &str,
        force: bool,
        request: Request,
    ) -> Result<Response, HostedError> {
        self.backend
            .hosted()
            .check(viewer, Action::PushHosted { tenant })?;
        let (parts, body) = request.into_parts();
        let received = async {
            let permit = self.budget.room(&parts.headers).await?;
            Ok((self.budget.bytes(body).await?, permit))
        };
        let (provenance, _permit) = match received.await {
            Ok(received) => received,
            Err(error) => return Ok(answer::unread(&error)),
        };
        let new = NewUpload {
            archive: None,
            provenance: Some(provenance),
            force,
        };
        let uploaded = self.backend.hosted().upload(viewer, tenant, new).await?;
        Ok(self.saved(tenant, &uploaded))
    }

    /// What was sent, and whether it was a form. The permit stands for the bytes in memory.
    async fn receive(
        &self,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<(Form, bool, tokio::sync::SemaphorePermit<'_>), BodyError> {
        let permit = self.budget.room(headers).await?;
        let settings = &self.settings;
        if let Some(boundary) = body::boundary(headers) {
            let chart = ["chart", settings.chart_field.as_str()];
            let provenance = ["prov", settings.provenance_field.as_str()];
            let form = self.budget.form(body, boundary, &chart, &provenance).await?;
            return Ok((form, true, permit));
        }
        let form = Form {
            chart: Some(self.budget.bytes(body).await?),
            provenance: None,
        };
        Ok((form, false, permit))
    }

    fn saved(&self, tenant: &str, uploaded: &Uploaded) -> Response {
        let below = if tenant.is_empty() { "" } else { "/" };
        answer::saved(uploaded, &format!("{}{below}{tenant}/charts/", self.prefix))
    }

    /// A file of the welcome page.
    async fn template(&self, path: &str) -> Option<Bytes> {
        let root = self.settings.web_template_dir.as_ref()?;
        let path = within(root, path)?;
        let metadata = tokio::fs::metadata(&path).await.ok()?;
        if !metadata.is_file() || metadata.len() > MAX_STATIC_BYTES {
            return None;
        }
        tokio::fs::read(path).await.ok().map(Bytes::from)
    }
}

/// A path that stays in its directory.
fn within(root: &Path, path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    let is_plain = path
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    is_plain.then(|| root.join(path))
}

fn has_force(query: &str) -> bool {
    pairs(query).any(|(key, _)| key == "force")
}

/// Which part of the list is asked for; the texts are ChartMuseum's.
fn part(query: &str) -> Result<(usize, Option<usize>), &'static str> {
    let (mut offset, mut limit) = (0, None);
    for (key, value) in pairs(query) {
        match key {
            "offset" => {
                offset = value
                    .parse()
                    .map_err(|_| "offset is not a valid non-negative integer")?;
            }
            "limit" => {
                let n: usize = value
                    .parse()
                    .ok()
                    .filter(|n| *n > 0)
                    .ok_or("limit is not a valid positive integer")?;
                limit = Some(n);
            }
            _ => {}
        }
    }
    Ok((offset, limit))
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{has_force, part, within};

    #[test]
    fn queries_are_read_as_chartmuseum_reads_them() {
        let rows = [
            ("", Ok((0, None))),
            ("offset=10&limit=5", Ok((10, Some(5)))),
            ("offset=2", Ok((2, None))),
            (
                "offset=-1&limit=5",
                Err("offset is not a valid non-negative integer"),
            ),
            ("offset=", Err("offset is not a valid non-negative integer")),
            ("limit=0", Err("limit is not a valid positive integer")),
            ("limit=x", Err("limit is not a valid positive integer")),
            ("other=1", Ok((0, None))),
        ];
        for (query, want) in rows {
            assert_eq!(part(query), want, "{query}");
        }
        for (query, want) in [
            ("force", true),
            ("force=false", true),
            ("forced", false),
            ("", false),
            ("a&force", true),
        ] {
            assert_eq!(has_force(query), want, "{query}");
        }
    }

    #[test]
    fn templates_stay_in_their_directory() {
        let root = Path::new("/web");
        assert_eq!(
            within(root, "static/a.css").as_deref(),
            Some(Path::new("/web/static/a.css"))
        );
        for path in [
            "../etc/passwd",
            "static/../../etc/passwd",
            "/etc/passwd",
            "./index.html/..",
        ] {
            assert_eq!(within(root, path), None, "{path}");
        }
    }
}
