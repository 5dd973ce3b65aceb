//! Getting archives, for a sync or for whoever looks at a chart first.
//!
//! An archive is fetched once at a time however many want it, is checked against the index's digest, read, summarised
//! and stored. One that is in the object store already, because a crash came between storing and noting it, is not
//! fetched again. Bytes in memory and archives being unpacked are bounded over all repositories.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use helm::archive::{ArchiveError, ArchiveLimits, ChartFiles};
use model::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use super::summary::ArchiveSummary;
use crate::blobs::{BlobError, Blobs, Digest};
use crate::clock::Clock;
use crate::settings::Settings;
use crate::store::{ArchiveResult, EntryDetails, PendingArchive, Store, StoreError};
use crate::upstream::{Answer, FetchError, Get, Source, tag_reference};

/// Addresses of one archive that are tried.
const MAX_URLS: usize = 3;
/// First wait after a failure that may pass, and after one that needs the publisher.
const PASSING_SECS: i64 = 60;
const LASTING_SECS: i64 = 3_600;
/// Longest wait after failures.
const MAX_WAIT_SECS: i64 = 86_400;
/// Less room than this is none: an ordinary archive.
const ROOM_BYTES: u64 = 16 * 1024;
/// Archives that make room for one at most.
const EVICTED_AT_ONCE: i64 = 1_000;
/// Unit of the budget of bytes: a semaphore counts in 32 bits.
const BUDGET_UNIT: u64 = 1024;

/// Gets archives; shared by all repositories.
pub(crate) struct Archives {
    store: Store,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    limits: ArchiveLimits,
    max_archive_bytes: u64,
    /// Bytes of archives in memory.
    budget: Semaphore,
    budget_units: u32,
    /// Archives being unpacked: each can cost its whole unpacked size.
    unpacking: Semaphore,
    in_flight: Mutex<HashMap<i64, watch::Receiver<()>>>,
}

/// Why an archive could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GetError {
    #[error("the index names no address that can be fetched from")]
    NoUrl,
    #[error("the registry has no chart at {url}")]
    NoChart { url: String },
    #[error("{0}")]
    Fetch(FetchError),
    #[error("the archive's SHA-256 is {actual}, but the index says {expected}")]
    Digest { expected: String, actual: String },
    #[error("the archive cannot be read: {0}")]
    Archive(ArchiveError),
    #[error("the object store is full")]
    Full,
    #[error("the archive cannot be stored")]
    Blob(#[source] BlobError),
    #[error("reading the archive was interrupted")]
    Interrupted,
}

impl GetError {
    fn in_words(&self) -> String {
        match self {
            Self::Fetch(error) => error.in_words(),
            other => other.to_string(),
        }
    }

    fn wait_secs(&self) -> i64 {
        match self {
            Self::Fetch(_) | Self::Full | Self::Blob(_) | Self::Interrupted => PASSING_SECS,
            Self::NoUrl | Self::NoChart { .. } | Self::Digest { .. } | Self::Archive(_) => LASTING_SECS,
        }
    }
}

/// The right to fetch one archive; dropping it tells whoever waits that it is over.
pub(crate) struct Turn {
    archives: Arc<Archives>,
    id: i64,
    done: watch::Sender<()>,
}

impl Turn {
    /// Closes when the turn is over.
    pub(crate) fn done(&self) -> watch::Receiver<()> {
        self.done.subscribe()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.archives
            .in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.id);
    }
}

impl Archives {
    pub(crate) fn new(settings: &Settings, store: Store, blobs: Blobs, clock: Arc<dyn Clock>) -> Self {
        let budget = settings
            .sync
            .max_bytes_in_flight
            .max(settings.sync.max_archive_bytes);
        let budget_units = u32::try_from(budget / BUDGET_UNIT)
            .unwrap_or(u32::MAX)
            .min(1 << 28);
        Self {
            store,
            blobs,
            clock,
            limits: ArchiveLimits {
                max_compressed_bytes: settings.sync.max_archive_bytes,
                max_unpacked_bytes: settings.limits.max_unpacked_bytes,
                max_file_bytes: settings.limits.max_file_bytes,
                ..ArchiveLimits::default()
            },
            max_archive_bytes: settings.sync.max_archive_bytes,
            budget: Semaphore::new(budget_units as usize),
            budget_units,
            unpacking: Semaphore::new(2),
            in_flight: Mutex::default(),
        }
    }

    pub(crate) fn limits(&self) -> &ArchiveLimits {
        &self.limits
    }

