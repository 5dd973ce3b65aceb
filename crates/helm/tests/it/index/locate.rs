//! Addresses, resolved as Go's `net/url` and Helm resolve them.

use helm::index::resolve_url;

/// Answers of helm v4 `repo.ResolveReferenceURL`.
const CASES: &[(&str, &str, &str)] = &[
    (
        "http://localhost:8123/charts/",
        "nginx-0.2.0.tgz",
        "http://localhost:8123/charts/nginx-0.2.0.tgz",
    ),
    (
        "http://localhost:8123/charts",
        "nginx-0.2.0.tgz",
        "http://localhost:8123/charts/nginx-0.2.0.tgz",
    ),
    (
        "http://localhost:8123/charts?a=b&c=d",
        "x.tgz",
        "http://localhost:8123/charts/x.tgz?a=b&c=d",
    ),
    (
        "http://localhost:8123",
        "https://example.com/x.tgz?q#f",
        "https://example.com/x.tgz?q#f",
    ),
    (
        "https://example.com/a/b",
        "../x.tgz",
        "https://example.com/a/x.tgz",
    ),
    (
        "https://example.com/a/b",
        "../../../x.tgz",
        "https://example.com/x.tgz",
    ),
    ("https://example.com/a/b", "/x.tgz", "https://example.com/x.tgz"),
    (
        "https://example.com/a/b",
        "./c/./x.tgz",
        "https://example.com/a/b/c/x.tgz",
    ),
    (
        "https://example.com/a/b?t=1",
        "x.tgz?v=2",
        "https://example.com/a/b/x.tgz?t=1",
    ),
    (
        "https://example.com/a",
        "//other.example.com/x.tgz",
        "https://other.example.com/x.tgz",
    ),
    (
        "https://user:pass@example.com/a",
        "x.tgz",
        "https://user:pass@example.com/a/x.tgz",
    ),
    (
        "https://example.com/a",
        "x y.tgz",
        "https://example.com/a/x%20y.tgz",
    ),
    (
        "https://example.com/a%20b",
        "x%2By+z.tgz",
        "https://example.com/a%20b/x%2By+z.tgz",
    ),
    ("https://example.com", "", "https://example.com/"),
    ("oci://example.com/charts", "x", "oci://example.com/charts/x"),
    (
        "https://example.com/a",
        "\u{fc}.tgz",
        "https://example.com/a/%C3%BC.tgz",
    ),
];

#[test]
fn addresses_are_resolved_as_helm_does() {
    for (base, reference, want) in CASES {
        assert_eq!(
            resolve_url(base, reference).as_deref(),
            Ok(*want),
            "{base} + {reference}"
        );
    }
}

#[test]
fn what_is_no_address_is_refused() {
    for reference in ["a\nb", "\u{7f}", "1:x", "%zz", ":x"] {
        assert!(
            resolve_url("https://example.com", reference).is_err(),
            "{reference:?}"
        );
    }
}
