//! Private keys read from PEM, as sprig and Go's `crypto/x509` accept them.

use std::fmt;

use rsa::BoxedUint;

use super::der::{Reader, oid, tag};
use super::keys::{DsaKey, OtherCurveKey, PrivateKey};
use super::pem::Pem;

/// Why a text is not a private key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("no PEM data in input")]
    NoPem,
    #[error("no private key data in PEM block of type {label}")]
    NotPrivate { label: String },
    #[error("invalid private key type {label}")]
    UnknownType { label: String },
    #[error("decoding PEM as PKCS#8: {0}")]
    Pkcs8(KeyFormatError),
    #[error("parsing RSA private key from PEM: {0}")]
    Rsa(KeyFormatError),
    #[error("parsing EC private key from PEM: {0}")]
    Ec(KeyFormatError),
    #[error("parsing DSA private key from PEM: {0}")]
    Dsa(KeyFormatError),
}

/// Why DER is not a private key of the expected form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFormatError {
    /// Not DER, or cut off.
    Truncated,
    /// Well-formed, with something behind it.
    Trailing,
    /// Well-formed, of another shape.
    Structure,
    /// A key in another form, which this Go function reads.
    UseInstead(&'static str),
    RsaVersion,
    RsaNotPositive,
    /// The numbers do not belong together, or the key is too small or too large.
    RsaInvalid,
    EcVersion(u64),
    UnknownCurve,
    EcLength,
    EcScalar,
    Ed25519Parameters,
    Ed25519Length(usize),
    UnknownAlgorithm(Vec<u8>),
    /// An error in the key inside PKCS#8.
    Embedded {
        kind: &'static str,
        source: Box<Self>,
    },
    /// An error in an EC key that is not DER.
    Ec(Box<Self>),
}

impl std::error::Error for KeyFormatError {}

impl fmt::Display for KeyFormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("asn1: syntax error: data truncated"),
            Self::Trailing => f.write_str("asn1: syntax error: trailing data"),
            Self::Structure => f.write_str("asn1: structure error: tags don't match"),
            Self::UseInstead(function) => {
                write!(
                    f,
                    "x509: failed to parse private key (use {function} instead for this key format)"
                )
            }
            Self::RsaVersion => f.write_str("x509: unsupported private key version"),
            Self::RsaNotPositive => f.write_str("x509: private key contains zero or negative value"),
            Self::RsaInvalid => f.write_str("crypto/rsa: invalid private key"),
            Self::EcVersion(version) => write!(f, "x509: unknown EC private key version {version}"),
            Self::UnknownCurve => f.write_str("x509: unknown elliptic curve"),
            Self::EcLength => f.write_str("x509: invalid private key length"),
            Self::EcScalar => f.write_str("ecdsa: private key scalar out of range"),
            Self::Ed25519Parameters => f.write_str("x509: invalid Ed25519 private key parameters"),
            Self::Ed25519Length(length) => write!(f, "x509: invalid Ed25519 private key length: {length}"),
            Self::UnknownAlgorithm(oid) => {
                f.write_str("x509: PKCS#8 wrapping contained private key with unknown algorithm: ")?;
                write_oid(f, oid)
            }
            Self::Embedded { kind, source } => {
                write!(
                    f,
                    "x509: failed to parse {kind} private key embedded in PKCS#8: {source}"
                )
            }
            Self::Ec(source) => write!(f, "x509: failed to parse EC private key: {source}"),
        }
    }
}

fn write_oid(f: &mut fmt::Formatter<'_>, oid: &[u8]) -> fmt::Result {
    let mut arc = 0_u64;
    let mut first = true;
    for byte in oid {
        arc = arc << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if first {
            let root = (arc / 40).min(2);
            write!(f, "{root}.{}", arc - root * 40)?;
        } else {
            write!(f, ".{arc}")?;
        }
        (arc, first) = (0, false);
    }
    Ok(())
}

