//! `common.Values`: the type of `.Values`, of a template's context and of `.Template`.

use engine::funcs::Builtin;
use engine::value::{GoStr, Kind, Map, Named, Type, Value};
use engine::{Context, FnError};

use super::method;
use crate::values::{NoTable, lookup_table, path_value};

/// `common.Values`
pub(crate) static VALUES: Named = Named {
    name: "common.Values",
    kind: Kind::Map,
    elem: Type::Interface,
    methods: METHODS,
};

const METHODS: &[Builtin] = &[
    method!("AsMap", as_map),
    method!("PathValue", path_value_method),
    method!("Table", table),
    method!("YAML", yaml),
];

fn receiver(values: &Value) -> Map {
    values.as_map().cloned().unwrap_or_default()
}

/// The same table without its methods.
fn as_map(values: Value) -> Map {
    receiver(&values).unnamed()
}

/// The table at a dotted path.
fn table(values: Value, path: GoStr) -> Result<Value, FnError> {
    let found = lookup_table(&receiver(&values), &path.to_str_lossy());
    found
        .map(|table| Value::Map(table.retyped(&VALUES)))
        .map_err(|error| FnError::new(error.to_string()))
}

/// The value at a dotted path, tables excluded.
fn path_value_method(values: Value, path: GoStr) -> Result<Value, FnError> {
    if path.is_empty() {
        return Err("YAML path cannot be empty".into());
    }
    let path = path.to_str_lossy();
    path_value(&receiver(&values), &path).ok_or_else(|| {
        let key = path.rsplit('.').next().unwrap_or_default().to_owned();
        FnError::new(NoTable { key }.to_string().replace("a table", "a value"))
    })
}

fn yaml(context: &mut Context<'_>, values: Value) -> Result<GoStr, FnError> {
    let limit = context.budget().limits().max_string_bytes;
    let text = engine::yaml::encode(&values, limit).map_err(|error| FnError::new(error.to_string()))?;
    context.budget().string(text.len())?;
    Ok(format!("{text}\n").into())
}