    /// Takes the right to fetch the archive of version `id`; else what to wait for.
    pub(crate) fn take_turn(self: &Arc<Self>, id: i64) -> Result<Turn, watch::Receiver<()>> {
        let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(done) = in_flight.get(&id) {
            return Err(done.clone());
        }
        let (done, waiting) = watch::channel(());
        in_flight.insert(id, waiting);
        Ok(Turn {
            archives: Arc::clone(self),
            id,
            done,
        })
    }

    /// Gets an archive and stores it; noting that is the caller's. `source` is none where nothing may be fetched.
    pub(crate) async fn get(&self, source: Option<&Source>, wanted: &PendingArchive) -> ArchiveResult {
        match self.try_get(source, wanted).await {
            Ok(result) => result,
            Err(error) => {
                let wait = error.wait_secs() << wanted.archive_attempts.clamp(0, 16);
                let retry_at = Timestamp(self.clock.now().0 + wait.min(MAX_WAIT_SECS));
                tracing::debug!(
                    chart.name = %wanted.name, chart.version = %wanted.version, error = %error,
                    "archive of {} {} could not be had", wanted.name, wanted.version
                );
                ArchiveResult::Failed {
                    id: wanted.id,
                    reason: error.in_words(),
                    retry_at,
                }
            }
        }
    }

