//! What is needed of a certificate that signs another one: its subject, its key and that key's identifier.

use super::der::{Reader, oid, tag};

/// A certificate as far as an issuer's is looked at.
#[derive(Clone, Debug)]
pub(super) struct Parsed {
    /// The subject, encoded.
    pub(super) subject: Vec<u8>,
    /// The `SubjectPublicKeyInfo`, encoded.
    pub(super) public_key: Vec<u8>,
    /// The subject key identifier, empty where there is none.
    pub(super) subject_key_id: Vec<u8>,
}

/// What Go's parser stumbles over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("x509: {what}")]
pub struct MalformedCertificate {
    /// In Go's words.
    pub what: &'static str,
}

/// Reads a DER certificate.
pub(super) fn parse(der: &[u8]) -> Result<Parsed, MalformedCertificate> {
    let malformed = |what| MalformedCertificate { what };
    let mut input = Reader::new(der);
    let mut certificate = input
        .enter(tag::SEQUENCE)
        .ok_or(malformed("malformed certificate"))?;
    let mut body = certificate
        .enter(tag::SEQUENCE)
        .ok_or(malformed("malformed tbs certificate"))?;

    let mut version = 1;
    if let Some(mut explicit) = body.enter(tag::explicit(0)) {
        let number = explicit.unsigned().ok_or(malformed("malformed version"))?;
        version = match number {
            [] => 1,
            [number @ 1..=2] => number + 1,
            _ => return Err(malformed("invalid version")),
        };
    }
    let serial = body
        .expect(tag::INTEGER)
        .ok_or(malformed("malformed serial number"))?;
    if serial.contents.first().is_none_or(|byte| *byte >= 0x80) {
        return Err(malformed("negative serial number"));
    }
    let inner = body
        .expect(tag::SEQUENCE)
        .ok_or(malformed("malformed signature algorithm identifier"))?;
    let outer = certificate
        .expect(tag::SEQUENCE)
        .ok_or(malformed("malformed algorithm identifier"))?;
    if inner.contents != outer.contents {
        return Err(malformed(
            "inner and outer signature algorithm identifiers don't match",
        ));
    }
    body.expect(tag::SEQUENCE).ok_or(malformed("malformed issuer"))?;
    body.expect(tag::SEQUENCE)
        .ok_or(malformed("malformed validity"))?;
    let subject = body.expect(tag::SEQUENCE).ok_or(malformed("malformed issuer"))?;
    let public_key = body.expect(tag::SEQUENCE).ok_or(malformed("malformed spki"))?;

    // Unique identifiers of version 2 are skipped.
    let _ = body.expect(tag::implicit(1));
    let _ = body.expect(tag::implicit(2));
    let mut subject_key_id = Vec::new();
    if version == 3
        && let Some(mut explicit) = body.enter(tag::explicit(3))
    {
        let mut extensions = explicit
            .enter(tag::SEQUENCE)
            .ok_or(malformed("malformed extensions"))?;
        while !extensions.is_empty() {
            let mut extension = extensions
                .enter(tag::SEQUENCE)
                .ok_or(malformed("malformed extension"))?;
            let id = extension
                .expect(tag::OID)
                .ok_or(malformed("malformed extension OID field"))?;
            let critical = extension
                .expect(tag::BOOLEAN)
                .is_some_and(|flag| flag.contents != [0]);
            let value = extension
                .expect(tag::OCTET_STRING)
                .ok_or(malformed("malformed extension value field"))?;
            if id.contents == oid::SUBJECT_KEY_ID {
                if critical {
                    return Err(malformed("subject key identifier incorrectly marked critical"));
                }
                let identifier = Reader::new(value.contents).expect(tag::OCTET_STRING);
                subject_key_id = identifier
                    .ok_or(malformed("invalid subject key identifier"))?
                    .contents
                    .to_vec();
            }
        }
    }
    certificate
        .expect(tag::BIT_STRING)
        .ok_or(malformed("malformed signature"))?;
    if !input.is_empty() {
        return Err(malformed("trailing data"));
    }
    Ok(Parsed {
        subject: subject.whole.to_vec(),
        public_key: public_key.whole.to_vec(),
        subject_key_id,
    })
}
