//! Which version is newer and which is the latest: Helm's answers.

use super::version::Version;

/// Sorts by version, newest first. What is no version goes to the end. Versions that are equal but for build metadata
/// keep their order.
pub fn sort_newest_first<T>(items: &mut [T], version: impl Fn(&T) -> &str) {
    items.sort_by(|left, right| Version::parse(version(right)).cmp(&Version::parse(version(left))));
}

pub fn is_prerelease(version: &str) -> bool {
    Version::parse(version).is_some_and(|version| version.is_prerelease())
}

/// The newest version that is no pre-release, or the newest pre-release if there is nothing else. `versions` are
/// sorted newest first.
pub fn find_latest<T>(versions: &[T], version: impl Fn(&T) -> &str) -> Option<&T> {
    versions
        .iter()
        .find(|item| !is_prerelease(version(item)))
        .or(versions.first())
}
