//! The charts of `samples/`, embedded, as the archives a repository would serve.

use bytes::Bytes;
use helm::archive::{Modified, PackError, pack};

/// A chart directory's name with its files: path below it, content.
type Sample = (&'static str, &'static [(&'static str, &'static [u8])]);

include!(concat!(env!("OUT_DIR"), "/samples.rs"));

/// `(file name, archive)` of every sample chart; the same bytes for the same sources.
pub(crate) fn archives() -> Result<Vec<(String, Bytes)>, PackError> {
    SAMPLES
        .iter()
        .map(|(name, files)| {
            let packed = pack(name, files.iter().copied(), Modified::default())?;
            Ok((format!("{name}.tgz"), Bytes::from(packed)))
        })
        .collect()
}
