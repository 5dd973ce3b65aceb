//! What sprig's cryptographic functions need: digests, password hashes, AES, keys, PEM and X.509.
//!
//! Everything here is a function of its arguments; random bytes come from an [`Entropy`], the time is a parameter.
//! Template functions over it are in [`crate::funcs`]'s `crypto` file. They have all that takes more than a digest done as
//! [`Work`], here or, where the feature `crypto` is missing, by whoever the host knows. Errors are typed and print Go's
//! words.

mod base64;
#[cfg(feature = "crypto")]
mod certificate;
#[cfg(feature = "crypto")]
mod cipher;
#[cfg(feature = "crypto")]
mod der;
mod digest;
#[cfg(feature = "crypto")]
mod expander;
#[cfg(feature = "crypto")]
mod key_parse;
#[cfg(feature = "crypto")]
mod keys;
#[cfg(feature = "native-crypto")]
pub mod native;
#[cfg(feature = "crypto")]
mod password;
#[cfg(feature = "crypto")]
mod pem;
#[cfg(feature = "crypto")]
mod perform;
mod random;
mod work;
#[cfg(feature = "crypto")]
mod x509;

pub use self::base64::{Base64Error, decode as decode_base64, encode as encode_base64};
#[cfg(feature = "crypto")]
pub use certificate::{Authority, CertificateError, Issuer};
#[cfg(feature = "crypto")]
pub use cipher::{CipherError, decrypt_aes, encrypt_aes};
pub use digest::{adler32, sha1_hex, sha256_hex, sha512_hex};
#[cfg(feature = "crypto")]
pub use key_parse::KeyError;
#[cfg(feature = "crypto")]
pub use keys::PrivateKey;
#[cfg(feature = "crypto")]
pub use password::{bcrypt, derive_password, htpasswd};
#[cfg(feature = "crypto")]
pub use pem::Pem;
#[cfg(feature = "crypto")]
pub use perform::perform;
pub use random::{Entropy, NoEntropy, below, random_string, shuffle, uuid_v4};
pub use work::{
    Answer, Certificate, KeyKind, MAX_BCRYPT_PASSWORD, Names, Signer, Subject, Work, answer_from_bytes,
    answer_to_bytes,
};

#[cfg(all(test, feature = "crypto"))]
mod tests;
