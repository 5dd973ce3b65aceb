//! Asking an OCI registry (the distribution specification 1.1): which repositories it has, which tags these have, where a
//! tag leads, and blobs by their digest.
//!
//! A registry is a stranger. What it says about where to go next is followed on its own origin alone (`page`); where it
//! wants credentials to be sent is compared with what the operator allowed (`challenge`, `token`); every answer has a
//! limit; what has a digest is compared with it. Reading manifests is `hosted::oci`'s, for both directions.

mod access;
mod challenge;
mod page;
mod state;
mod token;

use bytes::Bytes;
use http::HeaderName;
use url::Url;

pub(super) use self::access::{RegistryAccess, check_settings, web_url};
pub(super) use self::state::RegistryState;
use super::credentials::{same_origin, shown};
use super::{Answer, Body, FetchError, Get, Source};
use crate::blobs::Digest;
use crate::hosted::oci::{INDEX, MAX_MANIFEST_BYTES, Manifest, Reference, is_component, tag_of, written};

/// Names on one page; registries may send fewer.
const PAGE: usize = 1_000;
/// A page of names: a thousand of the longest, twice.
const MAX_PAGE_BYTES: u64 = 1024 * 1024;
/// Pages of one list. A registry that always knows another page would keep us for ever.
const MAX_PAGES: usize = 1_000;
/// Repositories of one namespace.
const MAX_REPOSITORIES: usize = 10_000;
/// Tags of one repository.
const MAX_TAGS: usize = 50_000;
/// Pages of a list of what refers to a manifest.
const MAX_REFERRER_PAGES: usize = 16;
/// `docker-content-digest`, which every registry sends with a manifest.
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
/// What a tag may lead to. An index is asked for to be told that it is none of a chart's.
const MANIFESTS: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";

/// A registry with a namespace of it.
#[derive(Clone)]
pub(crate) struct Registry {
    /// Its origin is the registry's.
    source: Source,
    /// `a/b`, or empty.
    namespace: String,
}

/// A manifest that a tag or a digest leads to.
#[derive(Clone, Debug)]
pub(crate) struct TaggedManifest {
    pub(crate) digest: Digest,
    pub(crate) bytes: Bytes,
    /// As it was sent.
    pub(crate) media_type: String,
    /// What it says, or why that is nothing that we know.
    pub(crate) read: Result<Manifest, String>,
}

/// Chart and tag of an address such as `oci://registry/namespace/chart:1.0.0`, and the registry to ask.
pub(crate) fn tag_reference(source: &Source, url: &str) -> Result<(Registry, String, String), FetchError> {
    let bad = || FetchError::Url {
        url: url.split('?').next().unwrap_or_default().to_owned(),
    };
    let (named, tag) = url.rsplit_once(':').ok_or_else(bad)?;
    let (parent, chart) = named.rsplit_once('/').ok_or_else(bad)?;
    let is_tag = matches!(Reference::parse(tag), Some(Reference::Tag(_)));
    if !is_component(chart) || !is_tag {
        return Err(bad());
    }
    Ok((source.registry(parent)?, chart.to_owned(), tag.to_owned()))
}

impl Source {
    /// The registry at an address such as `oci://registry/namespace`. Another than the repository's own is asked without
    /// its credentials.
    pub(crate) fn registry(&self, url: &str) -> Result<Registry, FetchError> {
        let own = web_url(url, self.registries.plain_http)?;
        let is_own = same_origin(&own, &self.origin);
        let mut origin = if is_own { own } else { web_url(url, false)? };
        let namespace = origin.path().trim_matches('/').to_owned();
        origin.set_path("/");
        let mut source = self.clone();
        source.origin = origin;
        source.pass_credentials = false;
        if !is_own {
            source.credentials = Default::default();
            source.registries = self.registries.without_credentials();
        }
        Ok(Registry { source, namespace })
    }
}

impl Registry {
    /// The name of a chart's repository in the registry.
    fn name_of(&self, chart: &str) -> String {
        match self.namespace.as_str() {
            "" => chart.to_owned(),
            namespace => format!("{namespace}/{chart}"),
        }
    }

