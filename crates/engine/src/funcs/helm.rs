//! Helm's functions: `include`, `tpl`, `required`, `lookup` and relatives.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
