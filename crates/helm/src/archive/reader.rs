//! Puts the parts together: bytes in, hashed and unpacked on the way, files out. Every limit is checked here, before
//! the memory it protects is spent.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::error::ArchiveError;
use super::gunzip::{Flow, Gunzip};
use super::oddity::{Oddities, Oddity, is_hidden};
use super::path::EntryPath;
use super::tar::{EntryKind, Modified, TarEntry, TarReader, TarSink};
use super::{ArchiveLimits, ChartFile, ChartFiles};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads an archive that arrives in chunks.
///
/// ```
/// # use helm::archive::{ArchiveLimits, ArchiveReader, Modified, pack};
/// # let tgz = pack("demo", [("Chart.yaml", b"name: demo".as_slice())], Modified::default())?;
/// let mut reader = ArchiveReader::new(ArchiveLimits::default());
/// for chunk in tgz.chunks(7) {
///     reader.push(chunk)?;
/// }
/// let chart = reader.finish()?;
/// assert_eq!(chart.files[0].path, "Chart.yaml");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ArchiveReader {
    limits: ArchiveLimits,
    hash: Sha256,
    compressed_bytes: u64,
    stream_bytes: u64,
    gunzip: Gunzip,
    tar: TarReader,
    files: Collector,
}

impl ArchiveReader {
    pub fn new(limits: ArchiveLimits) -> Self {
        Self {
            limits,
            hash: Sha256::new(),
            compressed_bytes: 0,
            stream_bytes: 0,
            gunzip: Gunzip::new(),
            tar: TarReader::new(),
            files: Collector::new(limits),
        }
    }

    /// Takes the next bytes of the archive. After an error the reader is of no further use.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), ArchiveError> {
        // An endless body must not be hashed forever.
        self.compressed_bytes += chunk.len() as u64;
        if self.compressed_bytes > self.limits.max_compressed_bytes {
            return Err(ArchiveError::CompressedTooLarge {
                limit_bytes: self.limits.max_compressed_bytes,
            });
        }
        self.hash.update(chunk);

        let Self {
            limits,
            gunzip,
            tar,
            files,
            stream_bytes,
            ..
        } = self;
        // A gzip bomb (1000:1) is cut off by what comes out of the decoder, not by what headers claim: skipped
        // entries, padding and extended headers count as well.
        let max_stream_bytes = limits.max_unpacked_bytes + 2048 * (limits.max_entries as u64 + 2);
        gunzip.push(chunk, &mut |piece| {
            *stream_bytes += piece.len() as u64;
            if *stream_bytes > max_stream_bytes {
                return Err(ArchiveError::TooLarge {
                    limit_bytes: limits.max_unpacked_bytes,
                });
            }
            tar.push(piece, files)?;
            Ok(if tar.ended() { Flow::Stop } else { Flow::Continue })
        })
    }

    /// Ends the archive: a stream that was cut short is an error, never a smaller chart.
    pub fn finish(self) -> Result<ChartFiles, ArchiveError> {
        self.gunzip.finish()?;
        self.tar.finish()?;
        let Collector {
            files,
            mut oddities,
            top_directory,
            unpacked_bytes,
            ..
        } = self.files;
        if files.is_empty() {
            return Err(ArchiveError::Empty);
        }
        if self.gunzip.n_members() > 1 {
            oddities.add(Oddity::SeveralGzipMembers {
                n_members: self.gunzip.n_members(),
            });
        }
        if !self.tar.ended() {
            oddities.add(Oddity::NoEndMarker);
        }
        oddities.compare_paths(files.iter().map(|file| file.path.as_str()));
        Ok(ChartFiles {
            files,
            top_directory: top_directory.unwrap_or_default(),
            digest: hex::encode(self.hash.finalize()),
            compressed_bytes: self.compressed_bytes,
            unpacked_bytes,
            oddities,
        })
    }
}

/// Turns entries into files.
struct Collector {
    limits: ArchiveLimits,
    files: Vec<ChartFile>,
    oddities: Oddities,
    top_directory: Option<String>,
    several_tops: bool,
    n_headers: usize,
    unpacked_bytes: u64,
    /// The file being read; `None` while a skipped entry's data goes by.
    open: Option<OpenFile>,
}

struct OpenFile {
    path: String,
    modified: Modified,
    /// As its header claims.
    size: usize,
    data: Vec<u8>,
}

impl Collector {
    fn new(limits: ArchiveLimits) -> Self {
        Self {
            limits,
            files: Vec::new(),
            oddities: Oddities::default(),
            top_directory: None,
            several_tops: false,
            n_headers: 0,
            unpacked_bytes: 0,
            open: None,
        }
    }

