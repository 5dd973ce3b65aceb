//! The cookie of a session.
//!
//! Its prefix makes browsers accept it only with `Secure`, `Path=/` and without a domain: no other host of the domain, and
//! nobody who can answer over plain HTTP, can plant one. So it works over HTTPS, and over HTTP on the machine itself, which
//! browsers trust; anywhere else signing in is refused, see [`is_kept`].

use app::error::{AppError, ErrorKind};
use backend::ops::NewSession;
use backend::secret::SecretString;
use http::header::{COOKIE, HOST, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use super::Peer;

pub(crate) const NAME: &str = "__Host-chartroom";

/// The session's secret among a request's cookies.
pub(crate) fn read(headers: &HeaderMap) -> Option<SecretString> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == NAME && !value.is_empty()).then(|| SecretString::new(value))
        })
}

/// Hands the browser a session.
pub(crate) fn set(headers: &mut HeaderMap, session: &NewSession) {
    let cookie = format!(
        "{NAME}={}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Lax",
        session.secret.expose(),
        session.max_age_secs
    );
    if let Ok(mut value) = HeaderValue::try_from(cookie) {
        value.set_sensitive(true);
        headers.append(SET_COOKIE, value);
    }
}

/// Takes the session from the browser.
pub(crate) fn clear(headers: &mut HeaderMap) {
    let gone =
        HeaderValue::from_static("__Host-chartroom=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
    headers.append(SET_COOKIE, gone);
}

/// Whether a browser would keep the cookie; a session that is begun without it is lost at once, and its secret has crossed
/// the network in the clear.
pub(crate) fn is_kept(headers: &HeaderMap, peer: &Peer, public_origin: &str) -> Result<(), AppError> {
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    if public_origin.starts_with("https://") || peer.is_https || is_this_machine(host) {
        return Ok(());
    }
    Err(AppError::new(
        ErrorKind::Forbidden,
        "signing in needs HTTPS: over plain HTTP the password could be read on its way, and browsers do not keep the \
         session; serve the site by HTTPS and set `server.public_origin` to its https address",
    ))
}

/// Whether a host, with or without a port, is one that browsers trust without HTTPS.
fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => return rest.starts_with("::1]"),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || name
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use backend::ops::NewSession;
    use backend::secret::SecretString;
    use http::header::{COOKIE, HOST, SET_COOKIE};
    use http::{HeaderMap, HeaderValue};

    use super::{Peer, clear, is_kept, read, set};

    #[test]
    fn is_read_among_others() {
        let rows = [
            ("a=b; __Host-chartroom=secret; c=d", Some("secret")),
            ("__Host-chartroom=secret", Some("secret")),
            ("__Host-chartroom=", None),
            ("x__Host-chartroom=secret", None),
            ("chartroom=secret", None),
            ("__host-chartroom=secret", None),
            ("", None),
        ];
        for (value, want) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_static(value));
            assert_eq!(read(&headers).as_ref().map(SecretString::expose), want, "{value}");
        }
    }

    #[test]
    fn has_every_attribute_that_its_prefix_demands() {
        let mut headers = HeaderMap::new();
        let session = NewSession {
            secret: SecretString::new("secret"),
            max_age_secs: 60,
        };
        set(&mut headers, &session);
        clear(&mut headers);
        let cookies: Vec<&HeaderValue> = headers.get_all(SET_COOKIE).iter().collect();
        assert!(!format!("{headers:?}").contains("secret"), "it is not logged");
        for cookie in cookies {
            let cookie = cookie.to_str().expect("plain text");
            for attribute in [
                "__Host-chartroom=",
                "; Path=/;",
                "; Secure",
                "; HttpOnly",
                "; SameSite=Lax",
            ] {
                assert!(cookie.contains(attribute), "{attribute} in {cookie}");
            }
            assert!(!cookie.contains("Domain"), "{cookie}");
        }
    }

    #[test]
    fn needs_https_except_on_the_machine_itself() {
        let rows = [
            ("charts.example.com", "", false, false),
            ("charts.example.com", "http://charts.example.com", false, false),
            ("charts.example.com", "https://charts.example.com", false, true),
            ("charts.example.com", "", true, true),
            ("localhost:8080", "", false, true),
            ("charts.localhost", "", false, true),
            ("127.0.0.1:8080", "", false, true),
            ("[::1]:8080", "", false, true),
            ("10.0.0.1:8080", "", false, false),
            ("localhost.example.com", "", false, false),
            ("127.0.0.1.example.com", "", false, false),
            ("[::2]", "", false, false),
            ("", "", false, false),
        ];
        for (host, public_origin, is_https, want) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            let peer = Peer {
                address: None,
                is_https,
            };
            assert_eq!(
                is_kept(&headers, &peer, public_origin).is_ok(),
                want,
                "{host} {public_origin}"
            );
        }
    }
}
