//! Hosted repositories: charts that are uploaded here, in a directory that a ChartMuseum may have left.
//!
//! The database says what is there; the directory holds the bytes. A change is one transaction over index, catalog and
//! pages; before it the bytes are on the disk under a name that nobody looks for, after it they come to their place. A
//! process that dies in between left rows that say what is still to do ([`Hosted::recover`]).
//! What others do in the directory is noticed by [`scan`]. Who may do what is decided in `ops`.

mod care;
mod change;
mod check;
mod copy;
mod files;
mod index;
mod kept;
pub(crate) mod oci;
mod outbox;
mod package;
mod pieces;
mod retention;
mod scan;
mod tenant;
mod text;
mod webhook_key;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use helm::archive::ArchiveLimits;
use helm::index::IndexFormat;
use tokio::sync::{Notify, Semaphore};

pub(crate) use change::{KeptVersion, Upload, UploadError};
pub(crate) use index::{Index, Manner, NoVersion};
pub(crate) use outbox::{message_id, test_body};
pub(crate) use package::{Package, PackageError, Provenance, is_signed_message};
pub(crate) use retention::{Confirmation, plan as retention_plan};
pub(crate) use tenant::{ARCHIVE, PROVENANCE, is_file_name, is_tenant, object_of};
pub use text::{Document, Pieces};

use crate::clock::Clock;
use crate::settings::{HostedSettings, Settings};
use crate::store::{HostedFileRecord, HostedPlace, RepositoryRecord, Store};
use crate::sync::Board;
use crate::{Error, Result};
use files::{Files, Stat};
use tenant::MAX_DEPTH;

/// Archives being unpacked at a time: each can cost its whole unpacked size.
const AT_A_TIME: usize = 2;
/// On a database that others use, too: a directory that others change is read again at most this often.
const SHARED_LOOK: Duration = Duration::from_secs(1);
/// Staged bytes that nobody names are somebody's upload for so long.
const STAGED_KEEP: Duration = Duration::from_secs(3600);

/// All hosted repositories.
pub(crate) struct Hosted {
    pub(crate) settings: HostedSettings,
    pub(crate) manner: Manner,
    base_path: String,
    files: Files,
    store: Store,
    clock: Arc<dyn Clock>,
    limits: ArchiveLimits,
    board: Arc<Board>,
    reading: Semaphore,
    /// Wakes who sends messages to webhooks.
    pub(crate) outbox: Notify,
    tenants: Mutex<HashMap<String, Arc<Tenant>>>,
}

/// What this process knows of a tenant.
#[derive(Default)]
struct Tenant {
    name: String,
    index: RwLock<Arc<Index>>,
    /// Of many that find the index stale, one reads.
    refreshing: tokio::sync::Mutex<()>,
    scanned: Mutex<Option<Scanned>>,
    scanning: tokio::sync::Mutex<()>,
    /// Held while this process changes the directory; what it changed while a scan runs.
    placing: Mutex<Option<Vec<OwnChange>>>,
    /// Files that are no charts, as they looked when that was found.
    refused: Mutex<HashMap<String, Stat>>,
}

/// The directory's times before and after something that this process did there.
type OwnChange = (Option<i64>, Option<i64>);

/// When the directory was compared with what is known, and how old it was.
#[derive(Clone, Copy)]
struct Scanned {
    at: std::time::Instant,
    took: Duration,
    /// `None` where the directory was not there.
    directory_time: Option<i64>,
    /// Somebody may have changed it in the very moment of its time, unseen.
    is_certain: bool,
}

/// A hosted file on its way out.
pub(crate) struct OpenFile {
    pub(crate) file: std::fs::File,
    pub(crate) size_bytes: u64,
    pub(crate) record: HostedFileRecord,
}

impl Hosted {
    /// Opens the directory; touches none of its files.
    pub(crate) async fn open(
        settings: &Settings,
        store: Store,
        clock: Arc<dyn Clock>,
        board: Arc<Board>,
    ) -> Result<Self> {
        let hosted = settings.hosted.clone();
        let root = match hosted.dir.as_os_str().is_empty() {
            true => settings.data_dir.join("hosted"),
            false => hosted.dir.clone(),
        };
        let used = store.held_hosted_bytes().await?;
        let shown = root.display().to_string();
        let files = Files::open(root, settings.storage.fsync, hosted.quota_bytes, used).map_err(|error| {
            Error::internal(format!(
                "the directory of hosted charts `{shown}` is not usable: {error}"
            ))
        })?;
        let limits = ArchiveLimits {
            max_compressed_bytes: hosted.max_upload_bytes.max(settings.sync.max_archive_bytes),
            max_unpacked_bytes: settings.limits.max_unpacked_bytes,
            max_file_bytes: settings.limits.max_file_bytes,
            ..ArchiveLimits::default()
        };
        Ok(Self {
            manner: Manner {
                chart_url: hosted.chart_url.clone(),
                context_path: format!("{}{}", settings.base_path, hosted.context_path),
                format: match hosted.json_index {
                    true => IndexFormat::Json,
                    false => IndexFormat::Yaml,
                },
            },
            base_path: format!("{}{}", settings.base_path, hosted.context_path),
            settings: hosted,
            files,
            store,
            clock,
            limits,
            board,
            reading: Semaphore::new(AT_A_TIME),
            outbox: Notify::new(),
            tenants: Mutex::default(),
        })
    }

