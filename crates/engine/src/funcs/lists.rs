//! Lists: sprig's `list`, `first`, `append`, `uniq` and relatives.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
