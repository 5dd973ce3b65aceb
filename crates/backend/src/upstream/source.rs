//! Requests to one repository and to where its index points.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
};
use http::{Method, StatusCode};
use reqwest::{Client, Response};
use tokio::time::{Instant, timeout, timeout_at};
use url::{Host, Url};

use super::FetchError;
use super::credentials::{Sealed, same_origin, shown};
use super::guard::Refusal;
use super::registry::RegistryAccess;
use super::resolver::{GuardedResolver, refusal_in};
use super::retry::{delay, retry_after};
use crate::settings::UpstreamSettings;

/// How to talk to one repository.
#[derive(Clone)]
pub(crate) struct Source {
    pub(super) settings: Arc<UpstreamSettings>,
    pub(super) client: Client,
    pub(super) resolver: GuardedResolver,
    pub(super) is_proxied: bool,
    /// The repository's URL: who shares its origin may see its credentials.
    pub(super) origin: Url,
    pub(super) credentials: Sealed,
    pub(super) pass_credentials: bool,
    /// How registries are spoken to: the repository itself where it is one, and those that its index points to.
    pub(super) registries: RegistryAccess,
}

/// How often something is tried again.
pub(crate) struct Patience {
    settings: Arc<UpstreamSettings>,
    n_failed: u32,
}

/// A request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Get {
    pub(crate) accept: &'static str,
    /// Ask for a compressed body; it is handed out as it comes.
    pub(crate) gzip: bool,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    pub(crate) max_bytes: u64,
    /// Ask for the head of the answer alone.
    pub(crate) head: bool,
    /// Sent to the repository's own origin alone, instead of what its credentials say.
    pub(crate) authorization: Option<HeaderValue>,
}

/// An answer of any status, once no redirect is left to follow.
pub(super) struct Exchange {
    response: Response,
    url: Url,
    deadline: Instant,
    total: Duration,
    silence: Duration,
}

/// What a server said.
pub(crate) enum Answer {
    /// What we have is current.
    NotModified,
    Body(Box<Body>),
}

/// A body that arrives in pieces, within limits of time and size.
pub(crate) struct Body {
    response: Response,
    url: String,
    host: String,
    deadline: Instant,
    silence: Duration,
    total: Duration,
    max_bytes: u64,
    n_bytes: u64,
}

impl Source {
    /// Resolves what an index says against the repository's URL, as Helm does.
    pub(crate) fn resolve(&self, reference: &str) -> Result<Url, FetchError> {
        let bad = || FetchError::Url {
            url: reference.split('?').next().unwrap_or_default().to_owned(),
        };
        match Url::parse(reference) {
            Ok(url) => Ok(url),
            Err(url::ParseError::RelativeUrlWithoutBase) => {
                let mut base = self.origin.clone();
                // The folder is the base; a query string of the repository's URL stays (it may be a token).
                let path = format!("{}/", base.path().trim_end_matches('/'));
                base.set_path(&path);
                let mut url = base.join(reference).map_err(|_| bad())?;
                if url.query().is_none() {
                    url.set_query(self.origin.query());
                }
                Ok(url)
            }
            Err(_) => Err(bad()),
        }
    }

    /// Asks for `url`, again where that helps; answers once the head of a good answer is here.
    pub(crate) async fn get(&self, url: &Url, get: &Get) -> Result<Answer, FetchError> {
        let mut patience = self.patience();
        loop {
            match self.attempt(url, get).await {
                Ok(answer) => return Ok(answer),
                Err(error) => patience.wait(error).await?,
            }
        }
    }

    /// Attempts that are left for something that is asked for with [`Source::attempt`].
    pub(crate) fn patience(&self) -> Patience {
        Patience {
            settings: Arc::clone(&self.settings),
            n_failed: 0,
        }
    }

    /// Asks for `url` once.
    pub(crate) async fn attempt(&self, url: &Url, get: &Get) -> Result<Answer, FetchError> {
        let exchange = self.exchange(url, get).await?;
        match exchange.status().as_u16() {
            200 => Ok(Answer::Body(exchange.into_body(get)?)),
            304 if get.etag.is_some() || get.last_modified.is_some() => Ok(Answer::NotModified),
            _ => Err(exchange.refusal()),
        }
    }

