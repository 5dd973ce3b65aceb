//! Signatures with a certificate of an identity ("keyless"): a key that lives for minutes, certified by an authority for
//! whoever showed a token of an issuer, and an entry in a transparency log that says when it was used.
//!
//! What is trusted is what the operator gave: roots of authorities, public keys of logs, and identities with their
//! issuers. [`log`] checks that a log promised to keep the entry and that the entry is of this signature, [`certificate`]
//! reads who a certificate is for. The path from the certificate to a root is `webpki`'s, at the time of the entry.
//!
//! Timestamps of certificates (SCT) are not looked at: who may certify is the operator's to say, and no log of
//! certificates changes that.

mod certificate;
mod log;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, aws_lc_rs};

use self::certificate::Subject;
pub(super) use self::log::{Entry, Recorded};
use super::Trust;
use super::key::{KeyError, PublicKey};
use crate::outcome::shown;
use crate::{Bad, Outcome, Signer, SignerKind, Unverified, Verified};

/// Certificates between one of an identity and a root, at most.
const MAX_CHAIN: usize = 8;
/// `id-kp-codeSigning` (RFC 5280, section 4.2.1.12).
const CODE_SIGNING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03];
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
const ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    aws_lc_rs::ECDSA_P256_SHA256,
    aws_lc_rs::ECDSA_P256_SHA384,
    aws_lc_rs::ECDSA_P384_SHA256,
    aws_lc_rs::ECDSA_P384_SHA384,
    aws_lc_rs::ED25519,
    aws_lc_rs::RSA_PKCS1_2048_8192_SHA256,
    aws_lc_rs::RSA_PKCS1_2048_8192_SHA384,
    aws_lc_rs::RSA_PKCS1_2048_8192_SHA512,
];

/// Whose certificates count.
#[derive(Clone, Debug, Default)]
pub(super) struct Authorities {
    roots: Vec<TrustAnchor<'static>>,
    logs: log::Logs,
    identities: Vec<Identity>,
}

/// Somebody who may sign.
#[derive(Clone, Debug)]
struct Identity {
    issuer: String,
    /// `*` stands for any text.
    name: String,
}

/// Why a file has no certificates of authorities.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    /// Not PEM, or something else in it.
    #[error("it is not one or more certificates in PEM")]
    NotPem,
    /// One that cannot be read.
    #[error("certificate {at} in it cannot be used: {problem}")]
    Unusable {
        /// Counted from 1.
        at: usize,
        /// As `webpki` says it.
        problem: String,
    },
}

impl Authorities {
    pub(super) fn add_roots(&mut self, file: &[u8]) -> Result<(), RootError> {
        let text = std::str::from_utf8(file).map_err(|_| RootError::NotPem)?;
        let certificates = certificates(text).filter(|found| !found.is_empty());
        for (n, der) in certificates.ok_or(RootError::NotPem)?.iter().enumerate() {
            let root = anchor_from_trusted_cert(der).map_err(|error| RootError::Unusable {
                at: n + 1,
                problem: error.to_string(),
            })?;
            self.roots.push(root.to_owned());
        }
        Ok(())
    }

    pub(super) fn add_log(&mut self, file: &[u8]) -> Result<(), KeyError> {
        self.logs.add(PublicKey::from_pem(file)?);
        Ok(())
    }

    pub(super) fn add_identity(&mut self, issuer: &str, name: &str) {
        self.identities.push(Identity {
            issuer: issuer.to_owned(),
            name: name.to_owned(),
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.roots.is_empty() || self.logs.is_empty() || self.identities.is_empty()
    }

    fn trusts(&self, subject: &Subject) -> bool {
        let mut identities = self.identities.iter();
        identities.any(|it| it.issuer == subject.issuer && matches(&it.name, &subject.name))
    }
}

/// A signature with its certificate.
pub(super) struct Certified<'a> {
    /// What is signed.
    pub(super) message: &'a [u8],
    pub(super) signature: &'a [u8],
    /// DER.
    pub(super) certificate: &'a [u8],
    /// DER, each of an authority that another certified.
    pub(super) chain: &'a [CertificateDer<'a>],
    pub(super) entry: Option<Entry>,
    /// What the entry has to be about.
    pub(super) recorded: Recorded<'a>,
}

