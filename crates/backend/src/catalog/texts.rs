//! Texts of archives into the index: README, values and kinds of custom resources, and the names of all versions.
//!
//! One task of a process does it, some charts at a time, as long as there are charts without their texts. Reading an
//! archive that is in the store takes a millisecond or two; at 15,000 charts that is half a minute after a start, in
//! which charts are found by what their rows tell.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use search::Change;

use super::document::{Documents, Texts};
use super::view::Views;
use super::{Entry, Snapshot};
use crate::blobs::Digest;
use crate::{Backend, Error, Result, Viewer};

/// Charts whose texts become one change of the index.
const BATCH: usize = 256;
/// Versions of a chart by which it is found.
const MAX_VERSIONS: i64 = 1_000;

impl Backend {
    /// The charts as they are now, those that nobody but a few may see left out unless `viewer` is one of them.
    pub(crate) async fn snapshot(&self, viewer: &Viewer) -> Result<Arc<Snapshot>> {
        let inner = self.inner();
        let snapshot = inner.catalog.snapshot(&inner.store).await?;
        self.read_texts(&snapshot);
        Ok(snapshot.view(&|tenant| self.sees_private(viewer, tenant)))
    }

    /// Sees to it that texts are read as long as charts are without; answers at once.
    fn read_texts(&self, snapshot: &Snapshot) {
        let catalog = &self.inner().catalog;
        if snapshot.textless.is_empty() || catalog.is_reading_texts.swap(true, Ordering::AcqRel) {
            return;
        }
        let backend = self.clone();
        tokio::spawn(async move {
            let done = Done(&backend);
            let result = backend.read_all_texts().await;
            drop(done);
            match result {
                // A chart may have changed between the last look and the end.
                Ok(()) => backend.read_texts(&backend.inner().catalog.current()),
                // The next reader of the catalog tries again.
                Err(error) => tracing::error!(
                    error = %error.chain(), "texts of archives cannot be read for the search"
                ),
            }
        });
    }

    /// Waits until no chart is without its texts.
    pub(crate) async fn texts_are_read(&self) {
        let mut n_textless = self.inner().catalog.n_textless.subscribe();
        // The sender lives as long as the backend.
        let _ = n_textless.wait_for(|n| *n == 0).await;
    }

    async fn read_all_texts(&self) -> Result<()> {
        loop {
            let snapshot = self.inner().catalog.current();
            let batch: Vec<Arc<Entry>> = snapshot
                .textless
                .iter()
                .take(BATCH)
                .filter_map(|id| snapshot.by_id.get(id).map(Arc::clone))
                .collect();
            if batch.is_empty() {
                return Ok(());
            }
            drop(snapshot);
            let changes = self.changes_with_texts(&batch).await?;
            self.take_in(&batch, changes).await?;
        }
    }

    async fn changes_with_texts(&self, batch: &[Arc<Entry>]) -> Result<Vec<(Arc<Entry>, Change)>> {
        let inner = self.inner();
        let mut documents = Documents::default();
        let mut changes = Vec::with_capacity(batch.len());
        for entry in batch {
            let id = entry.record.id;
            // A chart that is gone is told by the next snapshot.
            let Some(more) = inner.store.searchable(id).await? else {
                continue;
            };
            let mut texts = match more.archive_digest.as_deref().and_then(Digest::from_slice) {
                Some(digest) => self.texts(digest).await,
                None => Texts::default(),
            };
            texts.versions = names(inner.store.version_names(id, MAX_VERSIONS).await?);
            let document = documents.document(&entry.record, more, texts, entry.about().standing);
            changes.push((Arc::clone(entry), Change::Put(Box::new(document))));
        }
        Ok(changes)
    }

    /// The texts of an archive; none of one that is gone or cannot be read, which its own page tells.
    async fn texts(&self, digest: Digest) -> Texts {
        let inner = self.inner();
        if let Some(files) = inner.files.get(digest) {
            return Texts::of(&files);
        }
        let Ok(Some(bytes)) = inner.blobs.get(digest).await else {
            return Texts::default();
        };
        // Not kept: what nobody looks at must not drive out what people do.
        let Ok(files) = inner.archives.unpack(bytes).await else {
            return Texts::default();
        };
        let texts = tokio::task::spawn_blocking(move || Texts::of(&files)).await;
        texts.unwrap_or_default()
    }

    /// Makes the next snapshot with the texts of those charts that have not changed since.
    async fn take_in(&self, batch: &[Arc<Entry>], changes: Vec<(Arc<Entry>, Change)>) -> Result<()> {
        let catalog = &self.inner().catalog;
        let _reading = catalog.reading.lock().await;
        let old = catalog.current();
        let is_current = |entry: &Arc<Entry>| {
            let known = old.by_id.get(&entry.record.id);
            known.is_some_and(|known| known.record.generation == entry.record.generation)
        };
        let mut textless = (*old.textless).clone();
        for entry in batch.iter().filter(|entry| is_current(entry)) {
            textless.remove(&entry.record.id);
        }
        let changes: Vec<Change> = changes
            .into_iter()
            .filter(|(entry, _)| is_current(entry))
            .map(|(_, change)| change)
            .collect();
        let index = old.index.clone();
        let index = tokio::task::spawn_blocking(move || index.with(changes))
            .await
            .map_err(Error::internal)?;
        catalog.replace(Snapshot {
            generation: old.generation,
            charts: Arc::clone(&old.charts),
            by_id: Arc::clone(&old.by_id),
            index,
            textless: Arc::new(textless),
            relations: Arc::clone(&old.relations),
            front: Arc::clone(&old.front),
            views: Views::default(),
        });
        Ok(())
    }
}

/// Says that nobody reads texts any more, also after a panic.
struct Done<'b>(&'b Backend);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0
            .inner()
            .catalog
            .is_reading_texts
            .store(false, Ordering::Release);
    }
}

/// Versions and app versions, each once.
fn names(versions: Vec<(String, Option<String>)>) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut names = Vec::new();
    for (version, app_version) in versions {
        for name in std::iter::once(version).chain(app_version) {
            if seen.insert(name.clone()) {
                names.push(name);
            }
        }
    }
    names
}
