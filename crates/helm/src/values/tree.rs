//! Values as plain data: what YAML and `--set` produce, before templates see it.
//!
//! Templates compute with [`engine::value::Value`], whose maps are shared and mutable and belong to one render. A
//! [`Tree`] is owned, `Send + Sync` and can be kept with a chart between renders.

use std::collections::BTreeMap;

use engine::value::{GoStr, List, Map, Value};

/// A mapping, in the order of its keys.
pub type Table = BTreeMap<GoStr, Tree>;

/// A value of a values file.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Tree {
    #[default]
    Null,
    Bool(bool),
    /// Only from `--set`: files are read as JSON is, where every number is a [`Tree::Float`].
    Int(i64),
    Float(f64),
    String(GoStr),
    List(Vec<Self>),
    Table(Table),
}

impl Tree {
    /// The mapping, if it is one.
    pub fn as_table(&self) -> Option<&Table> {
        match self {
            Self::Table(table) => Some(table),
            _ => None,
        }
    }

    /// A template value that shares nothing with this tree.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Nil,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Int(number) => Value::int64(*number),
            Self::Float(number) => Value::Float(*number),
            Self::String(text) => Value::String(text.clone()),
            Self::List(items) => Value::List(items.iter().map(Self::to_value).collect::<List>()),
            Self::Table(table) => Value::Map(to_map(table)),
        }
    }

    /// The plain data of a template value. Objects, which no values file can hold, become null.
    pub fn from_value(value: &Value) -> Self {
        match value {
            Value::Nil | Value::Complex(..) | Value::Object(_) => Self::Null,
            Value::Bool(bool) => Self::Bool(*bool),
            Value::Int(_, number) => Self::Int(*number),
            Value::Uint(_, number) => i64::try_from(*number).map_or(Self::Float(*number as f64), Self::Int),
            Value::Float(number) => Self::Float(*number),
            Value::Float32(number) => Self::Float(f64::from(*number)),
            Value::String(text) | Value::Bytes(text) => Self::String(text.clone()),
            Value::List(list) => Self::List(list.iter().map(Self::from_value).collect()),
            Value::Map(map) => Self::Table(from_map(map)),
        }
    }

    /// The tree of a JSON value, every number a float as Go's `encoding/json` decodes it.
    pub fn from_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(bool) => Self::Bool(*bool),
            serde_json::Value::Number(number) => Self::Float(number.as_f64().unwrap_or(f64::MAX)),
            serde_json::Value::String(text) => Self::String(text.as_str().into()),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            serde_json::Value::Object(object) => {
                let entries = object
                    .iter()
                    .map(|(key, value)| (key.as_str().into(), Self::from_json(value)));
                Self::Table(entries.collect())
            }
        }
    }

    /// The JSON that Go would store: whole numbers without a fraction.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(bool) => (*bool).into(),
            Self::Int(number) => (*number).into(),
            Self::Float(number) => float_to_json(*number),
            Self::String(text) => text.to_str_lossy().into_owned().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Table(table) => serde_json::Value::Object(table_to_json(table)),
        }
    }
}

/// [`Tree::to_json`] for a whole table.
pub(crate) fn table_to_json(table: &Table) -> serde_json::Map<String, serde_json::Value> {
    table
        .iter()
        .map(|(key, value)| (key.to_str_lossy().into_owned(), value.to_json()))
        .collect()
}

/// The largest magnitude below which every whole float is exactly one integer.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

fn float_to_json(number: f64) -> serde_json::Value {
    if number.fract() == 0.0 && number.abs() <= MAX_EXACT {
        (number as i64).into()
    } else {
        number.into()
    }
}

/// [`Tree::to_value`] for a whole table.
pub(crate) fn to_map(table: &Table) -> Map {
    table
        .iter()
        .map(|(key, value)| (key.clone(), value.to_value()))
        .collect()
}

/// [`Tree::from_value`] for a whole map.
pub(crate) fn from_map(map: &Map) -> Table {
    let mut table = Table::new();
    map.for_each(|key, value| {
        table.insert(key.clone(), Tree::from_value(value));
    });
    table
}

/// Lays `over` on `base`: what several values files in a row amount to. Nulls are values like any other here.
pub fn merge_over(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Tree::Table(below)), Tree::Table(above)) => merge_over(below, above),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_files_win_key_by_key() {
        let tree = |json| Tree::from_json(&serde_json::from_str(json).unwrap());
        let Tree::Table(mut base) = tree(r#"{"a":{"b":1,"c":2},"d":[1],"e":{}}"#) else {
            panic!("table")
        };
        let Tree::Table(over) = tree(r#"{"a":{"c":null},"d":{},"e":5}"#) else {
            panic!("table")
        };
        merge_over(&mut base, over);
        assert_eq!(Tree::Table(base), tree(r#"{"a":{"b":1,"c":null},"d":{},"e":5}"#));
    }

    #[test]
    fn json_goes_both_ways() {
        let json = serde_json::json!({"a": [1, 2.5, 1e21, "x", null, true], "b": {}});
        let tree = Tree::from_json(&json);
        assert_eq!(
            tree.to_json().to_string(),
            r#"{"a":[1,2.5,1e+21,"x",null,true],"b":{}}"#
        );
        assert_eq!(Tree::from_value(&tree.to_value()), tree);
    }
}
