//! Guests: no users of ours, but known to the configuration of hosted charts, as ChartMuseum knows its clients.
//!
//! A pair of name and password, or a token (JWT, RS256) of an authorisation server. The token lists what it is for:
//! `access: [{type: "artifact-repository", name: "org/repo", actions: ["pull", "push"]}]`; the repository without a tenant
//! is called `repo`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;

use super::{Accounts, tokens};
use crate::secret::SecretString;
use crate::settings::HostedSettings;
use crate::viewer::{GuestGrant, GuestRights, ViewerKind};
use crate::{Error, Result, Viewer, drawn};

/// What a token calls a repository of charts.
const ENTRY_TYPE: &str = "artifact-repository";
/// What a token calls the repository without a tenant.
const ROOT_NAME: &str = "repo";
/// No token that a header holds is longer.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// Entries of a token that are looked at.
const MAX_ENTRIES: usize = 1_000;

/// How tokens of an authorisation server are checked.
pub(crate) struct TokenCheck {
    key: DecodingKey,
    service: String,
}

/// What a token says.
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    aud: Option<Audience>,
    #[serde(default)]
    access: Vec<Access>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
struct Access {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    actions: Vec<String>,
}

impl TokenCheck {
    /// Reads the server's public key; none where none is configured.
    pub(crate) fn open(settings: &HostedSettings) -> Result<Option<Self>> {
        let Some(file) = &settings.auth_cert_file else {
            return Ok(None);
        };
        let invalid = |message: String| Error::Invalid {
            field: "hosted.auth_cert_file",
            message,
        };
        let pem = std::fs::read(file).map_err(|error| invalid(format!("{}: {error}", file.display())))?;
        let key = DecodingKey::from_rsa_pem(&pem)
            .map_err(|error| invalid(format!("{} holds no public RSA key: {error}", file.display())))?;
        Ok(Some(Self {
            key,
            service: settings.auth_service.clone(),
        }))
    }

    fn check(&self, token: &str) -> Option<(String, GuestRights)> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        // One algorithm, whatever the token's head asks for.
        let mut validation = Validation::new(Algorithm::RS256);
        validation.required_spec_claims.clear();
        validation.validate_nbf = true;
        validation.leeway = 5;
        // Below: only servers that name an audience are held to it.
        validation.validate_aud = false;
        let claims = decode::<Claims>(token, &self.key, &validation).ok()?.claims;
        let is_for_us = match &claims.aud {
            None => true,
            _ if self.service.is_empty() => true,
            Some(Audience::One(service)) => *service == self.service,
            Some(Audience::Several(services)) => services.contains(&self.service),
        };
        if !is_for_us {
            return None;
        }
        let grants = claims
            .access
            .into_iter()
            .take(MAX_ENTRIES)
            .filter(|entry| entry.kind == ENTRY_TYPE)
            .map(|entry| {
                let may = |action: &str| entry.actions.iter().any(|other| other == action);
                GuestGrant {
                    pull: may("pull"),
                    push: may("push"),
                    tenant: match entry.name.as_str() {
                        ROOT_NAME => String::new(),
                        name => name.to_owned(),
                    },
                }
            })
            .collect();
        Some((claims.sub.unwrap_or_default(), GuestRights::Listed(grants)))
    }
}

impl Accounts<'_> {
    /// Who asks for hosted charts with this `Authorization`: a user's API token as bearer or as the password of basic
    /// authentication, whatever the name with it, or a guest. Without the header it is nobody.
    #[tracing::instrument(name = "op.hosted.identify", level = "debug", skip_all)]
    pub async fn resume_hosted(&self, authorization: Option<&SecretString>) -> Result<Viewer> {
        let refused = || Error::Unauthenticated {
            reason: "the credentials are wrong".to_owned(),
        };
        let Some(authorization) = authorization else {
            return Ok(Viewer::anonymous());
        };
        let (scheme, given) = authorization.expose().split_once(' ').ok_or_else(refused)?;
        let given = given.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            if given.starts_with(tokens::PREFIX) {
                return self.resume_token(&SecretString::new(given)).await;
            }
            let check = self.backend.inner().token_check.as_ref();
            let (name, rights) = check.and_then(|check| check.check(given)).ok_or_else(refused)?;
            return Ok(Viewer::new(ViewerKind::Guest { name, rights }));
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return Err(refused());
        }
        let pair = STANDARD.decode(given).map_err(|_| refused())?;
        let pair = String::from_utf8(pair).map_err(|_| refused())?;
        let (name, password) = pair.split_once(':').ok_or_else(refused)?;
        let password = SecretString::new(password);
        if password.expose().starts_with(tokens::PREFIX) {
            return self.resume_token(&password).await;
        }
        let hosted = &self.backend.inner().settings.hosted;
        // An empty name or password is one that was not configured.
        let is_set = !hosted.basic_auth_user.is_empty() && !hosted.basic_auth_password.expose().is_empty();
        let is_name = drawn::is_same(
            &SecretString::new(name),
            &SecretString::new(hosted.basic_auth_user.as_str()),
        );
        let is_password = drawn::is_same(&password, &hosted.basic_auth_password);
        if is_set && is_name && is_password {
            return Ok(Viewer::new(ViewerKind::Guest {
                name: name.to_owned(),
                rights: GuestRights::All,
            }));
        }
        Err(refused())
    }
}
