//! URLs as Go's `net/url` takes them apart and puts them together.
//!
//! Only what `urlParse` and `urlJoin` show: how a path was escaped in the original text is not kept.

mod address;

pub use address::{Address, AddressError, parse_address};

/// The parts of a URL, unescaped except for the query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Url {
    /// In lower case.
    pub scheme: Vec<u8>,
    /// What follows the scheme, if that is not a path.
    pub opaque: Vec<u8>,
    /// Name and password.
    pub user: Option<Userinfo>,
    /// Host with port.
    pub host: Vec<u8>,
    /// The path.
    pub path: Vec<u8>,
    /// The query as written.
    pub query: Vec<u8>,
    /// The fragment.
    pub fragment: Vec<u8>,
}

/// A user name and perhaps a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Userinfo {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

/// Why a text is not a URL; prints as Go's `url.Error`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("parse {}: {problem}", crate::strconv::quote(.text))]
pub struct UrlError {
    text: Vec<u8>,
    problem: Problem,
}

/// What is wrong with a URL, in Go's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A byte below space, or DEL.
    #[error("net/url: invalid control character in URL")]
    ControlCharacter,
    /// A colon at the start.
    #[error("missing protocol scheme")]
    MissingScheme,
    /// `a:b` that is not a scheme.
    #[error("first path segment in URL cannot contain colon")]
    ColonInFirstSegment,
    /// A name or password with characters that must be escaped.
    #[error("net/url: invalid userinfo")]
    Userinfo,
    /// `[` inside of a host.
    #[error("invalid IP-literal")]
    IpLiteral,
    /// `[::1`
    #[error("missing ']' in host")]
    MissingBracket,
    /// Something else than digits after the colon.
    #[error("invalid port {} after host", crate::strconv::quote(.0))]
    Port(Vec<u8>),
    /// `[x]`
    #[error("invalid host: {0}")]
    Address(AddressError),
    /// `%zz`
    #[error("invalid URL escape {}", crate::strconv::quote(.0))]
    Escape(Vec<u8>),
    /// A character a host cannot have.
    #[error("invalid character {} in host name", crate::strconv::quote(.0))]
    HostCharacter(Vec<u8>),
}

/// Where a text stands in a URL, which says what has to be escaped there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Path,
    Host,
    /// The zone of an IPv6 address.
    Zone,
    User,
    QueryComponent,
    Fragment,
}

impl Part {
    /// Whether `byte` stands for itself there.
    fn allows(self, byte: u8) -> bool {
        let others: &[u8] = match self {
            Self::Path => b"$&+,-./:;=@_~",
            Self::Host | Self::Zone => b"!\"$&'()*+,-.:;<=>[]_~",
            Self::User => b"$&+,-.;=_~",
            Self::QueryComponent => b"-._~",
            Self::Fragment => b"!$&()*+,-./:;=?@_~",
        };
        byte.is_ascii_alphanumeric() || others.contains(&byte)
    }
}

impl Url {
    /// Takes `text` apart.
    pub fn parse(text: &[u8]) -> Result<Self, UrlError> {
        let (head, fragment) = cut(text, b'#');
        let mut url = Self::parse_head(head).map_err(|problem| UrlError {
            text: head.to_vec(),
            problem,
        })?;
        url.fragment = unescape(fragment, Part::Fragment).map_err(|problem| UrlError {
            text: text.to_vec(),
            problem,
        })?;
        Ok(url)
    }

