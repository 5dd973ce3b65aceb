//! Addresses in Chart.yaml: of maintainers, sources and icons.

use engine::regexp::Regex;
use engine::url::Url;

/// An absolute address, as `net/url` takes one apart in a request, where `#` begins nothing.
pub(super) fn is_request_url(text: &str) -> bool {
    !text.is_empty()
        && Url::parse(text.replace('#', "%23").as_bytes()).is_ok_and(|url| !url.scheme.is_empty())
}

/// Letters and digits of any script, but for some blocks that are no text.
fn is_letter_or_digit(rune: char) -> bool {
    rune.is_ascii_alphanumeric() || is_foreign(rune)
}

fn is_foreign(rune: char) -> bool {
    matches!(rune, '\u{a0}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{ffef}')
}

/// `local@domain.top`: the local part in dotted atoms or in quotes.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    (is_dotted_atoms(local) || is_quoted(local)) && is_mail_domain(domain)
}

fn is_dotted_atoms(local: &str) -> bool {
    let is_atom_rune = |rune: char| is_letter_or_digit(rune) || "!#$%&'*+-/=?^_`{|}~".contains(rune);
    local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(is_atom_rune))
}

/// A quoted text: tabs, spaces and what can be printed, in one line.
fn is_quoted(local: &str) -> bool {
    let inside = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inside.is_some_and(|inside| {
        inside.chars().all(|rune| {
            !matches!(rune, '"' | '\\' | '\0' | '\r' | '\n') && (rune.is_ascii() || is_foreign(rune))
        })
    })
}

/// At least two labels; the last begins and ends with a letter. A dot may follow.
fn is_mail_domain(domain: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let Some((labels, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let is_letter = |rune: char| rune.is_ascii_alphabetic() || is_foreign(rune);
    let is_inner = |rune: char| is_letter_or_digit(rune) || matches!(rune, '-' | '_' | '~');
    let is_between = |text: &str, ends: &dyn Fn(char) -> bool, inner: &dyn Fn(char) -> bool| {
        text.starts_with(ends) && text.ends_with(ends) && text.chars().all(inner)
    };
    is_between(top, &is_letter, &is_inner)
        && is_between(labels, &is_letter_or_digit, &|rune| is_inner(rune) || rune == '.')
}

/// An address of a site, with or without scheme: a host name or an address, then port and path.
pub(super) fn is_url(text: &str) -> bool {
    const MAX_RUNES: usize = 2083;
    const MIN_BYTES: usize = 3;
    if text.chars().count() >= MAX_RUNES || text.len() <= MIN_BYTES || text.starts_with('.') {
        return false;
    }
    let with_scheme = if text.contains(':') && !text.contains("://") {
        format!("http://{text}")
    } else {
        text.to_owned()
    };
    let Ok(url) = Url::parse(with_scheme.as_bytes()) else {
        return false;
    };
    if url.host.starts_with(b".") {
        return false;
    }
    if url.host.is_empty() && !url.path.is_empty() && !url.path.contains(&b'.') {
        return false;
    }
    Regex::compile(site_pattern().as_bytes()).is_ok_and(|pattern| pattern.is_match(text.as_bytes()))
}

/// Scheme, user, host, port and path of a site.
fn site_pattern() -> String {
    let scheme = "((ftp|tcp|udp|wss?|https?)://)?";
    let user = r"(\S+@)?";
    let ipv4 = r"([1-9]\d?|1\d\d|2[01]\d|22[0-3]|24\d|25[0-5])(\.(\d{1,2}|1\d\d|2[0-4]\d|25[0-5])){2}\.(\d\d?|1\d\d|2[0-4]\d|25[0-5])";
    let ipv6 = r"\[[0-9a-fA-F:.%]+\]";
    let letter = r"[a-zA-Z\x{a1}-\x{ffff}]";
    let letter_or_digit = r"[a-zA-Z0-9\x{a1}-\x{ffff}]";
    let first_labels = r"[a-zA-Z0-9]([a-zA-Z0-9\-_]+)?[a-zA-Z0-9]([\-.][a-zA-Z0-9]+)*";
    let subdomain = r"(www\.|[a-zA-Z0-9]+([\-_.]?[a-zA-Z0-9])*[a-zA-Z0-9]\.[a-zA-Z0-9]+)";
    let host =
        format!(r"({first_labels}|{subdomain})?({letter_or_digit}+-?-?)*{letter_or_digit}+(\.{letter}+)?");
    let rest = r"\.?(:\d{1,5})?([/?#]\S*)?";
    format!("^{scheme}{user}({ipv4}|{ipv6}|{host}){rest}$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails() {
        for good in [
            "a@b.co",
            "first.last+tag@sub.example.org",
            "\"odd one\"@example.com",
            "ü@exämple.de",
            "a@b.co.",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "", "a", "a@b", "a@b.c0", "@b.co", ".a@b.co", "a b@c.de", "a@-b.co", "a@b..", "john.doe",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn sites() {
        for good in [
            "https://example.com",
            "example.com",
            "http://1.2.3.4:80/x?y#z",
            "localhost:8080",
            "https://user:pw@example.com/",
            "http://[::1]/",
            "www.example.com",
        ] {
            assert!(is_url(good), "{good}");
        }
        for bad in [
            "",
            "abc",
            "rfc",
            "foo bar.com",
            "http://",
            ".example.com",
            "mailto:a b",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
    }

    #[test]
    fn request_urls() {
        for good in ["https://example.com/a#b", "mailto:x", "oci://a/b"] {
            assert!(is_request_url(good), "{good}");
        }
        for bad in ["", "/path", "example.com", "http://a b/", "https://x/%zz"] {
            assert!(!is_request_url(bad), "{bad}");
        }
    }
}
