//! Signatures at the tag `sha256-….sig`: layers of a manifest, each a payload with its signature in an annotation.

use serde::Deserialize;

use super::{Trust, decode, unknown, verified_by_key};
use crate::{Bad, Outcome, Unverified};

/// A payload may be so long, in bytes.
pub const MAX_PAYLOAD_BYTES: usize = 64 * 1024;
/// The media type of a layer that is one.
pub const MEDIA_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// The annotation with the signature, in base64.
pub const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// The annotation with the certificate of a key that is no operator's (PEM).
pub const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";
const TYPE: &str = "cosign container image signature";

/// A layer.
#[derive(Clone, Copy, Debug)]
pub struct Simple<'a> {
    /// What is signed.
    pub payload: &'a [u8],
    /// The annotation [`SIGNATURE`].
    pub signature: &'a str,
    /// Whether there is an annotation [`CERTIFICATE`].
    pub has_certificate: bool,
}

#[derive(Deserialize)]
struct Payload {
    critical: Critical,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Critical {
    #[serde(rename = "identity")]
    _identity: serde_json::Value,
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    digest: String,
}

/// What a layer is worth for the manifest with this SHA-256.
pub fn verify_simple(trust: &Trust, manifest: &[u8; 32], simple: &Simple<'_>) -> Outcome {
    check(trust, manifest, simple).unwrap_or_else(|outcome| outcome)
}

fn check(trust: &Trust, manifest: &[u8; 32], simple: &Simple<'_>) -> Result<Outcome, Outcome> {
    let odd = |problem: &str| Bad::Cosign {
        problem: problem.to_owned(),
    };
    if simple.payload.len() > MAX_PAYLOAD_BYTES {
        return Err(Bad::TooLong {
            limit: MAX_PAYLOAD_BYTES,
        }
        .into());
    }
    let signature = decode(simple.signature).ok_or_else(|| odd("its signature is not base64"))?;
    // A field that stands there twice is an error: programs differ in which they read.
    let payload: Payload =
        serde_json::from_slice(simple.payload).map_err(|_| odd("its payload is not what cosign signs"))?;
    if payload.critical.kind != TYPE {
        return Err(odd("its payload is of another type").into());
    }
    if payload.critical.image.digest != format!("sha256:{}", hex::encode(manifest)) {
        return Err(Bad::OtherArchive {
            problem: "its manifest has another digest".to_owned(),
        }
        .into());
    }
    if let Some(verified) = verified_by_key(trust, simple.payload, &signature) {
        return Ok(verified);
    }
    match simple.has_certificate {
        true => Err(Unverified::NoRoots.into()),
        false => Err(unknown(trust)),
    }
}