    /// Ends what processes began and did not end, and removes repositories at places that are none any more.
    #[tracing::instrument(name = "hosted.recover", skip_all, err)]
    pub(crate) async fn recover(&self) -> Result<()> {
        for repository in self.store.list_hosted().await? {
            if !self.is_place(&repository.tenant) {
                self.store.delete_repository(repository.id).await?;
            }
        }
        for unfinished in self.store.unfinished_files().await? {
            self.finish(
                unfinished.repository_id,
                &unfinished.tenant,
                &unfinished.file_name,
            )
            .await?;
        }
        let named = self.store.staged_files().await?;
        // Alone, nobody else is about to name what lies there.
        let keep = if self.store.is_embedded() {
            Duration::ZERO
        } else {
            STAGED_KEEP
        };
        let before = now_ns().saturating_sub(i64::try_from(keep.as_nanos()).unwrap_or(i64::MAX));
        let files = self.files.clone();
        let n_removed = blocking(move || files.clear_staging(&named, before)).await??;
        if n_removed > 0 {
            tracing::info!(n_removed, "removed {n_removed} uploads that were cut short");
        }
        Ok(())
    }

    /// Whether a tenant may be there at all.
    pub(crate) fn is_place(&self, tenant: &str) -> bool {
        let depth = match tenant {
            "" => 0,
            tenant => tenant.split('/').count(),
        };
        is_tenant(tenant) && (self.settings.depth_dynamic || depth == self.settings.depth as usize)
    }

