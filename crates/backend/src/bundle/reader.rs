//! Reads a bundle, or any image layout with charts in it, of which nothing is trusted.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use bytes::Bytes;
use serde::Deserialize;

use super::{BLOBS, IMAGES, INDEX_FILE, LAYOUT, LAYOUT_VERSION, REPOSITORY, TITLE, VERSION};
use crate::blobs::Digest;
use crate::hosted::oci::{MAX_MANIFEST_BYTES, Manifest, Part, digest, written};

/// The longest `index.json`.
const MAX_INDEX_BYTES: u64 = 16 << 20;
/// Files in a bundle, and manifests that it names.
const MAX_FILES: usize = 1_000_000;
/// The longest chart or provenance file, and the longest list of images: each is held in memory.
const MAX_BLOB_BYTES: u64 = 128 << 20;

/// Why something is no bundle, or not whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is no bundle, or not whole; in words.
    #[error("{0}")]
    Odd(String),
}

/// A bundle whose index was read. Its blobs are checked when they are read.
#[derive(Debug)]
pub(crate) struct BundleReader {
    file: File,
    /// Where blobs begin, and how long they are.
    places: HashMap<Digest, (u64, u64)>,
    charts: Vec<BundledChart>,
    images: Vec<String>,
}

/// A version of a chart in a bundle, as its manifest tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BundledChart {
    /// Where it was taken from; empty where nothing says so.
    pub(crate) repository: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) archive: Part,
    pub(crate) provenance: Option<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layout {
    image_layout_version: String,
}

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    size: u64,
    #[serde(default)]
    annotations: HashMap<String, String>,
}

impl BundleReader {
    /// Opens a bundle and reads its index and manifests. For a thread that may block.
    pub(crate) fn open(path: &Path) -> Result<Self, ReadError> {
        let mut file = File::open(path)?;
        let (mut layout, mut index) = (None, None);
        let mut places = HashMap::new();
        let mut archive = tar::Archive::new(&mut file);
        for (n, entry) in archive.entries_with_seek()?.enumerate() {
            let entry = entry.map_err(|error| odd(format!("it is no tar, or cut off: {error}")))?;
            if n == MAX_FILES {
                return Err(odd(format!("it has more than {MAX_FILES} files")));
            }
            // What is no plain file has no place here, and is never made (T1).
            if entry.header().entry_type() != tar::EntryType::Regular {
                continue;
            }
            let name = entry.path_bytes().into_owned();
            let name = String::from_utf8_lossy(&name);
            // As `tar -cf bundle.tar .` writes it.
            let name = name.strip_prefix("./").unwrap_or(&name);
            let place = (entry.raw_file_position(), entry.size());
            match name {
                LAYOUT => layout = Some(place),
                INDEX_FILE => index = Some(place),
                name => {
                    if let Some(digest) = name.strip_prefix(BLOBS).and_then(Digest::from_hex) {
                        places.entry(digest).or_insert(place);
                    }
                }
            }
        }
        let mut bundle = Self {
            file,
            places,
            charts: Vec::new(),
            images: Vec::new(),
        };
        let layout = layout.ok_or_else(|| odd(format!("it is no bundle: there is no `{LAYOUT}` in it")))?;
        let layout: Option<Layout> = serde_json::from_slice(&bundle.file_at(LAYOUT, layout)?).ok();
        if layout.is_none_or(|layout| layout.image_layout_version != LAYOUT_VERSION) {
            return Err(odd(format!("it is no image layout of version {LAYOUT_VERSION}")));
        }
        let index = index.ok_or_else(|| {
            odd(format!(
                "there is no `{INDEX_FILE}` in it: its export did not come to its end"
            ))
        })?;
        let index = bundle.file_at(INDEX_FILE, index)?;
        let index: Index = serde_json::from_slice(&index)
            .map_err(|error| odd(format!("`{INDEX_FILE}` cannot be read: {error}")))?;
        for descriptor in &index.manifests {
            bundle.add(descriptor)?;
        }
        Ok(bundle)
    }

