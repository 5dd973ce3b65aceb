//! Which of ChartMuseum's routes an address means. Pure: a method and a path in, a route out.
//!
//! A tenant is any number of segments, so that the router's own patterns cannot say it: `/{org}/{repo}/index.yaml` with
//! depth 2, whatever comes before `index.yaml` with dynamic depth. Names are decoded here and checked in `backend`.

use http::Method;

/// Whose charts, and what of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Welcome,
    Info,
    Health,
    /// A file of the welcome page, below `static/`.
    Static(String),
    Index(String),
    /// An archive or a provenance file.
    File(String, String),
    ArtifactHub(String),
    List(String),
    Chart(String, String),
    Version(String, String, String),
    Templates(String, String, String),
    Values(String, String, String),
    Push(String),
    PushProvenance(String),
    Delete(String, String, String),
}

/// How deep tenants lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// All so deep.
    Fixed(usize),
    /// Each as deep as its address says.
    Dynamic,
}

/// A segment that is still encoded may hold what would be two once decoded.
const MAX_SEGMENTS: usize = 32;

impl Route {
    /// The route of a path below the context path; `None` if there is none.
    pub(super) fn of(method: &Method, path: &str, depth: Depth) -> Option<Self> {
        let segments = decoded(path)?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let is_get = method == Method::GET;
        match segments.as_slice() {
            [] if is_get => return Some(Self::Welcome),
            ["info"] if is_get => return Some(Self::Info),
            ["health"] if is_get => return Some(Self::Health),
            ["static", rest @ ..] if is_get => return Some(Self::Static(rest.join("/"))),
            _ => {}
        }
        match segments.as_slice() {
            // A tenant may be called `api`: its files end like these.
            ["api", rest @ ..] if !rest.is_empty() && !is_file(rest) => api(method, rest, depth),
            segments => repository(method, segments, depth),
        }
    }

    /// Whether it is below `/api`.
    pub(super) fn is_api(&self) -> bool {
        !matches!(
            self,
            Self::Welcome
                | Self::Info
                | Self::Health
                | Self::Static(_)
                | Self::Index(_)
                | Self::File(..)
                | Self::ArtifactHub(_)
        )
    }

    /// The tenant, where there is one.
    pub(super) fn tenant(&self) -> &str {
        match self {
            Self::Welcome | Self::Info | Self::Health | Self::Static(_) => "",
            Self::Index(tenant)
            | Self::File(tenant, _)
            | Self::ArtifactHub(tenant)
            | Self::List(tenant)
            | Self::Chart(tenant, _)
            | Self::Version(tenant, ..)
            | Self::Templates(tenant, ..)
            | Self::Values(tenant, ..)
            | Self::Push(tenant)
            | Self::PushProvenance(tenant)
            | Self::Delete(tenant, ..) => tenant,
        }
    }

    /// What a token must be for.
    pub(super) fn right(&self) -> &'static str {
        match self {
            Self::Push(_) | Self::PushProvenance(_) | Self::Delete(..) => "push",
            _ => "pull",
        }
    }
}

fn repository(method: &Method, segments: &[&str], depth: Depth) -> Option<Route> {
    let is_get = method == Method::GET;
    let is_head = method == Method::HEAD;
    match segments {
        [tenant @ .., "index.yaml"] if is_get || is_head => Some(Route::Index(at(tenant, depth)?)),
        [tenant @ .., "artifacthub-repo.yml"] if is_get => Some(Route::ArtifactHub(at(tenant, depth)?)),
        [tenant @ .., "charts", file] if is_get || is_head => {
            Some(Route::File(at(tenant, depth)?, (*file).to_owned()))
        }
        _ => None,
    }
}

