//! AES-256-CBC as sprig's `encryptAES` and `decryptAES` use it.
//!
//! The key is the password itself, cut or padded with zeros to 32 bytes; the first block of the message is the
//! initialisation vector. That is weak, but charts that exchange data with others need exactly it.

use aes::Aes256;
use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

use super::base64::{self, Base64Error};
use super::random::{Entropy, NoEntropy};

const BLOCK: usize = 16;

/// Why a message cannot be encrypted or decrypted. The last four are Go's panics.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CipherError {
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    #[error(transparent)]
    Base64(#[from] Base64Error),
    #[error("runtime error: slice bounds out of range [:16] with capacity {capacity}")]
    TooShort { capacity: usize },
    #[error("crypto/cipher: input not full blocks")]
    NotFullBlocks,
    #[error("runtime error: index out of range [-1]")]
    NoBlocks,
    #[error("runtime error: slice bounds out of range [:{end}]")]
    BadPadding { end: i64 },
}

/// Encrypts `plaintext`, to base64.
pub fn encrypt_aes(
    password: &[u8],
    plaintext: &[u8],
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, CipherError> {
    if plaintext.is_empty() {
        return Ok(Vec::new());
    }
    let cipher = cipher_of(password);
    let mut chain = [0; BLOCK];
    entropy.fill(&mut chain)?;
    let mut message = chain.to_vec();
    let padding = BLOCK - plaintext.len() % BLOCK;
    let mut padded = plaintext.to_vec();
    padded.extend(std::iter::repeat_n(padding as u8, padding));
    for block in padded.as_chunks::<BLOCK>().0 {
        let mut mixed = Array::from(xor(*block, chain));
        cipher.encrypt_block(&mut mixed);
        chain = mixed.into();
        message.extend(chain);
    }
    Ok(base64::encode(&message))
}

/// Decrypts what [`encrypt_aes`] returned.
pub fn decrypt_aes(password: &[u8], message: &[u8]) -> Result<Vec<u8>, CipherError> {
    if message.is_empty() {
        return Ok(Vec::new());
    }
    let bytes = base64::decode(message)?;
    let Some((vector, encrypted)) = bytes.split_first_chunk::<BLOCK>() else {
        // Go slices the buffer it decoded into, which was sized from the length of the text.
        return Err(CipherError::TooShort {
            capacity: message.len() / 4 * 3,
        });
    };
    let (blocks, rest) = encrypted.as_chunks::<BLOCK>();
    if !rest.is_empty() {
        return Err(CipherError::NotFullBlocks);
    }
    let cipher = cipher_of(password);
    let mut chain = *vector;
    let mut plaintext = Vec::with_capacity(encrypted.len());
    for block in blocks {
        let mut mixed = Array::from(*block);
        cipher.decrypt_block(&mut mixed);
        plaintext.extend(xor(mixed.into(), chain));
        chain = *block;
    }
    let padding = plaintext.last().copied().ok_or(CipherError::NoBlocks)?;
    match plaintext.len().checked_sub(usize::from(padding)) {
        Some(length) => {
            plaintext.truncate(length);
            Ok(plaintext)
        }
        None => Err(CipherError::BadPadding {
            end: plaintext.len() as i64 - i64::from(padding),
        }),
    }
}

fn cipher_of(password: &[u8]) -> Aes256 {
    let mut key = [0; 32];
    key.iter_mut()
        .zip(password)
        .for_each(|(slot, byte)| *slot = *byte);
    Aes256::new(&key.into())
}

fn xor(mut block: [u8; BLOCK], other: [u8; BLOCK]) -> [u8; BLOCK] {
    block.iter_mut().zip(other).for_each(|(byte, mask)| *byte ^= mask);
    block
}

#[cfg(test)]
mod tests {
    use super::super::random::tests::Seeded;
    use super::*;

    #[test]
    fn decrypts_what_it_encrypted() {
        for plaintext in [&b"plain"[..], b"exactly 16 bytes", b"x"] {
            let message = encrypt_aes(b"k", plaintext, &mut Seeded(1)).unwrap();
            assert_eq!(decrypt_aes(b"k", &message).unwrap(), plaintext);
        }
        assert_eq!(encrypt_aes(b"k", b"", &mut Seeded(1)).unwrap(), b"");
        assert_eq!(decrypt_aes(b"k", b"").unwrap(), b"");
    }

    #[test]
    fn decrypts_a_message_of_openssl() {
        // printf hello | openssl enc -aes-256-cbc -K 6b00…00 -iv 000102…0f, the vector in front
        let message = b"AAECAwQFBgcICQoLDA0OD0hZRNgpkeCzbXDV0t0DdKc=";
        assert_eq!(decrypt_aes(b"k", message).unwrap(), b"hello");
    }

    #[test]
    fn errors_are_gos_panics() {
        let text = |message: &[u8]| decrypt_aes(b"k", message).unwrap_err().to_string();
        assert_eq!(text(b"bad"), "illegal base64 data at input byte 0");
        assert_eq!(
            text(b"YWJj"),
            "runtime error: slice bounds out of range [:16] with capacity 3"
        );
        assert_eq!(
            text(b"YWFhYWFhYWFhYWFhYWFhYWE="),
            "crypto/cipher: input not full blocks"
        );
        assert_eq!(
            text(b"YWFhYWFhYWFhYWFhYWFhYQ=="),
            "runtime error: index out of range [-1]"
        );
    }
}
