//! Certificates with the fields sprig gives them, encoded as Go's `x509.CreateCertificate` does.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use super::base64;
use super::der::{self, oid, tag};
use super::key_parse::KeyError;
use super::keys::{PrivateKey, PublicKeyInfo, UnusableKey};
use super::pem::Pem;
use super::random::{Entropy, NoEntropy};
use super::work::{Certificate, Names, Subject};
use super::x509::{self, MalformedCertificate};
use crate::strconv;

const NANOS_PER_SECOND: i128 = 1_000_000_000;
const NANOS_PER_DAY: i64 = 24 * 60 * 60 * 1_000_000_000;

/// Who signs.
#[derive(Clone, Copy, Debug)]
pub enum Issuer<'a> {
    /// A certificate authority that signs itself.
    NewAuthority,
    /// The certificate's own key.
    Itself,
    /// An authority made before.
    Authority(&'a Authority),
}

/// A certificate and key that sign others.
#[derive(Clone, Debug)]
pub struct Authority {
    certificate: x509::Parsed,
    key: PrivateKey,
}

impl Authority {
    /// Reads an authority's certificate and key.
    pub fn open(authority: &Certificate) -> Result<Self, CertificateError> {
        let block = Pem::decode(&authority.cert).ok_or(CertificateError::NotPem)?;
        let certificate = x509::parse(&block.contents).map_err(CertificateError::MalformedAuthority)?;
        Ok(Self {
            certificate,
            key: PrivateKey::from_pem(&authority.key)?,
        })
    }
}

/// Why there is no certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    #[error("unable to decode base64 certificate")]
    CertificateNotBase64,
    #[error("unable to decode base64 private key")]
    KeyNotBase64,
    #[error("unable to decode certificate")]
    NotPem,
    #[error("error parsing certificate: decodedCert.Bytes: {0}")]
    Malformed(MalformedCertificate),
    #[error("error parsing certificate: decodedSignerCert.Bytes: {0}")]
    MalformedAuthority(MalformedCertificate),
    #[error("error parsing private key: {0}")]
    Key(#[from] KeyError),
    #[error("error retrieving public key from signee key: {0}")]
    PublicKey(UnusableKey),
    #[error("error creating certificate: {0}")]
    Unusable(#[from] UnusableKey),
    #[error("error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey")]
    OtherKey,
    #[error("error creating certificate: asn1: string not valid UTF-8")]
    NameNotUtf8,
    #[error("error creating certificate: x509: {} cannot be encoded as an IA5String", strconv::quote(.name))]
    NameNotAscii { name: Vec<u8> },
}

impl Certificate {
    /// `buildCustomCert`: checks what was made elsewhere. Both arguments are base64 of PEM.
    pub fn from_base64(cert: &[u8], key: &[u8]) -> Result<Self, CertificateError> {
        let cert = base64::decode(cert).map_err(|_| CertificateError::CertificateNotBase64)?;
        let key = base64::decode(key).map_err(|_| CertificateError::KeyNotBase64)?;
        let block = Pem::decode(&cert).ok_or(CertificateError::NotPem)?;
        x509::parse(&block.contents).map_err(CertificateError::Malformed)?;
        PrivateKey::from_pem(&key)?;
        Ok(Self { cert, key })
    }

    /// Makes a certificate for `key`.
    pub fn generate(
        subject: Subject<'_>,
        names: &Names,
        issuer: Issuer<'_>,
        key: &PrivateKey,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, CertificateError> {
        let name = distinguished_name(subject.common_name)?;
        let public = key.public();
        let (signer, issuer_name, issuer_key_id) = match issuer {
            Issuer::NewAuthority | Issuer::Itself => (key, &name, Vec::new()),
            Issuer::Authority(Authority {
                certificate,
                key: signer,
            }) => {
                // An authority of the same name would name itself.
                let same = certificate.subject == name;
                let key_id = if same {
                    Vec::new()
                } else {
                    certificate.subject_key_id.clone()
                };
                (signer, &certificate.subject, key_id)
            }
        };
        signer.check_signer()?;
        let public = public?;
        if let Issuer::Authority(Authority { certificate, .. }) = issuer
            && signer.public()?.encode() != certificate.public_key
        {
            return Err(CertificateError::OtherKey);
        }
        let authority = matches!(issuer, Issuer::NewAuthority);
        let mut serial = [0; 16];
        entropy.fill(&mut serial)?;

        let algorithm = signer.signature_algorithm()?;
        let body = der::sequence(&[
            &der::element(tag::explicit(0), &der::integer(&[2])),
            &der::integer(&serial),
            &algorithm,
            issuer_name,
            &validity(&subject),
            &name,
            &public.encode(),
            &der::element(
                tag::explicit(3),
                &extensions(authority, &name, &public, &issuer_key_id, names)?,
            ),
        ]);
        let signature = signer.sign(&body)?;
        let certificate = der::sequence(&[&body, &algorithm, &der::bit_string(&signature)]);
        Ok(Self {
            cert: Pem::encode("CERTIFICATE", &certificate).into_bytes(),
            key: key.to_pem().map_err(CertificateError::PublicKey)?.into_bytes(),
        })
    }
}

impl PublicKeyInfo {
    fn encode(&self) -> Vec<u8> {
        der::sequence(&[&self.algorithm, &der::bit_string(&self.key)])
    }
}

/// The subject: a common name, or nothing at all.
fn distinguished_name(common_name: &[u8]) -> Result<Vec<u8>, CertificateError> {
    if common_name.is_empty() {
        return Ok(der::sequence(&[]));
    }
    let tag = if common_name.iter().all(|byte| is_printable(*byte)) {
        tag::PRINTABLE_STRING
    } else if std::str::from_utf8(common_name).is_ok() {
        tag::UTF8_STRING
    } else {
        return Err(CertificateError::NameNotUtf8);
    };
    let attribute = der::sequence(&[
        &der::element(tag::OID, oid::COMMON_NAME),
        &der::element(tag, common_name),
    ]);
    Ok(der::sequence(&[&der::element(tag::SET, &attribute)]))
}

/// The letters of ASN.1's `PrintableString`.
fn is_printable(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte)
}

fn validity(subject: &Subject<'_>) -> Vec<u8> {
    // Go multiplies the days to nanoseconds in 64 bits, and lets them wrap.
    let duration = NANOS_PER_DAY.wrapping_mul(subject.days_valid);
    let [start, end] = [subject.now_nanos, subject.now_nanos + i128::from(duration)]
        .map(|nanos| time(nanos.div_euclid(NANOS_PER_SECOND)));
    der::sequence(&[&start, &end])
}

/// `UTCTime` for the years it can hold, else `GeneralizedTime`.
fn time(seconds: i128) -> Vec<u8> {
    let days = seconds.div_euclid(86_400);
    let second = seconds.rem_euclid(86_400);
    let (year, month, day) = civil(days);
    let rest = format!(
        "{month:02}{day:02}{:02}{:02}{:02}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    );
    if (1950..2050).contains(&year) {
        der::element(tag::UTC_TIME, format!("{:02}{rest}", year % 100).as_bytes())
    } else {
        der::element(tag::GENERALIZED_TIME, format!("{year:04}{rest}").as_bytes())
    }
}

/// Year, month and day, `days` after 1970-01-01, counting from 1 March so that leap days come last.
fn civil(days: i128) -> (i128, i128, i128) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i128::from(month <= 2), month, day)
}

