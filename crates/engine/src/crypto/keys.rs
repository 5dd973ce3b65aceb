//! Private keys: generated, written as PEM, and signing.

use ed25519_dalek::Signer;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, Pkcs1v15Sign};
use sha2::{Digest, Sha256};

use super::der::{self, oid, tag};
use super::expander::Expander;
use super::pem::Pem;
use super::random::{Entropy, NoEntropy};
use super::work::KeyKind;

/// A private key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PrivateKey {
    Rsa(Box<rsa::PrivateKey>),
    Dsa(Box<DsaKey>),
    P256(Box<p256::SecretKey>),
    /// A key over a curve that can be read and written, but not computed with.
    OtherCurve(Box<OtherCurveKey>),
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

/// The numbers of a DSA key, big-endian.
#[derive(Clone)]
pub struct DsaKey {
    pub(super) p: Vec<u8>,
    pub(super) q: Vec<u8>,
    pub(super) g: Vec<u8>,
    pub(super) y: Vec<u8>,
    pub(super) x: Vec<u8>,
}

impl std::fmt::Debug for DsaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DsaKey")
    }
}

/// An elliptic-curve key as it was read.
#[derive(Clone)]
pub struct OtherCurveKey {
    pub(super) curve: &'static str,
}

impl std::fmt::Debug for OtherCurveKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OtherCurveKey({})", self.curve)
    }
}

/// A public key as X.509 holds it.
pub(super) struct PublicKeyInfo {
    /// The `AlgorithmIdentifier`.
    pub(super) algorithm: Vec<u8>,
    /// The contents of the bit string.
    pub(super) key: Vec<u8>,
}

/// What a key cannot do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableKey {
    #[error("x509: certificate private key does not implement crypto.Signer")]
    NotASigner,
    #[error("x509: unsupported public key type: *dsa.PublicKey")]
    NoPublicKey,
    #[error("elliptic curve {curve} is not supported")]
    Curve { curve: &'static str },
    #[error("crypto/rsa: message too long for RSA key size")]
    TooSmall,
}

impl PrivateKey {
    /// Generates a key.
    pub fn generate(kind: KeyKind, entropy: &mut dyn Entropy) -> Result<Self, NoEntropy> {
        let mut generator = Expander::new(entropy)?;
        // The generator cannot fail and the sizes are sound, so an error here means no randomness came.
        Ok(match kind {
            KeyKind::Rsa { bits } => Self::Rsa(Box::new(
                rsa::PrivateKey::new(&mut generator, bits).map_err(|_| NoEntropy)?,
            )),
            KeyKind::Dsa => Self::Dsa(Box::new(DsaKey::generate(&mut generator))),
            KeyKind::Ecdsa => loop {
                let mut bytes = [0; 32];
                generator.fill(&mut bytes);
                // All but one in 2^32 candidates are in range.
                if let Ok(key) = p256::SecretKey::from_slice(&bytes) {
                    break Self::P256(Box::new(key));
                }
            },
            KeyKind::Ed25519 => {
                let mut seed = [0; 32];
                generator.fill(&mut seed);
                Self::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(&seed)))
            }
        })
    }

    /// The key in the PEM form sprig writes: PKCS#1, SEC 1, OpenSSL's DSA form, or PKCS#8.
    pub fn to_pem(&self) -> Result<String, UnusableKey> {
        Ok(match self {
            Self::Rsa(key) => Pem::encode("RSA PRIVATE KEY", &pkcs1(key)),
            Self::Dsa(key) => Pem::encode("DSA PRIVATE KEY", &key.to_der()),
            Self::P256(key) => Pem::encode("EC PRIVATE KEY", &sec1(key)),
            Self::OtherCurve(key) => return Err(UnusableKey::Curve { curve: key.curve }),
            Self::Ed25519(key) => Pem::encode("PRIVATE KEY", &pkcs8_ed25519(key)),
        })
    }

    /// Whether Go's type can sign certificates: all but DSA.
    pub(super) fn check_signer(&self) -> Result<(), UnusableKey> {
        match self {
            Self::Dsa(_) => Err(UnusableKey::NotASigner),
            Self::OtherCurve(key) => Err(UnusableKey::Curve { curve: key.curve }),
            Self::Rsa(_) | Self::P256(_) | Self::Ed25519(_) => Ok(()),
        }
    }

    /// The public half.
    pub(super) fn public(&self) -> Result<PublicKeyInfo, UnusableKey> {
        let algorithm =
            |oid: &[u8], parameters: &[u8]| der::sequence(&[&der::element(tag::OID, oid), parameters]);
        Ok(match self {
            Self::Rsa(key) => PublicKeyInfo {
                algorithm: algorithm(oid::RSA, &der::element(tag::NULL, &[])),
                key: der::sequence(&[&der::integer(&key.n_bytes()), &der::integer(&key.e_bytes())]),
            },
            Self::Dsa(_) => return Err(UnusableKey::NoPublicKey),
            Self::P256(key) => PublicKeyInfo {
                algorithm: algorithm(oid::EC, &der::element(tag::OID, oid::P256)),
                key: key.public_key().to_sec1_bytes().to_vec(),
            },
            Self::OtherCurve(key) => return Err(UnusableKey::Curve { curve: key.curve }),
            Self::Ed25519(key) => PublicKeyInfo {
                algorithm: algorithm(oid::ED25519, &[]),
                key: key.verifying_key().to_bytes().to_vec(),
            },
        })
    }

    /// The `AlgorithmIdentifier` of this key's signatures.
    pub(super) fn signature_algorithm(&self) -> Result<Vec<u8>, UnusableKey> {
        self.check_signer()?;
        let (oid, parameters) = match self {
            Self::Rsa(_) => (oid::SHA256_WITH_RSA, der::element(tag::NULL, &[])),
            Self::P256(_) => (oid::ECDSA_WITH_SHA256, Vec::new()),
            Self::Ed25519(_) => (oid::ED25519, Vec::new()),
            Self::Dsa(_) | Self::OtherCurve(_) => return Err(UnusableKey::NotASigner),
        };
        Ok(der::sequence(&[&der::element(tag::OID, oid), &parameters]))
    }

    /// Signs. The same message gives the same signature, also with ECDSA (RFC 6979).
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, UnusableKey> {
        self.check_signer()?;
        match self {
            Self::Rsa(key) => sign_rsa(key, message),
            Self::P256(key) => {
                let signer = p256::ecdsa::SigningKey::from(key.as_ref());
                let signed = signer.sign_prehash(&Sha256::digest(message));
                let signature: p256::ecdsa::Signature = signed.map_err(|_| UnusableKey::TooSmall)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Self::Ed25519(key) => Ok(key.sign(message).to_bytes().to_vec()),
            Self::Dsa(_) | Self::OtherCurve(_) => Err(UnusableKey::NotASigner),
        }
    }
}

