//! Paths: sprig's `base`, `dir`, `clean` and relatives.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
