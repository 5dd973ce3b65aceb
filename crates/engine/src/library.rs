//! Texts that many charts bring along, parsed once for all of them.
//!
//! Charts of one publisher carry the same library, file for file. A process that renders many charts hands one library
//! to all their sets; the engine keeps none by itself, so that what a render costs is decided by who asks for it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::hash::HashMap;
use crate::parse::tree::Tree;
use crate::value::GoStr;

/// Shorter texts are parsed again sooner than they are looked up.
const MIN_BYTES: usize = 256;

/// Parsed texts, of which those that were not asked for lately are dropped.
#[derive(Debug)]
pub struct Library {
    shelves: Mutex<Shelves>,
    /// Bytes of text that each shelf may hold.
    max_bytes: usize,
}

/// Two generations: what is found on the old shelf moves to the new one, and when that is full the old one is emptied.
#[derive(Debug, Default)]
struct Shelves {
    new: HashMap<GoStr, Arc<[Arc<Tree>]>>,
    old: HashMap<GoStr, Arc<[Arc<Tree>]>>,
    /// Of the texts on the new shelf.
    n_bytes: usize,
}

impl Library {
    /// One that keeps up to so many bytes of text; their trees take a few times as much.
    #[must_use]
    pub fn new(max_bytes: usize) -> Self {
        Self {
            shelves: Mutex::default(),
            max_bytes: max_bytes / 2,
        }
    }

    /// The trees of a text, if it was met lately.
    pub(crate) fn find(&self, text: &GoStr) -> Option<Arc<[Arc<Tree>]>> {
        if text.len() < MIN_BYTES {
            return None;
        }
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(trees) = shelves.new.get(text) {
            return Some(Arc::clone(trees));
        }
        let (text, trees) = shelves.old.remove_entry(text)?;
        shelves.put(text, &trees, self.max_bytes);
        Some(trees)
    }

    /// Keeps the trees of a text.
    pub(crate) fn keep(&self, text: GoStr, trees: &Arc<[Arc<Tree>]>) {
        if (MIN_BYTES..=self.max_bytes).contains(&text.len()) {
            let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
            shelves.put(text, trees, self.max_bytes);
        }
    }
}

impl Shelves {
    fn put(&mut self, text: GoStr, trees: &Arc<[Arc<Tree>]>, max_bytes: usize) {
        let n_bytes = text.len();
        if self.n_bytes + n_bytes > max_bytes {
            self.old = std::mem::take(&mut self.new);
            self.n_bytes = 0;
        }
        if self.new.insert(text, Arc::clone(trees)).is_none() {
            self.n_bytes += n_bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Library;
    use crate::parse::{When, parse};
    use crate::value::GoStr;

    fn text(n: usize) -> GoStr {
        format!("{{{{ define \"d{n}\" }}}}{}{{{{ end }}}}", "x".repeat(1_000))
            .as_str()
            .into()
    }

    fn keep(library: &Library, n: usize) {
        let trees = parse("x/_lib.tpl", text(n), When::OnFirstUse).unwrap().into();
        library.keep(text(n), &trees);
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let library = Library::new(10_000);
        for n in 0..100 {
            keep(&library, n);
            assert!(library.find(&text(0)).is_some(), "after {n}");
        }
        let n_kept = (0..100).filter(|n| library.find(&text(*n)).is_some()).count();
        assert!((4..=9).contains(&n_kept), "{n_kept}");
        let first = library.find(&text(99)).unwrap();
        assert!(Arc::ptr_eq(&first, &library.find(&text(99)).unwrap()));
    }

    #[test]
    fn what_is_too_short_or_too_long_is_not_kept() {
        let library = Library::new(3_000);
        for text in ["{{ define \"a\" }}{{ end }}".to_owned(), " ".repeat(1_600)] {
            let text: GoStr = text.as_str().into();
            let trees = parse("x/_lib.tpl", text.clone(), When::OnFirstUse)
                .unwrap()
                .into();
            library.keep(text.clone(), &trees);
            assert!(library.find(&text).is_none());
        }
    }
}