#[cfg(not(feature = "native-crypto"))]
fn sign_rsa(key: &rsa::PrivateKey, message: &[u8]) -> Result<Vec<u8>, UnusableKey> {
    key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message))
        .map_err(|_| UnusableKey::TooSmall)
}

// The same bytes, since the padding has no randomness, in a third of the time.
#[cfg(feature = "native-crypto")]
fn sign_rsa(key: &rsa::PrivateKey, message: &[u8]) -> Result<Vec<u8>, UnusableKey> {
    match super::native::sign_rsa(&pkcs1(key), message) {
        Some(signature) => Ok(signature),
        None => key
            .sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message))
            .map_err(|_| UnusableKey::TooSmall),
    }
}

/// `RSAPrivateKey` of PKCS#1.
pub(super) fn pkcs1(key: &rsa::PrivateKey) -> Vec<u8> {
    let number = |number: &BoxedUint| der::integer(&number.to_be_bytes());
    let [p, q] = [0, 1].map(|index| {
        key.primes()
            .get(index)
            .map(|prime| number(prime))
            .unwrap_or_default()
    });
    let optional = |value: Option<&BoxedUint>| value.map(number).unwrap_or_default();
    der::sequence(&[
        &der::integer(&[]),
        &der::integer(&key.n_bytes()),
        &der::integer(&key.e_bytes()),
        &number(key.d()),
        &p,
        &q,
        &optional(key.dp()),
        &optional(key.dq()),
        &optional(key.crt_coefficient().as_ref()),
    ])
}

/// `ECPrivateKey` of SEC 1, the curve named inside.
fn sec1(key: &p256::SecretKey) -> Vec<u8> {
    der::sequence(&[
        &der::integer(&[1]),
        &der::element(tag::OCTET_STRING, &key.to_bytes()),
        &der::element(tag::explicit(0), &der::element(tag::OID, oid::P256)),
        &der::element(
            tag::explicit(1),
            &der::bit_string(&key.public_key().to_sec1_bytes()),
        ),
    ])
}

fn pkcs8_ed25519(key: &ed25519_dalek::SigningKey) -> Vec<u8> {
    der::sequence(&[
        &der::integer(&[]),
        &der::sequence(&[&der::element(tag::OID, oid::ED25519)]),
        &der::element(
            tag::OCTET_STRING,
            &der::element(tag::OCTET_STRING, key.as_bytes()),
        ),
    ])
}

impl DsaKey {
    fn generate(generator: &mut Expander) -> Self {
        let Ok(components) =
            dsa::Components::try_generate_from_rng_with_key_size(generator, dsa::KeySize::DSA_2048_256);
        let Ok(key) = dsa::SigningKey::try_generate_from_rng_with_components(generator, components);
        let number = |number: &BoxedUint| number.to_be_bytes().to_vec();
        let components = key.verifying_key().components();
        Self {
            p: number(components.p()),
            q: number(components.q()),
            g: number(components.g()),
            y: number(key.verifying_key().y()),
            x: number(key.x()),
        }
    }

    /// OpenSSL's form: version, p, q, g, y, x.
    fn to_der(&self) -> Vec<u8> {
        let [p, q, g, y, x] =
            [&self.p, &self.q, &self.g, &self.y, &self.x].map(|number| der::integer(number));
        der::sequence(&[&der::integer(&[]), &p, &q, &g, &y, &x])
    }
}
