//! Files of archives: unpacked in memory when a page wants them, and kept for the pages that follow.
//!
//! Pages of one chart want many files of the same archive within minutes; an archive of ordinary size unpacks in a
//! millisecond. So files are not stored a second time: the newest archives that were looked at stay in memory, within a
//! budget of bytes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use helm::archive::ChartFiles;

use crate::blobs::Digest;

/// The archives that were looked at last.
pub(crate) struct FileCache {
    max_bytes: u64,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Most recently used last.
    archives: VecDeque<(Digest, Arc<ChartFiles>)>,
    n_bytes: u64,
}

impl FileCache {
    pub(crate) fn new(max_bytes: u64) -> Self {
        Self {
            max_bytes,
            kept: Mutex::default(),
        }
    }

    pub(crate) fn get(&self, digest: Digest) -> Option<Arc<ChartFiles>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.archives.iter().position(|(known, _)| *known == digest)?;
        let found = kept.archives.remove(at)?;
        let files = Arc::clone(&found.1);
        kept.archives.push_back(found);
        Some(files)
    }

    pub(crate) fn put(&self, digest: Digest, files: &Arc<ChartFiles>) {
        let cost = cost(files);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if cost > self.max_bytes || kept.archives.iter().any(|(known, _)| *known == digest) {
            return;
        }
        kept.n_bytes += cost;
        kept.archives.push_back((digest, Arc::clone(files)));
        while kept.n_bytes > self.max_bytes {
            let Some((_, dropped)) = kept.archives.pop_front() else {
                break;
            };
            kept.n_bytes -= self::cost(&dropped);
        }
    }
}

fn cost(files: &ChartFiles) -> u64 {
    // Each file also costs its path and some bookkeeping.
    files.unpacked_bytes + 200 * files.files.len() as u64
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use helm::archive::{ArchiveLimits, ChartFiles, Modified, pack};

    use super::FileCache;
    use crate::blobs::Digest;

    #[test]
    fn the_least_recently_used_makes_room() {
        let archive = |n: u8| {
            let text = vec![n; 1000];
            let tgz = pack("c", [("Chart.yaml", text.as_slice())], Modified::default()).expect("it packs");
            let files = ChartFiles::from_bytes(&tgz, &ArchiveLimits::default()).expect("it unpacks");
            (Digest([n; 32]), Arc::new(files))
        };
        let cache = FileCache::new(2500);
        let (a, b, c) = (archive(1), archive(2), archive(3));
        cache.put(a.0, &a.1);
        cache.put(b.0, &b.1);
        assert!(cache.get(a.0).is_some());
        cache.put(c.0, &c.1);
        assert!(cache.get(b.0).is_none());
        assert!(cache.get(a.0).is_some());
        assert!(cache.get(c.0).is_some());
    }
}
