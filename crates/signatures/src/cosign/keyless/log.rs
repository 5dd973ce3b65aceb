//! The entry of a signature in a transparency log, as Rekor promises it: the "signed entry timestamp", a signature over
//! the entry and the time at which it was taken.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::super::key::PublicKey;
use super::Certified;
use crate::{Bad, Outcome, Unverified};

/// Public keys of logs.
#[derive(Clone, Debug, Default)]
pub(super) struct Logs {
    keys: Vec<PublicKey>,
}

impl Logs {
    pub(super) fn add(&mut self, key: PublicKey) {
        self.keys.push(key);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// What an entry has to be about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Recorded<'a> {
    /// The hash of the message, its signature and certificate (`hashedrekord`).
    Message,
    /// The hash of an envelope's payload, its signature and certificate (`dsse`).
    Envelope {
        /// The payload, which is only a part of what is signed.
        payload: &'a [u8],
    },
}

/// An entry with the log's promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// JSON in base64.
    pub(crate) body: String,
    /// In seconds since 1970.
    pub(crate) integrated_at: i64,
    /// SHA-256 of the log's key (DER), lower-case hexadecimal.
    pub(crate) log: String,
    pub(crate) index: i64,
    pub(crate) promise: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Annotation {
    #[serde(rename = "SignedEntryTimestamp")]
    promise: String,
    #[serde(rename = "Payload")]
    payload: Promised,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Promised {
    body: String,
    #[serde(rename = "integratedTime")]
    integrated_at: i64,
    #[serde(rename = "logIndex")]
    index: i64,
    #[serde(rename = "logID")]
    log: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body<S> {
    #[serde(rename = "apiVersion")]
    version: String,
    kind: String,
    spec: S,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hashed {
    data: HashedData,
    signature: HashedSignature,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HashedData {
    hash: Hash,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hash {
    algorithm: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HashedSignature {
    content: String,
    #[serde(rename = "publicKey")]
    key: HashedKey,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HashedKey {
    content: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    #[serde(rename = "envelopeHash")]
    _envelope: Hash,
    #[serde(rename = "payloadHash")]
    payload: Hash,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvelopeSignature {
    signature: String,
    verifier: String,
}

fn odd(problem: &str) -> Outcome {
    Bad::Log {
        problem: problem.to_owned(),
    }
    .into()
}

impl Entry {
    /// Reads an annotation of cosign's (JSON).
    pub(crate) fn of_annotation(text: &str) -> Result<Self, Outcome> {
        let annotation: Annotation = serde_json::from_str(text).map_err(|_| odd("it cannot be read"))?;
        let promise = STANDARD.decode(annotation.promise);
        Ok(Self {
            body: annotation.payload.body,
            integrated_at: annotation.payload.integrated_at,
            log: annotation.payload.log,
            index: annotation.payload.index,
            promise: promise.map_err(|_| odd("its promise is not base64"))?,
        })
    }

    /// When the entry was taken, if a log that is trusted promised to keep it and it is of this signature.
    pub(super) fn verify(&self, logs: &Logs, of: &Certified<'_>) -> Result<i64, Outcome> {
        let body = STANDARD
            .decode(&self.body)
            .map_err(|_| odd("its body is not base64"))?;
        let Some(key) = logs.keys.iter().find(|key| key.fingerprint == self.log) else {
            return Err(Unverified::UnknownAuthority.into());
        };
        // The canonical form (RFC 8785): no text in it has a character that would be escaped, for one is base64 and the
        // other that of a key which is known.
        let promised = format!(
            r#"{{"body":"{}","integratedTime":{},"logID":"{}","logIndex":{}}}"#,
            self.body, self.integrated_at, self.log, self.index
        );
        if !key.made(promised.as_bytes(), &self.promise) {
            return Err(odd("the log did not promise to keep it"));
        }
        let is_of = match of.recorded {
            Recorded::Message => is_of_message(&body, of),
            Recorded::Envelope { payload } => is_of_envelope(&body, payload, of),
        };
        match is_of {
            Some(true) => Ok(self.integrated_at),
            Some(false) => Err(odd("it is of another signature")),
            None => Err(odd("it is of a kind that is not supported")),
        }
    }
}

fn is_of_message(body: &[u8], of: &Certified<'_>) -> Option<bool> {
    let body: Body<Hashed> = serde_json::from_slice(body).ok()?;
    (body.kind == "hashedrekord" && body.version == "0.0.1").then_some(())?;
    let Hashed { data, signature } = body.spec;
    Some(
        is_hash(&data.hash, of.message)
            && is_base64_of(&signature.content, of.signature)
            && is_certificate(&signature.key.content, of.certificate),
    )
}

fn is_of_envelope(body: &[u8], payload: &[u8], of: &Certified<'_>) -> Option<bool> {
    let body: Body<Envelope> = serde_json::from_slice(body).ok()?;
    (body.kind == "dsse" && body.version == "0.0.1").then_some(())?;
    let [signature] = body.spec.signatures.as_slice() else {
        return None;
    };
    Some(
        is_hash(&body.spec.payload, payload)
            && is_base64_of(&signature.signature, of.signature)
            && is_certificate(&signature.verifier, of.certificate),
    )
}

fn is_hash(hash: &Hash, of: &[u8]) -> bool {
    hash.algorithm == "sha256" && hash.value == hex::encode(digest(&SHA256, of))
}

fn is_base64_of(text: &str, of: &[u8]) -> bool {
    STANDARD.decode(text).is_ok_and(|bytes| bytes == of)
}

/// Whether this is base64 of one certificate in PEM, and that the one.
fn is_certificate(text: &str, der: &[u8]) -> bool {
    let pem = STANDARD
        .decode(text)
        .ok()
        .and_then(|pem| String::from_utf8(pem).ok());
    let found = pem.and_then(|pem| super::certificates(&pem));
    found.is_some_and(|found| matches!(found.as_slice(), [one] if one.as_ref() == der))
}