/// What a signature with a certificate is worth.
pub(super) fn verify(trust: &Trust, certified: &Certified<'_>) -> Outcome {
    check(&trust.authorities, certified).unwrap_or_else(|outcome| outcome)
}

fn check(authorities: &Authorities, certified: &Certified<'_>) -> Result<Outcome, Outcome> {
    if authorities.is_empty() {
        return Err(Unverified::NoRoots.into());
    }
    let bad = |problem: &str| Bad::Certificate {
        problem: problem.to_owned(),
    };
    let Some(entry) = &certified.entry else {
        return Err(Bad::Log {
            problem:
                "there is none, so nothing says when the certificate was used: sign with an upload to the log"
                    .to_owned(),
        }
        .into());
    };
    let integrated_at = entry.verify(&authorities.logs, certified)?;
    let der = CertificateDer::from(certified.certificate);
    let certificate = EndEntityCert::try_from(&der).map_err(|_| bad("it cannot be read"))?;
    let subject = Subject::read(certified.certificate).map_err(bad)?;
    let at = u64::try_from(integrated_at).map_err(|_| bad("it was used before 1970"))?;
    if certified.chain.len() > MAX_CHAIN {
        return Err(bad("more certificates come with it than there can be").into());
    }
    let path = certificate.verify_for_usage(
        ALGORITHMS,
        &authorities.roots,
        certified.chain,
        UnixTime::since_unix_epoch(Duration::from_secs(at)),
        // The certificate itself must say it, which `Subject` sees to.
        KeyUsage::required_if_present(CODE_SIGNING),
        None,
        None,
    );
    match path {
        Ok(_) => {}
        // Nobody stops an authority from taking the name of another.
        Err(webpki::Error::UnknownIssuer | webpki::Error::InvalidSignatureForPublicKey) => {
            return Err(Unverified::UnknownAuthority.into());
        }
        Err(error) => return Err(bad(&format!("{error}, at the time of the entry in the log")).into()),
    }
    let info = certificate.subject_public_key_info();
    let key = PublicKey::from_der(&info).ok_or_else(|| bad("its key is of a kind that is not supported"))?;
    if !key.made(certified.message, certified.signature) {
        return Err(Bad::Mismatch.into());
    }
    if !authorities.trusts(&subject) {
        return Err(Unverified::UnknownIdentity {
            name: shown(&subject.name),
            issuer: shown(&subject.issuer),
        }
        .into());
    }
    Ok(Outcome::Verified(Verified {
        by: Signer {
            kind: SignerKind::Certificate,
            fingerprint: key.fingerprint,
            names: vec![shown(&subject.name)],
            issuer: Some(shown(&subject.issuer)),
        },
        signed_at: Some(integrated_at),
    }))
}

/// Certificates in PEM, one after another and nothing else.
pub(super) fn certificates(text: &str) -> Option<Vec<CertificateDer<'static>>> {
    let mut rest = text.trim();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (inside, after) = rest.strip_prefix(BEGIN)?.split_once(END)?;
        let encoded: String = inside.split_ascii_whitespace().collect();
        found.push(CertificateDer::from(STANDARD.decode(encoded).ok()?));
        rest = after.trim_start();
    }
    Some(found)
}

/// Whether a text is what a pattern says: `*` stands for any text, everything else for itself.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part).and_then(|at| rest.get(at + part.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text, want) in [
            ("ada@example.com", "ada@example.com", true),
            ("ada@example.com", "ada@example.com.evil.org", false),
            ("ada@example.com", "xada@example.com", false),
            ("*@example.com", "ada@example.com", true),
            ("*@example.com", "ada@example.com.evil.org", false),
            (
                "https://x/r.yml@refs/tags/*",
                "https://x/r.yml@refs/tags/v1",
                true,
            ),
            (
                "https://x/r.yml@refs/tags/*",
                "https://x/r.yml@refs/heads/v1",
                false,
            ),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "acb", false),
            ("a*ba", "aba", true),
            ("a*aba", "aba", false),
            ("**", "x", true),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), want, "{pattern} {text}");
        }
    }
}
