//! Versions: sprig's `semver` and `semverCompare`.

use super::Builtin;

pub(crate) const FUNCS: &[Builtin] = &[];
