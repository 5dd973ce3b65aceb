//! Whether a signature on a chart is worth something: OpenPGP provenance files as Helm writes them, and what cosign makes.
//!
//! Pure: callers bring bytes, keys and the time, and get an [`Outcome`]. Nothing here fetches, reads or writes.
//! [`openpgp`] reads provenance files, [`cosign`] signatures of manifests in a registry.
//!
//! **Fail closed.** Only what was understood to the last byte is verified. What is odd, though perhaps harmless, is bad:
//! whoever signs with `helm package --sign`, `gpg` or `cosign` makes nothing odd, whoever attacks does.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

pub mod cosign;
pub mod openpgp;
mod outcome;

pub use outcome::{Bad, KeyProblem, Outcome, Signer, SignerKind, Unverified, Verified};

/// A chart's archive, as it is verified: what is known of it without its signature.
#[derive(Clone, Copy, Debug)]
pub struct Archive<'a> {
    /// What the archive is called, such as `web-1.0.0.tgz`: provenance files name it.
    pub file_name: &'a str,
    /// The chart's name, from the archive's own `Chart.yaml`.
    pub name: &'a str,
    /// The chart's version, from the same place.
    pub version: &'a str,
    /// SHA-256 of the archive's bytes.
    pub sha256: &'a [u8; 32],
}
