//! Helm's coalescing: user values over chart defaults, globals down into subcharts, nulls that delete.
//!
//! Follows `pkg/chart/common/util/coalesce.go` step by step on shared maps, because Helm's results depend on which
//! tables two charts share: merging a subchart's global defaults, for one, reaches into the parent's nested globals.
//! Go walks maps in random order; here keys are walked in order.

use engine::value::{GoStr, Map, Value, deep_copy};

use super::Warnings;
use crate::dependencies::ChartNode;

const GLOBAL: &str = "global";

/// Which of Helm's two operations is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    /// `CoalesceValues`: nulls delete, null defaults vanish.
    Coalesce,
    /// `MergeValues`: nulls are kept for a later coalescing.
    KeepNulls,
}

/// A subchart's values are no table. The text formats the value with `%t`, as Helm mistakenly does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("type mismatch on {chart}: {value}")]
pub struct TypeMismatch {
    pub(crate) chart: String,
    pub(crate) value: String,
    /// It came to light while subcharts were switched on and off; Helm's commands say so.
    pub chooses_subcharts: bool,
}

impl TypeMismatch {
    pub(crate) fn while_choosing_subcharts(self) -> Self {
        Self {
            chooses_subcharts: true,
            ..self
        }
    }
}

/// `CoalesceValues` or `MergeValues` of a chart tree with `values`, which is not changed.
pub(crate) fn coalesce_values(
    chart: &ChartNode<'_>,
    values: &Map,
    merge: Merge,
    warnings: &mut Warnings,
) -> Result<Map, TypeMismatch> {
    let copy = match deep_copy(&Value::Map(values.unnamed())) {
        Value::Map(copy) if !copy.is_nil() => copy,
        _ => Map::new(),
    };
    coalesce(chart, &copy, "", merge, warnings)?;
    Ok(copy)
}

fn coalesce(
    chart: &ChartNode<'_>,
    destination: &Map,
    prefix: &str,
    merge: Merge,
    warnings: &mut Warnings,
) -> Result<(), TypeMismatch> {
    coalesce_defaults(chart, destination, prefix, merge, warnings);
    coalesce_dependencies(chart, destination, prefix, merge, warnings)
}

fn coalesce_dependencies(
    chart: &ChartNode<'_>,
    destination: &Map,
    prefix: &str,
    merge: Merge,
    warnings: &mut Warnings,
) -> Result<(), TypeMismatch> {
    for subchart in &chart.dependencies {
        let name = subchart.name();
        let table = match destination.get(name) {
            None => {
                let table = Map::new();
                destination.insert(name, table.clone());
                table
            }
            Some(Value::Map(table)) => table,
            Some(other) => {
                return Err(TypeMismatch {
                    chart: name.to_owned(),
                    value: percent_t(&other),
                    chooses_subcharts: false,
                });
            }
        };
        let prefix = join(prefix, chart.name());
        coalesce_globals(&table, destination, &prefix, warnings);
        coalesce(subchart, &table, &prefix, merge, warnings)?;
    }
    Ok(())
}

/// Copies the globals of `source` (the parent's values) into `destination` (a subchart's).
fn coalesce_globals(destination: &Map, source: &Map, prefix: &str, warnings: &mut Warnings) {
    let globals_of = |values: &Map| match values.get(GLOBAL) {
        None => Some(Map::new()),
        Some(Value::Map(globals)) => Some(globals),
        Some(_) => None,
    };
    let Some(into) = globals_of(destination) else {
        warnings.push("warning: skipping globals because destination global is not a table.".to_owned());
        return;
    };
    let Some(from) = globals_of(source) else {
        warnings.push("warning: skipping globals because source global is not a table.".to_owned());
        return;
    };
    for (key, value) in from.entries() {
        let existing = into.get(&key);
        match (value, existing) {
            (Value::Map(table), None) => into.insert(key, table.shallow_copy()),
            (Value::Map(table), Some(Value::Map(below))) => {
                // The parent's globals win, so they are the destination here; only the top level is a copy.
                let copy = table.shallow_copy();
                coalesce_tables(&copy, &below, &join_key(prefix, &key), Merge::KeepNulls, warnings);
                into.insert(key, copy);
            }
            (Value::Map(_), Some(_)) => {
                let key = engine::strconv::quote(key.as_bytes());
                warnings.push(format!(
                    "Conflict: cannot merge map onto non-map for {key}. Skipping."
                ));
            }
            (_, Some(Value::Map(_))) => {
                warnings.push(format!("key {} is table. Skipping", key.to_str_lossy()));
            }
            (value, _) => into.insert(key, value),
        }
    }
    destination.insert(GLOBAL, into);
}

