//! Text that only the holder of a secret can read back: AES-256-GCM under a key made of the secret.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest as _, Sha256};

use crate::secret::SecretString;
use crate::{Error, Result, drawn};

/// Seals `text` under `secret`, one of [`drawn::secret`]'s: it is as random as a key has to be. `context` is what it is
/// for, and must be the same when it is opened.
pub(crate) fn seal(secret: &SecretString, context: &str, text: &str) -> Result<Vec<u8>> {
    let nonce = drawn::bytes::<NONCE_LEN>()?;
    let mut sealed = nonce.to_vec();
    let mut body = text.as_bytes().to_vec();
    key(secret)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(context.as_bytes()),
            &mut body,
        )
        .map_err(|_| Error::internal("a text could not be sealed"))?;
    sealed.append(&mut body);
    Ok(sealed)
}

/// The text, or nothing where it was sealed under another secret, for something else, or was changed since.
pub(crate) fn open(secret: &SecretString, context: &str, sealed: &[u8]) -> Option<SecretString> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>()?;
    let mut body = body.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let text = key(secret)
        .ok()?
        .open_in_place(nonce, Aad::from(context.as_bytes()), &mut body)
        .ok()?;
    std::str::from_utf8(text).ok().map(SecretString::new)
}

fn key(secret: &SecretString) -> Result<LessSafeKey> {
    let mut hasher = Sha256::new();
    hasher.update(b"chartroom seal\0");
    hasher.update(secret.expose().as_bytes());
    let key = UnboundKey::new(&AES_256_GCM, &hasher.finalize());
    let key = key.map_err(|_| Error::internal("a key could not be made"))?;
    Ok(LessSafeKey::new(key))
}

#[cfg(test)]
mod tests {
    use super::{open, seal};
    use crate::drawn;

    #[test]
    fn only_the_secret_and_the_use_it_was_sealed_for_open_a_text() {
        let (secret, other) = (drawn::secret().expect("drawn"), drawn::secret().expect("drawn"));
        let sealed = seal(&secret, "token of prod", "eyJ.abc").expect("sealed");
        let opened = |secret, context, sealed: &[u8]| {
            open(secret, context, sealed).map(|text| text.expose().to_owned())
        };
        assert_eq!(
            opened(&secret, "token of prod", &sealed).as_deref(),
            Some("eyJ.abc")
        );
        assert_eq!(opened(&other, "token of prod", &sealed), None);
        assert_eq!(opened(&secret, "token of test", &sealed), None);
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert_eq!(opened(&secret, "token of prod", &damaged), None, "byte {at}");
        }
        for short in 0..sealed.len() {
            assert_eq!(opened(&secret, "token of prod", &sealed[..short]), None);
        }
        // The same text is never sealed to the same bytes.
        assert_ne!(seal(&secret, "token of prod", "eyJ.abc").expect("sealed"), sealed);
    }
}
