//! Removing what nothing refers to: archives of removed repositories, replaced archives, writes cut short by a crash.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, UNIX_EPOCH};

use futures_util::TryStreamExt;
use model::Timestamp;
use object_store::{ObjectStore, ObjectStoreExt};

use super::{BlobError, Blobs, Digest};
use crate::store::Store;

/// What a collection did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Collected {
    pub(crate) n_kept: u64,
    pub(crate) n_removed: u64,
    pub(crate) kept_bytes: u64,
}

impl Blobs {
    /// Removes every object that nothing refers to and that is older than `keep_secs`: a younger one may be about to
    /// be referred to.
    #[tracing::instrument(name = "blob.collect", skip_all, err)]
    pub(crate) async fn collect(
        &self,
        store: &Store,
        now: Timestamp,
        keep_secs: u64,
    ) -> Result<Collected, crate::Error> {
        let mut collected = Collected::default();
        let mut objects = self.objects.list(None);
        while let Some(object) = objects.try_next().await.map_err(BlobError::Store)? {
            let age = now.0.saturating_sub(object.last_modified.timestamp());
            let is_old = age >= 0 && age.unsigned_abs() >= keep_secs;
            let is_referenced = match object.location.filename().and_then(Digest::from_hex) {
                Some(digest) => store.is_referenced(&digest.0).await?,
                None => false,
            };
            if is_old && !is_referenced {
                match self.objects.delete(&object.location).await {
                    Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(BlobError::Store(error).into()),
                }
                collected.n_removed += 1;
            } else {
                collected.n_kept += 1;
                collected.kept_bytes += object.size;
            }
        }
        self.used_bytes.store(collected.kept_bytes, Ordering::Relaxed);
        let dir = self.dir.join("sha256");
        let before = UNIX_EPOCH + Duration::from_secs(now.0.unsigned_abs().saturating_sub(keep_secs));
        let n_unfinished = tokio::task::spawn_blocking(move || remove_unfinished(&dir, before))
            .await
            .map_err(crate::Error::internal)?;
        collected.n_removed += n_unfinished;
        Ok(collected)
    }
}

/// Removes what writes left behind that a crash cut short: `object_store` names them `<name>#<number>` and does not
/// list them. Best effort: what cannot be removed now is removed the next time.
fn remove_unfinished(dir: &Path, before: std::time::SystemTime) -> u64 {
    let mut n_removed = 0;
    for shard in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        for file in std::fs::read_dir(shard.path()).into_iter().flatten().flatten() {
            let is_unfinished = file.file_name().to_string_lossy().contains('#');
            let is_old = file
                .metadata()
                .and_then(|metadata| metadata.modified())
                .is_ok_and(|modified| modified <= before);
            if is_unfinished && is_old && std::fs::remove_file(file.path()).is_ok() {
                n_removed += 1;
            }
        }
    }
    n_removed
}