    /// The charts, in the order of the index.
    pub(crate) fn charts(&self) -> &[BundledChart] {
        &self.charts
    }

    /// The names of images, sorted.
    pub(crate) fn images(&self) -> &[String] {
        &self.images
    }

    /// A blob, whole and right.
    pub(crate) fn read(&self, part: Part) -> Result<Bytes, ReadError> {
        let name = written(part.digest);
        let (start, size) = self
            .places
            .get(&part.digest)
            .copied()
            .ok_or_else(|| odd(format!("{name} is not in it")))?;
        if size != part.size_bytes {
            return Err(odd(format!(
                "{name} has {size} bytes and shall have {}",
                part.size_bytes
            )));
        }
        if size > MAX_BLOB_BYTES {
            return Err(odd(format!("{name} is longer than {MAX_BLOB_BYTES} bytes")));
        }
        let bytes = self.bytes_at(start, size)?;
        if Digest::of(&bytes) != part.digest {
            return Err(odd(format!("{name} has another digest: it is damaged")));
        }
        Ok(Bytes::from(bytes))
    }

    /// Reads every chart and provenance file, and says which are not as they shall be.
    pub(crate) fn verify(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for chart in &self.charts {
            for part in [Some(chart.archive), chart.provenance].into_iter().flatten() {
                if let Err(error) = self.read(part) {
                    wrong.push(format!("{} {}: {error}", chart.name, chart.version));
                }
            }
        }
        wrong
    }

    fn add(&mut self, descriptor: &Descriptor) -> Result<(), ReadError> {
        let part = Part {
            digest: digest(&descriptor.digest)
                .ok_or_else(|| odd(format!("`{INDEX_FILE}` names something by no SHA-256")))?,
            size_bytes: descriptor.size,
        };
        if part.size_bytes > MAX_MANIFEST_BYTES as u64 {
            return Err(odd(format!("the manifest {} is too long", written(part.digest))));
        }
        let manifest = Manifest::read(&self.read(part)?, &descriptor.media_type)
            .map_err(|error| odd(format!("the manifest {}: {error}", written(part.digest))))?;
        if manifest.artifact_type == IMAGES {
            // Its configuration comes first, and is empty.
            let list = manifest.blobs.get(1).copied();
            let list = list.ok_or_else(|| odd("the list of images has no layer".to_owned()))?;
            let text = self.read(list)?;
            let text =
                std::str::from_utf8(&text).map_err(|_| odd("the list of images is no text".to_owned()))?;
            self.images.extend(text.lines().map(str::to_owned));
            return Ok(());
        }
        // Other artefacts may lie beside charts in an image layout.
        let Some(chart) = manifest.chart else {
            return Ok(());
        };
        let annotation = |key: &str| {
            let own = descriptor.annotations.get(key).cloned();
            own.or_else(|| Some(manifest.annotations.get(key)?.as_str()?.to_owned()))
                .unwrap_or_default()
        };
        self.charts.push(BundledChart {
            repository: annotation(REPOSITORY),
            name: annotation(TITLE),
            version: annotation(VERSION),
            archive: chart.archive,
            provenance: chart.provenance,
        });
        Ok(())
    }

    fn file_at(&self, name: &str, (start, size): (u64, u64)) -> Result<Vec<u8>, ReadError> {
        if size > MAX_INDEX_BYTES {
            return Err(odd(format!("`{name}` is too long")));
        }
        self.bytes_at(start, size)
    }

    fn bytes_at(&self, start: u64, size: u64) -> Result<Vec<u8>, ReadError> {
        // A header can claim any length (T1): no more memory is taken than there are bytes.
        let length = self.file.metadata()?.len();
        if start.checked_add(size).is_none_or(|end| end > length) {
            return Err(odd("it is cut off".to_owned()));
        }
        let mut bytes = vec![0; usize::try_from(size).map_err(io::Error::other)?];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes)
    }
}

fn odd(words: String) -> ReadError {
    ReadError::Odd(words)
}
