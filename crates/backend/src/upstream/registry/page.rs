//! Lists of names that come in pages.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::super::FetchError;
use super::super::credentials::{same_origin, shown};
use crate::blobs::Digest;
use crate::hosted::oci::digest;

/// Where a `Link` header says that the next page is (RFC 8288).
pub(super) fn next(header: &str) -> Option<&str> {
    header.split(',').find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = parameters.split(';').any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            name.trim().eq_ignore_ascii_case("rel")
                && value.trim().trim_matches('"').eq_ignore_ascii_case("next")
        });
        is_next.then_some(target)
    })
}

/// The next page's address. Attack: one on another host would be asked by us, with what only we can reach, and be shown
/// the token.
pub(super) fn follow(page: &Url, next: &str, origin: &Url) -> Result<Url, FetchError> {
    let foreign = || FetchError::ForeignPage { url: shown(page) };
    let next = page.join(next).map_err(|_| foreign())?;
    match same_origin(&next, origin) && next.path().starts_with("/v2/") {
        true => Ok(next),
        false => Err(foreign()),
    }
}

/// The names in `field` of a page. Nothing there is an empty list, as some registries write it.
pub(super) fn names(page: &[u8], field: &str) -> Result<Vec<String>, String> {
    let mut document: Value =
        serde_json::from_slice(page).map_err(|error| format!("it is no JSON: {error}"))?;
    match document.get_mut(field).map(Value::take) {
        None | Some(Value::Null) if document.is_object() => Ok(Vec::new()),
        Some(Value::Array(names)) => Ok(names
            .into_iter()
            .filter_map(|name| match name {
                Value::String(name) => Some(name),
                _ => None,
            })
            .collect()),
        _ => Err(format!("`{field}` is no list")),
    }
}

/// What a list of referrers names: digest, and what that says that it is. An entry by another digest than a SHA-256 is an
/// error: what it is cannot be known, and it may be a signature.
pub(super) fn referrers(index: &[u8]) -> Result<Vec<(Digest, String)>, String> {
    let index: Referrers =
        serde_json::from_slice(index).map_err(|error| format!("it is no list of referrers: {error}"))?;
    let read = |it: Referrer| {
        let digest = digest(&it.digest).ok_or("a digest in it is no SHA-256")?;
        Ok((digest, it.artifact_type))
    };
    index
        .manifests
        .unwrap_or_default()
        .into_iter()
        .map(read)
        .collect()
}

#[derive(Deserialize)]
struct Referrers {
    manifests: Option<Vec<Referrer>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Referrer {
    digest: String,
    #[serde(default)]
    artifact_type: String,
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{follow, names, next};

    #[test]
    fn links_are_followed_on_the_registry_alone() {
        let rows = [
            (
                r#"</v2/_catalog?last=b&n=2>; rel="next""#,
                Some("https://x/v2/_catalog?last=b&n=2"),
            ),
            ("<?last=b>; rel=next", Some("https://x/v2/a?last=b")),
            (r#"<https://x/v2/a?n=1>; rel="next""#, Some("https://x/v2/a?n=1")),
            (
                r#"</v2/a>; rel="prev", </v2/b>; rel="next""#,
                Some("https://x/v2/b"),
            ),
            (r#"<https://evil.example.com/v2/a>; rel="next""#, None),
            (r#"<http://x/v2/a>; rel="next""#, None),
            (r#"<https://x:444/v2/a>; rel="next""#, None),
            (r#"<//169.254.169.254/v2/>; rel="next""#, None),
            (r#"</admin>; rel="next""#, None),
            (r#"<file:///etc/passwd>; rel="next""#, None),
        ];
        let (page, origin) = (
            Url::parse("https://x/v2/a").expect("a URL"),
            Url::parse("https://x/").expect("a URL"),
        );
        for (header, want) in rows {
            let next = next(header).expect("a link");
            let followed = follow(&page, next, &origin).ok().map(String::from);
            assert_eq!(followed.as_deref(), want, "{header}");
        }
        for none in ["", "</v2/a>", r#"</v2/a>; rel="last""#, "nonsense"] {
            assert_eq!(next(none), None, "{none}");
        }
    }

    #[test]
    fn pages_are_read() {
        assert_eq!(
            names(br#"{"tags":["a","b"]}"#, "tags"),
            Ok(vec!["a".to_owned(), "b".to_owned()])
        );
        assert_eq!(names(br#"{"name":"x","tags":null}"#, "tags"), Ok(Vec::new()));
        assert_eq!(names(br#"{"name":"x"}"#, "tags"), Ok(Vec::new()));
        assert_eq!(names(br#"{"tags":[1,"a"]}"#, "tags"), Ok(vec!["a".to_owned()]));
        for bad in ["[]", "<html>", r#"{"tags":"a"}"#] {
            assert!(names(bad.as_bytes(), "tags").is_err(), "{bad}");
        }
    }
}
