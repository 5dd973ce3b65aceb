//! JSON pointers and the URLs of schemas: written, split, joined.

use engine::value::GoStr;

/// A pointer: escaped tokens, each after a slash; the empty one is the whole document.
pub(crate) type Pointer = String;

/// A token as part of a pointer.
pub(crate) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// A token read from a pointer.
pub(crate) fn unescape(token: &str) -> Option<String> {
    let mut text = String::with_capacity(token.len());
    let mut characters = token.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '~' => match characters.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            other => other,
        });
    }
    Some(text)
}

/// The pointer to `token` below `pointer`.
pub(crate) fn child(pointer: &str, token: &str) -> Pointer {
    format!("{pointer}/{}", escape(token))
}

/// The tokens of an instance location as a pointer.
pub(crate) fn pointer_of(tokens: &[GoStr]) -> Pointer {
    tokens.iter().fold(String::new(), |pointer, token| {
        child(&pointer, &token.to_str_lossy())
    })
}

/// URL and fragment.
pub(crate) fn split(reference: &str) -> (&str, &str) {
    reference.split_once('#').unwrap_or((reference, ""))
}

/// A location as messages print it.
pub(crate) fn format(url: &str, fragment: &str) -> String {
    format!("{url}#{}", encode(fragment))
}

/// Percent-encodes a fragment, slashes excepted, as Go's `url.PathEscape` does.
pub(crate) fn encode(fragment: &str) -> String {
    let mut text = String::with_capacity(fragment.len());
    for byte in fragment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+:=@/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// Decodes percent escapes; `Err` holds the bad escape.
pub(crate) fn decode(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        if *byte != b'%' {
            bytes.push(*byte);
            rest = after;
            continue;
        }
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .filter(|_| after.first() != Some(&b'+'))
        {
            Some(decoded) => {
                bytes.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                let bad = rest.get(..3.min(rest.len())).unwrap_or_default();
                return Err(String::from_utf8_lossy(bad).into_owned());
            }
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_pointers() {
        assert_eq!(child("/a", "b/c~d"), "/a/b~1c~0d");
        assert_eq!(unescape("b~1c~0d").as_deref(), Some("b/c~d"));
        assert_eq!(unescape("a~2"), None);
        assert_eq!(unescape("a~"), None);
    }

    #[test]
    fn fragments() {
        assert_eq!(format("file:///x", "/a b/é"), "file:///x#/a%20b/%C3%A9");
        assert_eq!(decode("/a%20b"), Ok("/a b".to_owned()));
        assert_eq!(decode("/%zz"), Err("%zz".to_owned()));
        assert_eq!(decode("%1"), Err("%1".to_owned()));
        assert_eq!(split("a#b#c"), ("a", "b#c"));
    }
}
