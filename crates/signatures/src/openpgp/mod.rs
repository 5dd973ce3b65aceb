//! Provenance files: `<archive>.prov`, as `helm package --sign` writes them.
//!
//! [`clearsign`] takes the frame apart, [`packet`], [`signature`] and [`key`] read what is in it, [`keyring`] says which keys
//! count, [`body`] compares what was signed with the archive. The rules are those of `helm verify`, and stricter where that
//! is lenient; docs/signatures.md lists where.
//!
//! Of OpenPGP (RFC 9580) this is the small part that checks a document against a key of version 4, which is what `gpg` and
//! Helm make. The arithmetic is the cryptographic library's.

mod body;
mod clearsign;
mod key;
mod keyring;
mod packet;
mod signature;

use packet::{Reader, tag};
use signature::{Signature, hash_name, kind};

pub use keyring::{Keyring, KeyringError, MAX_KEYRING_BYTES};

use crate::{Archive, Bad, Outcome, Signer, SignerKind, Unverified, Verified};

/// A provenance file may be so long, in bytes: it is a `Chart.yaml` and a checksum.
pub const MAX_PROVENANCE_BYTES: usize = 1024 * 1024;
/// Clocks of those who sign may be so far ahead.
const MAX_SKEW_SECS: i64 = 600;

/// What a provenance file is worth for an archive, at `now` in seconds since 1970.
pub fn verify(keyring: &Keyring, file: &[u8], archive: &Archive<'_>, now: i64) -> Outcome {
    check(keyring, file, archive, now).unwrap_or_else(|outcome| outcome)
}

fn check(keyring: &Keyring, file: &[u8], archive: &Archive<'_>, now: i64) -> Result<Outcome, Outcome> {
    if file.len() > MAX_PROVENANCE_BYTES {
        return Err(Bad::TooLong {
            limit: MAX_PROVENANCE_BYTES,
        }
        .into());
    }
    let message = clearsign::parse(file)?;
    let signature = only_signature(&message.signature)?;
    let signed_at = check_signature(&signature, &message.hashes, now)?;
    if keyring.is_empty() {
        return Err(Unverified::NoKeyring.into());
    }
    let candidates = keyring.candidates(&signature);
    let Some(first) = candidates.first() else {
        return Err(Unverified::UnknownKey {
            key: issuer(&signature),
        }
        .into());
    };
    let key = candidates
        .iter()
        .find(|candidate| candidate.made(&signature, message.hashed.as_bytes()))
        .ok_or_else(|| first.refused())?;
    key.check(signed_at, now)?;
    body::check(&message.text, archive)?;
    Ok(Outcome::Verified(Verified {
        by: Signer {
            kind: SignerKind::OpenPgp,
            fingerprint: key.fingerprint(),
            names: key.names(),
            issuer: None,
        },
        signed_at: Some(signed_at),
    }))
}

/// One signature and nothing else: of several, which counts would be a question.
fn only_signature(packets: &[u8]) -> Result<Signature, Bad> {
    let odd = |problem| Bad::Packet { problem };
    let mut reader = Reader::new(packets);
    let packet = reader.packet().ok_or_else(|| odd("the packet is damaged"))?;
    if packet.tag != tag::SIGNATURE {
        return Err(odd("it is another kind of packet"));
    }
    if !reader.is_empty() {
        return Err(odd("more than one packet"));
    }
    Signature::parse(packet.body).ok_or_else(|| odd("it is damaged, or its version is not supported"))
}

/// What a signature says of itself; when it was made.
fn check_signature(signature: &Signature, hashes: &[String], now: i64) -> Result<i64, Bad> {
    let odd = |problem| Bad::Packet { problem };
    if !matches!(signature.kind, kind::TEXT | kind::BINARY) {
        return Err(odd("it is not a signature of a document"));
    }
    let hash = signature.hash.map_err(|number| Bad::WeakHash {
        hash: hash_name(number),
    })?;
    if !hashes.is_empty() && !hashes.iter().any(|name| name.eq_ignore_ascii_case(hash.name())) {
        return Err(odd("its hash is not the one in the header"));
    }
    if signature.has_unknown_condition {
        return Err(odd("it has a condition that is not understood"));
    }
    let created = signature
        .created
        .ok_or_else(|| odd("it does not say when it was made"))?;
    if created > now + MAX_SKEW_SECS {
        return Err(Bad::FromTheFuture);
    }
    if signature.expires_after != 0 && created + signature.expires_after <= now {
        return Err(Bad::Expired);
    }
    Ok(created)
}

fn issuer(signature: &Signature) -> String {
    if let Some(fingerprint) = signature.issuer_fingerprints.first() {
        return format!("the key {}", hex::encode_upper(fingerprint));
    }
    match signature.issuer_ids.first() {
        Some(id) => format!("the key {}", hex::encode_upper(id)),
        None => "a key that it does not name".to_owned(),
    }
}
