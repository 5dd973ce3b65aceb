//! Chart archives: well-made, strange and hostile ones.

mod build;
mod corpus;
mod hostile;
mod pack;
mod property;
mod strange;

pub(crate) use build::gzip;

use helm::archive::{ArchiveError, ArchiveLimits, ChartFiles};

pub(crate) fn read(archive: &[u8]) -> Result<ChartFiles, ArchiveError> {
    ChartFiles::from_bytes(archive, &ArchiveLimits::default())
}

/// The paths of a chart that loads.
fn paths(archive: &[u8]) -> Vec<String> {
    read(archive)
        .expect("a chart that loads")
        .files
        .into_iter()
        .map(|file| file.path)
        .collect()
}

/// The message for an archive that does not load.
fn refusal(archive: &[u8]) -> String {
    read(archive).expect_err("an archive that is refused").to_string()
}

/// What is odd about a chart that loads.
fn oddities(archive: &[u8]) -> Vec<String> {
    read(archive)
        .expect("a chart that loads")
        .oddities
        .iter()
        .map(ToString::to_string)
        .collect()
}
