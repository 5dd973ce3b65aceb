//! Archives and icons by the SHA-256 of their bytes.
//!
//! A blob is written under a temporary name, flushed to disk and renamed, so that a name that exists is a blob that is
//! whole. The same bytes are stored once. What nothing refers to is removed by [`gc`], what is too much is refused by
//! the quota. Who refers to what is in `store`.

mod digest;
mod gc;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};

pub(crate) use digest::Digest;

use crate::settings::StorageSettings;

/// Why a blob could not be kept or had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BlobError {
    #[error("the object store's directory `{path}` is not usable")]
    Directory {
        path: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("the object store is full: it may hold {quota_bytes} bytes")]
    Full { quota_bytes: u64 },
    #[error("reading it broke off: {0}")]
    Stream(String),
    #[error("the object store does not work")]
    Store(#[from] object_store::Error),
}

impl From<BlobError> for crate::Error {
    fn from(error: BlobError) -> Self {
        Self::internal(error)
    }
}

/// A blob's bytes on their way out.
pub(crate) struct BlobStream {
    pub(crate) size_bytes: u64,
    pub(crate) body: BoxStream<'static, Result<Bytes, BlobError>>,
}

/// The object store; cloning it is cheap.
#[derive(Clone)]
pub(crate) struct Blobs {
    objects: Arc<dyn ObjectStore>,
    dir: Arc<Path>,
    used_bytes: Arc<AtomicU64>,
    quota_bytes: u64,
}

impl Blobs {
    /// Opens the store. `used_bytes` is what is known to be in it; garbage collection corrects that.
    pub(crate) fn open(settings: &StorageSettings, dir: &Path, used_bytes: u64) -> Result<Self, BlobError> {
        let bad = |source: Box<dyn std::error::Error + Send + Sync>| BlobError::Directory {
            path: dir.display().to_string(),
            source,
        };
        std::fs::create_dir_all(dir).map_err(|error| bad(Box::new(error)))?;
        let objects = LocalFileSystem::new_with_prefix(dir).map_err(|error| bad(Box::new(error)))?;
        Ok(Self {
            objects: Arc::new(objects.with_fsync(settings.fsync)),
            dir: Arc::from(dir),
            used_bytes: Arc::new(AtomicU64::new(used_bytes)),
            quota_bytes: settings.quota_bytes,
        })
    }

    /// Keeps `bytes`, which have this digest.
    #[tracing::instrument(name = "blob.put", skip_all, fields(size_bytes = bytes.len()), err)]
    pub(crate) async fn put(&self, digest: Digest, bytes: Bytes) -> Result<(), BlobError> {
        if self.size(digest).await?.is_some() {
            return Ok(());
        }
        let n = bytes.len() as u64;
        if !self.has_room(n) {
            return Err(BlobError::Full {
                quota_bytes: self.quota_bytes,
            });
        }
        self.objects.put(&digest.key(), bytes.into()).await?;
        self.used_bytes.fetch_add(n, Ordering::Relaxed);
        Ok(())
    }

    /// How many bytes may be kept; zero means no limit.
    pub(crate) fn quota_bytes(&self) -> u64 {
        self.quota_bytes
    }

    /// Whether so many more bytes may be kept.
    pub(crate) fn has_room(&self, n_bytes: u64) -> bool {
        self.quota_bytes == 0 || self.used_bytes.load(Ordering::Relaxed) + n_bytes <= self.quota_bytes
    }

    /// Size of the blob, where there is one.
    pub(crate) async fn size(&self, digest: Digest) -> Result<Option<u64>, BlobError> {
        match self.objects.head(&digest.key()).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The blob, where there is one.
    #[tracing::instrument(name = "blob.get", skip_all, err)]
    pub(crate) async fn get(&self, digest: Digest) -> Result<Option<Bytes>, BlobError> {
        match self.objects.get(&digest.key()).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The blob in pieces, where there is one.
    pub(crate) async fn stream(&self, digest: Digest) -> Result<Option<BlobStream>, BlobError> {
        match self.objects.get(&digest.key()).await {
            Ok(found) => Ok(Some(BlobStream {
                size_bytes: found.meta.size,
                body: found.into_stream().map_err(BlobError::Store).boxed(),
            })),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes the blob.
    pub(crate) async fn delete(&self, digest: Digest) -> Result<(), BlobError> {
        let Some(n) = self.size(digest).await? else {
            return Ok(());
        };
        self.objects.delete(&digest.key()).await?;
        let _ = self
            .used_bytes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                Some(used.saturating_sub(n))
            });
        Ok(())
    }

    /// Whether the store answers.
    pub(crate) async fn ping(&self) -> Result<(), BlobError> {
        self.size(Digest([0; 32])).await.map(drop)
    }
}

impl Digest {
    fn key(self) -> Key {
        let hex = self.to_hex();
        // 256 directories keep each small enough for every file system.
        Key::from(format!("sha256/{}/{hex}", hex.get(..2).unwrap_or_default()))
    }
}
