//! Strings: sprig's `trim`, `trunc`, `upper` and relatives.

use super::argtypes::Int;
use super::{Builtin, func};
use crate::context::Context;
use crate::error::FnError;
use crate::value::GoStr;

pub(crate) const FUNCS: &[Builtin] = &[func!("trunc", trunc), func!("repeat", repeat)];

/// Cuts `s` to its first `n` bytes, or its last `-n` when `n` is negative.
// Bytes, not characters, as sprig slices a Go string: it may split a code point, and templates rely on the
// length (63-byte labels).
fn trunc(n: Int, s: GoStr) -> GoStr {
    let wanted = usize::try_from(n.0.unsigned_abs()).unwrap_or(usize::MAX);
    if s.len() <= wanted {
        s
    } else if n.0 < 0 {
        s.slice(s.len() - wanted, s.len())
    } else {
        s.slice(0, wanted)
    }
}

/// `n` copies of `s`.
fn repeat(context: &mut Context<'_>, n: Int, s: GoStr) -> Result<GoStr, FnError> {
    let Ok(n) = usize::try_from(n.0) else {
        return Err("strings: negative Repeat count".into());
    };
    context.budget().string(s.len().saturating_mul(n))?;
    Ok(s.as_bytes().repeat(n).into())
}
