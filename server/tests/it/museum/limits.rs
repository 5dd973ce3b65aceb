//! What is too much: bodies, files, versions, disks; and archives that are attacks.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::client::{Museum, chart, chart_with, listed, provenance};

#[test]
fn bodies_that_are_too_long_are_not_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let museum = Museum::start(dir.path(), &["--max-upload-size=1000"]);
    let large = vec![0; 5_000];
    for reply in [
        museum.post("/api/charts", &large),
        museum.post("/api/prov", &large),
        museum.post_form("/api/charts", &[("chart", &large)]),
    ] {
        assert_eq!(reply.status, 413);
        assert_eq!(reply.text(), "request too large");
        assert_eq!(reply.header("connection"), "close");
    }
    // Without a length in front.
    let mut stream = TcpStream::connect(("127.0.0.1", museum.port)).expect("it listens");
    let head = "POST /api/charts HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).expect("it is sent");
    for _ in 0..3 {
        let chunk = [b"200\r\n".as_slice(), &[0; 0x200], b"\r\n"].concat();
        // It may have answered and hung up.
        let _ = stream.write_all(&chunk);
    }
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(listed(dir.path()).is_empty());
}

#[test]
fn a_repository_that_is_full_takes_no_more() {
    let dir = tempfile::tempdir().expect("a folder");
    let museum = Museum::start(dir.path(), &["--max-storage-objects=1"]);
    assert_eq!(museum.post("/api/charts", &chart("web", "1.0.0")).status, 201);
    let text = "repo has reached storage limit";
    let refused = museum.post("/api/charts", &chart("db", "1.0.0"));
    assert_eq!(
        (refused.status, refused.json()["error"].as_str()),
        (507, Some(text))
    );
    let refused = museum.post("/api/prov", &provenance("web", "1.0.0"));
    assert_eq!(
        (refused.status, refused.json()["error"].as_str()),
        (507, Some(text))
    );
    assert_eq!(
        museum
            .post("/api/charts?force", &chart_with("web", "1.0.0", "Again."))
            .status,
        201
    );
    assert_eq!(listed(dir.path()), ["web-1.0.0.tgz"]);
}

#[test]
fn a_chart_keeps_so_many_versions() {
    let dir = tempfile::tempdir().expect("a folder");
    let museum = Museum::start(dir.path(), &["--per-chart-limit=2"]);
    for version in ["0.2.0", "0.1.0", "0.0.1"] {
        assert_eq!(museum.post("/api/charts", &chart("web", version)).status, 201);
    }
    assert_eq!(museum.get("/api/charts/web/0.2.0").status, 404);
    assert_eq!(listed(dir.path()), ["web-0.0.1.tgz", "web-0.1.0.tgz"]);
}

#[test]
fn attacks_are_refused_and_cost_little() {
    let dir = tempfile::tempdir().expect("a folder");
    let museum = Museum::start(dir.path(), &[]);
    assert_eq!(museum.post("/api/charts", &chart("web", "1.0.0")).status, 201);
    let attacks = [
        ("a bomb", bomb(200 << 20)),
        ("a million empty files", many_files(1_000_000)),
        ("a file that climbs", tar(&[("web/../../etc/passwd", b"x")])),
        ("an absolute file", tar(&[("/etc/passwd", b"x")])),
        ("no Chart.yaml", tar(&[("web/values.yaml", b"a: 1\n")])),
        (
            "a name that is a directory",
            tar(&[("web/Chart.yaml", b"apiVersion: v2\nname: ..\nversion: 1.0.0\n")]),
        ),
        (
            "a name of a megabyte",
            tar(&[("web/Chart.yaml", long_name().as_bytes())]),
        ),
        ("a bomb of YAML", tar(&[("web/Chart.yaml", laughs().as_bytes())])),
        ("nothing in it", tar(&[])),
        ("half an archive", chart("web", "2.0.0")[..200].to_vec()),
    ];
    for (name, archive) in &attacks {
        let reply = museum.post("/api/charts", archive);
        assert_eq!(reply.status, 400, "{name}: {}", reply.text());
        let text = reply.json()["error"].as_str().unwrap_or_default().to_owned();
        assert!(!text.is_empty() && text.len() < 2_000, "{name}: {text}");
    }
    assert_eq!(listed(dir.path()), ["web-1.0.0.tgz"]);
    assert!(listed(&dir.path().join(".staging")).is_empty());
    let peak_kb = peak_memory_kb(museum.pid());
    assert!(peak_kb < 400_000, "{peak_kb} kB at most");
    assert_eq!(museum.get("/api/charts/web/1.0.0").status, 200);
}

fn peak_memory_kb(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
    number.expect("a number")
}

fn gzip(bytes: impl FnOnce(&mut flate2::write::GzEncoder<Vec<u8>>)) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    bytes(&mut encoder);
    encoder.finish().expect("it ends")
}

/// The head of a file in a tar.
fn head(path: &str, n_bytes: usize) -> [u8; 512] {
    let mut head = [0; 512];
    head[..path.len()].copy_from_slice(path.as_bytes());
    head[100..107].copy_from_slice(b"0000644");
    head[124..135].copy_from_slice(format!("{n_bytes:011o}").as_bytes());
    head[136..147].copy_from_slice(b"00000000000");
    head[148..156].copy_from_slice(b"        ");
    head[156] = b'0';
    head[257..263].copy_from_slice(b"ustar\0");
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    head
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    gzip(|out| {
        for (path, bytes) in files {
            out.write_all(&head(path, bytes.len())).expect("it writes");
            out.write_all(bytes).expect("it writes");
            out.write_all(&vec![0; bytes.len().next_multiple_of(512) - bytes.len()])
                .expect("it writes");
        }
        out.write_all(&[0; 1024]).expect("it writes");
    })
}

fn bomb(n_bytes: usize) -> Vec<u8> {
    gzip(|out| {
        out.write_all(&head("web/values.yaml", n_bytes))
            .expect("it writes");
        for _ in 0..n_bytes / (1 << 16) {
            out.write_all(&[b' '; 1 << 16]).expect("it writes");
        }
    })
}

fn many_files(n_files: usize) -> Vec<u8> {
    let head = head("web/empty", 0);
    gzip(|out| {
        for _ in 0..n_files {
            out.write_all(&head).expect("it writes");
        }
    })
}

fn long_name() -> String {
    format!("apiVersion: v2\nname: {}\nversion: 1.0.0\n", "x".repeat(1 << 20))
}

fn laughs() -> String {
    let mut yaml =
        "apiVersion: v2\nname: web\nversion: 1.0.0\na: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for pair in ["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi"] {
        let (from, to) = pair.split_at(1);
        yaml.push_str(&format!(
            "{to}: &{to} [{}]\n",
            vec![format!("*{from}"); 9].join(", ")
        ));
    }
    yaml
}
