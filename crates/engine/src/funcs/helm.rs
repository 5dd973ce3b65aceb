//! Helm's functions: `include`, `tpl`, `required`, `lookup` and relatives.

use super::{Builtin, func};
use crate::context::Context;
use crate::error::FnError;
use crate::value::{GoStr, Map, Value};

pub(crate) const FUNCS: &[Builtin] = &[
    func!("include", include),
    func!("tpl", tpl),
    func!("required", required),
    func!("fail", fail),
    func!("lookup", lookup),
    func!("getHostByName", get_host_by_name),
];

/// What `name` prints for `data`.
fn include(context: &mut Context<'_>, name: GoStr, data: Value) -> Result<GoStr, FnError> {
    context.include(&name, data)
}

/// What `text`, executed as a template, prints for `data`.
fn tpl(context: &mut Context<'_>, text: GoStr, data: Value) -> Result<GoStr, FnError> {
    context.tpl(&text, data)
}

/// `value`, or the error `message` if it is nil or the empty string.
fn required(context: &mut Context<'_>, message: GoStr, value: Value) -> Result<Value, FnError> {
    let missing = match &value {
        Value::Nil => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    if !missing {
        return Ok(value);
    }
    if context.is_lint() {
        Ok(Value::String(GoStr::EMPTY))
    } else {
        Err(chart_error(&message))
    }
}

/// Ends the render with the error `message`.
fn fail(context: &mut Context<'_>, message: GoStr) -> Result<GoStr, FnError> {
    if context.is_lint() {
        Ok(GoStr::EMPTY)
    } else {
        Err(chart_error(&message))
    }
}

/// A message of the chart's author, marked so that it is found again however often it is wrapped.
fn chart_error(message: &GoStr) -> FnError {
    FnError::new(format!(
        "{}{message}{}",
        crate::error::CHART_ERROR_START,
        crate::error::CHART_ERROR_END
    ))
}

/// A resource of the cluster.
fn lookup(
    context: &mut Context<'_>,
    api_version: GoStr,
    kind: GoStr,
    namespace: GoStr,
    name: GoStr,
) -> Result<Map, FnError> {
    if context.is_lint() {
        return Ok(Map::new());
    }
    context.host().lookup(
        &api_version.to_str_lossy(),
        &kind.to_str_lossy(),
        &namespace.to_str_lossy(),
        &name.to_str_lossy(),
    )
}

/// An address of `name`.
fn get_host_by_name(context: &mut Context<'_>, name: GoStr) -> String {
    context.host().get_host_by_name(&name.to_str_lossy())
}
