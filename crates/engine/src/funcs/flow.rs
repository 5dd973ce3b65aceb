//! Flow: sprig's `fail`. Helm's own `fail`, which wins in a chart, is in `helm.rs`.

use super::{Builtin, func};
use crate::error::FnError;
use crate::value::GoStr;

pub(crate) const FUNCS: &[Builtin] = &[func!("fail", fail)];

/// Ends the execution with the given message.
fn fail(message: GoStr) -> Result<GoStr, FnError> {
    Err(FnError::new(message.to_str_lossy()))
}