type Parsed<T> = Result<T, KeyFormatError>;

impl PrivateKey {
    /// Reads the first PEM block of `text`.
    pub fn from_pem(text: &[u8]) -> Result<Self, KeyError> {
        let block = Pem::decode(text).ok_or(KeyError::NoPem)?;
        let label = || String::from_utf8_lossy(&block.label).into_owned();
        if block.label == b"PRIVATE KEY" {
            return from_pkcs8(&block.contents).map_err(KeyError::Pkcs8);
        }
        match block.label.strip_suffix(b" PRIVATE KEY") {
            Some(b"RSA") => from_pkcs1(&block.contents).map_err(KeyError::Rsa),
            Some(b"EC") => from_sec1(&block.contents, None).map_err(KeyError::Ec),
            Some(b"DSA") => from_dsa(&block.contents).map_err(KeyError::Dsa),
            Some(_) => Err(KeyError::UnknownType { label: label() }),
            None => Err(KeyError::NotPrivate { label: label() }),
        }
    }
}

/// The outer sequence of a key, which must be everything there is.
fn outer(bytes: &[u8]) -> Parsed<Reader<'_>> {
    let mut reader = Reader::new(bytes);
    let element = reader.any().ok_or(KeyFormatError::Truncated)?;
    if element.tag != tag::SEQUENCE {
        return Err(KeyFormatError::Structure);
    }
    if reader.is_empty() {
        Ok(Reader::new(element.contents))
    } else {
        Err(KeyFormatError::Trailing)
    }
}

/// The forms a key can have, told apart by their second element.
#[derive(PartialEq)]
enum Form {
    Pkcs1,
    Pkcs8,
    Sec1,
}

fn form_of(mut fields: Reader<'_>) -> Option<Form> {
    fields.unsigned()?;
    Some(match fields.any()?.tag {
        tag::INTEGER => Form::Pkcs1,
        tag::SEQUENCE => Form::Pkcs8,
        tag::OCTET_STRING => Form::Sec1,
        _ => return None,
    })
}

/// Go tells which of its functions would have read the key.
fn expect_form(fields: Reader<'_>, wanted: Form) -> Parsed<()> {
    match form_of(fields) {
        Some(form) if form == wanted => Ok(()),
        Some(Form::Pkcs1) => Err(KeyFormatError::UseInstead("ParsePKCS1PrivateKey")),
        Some(Form::Pkcs8) => Err(KeyFormatError::UseInstead("ParsePKCS8PrivateKey")),
        Some(Form::Sec1) => Err(KeyFormatError::UseInstead("ParseECPrivateKey")),
        None => Err(KeyFormatError::Structure),
    }
}

fn from_pkcs1(bytes: &[u8]) -> Parsed<PrivateKey> {
    let mut fields = outer(bytes)?;
    expect_form(fields, Form::Pkcs1)?;
    let mut next = || fields.unsigned().ok_or(KeyFormatError::RsaNotPositive);
    // Version 1 has more than two primes, which nobody uses and the crate cannot write.
    if !next()?.is_empty() {
        return Err(KeyFormatError::RsaVersion);
    }
    let [n, e, d, p, q] = [next()?, next()?, next()?, next()?, next()?].map(BoxedUint::from_be_slice_vartime);
    rsa::PrivateKey::from_components(n, e, d, vec![p, q])
        .map(|key| PrivateKey::Rsa(Box::new(key)))
        .map_err(|_| KeyFormatError::RsaInvalid)
}

