//! Types: sprig's `kindOf`, `typeIs`, `deepEqual` and relatives.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