    /// Asks for `url` once and follows redirects.
    #[tracing::instrument(name = "upstream.get", skip_all, fields(url = %shown(url)))]
    pub(super) async fn exchange(&self, url: &Url, get: &Get) -> Result<Exchange, FetchError> {
        let total = Duration::from_secs(self.settings.total_timeout_secs);
        let deadline = Instant::now() + total;
        let mut url = url.clone();
        let mut may_pass = self.pass_credentials;
        for _ in 0..=self.settings.max_redirects {
            let response = self.send(&url, get, may_pass, deadline).await?;
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(Exchange {
                    response,
                    url,
                    deadline,
                    total,
                    silence: Duration::from_secs(self.settings.body_timeout_secs),
                });
            }
            let bad = || FetchError::BadRedirect { url: shown(&url) };
            let location = response.headers().get(LOCATION).ok_or_else(bad)?;
            let next = url
                .join(location.to_str().map_err(|_| bad())?)
                .map_err(|_| bad())?;
            // `pass_credentials` is about where the index points, not about where a stranger sends us on.
            may_pass &= same_origin(&url, &next);
            url = next;
        }
        Err(FetchError::TooManyRedirects {
            url: shown(&url),
            limit: self.settings.max_redirects,
        })
    }

    async fn send(
        &self,
        url: &Url,
        get: &Get,
        may_pass: bool,
        deadline: Instant,
    ) -> Result<Response, FetchError> {
        self.check(url).await?;
        let mut bare = url.clone();
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        bare.set_fragment(None);
        let method = if get.head { Method::HEAD } else { Method::GET };
        let mut request = self.client.request(method, bare);
        if !get.accept.is_empty() {
            request = request.header(ACCEPT, get.accept);
        }
        request = request.header(ACCEPT_ENCODING, if get.gzip { "gzip" } else { "identity" });
        if let Some(etag) = &get.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(at) = &get.last_modified {
            request = request.header(IF_MODIFIED_SINCE, at);
        }
        if may_pass || same_origin(&self.origin, url) {
            request = request.headers(self.credentials.headers().clone());
        }
        if let Some(authorization) = &get.authorization
            && same_origin(&self.origin, url)
        {
            request = request.headers(HeaderMap::from_iter([(AUTHORIZATION, authorization.clone())]));
        }
        let patience = Duration::from_secs(self.settings.first_byte_timeout_secs);
        let until = deadline.min(Instant::now() + patience);
        match timeout_at(until, request.send()).await {
            Err(_) => Err(FetchError::Timeout {
                host: host_of(url),
                what: "answer",
                seconds: self
                    .settings
                    .first_byte_timeout_secs
                    .min(self.settings.total_timeout_secs),
            }),
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(self.classify(url, error)),
        }
    }

    /// What the resolver does not see: schemes, and addresses that need no resolving.
    pub(super) async fn check(&self, url: &Url) -> Result<(), FetchError> {
        let bad = || FetchError::Url { url: shown(url) };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad());
        }
        let literal = match url.host().ok_or_else(bad)? {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        let host = url.host_str().ok_or_else(bad)?;
        if let Some(address) = literal {
            return self
                .resolver
                .check_literal(host, address)
                .map_err(FetchError::Refused);
        }
        if self.is_proxied {
            // The proxy resolves the name; all we can do is to look whether we would have refused. A name that does
            // not resolve here is the proxy's to judge.
            let resolving = reqwest::dns::Resolve::resolve(&self.resolver, name_of(host)?);
            if let Err(error) = resolving.await
                && let Some(refusal) = error.downcast_ref::<Refusal>()
            {
                return Err(FetchError::Refused(refusal.clone()));
            }
        }
        Ok(())
    }

    pub(super) fn classify(&self, url: &Url, error: reqwest::Error) -> FetchError {
        if let Some(refusal) = refusal_in(&error) {
            return FetchError::Refused(refusal);
        }
        // reqwest's own text has the URL, which can hold a secret.
        let error = error.without_url();
        if error.is_connect() && error.is_timeout() {
            return FetchError::Timeout {
                host: host_of(url),
                what: "accept the connection",
                seconds: self.settings.connect_timeout_secs,
            };
        }
        if error.is_connect() {
            return FetchError::Connect {
                host: host_of(url),
                source: error,
            };
        }
        if error.is_request() {
            return FetchError::Body {
                url: shown(url),
                source: error,
            };
        }
        FetchError::Request {
            url: shown(url),
            source: error,
        }
    }
}

