//! Flow: sprig's `fail`.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