/// With dynamic depth an address can be read in several ways (`/api/charts/charts`): the shortest end counts, as in
/// ChartMuseum.
fn api(method: &Method, segments: &[&str], depth: Depth) -> Option<Route> {
    let is_get = method == Method::GET;
    let is_head = method == Method::HEAD;
    let ends: [&dyn Fn() -> Option<(usize, Route)>; 5] = [
        &|| match segments {
            [tenant @ .., "charts"] if is_get => Some((tenant.len(), Route::List(joined(tenant)))),
            [tenant @ .., "charts"] if method == Method::POST => {
                Some((tenant.len(), Route::Push(joined(tenant))))
            }
            _ => None,
        },
        &|| match segments {
            [tenant @ .., "prov"] if method == Method::POST => {
                Some((tenant.len(), Route::PushProvenance(joined(tenant))))
            }
            _ => None,
        },
        &|| match segments {
            [tenant @ .., "charts", name] if is_get || is_head => {
                Some((tenant.len(), Route::Chart(joined(tenant), (*name).to_owned())))
            }
            _ => None,
        },
        &|| match segments {
            [tenant @ .., "charts", name, version] => {
                let (n, tenant) = (tenant.len(), joined(tenant));
                let (name, version) = ((*name).to_owned(), (*version).to_owned());
                if is_get || is_head {
                    Some((n, Route::Version(tenant, name, version)))
                } else if method == Method::DELETE {
                    Some((n, Route::Delete(tenant, name, version)))
                } else {
                    None
                }
            }
            _ => None,
        },
        &|| match segments {
            [tenant @ .., "charts", name, version, what] if is_get => {
                let (n, tenant) = (tenant.len(), joined(tenant));
                let (name, version) = ((*name).to_owned(), (*version).to_owned());
                match *what {
                    "templates" => Some((n, Route::Templates(tenant, name, version))),
                    "values" => Some((n, Route::Values(tenant, name, version))),
                    _ => None,
                }
            }
            _ => None,
        },
    ];
    ends.iter()
        .filter_map(|end| end())
        .find(|(n_segments, _)| match depth {
            Depth::Fixed(depth) => *n_segments == depth,
            Depth::Dynamic => true,
        })
        .map(|(_, route)| route)
}

fn at(tenant: &[&str], depth: Depth) -> Option<String> {
    let is_there = match depth {
        Depth::Fixed(depth) => tenant.len() == depth,
        Depth::Dynamic => true,
    };
    is_there.then(|| joined(tenant))
}

fn joined(segments: &[&str]) -> String {
    segments.join("/")
}

fn is_file(segments: &[&str]) -> bool {
    segments
        .last()
        .is_some_and(|last| [".yaml", ".tgz", ".prov"].iter().any(|end| last.ends_with(end)))
}

/// The segments, decoded; none for `/`. Empty ones mean nothing, and encoded separators would make two of one.
fn decoded(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.is_empty() {
        return Some(Vec::new());
    }
    let mut segments = Vec::new();
    for segment in path.split('/') {
        let segment = decode(segment)?;
        if segment.is_empty() || segment.contains(['/', '\\', '\0']) || segments.len() >= MAX_SEGMENTS {
            return None;
        }
        segments.push(segment);
    }
    Some(segments)
}

