//! A public key packet of version 4 (RFC 9580, section 5.5): its fingerprint, and whether it made a signature.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    EcdsaVerificationAlgorithm, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents, UnparsedPublicKey,
};

use super::packet::Reader;
use super::signature::{Hash, Signature};

const RSA: [u8; 2] = [1, 3];
/// 2,048 bits: shorter ones can be taken apart.
const MIN_RSA_BYTES: usize = 256;
const ECDSA: u8 = 19;
/// With its numbers wrapped as those of other curves, as GnuPG writes it.
const EDDSA_LEGACY: u8 = 22;
const ED25519_NATIVE: u8 = 27;
const OID_P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const OID_P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const OID_P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
const OID_ED25519: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];

/// A public key or subkey.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) fingerprint: [u8; 20],
    /// In seconds since 1970.
    pub(super) created: i64,
    algorithm: u8,
    /// None of an algorithm that cannot sign, or is not supported.
    public: Option<Public>,
    /// As it is hashed when it is signed itself.
    pub(super) hashed: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Public {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// The point, uncompressed.
    Ecdsa {
        curve: Curve,
        point: Vec<u8>,
    },
    Ed25519([u8; 32]),
}

#[derive(Clone, Copy, Debug)]
enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// The length of each of the two numbers of a signature, in bytes.
    fn n_bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

impl Key {
    /// Reads a packet's body; none where it is not of version 4.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(body);
        if reader.byte()? != 4 {
            return None;
        }
        let created = i64::from(reader.u32()?);
        let algorithm = reader.byte()?;
        let n = u16::try_from(body.len()).ok()?;
        let hashed = [&[0x99][..], &n.to_be_bytes(), body].concat();
        // SHA-1 here is a name, not a proof: the key itself is in the operator's own file.
        let fingerprint = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &hashed);
        Some(Self {
            fingerprint: fingerprint.as_ref().try_into().ok()?,
            created,
            algorithm,
            public: public(algorithm, &mut reader),
            hashed,
        })
    }

    /// The short name that old signatures give.
    pub(super) fn id(&self) -> &[u8] {
        self.fingerprint.get(12..).unwrap_or_default()
    }

    /// As people compare it.
    pub(super) fn shown(&self) -> String {
        hex::encode_upper(self.fingerprint)
    }

    /// Whether its algorithm is one that is checked here.
    pub(super) fn is_supported(&self) -> bool {
        self.public.is_some()
    }

    /// Whether this key made a signature over data.
    pub(super) fn made(&self, signature: &Signature, data: &[&[u8]]) -> bool {
        self.check(signature, data).is_some()
    }

    fn check(&self, signature: &Signature, data: &[&[u8]]) -> Option<()> {
        let is_rsa = RSA.contains(&self.algorithm) && RSA.contains(&signature.algorithm);
        if !is_rsa && signature.algorithm != self.algorithm {
            return None;
        }
        let (hash, message) = signature.hashed(data)?;
        let mut value = Reader::new(&signature.value);
        let public = self.public.as_ref()?;
        let verified = match public {
            Public::Rsa { n, e } => {
                let number = padded(value.number()?, n.len())?;
                let parameters = match hash {
                    Hash::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
                    Hash::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
                    Hash::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
                };
                RsaPublicKeyComponents { n, e }.verify(parameters, &message, &number)
            }
            Public::Ecdsa { curve, point } => {
                let n = curve.n_bytes();
                let both = [padded(value.number()?, n)?, padded(value.number()?, n)?].concat();
                UnparsedPublicKey::new(ecdsa(*curve, hash)?, point).verify(&message, &both)
            }
            Public::Ed25519(point) => {
                let both = match self.algorithm {
                    ED25519_NATIVE => value.take(64)?.to_vec(),
                    _ => [padded(value.number()?, 32)?, padded(value.number()?, 32)?].concat(),
                };
                // OpenPGP signs the hash as if it were the message.
                let sum = digest::digest(hash.algorithm(), &message);
                UnparsedPublicKey::new(&ED25519, point).verify(sum.as_ref(), &both)
            }
        };
        (verified.is_ok() && value.is_empty()).then_some(())
    }
}

fn public(algorithm: u8, reader: &mut Reader<'_>) -> Option<Public> {
    let public = match algorithm {
        _ if RSA.contains(&algorithm) => {
            let (n, e) = (reader.number()?.to_vec(), reader.number()?.to_vec());
            if n.len() < MIN_RSA_BYTES {
                return None;
            }
            Public::Rsa { n, e }
        }
        ECDSA => {
            let curve = match curve(reader)? {
                oid if oid == OID_P256 => Curve::P256,
                oid if oid == OID_P384 => Curve::P384,
                oid if oid == OID_P521 => Curve::P521,
                _ => return None,
            };
            Public::Ecdsa {
                curve,
                point: reader.number()?.to_vec(),
            }
        }
        EDDSA_LEGACY => {
            if curve(reader)? != OID_ED25519 {
                return None;
            }
            // The point has a byte before it that says that it is one.
            let (0x40, point) = reader.number()?.split_first()? else {
                return None;
            };
            Public::Ed25519(point.try_into().ok()?)
        }
        ED25519_NATIVE => Public::Ed25519(reader.take(32)?.try_into().ok()?),
        _ => return None,
    };
    reader.is_empty().then_some(public)
}

fn curve<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let n = reader.byte()?;
    reader.take(usize::from(n))
}

/// A curve with the hash that belongs to it. Others are cut to its length by those who sign, and refused here.
fn ecdsa(curve: Curve, hash: Hash) -> Option<&'static EcdsaVerificationAlgorithm> {
    match (curve, hash) {
        (Curve::P256, Hash::Sha256) => Some(&ECDSA_P256_SHA256_FIXED),
        (Curve::P384, Hash::Sha384) => Some(&ECDSA_P384_SHA384_FIXED),
        (Curve::P521, Hash::Sha512) => Some(&ECDSA_P521_SHA512_FIXED),
        _ => None,
    }
}

/// A number with zeros before it, `n` bytes in all.
fn padded(number: &[u8], n: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; n.checked_sub(number.len())?];
    bytes.extend_from_slice(number);
    Some(bytes)
}
