//! Packing: reproducible, and what is packed loads again.

use super::read;
use helm::archive::{Modified, pack};

#[test]
fn packs_the_same_bytes_every_time() {
    let files = [
        ("Chart.yaml", b"name: demo\n".as_slice()),
        ("templates/a.yaml", b"a: 1\n"),
    ];
    let once = pack(
        "demo",
        files,
        Modified {
            seconds: 1_700_000_000,
            nanoseconds: 0,
        },
    )
    .expect("packs");
    let twice = pack(
        "demo",
        files,
        Modified {
            seconds: 1_700_000_000,
            nanoseconds: 0,
        },
    )
    .expect("packs");
    assert_eq!(once, twice);
    let chart = read(&once).expect("loads");
    assert!(chart.oddities.is_empty());
    assert_eq!(chart.files[1].modified.seconds, 1_700_000_000);
    assert_eq!(chart.compressed_bytes, once.len() as u64);
}

#[test]
fn long_and_foreign_names_survive() {
    let deep = format!("{}/{}", "d".repeat(90), "f".repeat(90));
    let long = format!("templates/{}.yaml", "x".repeat(200));
    let names = [deep.as_str(), long.as_str(), "docs/\u{fc}ber.md"];
    let tgz = pack(
        "demo",
        names.map(|name| (name, name.as_bytes())),
        Modified::default(),
    )
    .expect("packs");
    let chart = read(&tgz).expect("loads");
    for (file, name) in chart.files.iter().zip(names) {
        assert_eq!((file.path.as_str(), file.data.as_ref()), (name, name.as_bytes()));
    }
}

#[test]
fn what_would_not_load_is_not_packed() {
    for path in ["", "/x", "../x", "a/../b", "a//b", "./a", "a\\b", "c:/x", "a\0b"] {
        let error = pack("demo", [(path, b"".as_slice())], Modified::default()).expect_err(path);
        assert_eq!(error.to_string(), format!("path `{path}` cannot be packed"));
    }
    for top in ["", ".", "..", "a/b", "a\\b"] {
        assert!(
            pack(top, [("a", b"".as_slice())], Modified::default()).is_err(),
            "{top}"
        );
    }
}
