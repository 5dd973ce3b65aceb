//! The charts of `samples/`, embedded, as the archives a repository would serve.

use backend::Bytes;

include!(concat!(env!("OUT_DIR"), "/samples.rs"));

/// `(file name, archive)` of every sample chart; the same bytes for the same sources.
pub(crate) fn archives() -> Result<Vec<(String, Bytes)>, backend::Error> {
    SAMPLES.iter().map(|(name, files)| backend::pack_chart(name, files)).collect()
}