    #[tracing::instrument(
        name = "sync.archive",
        level = "debug",
        skip_all,
        fields(chart.name = %wanted.name, chart.version = %wanted.version)
    )]
    async fn try_get(
        &self,
        source: Option<&Source>,
        wanted: &PendingArchive,
    ) -> Result<ArchiveResult, GetError> {
        let expected = wanted.digest.as_deref().and_then(Digest::from_slice);
        let kept = match expected {
            Some(digest) => self.blobs.get(digest).await.map_err(GetError::Blob)?,
            None => None,
        };
        let is_kept = kept.is_some();
        let details: EntryDetails = serde_json::from_str(&wanted.details).unwrap_or_default();
        let (bytes, _budget) = match kept {
            Some(bytes) => (bytes, None),
            None => {
                let source = source.ok_or(GetError::NoUrl)?;
                let (bytes, permit) = self.fetch(source, &details.urls, expected).await?;
                (bytes, Some(permit))
            }
        };
        let size_bytes = bytes.len() as i64;
        let (digest, contents) = self.read(bytes.clone()).await?;
        if let Some(expected) = expected
            && expected != digest
        {
            return Err(GetError::Digest {
                expected: expected.to_hex(),
                actual: digest.to_hex(),
            });
        }
        if !is_kept {
            self.blobs.put(digest, bytes).await.map_err(|error| match error {
                BlobError::Full { .. } => GetError::Full,
                other => GetError::Blob(other),
            })?;
        }
        Ok(ArchiveResult::Read {
            id: wanted.id,
            chart_id: wanted.chart_id,
            digest: digest.0.to_vec(),
            size_bytes,
            contents,
        })
    }

    /// Fetches from the first address that works; the permit stands for the bytes in memory.
    async fn fetch(
        &self,
        source: &Source,
        urls: &[String],
        expected: Option<Digest>,
    ) -> Result<(Bytes, SemaphorePermit<'_>), GetError> {
        let mut failure = GetError::NoUrl;
        for url in urls.iter().take(MAX_URLS) {
            let fetched = match url.starts_with("oci:") {
                true => self.fetch_from_registry(source, url, expected).await,
                false => self.fetch_one(source, url).await,
            };
            match fetched {
                Ok(fetched) => return Ok(fetched),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    async fn fetch_one(&self, source: &Source, url: &str) -> Result<(Bytes, SemaphorePermit<'_>), GetError> {
        let url = source.resolve(url).map_err(GetError::Fetch)?;
        let get = Get {
            accept: "application/gzip, application/octet-stream, */*;q=0.1",
            max_bytes: self.max_archive_bytes,
            ..Get::default()
        };
        let mut patience = source.patience();
        loop {
            match self.collect(source.attempt(&url, &get).await).await {
                Ok(fetched) => return fetched.ok_or(GetError::Interrupted),
                Err(error) => patience.wait(error).await.map_err(GetError::Fetch)?,
            }
        }
    }

    /// The blob of a chart's archive: the one with the digest that is expected, or the one that the tag leads to.
    async fn fetch_from_registry(
        &self,
        source: &Source,
        url: &str,
        expected: Option<Digest>,
    ) -> Result<(Bytes, SemaphorePermit<'_>), GetError> {
        let (registry, chart, tag) = tag_reference(source, url).map_err(GetError::Fetch)?;
        let digest = match expected {
            Some(digest) => digest,
            None => {
                let tagged = registry.manifest(&chart, &tag).await.map_err(GetError::Fetch)?;
                let parts = tagged.and_then(|tagged| tagged.read.ok()?.chart);
                let no_chart = || GetError::NoChart { url: url.to_owned() };
                parts.ok_or_else(no_chart)?.archive.digest
            }
        };
        let mut patience = source.patience();
        let (bytes, permit) = loop {
            let answer = registry.open_blob(&chart, digest, self.max_archive_bytes).await;
            match self.collect(answer).await {
                Ok(fetched) => break fetched.ok_or(GetError::Interrupted)?,
                Err(error) => patience.wait(error).await.map_err(GetError::Fetch)?,
            }
        };
        if expected.is_none() {
            // Nobody else knows what the manifest promised.
            let of = bytes.clone();
            let actual = tokio::task::spawn_blocking(move || Digest::of(&of)).await;
            let actual = actual.map_err(|_| GetError::Interrupted)?;
            if actual != digest {
                return Err(GetError::Digest {
                    expected: digest.to_hex(),
                    actual: actual.to_hex(),
                });
            }
        }
        Ok((bytes, permit))
    }

    /// Reads a body within the budget of bytes.
    async fn collect(
        &self,
        answer: Result<Answer, FetchError>,
    ) -> Result<Option<(Bytes, SemaphorePermit<'_>)>, FetchError> {
        let Answer::Body(body) = answer? else {
            return Ok(None);
        };
        // A body that does not say how long it is may be as long as allowed.
        let announced = body.announced_bytes().unwrap_or(self.max_archive_bytes);
        let units = u32::try_from(announced.div_ceil(BUDGET_UNIT)).unwrap_or(u32::MAX);
        let permit = self
            .budget
            .acquire_many(units.clamp(1, self.budget_units))
            .await
            .ok();
        let bytes = body.collect().await?;
        Ok(permit.map(|permit| (bytes, permit)))
    }

    async fn read(&self, bytes: Bytes) -> Result<(Digest, String), GetError> {
        let _permit = self
            .unpacking
            .acquire()
            .await
            .map_err(|_| GetError::Interrupted)?;
        let limits = self.limits;
        tokio::task::spawn_blocking(move || {
            let files = ChartFiles::from_bytes(&bytes, &limits).map_err(GetError::Archive)?;
            let digest = Digest::from_hex(&files.digest).unwrap_or_else(|| Digest::of(&bytes));
            let summary = ArchiveSummary::of(&files);
            let contents = serde_json::to_string(&summary).unwrap_or_else(|_| "{}".to_owned());
            Ok((digest, contents))
        })
        .await
        .map_err(|_| GetError::Interrupted)?
    }

    /// Unpacks an archive that is in the store.
    pub(crate) async fn unpack(&self, bytes: Bytes) -> Result<Arc<ChartFiles>, crate::Error> {
        let _permit = self.unpacking.acquire().await.map_err(crate::Error::internal)?;
        let limits = self.limits;
        let unpacked = tokio::task::spawn_blocking(move || ChartFiles::from_bytes(&bytes, &limits)).await;
        unpacked
            .map_err(crate::Error::internal)?
            .map(Arc::new)
            .map_err(crate::Error::internal)
    }

    /// Whether the background may go on: it leaves room for what somebody looks at.
    pub(crate) fn has_room(&self) -> bool {
        self.blobs.has_room(ROOM_BYTES.min(self.blobs.quota_bytes() / 16))
    }

    /// Removes archives that are not their chart's newest until another has room.
    pub(crate) async fn make_room(&self) -> Result<(), crate::Error> {
        for (digest, _) in self.store.evictable_archives(EVICTED_AT_ONCE).await? {
            if self.blobs.has_room(self.max_archive_bytes) {
                break;
            }
            let Some(digest) = Digest::from_slice(&digest) else {
                continue;
            };
            // First forgotten, then removed: a crash between leaves garbage, not a dangling reference.
            self.store.forget_archive(&digest.0).await?;
            self.blobs.delete(digest).await?;
        }
        Ok(())
    }

    /// Notes how fetching archives ended, in one transaction; `is_newest` says for which the chart's row tells of it.
    pub(crate) async fn note(&self, results: &[(ArchiveResult, bool)]) -> Result<(), StoreError> {
        if results.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        let is_shown = |(result, is_newest): &(ArchiveResult, bool)| {
            *is_newest && matches!(result, ArchiveResult::Read { .. })
        };
        // First, as in every transaction that counts a change: locks are taken in one order.
        let generation = match results.iter().any(is_shown) {
            true => Some(tx.bump_generation().await?),
            false => None,
        };
        for (result, is_newest) in results {
            tx.note_archive(result).await?;
            if let (ArchiveResult::Read { chart_id, .. }, true, Some(generation)) =
                (result, is_newest, generation)
            {
                tx.refresh_chart(*chart_id, generation).await?;
            }
        }
        tx.commit().await
    }
}
