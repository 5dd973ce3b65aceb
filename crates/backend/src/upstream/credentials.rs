//! Who may see a repository's credentials.

use base64::Engine;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::FetchError;
use crate::secret::SecretString;
use crate::settings::{Credentials, RepositorySettings};

/// A repository's credentials, ready to be sent.
#[derive(Clone, Default)]
pub(super) struct Sealed {
    headers: HeaderMap,
}

impl Sealed {
    pub(super) fn new(credentials: &Credentials) -> Result<Self, FetchError> {
        let mut headers = HeaderMap::new();
        for (name, value) in &credentials.headers {
            let bad = || FetchError::Header { name: name.clone() };
            let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
            headers.insert(key, sensitive(value.expose()).ok_or_else(bad)?);
        }
        let authorization = || FetchError::Header {
            name: "authorization".to_owned(),
        };
        if let Some(token) = &credentials.bearer_token {
            let value = sensitive(&format!("Bearer {}", token.expose())).ok_or_else(authorization)?;
            headers.insert(AUTHORIZATION, value);
        } else if let Some(value) = basic(credentials) {
            headers.insert(AUTHORIZATION, value.ok_or_else(authorization)?);
        }
        Ok(Self { headers })
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

/// User name and password as a header, where there is a user name; none within if they cannot be sent.
pub(super) fn basic(credentials: &Credentials) -> Option<Option<HeaderValue>> {
    let user = credentials.username.as_ref()?;
    let password = credentials.password.as_ref().map_or("", SecretString::expose);
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    Some(sensitive(&format!("Basic {pair}")))
}

pub(super) fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Whether two URLs are of the same origin: scheme, host and port.
pub(super) fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.host_str() == b.host_str()
        && a.port_or_known_default() == b.port_or_known_default()
}

/// A URL as it may be shown: without user name, password, query string and fragment, any of which can be a secret.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // These fail for URLs without a host only, which have none of it.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// Moves a user name and a password out of the URL into the settings, where they are looked after.
pub(crate) fn split_credentials(settings: &mut RepositorySettings) -> Result<(), FetchError> {
    let bad = |url: &str| FetchError::Url {
        url: url.split('@').next_back().unwrap_or_default().to_owned(),
    };
    let mut url = Url::parse(settings.url.trim()).map_err(|_| bad(&settings.url))?;
    if !matches!(url.scheme(), "http" | "https" | "oci") || url.host_str().is_none_or(str::is_empty) {
        return Err(bad(&settings.url));
    }
    if !url.username().is_empty() && settings.username.is_none() {
        settings.username = Some(percent_decoded(url.username()));
        settings.password = url.password().map(percent_decoded).map(SecretString::new);
    }
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    settings.url = String::from(url).trim_end_matches('/').to_owned();
    super::registry::check_settings(settings)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = (first == b'%')
            .then(|| tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::split_credentials;
    use crate::settings::RepositorySettings;

    #[test]
    fn credentials_leave_the_url() {
        let mut settings = RepositorySettings::new("r", "https://me:p%40ss@charts.example.com/a/#x");
        split_credentials(&mut settings).expect("a URL");
        assert_eq!(settings.url, "https://charts.example.com/a");
        assert_eq!(settings.username.as_deref(), Some("me"));
        assert_eq!(settings.password.expect("a password").expose(), "p@ss");
        let mut registry = RepositorySettings::new("r", "oci://me:pass@registry.example.com:5000/a/b/");
        split_credentials(&mut registry).expect("a URL");
        assert_eq!(registry.url, "oci://registry.example.com:5000/a/b");
        assert_eq!(registry.username.as_deref(), Some("me"));
        for bad in [
            "oci://",
            "oci:///charts",
            "oci://x/UP",
            "oci://x/a?b",
            "ftp://x",
            "nonsense",
            "file:///etc/passwd",
            "https://",
        ] {
            assert!(
                split_credentials(&mut RepositorySettings::new("r", bad)).is_err(),
                "{bad}"
            );
        }
    }
}
