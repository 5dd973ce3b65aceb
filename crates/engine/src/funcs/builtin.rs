//! Go's own functions: `and`, `eq`, `index`, `printf` and relatives.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
