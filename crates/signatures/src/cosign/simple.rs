//! Signatures at the tag `sha256-….sig`: layers of a manifest, each a payload with its signature in an annotation.

use serde::Deserialize;

use super::{Trust, decode, keyless, unknown, verified_by_key};
use crate::{Bad, Outcome};

/// A payload may be so long, in bytes.
pub const MAX_PAYLOAD_BYTES: usize = 64 * 1024;
/// The media type of a layer that is one.
pub const MEDIA_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// The annotation with the signature, in base64.
pub const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// The annotation with the certificate of a key that is no operator's (PEM).
pub const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";
/// The annotation with certificates that lead from that to a root (PEM).
pub const CHAIN: &str = "dev.sigstore.cosign/chain";
/// The annotation with the entry in a transparency log (JSON).
pub const ENTRY: &str = "dev.sigstore.cosign/bundle";
/// The artifact type of a manifest that refers to another and has such layers.
pub const ARTIFACT_TYPE: &str = "application/vnd.dev.cosign.artifact.sig.v1+json";
const TYPE: &str = "cosign container image signature";

/// A layer.
#[derive(Clone, Copy, Debug)]
pub struct Simple<'a> {
    /// What is signed.
    pub payload: &'a [u8],
    /// The annotation [`SIGNATURE`].
    pub signature: &'a str,
    /// The annotation [`CERTIFICATE`].
    pub certificate: Option<&'a str>,
    /// The annotation [`CHAIN`].
    pub chain: Option<&'a str>,
    /// The annotation [`ENTRY`].
    pub entry: Option<&'a str>,
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
    let Some(certificate) = simple.certificate else {
        return Err(unknown(trust));
    };
    let unreadable = || {
        Outcome::from(Bad::Certificate {
            problem: "it is not PEM".to_owned(),
        })
    };
    let certificates = keyless::certificates(certificate).ok_or_else(unreadable)?;
    let [certificate] = certificates.as_slice() else {
        return Err(unreadable());
    };
    let chain = keyless::certificates(simple.chain.unwrap_or_default()).ok_or_else(unreadable)?;
    let entry = simple.entry.map(keyless::Entry::of_annotation).transpose()?;
    let certified = keyless::Certified {
        message: simple.payload,
        signature: &signature,
        certificate,
        chain: &chain,
        entry,
        recorded: keyless::Recorded::Message,
    };
    Ok(keyless::verify(trust, &certified))
}
