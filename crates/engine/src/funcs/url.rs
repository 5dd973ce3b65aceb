//! URLs: sprig's `urlParse` and `urlJoin`. The rules are in [`crate::url`].

use super::{Builtin, func};
use crate::error::FnError;
use crate::url::Url;
use crate::value::{GoStr, Kind, Map, Value};

pub(crate) const FUNCS: &[Builtin] = &[func!("urlParse", url_parse), func!("urlJoin", url_join)];

/// The parts of a URL as a dictionary.
fn url_parse(text: GoStr) -> Result<Map, FnError> {
    let url =
        Url::parse(text.as_bytes()).map_err(|error| FnError::new(format!("unable to parse url: {error}")))?;
    let userinfo = url
        .user
        .as_ref()
        .map(crate::url::Userinfo::to_bytes)
        .unwrap_or_default();
    Ok([
        ("scheme", url.scheme.as_slice()),
        ("host", &url.host),
        ("hostname", url.hostname()),
        ("path", &url.path),
        ("query", &url.query),
        ("opaque", &url.opaque),
        ("fragment", &url.fragment),
        ("userinfo", &userinfo),
    ]
    .into_iter()
    .map(|(key, part)| (key, GoStr::from(part)))
    .collect())
}

/// A URL from its parts.
fn url_join(parts: Map) -> Result<GoStr, FnError> {
    let part = |key: &str| match parts.get(key) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text.as_bytes().to_vec()),
        Some(Value::Nil) => Err(FnError::new(
            "runtime error: invalid memory address or nil pointer dereference",
        )),
        Some(other) if other.kind() == Kind::String => Ok(super::cast::strval(&other).as_bytes().to_vec()),
        Some(other) => Err(FnError::new(format!(
            "unable to parse {key} key, must be of type string, but {} found",
            other.kind()
        ))),
    };
    let mut url = Url {
        scheme: part("scheme")?,
        host: part("host")?,
        path: part("path")?,
        query: part("query")?,
        opaque: part("opaque")?,
        fragment: part("fragment")?,
        user: None,
    };
    let userinfo = part("userinfo")?;
    if !userinfo.is_empty() {
        let text = [b"proto://", userinfo.as_slice(), b"@host"].concat();
        url.user = Url::parse(&text)
            .map_err(|error| FnError::new(format!("unable to parse userinfo in dict: {error}")))?
            .user;
    }
    Ok(url.to_bytes().into())
}
