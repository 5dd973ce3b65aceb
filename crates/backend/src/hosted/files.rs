//! The directory of hosted charts: `<tenant>/<name>-<version>.tgz[.prov]`, as ChartMuseum has it, and `.staging` for bytes
//! that are not in their place yet, and `.kept` for those of what was deleted.
//!
//! Plain files and not an object store: names must be those that other programs see, a file changes its place by being
//! renamed, and its size and time tell whether somebody else changed it. Everything here blocks; callers are on threads
//! that may.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use super::tenant::{MAX_DEPTH, is_file_name, is_tenant};

/// Bytes that are not in their place yet. Tenants do not begin with a dot.
const STAGING: &str = ".staging";

/// Bytes of what was deleted and can come back.
const KEPT: &str = ".kept";

/// How a file looks from outside: what differs in it is another file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) size_bytes: i64,
    /// Nanoseconds since 1970.
    pub(crate) modified_ns: i64,
}

/// Why bytes could not be kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeepError {
    /// There is no room for them.
    #[error("there is no room for {n_bytes} more bytes")]
    Full { n_bytes: u64 },
    /// The directory does not work.
    #[error("the directory of hosted charts does not work")]
    Io(#[from] io::Error),
}

/// The directory; cloning it is cheap.
#[derive(Clone)]
pub(crate) struct Files {
    root: Arc<Path>,
    fsync: bool,
    quota_bytes: u64,
    used_bytes: Arc<AtomicU64>,
}

impl Files {
    /// Opens the directory. `used_bytes` is what is known to be in it.
    pub(crate) fn open(root: PathBuf, fsync: bool, quota_bytes: u64, used_bytes: u64) -> io::Result<Self> {
        std::fs::create_dir_all(&root)?;
        Ok(Self {
            root: Arc::from(root),
            fsync,
            quota_bytes,
            used_bytes: Arc::new(AtomicU64::new(used_bytes)),
        })
    }

    /// Says what is in the directory by now.
    pub(crate) fn set_used(&self, n_bytes: u64) {
        self.used_bytes.store(n_bytes, Ordering::Relaxed);
    }