impl Exchange {
    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The status as an error.
    pub(super) fn refusal(&self) -> FetchError {
        FetchError::Status {
            url: shown(&self.url),
            status: self.status(),
            retry_after: retry_after(self.headers(), SystemTime::now()),
        }
    }

    /// The body, if it does not say that it is longer than asked for.
    pub(super) fn into_body(self, get: &Get) -> Result<Box<Body>, FetchError> {
        let body = Box::new(Body {
            url: shown(&self.url),
            host: host_of(&self.url),
            response: self.response,
            deadline: self.deadline,
            silence: self.silence,
            total: self.total,
            max_bytes: get.max_bytes,
            n_bytes: 0,
        });
        body.check_announced()?;
        Ok(body)
    }
}

impl Patience {
    /// Waits until it makes sense to try again, or gives the error back.
    pub(crate) async fn wait(&mut self, error: FetchError) -> Result<(), FetchError> {
        if !error.is_passing() || self.n_failed >= self.settings.retries {
            return Err(error);
        }
        self.n_failed += 1;
        let wait = delay(
            Duration::from_millis(self.settings.retry_base_ms),
            Duration::from_millis(self.settings.retry_max_ms),
            self.n_failed,
            error.retry_after(),
        );
        tracing::debug!(error = %error, duration_ms = wait.as_millis() as u64, "trying again");
        tokio::time::sleep(wait).await;
        Ok(())
    }
}

impl Body {
    /// `Content-Type`.
    pub(super) fn media_type(&self) -> String {
        self.header(&CONTENT_TYPE).unwrap_or_default()
    }

    /// A header of the answer.
    pub(super) fn header(&self, name: &http::HeaderName) -> Option<String> {
        self.response
            .headers()
            .get(name)?
            .to_str()
            .ok()
            .map(str::to_owned)
    }

    /// `ETag`.
    pub(crate) fn etag(&self) -> Option<String> {
        self.header(&ETAG)
    }

    /// `Last-Modified`.
    pub(crate) fn last_modified(&self) -> Option<String> {
        self.header(&LAST_MODIFIED)
    }

    /// How long the body says it is.
    pub(crate) fn announced_bytes(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// Whether the protocol tells the body's end from a lost connection.
    pub(crate) fn is_framed(&self) -> bool {
        self.announced_bytes().is_some()
            || self.response.version() != http::Version::HTTP_10
                && self
                    .response
                    .headers()
                    .contains_key(http::header::TRANSFER_ENCODING)
    }

    fn check_announced(&self) -> Result<(), FetchError> {
        match self.announced_bytes() {
            Some(n) if n > self.max_bytes => self.too_large(),
            _ => Ok(()),
        }
    }

    fn too_large(&self) -> Result<(), FetchError> {
        Err(FetchError::TooLarge {
            url: self.url.clone(),
            limit_bytes: self.max_bytes,
        })
    }

    /// The next piece; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, FetchError> {
        let silent = timeout(self.silence, self.response.chunk());
        let piece = match timeout_at(self.deadline, silent).await {
            Err(_) => {
                return Err(FetchError::Timeout {
                    host: self.host.clone(),
                    what: "send everything",
                    seconds: self.total.as_secs(),
                });
            }
            Ok(Err(_)) => {
                return Err(FetchError::Timeout {
                    host: self.host.clone(),
                    what: "send more",
                    seconds: self.silence.as_secs(),
                });
            }
            Ok(Ok(piece)) => piece.map_err(|error| FetchError::Body {
                url: self.url.clone(),
                source: error.without_url(),
            })?,
        };
        let Some(piece) = piece else { return Ok(None) };
        self.n_bytes += piece.len() as u64;
        if self.n_bytes > self.max_bytes {
            self.too_large()?;
        }
        Ok(Some(piece))
    }

    /// Everything.
    pub(crate) async fn collect(mut self) -> Result<Bytes, FetchError> {
        let announced = self.announced_bytes().unwrap_or_default().min(self.max_bytes);
        // A server that announces much and sends little costs nothing.
        let mut all = BytesMut::with_capacity(usize::try_from(announced).unwrap_or_default().min(1 << 20));
        while let Some(piece) = self.chunk().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }
}

pub(super) fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn name_of(host: &str) -> Result<reqwest::dns::Name, FetchError> {
    host.parse().map_err(|_| FetchError::Url { url: host.to_owned() })
}