    fn parse_head(text: &[u8]) -> Result<Self, Problem> {
        if text.iter().any(|byte| *byte < b' ' || *byte == 0x7f) {
            return Err(Problem::ControlCharacter);
        }
        let mut url = Self::default();
        if text == b"*" {
            url.path = b"*".to_vec();
            return Ok(url);
        }
        let (scheme, rest) = split_scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        let (mut rest, query) = cut(rest, b'?');
        url.query = query.to_vec();
        if !rest.starts_with(b"/") {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_vec();
                return Ok(url);
            }
            if cut(rest, b'/').0.contains(&b':') {
                return Err(Problem::ColonInFirstSegment);
            }
        }
        if (!url.scheme.is_empty() || !rest.starts_with(b"///"))
            && let Some(after) = rest.strip_prefix(b"//")
        {
            let end = after.iter().position(|byte| *byte == b'/').unwrap_or(after.len());
            let (authority, path) = after.split_at_checked(end).unwrap_or((after, b""));
            rest = path;
            let (user, host) = match authority.iter().rposition(|byte| *byte == b'@') {
                None => (None, authority),
                Some(at) => (authority.get(..at), authority.get(at + 1..).unwrap_or_default()),
            };
            url.host = parse_host(&url.scheme, host)?;
            url.user = user.map(Userinfo::parse).transpose()?;
        }
        url.path = unescape(rest, Part::Path)?;
        Ok(url)
    }

    /// The host without port and brackets.
    #[must_use]
    pub fn hostname(&self) -> &[u8] {
        let colon = self.host.iter().rposition(|byte| *byte == b':');
        let host = colon
            .and_then(|colon| self.host.split_at_checked(colon))
            .filter(|(_, port)| is_optional_port(port))
            .map_or(self.host.as_slice(), |(host, _)| host);
        host.strip_prefix(b"[")
            .and_then(|host| host.strip_suffix(b"]"))
            .unwrap_or(host)
    }

    /// Puts the parts together.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if !self.scheme.is_empty() {
            text.extend_from_slice(&self.scheme);
            text.push(b':');
        }
        if self.opaque.is_empty() {
            if (!self.scheme.is_empty() && !self.path.is_empty())
                || !self.host.is_empty()
                || self.user.is_some()
            {
                text.extend_from_slice(b"//");
            }
            if let Some(user) = &self.user {
                text.extend_from_slice(&user.to_bytes());
                text.push(b'@');
            }
            text.extend_from_slice(&escape(&self.host, Part::Host));
            let path = if self.path == b"*" {
                b"*".to_vec()
            } else {
                escape(&self.path, Part::Path)
            };
            if !path.is_empty() && !path.starts_with(b"/") && !self.host.is_empty() {
                text.push(b'/');
            }
            // "this:that" would be taken for a scheme.
            if text.is_empty() && cut(&path, b'/').0.contains(&b':') {
                text.extend_from_slice(b"./");
            }
            text.extend_from_slice(&path);
        } else {
            text.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            text.push(b'?');
            text.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            text.push(b'#');
            text.extend_from_slice(&escape(&self.fragment, Part::Fragment));
        }
        text
    }
}

impl Userinfo {
    fn parse(text: &[u8]) -> Result<Self, Problem> {
        let valid = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
        if !text.iter().all(valid) {
            return Err(Problem::Userinfo);
        }
        let (name, password) = cut(text, b':');
        let has_password = name.len() < text.len();
        Ok(Self {
            name: unescape(name, Part::User)?,
            password: has_password.then(|| unescape(password, Part::User)).transpose()?,
        })
    }

    /// Both escaped, with a colon between.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = escape(&self.name, Part::User);
        if let Some(password) = &self.password {
            text.push(b':');
            text.extend_from_slice(&escape(password, Part::User));
        }
        text
    }
}

/// The text before and after the first `separator`.
fn cut(text: &[u8], separator: u8) -> (&[u8], &[u8]) {
    match text.iter().position(|byte| *byte == separator) {
        None => (text, b""),
        Some(at) => (
            text.get(..at).unwrap_or_default(),
            text.get(at + 1..).unwrap_or_default(),
        ),
    }
}

fn split_scheme(text: &[u8]) -> Result<(&[u8], &[u8]), Problem> {
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b':' if index == 0 => return Err(Problem::MissingScheme),
            b':' => return Ok(cut(text, b':')),
            b'0'..=b'9' | b'+' | b'-' | b'.' if index > 0 => {}
            _ if byte.is_ascii_alphabetic() => {}
            _ => break,
        }
    }
    Ok((b"", text))
}

