//! The samples.

use std::path::Path;

use serde_json::Value;
use signatures::Archive;

/// A day in March 2026: the samples were signed in February.
pub(crate) const NOW: i64 = 1_773_532_800;

/// A file of `samples`.
pub(crate) fn sample(path: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/samples")
        .join(path);
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// SHA-256 of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    sum.as_ref().try_into().expect("32 bytes")
}

/// Asks about the archive that the samples are about.
pub(crate) fn with_archive<T>(ask: impl FnOnce(&Archive<'_>) -> T) -> T {
    let sha256 = sha256(&sample("bare-0.1.0.tgz"));
    ask(&Archive {
        file_name: "bare-0.1.0.tgz",
        name: "bare",
        version: "0.1.0",
        sha256: &sha256,
    })
}

/// An OCI layout of the samples.
#[derive(Clone, Copy)]
pub(crate) struct Layout(pub(crate) &'static str);

impl Layout {
    /// A manifest, by the name that it was given there.
    pub(crate) fn manifest(self, name: &str) -> Vec<u8> {
        let index: Value = serde_json::from_slice(&sample(&format!("{}/index.json", self.0))).expect("JSON");
        let mut entries = index["manifests"].as_array().expect("a list").iter();
        let entry = entries.find(|it| it["annotations"]["org.opencontainers.image.ref.name"] == name);
        self.blob(&entry.unwrap_or_else(|| panic!("{name} is there"))["digest"])
    }

    pub(crate) fn blob(self, digest: &Value) -> Vec<u8> {
        let digest = digest.as_str().expect("a digest").strip_prefix("sha256:");
        let digest = digest.expect("a SHA-256");
        let bytes = sample(&format!("{}/blobs/sha256/{digest}", self.0));
        assert_eq!(hex::encode(sha256(&bytes)), digest);
        bytes
    }

    pub(crate) fn layers(self, name: &str) -> Vec<Value> {
        let manifest: Value = serde_json::from_slice(&self.manifest(name)).expect("JSON");
        manifest["layers"].as_array().expect("layers").clone()
    }

    /// The only bundle of a manifest.
    pub(crate) fn bundle(self, name: &str) -> Vec<u8> {
        self.blob(&self.layers(name)[0]["digest"])
    }
}

/// SHA-256 of the manifest of the chart that cosign signed.
pub(crate) fn chart() -> [u8; 32] {
    sha256(&Layout("cosign").manifest("chart"))
}

/// A text with one byte changed, for every byte: one bit, another bit (upper case, or a blank), no such character.
pub(crate) fn damages(whole: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    [0x01, 0x20, 0x80].into_iter().flat_map(move |bits| {
        (0..whole.len()).map(move |at| {
            let mut damaged = whole.to_vec();
            damaged[at] ^= bits;
            (at, damaged)
        })
    })
}
