//! Keys, certificates and ciphers behind the cryptographic functions.
