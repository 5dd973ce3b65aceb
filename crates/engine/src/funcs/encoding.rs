//! Encodings: base64, base32, and Helm's `toYaml`, `fromJson`, `toToml` and relatives.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
