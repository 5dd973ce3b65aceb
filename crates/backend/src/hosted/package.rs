//! What comes in: an archive that is a chart, or a provenance file, or a reason why not.

use bytes::Bytes;
use helm::archive::{ArchiveLimits, ChartFiles};
use helm::chart::{Chart, Metadata};
use helm::index::{IndexEntry, IndexFragment, Timestamp};

use super::tenant::{ARCHIVE, PROVENANCE, is_file_name};
use crate::blobs::Digest;
use crate::store::EntryRecord;
use crate::sync::{ArchiveSummary, record_of};

/// A provenance file is a signed Chart.yaml with one checksum.
const MAX_PROVENANCE_BYTES: usize = 1024 * 1024;
/// Of words that hold text of strangers.
const MAX_SHOWN_CHARS: usize = 400;
const SIGNED: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";

/// Why something is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PackageError {
    /// Not an archive, or not of a chart; in Helm's words where Helm has some.
    #[error("{reason}")]
    NotAChart { reason: String },
    /// Not a provenance file.
    #[error("invalid provenance file")]
    NotProvenance,
    /// The chart's name and version make no file name.
    #[error("{file_name} is improperly formatted")]
    Misnamed { file_name: String },
}

/// An archive that was read: all that is known of it but when it came.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) file_name: String,
    pub(crate) metadata: Metadata,
    pub(crate) digest: Digest,
    pub(crate) size_bytes: i64,
    /// JSON of [`ArchiveSummary`].
    pub(crate) contents: String,
    /// What is odd about it, in words.
    pub(crate) oddities: Vec<String>,
    pub(crate) bytes: Bytes,
}

/// A provenance file that looks like one. What it is worth is not checked here.
#[derive(Debug)]
pub(crate) struct Provenance {
    pub(crate) file_name: String,
    pub(crate) digest: Digest,
    pub(crate) bytes: Bytes,
}

impl Package {
    /// Reads an archive as Helm would load it. This unpacks all of it: for a thread that may block.
    pub(crate) fn read(bytes: Bytes, limits: &ArchiveLimits) -> Result<Self, PackageError> {
        let not_a_chart = |reason: String| PackageError::NotAChart {
            reason: shown(&reason),
        };
        let files = ChartFiles::from_bytes(&bytes, limits).map_err(|error| not_a_chart(error.to_string()))?;
        let summary = ArchiveSummary::of(&files);
        let digest = Digest::from_hex(&files.digest).unwrap_or_else(|| Digest::of(&bytes));
        // Charts in charts and values are read, too: what Helm could not install is better refused now.
        let metadata = Chart::from_files(files.files)
            .map_err(|error| not_a_chart(error.to_string()))?
            .metadata;
        let file_name = format!("{}-{}{ARCHIVE}", metadata.name, metadata.version);
        if !is_file_name(&file_name) {
            return Err(PackageError::Misnamed {
                file_name: shown(&file_name),
            });
        }
        let package = Self {
            file_name,
            digest,
            size_bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            contents: serde_json::to_string(&summary).unwrap_or_else(|_| "{}".to_owned()),
            oddities: summary.oddities,
            metadata,
            bytes,
        };
        // One that no index could hold would make the index unusable.
        package
            .fragment(0)
            .map_err(|error| not_a_chart(error.to_string()))?;
        Ok(package)
    }

    /// The entry of an index, as of when the archive came.
    fn entry(&self, created_ms: i64) -> IndexEntry {
        let created = Timestamp {
            seconds: created_ms.div_euclid(1000),
            nanoseconds: u32::try_from(created_ms.rem_euclid(1000) * 1_000_000).unwrap_or(0),
        };
        let url = format!("charts/{}", self.file_name);
        IndexEntry::of_chart(&self.metadata, url, self.digest.to_hex(), created)
    }

    /// The entry as ready text.
    pub(crate) fn fragment(&self, created_ms: i64) -> Result<IndexFragment, helm::index::WriteError> {
        IndexFragment::new(&self.entry(created_ms))
    }

    /// The version as the catalog stores it.
    pub(crate) fn record(&self, created_ms: i64) -> EntryRecord {
        record_of(self.entry(created_ms))
    }
}

impl Provenance {
    /// Recognises a provenance file as ChartMuseum does: a signed message with a chart's name and version in it.
    pub(crate) fn read(bytes: Bytes) -> Result<Self, PackageError> {
        if !is_signed_message(&bytes) {
            return Err(PackageError::NotProvenance);
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| PackageError::NotProvenance)?;
        let field = |key: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(key))?;
            let value = value.trim().trim_matches(['"', '\'']);
            (!value.is_empty()).then_some(value)
        };
        let (Some(name), Some(version)) = (field("name: "), field("version: ")) else {
            return Err(PackageError::NotProvenance);
        };
        let file_name = format!("{name}-{version}{PROVENANCE}");
        if !is_file_name(&file_name) {
            return Err(PackageError::Misnamed {
                file_name: shown(&file_name),
            });
        }
        Ok(Self {
            file_name,
            digest: Digest::of(&bytes),
            bytes,
        })
    }
}

/// Whether a file may be a provenance file, by its beginning and its length.
pub(crate) fn is_signed_message(bytes: &[u8]) -> bool {
    bytes.len() <= MAX_PROVENANCE_BYTES && bytes.starts_with(SIGNED)
}

/// Words that hold text of strangers: cut, so that neither an answer nor a line of a log grows with it.
fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN_CHARS) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{PackageError, Provenance};

    #[test]
    fn provenance_is_a_signed_message_about_a_version() {
        let signed = |body: &str| {
            Bytes::from(format!(
                "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{body}"
            ))
        };
        let read = |bytes| Provenance::read(bytes).map(|provenance| provenance.file_name);
        let rows = [
            (
                signed("apiVersion: v1\nname: web\nversion: 1.0.0\n\n...\n"),
                Ok("web-1.0.0.tgz.prov".to_owned()),
            ),
            (
                signed("name: web\r\nversion: \"1.0.0\"\r\n"),
                Ok("web-1.0.0.tgz.prov".to_owned()),
            ),
            (signed("name: web\n"), Err(PackageError::NotProvenance)),
            (Bytes::new(), Err(PackageError::NotProvenance)),
            (
                Bytes::from("name: web\nversion: 1.0.0\n"),
                Err(PackageError::NotProvenance),
            ),
            (
                signed("name: ../../evil\nversion: 1.0.0\n"),
                Err(PackageError::Misnamed {
                    file_name: "../../evil-1.0.0.tgz.prov".to_owned(),
                }),
            ),
        ];
        for (bytes, want) in rows {
            assert_eq!(read(bytes.clone()), want, "{bytes:?}");
        }
    }
}
