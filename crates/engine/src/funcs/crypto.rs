//! Cryptography: sprig's `sha256sum`, `genCA`, `htpasswd` and relatives.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
