//! Does the [`Work`] of template functions with the cryptography of this crate.

use super::certificate::{Authority, Issuer};
use super::keys::PrivateKey;
use super::random::{Entropy, NoEntropy};
use super::work::{Answer, Certificate, Signer, Work};
use super::{cipher, password};

/// Random bytes that were drawn before.
struct Drawn<'a>(&'a [u8]);

impl Entropy for Drawn<'_> {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        let (drawn, rest) = self.0.split_at_checked(buffer.len()).ok_or(NoEntropy)?;
        buffer.copy_from_slice(drawn);
        self.0 = rest;
        Ok(())
    }
}

/// Does the work.
pub fn perform(work: &Work<'_>) -> Answer {
    match work {
        Work::Bcrypt { password, salt } => one(password::bcrypt(password, &mut Drawn(salt))),
        Work::Htpasswd { user, password, salt } => one(password::htpasswd(user, password, &mut Drawn(salt))),
        Work::DerivePassword {
            counter,
            kind,
            password,
            user,
            site,
        } => Ok(vec![password::derive_password(
            *counter, kind, password, user, site,
        )]),
        Work::EncryptAes {
            password,
            plaintext,
            vector,
        } => one(cipher::encrypt_aes(password, plaintext, &mut Drawn(vector))),
        Work::DecryptAes { password, message } => one(cipher::decrypt_aes(password, message)),
        Work::GenerateKey { kind, seed } => {
            one(said(PrivateKey::generate(*kind, &mut Drawn(seed)))?.to_pem())
        }
        Work::ReadKey { pem } => one(said(PrivateKey::from_pem(pem))?.to_pem()),
        Work::CheckKey { pem } => said(PrivateKey::from_pem(pem)).map(|_| Vec::new()),
        Work::CheckAuthority { authority } => said(Authority::open(authority)).map(|_| Vec::new()),
        Work::ReadCertificate { cert, key } => two(Certificate::from_base64(cert, key)),
        Work::Certify {
            subject,
            names,
            signer,
            key,
            serial,
        } => {
            let key = said(PrivateKey::from_pem(key))?;
            let authority;
            let issuer = match signer {
                Signer::NewAuthority => Issuer::NewAuthority,
                Signer::Itself => Issuer::Itself,
                Signer::Authority(pair) => {
                    authority = said(Authority::open(pair))?;
                    Issuer::Authority(&authority)
                }
            };
            two(Certificate::generate(
                *subject,
                names,
                issuer,
                &key,
                &mut Drawn(serial),
            ))
        }
    }
}

/// A typed error in Go's words.
fn said<T>(result: Result<T, impl std::error::Error>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn one(result: Result<impl Into<Vec<u8>>, impl std::error::Error>) -> Answer {
    said(result).map(|text| vec![text.into()])
}

fn two(result: Result<Certificate, impl std::error::Error>) -> Answer {
    said(result).map(|Certificate { cert, key }| vec![cert, key])
}