/// Lays `values` over the defaults of one chart.
fn coalesce_defaults(
    chart: &ChartNode<'_>,
    values: &Map,
    prefix: &str,
    merge: Merge,
    warnings: &mut Warnings,
) {
    let prefix = join(prefix, chart.name());
    for (key, default) in chart.values.fresh_entries() {
        match values.get(&key) {
            Some(Value::Nil) if merge == Merge::Coalesce => {
                values.remove(&key);
            }
            Some(Value::Map(table)) => match default {
                Value::Map(defaults) => {
                    // A subchart's own pass comes later and needs to see the nulls.
                    let is_subchart = chart.dependencies.iter().any(|subchart| key == *subchart.name());
                    let merge = if is_subchart { Merge::KeepNulls } else { merge };
                    if merge == Merge::Coalesce {
                        drop_nulls(&defaults);
                    }
                    coalesce_tables(&table, &defaults, &join_key(&prefix, &key), merge, warnings);
                }
                Value::Nil => {}
                _ => warnings.push(format!(
                    "warning: skipped value for {}: Not a table.",
                    join_key(&prefix, &key)
                )),
            },
            Some(_) => {}
            None => {
                if merge == Merge::Coalesce {
                    match &default {
                        Value::Nil => continue,
                        Value::Map(table) => drop_nulls(table),
                        _ => {}
                    }
                }
                values.insert(key, default);
            }
        }
    }
}

/// `MergeTables`: `over` wins over `under`, and nulls are kept. Both may be changed.
pub(crate) fn merge_tables(over: &Map, under: &Map, warnings: &mut Warnings) {
    coalesce_tables(over, under, "", Merge::KeepNulls, warnings);
}

/// `CoalesceTables`: `over` wins over `under`, and its nulls delete. Both may be changed.
pub(crate) fn coalesce_over(over: &Map, under: &Map) {
    coalesce_tables(over, under, "", Merge::Coalesce, &mut Warnings::default());
}

fn coalesce_tables(destination: &Map, source: &Map, prefix: &str, merge: Merge, warnings: &mut Warnings) {
    let entries = source.entries();
    // What the source had before the destination's nulls are written into it: a null over a default deletes, a null
    // for a key the defaults do not have stays.
    let had_value = |key: &GoStr| {
        let found = entries.binary_search_by(|(candidate, _)| candidate.cmp(key));
        found
            .ok()
            .and_then(|at| entries.get(at))
            .is_some_and(|(_, value)| !matches!(value, Value::Nil))
    };
    for (key, value) in destination.entries() {
        if matches!(value, Value::Nil) {
            source.insert(key, Value::Nil);
        }
    }
    for (key, value) in source.entries() {
        let Some(existing) = destination.get(&key) else {
            destination.insert(key, value);
            continue;
        };
        match (existing, value) {
            (Value::Nil, _) if merge == Merge::Coalesce && had_value(&key) => {
                destination.remove(&key);
            }
            (Value::Map(existing), Value::Map(value)) => {
                coalesce_tables(&existing, &value, &join_key(prefix, &key), merge, warnings);
            }
            (_, value @ Value::Map(_)) => warnings.push(format!(
                "warning: cannot overwrite table with non table for {} ({})",
                join_key(prefix, &key),
                display(&value)
            )),
            (Value::Map(_), value) if !matches!(value, Value::Nil) => warnings.push(format!(
                "warning: destination for {} is a table. Ignoring non-table value ({})",
                join_key(prefix, &key),
                display(&value)
            )),
            _ => {}
        }
    }
}

/// Removes nulls from defaults, where they mean nothing and would shadow globals.
fn drop_nulls(table: &Map) {
    for (key, value) in table.entries() {
        match value {
            Value::Nil => {
                table.remove(&key);
            }
            Value::Map(inner) => drop_nulls(&inner),
            _ => {}
        }
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}

fn join_key(prefix: &str, key: &GoStr) -> String {
    join(prefix, &key.to_str_lossy())
}

/// `%v`
pub(crate) fn display(value: &Value) -> String {
    engine::fmt::sprint_value(value).to_str_lossy().into_owned()
}

/// `%t`, which prints booleans and complains about everything else.
fn percent_t(value: &Value) -> String {
    // Longer than any message anybody reads; a value that prints longer is cut off by the error alone.
    const LIMIT: usize = 64 * 1024;
    let text = engine::fmt::sprintf(&GoStr::from_static("%t"), std::slice::from_ref(value), LIMIT);
    text.map_or_else(|_| value.type_name(), |text| text.to_str_lossy().into_owned())
}
