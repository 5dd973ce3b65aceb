//! Whether a request that would change something was made by a page of ours.
//!
//! Browsers say so, and scripts cannot: `Sec-Fetch-Site` names the relation of the page to us, `Origin` the page's origin.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderName};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a page of ours made the request. Without a word about it, it is not believed when it brings a session.
pub(crate) fn is_own(headers: &HeaderMap, public_origin: &str, has_session: bool) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    // First: a proxy in front may have changed the host, which `Origin` would be compared with.
    if let Some(site) = text(&SEC_FETCH_SITE) {
        return site == "same-origin";
    }
    match text(&ORIGIN) {
        Some(origin) => {
            let host = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"));
            let is_here = host.is_some_and(|host| !host.is_empty() && text(&HOST) == Some(host));
            is_here || (!public_origin.is_empty() && origin == public_origin)
        }
        None => !has_session,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::is_own;

    #[test]
    fn other_sites_are_told_from_our_own() {
        // Sec-Fetch-Site, Origin, Host; with and without a session.
        let rows = [
            ("same-origin", "", "charts.example.com", true, true),
            (
                "same-origin",
                "https://charts.example.com",
                "10.0.0.1",
                true,
                true,
            ),
            (
                "same-site",
                "https://evil.example.com",
                "charts.example.com",
                false,
                false,
            ),
            (
                "cross-site",
                "https://evil.org",
                "charts.example.com",
                false,
                false,
            ),
            (
                "cross-site",
                "https://charts.example.com",
                "charts.example.com",
                false,
                false,
            ),
            ("none", "", "charts.example.com", false, false),
            ("", "https://charts.example.com", "charts.example.com", true, true),
            ("", "http://localhost:8080", "localhost:8080", true, true),
            ("", "http://localhost:8081", "localhost:8080", false, false),
            ("", "https://public.example.com", "10.0.0.1", true, true),
            (
                "",
                "https://public.example.com.evil.org",
                "10.0.0.1",
                false,
                false,
            ),
            ("", "https://evil.org", "charts.example.com", false, false),
            ("", "null", "charts.example.com", false, false),
            ("", "https://", "", false, false),
            // No browser: a program, which is believed unless it brings a session.
            ("", "", "charts.example.com", true, false),
        ];
        for (site, origin, host, anonymous, with_session) in rows {
            let mut headers = HeaderMap::new();
            for (name, value) in [("sec-fetch-site", site), ("origin", origin), ("host", host)] {
                if !value.is_empty() {
                    headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
                }
            }
            let public = "https://public.example.com";
            assert_eq!(
                is_own(&headers, public, false),
                anonymous,
                "{site} {origin} {host}"
            );
            assert_eq!(
                is_own(&headers, public, true),
                with_session,
                "{site} {origin} {host}, session"
            );
        }
    }
}
