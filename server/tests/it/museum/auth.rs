//! Who gets in: basic authentication, tokens of an authorisation server, and everybody who may read.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::client::{Museum, Reply, base64, chart};

/// `user:pass`, `user:wrong` and `:`
const RIGHT: &str = "Basic dXNlcjpwYXNz";
const WRONG: &str = "Basic dXNlcjp3cm9uZw==";
const EMPTY: &str = "Basic Og==";

fn refused(reply: &Reply, challenge: &str, what: &str) {
    assert_eq!(reply.status, 401, "{what}: {}", reply.text());
    assert_eq!(reply.text(), "{\"error\":\"unauthorized\"}", "{what}");
    assert_eq!(reply.header("www-authenticate"), challenge, "{what}");
}

#[test]
fn basic_authentication_guards_everything_but_the_probes() {
    let dir = tempfile::tempdir().expect("a folder");
    let museum = Museum::start(dir.path(), &["--basic-auth-user=user", "--basic-auth-pass=pass"]);
    let archive = chart("web", "1.0.0");
    let with = |method: &str, path: &str, authorization: &str, body: &[u8]| {
        museum.request(method, path, &[("authorization", authorization)], body)
    };
    for path in ["/health", "/info"] {
        assert_eq!(museum.get(path).status, 200, "{path}");
    }
    let challenge = "Basic realm=\"ChartMuseum\"";
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/index.yaml"),
        ("GET", "/charts/web-1.0.0.tgz"),
        ("GET", "/api/charts"),
        ("GET", "/api/charts/web"),
        ("GET", "/api/charts/web/1.0.0"),
        ("GET", "/api/charts/web/1.0.0/values"),
        ("POST", "/api/charts"),
        ("POST", "/api/prov"),
        ("DELETE", "/api/charts/web/1.0.0"),
    ] {
        refused(&museum.request(method, path, &[], &archive), challenge, path);
        for authorization in [WRONG, EMPTY, "Basic", "Basic !", "Bearer x", "Digest x"] {
            refused(
                &with(method, path, authorization, &archive),
                challenge,
                authorization,
            );
        }
    }
    assert_eq!(with("POST", "/api/charts", RIGHT, &archive).status, 201);
    assert_eq!(with("GET", "/index.yaml", RIGHT, b"").status, 200);
    assert_eq!(with("DELETE", "/api/charts/web/1.0.0", RIGHT, b"").status, 200);
}

#[test]
fn everybody_reads_where_that_is_said_and_nobody_else_writes() {
    let dir = tempfile::tempdir().expect("a folder");
    let flags = [
        "--basic-auth-user=user",
        "--basic-auth-pass=pass",
        "--auth-anonymous-get",
    ];
    let museum = Museum::start(dir.path(), &flags);
    let archive = chart("web", "1.0.0");
    refused(
        &museum.post("/api/charts", &archive),
        "Basic realm=\"ChartMuseum\"",
        "a stranger",
    );
    let pushed = museum.request("POST", "/api/charts", &[("authorization", RIGHT)], &archive);
    assert_eq!(pushed.status, 201);
    // Wrong credentials do not close what is everybody's.
    for headers in [&[][..], &[("authorization", WRONG)][..]] {
        assert_eq!(
            museum
                .request("GET", "/charts/web-1.0.0.tgz", headers, b"")
                .status,
            200
        );
    }
    let deletion = museum.request(
        "DELETE",
        "/api/charts/web/1.0.0",
        &[("authorization", WRONG)],
        b"",
    );
    refused(&deletion, "Basic realm=\"ChartMuseum\"", "a stranger");
}

/// An authorisation server.
struct Authority {
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        Self { key }
    }

    fn public_pem(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.key.public_key().as_der().expect("it is written");
        pem("PUBLIC KEY", der.as_ref())
    }

    fn token(&self, claims: &Value) -> String {
        let der: Pkcs8V1Der<'_> = self.key.as_der().expect("it is written");
        let key = pem("PRIVATE KEY", der.as_ref());
        let key = EncodingKey::from_rsa_pem(key.as_bytes()).expect("a key");
        let token = encode(&Header::new(Algorithm::RS256), claims, &key).expect("it signs");
        format!("Bearer {token}")
    }
}

