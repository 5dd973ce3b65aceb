//! Helm's coalescing: user values over chart defaults, globals down into subcharts, nulls that delete.
//!
//! Follows `pkg/chart/common/util/coalesce.go` step by step on shared maps, because Helm's results depend on which
//! tables two charts share: merging a subchart's global defaults, for one, reaches into the parent's nested globals.
//! Go walks maps in random order; here keys are walked in order.

use engine::value::{GoStr, Map, Value, deep_copy};

use super::{Tree, Warnings};
use crate::dependencies::{ChartNode, Defaults};

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
    match &chart.values {
        Defaults::Loaded(defaults) => {
            for (key, default) in *defaults {
                coalesce_default(chart, values, &prefix, key, default, merge, warnings);
            }
        }
        Defaults::Computed(defaults) => {
            for (key, default) in defaults.entries() {
                // Also the last time: within these values a table may be in two places, as globals are, and what
                // happens to one must not happen to the other.
                let default = deep_copy(&default);
                coalesce_default(chart, values, &prefix, &key, default, merge, warnings);
            }
        }
    }
}

fn coalesce_default(
    chart: &ChartNode<'_>,
    values: &Map,
    prefix: &str,
    key: &GoStr,
    default: impl ChartDefault,
    merge: Merge,
    warnings: &mut Warnings,
) {
    match values.get(key) {
        Some(Value::Nil) if merge == Merge::Coalesce => {
            values.remove(key);
        }
        Some(Value::Map(table)) => match default.kind() {
            DefaultKind::Table => {
                // A subchart's own pass comes later and needs to see the nulls.
                let is_subchart = chart.dependencies.iter().any(|subchart| *key == *subchart.name());
                let rules = Rules {
                    merge: if is_subchart { Merge::KeepNulls } else { merge },
                    drop_nulls: !is_subchart && merge == Merge::Coalesce,
                };
                default.lay_under(&table, &join_key(prefix, key), rules, warnings);
            }
            DefaultKind::Null => {}
            DefaultKind::Other => warnings.push(format!(
                "warning: skipped value for {}: Not a table.",
                join_key(prefix, key)
            )),
        },
        Some(_) => {}
        None => match (merge, default.kind()) {
            (Merge::Coalesce, DefaultKind::Null) => {}
            (_, _) => values.insert(key.clone(), default.into_value(merge == Merge::Coalesce)),
        },
    }
}

/// What becomes of nulls.
#[derive(Clone, Copy)]
struct Rules {
    merge: Merge,
    /// In defaults, where they mean nothing and would shadow globals.
    drop_nulls: bool,
}

enum DefaultKind {
    Null,
    Table,
    Other,
}

/// A default of a chart: as it was loaded, which no render changes, or a value of this render.
trait ChartDefault {
    fn kind(&self) -> DefaultKind;
    /// A value that nobody else holds, without the nulls in its tables if they are to be dropped.
    fn into_value(self, drop_nulls: bool) -> Value;
    /// [`coalesce_tables`] with this table as the source.
    fn lay_under(self, destination: &Map, prefix: &str, rules: Rules, warnings: &mut Warnings);
}

impl ChartDefault for Value {
    fn kind(&self) -> DefaultKind {
        match self {
            Self::Nil => DefaultKind::Null,
            Self::Map(_) => DefaultKind::Table,
            _ => DefaultKind::Other,
        }
    }

    fn into_value(self, drop_nulls: bool) -> Value {
        if let Self::Map(table) = &self
            && drop_nulls
        {
            remove_nulls(table);
        }
        self
    }

    fn lay_under(self, destination: &Map, prefix: &str, rules: Rules, warnings: &mut Warnings) {
        if let Self::Map(table) = self {
            if rules.drop_nulls {
                remove_nulls(&table);
            }
            coalesce_tables(destination, &table, prefix, rules.merge, warnings);
        }
    }
}

// Most of a chart's defaults are there already when its turn comes: its parent's hold them. So they are not copied first.
impl ChartDefault for &Tree {
    fn kind(&self) -> DefaultKind {
        match self {
            Tree::Null => DefaultKind::Null,
            Tree::Table(_) => DefaultKind::Table,
            _ => DefaultKind::Other,
        }
    }

    fn into_value(self, drop_nulls: bool) -> Value {
        match self {
            Tree::Table(table) if drop_nulls => {
                let kept = table.iter().filter(|(_, value)| !matches!(value, Tree::Null));
                Value::Map(
                    kept.map(|(key, value)| (key.clone(), value.into_value(true)))
                        .collect(),
                )
            }
            other => other.to_value(),
        }
    }

    fn lay_under(self, destination: &Map, prefix: &str, rules: Rules, warnings: &mut Warnings) {
        let Tree::Table(table) = self else { return };
        for (key, default) in table {
            if rules.drop_nulls && matches!(default, Tree::Null) {
                continue;
            }
            let Some(existing) = destination.get(key) else {
                destination.insert(key.clone(), default.into_value(rules.drop_nulls));
                continue;
            };
            match (existing, default) {
                // A null over a default deletes.
                (Value::Nil, Tree::Null) => {}
                (Value::Nil, _) if rules.merge == Merge::Coalesce => {
                    destination.remove(key);
                }
                (Value::Nil, _) | (_, Tree::Null) => {}
                (Value::Map(existing), Tree::Table(_)) => {
                    default.lay_under(&existing, &join_key(prefix, key), rules, warnings);
                }
                (_, Tree::Table(_)) => {
                    let default = default.into_value(rules.drop_nulls);
                    warnings.push(cannot_overwrite(&join_key(prefix, key), &default));
                }
                (Value::Map(_), _) => {
                    warnings.push(is_a_table(&join_key(prefix, key), &default.to_value()));
                }
                _ => {}
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
    // The destination's nulls are written into the source. What it had before counts all the same: a null over a default
    // deletes, a null for a key the defaults do not have stays.
    let nulls = null_keys(destination);
    let over_values: Vec<&GoStr> = nulls
        .iter()
        .filter(|key| !matches!(source.get(*key), None | Some(Value::Nil)))
        .collect();
    let had_value = |key: &GoStr| over_values.binary_search(&key).is_ok();
    for key in &nulls {
        source.insert(key.clone(), Value::Nil);
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
            (_, value @ Value::Map(_)) => {
                warnings.push(cannot_overwrite(&join_key(prefix, &key), &value));
            }
            (Value::Map(_), value) if !matches!(value, Value::Nil) => {
                warnings.push(is_a_table(&join_key(prefix, &key), &value));
            }
            _ => {}
        }
    }
}

fn cannot_overwrite(path: &str, table: &Value) -> String {
    let table = display(table);
    format!("warning: cannot overwrite table with non table for {path} ({table})")
}

fn is_a_table(path: &str, value: &Value) -> String {
    let value = display(value);
    format!("warning: destination for {path} is a table. Ignoring non-table value ({value})")
}

/// Removes the nulls of a table and of the tables in it.
fn remove_nulls(table: &Map) {
    for key in null_keys(table) {
        table.remove(&key);
    }
    table.for_each(|_, value| {
        if let Value::Map(inner) = value {
            remove_nulls(inner);
        }
    });
}

/// The keys of a table whose values are null, in order: few tables have any.
fn null_keys(table: &Map) -> Vec<GoStr> {
    let mut keys = Vec::new();
    table.for_each(|key, value| {
        if matches!(value, Value::Nil) {
            keys.push(key.clone());
        }
    });
    keys
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
