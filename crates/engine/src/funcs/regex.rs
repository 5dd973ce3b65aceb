//! Regular expressions: sprig's `regexMatch` and relatives.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
