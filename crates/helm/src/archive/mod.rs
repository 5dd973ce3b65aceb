//! Chart archives: an untrusted `.tgz` is read as a stream into a list of files, within limits, and charts are packed
//! into archives that are the same bytes every time. Nothing is ever unpacked to a disk.
//!
//! Whatever Helm loads is loaded, with two exceptions: sparse files, and paths, counts and depths past
//! [`ArchiveLimits`]. What Helm refuses is refused. What is merely strange is accepted and listed in
//! [`ChartFiles::oddities`]. What the files *mean* is the business of `contents` and `chart`.

mod error;
mod gunzip;
mod nested;
mod oddity;
mod path;
mod reader;
mod tar;
mod write;

pub use error::{ArchiveError, GzipDamage, Missing, TarDamage};
pub use nested::NestedArchives;
pub use oddity::{Oddities, Oddity, is_hidden};
pub use reader::ArchiveReader;
pub use tar::Modified;
pub use write::{PackError, pack};

pub(crate) use gunzip::{Flow, Gunzip};

use bytes::Bytes;

/// How much an archive may cost. The defaults are Helm's where Helm has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// The archive itself. Helm has no such limit; no archive within the others needs more.
    pub max_compressed_bytes: u64,
    /// All files together; Helm refuses an archive that reaches it.
    pub max_unpacked_bytes: u64,
    /// One file. Helm had a limit of 5 MiB up to 4.2, and has none since; no file within the others needs more than the
    /// default.
    pub max_file_bytes: u64,
    /// Tar headers of any kind. Helm has no limit: a million empty files cost a few kB to send.
    pub max_entries: usize,
    pub max_path_bytes: usize,
    /// How deep `charts/*.tgz` may lie in each other.
    pub max_nesting: usize,
    /// Everything unpacked from an archive and the archives in it, each of which stays below `max_unpacked_bytes`.
    pub max_total_bytes: u64,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        Self {
            max_compressed_bytes: 100 * MIB,
            max_unpacked_bytes: 100 * MIB,
            max_file_bytes: 100 * MIB,
            max_entries: 20_000,
            max_path_bytes: 1024,
            max_nesting: 16,
            max_total_bytes: 256 * MIB,
        }
    }
}

/// One file of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartFile {
    /// Below the archive's top directory, with `/` as separator; never absolute, never with `..`.
    pub path: String,
    /// Without the byte order mark it may have begun with.
    pub data: Bytes,
    pub modified: Modified,
}

/// The files of an archive in its order. A path may occur twice: what that means differs from file to file (Helm
/// merges two `Chart.yaml`, and of two templates the last counts).
#[derive(Clone, Debug)]
pub struct ChartFiles {
    pub files: Vec<ChartFile>,
    /// The name of the directory the first file was in. Helm ignores it.
    pub top_directory: String,
    /// SHA-256 of the archive's bytes, in hex, as an index's `digest` has it.
    pub digest: String,
    pub compressed_bytes: u64,
    pub unpacked_bytes: u64,
    pub oddities: Oddities,
}

impl ChartFiles {
    /// Reads a whole archive from memory.
    pub fn from_bytes(archive: &[u8], limits: &ArchiveLimits) -> Result<Self, ArchiveError> {
        let mut reader = ArchiveReader::new(*limits);
        reader.push(archive)?;
        reader.finish()
    }

    /// Reads an archive from `source`, holding no more than its files in memory.
    pub fn from_reader(mut source: impl std::io::Read, limits: &ArchiveLimits) -> Result<Self, ArchiveError> {
        let mut reader = ArchiveReader::new(*limits);
        let mut chunk = [0; 16 * 1024];
        loop {
            match source.read(&mut chunk) {
                Ok(0) => return reader.finish(),
                Ok(n_bytes) => reader.push(chunk.get(..n_bytes).unwrap_or_default())?,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ArchiveError::Read(error)),
            }
        }
    }

    /// The file at `path`; the last one where there are several.
    pub fn find(&self, path: &str) -> Option<&ChartFile> {
        self.files.iter().rev().find(|file| file.path == path)
    }
}
