//! `import-values`: tables of a subchart that become defaults of its parent.

use std::rc::Rc;

use engine::value::{Map, Value, deep_copy};

use super::{ChartNode, Defaults};
use crate::chart::{Dependency, ImportValue};
use crate::values::{
    Merge, Tree, TypeMismatch, Warnings, coalesce_values, display, lookup_table, merge_tables, slog_line,
};

/// Imports from the bottom of the tree up.
pub(super) fn process(
    chart: &mut ChartNode<'_>,
    merge: Merge,
    warnings: &mut Warnings,
) -> Result<(), TypeMismatch> {
    for subchart in &mut chart.dependencies {
        process(subchart, merge, warnings)?;
    }
    let Some(mut declared) = chart.metadata.dependencies.take() else {
        return Ok(());
    };
    let values = coalesce_values(chart, &Map::new(), merge, warnings)?;
    let mut imported = Map::new();
    for dependency in &mut declared {
        import(dependency, &values, &mut imported, warnings);
    }
    // The parent's own values win over what it imports. The copy keeps tables apart that both sides hold; where nothing
    // is imported nobody else holds them.
    let values = if imported.is_empty() {
        values
    } else {
        let Value::Map(copy) = deep_copy(&Value::Map(values)) else {
            return Ok(());
        };
        merge_tables(&copy, &imported, warnings);
        copy
    };
    chart.values = Defaults::Computed(Rc::new(values));
    chart.metadata.dependencies = Some(declared);
    Ok(())
}

fn import(dependency: &mut Dependency, values: &Map, imported: &mut Map, warnings: &mut Warnings) {
    let mut resolved = Vec::new();
    for declared in std::mem::take(&mut dependency.import_values) {
        match declared {
            ImportValue::Declared(Tree::Table(pair)) => {
                let text = |key: &str| {
                    let value = pair.get(key.as_bytes()).map_or(Value::Nil, Tree::to_value);
                    display(&value)
                };
                let (child, parent) = (text("child"), text("parent"));
                let table = lookup_table(values, &format!("{}.{child}", dependency.name));
                match table {
                    Ok(table) => merge_tables(imported, &below(&parent, table), warnings),
                    Err(error) => warnings.push(slog_line(
                        "ImportValues missing table from chart",
                        &[("chart", &dependency.name), ("error", &error.to_string())],
                    )),
                }
                resolved.push(ImportValue::Resolved { child, parent });
            }
            ImportValue::Declared(Tree::String(name)) => {
                let child = format!("exports.{}", name.to_str_lossy());
                match lookup_table(values, &format!("{}.{child}", dependency.name)) {
                    Ok(table) => merge_tables(imported, &table, warnings),
                    Err(error) => warnings.push(slog_line(
                        "ImportValues missing table",
                        &[("error", &error.to_string())],
                    )),
                }
                resolved.push(ImportValue::Resolved {
                    child,
                    parent: ".".to_owned(),
                });
            }
            _ => {}
        }
    }
    dependency.import_values = resolved;
}

/// `table` as it is found below `path`; `.` is the top.
fn below(path: &str, table: Map) -> Map {
    if path == "." {
        return table;
    }
    path.rsplit('.')
        .fold(table, |table, key| Map::from_iter([(key, table)]))
}