/// The extensions in Go's order.
fn extensions(
    authority: bool,
    name: &[u8],
    public: &PublicKeyInfo,
    issuer_key_id: &[u8],
    names: &Names,
) -> Result<Vec<u8>, CertificateError> {
    // Digital signature (bit 0) and key encipherment (bit 2); authorities also sign certificates (bit 5).
    let usage: &[u8] = if authority {
        &[2, 0b1010_0100]
    } else {
        &[5, 0b1010_0000]
    };
    let constraints: &[u8] = if authority { &[tag::BOOLEAN, 1, 0xff] } else { &[] };
    let purposes = der::sequence(&[
        &der::element(tag::OID, oid::SERVER_AUTH),
        &der::element(tag::OID, oid::CLIENT_AUTH),
    ]);
    let mut all = vec![
        extension(oid::KEY_USAGE, true, &der::element(tag::BIT_STRING, usage)),
        extension(oid::EXT_KEY_USAGE, false, &purposes),
        extension(
            oid::BASIC_CONSTRAINTS,
            true,
            &der::element(tag::SEQUENCE, constraints),
        ),
    ];
    if authority {
        // The first 160 bits of SHA-256, as Go does since 1.25 (RFC 7093).
        let hash = Sha256::digest(&public.key);
        let identifier = hash.get(..20).unwrap_or_default();
        all.push(extension(
            oid::SUBJECT_KEY_ID,
            false,
            &der::element(tag::OCTET_STRING, identifier),
        ));
    }
    if !issuer_key_id.is_empty() {
        let identifier = der::sequence(&[&der::element(tag::implicit(0), issuer_key_id)]);
        all.push(extension(oid::AUTHORITY_KEY_ID, false, &identifier));
    }
    if !names.dns.is_empty() || !names.ips.is_empty() {
        // Without a subject, the alternative names are all there is to go by.
        all.push(extension(
            oid::SUBJECT_ALT_NAME,
            name == der::sequence(&[]),
            &alternative_names(names)?,
        ));
    }
    Ok(der::element(tag::SEQUENCE, &all.concat()))
}

fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[tag::BOOLEAN, 1, 0xff] } else { &[] };
    der::sequence(&[
        &der::element(tag::OID, id),
        critical,
        &der::element(tag::OCTET_STRING, value),
    ])
}

fn alternative_names(names: &Names) -> Result<Vec<u8>, CertificateError> {
    let mut all = Vec::new();
    for name in &names.dns {
        if !name.is_ascii() {
            return Err(CertificateError::NameNotAscii { name: name.clone() });
        }
        all.extend(der::element(tag::implicit(2), name));
    }
    for ip in &names.ips {
        // An IPv4 address in IPv6's clothes is written as the IPv4 address.
        all.extend(match ip.to_canonical() {
            IpAddr::V4(ip) => der::element(tag::implicit(7), &ip.octets()),
            IpAddr::V6(ip) => der::element(tag::implicit(7), &ip.octets()),
        });
    }
    Ok(der::element(tag::SEQUENCE, &all))
}
