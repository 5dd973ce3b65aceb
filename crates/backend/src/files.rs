//! Files of archives: unpacked in memory when a page wants them, and kept for the pages that follow.
//!
//! Pages of one chart want many files of the same archive within minutes; an archive of ordinary size unpacks in a
//! millisecond. So files are not stored a second time: the newest archives that were looked at stay in memory, within a
//! budget of bytes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use helm::archive::ChartFiles;
use model::chart::Prose;

use crate::blobs::Digest;

/// HTML of READMEs that is kept.
const MAX_PROSE_BYTES: usize = 4 * 1024 * 1024;

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

/// READMEs that were turned into HTML last: a long one takes longer than everything else of its page.
#[derive(Default)]
pub(crate) struct ProseCache {
    /// By archive and by what its links begin with; most recently used last.
    kept: Mutex<VecDeque<(Digest, String, Prose)>>,
}

impl ProseCache {
    pub(crate) fn get(&self, digest: Digest, links: &str) -> Option<Prose> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |(of, with, _): &(Digest, String, Prose)| *of == digest && with == links;
        let at = kept.iter().position(is_it)?;
        let found = kept.remove(at)?;
        let prose = found.2.clone();
        kept.push_back(found);
        Some(prose)
    }

    pub(crate) fn put(&self, digest: Digest, links: String, prose: &Prose) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, with, _)| *of != digest || *with != links);
        kept.push_back((digest, links, prose.clone()));
        let mut n_bytes: usize = kept.iter().map(|(_, _, prose)| prose.html.len()).sum();
        while n_bytes > MAX_PROSE_BYTES {
            let Some((_, _, dropped)) = kept.pop_front() else {
                break;
            };
            n_bytes -= dropped.html.len();
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

    use model::chart::Prose;

    use super::{FileCache, MAX_PROSE_BYTES, ProseCache};
    use crate::blobs::Digest;

    #[test]
    fn prose_is_kept_by_archive_and_links_within_its_bytes() {
        let cache = ProseCache::default();
        let prose = |letter: &str| Prose {
            html: letter.repeat(MAX_PROSE_BYTES / 3),
            headings: Vec::new(),
        };
        let html = |n: u8, links: &str| cache.get(Digest([n; 32]), links).map(|prose| prose.html);
        cache.put(Digest([1; 32]), "/a/".to_owned(), &prose("1"));
        cache.put(Digest([2; 32]), "/b/".to_owned(), &prose("2"));
        assert_eq!(html(1, "/b/"), None);
        cache.put(Digest([3; 32]), "/c/".to_owned(), &prose("3"));
        assert!(html(1, "/a/").is_some_and(|html| html.starts_with('1')));
        cache.put(Digest([4; 32]), "/d/".to_owned(), &prose("4"));
        assert_eq!(html(2, "/b/"), None);
        assert!(html(1, "/a/").is_some() && html(3, "/c/").is_some() && html(4, "/d/").is_some());
    }

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
