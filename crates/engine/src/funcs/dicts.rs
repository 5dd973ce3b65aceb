//! Dictionaries: sprig's `dict`, `get`, `set`, `merge` and relatives.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
