//! What an operator says about a registry: its address, its charts, its credentials, and where these may be sent.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::HeaderValue;
use url::Url;

use super::super::FetchError;
use super::super::credentials::{basic, sensitive};
use super::state::RegistryState;
use crate::hosted::oci::is_component;
use crate::settings::RepositorySettings;

/// Charts that one repository can name.
const MAX_CHARTS: usize = 10_000;

/// Who asks a registry, and what all of them share.
#[derive(Clone)]
pub(in super::super) struct RegistryAccess {
    pub(super) proof: Proof,
    pub(in super::super) plain_http: bool,
    /// Hosts besides the registry's own that credentials may be sent to, as `host` or `host:port`.
    pub(super) token_hosts: Arc<[String]>,
    pub(super) state: Arc<RegistryState>,
}

/// What shows a registry who asks.
#[derive(Clone)]
pub(super) enum Proof {
    Nobody,
    /// User name and password: for the registry, or for a token.
    Basic(HeaderValue),
    /// A token that is sent as it is.
    Bearer(HeaderValue),
}

impl RegistryAccess {
    pub(in super::super) fn new(
        settings: &RepositorySettings,
        state: Arc<RegistryState>,
    ) -> Result<Self, FetchError> {
        let bad = || FetchError::Header {
            name: "authorization".to_owned(),
        };
        let credentials = settings.credentials();
        let proof = match &credentials.bearer_token {
            Some(token) => Proof::Bearer(sensitive(&format!("Bearer {}", token.expose())).ok_or_else(bad)?),
            None => match basic(&credentials) {
                Some(value) => Proof::Basic(value.ok_or_else(bad)?),
                None => Proof::Nobody,
            },
        };
        Ok(Self {
            proof,
            plain_http: settings.plain_http,
            token_hosts: settings.token_hosts.clone().into(),
            state,
        })
    }

    /// The same for a registry that is not the repository's own.
    pub(super) fn without_credentials(&self) -> Self {
        Self {
            proof: Proof::Nobody,
            plain_http: false,
            token_hosts: Arc::default(),
            state: Arc::clone(&self.state),
        }
    }
}

/// The address that a registry is asked at: `oci://host:port/namespace` as HTTPS, or as HTTP where that is allowed.
pub(in super::super) fn web_url(url: &str, plain_http: bool) -> Result<Url, FetchError> {
    let bad = || FetchError::Url { url: url.to_owned() };
    let rest = url.trim().strip_prefix("oci://").ok_or_else(bad)?;
    let scheme = if plain_http { "http" } else { "https" };
    let web = Url::parse(&format!("{scheme}://{rest}")).map_err(|_| bad())?;
    let path = web.path().trim_matches('/');
    let is_namespace = path.is_empty() || path.split('/').all(is_component);
    let is_bare = web.username().is_empty() && web.query().is_none() && web.fragment().is_none();
    // As it is written: `oci://x/../y` would be another namespace than it says.
    let written = rest.split_once('/').map_or("", |(_, path)| path);
    let is_as_written = written.trim_end_matches('/') == path;
    match is_namespace && is_bare && is_as_written {
        true => Ok(web),
        false => Err(bad()),
    }
}

/// Checks what only registries have, and that others do not.
pub(in super::super) fn check_settings(settings: &RepositorySettings) -> Result<(), FetchError> {
    let wrong = |setting, reason: &str| {
        Err(FetchError::Setting {
            setting,
            reason: reason.to_owned(),
        })
    };
    if !settings.is_registry() {
        let only = "is for registries alone: `url` begins with `oci://` for these";
        return match settings {
            settings if !settings.charts.is_empty() => wrong("charts", only),
            settings if !settings.token_hosts.is_empty() => wrong("token_hosts", only),
            settings if settings.plain_http => wrong("plain_http", only),
            _ => Ok(()),
        };
    }
    web_url(&settings.url, settings.plain_http)?;
    let names: BTreeSet<&String> = settings.charts.iter().collect();
    if !names.iter().all(|name| is_component(name)) {
        return wrong(
            "charts",
            "holds names of charts: lower-case letters and digits with single `-`, `.` or `_` between them",
        );
    }
    if names.len() != settings.charts.len() || names.len() > MAX_CHARTS {
        return wrong("charts", "holds each name once, and at most 10000 of them");
    }
    let is_host = |name: &String| {
        let url = Url::parse(&format!("https://{name}/"));
        url.is_ok_and(|url| {
            url.path() == "/" && url.username().is_empty() && !name.contains(['/', '@', '?', '#'])
        })
    };
    if !settings.token_hosts.iter().all(is_host) {
        return wrong(
            "token_hosts",
            "holds hosts such as `auth.example.com` or `auth.example.com:5001`",
        );
    }
    Ok(())
}

/// `host`, or `host:port` where the port is not the scheme's own.
pub(super) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{check_settings, web_url};
    use crate::settings::RepositorySettings;

    #[test]
    fn addresses_become_those_of_the_web() {
        let rows = [
            (
                "oci://x.example.com/a/b",
                false,
                Some("https://x.example.com/a/b"),
            ),
            (
                "oci://x.example.com:5000/a",
                true,
                Some("http://x.example.com:5000/a"),
            ),
            ("oci://127.0.0.1:5000", false, Some("https://127.0.0.1:5000/")),
            ("oci://[::1]:5000/a", false, Some("https://[::1]:5000/a")),
            ("oci://x/a/../b", false, None),
            ("oci://x/a//b", false, None),
            ("oci://x/A", false, None),
            ("oci://x/a?b=c", false, None),
            ("oci://me@x/a", false, None),
            ("https://x/a", false, None),
            ("oci://", false, None),
        ];
        for (url, plain, want) in rows {
            let web = web_url(url, plain).ok().map(String::from);
            assert_eq!(web.as_deref(), want, "{url}");
        }
    }

    #[test]
    fn settings_of_registries_are_checked() {
        let check = |url: &str, change: &dyn Fn(&mut RepositorySettings)| {
            let mut settings = RepositorySettings::new("r", url);
            change(&mut settings);
            check_settings(&settings).map_err(|error| error.to_string())
        };
        let (web, oci) = ("https://x.example.com", "oci://x.example.com/a");
        assert_eq!(check(web, &|_| {}), Ok(()));
        assert_eq!(check(oci, &|s| s.charts = vec!["web".to_owned()]), Ok(()));
        assert_eq!(
            check(oci, &|s| s.token_hosts = vec!["auth.x:81".to_owned()]),
            Ok(())
        );
        type Change = fn(&mut RepositorySettings);
        let rows: [(&str, Change); 8] = [
            (web, |s| s.charts = vec!["web".to_owned()]),
            (web, |s| s.plain_http = true),
            (web, |s| s.token_hosts = vec!["a".to_owned()]),
            (oci, |s| s.charts = vec!["../web".to_owned()]),
            (oci, |s| s.charts = vec!["a/b".to_owned()]),
            (oci, |s| s.charts = vec!["web".to_owned(), "web".to_owned()]),
            (oci, |s| s.token_hosts = vec!["https://auth.x".to_owned()]),
            (oci, |s| s.token_hosts = vec!["me@auth.x".to_owned()]),
        ];
        for (url, change) in rows {
            assert!(check(url, &change).is_err(), "{url}");
        }
    }
}
