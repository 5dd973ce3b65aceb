//! The fields of a chart as a form shows them: what holds others is a group or a part of a path, never a field.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use values::schema::{Field, Fields, Subchart};
use values::{Path, Segment};

/// What a form is built from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Form {
    /// In the order of values.yaml; those of sub-charts behind.
    pub groups: Vec<Group>,
    /// The sub-charts, outer ones first.
    pub subcharts: Vec<Subchart>,
}

/// Fields below one heading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The section that comments name, or the key that the fields share; empty for what has neither.
    pub title: String,
    /// Which of the sub-charts.
    pub subchart: Option<usize>,
    /// At least one.
    pub fields: Vec<FormField>,
}

/// A field with what a form needs besides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FormField {
    /// The path as `--set` has it.
    pub name: String,
    /// The same below the sub-chart.
    pub label: String,
    /// Everything that is known of it; a secret's default is left out.
    #[serde(flatten)]
    pub field: Field,
}

impl Form {
    /// Arranges fields.
    #[must_use]
    pub fn of(fields: &Fields) -> Self {
        let parents: HashSet<Path> = fields
            .fields
            .iter()
            .filter_map(|field| field.path.parent())
            .collect();
        let mut groups: Vec<Group> = Vec::new();
        let mut places: HashMap<(Option<usize>, String), usize> = HashMap::new();
        for field in &fields.fields {
            if parents.contains(&field.path) {
                continue;
            }
            let mount = field.subchart.and_then(|at| fields.subcharts.get(at));
            let below = mount.and_then(|mount| field.path.strip_prefix(&mount.path));
            let below = below.unwrap_or_else(|| field.path.clone());
            let title = match (&field.section, below.segments()) {
                (Some(section), _) => section.clone(),
                (None, [Segment::Key(first), _, ..]) => first.clone(),
                _ => String::new(),
            };
            let at = *places.entry((field.subchart, title.clone())).or_insert_with(|| {
                groups.push(Group {
                    title,
                    subchart: field.subchart,
                    fields: Vec::new(),
                });
                groups.len() - 1
            });
            let mut field = field.clone();
            hide_secrets(&mut field);
            if let Some(group) = groups.get_mut(at) {
                group.fields.push(FormField {
                    name: field.path.to_string(),
                    label: below.to_string(),
                    field,
                });
            }
        }
        // A sub-chart's groups stand together, whichever chart named a value first.
        groups.sort_by_key(|group| group.subchart.map_or(0, |at| at + 1));
        Self {
            groups,
            subcharts: fields.subcharts.clone(),
        }
    }
}

fn hide_secrets(field: &mut Field) {
    if field.secret {
        field.default = None;
    }
    field.item_fields.iter_mut().for_each(hide_secrets);
}