    /// The index of a tenant with everything that was committed before this was called. A tenant without a repository
    /// has an empty one.
    #[tracing::instrument(name = "hosted.index", level = "debug", skip_all, err)]
    pub(crate) async fn index(&self, name: &str) -> Result<Arc<Index>> {
        if !self.is_place(name) {
            return Ok(Arc::default());
        }
        let Some(tenant) = self.look(name).await? else {
            return Ok(Arc::default());
        };
        let Some(repository) = self.store.find_hosted(name).await? else {
            return Ok(Arc::default());
        };
        let current = tenant.current();
        if current.is_at(&repository) {
            return Ok(current);
        }
        let _refreshing = tenant.refreshing.lock().await;
        let mut current = tenant.current();
        // Until nothing changes between the two reads: one count stands for one document. Under constant change the last
        // attempt is good, too: it is no older than the call.
        for _ in 0..8 {
            let Some(repository) = self.store.find_hosted(name).await? else {
                return Ok(Arc::default());
            };
            if current.is_at(&repository) {
                break;
            }
            let known = current.known(&repository);
            let rows = self.store.hosted_entries(repository.id, known).await?;
            // Of the first reader's thousands of entries that takes a while.
            let (before, manner) = (current, self.manner.clone());
            current = blocking(move || Arc::new(before.after(&repository, rows, &manner))).await?;
        }
        *tenant.index.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&current);
        Ok(current)
    }

    /// A file of a tenant, where there is one. One that somebody put there or changed is noticed now.
    #[tracing::instrument(name = "hosted.open", level = "debug", skip_all, err)]
    pub(crate) async fn open_file(&self, tenant: &str, file_name: &str) -> Result<Option<OpenFile>> {
        if !self.is_place(tenant) || !is_file_name(file_name) {
            return Ok(None);
        }
        for _ in 0..3 {
            let repository = self.store.find_hosted(tenant).await?;
            let record = match &repository {
                Some(repository) => self.store.find_hosted_file(repository.id, file_name).await?,
                None => None,
            };
            let record = record.filter(|record| record.state == crate::store::FileState::Live);
            let (files, place, name) = (self.files.clone(), tenant.to_owned(), file_name.to_owned());
            let Some(record) = record else {
                let is_there = blocking(move || files.stat(&place, &name)).await??.is_some();
                if !is_there || !self.adopt_one(tenant, file_name).await? {
                    return Ok(None);
                }
                continue;
            };
            let staged = record.staged.clone();
            let opened = blocking(move || {
                let Some(file) = files.open_file(staged.as_deref(), &place, &name)? else {
                    return Ok(None);
                };
                let stat = files::stat_of(&file.metadata()?)?;
                std::io::Result::Ok(Some((file, stat)))
            })
            .await??;
            let is_same = |stat: &Stat| {
                stat.size_bytes == record.size_bytes
                    && (record.staged.is_some() || stat.modified_ns == record.modified_ns)
            };
            match opened {
                Some((file, stat)) if is_same(&stat) => {
                    return Ok(Some(OpenFile {
                        file,
                        size_bytes: stat.size_bytes.unsigned_abs(),
                        record,
                    }));
                }
                // Gone, or another: what is there counts.
                _ => self.reconcile(tenant, &[file_name]).await?,
            }
        }
        Ok(None)
    }

    /// The repository without a tenant as it will be, where there may be one.
    pub(crate) fn to_be(&self) -> Option<RepositoryRecord> {
        self.is_place("").then(|| RepositoryRecord {
            name: self.settings.name.clone(),
            url: if self.base_path.is_empty() {
                "/".to_owned()
            } else {
                self.base_path.clone()
            },
            hosted_tenant: Some(String::new()),
            ..RepositoryRecord::hosted_to_be()
        })
    }

    /// Whether a file is of a private chart.
    pub(crate) async fn is_file_private(&self, tenant: &str, file_name: &str) -> Result<bool> {
        if !self.has_private(tenant).await? {
            return Ok(false);
        }
        let Some(repository) = self.store.find_hosted(tenant).await? else {
            return Ok(false);
        };
        let archive = match file_name.strip_suffix(PROVENANCE) {
            Some(stem) => format!("{stem}{ARCHIVE}"),
            None => file_name.to_owned(),
        };
        let of = self.store.find_hosted_file(repository.id, &archive).await?;
        // Of what stands alone nobody knows whose it is.
        let Some(of) = of.filter(|of| !of.name.is_empty()) else {
            return Ok(true);
        };
        self.is_private(tenant, &of.name).await
    }

    /// Whether a tenant has anything private.
    pub(crate) async fn has_private(&self, tenant: &str) -> Result<bool> {
        Ok(self.store.has_hosted_private(tenant).await?)
    }

    /// Whether a chart is private; whether one would be, where there is none.
    pub(crate) async fn is_private(&self, tenant: &str, name: &str) -> Result<bool> {
        Ok(self.store.is_hosted_private(tenant, name).await?.unwrap_or(false))
    }

    /// The archive of a version, for the pages of the catalog. Boxed: their futures are deep enough.
    pub(crate) fn open_place<'a>(
        &'a self,
        place: &'a HostedPlace,
    ) -> BoxFuture<'a, Result<Option<OpenFile>>> {
        self.open_file(&place.tenant, &place.file_name).boxed()
    }

    /// All bytes of a file.
    pub(crate) async fn read(&self, open: OpenFile) -> Result<bytes::Bytes> {
        let limit = self.limits.max_compressed_bytes;
        blocking(move || {
            use std::io::Read as _;
            let mut bytes = Vec::with_capacity(usize::try_from(open.size_bytes).unwrap_or(0).min(1 << 26));
            open.file.take(limit).read_to_end(&mut bytes)?;
            std::io::Result::Ok(bytes::Bytes::from(bytes))
        })
        .await?
        .map_err(Error::internal)
    }

    /// Once in a while: forgets what only readers of long ago would ask for, and counts the bytes anew.
    pub(crate) async fn tidy(&self) -> Result<()> {
        for repository in self.store.list_hosted().await? {
            let mut tx = self.store.begin().await?;
            tx.forget_gone_files(repository.id).await?;
            tx.commit().await?;
        }
        self.tidy_oci().await?;
        self.purge().await?;
        self.files.set_used(self.store.held_hosted_bytes().await?);
        self.recover().await
    }

    /// The limits of archives, and the right to unpack one now.
    pub(crate) async fn reading(&self) -> Result<(ArchiveLimits, tokio::sync::SemaphorePermit<'_>)> {
        let permit = self.reading.acquire().await.map_err(Error::internal)?;
        Ok((self.limits, permit))
    }

    fn tenant(&self, name: &str) -> Arc<Tenant> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tenant) = tenants.get(name) {
            return Arc::clone(tenant);
        }
        let tenant = Arc::new(Tenant {
            name: name.to_owned(),
            ..Tenant::default()
        });
        tenants.insert(name.to_owned(), Arc::clone(&tenant));
        tenant
    }

    fn depth(&self) -> Option<usize> {
        (!self.settings.depth_dynamic).then(|| (self.settings.depth as usize).min(MAX_DEPTH))
    }
}

impl Tenant {
    fn current(&self) -> Arc<Index> {
        Arc::clone(&self.index.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Does what waits for a disk on a thread that may.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// The machine's clock, which is the one that stamps files.
fn now_ns() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error)
    }
}
