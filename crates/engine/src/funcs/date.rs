//! Dates: sprig's `now`, `date`, `duration` and relatives.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
