//! The index on its way out: as it is and compressed, which is put together of parts.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use flate2::read::GzDecoder;

use super::client::{Museum, Reply, chart};

/// A museum with enough in it for several pieces.
fn museum(dir: &std::path::Path, flags: &[&str]) -> Museum {
    for n in 0..300 {
        let name = format!("chart-{:03}", n / 3);
        let version = format!("1.{}.0", n % 3);
        std::fs::write(dir.join(format!("{name}-{version}.tgz")), chart(&name, &version))
            .expect("it is written");
    }
    Museum::start(dir, flags)
}

fn unpacked(gzip: &[u8]) -> String {
    let mut text = String::new();
    let mut decoder = GzDecoder::new(gzip);
    decoder.read_to_string(&mut text).expect("it unpacks");
    assert!(decoder.into_inner().is_empty(), "nothing follows");
    text
}

fn asked(museum: &Museum, method: &str, path: &str, accepted: Option<&str>) -> Reply {
    let headers: Vec<(&str, &str)> = accepted.iter().map(|value| ("accept-encoding", *value)).collect();
    museum.request(method, path, &headers, b"")
}

#[test]
fn an_index_is_sent_as_it_is_or_as_gzip_and_is_the_same() {
    let dir = tempfile::tempdir().expect("a folder");
    let museum = museum(dir.path(), &[]);
    for path in ["/index.yaml", "/api/charts"] {
        let plain = asked(&museum, "GET", path, None);
        assert_eq!(plain.status, 200);
        assert_eq!(plain.text().matches("charts/chart-").count(), 300, "{path}");
        for (accepted, want) in [
            (Some("identity"), ""),
            (Some("gzip;q=0"), ""),
            (Some("gzip;q=0.0, identity"), ""),
            (Some("deflate"), ""),
            (Some("gzip"), "gzip"),
            (Some("GZIP;q=0.5, br"), "gzip"),
            (Some("br;q=1.0, gzip;q=0.8, *;q=0.1"), "gzip"),
        ] {
            let reply = asked(&museum, "GET", path, accepted);
            assert_eq!(reply.status, 200);
            assert_eq!(reply.header("content-encoding"), want, "{path} {accepted:?}");
            assert!(
                reply
                    .header("vary")
                    .to_ascii_lowercase()
                    .contains("accept-encoding"),
                "{path} {accepted:?}"
            );
            assert_eq!(reply.header("etag"), plain.header("etag"), "{path} {accepted:?}");
            assert_eq!(reply.header("content-type"), plain.header("content-type"));
            // Whole, and not in chunks of no known length.
            assert_eq!(reply.header("content-length"), reply.body.len().to_string());
            let text = match want {
                "gzip" => unpacked(&reply.body),
                _ => reply.text(),
            };
            assert!(text == plain.text(), "{path} {accepted:?}");
            if path != "/index.yaml" {
                // The API answers no HEAD, as ChartMuseum's does not.
                continue;
            }
            let head = asked(&museum, "HEAD", path, accepted);
            assert_eq!((head.status, head.body.len()), (200, 0), "{path} {accepted:?}");
            assert_eq!(head.header("content-length"), reply.header("content-length"));
            assert_eq!(head.header("content-encoding"), want, "{path} {accepted:?}");
        }
    }
}

#[test]
fn gzip_itself_finds_nothing_wrong_with_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let museum = museum(dir.path(), &[]);
    for n in 0..3 {
        if n > 0 {
            let reply = museum.post("/api/charts", &chart("pushed", &format!("0.{n}.0")));
            assert_eq!(reply.status, 201, "{}", reply.text());
        }
        let packed = asked(&museum, "GET", "/index.yaml", Some("gzip"));
        assert!(unpacked(&packed.body).contains(&format!("charts/pushed-0.{n}.0.tgz")) == (n > 0));
        let mut gzip = Command::new("gzip")
            .arg("-t")
            .stdin(Stdio::piped())
            .spawn()
            .expect("gzip is there");
        let mut input = gzip.stdin.take().expect("it reads");
        input.write_all(&packed.body).expect("it is written");
        drop(input);
        assert!(gzip.wait().expect("it ends").success());
    }
}

#[test]
fn what_is_known_is_not_sent_whatever_it_was_packed_in() {
    let dir = tempfile::tempdir().expect("a folder");
    let museum = museum(dir.path(), &[]);
    let etag = asked(&museum, "GET", "/index.yaml", Some("gzip"))
        .header("etag")
        .to_owned();
    // Other bytes under one tag: it must be a weak one.
    assert!(etag.starts_with("W/\""), "{etag}");
    for accepted in ["gzip", "identity"] {
        let headers = [("accept-encoding", accepted), ("if-none-match", etag.as_str())];
        let again = museum.request("GET", "/index.yaml", &headers, b"");
        assert_eq!((again.status, again.body.len()), (304, 0));
        assert_eq!(again.header("vary"), "accept-encoding");
        assert_eq!(again.header("etag"), etag);
    }
    // A part of it is not to be had: RFC 9110 lets a server send the whole.
    let headers = [("accept-encoding", "gzip"), ("range", "bytes=0-9")];
    let whole = museum.request("GET", "/index.yaml", &headers, b"");
    assert_eq!(whole.status, 200);
    assert!(unpacked(&whole.body).contains("charts/chart-099-1.2.0.tgz"));
    // A tag of a pushed version is another.
    assert_eq!(museum.post("/api/charts", &chart("pushed", "0.1.0")).status, 201);
    let headers = [("accept-encoding", "gzip"), ("if-none-match", etag.as_str())];
    assert_eq!(museum.request("GET", "/index.yaml", &headers, b"").status, 200);
}

#[test]
fn an_index_without_charts_is_one_in_every_form() {
    for (flags, want) in [
        (&[][..], "apiVersion: v1\nentries: {}\n"),
        (&["--json-index"][..], "{\"apiVersion\":\"v1\",\"entries\":{},"),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let museum = Museum::start(dir.path(), flags);
        let plain = asked(&museum, "GET", "/index.yaml", None);
        assert!(plain.text().starts_with(want), "{}", plain.text());
        let packed = asked(&museum, "GET", "/index.yaml", Some("gzip"));
        assert_eq!(packed.header("content-encoding"), "gzip");
        assert_eq!(unpacked(&packed.body), plain.text());
        assert_eq!(asked(&museum, "GET", "/api/charts", None).text(), "{}");
    }
}
