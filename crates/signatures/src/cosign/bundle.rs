//! Sigstore bundles (version 0.3), which newer cosign attaches to a manifest as a referrer: a statement about the manifest in
//! an envelope (DSSE) with its signature.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Trust, decode, keyless, unknown, verified_by_key};
use crate::{Bad, Outcome};

/// A bundle may be so long, in bytes: it can hold certificates and the proof of a log.
pub const MAX_BUNDLE_BYTES: usize = 256 * 1024;
/// The media type of bundles, and the artifact type of the manifest that has one.
pub const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const STATEMENT: &str = "application/vnd.in-toto+json";
const STATEMENT_TYPES: [&str; 2] = [
    "https://in-toto.io/Statement/v1",
    "https://in-toto.io/Statement/v0.1",
];
/// What says that somebody signed; other statements (what it was built from, what is in it) sign nothing.
pub const SIGNED: &str = "https://sigstore.dev/cosign/sign/v1";

// What is unknown is refused, not passed over: other readers may take it for something.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Bundle {
    media_type: String,
    verification_material: Material,
    dsse_envelope: Option<Envelope>,
    message_signature: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Material {
    public_key: Option<IgnoredAny>,
    certificate: Option<Certificate>,
    x509_certificate_chain: Option<IgnoredAny>,
    #[serde(default, rename = "tlogEntries")]
    log_entries: Vec<LogEntry>,
    #[serde(rename = "timestampVerificationData")]
    _timestamps: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Certificate {
    raw_bytes: String,
}

/// Numbers are texts, as Protocol Buffers write them in JSON, and left out where they are zero.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LogEntry {
    #[serde(default)]
    log_index: String,
    log_id: LogId,
    #[serde(rename = "kindVersion")]
    _kind: Option<IgnoredAny>,
    #[serde(default)]
    integrated_time: String,
    inclusion_promise: Option<Promise>,
    #[serde(rename = "inclusionProof")]
    _proof: Option<IgnoredAny>,
    canonicalized_body: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LogId {
    key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Promise {
    signed_entry_timestamp: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvelopeSignature {
    sig: String,
    #[serde(rename = "keyid")]
    _key_id: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    predicate_type: String,
}

#[derive(Deserialize)]
struct Subject {
    digest: Digests,
}

#[derive(Deserialize)]
struct Digests {
    sha256: String,
}

/// What a bundle is worth for the manifest with this SHA-256; none where it is a statement about something else than who
/// signed.
pub fn verify_bundle(trust: &Trust, manifest: &[u8; 32], bundle: &[u8]) -> Option<Outcome> {
    match check(trust, manifest, bundle) {
        Ok(outcome) => outcome,
        Err(outcome) => Some(outcome),
    }
}

fn check(trust: &Trust, manifest: &[u8; 32], bundle: &[u8]) -> Result<Option<Outcome>, Outcome> {
    let odd = |problem: &str| Bad::Cosign {
        problem: problem.to_owned(),
    };
    if bundle.len() > MAX_BUNDLE_BYTES {
        return Err(Bad::TooLong {
            limit: MAX_BUNDLE_BYTES,
        }
        .into());
    }
    let bundle = std::str::from_utf8(bundle).map_err(|_| odd("it is not UTF-8"))?;
    let bundle: Bundle = serde_json::from_str(bundle).map_err(|_| odd("it is not a sigstore bundle"))?;
    if bundle.media_type != BUNDLE_TYPE {
        return Err(odd("it is a bundle of another version").into());
    }
    if bundle.message_signature.is_some() {
        return Err(odd("it signs a file, not a manifest").into());
    }
    let envelope = bundle.dsse_envelope.ok_or_else(|| odd("it has no envelope"))?;
    if envelope.payload_type != STATEMENT {
        return Err(odd("its envelope holds no statement").into());
    }
    let payload = decode(&envelope.payload).ok_or_else(|| odd("its payload is not base64"))?;
    let statement: Statement = serde_json::from_slice(&payload)
        .map_err(|_| odd("its payload is not a statement about a manifest"))?;
    if !STATEMENT_TYPES.contains(&statement.kind.as_str()) {
        return Err(odd("its statement is of another version").into());
    }
    if statement.predicate_type != SIGNED {
        return Ok(None);
    }
    let ([subject], [signature]) = (statement.subject.as_slice(), envelope.signatures.as_slice()) else {
        return Err(odd("it has not one subject and one signature").into());
    };
    if subject.digest.sha256 != hex::encode(manifest) {
        return Err(Bad::OtherArchive {
            problem: "its manifest has another digest".to_owned(),
        }
        .into());
    }
    let signature = decode(&signature.sig).ok_or_else(|| odd("its signature is not base64"))?;
    let message = pre_authentication(&envelope.payload_type, &payload);
    if let Some(verified) = verified_by_key(trust, &message, &signature) {
        return Ok(Some(verified));
    }
    let material = bundle.verification_material;
    let certificate = match (material.public_key, material.certificate) {
        (Some(_), None) => return Err(unknown(trust)),
        (None, Some(certificate)) if material.x509_certificate_chain.is_none() => certificate,
        _ => return Err(odd("it says not, or twice, what to check it with").into()),
    };
    let certificate = decode(&certificate.raw_bytes).ok_or_else(|| odd("its certificate is not base64"))?;
    let entry = match material.log_entries.as_slice() {
        [] => None,
        [entry] => Some(
            entry
                .read()
                .ok_or_else(|| odd("its entry in a log cannot be read"))?,
        ),
        _ => return Err(odd("it has entries in several logs").into()),
    };
    let certified = keyless::Certified {
        message: &message,
        signature: &signature,
        certificate: &certificate,
        chain: &[],
        entry,
        recorded: keyless::Recorded::Envelope { payload: &payload },
    };
    Ok(Some(keyless::verify(trust, &certified)))
}

impl LogEntry {
    fn read(&self) -> Option<keyless::Entry> {
        let number = |text: &str| match text {
            "" => Some(0),
            text => text.parse().ok(),
        };
        Some(keyless::Entry {
            body: self.canonicalized_body.clone(),
            integrated_at: number(&self.integrated_time)?,
            log: hex::encode(decode(&self.log_id.key_id)?),
            index: number(&self.log_index)?,
            promise: decode(&self.inclusion_promise.as_ref()?.signed_entry_timestamp)?,
        })
    }
}

/// What is signed of an envelope: DSSE's "pre-authentication encoding", with lengths, so that type and payload cannot be
/// taken for one another.
fn pre_authentication(kind: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len());
    [head.as_bytes(), payload].concat()
}
