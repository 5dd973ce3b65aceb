//! values.schema.json of a chart and its sub-charts, with Helm's own validator.

use engine::value::{Map, Value};
use helm::chart::Chart;
use helm::schema::{Schema, SchemaErrors};
use helm::values::{Table, Tree};

use super::{Assistant, Violation};
use crate::defaults::{coalesce, get, is_in_use};
use crate::document::Document;
use crate::{Path, Segment};

/// A schema, and below which path its values stand.
#[derive(Debug)]
pub(super) struct ChartSchema {
    path: Path,
    schema: Result<Schema, String>,
}

pub(super) fn schemas_of(chart: &Chart) -> Vec<ChartSchema> {
    let mut found = Vec::new();
    collect(chart, &Path::root(), &mut found, 0);
    found
}

fn collect(chart: &Chart, path: &Path, found: &mut Vec<ChartSchema>, depth: usize) {
    if let Some(text) = &chart.schema {
        found.push(ChartSchema {
            path: path.clone(),
            schema: Schema::compile(text).map_err(|error| error.to_string()),
        });
    }
    if depth < 16 {
        for (inner, name) in crate::schema::mounted_names(chart) {
            collect(inner, &path.join(name), found, depth + 1);
        }
    }
}

impl Assistant {
    /// What the schemas say about overrides laid over the defaults.
    #[must_use]
    pub(super) fn violations(&self, document: &Document) -> Vec<Violation> {
        let values = coalesce(&self.defaults, document.values());
        let mut violations = Vec::new();
        for ChartSchema { path, schema } in &self.schemas {
            if !is_in_use(&self.fields, &values, path) {
                continue;
            }
            let schema = match schema {
                Ok(schema) => schema,
                Err(error) => {
                    violations.push(Violation {
                        path: path.clone(),
                        message: format!(
                            "the chart's values.schema.json cannot be used: {}",
                            error.trim_end()
                        ),
                    });
                    continue;
                }
            };
            let below = if path.is_root() {
                Some(&values)
            } else {
                get(&values, path).and_then(Tree::as_table)
            };
            let Err(errors) = schema.validate(&to_value(below.unwrap_or(&Table::new()))) else {
                continue;
            };
            add(&errors, path, &values, &mut violations);
        }
        violations
    }
}

fn to_value(table: &Table) -> Value {
    let entries = table.iter().map(|(key, value)| (key.clone(), value.to_value()));
    Value::Map(entries.collect::<Map>())
}

/// The failures that nothing below explains better, each once.
fn add(errors: &SchemaErrors, at: &Path, values: &Table, violations: &mut Vec<Violation>) {
    let findings = errors.findings();
    if findings.is_empty() {
        violations.push(Violation {
            path: at.clone(),
            message: errors.to_string().trim_end().to_owned(),
        });
    }
    for (index, finding) in findings.iter().enumerate() {
        let is_explained = findings
            .get(index + 1)
            .is_some_and(|next| next.depth > finding.depth);
        if is_explained {
            continue;
        }
        let violation = Violation {
            path: at.concat(&as_path(&finding.instance_path, at, values)),
            message: finding.message.clone(),
        };
        if !violations.contains(&violation) {
            violations.push(violation);
        }
    }
}

/// Tokens of a JSON pointer: whether one is a key or an index is for the values to say.
fn as_path(tokens: &[String], at: &Path, values: &Table) -> Path {
    let mut path = Path::root();
    for token in tokens {
        let above = at.concat(&path);
        let is_list = matches!(get(values, &above), Some(Tree::List(_)));
        let segment = match token.parse() {
            Ok(index) if is_list => Segment::Index(index),
            _ => Segment::Key(token.clone()),
        };
        path = path.join(segment);
    }
    path
}