fn parse_host(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, Problem> {
    let check_port = |port: &[u8]| {
        if is_optional_port(port) {
            Ok(())
        } else {
            Err(Problem::Port(port.to_vec()))
        }
    };
    match host.iter().rposition(|byte| *byte == b'[') {
        Some(0) => {
            let close = host
                .iter()
                .rposition(|byte| *byte == b']')
                .ok_or(Problem::MissingBracket)?;
            let (address, port) = host.split_at_checked(close + 1).unwrap_or((host, b""));
            check_port(port)?;
            let address = address.get(1..close).unwrap_or_default();
            let zone_start = address.windows(3).position(|window| window == b"%25");
            let (plain, zone) = address
                .split_at_checked(zone_start.unwrap_or(address.len()))
                .unwrap_or((address, b""));
            let plain = unescape(plain, Part::Host)?;
            let zone = unescape(zone, Part::Zone)?;
            let unescaped = [plain.as_slice(), zone.as_slice()].concat();
            match parse_address(&String::from_utf8_lossy(&unescaped)) {
                Ok(Address::V6 | Address::Zoned) => {}
                Ok(Address::V4) => return Err(Problem::IpLiteral),
                Err(error) => return Err(Problem::Address(error)),
            }
            Ok([b"[", unescaped.as_slice(), b"]", port].concat())
        }
        Some(_) => Err(Problem::IpLiteral),
        None => {
            // Lists of hosts ("a:1,b:2") pass, except for the web.
            let strict = scheme == b"http" || scheme == b"https";
            let is_colon = |byte: &u8| *byte == b':';
            let colon = if strict {
                host.iter().position(is_colon)
            } else {
                host.iter().rposition(is_colon)
            };
            if let Some(colon) = colon {
                check_port(host.get(colon..).unwrap_or_default())?;
            }
            unescape(host, Part::Host)
        }
    }
}

/// Nothing, or a colon and digits.
fn is_optional_port(port: &[u8]) -> bool {
    match port {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// Replaces `%XX` by the byte it stands for.
fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, Problem> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        if *byte != b'%' {
            if matches!(part, Part::Host | Part::Zone) && byte.is_ascii() && !part.allows(*byte) {
                return Err(Problem::HostCharacter(vec![*byte]));
            }
            plain.push(if *byte == b'+' && part == Part::QueryComponent {
                b' '
            } else {
                *byte
            });
            rest = after;
            continue;
        }
        let invalid = || Problem::Escape(rest.get(..3).unwrap_or(rest).to_vec());
        let [high, low, after @ ..] = after else {
            return Err(invalid());
        };
        let value = hex_value(*high)
            .zip(hex_value(*low))
            .map(|(high, low)| high * 16 + low)
            .ok_or_else(invalid)?;
        let percent = value == b'%';
        let allowed = match part {
            // Only bytes that are not ASCII may be escaped in a host.
            Part::Host => !value.is_ascii() || percent,
            Part::Zone => percent || value == b' ' || Part::Host.allows(value),
            _ => true,
        };
        if !allowed {
            return Err(invalid());
        }
        plain.push(value);
        rest = after;
    }
    Ok(plain)
}

/// Escapes what cannot stand for itself in `part`.
#[must_use]
pub fn escape(text: &[u8], part: Part) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(text.len());
    for byte in text {
        if part.allows(*byte) {
            escaped.push(*byte);
        } else if *byte == b' ' && part == Part::QueryComponent {
            escaped.push(b'+');
        } else {
            escaped.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_survive_a_round_trip() {
        for (text, again) in [
            ("http://a.b", "http://a.b"),
            (
                "HTTPS://user:pa%20ss@host.com:8080/p/a?q=1&r=2#frag",
                "https://user:pa%20ss@host.com:8080/p/a?q=1&r=2#frag",
            ),
            ("mailto:x@y", "mailto:x@y"),
            ("http://[::1]:80/", "http://[::1]:80/"),
            ("ftp://h/a b", "ftp://h/a%20b"),
            ("///x", "///x"),
            ("?q", "?q"),
            ("pg://a:1,b:2/db", "pg://a:1,b:2/db"),
        ] {
            let url = Url::parse(text.as_bytes()).expect(text);
            assert_eq!(String::from_utf8_lossy(&url.to_bytes()), again);
        }
        assert_eq!(
            Url::parse(b"http://[fe80::1]:8").expect("a URL").hostname(),
            b"fe80::1"
        );
    }

    #[test]
    fn errors_read_as_gos_do() {
        for (text, error) in [
            ("%zz", "parse \"%zz\": invalid URL escape \"%zz\""),
            (":x", "parse \":x\": missing protocol scheme"),
            (
                "1:x",
                "parse \"1:x\": first path segment in URL cannot contain colon",
            ),
            (
                "http://a b/",
                "parse \"http://a b/\": invalid character \" \" in host name",
            ),
            (
                "http://a:b/",
                "parse \"http://a:b/\": invalid port \":b\" after host",
            ),
            ("http://[::1", "parse \"http://[::1\": missing ']' in host"),
            ("a\n", "parse \"a\\n\": net/url: invalid control character in URL"),
            ("x#%", "parse \"x#%\": invalid URL escape \"%\""),
        ] {
            assert_eq!(Url::parse(text.as_bytes()).expect_err(text).to_string(), error);
        }
    }
}