fn decode(segment: &str) -> Option<String> {
    if !segment.contains('%') {
        return Some(segment.to_owned());
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits)
            .ok()
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::{Depth, Route};

    fn text(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn every_route_is_found_at_every_depth() {
        let (get, head) = (Method::GET, Method::HEAD);
        for (depth, tenant) in [
            (0, ""),
            (1, "myrepo"),
            (2, "myorg/myrepo"),
            (3, "myorg/myteam/myrepo"),
        ] {
            let below = if tenant.is_empty() {
                text("")
            } else {
                format!("/{tenant}")
            };
            let t = || text(tenant);
            let version = || (t(), text("mychart"), text("0.1.0"));
            let rows = [
                (&get, text("/"), Some(Route::Welcome)),
                (&get, text(""), Some(Route::Welcome)),
                (&get, text("/health"), Some(Route::Health)),
                (&get, text("/info"), Some(Route::Info)),
                (
                    &get,
                    text("/static/main.css"),
                    Some(Route::Static(text("main.css"))),
                ),
                (&get, format!("{below}/index.yaml"), Some(Route::Index(t()))),
                (&head, format!("{below}/index.yaml"), Some(Route::Index(t()))),
                (
                    &get,
                    format!("{below}/artifacthub-repo.yml"),
                    Some(Route::ArtifactHub(t())),
                ),
                (
                    &get,
                    format!("{below}/charts/mychart-0.1.0.tgz"),
                    Some(Route::File(t(), text("mychart-0.1.0.tgz"))),
                ),
                (
                    &head,
                    format!("{below}/charts/mychart-0.1.0%2Bx.tgz.prov"),
                    Some(Route::File(t(), text("mychart-0.1.0+x.tgz.prov"))),
                ),
                (&get, format!("/api{below}/charts"), Some(Route::List(t()))),
                (&head, format!("/api{below}/charts"), None),
                (
                    &get,
                    format!("/api{below}/charts/mychart"),
                    Some(Route::Chart(t(), text("mychart"))),
                ),
                (
                    &head,
                    format!("/api{below}/charts/mychart"),
                    Some(Route::Chart(t(), text("mychart"))),
                ),
                (
                    &get,
                    format!("/api{below}/charts/mychart/0.1.0"),
                    Some(Route::Version(version().0, version().1, version().2)),
                ),
                (
                    &get,
                    format!("/api{below}/charts/mychart/0.1.0/templates"),
                    Some(Route::Templates(version().0, version().1, version().2)),
                ),
                (
                    &get,
                    format!("/api{below}/charts/mychart/0.1.0/values"),
                    Some(Route::Values(version().0, version().1, version().2)),
                ),
                (
                    &Method::POST,
                    format!("/api{below}/charts"),
                    Some(Route::Push(t())),
                ),
                (
                    &Method::POST,
                    format!("/api{below}/prov"),
                    Some(Route::PushProvenance(t())),
                ),
                (
                    &Method::DELETE,
                    format!("/api{below}/charts/mychart/0.1.0"),
                    Some(Route::Delete(version().0, version().1, version().2)),
                ),
                (&Method::PUT, format!("/api{below}/charts"), None),
                (&get, text("/favicon"), None),
                (&get, text("/api"), None),
                (&get, format!("/api{below}/charts/mychart/0.1.0/other"), None),
            ];
            for (method, path, want) in rows {
                assert_eq!(
                    Route::of(method, &path, Depth::Fixed(depth)),
                    want,
                    "{depth}: {method} {path}"
                );
                assert_eq!(
                    Route::of(method, &path, Depth::Dynamic),
                    want,
                    "dynamic: {method} {path}"
                );
            }
        }
    }

    #[test]
    fn another_depth_is_another_address() {
        for (path, depth) in [
            ("/index.yaml", 1),
            ("/a/index.yaml", 0),
            ("/a/b/index.yaml", 1),
            ("/a/charts/x-1.0.0.tgz", 0),
            ("/api/charts", 1),
            ("/api/a/charts", 0),
        ] {
            assert_eq!(
                Route::of(&Method::GET, path, Depth::Fixed(depth)),
                None,
                "{path} {depth}"
            );
        }
        // A chart called `charts`, and a tenant called `api`.
        assert_eq!(
            Route::of(&Method::GET, "/api/charts/charts", Depth::Fixed(0)),
            Some(Route::Chart(text(""), text("charts")))
        );
        assert_eq!(
            Route::of(&Method::GET, "/api/index.yaml", Depth::Fixed(1)),
            Some(Route::Index(text("api")))
        );
    }

    #[test]
    fn nothing_climbs_out_of_a_segment() {
        for path in [
            "//index.yaml",
            "/a//index.yaml",
            "/charts/..%2f..%2fetc%2fpasswd",
            "/charts/a%5cb.tgz",
            "/charts/%00.tgz",
            "/charts/%zz.tgz",
            "/charts/%",
            "/charts/%ff.tgz",
            "/api/charts/",
        ] {
            assert_eq!(Route::of(&Method::GET, path, Depth::Dynamic), None, "{path}");
        }
        // As a tenant, `..` is a segment like another: whoever opens directories refuses it.
        assert_eq!(
            Route::of(&Method::GET, "/../index.yaml", Depth::Fixed(1)),
            Some(Route::Index(text("..")))
        );
    }
}
