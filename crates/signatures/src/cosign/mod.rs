//! Signatures of manifests in a registry, as cosign makes them.
//!
//! [`simple`] is the older form, [`bundle`] the newer; [`key`] reads public keys, [`keyless`] is for certificates of
//! identities. A signature by a key does not say which key made it: one that no key of the keyring made is by somebody
//! unknown, whether it was damaged or not. What was signed must name the manifest, or it is bad.

mod bundle;
mod der;
mod key;
mod keyless;
mod simple;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use bundle::{BUNDLE_TYPE, MAX_BUNDLE_BYTES, SIGNED, verify_bundle};
pub use key::{KeyError, MAX_KEY_BYTES};
pub use keyless::RootError;
pub use simple::{
    ARTIFACT_TYPE, CERTIFICATE, CHAIN, ENTRY, MAX_PAYLOAD_BYTES, MEDIA_TYPE, SIGNATURE, Simple, verify_simple,
};

use crate::outcome::shown;
use crate::{Outcome, Signer, SignerKind, Unverified, Verified};
use key::PublicKey;

/// Whose signatures count: public keys, and identities that authorities vouch for.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    keys: Vec<(String, PublicKey)>,
    authorities: keyless::Authorities,
}

impl Trust {
    /// Adds a key (PEM) that is called `name` where it is shown.
    pub fn add_key(&mut self, name: &str, file: &[u8]) -> Result<(), KeyError> {
        self.keys.push((shown(name), PublicKey::from_pem(file)?));
        Ok(())
    }

    /// Adds certificates (PEM) of authorities whose certificates of identities count.
    pub fn add_roots(&mut self, file: &[u8]) -> Result<(), RootError> {
        self.authorities.add_roots(file)
    }

    /// Adds the public key (PEM) of a transparency log whose promises count.
    pub fn add_log_key(&mut self, file: &[u8]) -> Result<(), KeyError> {
        self.authorities.add_log(file)
    }

    /// Adds somebody who may sign: the issuer of the token that was shown, as it is, and the name in the certificate, in
    /// which `*` stands for any text.
    pub fn add_identity(&mut self, issuer: &str, name: &str) {
        self.authorities.add_identity(issuer, name);
    }

    /// Whether nothing can be verified: there is no key, and not all that certificates need (roots, a log's key, somebody
    /// who may sign).
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.authorities.is_empty()
    }
}

/// One outcome of several signatures of one manifest: what is bad counts, then what is verified, then the first.
pub fn worst(outcomes: impl IntoIterator<Item = Outcome>) -> Option<Outcome> {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Bad(_) => 0,
        Outcome::Verified(_) => 1,
        Outcome::Unverified(_) => 2,
    };
    outcomes.into_iter().min_by_key(rank)
}

fn verified_by_key(trust: &Trust, message: &[u8], signature: &[u8]) -> Option<Outcome> {
    let mut keys = trust.keys.iter();
    let (name, key) = keys.find(|(_, key)| key.made(message, signature))?;
    Some(Outcome::Verified(Verified {
        by: Signer {
            kind: SignerKind::CosignKey,
            fingerprint: key.fingerprint.clone(),
            names: vec![name.clone()],
            issuer: None,
        },
        signed_at: None,
    }))
}

fn unknown(trust: &Trust) -> Outcome {
    match trust.is_empty() {
        true => Unverified::NoKeyring.into(),
        false => Unverified::UnknownKey {
            key: "a cosign key".to_owned(),
        }
        .into(),
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
