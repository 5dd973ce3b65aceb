//! A chart's defaults with its sub-charts' beneath, and values laid over each other as Helm coalesces them.
//!
//! This is for showing and comparing; what a template gets is decided by [`helm::render`].

use engine::value::GoStr;
use helm::chart::Chart;
use helm::values::{Table, Tree};

use crate::Path;
use crate::schema::{Fields, Subchart, mounted_names};

const MAX_CHART_DEPTH: usize = 16;

/// What Helm makes of values over defaults: tables merge, everything else replaces, lists as a whole; `null` takes a
/// default away.
#[must_use]
pub fn coalesce(defaults: &Table, over: &Table) -> Table {
    let mut result = Table::new();
    for (key, default) in defaults {
        match (default, over.get(key)) {
            (Tree::Null, None) | (_, Some(Tree::Null)) => {}
            (Tree::Table(below), Some(Tree::Table(above))) => {
                result.insert(key.clone(), Tree::Table(coalesce(below, above)));
            }
            // Helm keeps the table and warns.
            (Tree::Table(below), None | Some(_)) => {
                let kept = over.get(key).filter(|_| below.is_empty());
                let kept = kept
                    .cloned()
                    .unwrap_or_else(|| Tree::Table(coalesce(below, &Table::new())));
                result.insert(key.clone(), kept);
            }
            (_, Some(value)) => {
                result.insert(key.clone(), value.clone());
            }
            (default, None) => {
                result.insert(key.clone(), default.clone());
            }
        }
    }
    for (key, value) in over.iter().filter(|(key, _)| !defaults.contains_key(*key)) {
        result.insert(key.clone(), value.clone());
    }
    result
}

/// A chart's defaults, each sub-chart's below its name or alias and overridden by what the chart around it says;
/// switched off or not.
#[must_use]
pub fn defaults_of(chart: &Chart) -> Table {
    below(chart, 0)
}

fn below(chart: &Chart, depth: usize) -> Table {
    let mut values = Table::new();
    if depth < MAX_CHART_DEPTH {
        for (inner, name) in mounted_names(chart) {
            values.insert(GoStr::from(name), Tree::Table(below(inner, depth + 1)));
        }
    }
    coalesce(&values, &chart.values)
}

/// Whether values switch a sub-chart on, as far as they say: the first condition that is there, else its tags, else
/// yes. Charts around it are not looked at.
#[must_use]
pub fn is_enabled(subchart: &Subchart, values: &Table) -> bool {
    let condition = subchart
        .conditions
        .iter()
        .find_map(|path| match get(values, path) {
            Some(Tree::Bool(on)) => Some(*on),
            _ => None,
        });
    if let Some(on) = condition {
        return on;
    }
    let mut tags = subchart
        .tags
        .iter()
        .filter_map(|tag| match get(values, &Path::of_keys(["tags", tag])) {
            Some(Tree::Bool(on)) => Some(*on),
            _ => None,
        });
    match tags.next() {
        None => true,
        Some(first) => first || tags.any(|on| on),
    }
}

/// Whether a value's chart and all charts around it are switched on.
#[must_use]
pub fn is_in_use(fields: &Fields, values: &Table, path: &Path) -> bool {
    fields
        .subcharts
        .iter()
        .filter(|subchart| path.starts_with(&subchart.path))
        .all(|subchart| is_enabled(subchart, values))
}

/// The value at a path of tables and lists.
#[must_use]
pub fn get<'t>(values: &'t Table, path: &Path) -> Option<&'t Tree> {
    crate::document::get(values, path)
}
