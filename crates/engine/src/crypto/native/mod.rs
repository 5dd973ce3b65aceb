//! AWS-LC for what takes time: RSA keys, several at once (`lanes`), and signatures.
//!
//! Keys come from the operating system's randomness, not the host's, so rendering does not call this; a host that
//! wants speed over repeatability answers [`crate::Host::generate_rsa`] with it, or keeps a pool of keys.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

use super::keys::PrivateKey;
use super::pem::Pem;
use lanes::Lanes;

mod lanes;

static LANES: Lanes = Lanes::new();

/// A fresh RSA key as PKCS#1 PEM; `None` for sizes other than 2048, 3072, 4096 and 8192 bits.
#[must_use]
pub fn generate_rsa(bits: usize) -> Option<String> {
    let size = match bits {
        2048 => KeySize::Rsa2048,
        3072 => KeySize::Rsa3072,
        4096 => KeySize::Rsa4096,
        8192 => KeySize::Rsa8192,
        _ => return None,
    };
    LANES.take(bits, move || generate(size))
}

fn generate(size: KeySize) -> Option<String> {
    let pair = KeyPair::generate(size).ok()?;
    let der: Pkcs8V1Der<'_> = pair.as_der().ok()?;
    PrivateKey::from_pem(Pem::encode("PRIVATE KEY", der.as_ref()).as_bytes())
        .ok()?
        .to_pem()
        .ok()
}

/// A PKCS#1 v1.5 signature over SHA-256, by a PKCS#1 key.
pub(super) fn sign_rsa(key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let pair = RsaKeyPair::from_der(key).ok()?;
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
        .ok()?;
    Some(signature)
}

#[cfg(test)]
mod tests {
    use rsa::Pkcs1v15Sign;
    use sha2::{Digest, Sha256};

    use super::super::keys::pkcs1;
    use super::*;

    #[test]
    fn keys_are_pkcs1_and_signatures_are_the_portable_ones() {
        let pem = generate_rsa(2048).unwrap();
        assert!(pem.starts_with("-----BEGIN RSA PRIVATE KEY-----\n"), "{pem}");
        let PrivateKey::Rsa(key) = PrivateKey::from_pem(pem.as_bytes()).unwrap() else {
            panic!("{pem}")
        };
        let portable = key
            .sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(b"message"))
            .unwrap();
        assert_eq!(sign_rsa(&pkcs1(&key), b"message"), Some(portable));
        assert_eq!(generate_rsa(1000), None);
    }
}
