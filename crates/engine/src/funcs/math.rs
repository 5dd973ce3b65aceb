//! Numbers: sprig's `int`, `add`, `round`, `until` and relatives.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
