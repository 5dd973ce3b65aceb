//! One origin, one port, no rewrite rules: requests are understood with the base path and without it.
//!
//! A proxy that strips `/charts` sends `/x`, one that does not sends `/charts/x`. Routes are mounted below the base path,
//! so a request without it gets it put in front, before routing.

use axum::Router;
use axum::extract::Request;
use http::Uri;
use http::uri::PathAndQuery;
use tower::ServiceBuilder;
use tower::util::MapRequestLayer;

/// Lets `router`, mounted below `base`, answer requests that lack it.
pub(crate) fn accept_both(router: Router, base: &str) -> Router {
    if base.is_empty() {
        return router;
    }
    let base = base.to_owned();
    let put_in_front = MapRequestLayer::new(move |mut request: Request| {
        if let Some(uri) = with_base(request.uri(), &base) {
            *request.uri_mut() = uri;
        }
        request
    });
    // As a fallback service the layer runs before the inner router looks at the path; `Router::layer` would run after.
    Router::new().fallback_service(ServiceBuilder::new().layer(put_in_front).service(router))
}

/// The same address below `base`, unless it is there already.
fn with_base(uri: &Uri, base: &str) -> Option<Uri> {
    let path_and_query = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    if let Some(rest) = path_and_query.strip_prefix(base)
        && (rest.is_empty() || rest.starts_with(['/', '?']))
    {
        return None;
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(format!("{base}{path_and_query}")).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::with_base;

    #[test]
    fn puts_the_base_in_front_once() {
        let rows = [
            ("/", Some("/a/b/")),
            ("/charts?q=x", Some("/a/b/charts?q=x")),
            ("/a/b/charts", None),
            ("/a/b", None),
            ("/a/b?x", None),
            // Another path that only begins with the same letters.
            ("/a/bc", Some("/a/b/a/bc")),
        ];
        for (uri, want) in rows {
            let uri = uri.parse().expect("a valid address");
            assert_eq!(
                with_base(&uri, "/a/b").map(|uri| uri.to_string()).as_deref(),
                want,
                "{uri}"
            );
        }
    }
}
