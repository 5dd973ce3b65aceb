//! Tokens: what a registry that answers `401` wants, and where it may be had.
//!
//! Credentials are bound to the registry's origin. A token server elsewhere sees them only where the operator named its
//! host; without credentials, any may be asked that the guard lets through.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use serde::Deserialize;
use url::Url;

use super::super::credentials::{same_origin, sensitive, shown};
use super::super::{FetchError, Get};
use super::Registry;
use super::access::{Proof, host_and_port};
use super::challenge::Challenge;
use super::state::TokenKey;
use crate::blobs::Digest;

/// The scope of the catalog.
pub(super) const CATALOG: &str = "registry:catalog:*";
/// An answer of a token server.
const MAX_BYTES: u64 = 64 * 1024;
/// What a token holds that does not say so (the distribution project's token specification).
const HOLDS_SECS: u64 = 60;
/// A token is not used for its last moments.
const MARGIN_SECS: u64 = 5;
/// None is kept longer.
const MAX_HOLDS_SECS: u64 = 3_600;

/// The scope of reading a repository.
pub(super) fn pull(name: &str) -> String {
    format!("repository:{name}:pull")
}

#[derive(Deserialize)]
struct TokenAnswer {
    #[serde(default)]
    token: String,
    #[serde(default)]
    access_token: String,
    #[serde(default)]
    expires_in: Option<u64>,
}

impl Registry {
    /// What is sent without being asked: a token that still holds, or one that an operator gave.
    pub(super) fn known_authorization(&self, scope: &str) -> Option<HeaderValue> {
        let access = &self.source.registries;
        match &access.proof {
            Proof::Bearer(token) => Some(token.clone()),
            Proof::Basic(_) | Proof::Nobody => access.state.token(&self.token_key(scope)),
        }
    }

    /// What to send to a registry that wants to see something; none where there is nothing more to show.
    pub(super) async fn answer_to(
        &self,
        challenge: Option<Challenge>,
        scope: &str,
    ) -> Result<Option<HeaderValue>, FetchError> {
        let proof = &self.source.registries.proof;
        match (challenge, proof) {
            (None, _) | (_, Proof::Bearer(_)) | (Some(Challenge::Basic), Proof::Nobody) => Ok(None),
            (Some(Challenge::Basic), Proof::Basic(pair)) => Ok(Some(pair.clone())),
            (Some(Challenge::Bearer { realm, service }), Proof::Basic(pair)) => {
                let realm = self.own_realm(&realm)?;
                self.fetch_token(realm, &service, scope, Some(pair))
                    .await
                    .map(Some)
            }
            (Some(Challenge::Bearer { realm, service }), Proof::Nobody) => {
                let realm = self.realm(&realm)?;
                self.fetch_token(realm, &service, scope, None).await.map(Some)
            }
        }
    }

    fn realm(&self, realm: &str) -> Result<Url, FetchError> {
        let url = Url::parse(realm).ok();
        // Plain HTTP is for whoever allowed it: a token is as good as a password while it holds.
        let is_open = |url: &Url| url.scheme() == "https" || url.scheme() == self.source.origin.scheme();
        url.filter(is_open)
            .ok_or_else(|| self.malformed("its token realm is no address for us"))
    }

    /// A realm that credentials may be sent to. Attack: a registry that names a server of somebody's gets the password.
    fn own_realm(&self, realm: &str) -> Result<Url, FetchError> {
        let url = self.realm(realm)?;
        let (host, bare) = (host_and_port(&url), url.host_str().unwrap_or_default());
        // A port of one's own is a server of its own; a name without one is that of any port.
        let is_named = |name: &String| *name == host || (!name.contains(':') && name == bare);
        if same_origin(&url, &self.source.origin) || self.source.registries.token_hosts.iter().any(is_named) {
            return Ok(url);
        }
        Err(FetchError::ForeignRealm {
            host: self.host(),
            realm: host,
        })
    }

    async fn fetch_token(
        &self,
        mut url: Url,
        service: &str,
        scope: &str,
        pair: Option<&HeaderValue>,
    ) -> Result<HeaderValue, FetchError> {
        {
            let mut query = url.query_pairs_mut();
            if !service.is_empty() {
                query.append_pair("service", service);
            }
            query.append_pair("scope", scope);
        }
        // As a source of its own: what it sends is for the realm's origin, also where that sends us on.
        let mut source = self.source.clone();
        if !same_origin(&url, &self.source.origin) {
            source.credentials = Default::default();
        }
        source.origin = url.clone();
        let get = Get {
            accept: "application/json",
            max_bytes: MAX_BYTES,
            authorization: pair.cloned(),
            ..Get::default()
        };
        let exchange = source.exchange(&url, &get).await?;
        let body: Bytes = match exchange.status().as_u16() {
            200 => exchange.into_body(&get)?.collect().await?,
            401 | 403 => {
                return Err(FetchError::Denied {
                    host: host_and_port(&url),
                    status: exchange.status(),
                });
            }
            _ => return Err(exchange.refusal()),
        };
        let answer: TokenAnswer = serde_json::from_slice(&body)
            .map_err(|_| self.malformed("the token server's answer is no token"))?;
        let token = if answer.token.is_empty() {
            answer.access_token
        } else {
            answer.token
        };
        let value = sensitive(&format!("Bearer {token}")).filter(|_| !token.is_empty());
        let value = value.ok_or_else(|| self.malformed("the token server's answer is no token"))?;
        let holds = answer.expires_in.unwrap_or(HOLDS_SECS).min(MAX_HOLDS_SECS);
        let holds = Duration::from_secs(holds.saturating_sub(MARGIN_SECS));
        let state = &self.source.registries.state;
        state.keep_token(self.token_key(scope), value.clone(), holds);
        Ok(value)
    }

    fn token_key(&self, scope: &str) -> TokenKey {
        let who = match &self.source.registries.proof {
            Proof::Nobody => None,
            Proof::Basic(value) | Proof::Bearer(value) => Some(Digest::of(value.as_bytes())),
        };
        TokenKey {
            registry: self.host(),
            who,
            scope: scope.to_owned(),
        }
    }

    fn malformed(&self, reason: &str) -> FetchError {
        FetchError::Malformed {
            url: shown(&self.source.origin),
            reason: reason.to_owned(),
        }
    }
}