    fn note_oddities(&mut self, entry: &TarEntry, path: &EntryPath, lossy: bool) {
        let shown = || path.path.clone();
        match entry.kind {
            EntryKind::Symlink | EntryKind::Hardlink => {
                // Nothing is ever followed, so a link to `/etc/shadow` shows nobody anything.
                let target = String::from_utf8_lossy(&entry.link).into_owned();
                self.oddities.add(Oddity::Link {
                    path: shown(),
                    target,
                });
            }
            EntryKind::CharacterDevice | EntryKind::BlockDevice | EntryKind::Fifo => {
                self.oddities.add(Oddity::Device { path: shown() });
            }
            EntryKind::File | EntryKind::Directory | EntryKind::Sparse => {}
        }
        if path.backslashes {
            self.oddities.add(Oddity::Backslashes { path: shown() });
        }
        if path.unclean {
            self.oddities.add(Oddity::UncleanPath { path: shown() });
        }
        if lossy {
            self.oddities.add(Oddity::NotUtf8 { path: shown() });
        }
        if path.path.contains(is_hidden) {
            self.oddities.add(Oddity::HiddenCharacters { path: shown() });
        }
        match &self.top_directory {
            None => self.top_directory = Some(path.top.clone()),
            Some(first) if *first != path.top && !self.several_tops => {
                self.several_tops = true;
                self.oddities.add(Oddity::SeveralTopDirectories {
                    first: first.clone(),
                    second: path.top.clone(),
                });
            }
            Some(_) => {}
        }
    }
}

impl TarSink for Collector {
    fn header(&mut self) -> Result<(), ArchiveError> {
        // A flood of entries, a million empty files or an endless chain of extended headers, each of them cheap.
        self.n_headers += 1;
        if self.n_headers > self.limits.max_entries {
            return Err(ArchiveError::TooManyEntries {
                limit: self.limits.max_entries,
            });
        }
        Ok(())
    }

    fn entry(&mut self, entry: TarEntry) -> Result<(), ArchiveError> {
        self.open = None;
        if entry.kind == EntryKind::Directory {
            return Ok(());
        }
        // PAX and GNU long names may have a megabyte each, and are kept.
        if entry.name.len() > self.limits.max_path_bytes {
            return Err(ArchiveError::PathTooLong {
                length: entry.name.len(),
                limit: self.limits.max_path_bytes,
            });
        }
        let name = String::from_utf8_lossy(&entry.name);
        let lossy = matches!(name, std::borrow::Cow::Owned(_));
        let path = EntryPath::parse(&name)?;
        // A sparse file's few bytes stand for as many as its header likes.
        if entry.kind == EntryKind::Sparse {
            return Err(ArchiveError::Sparse { path: path.path });
        }
        // Sizes are believed only to refuse early: what is kept is what really comes.
        if entry.size > self.limits.max_unpacked_bytes.saturating_sub(self.unpacked_bytes) {
            return Err(ArchiveError::TooLarge {
                limit_bytes: self.limits.max_unpacked_bytes,
            });
        }
        if entry.size > self.limits.max_file_bytes {
            return Err(ArchiveError::FileTooLarge {
                path: path.path,
                size_bytes: entry.size,
                limit_bytes: self.limits.max_file_bytes,
            });
        }
        // A link that claims data would make readers disagree on where the next header is.
        let header_only = !matches!(entry.kind, EntryKind::File);
        if header_only && entry.size > 0 {
            return Err(ArchiveError::DataOnHeaderOnlyEntry {
                path: path.path,
                size_bytes: entry.size,
            });
        }
        self.note_oddities(&entry, &path, lossy);
        // Not the claimed size at once: a few bytes would be a hundred megabytes of nothing.
        let size = usize::try_from(entry.size).unwrap_or(usize::MAX);
        self.open = Some(OpenFile {
            path: path.path,
            modified: entry.modified,
            size,
            data: Vec::with_capacity(size.min(64 * 1024)),
        });
        Ok(())
    }

    fn data(&mut self, piece: &[u8]) -> Result<(), ArchiveError> {
        if let Some(OpenFile { size, data, .. }) = &mut self.open {
            // Twice as large each time, as always, but never larger than the file: it may be all that an archive may
            // unpack to.
            if data.len() + piece.len() > data.capacity() {
                let capacity = data.capacity().saturating_mul(2).min(*size);
                data.reserve_exact(capacity.saturating_sub(data.len()).max(piece.len()));
            }
            data.extend_from_slice(piece);
        }
        Ok(())
    }

    fn end_entry(&mut self) -> Result<(), ArchiveError> {
        let Some(OpenFile {
            path,
            modified,
            mut data,
            ..
        }) = self.open.take()
        else {
            return Ok(());
        };
        self.unpacked_bytes += data.len() as u64;
        if self.unpacked_bytes >= self.limits.max_unpacked_bytes {
            return Err(ArchiveError::TooLarge {
                limit_bytes: self.limits.max_unpacked_bytes,
            });
        }
        data.shrink_to_fit();
        let mut data = Bytes::from(data);
        if data.starts_with(BYTE_ORDER_MARK) {
            data = data.slice(BYTE_ORDER_MARK.len()..);
            self.oddities.add(Oddity::ByteOrderMark { path: path.clone() });
        }
        self.files.push(ChartFile { path, data, modified });
        Ok(())
    }
}
