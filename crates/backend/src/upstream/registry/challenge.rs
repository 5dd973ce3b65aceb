//! What a registry wants to see: `WWW-Authenticate` (RFC 9110, section 11.6.1), as far as registries use it.

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User name and password.
    Basic,
    /// A token that is had at `realm`.
    Bearer { realm: String, service: String },
}

/// Longer challenges no registry sends.
const MAX_BYTES: usize = 8 * 1024;

/// Reads the first challenge of a header that is one of ours.
///
/// Its `scope` is not read: a registry could name one of more than we mean to do, and be shown the token for it.
pub(super) fn read(header: &str) -> Option<Challenge> {
    if header.len() > MAX_BYTES {
        return None;
    }
    let (scheme, mut rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let (mut realm, mut service) = (None, String::new());
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        let Some((name, tail)) = rest.split_once('=') else {
            break;
        };
        let (value, tail) = value(tail)?;
        match name.trim().to_ascii_lowercase().as_str() {
            "realm" => realm = Some(value),
            "service" => service = value,
            _ => {}
        }
        rest = tail;
    }
    Some(Challenge::Bearer {
        realm: realm?,
        service,
    })
}

/// A quoted string or a word, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (word, rest) = text.split_at(text.find([',', ' ']).unwrap_or(text.len()));
        return Some((word.to_owned(), rest));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(letters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Challenge, read};

    #[test]
    fn challenges_are_read() {
        let bearer = |realm: &str, service: &str| {
            Some(Challenge::Bearer {
                realm: realm.to_owned(),
                service: service.to_owned(),
            })
        };
        let rows = [
            (r#"Basic realm="x""#, Some(Challenge::Basic)),
            ("basic", Some(Challenge::Basic)),
            (
                r#"Bearer realm="https://auth.example.com/token",service="registry",scope="repository:a/b:pull""#,
                bearer("https://auth.example.com/token", "registry"),
            ),
            (
                r#"bearer service=x , realm="https://a/\"b""#,
                bearer("https://a/\"b", "x"),
            ),
            (r#"Bearer realm="https://a/b"#, None),
            ("Bearer service=x", None),
            ("Negotiate", None),
            ("", None),
        ];
        for (header, want) in rows {
            assert_eq!(read(header), want, "{header}");
        }
    }
}
