//! Finding tables and values by dotted path, as Go's `common.Values` does.

use engine::value::{Map, Value};

/// There is no table at a path; `key` is the component that is missing or something else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a table", engine::strconv::quote(.key.as_bytes()))]
pub(crate) struct NoTable {
    pub(crate) key: String,
}

/// The table at `path`.
pub(crate) fn lookup_table(values: &Map, path: &str) -> Result<Map, NoTable> {
    let mut table = values.clone();
    for key in path.split('.') {
        match table.get(key) {
            Some(Value::Map(inner)) => table = inner,
            _ => return Err(NoTable { key: key.to_owned() }),
        }
    }
    Ok(table)
}

/// The value at `path`, unless it is absent or itself a table.
pub(crate) fn path_value(values: &Map, path: &str) -> Option<Value> {
    let (table, key) = match path.rsplit_once('.') {
        Some((parents, key)) => (lookup_table(values, parents).ok()?, key),
        None => (values.clone(), path),
    };
    table.get(key).filter(|value| value.as_map().is_none())
}
