//! Secrets that we draw ourselves: cookies of sessions, API tokens, links of a first start.
//!
//! Each has 256 random bits, so that a plain SHA-256 is enough to keep: nobody can try them all.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::secret::SecretString;
use crate::{Error, Result};

/// Random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal(error.to_string()))?;
    Ok(bytes)
}

/// A new secret of 43 characters that need no encoding anywhere.
pub(crate) fn secret() -> Result<SecretString> {
    Ok(SecretString::new(URL_SAFE_NO_PAD.encode(bytes::<32>()?)))
}

/// What is kept of a secret.
pub(crate) fn hash(secret: &SecretString) -> [u8; 32] {
    Sha256::digest(secret.expose().as_bytes()).into()
}

/// Another secret for another use, which tells nothing of the first.
pub(crate) fn derived(secret: &SecretString, usage: &str) -> SecretString {
    let mut hasher = Sha256::new();
    hasher.update(usage.as_bytes());
    hasher.update([0]);
    hasher.update(secret.expose().as_bytes());
    SecretString::new(URL_SAFE_NO_PAD.encode(hasher.finalize()))
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub(crate) fn is_same(one: &SecretString, other: &SecretString) -> bool {
    // Of the hashes: an attacker can aim at no particular bytes of them, whatever the comparison's time tells.
    hash(one) == hash(other)
}

#[cfg(test)]
mod tests {
    use super::{derived, hash, is_same, secret};

    #[test]
    fn secrets_are_long_and_new_each_time() {
        let (one, other) = (secret().expect("it is drawn"), secret().expect("it is drawn"));
        assert_eq!(one.expose().len(), 43);
        assert!(!is_same(&one, &other));
        assert!(is_same(&one, &one.clone()));
        assert_ne!(hash(&one), hash(&other));
        assert_ne!(derived(&one, "form"), derived(&one, "other"));
        assert_eq!(derived(&one, "form"), derived(&one, "form"));
    }
}
