//! Addresses of an index: relative to the repository as Helm resolves them (helm v4 `ResolveReferenceURL` over Go's
//! `net/url`).

/// Why an address could not be resolved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocateError {
    #[error("address `{url}` cannot be read")]
    Malformed { url: String },
}

/// Resolves `reference`, an address of an index, against the repository's own `base`. An absolute reference is
/// returned as it is. The base's query goes along, as some repositories keep a token there; so a reference to another
/// host takes it there too, and whoever fetches must compare hosts before it sends anything secret.
pub fn resolve_url(base: &str, reference: &str) -> Result<String, LocateError> {
    let parsed = Reference::parse(reference)?;
    if parsed.scheme.is_some() {
        return Ok(reference.to_owned());
    }
    let base = Reference::parse(base)?;
    let directory = format!("{}/", base.path.strip_suffix('/').unwrap_or(base.path));

    let (authority, path) = match parsed.authority {
        Some(authority) => (Some(authority), normalize("", parsed.path)),
        None if parsed.path.is_empty() => (base.authority, normalize(&directory, "")),
        None => (base.authority, normalize(&directory, parsed.path)),
    };
    let mut url = String::new();
    if let Some(scheme) = base.scheme {
        url.push_str(&scheme.to_ascii_lowercase());
        url.push(':');
    }
    if let Some(authority) = authority {
        url.push_str("//");
        url.push_str(authority);
    }
    escape_path(&path, &mut url);
    if let Some(query) = base.query.filter(|query| !query.is_empty()) {
        url.push('?');
        url.push_str(query);
    }
    if let Some(fragment) = parsed.fragment {
        url.push('#');
        url.push_str(fragment);
    }
    Ok(url)
}

/// The scheme of an address, if it has one.
pub(super) fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let mut bytes = scheme.bytes();
    let valid = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    valid.then_some(scheme)
}

/// The parts of an address, as written.
struct Reference<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Reference<'a> {
    fn parse(text: &'a str) -> Result<Self, LocateError> {
        let malformed = || LocateError::Malformed {
            url: super::skip::shown(text),
        };
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Err(malformed());
        }
        let (rest, fragment) = cut(text, '#');
        let scheme = scheme(rest);
        let rest = match scheme {
            Some(scheme) => rest.get(scheme.len() + 1..).unwrap_or_default(),
            // `:x` and `1a:b` are neither a scheme nor a path.
            None if rest
                .split('/')
                .next()
                .is_some_and(|segment| segment.contains(':')) =>
            {
                return Err(malformed());
            }
            None => rest,
        };
        let (rest, query) = cut(rest, '?');
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let slash = rest.find('/').unwrap_or(rest.len());
                let (authority, path) = rest.split_at_checked(slash).unwrap_or((rest, ""));
                (Some(authority), path)
            }
            None => (None, rest),
        };
        let mut escapes = path.split('%').skip(1);
        let hex = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
        if !escapes.all(hex) || authority.is_some_and(|authority| authority.contains([' ', '<', '>', '"'])) {
            return Err(malformed());
        }
        Ok(Self {
            scheme,
            authority,
            path,
            query,
            fragment,
        })
    }
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// RFC 3986, 5.2.2 to 5.2.4: the path of a reference below a directory, without `.` and `..` segments.
fn normalize(directory: &str, path: &str) -> String {
    let full = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{directory}{path}")
    };
    if full.is_empty() {
        return full;
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = full.strip_prefix('/').unwrap_or(&full).split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    format!("/{}", kept.join("/"))
}

/// Escapes what may not stand in a path; escapes that are there stay.
fn escape_path(path: &str, url: &mut String) {
    for byte in path.bytes() {
        let plain = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'_'
                    | b'.'
                    | b'~'
                    | b'/'
                    | b'%'
                    | b'$'
                    | b'&'
                    | b'+'
                    | b','
                    | b':'
                    | b';'
                    | b'='
                    | b'@'
            )
            || matches!(byte, b'!' | b'\'' | b'(' | b')' | b'*' | b'[' | b']');
        if plain {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
}
