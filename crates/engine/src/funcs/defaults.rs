//! Defaults: sprig's `default`, `empty`, `coalesce`, `ternary` and relatives.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
