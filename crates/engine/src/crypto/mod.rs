//! What sprig's cryptographic functions need: digests, password hashes, AES, keys, PEM and X.509.
//!
//! Everything here is a function of its arguments; random bytes come from an [`Entropy`], the time is a parameter.
//! Template functions over it are in [`crate::funcs`]'s `crypto` file. Errors are typed and print Go's words.

mod base64;
mod certificate;
mod cipher;
mod der;
mod digest;
mod key_parse;
mod keys;
#[cfg(feature = "native-crypto")]
pub mod native;
mod password;
mod pem;
mod random;
mod x509;

pub use self::base64::{Base64Error, decode as decode_base64, encode as encode_base64};
pub use certificate::{Authority, Certificate, CertificateError, Issuer, Names, Subject};
pub use cipher::{CipherError, decrypt_aes, encrypt_aes};
pub use digest::{adler32, sha1_hex, sha256_hex, sha512_hex};
pub use key_parse::KeyError;
pub use keys::{KeyKind, PrivateKey};
pub use password::{bcrypt, derive_password, htpasswd};
pub use pem::Pem;
pub use random::{Entropy, NoEntropy, below, random_string, shuffle, uuid_v4};

#[cfg(test)]
mod tests;