    /// Where a version of a chart is, as its entry says.
    pub(crate) fn address_of(&self, chart: &str, version: &str) -> String {
        let host = self.source.origin.host_str().unwrap_or_default();
        let port = match self.source.origin.port() {
            Some(port) => format!(":{port}"),
            None => String::new(),
        };
        format!("oci://{host}{port}/{}:{}", self.name_of(chart), tag_of(version))
    }

    /// The repositories directly below the namespace, by the registry's catalog.
    pub(crate) async fn repositories(&self) -> Result<Vec<String>, FetchError> {
        let mut found = Vec::new();
        let prefix = self.name_of("");
        let mut take = |name: &str| {
            let below = name.strip_prefix(&prefix).filter(|below| is_component(below));
            found.extend(below.map(str::to_owned));
            found.len() <= MAX_REPOSITORIES
        };
        let listed = self
            .pages("_catalog", token::CATALOG, "repositories", &mut take)
            .await;
        match listed {
            Ok(true) => {}
            // Attack: a catalog without end.
            Ok(false) => {
                return Err(FetchError::Malformed {
                    url: shown(&self.source.origin),
                    reason: format!(
                        "it lists more than {MAX_REPOSITORIES} repositories: name the charts in `charts`"
                    ),
                });
            }
            // What registries without a catalog answer.
            Err(FetchError::Status { status, .. } | FetchError::Denied { status, .. })
                if matches!(status.as_u16(), 401 | 403 | 404 | 405 | 501) =>
            {
                return Err(FetchError::NoCatalog {
                    host: self.host(),
                    status,
                });
            }
            Err(error) => return Err(error),
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The tags of a chart's repository; none where there is no such repository.
    pub(crate) async fn tags(&self, chart: &str) -> Result<Option<Vec<String>>, FetchError> {
        let name = self.name_of(chart);
        let mut found = Vec::new();
        let mut take = |tag: &str| {
            let is_tag = matches!(Reference::parse(tag), Some(Reference::Tag(_)));
            found.extend(is_tag.then(|| tag.to_owned()));
            found.len() <= MAX_TAGS
        };
        let (path, scope) = (format!("{name}/tags/list"), token::pull(&name));
        let listed = self.pages(&path, &scope, "tags", &mut take).await;
        match listed {
            Ok(true) => Ok(Some(found)),
            Ok(false) => Err(FetchError::Malformed {
                url: shown(&self.source.origin),
                reason: format!("{name} has more than {MAX_TAGS} tags"),
            }),
            Err(FetchError::Status { status, .. }) if status.as_u16() == 404 => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The digest of the manifest that a tag leads to; none where there is no such tag, or the registry does not say.
    pub(crate) async fn digest_of(&self, chart: &str, tag: &str) -> Result<Option<Digest>, FetchError> {
        let name = self.name_of(chart);
        let get = Get {
            accept: MANIFESTS,
            max_bytes: MAX_MANIFEST_BYTES as u64,
            head: true,
            ..Get::default()
        };
        let url = self.url(&format!("{name}/manifests/{tag}"))?;
        match self.ask(&url, &token::pull(&name), get).await {
            Ok(body) => Ok(announced_digest(&body)),
            Err(FetchError::Status { status, .. }) if status.as_u16() == 404 => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The manifest that a tag or a digest leads to; none where there is none.
    pub(crate) async fn manifest(
        &self,
        chart: &str,
        reference: &str,
    ) -> Result<Option<TaggedManifest>, FetchError> {
        let name = self.name_of(chart);
        let get = Get {
            accept: MANIFESTS,
            max_bytes: MAX_MANIFEST_BYTES as u64,
            ..Get::default()
        };
        let url = self.url(&format!("{name}/manifests/{reference}"))?;
        let body = match self.ask(&url, &token::pull(&name), get).await {
            Ok(body) => body,
            Err(FetchError::Status { status, .. }) if status.as_u16() == 404 => return Ok(None),
            Err(error) => return Err(error),
        };
        let (announced, media_type) = (announced_digest(&body), body.media_type());
        let bytes = body.collect().await?;
        let digest = Digest::of(&bytes);
        if let Some(expected) = announced
            && expected != digest
        {
            return Err(mismatch(&url, expected, digest));
        }
        let read = Manifest::read(&bytes, &media_type);
        Ok(Some(TaggedManifest {
            digest,
            bytes,
            media_type,
            read,
        }))
    }

    /// Manifests that refer to one, as digest and what they say that they are: by the registry's own list, else by the tag
    /// at which clients keep one ("Listing Referrers" of the specification, and "Referrers Tag Schema").
    pub(crate) async fn referrers(
        &self,
        chart: &str,
        subject: Digest,
    ) -> Result<Vec<(Digest, String)>, FetchError> {
        let name = self.name_of(chart);
        let mut url = self.url(&format!("{name}/referrers/{}", written(subject)))?;
        let mut found = Vec::new();
        for _ in 0..MAX_REFERRER_PAGES {
            let get = Get {
                accept: INDEX,
                max_bytes: MAX_MANIFEST_BYTES as u64,
                ..Get::default()
            };
            let body = match self.ask(&url, &token::pull(&name), get).await {
                Ok(body) => body,
                // What registries answer that have no such list.
                Err(FetchError::Status { status, .. })
                    if matches!(status.as_u16(), 400 | 404 | 405 | 406 | 501) =>
                {
                    return self.referrers_at_tag(chart, subject).await;
                }
                Err(error) => return Err(error),
            };
            let next = body.header(&http::header::LINK);
            let next = next.as_deref().and_then(page::next);
            found.extend(page::referrers(&body.collect().await?).map_err(|reason| {
                FetchError::Malformed {
                    url: shown(&url),
                    reason,
                }
            })?);
            match next {
                Some(next) => url = page::follow(&url, next, &self.source.origin)?,
                None => return Ok(found),
            }
        }
        // Attack: a list without end, in which a bad signature would never be reached.
        Err(FetchError::Malformed {
            url: shown(&url),
            reason: format!("its list of referrers has more than {MAX_REFERRER_PAGES} pages"),
        })
    }

    async fn referrers_at_tag(
        &self,
        chart: &str,
        subject: Digest,
    ) -> Result<Vec<(Digest, String)>, FetchError> {
        let tag = format!("sha256-{}", subject.to_hex());
        match self.manifest(chart, &tag).await? {
            Some(tagged) => page::referrers(&tagged.bytes).map_err(|reason| FetchError::Malformed {
                url: shown(&self.source.origin),
                reason: format!("{chart}:{tag}: {reason}"),
            }),
            None => Ok(Vec::new()),
        }
    }

    /// A small blob, which has this digest.
    pub(crate) async fn blob(
        &self,
        chart: &str,
        digest: Digest,
        max_bytes: u64,
    ) -> Result<Bytes, FetchError> {
        let url = self.blob_url(chart, digest)?;
        let scope = token::pull(&self.name_of(chart));
        let body = self.ask(&url, &scope, blob_get(max_bytes)).await?;
        let bytes = body.collect().await?;
        let actual = Digest::of(&bytes);
        match actual == digest {
            true => Ok(bytes),
            false => Err(mismatch(&url, digest, actual)),
        }
    }

    /// A blob as it arrives, asked for once: whether it has this digest is for the caller to see.
    pub(crate) async fn open_blob(
        &self,
        chart: &str,
        digest: Digest,
        max_bytes: u64,
    ) -> Result<Answer, FetchError> {
        let url = self.blob_url(chart, digest)?;
        let scope = token::pull(&self.name_of(chart));
        let body = self.ask_once(&url, &scope, &mut blob_get(max_bytes)).await?;
        Ok(Answer::Body(body))
    }

    fn blob_url(&self, chart: &str, digest: Digest) -> Result<Url, FetchError> {
        self.url(&format!("{}/blobs/{}", self.name_of(chart), written(digest)))
    }

    /// Reads a list page by page. `take` says whether it has room for more; the answer is whether it always had.
    async fn pages(
        &self,
        path: &str,
        scope: &str,
        field: &str,
        take: &mut (dyn FnMut(&str) -> bool + Send),
    ) -> Result<bool, FetchError> {
        let mut url = self.url(path)?;
        url.set_query(Some(&format!("n={PAGE}")));
        let mut wants_number = true;
        for _ in 0..MAX_PAGES {
            let get = Get {
                accept: "application/json",
                max_bytes: MAX_PAGE_BYTES,
                ..Get::default()
            };
            let body = match self.ask(&url, scope, get).await {
                // Distribution refuses to list more than it is set up to, without saying how many that is.
                Err(FetchError::Status { status, .. }) if status.as_u16() == 400 && wants_number => {
                    wants_number = false;
                    url.set_query(None);
                    continue;
                }
                answer => answer?,
            };
            wants_number = false;
            let next = body.header(&http::header::LINK);
            let next = next.as_deref().and_then(page::next);
            let bytes = body.collect().await?;
            let names = page::names(&bytes, field).map_err(|reason| FetchError::Malformed {
                url: shown(&url),
                reason,
            })?;
            if !names.iter().all(|name| take(name)) {
                return Ok(false);
            }
            let Some(next) = next else {
                return Ok(true);
            };
            let next = page::follow(&url, next, &self.source.origin)?;
            if next == url {
                return Ok(true);
            }
            url = next;
        }
        Ok(false)
    }

    /// Asks, again where that helps and the registry has not asked to be left alone for longer than we wait.
    async fn ask(&self, url: &Url, scope: &str, mut get: Get) -> Result<Box<Body>, FetchError> {
        let mut patience = self.source.patience();
        loop {
            match self.ask_once(url, scope, &mut get).await {
                Ok(body) => return Ok(body),
                Err(error) if self.is_closed() => return Err(error),
                Err(error) => patience.wait(error).await?,
            }
        }
    }

    async fn ask_once(&self, url: &Url, scope: &str, get: &mut Get) -> Result<Box<Body>, FetchError> {
        let state = &self.source.registries.state;
        let patience = self.max_wait();
        state
            .wait(&self.host(), patience)
            .await
            .map_err(|(status, left)| FetchError::Status {
                url: shown(url),
                status,
                retry_after: Some(left),
            })?;
        get.authorization = self.known_authorization(scope);
        let mut exchange = self.source.exchange(url, get).await?;
        if exchange.status().as_u16() == 401 {
            let challenges = exchange.headers().get_all(http::header::WWW_AUTHENTICATE);
            let challenge = challenges
                .iter()
                .filter_map(|value| challenge::read(value.to_str().ok()?))
                .next();
            if let Some(authorization) = self.answer_to(challenge, scope).await? {
                get.authorization = Some(authorization);
                exchange = self.source.exchange(url, get).await?;
            }
        }
        let refusal = exchange.refusal();
        match exchange.status().as_u16() {
            200 => exchange.into_body(get),
            401 | 403 => Err(FetchError::Denied {
                host: self.host(),
                status: exchange.status(),
            }),
            429 | 503 => {
                if let Some(wait) = refusal.retry_after() {
                    state.leave_alone(&self.host(), exchange.status(), wait);
                }
                Err(refusal)
            }
            _ => Err(refusal),
        }
    }

    /// Whether the registry asked to be left alone for longer than a request waits.
    fn is_closed(&self) -> bool {
        let left = self.source.registries.state.left(&self.host());
        left.is_some_and(|left| left > self.max_wait())
    }

    fn max_wait(&self) -> std::time::Duration {
        std::time::Duration::from_millis(self.source.settings.retry_max_ms)
    }

    fn url(&self, path: &str) -> Result<Url, FetchError> {
        let url = self.source.origin.join(&format!("/v2/{path}"));
        url.map_err(|_| FetchError::Url { url: path.to_owned() })
    }

    /// Host and port, as the registry's address has them.
    fn host(&self) -> String {
        access::host_and_port(&self.source.origin)
    }
}

fn blob_get(max_bytes: u64) -> Get {
    Get {
        accept: "*/*",
        max_bytes,
        ..Get::default()
    }
}

fn announced_digest(body: &Body) -> Option<Digest> {
    crate::hosted::oci::digest(&body.header(&CONTENT_DIGEST)?)
}

fn mismatch(url: &Url, expected: Digest, actual: Digest) -> FetchError {
    FetchError::Digest {
        url: shown(url),
        expected: expected.to_hex(),
        actual: actual.to_hex(),
    }
}
