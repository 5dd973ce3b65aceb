//! References resolved against the URL of the schema they stand in, as Go's `net/url` does.

use engine::url::{Url, UrlError};

use super::compile_error::CompileError;
use super::location::{decode, split};

/// The URL and the decoded fragment of `reference` seen from `base`.
pub(crate) fn join(base: &str, reference: &str) -> Result<(String, String), CompileError> {
    let (target, fragment) = split(reference);
    let invalid = |url: &str, problem: String| CompileError::InvalidUrl {
        url: url.to_owned(),
        problem,
    };
    let fragment = decode(fragment).map_err(|escape| {
        invalid(
            reference,
            format!("invalid URL escape {}", engine::strconv::quote(escape.as_bytes())),
        )
    })?;
    if target.is_empty() {
        return Ok((base.to_owned(), fragment));
    }
    let parse =
        |text: &str| Url::parse(text.as_bytes()).map_err(|error: UrlError| invalid(text, error.to_string()));
    let (base, target) = (parse(base)?, parse(target)?);
    let resolved = resolve(&base, target);
    Ok((
        String::from_utf8_lossy(&resolved.to_bytes()).into_owned(),
        fragment,
    ))
}

/// Why `text` is not a URL, if it is not.
pub(crate) fn parse_error(text: &str) -> Option<String> {
    Url::parse(text.as_bytes()).err().map(|error| error.to_string())
}

fn resolve(base: &Url, mut target: Url) -> Url {
    let absolute = !target.scheme.is_empty();
    if !absolute {
        target.scheme.clone_from(&base.scheme);
    }
    if absolute || !target.host.is_empty() || target.user.is_some() {
        target.path = resolve_path(&target.path, b"");
        return target;
    }
    if target.path.is_empty() && target.query.is_empty() {
        target.query.clone_from(&base.query);
    }
    if !base.opaque.is_empty() {
        target.opaque.clone_from(&base.opaque);
        return target;
    }
    target.host.clone_from(&base.host);
    target.user.clone_from(&base.user);
    target.path = resolve_path(&base.path, &target.path);
    target
}

/// `target` seen from the folder of `base`, without `.` and `..`.
fn resolve_path(base: &[u8], target: &[u8]) -> Vec<u8> {
    let full = match target.first() {
        None => base.to_vec(),
        Some(b'/') => target.to_vec(),
        Some(_) => {
            let folder = base
                .iter()
                .rposition(|byte| *byte == b'/')
                .map_or(0, |slash| slash + 1);
            [base.get(..folder).unwrap_or_default(), target].concat()
        }
    };
    if full.is_empty() {
        return full;
    }
    let absolute = full.strip_prefix(b"/").unwrap_or(&full);
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut ends_in_folder = false;
    for element in absolute.split(|byte| *byte == b'/') {
        ends_in_folder = matches!(element, b"." | b"..");
        match element {
            b"." => {}
            b".." => drop(kept.pop()),
            _ => kept.push(element),
        }
    }
    let mut path = b"/".to_vec();
    path.extend(kept.join(&b"/"[..]));
    if ends_in_folder && path.len() > 1 {
        path.push(b'/');
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved() {
        for (base, reference, url, fragment) in [
            (
                "file:///values.schema.json",
                "#/a",
                "file:///values.schema.json",
                "/a",
            ),
            (
                "file:///values.schema.json",
                "other.json#x",
                "file:///other.json",
                "x",
            ),
            ("http://x.y/a/b?q", "c/../d", "http://x.y/a/d", ""),
            ("http://x.y/a/b", "/z", "http://x.y/z", ""),
            ("http://x.y/a/b", "../..", "http://x.y/", ""),
            ("http://x.y/a", "//h/p", "http://h/p", ""),
            ("http://x.y/a", "urn:a:b", "urn:a:b", ""),
            (
                "https://json-schema.org/draft/2020-12/schema",
                "meta/core",
                "https://json-schema.org/draft/2020-12/meta/core",
                "",
            ),
        ] {
            assert_eq!(
                join(base, reference).unwrap(),
                (url.to_owned(), fragment.to_owned()),
                "{reference}"
            );
        }
    }
}
