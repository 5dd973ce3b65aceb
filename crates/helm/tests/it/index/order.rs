//! Order and choice of versions.

use helm::index::{find_latest, resolve, sort_newest_first};

fn sorted(versions: &[&'static str]) -> Vec<&'static str> {
    let mut versions = versions.to_vec();
    sort_newest_first(&mut versions, |version| version);
    versions
}

#[test]
fn newest_comes_first() {
    let versions = [
        "1.0.0",
        "1.10.0",
        "x",
        "1.9.0",
        "2.0.0-rc.1",
        "v2.0.0",
        "2.0.0-alpha",
        "1.2",
    ];
    assert_eq!(
        sorted(&versions),
        [
            "v2.0.0",
            "2.0.0-rc.1",
            "2.0.0-alpha",
            "1.10.0",
            "1.9.0",
            "1.2",
            "1.0.0",
            "x"
        ]
    );
}

#[test]
fn latest_is_a_release_if_there_is_one() {
    let latest = |versions: &[&'static str]| find_latest(&sorted(versions), |version| version).copied();
    assert_eq!(latest(&["1.0.0", "2.0.0-rc.1", "1.1.0"]), Some("1.1.0"));
    assert_eq!(latest(&["1.0.0-alpha", "1.0.0-beta"]), Some("1.0.0-beta"));
    assert_eq!(latest(&[]), None);
}

#[test]
fn constraints_choose_as_helm_does() {
    let versions = sorted(&["0.9.0", "1.0.0", "1.2.3", "1.2.3+build", "2.0.0", "3.0.0-rc.1"]);
    let choose = |wanted| {
        resolve("demo", &versions, |version| version, wanted)
            .copied()
            .map_err(|error| error.to_string())
    };
    let cases = [
        ("", Ok("2.0.0")),
        ("1.0.0", Ok("1.0.0")),
        ("^1", Ok("1.2.3")),
        ("1.x", Ok("1.2.3")),
        ("<1", Ok("0.9.0")),
        ("3.0.0-rc.1", Ok("3.0.0-rc.1")),
        (">0-0", Ok("3.0.0-rc.1")),
        ("1", Ok("1.2.3")),
        ("1.2.3+build", Ok("1.2.3+build")),
        ("9.9.9", Err("no chart version found for demo-9.9.9")),
    ];
    for (wanted, want) in cases {
        assert_eq!(choose(wanted), want.map_err(str::to_owned), "{wanted}");
    }
    assert!(choose("not a constraint").is_err_and(|error| error.starts_with("improper constraint")));
}
