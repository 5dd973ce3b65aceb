//! Archives in archives: `charts/*.tgz`. One budget covers them all, so that fifty archives of 100 MiB each, or one
//! that holds itself, cost no more than one chart may.

use super::error::ArchiveError;
use super::{ArchiveLimits, ChartFiles};

/// Reads the archives found in a chart, and those found in these, within one budget.
#[derive(Debug)]
pub struct NestedArchives {
    limits: ArchiveLimits,
    bytes_left: u64,
    entries_left: usize,
}

impl NestedArchives {
    pub fn new(limits: ArchiveLimits) -> Self {
        // As many entries as sixteen full archives: umbrella charts do have many.
        let entries_left = limits.max_entries.saturating_mul(16);
        Self {
            limits,
            bytes_left: limits.max_total_bytes,
            entries_left,
        }
    }

    /// Reads the archive `data`, found as `path` in a chart that is itself `depth` archives deep (0: the chart that
    /// was asked for).
    pub fn read(&mut self, depth: usize, path: &str, data: &[u8]) -> Result<ChartFiles, ArchiveError> {
        // An archive can hold a copy of itself (a gzip quine), which never ends.
        if depth >= self.limits.max_nesting {
            return Err(ArchiveError::NestedTooDeep {
                path: path.to_owned(),
                limit: self.limits.max_nesting,
            });
        }
        let limits = ArchiveLimits {
            max_unpacked_bytes: self.limits.max_unpacked_bytes.min(self.bytes_left),
            max_entries: self.limits.max_entries.min(self.entries_left),
            ..self.limits
        };
        let chart = ChartFiles::from_bytes(data, &limits).map_err(|error| match error {
            ArchiveError::TooLarge { limit_bytes } if limit_bytes < self.limits.max_unpacked_bytes => {
                ArchiveError::NestedTooLarge {
                    limit_bytes: self.limits.max_total_bytes,
                }
            }
            other => other,
        })?;
        self.bytes_left = self.bytes_left.saturating_sub(chart.unpacked_bytes);
        self.entries_left = self.entries_left.saturating_sub(chart.files.len());
        Ok(chart)
    }
}
