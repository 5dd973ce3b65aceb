//! Blobs on the disk: `.oci/uploads` for those that are on their way, `.oci/blobs` for those whose digest was checked.
//!
//! An upload is a file and nothing else: its length says how much of it came, and its name whose it is. Everything here
//! blocks; callers are on threads that may.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use super::super::files::Files;
use crate::blobs::Digest;

const UPLOADS: &str = ".oci/uploads";
const BLOBS: &str = ".oci/blobs";
/// Uploads that are open at a time.
const MAX_UPLOADS: usize = 256;
/// An upload that nothing was added to for so long is over.
const UPLOAD_KEEP: Duration = Duration::from_secs(3600);

/// Why an upload is not open.
#[derive(Debug)]
pub(crate) enum OpenError {
    /// There is no such upload of this repository.
    Unknown,
    /// Another request adds to it.
    Busy,
    Io(io::Error),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Unknown,
            _ => Self::Io(error),
        }
    }
}

/// An upload that this request alone adds to.
pub(crate) struct OpenUpload {
    pub(crate) file: File,
    /// What is in it.
    pub(crate) size_bytes: u64,
    path: PathBuf,
}

impl Files {
    /// Begins an upload; `false` if too many are open.
    pub(super) fn begin_upload(&self, name: &str) -> io::Result<bool> {
        let directory = self.root().join(UPLOADS);
        std::fs::create_dir_all(&directory)?;
        if std::fs::read_dir(&directory)?.count() >= MAX_UPLOADS {
            self.clear_uploads()?;
            if std::fs::read_dir(&directory)?.count() >= MAX_UPLOADS {
                return Ok(false);
            }
        }
        File::create_new(directory.join(name)).map(|_| true)
    }

    /// Opens an upload at its end, for one request at a time.
    pub(super) fn open_upload(&self, name: &str) -> Result<OpenUpload, OpenError> {
        let path = self.root().join(UPLOADS).join(name);
        let mut file = File::options().read(true).write(true).open(&path)?;
        file.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => OpenError::Busy,
            std::fs::TryLockError::Error(error) => OpenError::Io(error),
        })?;
        let size_bytes = file.seek(SeekFrom::End(0))?;
        Ok(OpenUpload {
            file,
            size_bytes,
            path,
        })
    }

    /// Ends an upload: `false` if its bytes are not those of the digest, and then it is gone.
    pub(super) fn keep_upload(&self, mut upload: OpenUpload, digest: Digest) -> io::Result<Option<u64>> {
        upload.file.seek(SeekFrom::Start(0))?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut n_bytes = 0;
        loop {
            let n = upload.file.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            n_bytes += n as u64;
            hasher.update(buffer.get(..n).unwrap_or_default());
        }
        if <[u8; 32]>::from(hasher.finalize()) != digest.0 {
            std::fs::remove_file(&upload.path)?;
            return Ok(None);
        }
        if self.fsync() {
            upload.file.sync_all()?;
        }
        let directory = self.root().join(BLOBS);
        std::fs::create_dir_all(&directory)?;
        // Over one with the same bytes, if it is there.
        std::fs::rename(&upload.path, directory.join(digest.to_hex()))?;
        if self.fsync() {
            File::open(&directory)?.sync_all()?;
        }
        Ok(Some(n_bytes))
    }

    /// Gives an upload up; `false` if there is none.
    pub(super) fn drop_upload(&self, name: &str) -> io::Result<bool> {
        match std::fs::remove_file(self.root().join(UPLOADS).join(name)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Keeps bytes that were made here.
    pub(super) fn keep_blob(&self, digest: Digest, bytes: &[u8], name: &str) -> io::Result<()> {
        let directory = self.root().join(BLOBS);
        let target = directory.join(digest.to_hex());
        if target.exists() {
            return Ok(());
        }
        let uploads = self.root().join(UPLOADS);
        std::fs::create_dir_all(&directory)?;
        std::fs::create_dir_all(&uploads)?;
        let path = uploads.join(name);
        std::fs::write(&path, bytes)?;
        if self.fsync() {
            File::open(&path)?.sync_all()?;
        }
        std::fs::rename(path, target)
    }

    /// Opens a blob, with its size.
    pub(super) fn open_blob(&self, digest: Digest) -> io::Result<Option<(File, u64)>> {
        match File::open(self.root().join(BLOBS).join(digest.to_hex())) {
            Ok(file) => {
                let size = file.metadata()?.len();
                Ok(Some((file, size)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes a blob; one that is gone is removed.
    pub(super) fn remove_blob(&self, digest: Digest) -> io::Result<()> {
        match std::fs::remove_file(self.root().join(BLOBS).join(digest.to_hex())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The blobs that are on the disk and were not put there a moment ago.
    pub(super) fn old_blobs(&self) -> io::Result<Vec<Digest>> {
        let entries = match std::fs::read_dir(self.root().join(BLOBS)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        Ok(entries
            .flatten()
            .filter(is_old)
            .filter_map(|entry| Digest::from_hex(&entry.file_name().to_string_lossy()))
            .collect())
    }

    /// Removes uploads that are over.
    pub(super) fn clear_uploads(&self) -> io::Result<()> {
        let entries = match std::fs::read_dir(self.root().join(UPLOADS)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in entries.flatten().filter(is_old) {
            std::fs::remove_file(entry.path())?;
        }
        Ok(())
    }
}

fn is_old(entry: &std::fs::DirEntry) -> bool {
    let modified = entry.metadata().and_then(|metadata| metadata.modified());
    modified.is_ok_and(|at| SystemTime::now().duration_since(at).unwrap_or_default() > UPLOAD_KEEP)
}
