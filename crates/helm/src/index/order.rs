//! Which version is newer, which is the latest, and which one a constraint means: Helm's answers.

use engine::semver::{Constraint, SemverError, Version};

/// Why no version was found. The texts are Helm's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    #[error(transparent)]
    Constraint(#[from] SemverError),
    #[error("no chart version found for {chart}-{version}")]
    NotFound { chart: String, version: String },
}

/// Sorts by version, newest first. What is no version goes to the end. Versions that are equal but for build metadata
/// keep their order.
pub fn sort_newest_first<T>(items: &mut [T], version: impl Fn(&T) -> &str) {
    items.sort_by_cached_key(|item| std::cmp::Reverse(Version::parse(version(item)).ok()));
}

pub fn is_prerelease(version: &str) -> bool {
    Version::parse(version).is_ok_and(|version| !version.prerelease().is_empty())
}

/// The newest version that is no pre-release, or the newest pre-release if there is nothing else. `versions` are
/// sorted newest first.
pub fn find_latest<T>(versions: &[T], version: impl Fn(&T) -> &str) -> Option<&T> {
    versions
        .iter()
        .find(|item| !is_prerelease(version(item)))
        .or(versions.first())
}

/// What `helm pull --version` takes for `wanted` out of `versions` of `chart`, which are sorted newest first: the very
/// same text, else the newest that satisfies it as a constraint. Nothing wanted means the latest release.
pub fn resolve<'v, T>(
    chart: &str,
    versions: &'v [T],
    version: impl Fn(&T) -> &str,
    wanted: &str,
) -> Result<&'v T, ResolveError> {
    let text = if wanted.is_empty() { "*" } else { wanted };
    let constraint = Constraint::parse(text)?;
    let exact = versions
        .iter()
        .find(|item| !wanted.is_empty() && version(item) == wanted);
    let matching = || {
        versions
            .iter()
            .find(|item| Version::parse(version(item)).is_ok_and(|parsed| constraint.check(&parsed)))
    };
    exact.or_else(matching).ok_or_else(|| ResolveError::NotFound {
        chart: chart.to_owned(),
        version: wanted.to_owned(),
    })
}