fn pem(what: &str, der: &[u8]) -> String {
    let text = base64(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("it is ASCII"))
        .collect();
    format!(
        "-----BEGIN {what}-----\n{}\n-----END {what}-----\n",
        lines.join("\n")
    )
}

fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs()
}

fn access(name: &str, actions: &[&str]) -> Value {
    json!([{ "type": "artifact-repository", "name": name, "actions": actions }])
}

#[test]
fn tokens_are_for_what_they_list_and_no_longer_than_they_say() {
    let dir = tempfile::tempdir().expect("a folder");
    let (authority, stranger) = (Authority::new(), Authority::new());
    let file = dir.path().join("key.pem");
    std::fs::write(&file, authority.public_pem()).expect("it is written");
    let storage = tempfile::tempdir().expect("a folder");
    let cert = format!("--auth-cert-path={}", file.display());
    let flags = [
        "--depth=2",
        "--bearer-auth",
        "--auth-realm=https://auth.example.com/token",
        "--auth-service=charts.example.com",
        &cert,
    ];
    let museum = Museum::start(storage.path(), &flags);
    let archive = chart("web", "1.0.0");
    let push = |authorization: &str| {
        museum.request(
            "POST",
            "/api/org/repo/charts",
            &[("authorization", authorization)],
            &archive,
        )
    };
    let pull = |authorization: &str| {
        museum.request(
            "GET",
            "/org/repo/index.yaml",
            &[("authorization", authorization)],
            b"",
        )
    };
    let challenge = |right: &str| {
        format!(
            "Bearer realm=\"https://auth.example.com/token\",service=\"charts.example.com\",\
             scope=\"artifact-repository:org/repo:{right}\""
        )
    };
    refused(
        &museum.get("/org/repo/index.yaml"),
        &challenge("pull"),
        "without a token",
    );
    let soon = now() + 300;
    let good = json!({ "exp": soon, "access": access("org/repo", &["pull", "push"]) });
    for (what, token) in [
        ("nothing listed", authority.token(&json!({ "exp": soon }))),
        ("of another", stranger.token(&good)),
        (
            "run out",
            authority.token(&json!({ "exp": now() - 300, "access": good["access"] })),
        ),
        (
            "not yet",
            authority.token(&json!({ "nbf": soon, "exp": soon + 9, "access": good["access"] })),
        ),
        (
            "for another server",
            authority.token(&json!({ "aud": "x", "exp": soon, "access": good["access"] })),
        ),
        (
            "for another repository",
            authority.token(&json!({ "exp": soon, "access": access("org/other", &["push"]) })),
        ),
        (
            "for all below",
            authority.token(&json!({ "exp": soon, "access": access("org", &["pull", "push"]) })),
        ),
        (
            "to pull",
            authority.token(&json!({ "exp": soon, "access": access("org/repo", &["pull"]) })),
        ),
        ("unsigned", format!("Bearer {}", unsigned(&good))),
        ("no token", "Bearer x.y.z".to_owned()),
    ] {
        refused(&push(&token), &challenge("push"), what);
    }
    let token =
        authority.token(&json!({ "aud": ["charts.example.com"], "exp": soon, "access": good["access"] }));
    assert_eq!(push(&token).status, 201);
    assert_eq!(pull(&token).status, 200);
    let pusher = authority.token(&json!({ "exp": soon, "access": access("org/repo", &["push"]) }));
    refused(&pull(&pusher), &challenge("pull"), "a token to push");
    // Deleting is pushing.
    let version = "/api/org/repo/charts/web/1.0.0";
    let deleted = museum.request("DELETE", version, &[("authorization", &pusher)], b"");
    assert_eq!(deleted.status, 200);
}

/// A token that says that it needs no signature.
fn unsigned(claims: &Value) -> String {
    // `{"alg":"none","typ":"JWT"}`
    let head = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let key = EncodingKey::from_secret(b"x").expect("a key");
    let token = encode(&Header::default(), claims, &key).expect("it signs");
    let body = token.split('.').nth(1).unwrap_or_default();
    format!("{head}.{body}.")
}
