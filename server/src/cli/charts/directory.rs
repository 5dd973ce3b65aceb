//! Reading a chart directory as helm walks it: in the order of names, `.helmignore` applied on the way down, symbolic
//! links followed, and no file that is none.

use std::fs::Metadata;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use helm::chart::{ChartFile, IGNORE_FILE, IgnoreRules, Modified};

use super::{describe, read_file};
use crate::cli::terminal;

/// All files together; helm's limit.
const MAX_BYTES: u64 = 100 * 1024 * 1024;
/// `ELOOP`
const TOO_MANY_LINKS: i32 = 40;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The files of the chart in `directory`, named relative to it.
pub(crate) fn read_directory(directory: &Path) -> Result<Vec<ChartFile>> {
    let ignore_file = directory.join(IGNORE_FILE);
    let rules = if ignore_file.exists() {
        read_file(&ignore_file)?
    } else {
        Vec::new()
    };
    let mut walk = Walk {
        rules: IgnoreRules::parse(&rules)?,
        files: Vec::new(),
        bytes_left: MAX_BYTES,
    };
    walk.directory(directory, "")?;
    Ok(walk.files)
}

/// The path without `.` and `..`, which are taken for what they say, not for what links make of them.
pub(crate) fn cleaned(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if cleaned.file_name().is_some() => {
                cleaned.pop();
            }
            other => cleaned.push(other),
        }
    }
    cleaned
}

struct Walk {
    rules: IgnoreRules,
    files: Vec<ChartFile>,
    bytes_left: u64,
}

impl Walk {
    fn directory(&mut self, path: &Path, name: &str) -> Result<()> {
        let mut entries: Vec<PathBuf> = path
            .read_dir()
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
            .map_err(|error| anyhow::anyhow!("open {}: {}", path.display(), describe(&error)))?;
        entries.sort();
        for entry in entries {
            let base = entry.file_name().unwrap_or_default().to_string_lossy();
            let name = if name.is_empty() {
                base.into_owned()
            } else {
                format!("{name}/{base}")
            };
            self.entry(&entry, &name)?;
        }
        Ok(())
    }

    fn entry(&mut self, path: &Path, name: &str) -> Result<()> {
        let metadata = followed(path)?;
        if self.rules.ignores(name, metadata.is_dir()) {
            return Ok(());
        }
        if metadata.is_dir() {
            return self.directory(path, name);
        }
        if !metadata.is_file() {
            bail!(
                "cannot load irregular file {} as it has file mode type bits set",
                path.display()
            );
        }
        let data = self
            .read(path, &metadata)
            .with_context(|| format!("error reading {name}"))?;
        self.files.push(ChartFile {
            modified: modified(&metadata),
            ..ChartFile::new(name, data)
        });
        Ok(())
    }

    fn read(&mut self, path: &Path, metadata: &Metadata) -> Result<Bytes> {
        // Believed to refuse early; what is counted is what was read.
        let too_large = || anyhow::anyhow!("chart exceeds maximum decompressed size of {MAX_BYTES} bytes");
        if metadata.len() > self.bytes_left {
            return Err(too_large());
        }
        let data = Bytes::from(read_file(path)?);
        self.bytes_left = self
            .bytes_left
            .checked_sub(data.len() as u64)
            .ok_or_else(too_large)?;
        Ok(if data.starts_with(BYTE_ORDER_MARK) {
            data.slice(BYTE_ORDER_MARK.len()..)
        } else {
            data
        })
    }
}

/// When a file was changed: releases keep it. A file system that does not know says 1970.
fn modified(metadata: &Metadata) -> Modified {
    let since = metadata
        .modified()
        .ok()
        .and_then(|moment| moment.duration_since(UNIX_EPOCH).ok())
        .unwrap_or_default();
    Modified {
        seconds: i64::try_from(since.as_secs()).unwrap_or_default(),
        nanoseconds: since.subsec_nanos(),
    }
}

/// What is at the end of a chain of links. A circle ends when the system finds too many of them in the path.
fn followed(path: &Path) -> Result<Metadata> {
    let failed = |error: std::io::Error| anyhow::anyhow!("lstat {}: {}", path.display(), describe(&error));
    let metadata = path.symlink_metadata().map_err(failed)?;
    if !metadata.is_symlink() {
        return Ok(metadata);
    }
    let resolved = path.canonicalize().map_err(|error| {
        if error.raw_os_error() == Some(TOO_MANY_LINKS) {
            return anyhow::anyhow!("open {}: {}", path.display(), describe(&error));
        }
        anyhow::anyhow!(
            "error evaluating symlink {}: {}",
            path.display(),
            describe(&error)
        )
    })?;
    terminal::complain(&format!(
        "level=INFO msg=\"found symbolic link in path. Contents of linked file included and used\" path={} resolved={}",
        path.display(),
        resolved.display()
    ));
    resolved.symlink_metadata().map_err(failed)
}
