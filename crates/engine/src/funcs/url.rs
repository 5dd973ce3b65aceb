//! URLs: sprig's `urlParse` and `urlJoin`.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
