//! Switching subcharts on and off: declared names, versions, aliases, tags and conditions.

use engine::semver::{Constraint, Version};
use engine::value::{Map, Value};

use super::ChartNode;
use super::decision::Decision;
use crate::chart::Dependency;
use crate::values::{Merge, TypeMismatch, Warnings, coalesce_values, lookup_table, path_value, slog_line};

/// Removes the disabled subcharts of `chart` and, below it, of those that stay.
///
/// `path` is where the chart's values are in those of the root, with a dot at the end; empty for the root. What was
/// decided of each is added to `decisions`, where somebody wants to know.
pub(super) fn process(
    chart: &mut ChartNode<'_>,
    values: &Map,
    path: &str,
    warnings: &mut Warnings,
    mut decisions: Option<&mut Vec<Decision>>,
) -> Result<(), TypeMismatch> {
    let Some(mut declared) = chart.metadata.dependencies.take() else {
        return Ok(());
    };
    // Binding makes aliases names.
    let names: Option<Vec<String>> = decisions.is_some().then(|| {
        declared
            .iter()
            .map(|dependency| dependency.name.clone())
            .collect()
    });
    bind(chart, &mut declared);
    let values = coalesce_values(chart, values, Merge::Coalesce, warnings)?;
    apply_tags(&mut declared, &values, warnings);
    apply_conditions(&mut declared, &values, path, warnings);
    if let (Some(decisions), Some(names)) = (decisions.as_deref_mut(), names) {
        let told = declared.iter().zip(names);
        decisions.extend(told.map(|(dependency, name)| Decision::of(dependency, name, chart, &values, path)));
    }
    let disabled = |name: &str| {
        declared
            .iter()
            .any(|dependency| !dependency.enabled && dependency.name == name)
    };
    chart.dependencies.retain(|subchart| !disabled(subchart.name()));
    let kept: Vec<_> = declared
        .iter()
        .filter(|dependency| !disabled(&dependency.name))
        .cloned()
        .collect();
    for subchart in &mut chart.dependencies {
        let path = format!("{path}{}.", subchart.name());
        process(subchart, &values, &path, warnings, decisions.as_deref_mut())?;
    }
    chart.metadata.dependencies = (!kept.is_empty()).then_some(kept);
    Ok(())
}

/// Pairs the declared dependencies with the charts in `charts/`, one copy for each alias.
fn bind(chart: &mut ChartNode<'_>, declared: &mut [Dependency]) {
    let fits = |subchart: &ChartNode<'_>, dependency: &Dependency| {
        subchart.name() == dependency.name && in_range(&dependency.version, &subchart.metadata.version)
    };
    let available = std::mem::take(&mut chart.dependencies);
    // A chart nobody declares is always on.
    let undeclared = available
        .iter()
        .filter(|subchart| !declared.iter().any(|dependency| fits(subchart, dependency)));
    let mut bound: Vec<_> = undeclared.cloned().collect();
    for dependency in declared {
        if let Some(subchart) = available.iter().find(|subchart| fits(subchart, dependency)) {
            let mut subchart = subchart.clone();
            if !dependency.alias.is_empty() {
                subchart.metadata.name.clone_from(&dependency.alias);
            }
            bound.push(subchart);
        }
        // Later dependencies and the values know it by its alias only.
        if !dependency.alias.is_empty() {
            dependency.name.clone_from(&dependency.alias);
        }
        dependency.enabled = true;
    }
    chart.dependencies = bound;
}

/// Whether `version` lies in `range`; false when either cannot be read.
pub(crate) fn in_range(range: &str, version: &str) -> bool {
    let (Ok(range), Ok(version)) = (Constraint::parse(range), Version::parse(version)) else {
        return false;
    };
    range.check(&version)
}

/// A dependency with tags is off when one of them is false and none is true.
fn apply_tags(declared: &mut [Dependency], values: &Map, warnings: &mut Warnings) {
    let Ok(tags) = lookup_table(values, "tags") else {
        return;
    };
    for dependency in declared {
        let (on, off) = tags_of(dependency, &tags, warnings);
        dependency.enabled = !on.is_empty() || off.is_empty();
    }
}

/// The tags of a dependency that are true, and those that are false.
pub(super) fn tags_of(
    dependency: &Dependency,
    tags: &Map,
    warnings: &mut Warnings,
) -> (Vec<String>, Vec<String>) {
    let (mut on, mut off) = (Vec::new(), Vec::new());
    for tag in &dependency.tags {
        match tags.get(tag) {
            Some(Value::Bool(true)) => on.push(tag.clone()),
            Some(Value::Bool(false)) => off.push(tag.clone()),
            Some(_) => warnings.push(slog_line(
                "returned non-bool value",
                &[("tag", tag), ("chart", &dependency.name)],
            )),
            None => {}
        }
    }
    (on, off)
}

/// The first path of the condition that leads to a boolean decides, whatever the tags say.
fn apply_conditions(declared: &mut [Dependency], values: &Map, path: &str, warnings: &mut Warnings) {
    for dependency in declared {
        if let Some((_, enabled)) = deciding(dependency, values, path, warnings) {
            dependency.enabled = enabled;
        }
    }
}

/// The path of a dependency's condition that decides, and what it says.
pub(super) fn deciding(
    dependency: &Dependency,
    values: &Map,
    path: &str,
    warnings: &mut Warnings,
) -> Option<(String, bool)> {
    let conditions = dependency.condition.trim().split(',');
    for condition in conditions.filter(|condition| !condition.is_empty()) {
        let path = format!("{path}{condition}");
        match path_value(values, &path) {
            Some(Value::Bool(enabled)) => return Some((path, enabled)),
            Some(_) => warnings.push(slog_line(
                "returned non-bool value",
                &[("path", condition), ("chart", &dependency.name)],
            )),
            None => {}
        }
    }
    None
}