    /// Writes bytes down where nobody looks and waits for the disk. `name` is new each time.
    pub(crate) fn stage(&self, name: &str, bytes: &[u8]) -> Result<(), KeepError> {
        let n_bytes = bytes.len() as u64;
        if !self.has_room(n_bytes) {
            return Err(KeepError::Full { n_bytes });
        }
        let path = self.staged(name);
        let written = self.write_new(&path, bytes);
        if written.is_err() {
            let _ = std::fs::remove_file(&path);
        }
        written.map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => KeepError::Full { n_bytes },
            _ => KeepError::Io(error),
        })?;
        self.used_bytes.fetch_add(n_bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Whether so many bytes more have room.
    pub(crate) fn has_room(&self, n_bytes: u64) -> bool {
        self.quota_bytes == 0 || self.used_bytes.load(Ordering::Relaxed) + n_bytes <= self.quota_bytes
    }

    /// Counts bytes that came another way than through [`Files::stage`].
    pub(crate) fn add_used(&self, n_bytes: u64) {
        self.used_bytes.fetch_add(n_bytes, Ordering::Relaxed);
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn fsync(&self) -> bool {
        self.fsync
    }

    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut file = std::fs::File::create_new(path)?;
        file.write_all(bytes)?;
        if self.fsync {
            file.sync_all()?;
        }
        Ok(())
    }

    /// Gives up bytes that did not come to their place.
    pub(crate) fn unstage(&self, name: &str) {
        let path = self.staged(name);
        let size = std::fs::metadata(&path)
            .map(|metadata| metadata.len())
            .unwrap_or(0);
        if std::fs::remove_file(path).is_ok() {
            self.forget_bytes(size);
        }
    }

    /// Brings staged bytes to their place, over what is there. Where they are gone, they are there already.
    pub(crate) fn place(&self, name: &str, tenant: &str, file_name: &str) -> io::Result<Stat> {
        let directory = self.directory(tenant);
        let target = directory.join(file_name);
        let replaced = std::fs::metadata(&target)
            .map(|metadata| metadata.len())
            .unwrap_or(0);
        let renamed = match std::fs::rename(self.staged(name), &target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                std::fs::create_dir_all(&directory)?;
                std::fs::rename(self.staged(name), &target)
            }
            renamed => renamed,
        };
        match renamed {
            Ok(()) => self.forget_bytes(replaced),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        if self.fsync {
            std::fs::File::open(&directory)?.sync_all()?;
        }
        stat_of(&std::fs::metadata(&target)?)
    }

    /// Removes a file; one that is gone is removed.
    pub(crate) fn remove(&self, tenant: &str, file_name: &str) -> io::Result<()> {
        let directory = self.directory(tenant);
        let path = directory.join(file_name);
        let size = std::fs::metadata(&path)
            .map(|metadata| metadata.len())
            .unwrap_or(0);
        match std::fs::remove_file(path) {
            Ok(()) => self.forget_bytes(size),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
        if self.fsync {
            std::fs::File::open(&directory)?.sync_all()?;
        }
        Ok(())
    }

    /// Moves a file to where deleted ones are; one that is gone is there already.
    pub(crate) fn keep(&self, tenant: &str, file_name: &str, kept: &str) -> io::Result<()> {
        let directory = self.directory(tenant);
        let target = self.root.join(KEPT);
        std::fs::create_dir_all(&target)?;
        match std::fs::rename(directory.join(file_name), target.join(kept)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        if self.fsync {
            std::fs::File::open(&directory)?.sync_all()?;
            std::fs::File::open(&target)?.sync_all()?;
        }
        Ok(())
    }

    /// The bytes of a deleted file, and when it was changed last before.
    pub(crate) fn read_kept(&self, kept: &str, limit: u64) -> io::Result<Option<(bytes::Bytes, i64)>> {
        use std::io::Read as _;
        let file = match std::fs::File::open(self.root.join(KEPT).join(kept)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let modified_ns = stat_of(&file.metadata()?)?.modified_ns;
        let mut bytes = Vec::new();
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(Some((bytes::Bytes::from(bytes), modified_ns)))
    }

    /// Removes deleted files for good; those that are gone are removed.
    pub(crate) fn drop_kept(&self, names: &[String]) -> io::Result<()> {
        for name in names {
            let path = self.root.join(KEPT).join(name);
            let size = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
            match std::fs::remove_file(path) {
                Ok(()) => self.forget_bytes(size),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The names of all deleted files.
    pub(crate) fn kept_names(&self) -> io::Result<Vec<String>> {
        let entries = match std::fs::read_dir(self.root.join(KEPT)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let names = entries.flatten().map(|entry| entry.file_name());
        Ok(names.map(|name| name.to_string_lossy().into_owned()).collect())
    }

    fn forget_bytes(&self, n_bytes: u64) {
        let _ = self
            .used_bytes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                Some(used.saturating_sub(n_bytes))
            });
    }

    /// How a file looks, where there is one.
    pub(crate) fn stat(&self, tenant: &str, file_name: &str) -> io::Result<Option<Stat>> {
        match std::fs::metadata(self.directory(tenant).join(file_name)) {
            Ok(metadata) if metadata.is_file() => stat_of(&metadata).map(Some),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens a file: where it is staged, else in its place.
    pub(crate) fn open_file(
        &self,
        staged: Option<&str>,
        tenant: &str,
        file_name: &str,
    ) -> io::Result<Option<std::fs::File>> {
        let place = self.directory(tenant).join(file_name);
        let paths = staged.map(|name| self.staged(name)).into_iter().chain([place]);
        for path in paths {
            match std::fs::File::open(path) {
                Ok(file) => return Ok(Some(file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// The files of a tenant that are seen, with how they look.
    pub(crate) fn list(&self, tenant: &str) -> io::Result<Vec<(String, Stat)>> {
        let entries = match std::fs::read_dir(self.directory(tenant)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if !is_file_name(&name) || !(name.ends_with(".tgz") || name.ends_with(".tgz.prov")) {
                continue;
            }
            // Through links, as ChartMuseum does: volumes of Kubernetes are full of them. What vanished meanwhile is
            // not there.
            let metadata = match std::fs::metadata(entry.path()) {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            if metadata.is_file() {
                files.push((name, stat_of(&metadata)?));
            }
        }
        Ok(files)
    }

    /// When a tenant's directory was changed: a name was added or removed. `None` if there is no such directory.
    pub(crate) fn directory_time(&self, tenant: &str) -> io::Result<Option<i64>> {
        match std::fs::metadata(self.directory(tenant)) {
            Ok(metadata) => Ok(Some(stat_of(&metadata)?.modified_ns)),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The tenants whose directories are there: all at `depth`, or at any where none is given.
    pub(crate) fn tenants(&self, depth: Option<usize>) -> io::Result<Vec<String>> {
        let mut level = vec![String::new()];
        let mut found = Vec::new();
        for at in 0..=depth.unwrap_or(MAX_DEPTH) {
            if depth.is_none_or(|depth| depth == at) {
                found.extend(level.iter().cloned());
            }
            if depth == Some(at) {
                break;
            }
            let mut next = Vec::new();
            for tenant in &level {
                for entry in std::fs::read_dir(self.directory(tenant))
                    .into_iter()
                    .flatten()
                    .flatten()
                {
                    let Ok(name) = entry.file_name().into_string() else {
                        continue;
                    };
                    let below = match tenant.as_str() {
                        "" => name,
                        above => format!("{above}/{name}"),
                    };
                    // Where the directory itself says it, thousands of archives are not asked one by one.
                    let is_directory = match entry.file_type() {
                        Ok(kind) if kind.is_symlink() => entry.path().is_dir(),
                        Ok(kind) => kind.is_dir(),
                        Err(_) => false,
                    };
                    if is_directory && is_tenant(&below) {
                        next.push(below);
                    }
                }
            }
            level = next;
        }
        Ok(found)
    }

    /// Removes staged bytes that no row names and that were not written a moment ago.
    pub(crate) fn clear_staging(&self, named: &[String], before_ns: i64) -> io::Result<u64> {
        let mut n_removed = 0;
        let entries = match std::fs::read_dir(self.root.join(STAGING)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error),
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_old = entry
                .metadata()
                .and_then(|metadata| stat_of(&metadata))
                .is_ok_and(|stat| stat.modified_ns <= before_ns);
            if is_old && !named.contains(&name) && std::fs::remove_file(entry.path()).is_ok() {
                n_removed += 1;
            }
        }
        Ok(n_removed)
    }

    fn directory(&self, tenant: &str) -> PathBuf {
        debug_assert!(is_tenant(tenant));
        match tenant {
            "" => self.root.to_path_buf(),
            tenant => self.root.join(tenant),
        }
    }

    fn staged(&self, name: &str) -> PathBuf {
        self.root.join(STAGING).join(name)
    }
}

pub(crate) fn stat_of(metadata: &std::fs::Metadata) -> io::Result<Stat> {
    let modified = metadata.modified()?;
    // A file from before 1970 is as old as one of 1970.
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Stat {
        size_bytes: i64::try_from(metadata.len()).unwrap_or(i64::MAX),
        modified_ns: i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
    })
}
