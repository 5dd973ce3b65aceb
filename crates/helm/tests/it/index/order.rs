//! Order and choice of versions.

use helm::index::{find_latest, sort_newest_first};

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