fn from_pkcs8(bytes: &[u8]) -> Parsed<PrivateKey> {
    let mut fields = outer(bytes)?;
    expect_form(fields, Form::Pkcs8)?;
    let (Some(_version), Some(mut algorithm)) = (fields.unsigned(), fields.enter(tag::SEQUENCE)) else {
        return Err(KeyFormatError::Structure);
    };
    let (Some(id), Some(key)) = (algorithm.expect(tag::OID), fields.expect(tag::OCTET_STRING)) else {
        return Err(KeyFormatError::Structure);
    };
    let embedded = |kind| {
        move |source| KeyFormatError::Embedded {
            kind,
            source: Box::new(source),
        }
    };
    match id.contents {
        oid::RSA => from_pkcs1(key.contents).map_err(embedded("RSA")),
        oid::EC => {
            let curve = algorithm.expect(tag::OID).map(|curve| curve.contents);
            from_sec1(key.contents, curve).map_err(embedded("EC"))
        }
        oid::ED25519 => {
            if !algorithm.is_empty() {
                return Err(KeyFormatError::Ed25519Parameters);
            }
            let seed = Reader::new(key.contents)
                .expect(tag::OCTET_STRING)
                .ok_or(KeyFormatError::Structure)?;
            let seed = <[u8; 32]>::try_from(seed.contents)
                .map_err(|_| KeyFormatError::Ed25519Length(seed.contents.len()))?;
            Ok(PrivateKey::Ed25519(Box::new(
                ed25519_dalek::SigningKey::from_bytes(&seed),
            )))
        }
        unknown => Err(KeyFormatError::UnknownAlgorithm(unknown.to_vec())),
    }
}

/// `curve` is the one PKCS#8 names; without it, the key names its own.
fn from_sec1(bytes: &[u8], curve: Option<&[u8]>) -> Parsed<PrivateKey> {
    let mut fields = outer(bytes).map_err(|error| KeyFormatError::Ec(Box::new(error)))?;
    expect_form(fields, Form::Sec1)?;
    let (Some(version), Some(scalar)) = (fields.unsigned(), fields.expect(tag::OCTET_STRING)) else {
        return Err(KeyFormatError::Structure);
    };
    if version != [1] {
        let number = version
            .iter()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        return Err(KeyFormatError::EcVersion(number));
    }
    let own = fields
        .enter(tag::explicit(0))
        .and_then(|mut inside| inside.expect(tag::OID));
    let (curve, size) = match curve.or(own.map(|own| own.contents)) {
        Some(oid::P224) => ("P-224", 28),
        Some(oid::P256) => ("P-256", 32),
        Some(oid::P384) => ("P-384", 48),
        Some(oid::P521) => ("P-521", 66),
        _ => return Err(KeyFormatError::UnknownCurve),
    };
    // Leading zeros may be too many or missing; both are met in practice.
    let zeros = scalar.contents.iter().take_while(|byte| **byte == 0).count();
    let (_, significant) = scalar.contents.split_at(zeros);
    let padding = size_difference(size, significant.len())?;
    if size != 32 {
        return Ok(PrivateKey::OtherCurve(Box::new(OtherCurveKey { curve })));
    }
    let scalar = [vec![0; padding], significant.to_vec()].concat();
    p256::SecretKey::from_slice(&scalar)
        .map(|key| PrivateKey::P256(Box::new(key)))
        .map_err(|_| KeyFormatError::EcScalar)
}

fn size_difference(size: usize, length: usize) -> Parsed<usize> {
    size.checked_sub(length).ok_or(KeyFormatError::EcLength)
}

fn from_dsa(bytes: &[u8]) -> Parsed<PrivateKey> {
    let mut reader = Reader::new(bytes);
    let outer = reader.any().ok_or(KeyFormatError::Truncated)?;
    if outer.tag != tag::SEQUENCE {
        return Err(KeyFormatError::Structure);
    }
    let mut fields = Reader::new(outer.contents);
    let mut next = || fields.unsigned().ok_or(KeyFormatError::Structure);
    next()?;
    let [p, q, g, y, x] = [next()?, next()?, next()?, next()?, next()?].map(<[u8]>::to_vec);
    Ok(PrivateKey::Dsa(Box::new(DsaKey { p, q, g, y, x })))
}
