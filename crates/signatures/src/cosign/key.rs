//! Public keys of cosign's: PEM of a SubjectPublicKeyInfo, as `cosign public-key` prints it.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA256_ASN1,
    ECDSA_P521_SHA512_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Digest as _, Sha512, Signature, VerifyingKey};

use super::der::{Der, tag};

/// A file with a public key may be so long, in bytes.
pub const MAX_KEY_BYTES: usize = 16 * 1024;
const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const ED25519_OID: &[u8] = &[0x2b, 0x65, 0x70];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];

/// A public key and the ways in which it signs.
#[derive(Clone, Debug)]
pub(super) struct PublicKey {
    /// SHA-256 of the key (DER), lower-case hexadecimal.
    pub(super) fingerprint: String,
    algorithm: Algorithm,
    /// As the cryptographic library takes it.
    key: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Algorithm {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
}

/// Why a file is no public key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// What nobody but its owner should have.
    #[error("it holds a private key; `cosign public-key --key FILE` prints the public one")]
    PrivateKey,
    /// Not one key in PEM.
    #[error("it is not one public key in PEM, as `cosign public-key` prints it")]
    NotPem,
    /// Of a kind that is not supported.
    #[error(
        "its kind is not supported; RSA of 2048 bits or more, ECDSA on P-256, P-384 and P-521, and Ed25519 are"
    )]
    Unsupported,
}

impl PublicKey {
    /// Reads a file.
    pub(super) fn from_pem(file: &[u8]) -> Result<Self, KeyError> {
        let text = std::str::from_utf8(file).map_err(|_| KeyError::NotPem)?;
        if text.contains("PRIVATE KEY-----") {
            return Err(KeyError::PrivateKey);
        }
        let text = text.trim();
        let inside = text.strip_prefix(BEGIN).and_then(|text| text.strip_suffix(END));
        let encoded: String = inside.ok_or(KeyError::NotPem)?.split_ascii_whitespace().collect();
        let der = STANDARD.decode(encoded).map_err(|_| KeyError::NotPem)?;
        if file.len() > MAX_KEY_BYTES {
            return Err(KeyError::NotPem);
        }
        Self::from_der(&der).ok_or(KeyError::Unsupported)
    }

    /// Reads a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        let mut outside = Der::new(der);
        let mut info = outside.inside(tag::SEQUENCE)?;
        let mut kind = info.inside(tag::SEQUENCE)?;
        let algorithm = match kind.expect(tag::OID)? {
            oid if oid == RSA => Algorithm::Rsa,
            oid if oid == ED25519_OID => Algorithm::Ed25519,
            oid if oid == EC => match kind.expect(tag::OID)? {
                curve if curve == P256 => Algorithm::P256,
                curve if curve == P384 => Algorithm::P384,
                curve if curve == P521 => Algorithm::P521,
                _ => return None,
            },
            _ => return None,
        };
        let key = info.bits()?.to_vec();
        let is_whole = info.is_empty() && outside.is_empty();
        // 2,048 bits of an RSA key, its exponent and what frames them.
        let is_long = !matches!(algorithm, Algorithm::Rsa) || key.len() >= 256;
        (is_whole && is_long).then(|| Self {
            fingerprint: hex::encode(digest(&SHA256, der)),
            algorithm,
            key,
        })
    }

    /// Whether this key made a signature. cosign hashes with SHA-256 whatever the curve, since its version 3 with the hash
    /// that belongs to the curve; with Ed25519 it signs a hash ("Ed25519ph"), where older
    /// versions signed the message.
    pub(super) fn made(&self, message: &[u8], signature: &[u8]) -> bool {
        let ways: &[&'static dyn VerificationAlgorithm] = match self.algorithm {
            Algorithm::Rsa => &[&RSA_PKCS1_2048_8192_SHA256],
            Algorithm::P256 => &[&ECDSA_P256_SHA256_ASN1],
            Algorithm::P384 => &[&ECDSA_P384_SHA384_ASN1, &ECDSA_P384_SHA256_ASN1],
            Algorithm::P521 => &[&ECDSA_P521_SHA512_ASN1, &ECDSA_P521_SHA256_ASN1],
            Algorithm::Ed25519 => &[&ED25519],
        };
        let mut ways = ways.iter();
        let is_made = ways.any(|way| {
            UnparsedPublicKey::new(*way, &self.key)
                .verify(message, signature)
                .is_ok()
        });
        is_made || matches!(self.algorithm, Algorithm::Ed25519) && self.made_of_hash(message, signature)
    }

    /// Whether this key of Ed25519 signed the SHA-512 of the message, without a context (RFC 8032, section 5.1).
    fn made_of_hash(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = self.key.as_slice().try_into().ok();
        let key = key.and_then(|key| VerifyingKey::from_bytes(key).ok());
        let (Some(key), Ok(signature)) = (key, Signature::from_slice(signature)) else {
            return false;
        };
        let hash = Sha512::new_with_prefix(message);
        key.verify_prehashed_strict(hash, None, &signature).is_ok()
    }
}
