//! Which address of the distribution specification a request means. Pure: a method and a path in, a route out. The name of
//! a repository has any number of segments, so that the router's own patterns cannot say it.

use http::Method;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// Whether this is a registry, and who asks.
    Base,
    /// A token for the credentials that are shown.
    Token,
    Catalog,
    Tags(&'a str),
    Referrers(&'a str, &'a str),
    Blob(&'a str, &'a str),
    DeleteBlob(&'a str),
    Begin(&'a str),
    Progress(&'a str, &'a str),
    Append(&'a str, &'a str),
    Finish(&'a str, &'a str),
    Cancel(&'a str, &'a str),
    Manifest(&'a str, &'a str),
    PushManifest(&'a str, &'a str),
    DeleteManifest(&'a str, &'a str),
}

impl<'a> Route<'a> {
    /// The route of a path below `/v2`, without its leading slash; `None` if there is none.
    pub(super) fn of(method: &Method, path: &'a str) -> Option<Self> {
        let is_get = method == Method::GET || method == Method::HEAD;
        match path {
            "" => return is_get.then_some(Self::Base),
            "token" => return is_get.then_some(Self::Token),
            "_catalog" => return is_get.then_some(Self::Catalog),
            _ => {}
        }
        let path = path.strip_suffix('/').unwrap_or(path);
        let (above, last) = path.rsplit_once('/')?;
        let (name, kind) = above.rsplit_once('/')?;
        match (kind, last) {
            ("blobs", "uploads") => return (method == Method::POST).then_some(Self::Begin(name)),
            ("tags", "list") => return is_get.then_some(Self::Tags(name)),
            ("blobs", digest) if is_get => return Some(Self::Blob(name, digest)),
            ("blobs", _) if method == Method::DELETE => return Some(Self::DeleteBlob(name)),
            ("referrers", digest) if is_get => return Some(Self::Referrers(name, digest)),
            ("manifests", reference) => {
                return match *method {
                    Method::GET | Method::HEAD => Some(Self::Manifest(name, reference)),
                    Method::PUT => Some(Self::PushManifest(name, reference)),
                    Method::DELETE => Some(Self::DeleteManifest(name, reference)),
                    _ => None,
                };
            }
            _ => {}
        }
        let (name, blobs) = name.rsplit_once('/')?;
        if (blobs, kind) != ("blobs", "uploads") {
            return None;
        }
        match *method {
            Method::GET => Some(Self::Progress(name, last)),
            Method::PATCH => Some(Self::Append(name, last)),
            Method::PUT => Some(Self::Finish(name, last)),
            Method::DELETE => Some(Self::Cancel(name, last)),
            _ => None,
        }
    }

    /// The repository and what a token for it must allow.
    pub(super) fn scope(&self) -> Option<(&'a str, &'static str)> {
        match self {
            Self::Base | Self::Token | Self::Catalog => None,
            Self::Tags(name) | Self::Referrers(name, _) | Self::Blob(name, _) | Self::Manifest(name, _) => {
                Some((name, "pull"))
            }
            Self::DeleteBlob(name) | Self::DeleteManifest(name, _) => Some((name, "delete")),
            Self::Begin(name)
            | Self::Progress(name, _)
            | Self::Append(name, _)
            | Self::Finish(name, _)
            | Self::Cancel(name, _)
            | Self::PushManifest(name, _) => Some((name, "pull,push")),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::Route;

    #[test]
    fn addresses_are_those_of_the_specification() {
        let of = |method: &str, path: &'static str| {
            Route::of(&Method::from_bytes(method.as_bytes()).expect("a method"), path)
        };
        for (method, path, want) in [
            ("GET", "", Some(Route::Base)),
            ("HEAD", "", Some(Route::Base)),
            ("POST", "", None),
            ("GET", "_catalog", Some(Route::Catalog)),
            ("GET", "h/a/tags/list", Some(Route::Tags("h/a"))),
            (
                "GET",
                "h/o/a/blobs/sha256:00",
                Some(Route::Blob("h/o/a", "sha256:00")),
            ),
            (
                "HEAD",
                "h/a/blobs/sha256:00",
                Some(Route::Blob("h/a", "sha256:00")),
            ),
            ("DELETE", "h/a/blobs/sha256:00", Some(Route::DeleteBlob("h/a"))),
            ("POST", "h/a/blobs/uploads/", Some(Route::Begin("h/a"))),
            ("POST", "h/a/blobs/uploads", Some(Route::Begin("h/a"))),
            ("GET", "h/a/blobs/uploads/x", Some(Route::Progress("h/a", "x"))),
            ("PATCH", "h/a/blobs/uploads/x", Some(Route::Append("h/a", "x"))),
            ("PUT", "h/a/blobs/uploads/x", Some(Route::Finish("h/a", "x"))),
            ("DELETE", "h/a/blobs/uploads/x", Some(Route::Cancel("h/a", "x"))),
            (
                "GET",
                "h/a/manifests/1.0.0",
                Some(Route::Manifest("h/a", "1.0.0")),
            ),
            (
                "PUT",
                "h/a/manifests/1.0.0",
                Some(Route::PushManifest("h/a", "1.0.0")),
            ),
            (
                "DELETE",
                "h/a/manifests/1.0.0",
                Some(Route::DeleteManifest("h/a", "1.0.0")),
            ),
            (
                "GET",
                "h/a/referrers/sha256:00",
                Some(Route::Referrers("h/a", "sha256:00")),
            ),
            // Charts may be called what the specification calls parts of addresses.
            (
                "GET",
                "h/blobs/manifests/1.0.0",
                Some(Route::Manifest("h/blobs", "1.0.0")),
            ),
            (
                "POST",
                "h/manifests/blobs/uploads/",
                Some(Route::Begin("h/manifests")),
            ),
            ("GET", "h/a", None),
            ("GET", "h/a/other/x", None),
            ("POST", "h/a/manifests/1.0.0", None),
            ("PATCH", "uploads/x", None),
        ] {
            assert_eq!(of(method, path), want, "{method} {path}");
        }
    }
}
