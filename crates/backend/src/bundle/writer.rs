//! Writes a bundle, or goes on with one that was begun.

use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{BLOBS, INDEX_FILE, LAYOUT, LAYOUT_VERSION, REF_NAME, REPOSITORY, TITLE, VERSION};
use crate::blobs::Digest;
use crate::hosted::oci::{INDEX, MANIFEST, Part, tag_of, written};

/// Files of a tar begin at multiples of it.
const BLOCK: u64 = 512;

/// A bundle that is being written.
///
/// It is `FILE.part` until it is whole; what an export that was cut off had written is taken over as far as every byte of
/// it is right.
#[derive(Debug)]
pub(crate) struct BundleWriter {
    file: File,
    part: PathBuf,
    path: PathBuf,
    /// Blobs in it.
    have: HashSet<Digest>,
    /// Where the next file begins.
    end: u64,
    n_taken_over: u64,
}

/// A manifest as the index names it.
#[derive(Clone, Debug)]
pub(crate) struct Manifest(Value);

impl Manifest {
    /// Of a chart that was taken from a repository.
    pub(crate) fn of_chart(part: Part, repository: &str, name: &str, version: &str) -> Self {
        let reference = format!("{repository}/{name}/{}", tag_of(version));
        Self::new(
            part,
            json!({ REF_NAME: reference, TITLE: name, VERSION: version, REPOSITORY: repository }),
        )
    }

    /// Of the list of images.
    pub(crate) fn of_images(part: Part) -> Self {
        Self::new(part, json!({ REF_NAME: "images" }))
    }

    fn new(part: Part, annotations: Value) -> Self {
        Self(json!({
            "mediaType": MANIFEST,
            "digest": written(part.digest),
            "size": part.size_bytes,
            "annotations": annotations,
        }))
    }
}

impl BundleWriter {
    /// Begins a bundle that will be at `path`, or takes up the one that was begun there. Reads all that was written: for a
    /// thread that may block.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&part)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::other(format!(
                    "another export writes {}",
                    part.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let mut writer = Self {
            file,
            part,
            path: path.to_owned(),
            have: HashSet::new(),
            end: 0,
            n_taken_over: 0,
        };
        writer.take_over()?;
        if writer.end == 0 {
            writer.append(LAYOUT, layout().as_bytes())?;
        }
        Ok(writer)
    }

    /// How many blobs were there already.
    pub(crate) fn n_taken_over(&self) -> u64 {
        self.n_taken_over
    }

    /// Adds a blob where it is not in the bundle yet.
    pub(crate) fn blob(&mut self, bytes: &[u8]) -> io::Result<()> {
        let digest = Digest::of(bytes);
        if self.have.contains(&digest) {
            return Ok(());
        }
        self.append(&format!("{BLOBS}{}", digest.to_hex()), bytes)?;
        self.have.insert(digest);
        Ok(())
    }

    /// Writes the index and gives the bundle its name; its length is the answer.
    pub(crate) fn finish(mut self, manifests: &[Manifest]) -> io::Result<u64> {
        let manifests: Vec<&Value> = manifests.iter().map(|manifest| &manifest.0).collect();
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
        self.append(INDEX_FILE, index.to_string().as_bytes())?;
        // Two empty blocks end a tar.
        self.file.write_all(&[0; 2 * BLOCK as usize])?;
        self.file.sync_all()?;
        std::fs::rename(&self.part, &self.path)?;
        Ok(self.end + 2 * BLOCK)
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_ustar();
        header.set_path(name)?;
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // No clock and no user: equal charts make equal bundles.
        header.set_mtime(0);
        header.set_entry_type(tar::EntryType::Regular);
        header.set_cksum();
        let padding = padded(bytes.len() as u64) - bytes.len() as u64;
        self.file.write_all(header.as_bytes())?;
        self.file.write_all(bytes)?;
        self.file
            .write_all(&[0; BLOCK as usize][..usize::try_from(padding).unwrap_or(0)])?;
        self.end += BLOCK + padded(bytes.len() as u64);
        Ok(())
    }

    /// Keeps what is whole and right of an earlier export, and cuts off the rest.
    fn take_over(&mut self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        let mut archive = tar::Archive::new(BufReader::new(&self.file));
        let mut found = HashSet::new();
        let mut end = 0;
        for entry in archive.entries()? {
            // A header that was cut off, or zeros that a full disk left.
            let Ok(mut entry) = entry else { break };
            let size = entry.size();
            let after = entry.raw_file_position() + padded(size);
            let name = entry.path_bytes().into_owned();
            if after > length {
                break;
            }
            if end == 0 {
                let mut text = Vec::new();
                let is_read = entry.by_ref().take(BLOCK).read_to_end(&mut text).is_ok();
                if name != LAYOUT.as_bytes() || !is_read || text != layout().as_bytes() {
                    break;
                }
            } else {
                let Some(digest) = std::str::from_utf8(&name)
                    .ok()
                    .and_then(|name| name.strip_prefix(BLOBS))
                    .and_then(Digest::from_hex)
                else {
                    break;
                };
                if hash(&mut entry).is_none_or(|found| found != (digest, size)) {
                    break;
                }
                found.insert(digest);
            }
            end = after;
        }
        drop(archive);
        self.n_taken_over = found.len() as u64;
        self.have = found;
        self.end = end;
        self.file.set_len(end)?;
        self.file.seek(SeekFrom::Start(end))?;
        Ok(())
    }
}

fn layout() -> String {
    json!({ "imageLayoutVersion": LAYOUT_VERSION }).to_string()
}

/// The digest of all that is read, and how much that was.
fn hash(reader: &mut impl Read) -> Option<(Digest, u64)> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    let mut size = 0;
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Some((Digest(hasher.finalize().into()), size)),
            Ok(n) => {
                hasher.update(buffer.get(..n)?);
                size += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

fn padded(size: u64) -> u64 {
    size.div_ceil(BLOCK) * BLOCK
}
