//! Addresses out of what a cluster says: only those that a browser may safely be sent to.

use std::net::IpAddr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters of a path that are kept.
const MAX_PATH_CHARS: usize = 500;

/// What a path may hold as it is (RFC 3986, `pchar` and the slash).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// Where regular expressions begin, which some controllers take for paths.
const EXPRESSIONS: &[char] = &['(', '[', '*', '^', '$', '|', '\\', '?', '{'];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// An address; `None` where the host cannot be one. Of a path that is an expression only its start is used.
pub(super) fn url(scheme: Scheme, host: &str, port: Option<u16>, path: &str) -> Option<String> {
    let host = match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.to_string(),
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        Err(_) => Some(host.to_ascii_lowercase()).filter(|host| is_host_name(host))?,
    };
    let port = match port.filter(|port| *port != scheme.default_port()) {
        None => String::new(),
        Some(port) => format!(":{port}"),
    };
    let literal = path.split(EXPRESSIONS).next().unwrap_or_default();
    let short: String = literal.chars().take(MAX_PATH_CHARS).collect();
    let path = utf8_percent_encode(short.trim_start_matches('/'), ESCAPED);
    Some(format!("{}://{host}{port}/{path}", scheme.as_str()))
}

/// Whether it is a name of DNS in lower case: labels of letters, digits and hyphens, the last of which is no number.
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A last label of digits makes browsers read an IPv4 address in one of its odd forms.
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253 && name.split('.').all(is_label) && last.bytes().any(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_become_addresses() {
        let cases = [
            ("example.org", "/", Some("http://example.org/")),
            ("EXAMPLE.org", "", Some("http://example.org/")),
            ("localhost", "/shop", Some("http://localhost/shop")),
            ("10.0.0.1", "/", Some("http://10.0.0.1/")),
            ("fd00::1", "/", Some("http://[fd00::1]/")),
            (
                "example.org",
                "//evil.example",
                Some("http://example.org/evil.example"),
            ),
            ("example.org", "/api(/|$)(.*)", Some("http://example.org/api")),
            (
                "example.org",
                "/a b\"<c>#d%",
                Some("http://example.org/a%20b%22%3Cc%3E%23d%25"),
            ),
            ("example.org", "/ä", Some("http://example.org/%C3%A4")),
            ("", "/", None),
            ("javascript:alert(1)//", "/", None),
            ("example.org:80", "/", None),
            ("user@example.org", "/", None),
            ("example.org/path", "/", None),
            ("example.org#", "/", None),
            ("exa mple.org", "/", None),
            ("*.example.org", "/", None),
            ("-a.example", "/", None),
            ("a..b", "/", None),
            ("example.org.", "/", None),
            ("0x7f.1", "/", None),
            ("2130706433", "/", None),
            ("exämple.org", "/", None),
            ("[::1]", "/", None),
            ("a\u{202e}b.org", "/", None),
        ];
        for (host, path, expected) in cases {
            assert_eq!(url(Scheme::Http, host, None, path).as_deref(), expected, "{host}");
        }
        assert_eq!(url(Scheme::Http, &"a.".repeat(200), None, "/"), None);
        let long = url(Scheme::Http, "a.org", None, &"/a".repeat(10_000)).unwrap();
        assert!(long.len() < 600);
    }

    #[test]
    fn usual_ports_are_not_written() {
        let of = |scheme, port| url(scheme, "a.org", Some(port), "/").unwrap();
        assert_eq!(of(Scheme::Http, 80), "http://a.org/");
        assert_eq!(of(Scheme::Http, 443), "http://a.org:443/");
        assert_eq!(of(Scheme::Https, 443), "https://a.org/");
        assert_eq!(of(Scheme::Https, 8443), "https://a.org:8443/");
    }
}
