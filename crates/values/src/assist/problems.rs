//! What is wrong with values, from broken YAML to a key that is spelt differently elsewhere.

use std::collections::HashMap;

use helm::values::Tree;

use super::{Assistant, Problem, Severity, Violation, distance, yaml};
use crate::defaults::{coalesce, is_in_use};
use crate::document::lines::slice;
use crate::document::node::NodeId;
use crate::document::{Document, Kind};
use crate::schema::{Field, Type};
use crate::{Path, Segment};

/// More problems help nobody.
const MAX_PROBLEMS: usize = 200;

impl Assistant {
    /// Everything there is to say about overrides, worst first and then in the order of the text.
    ///
    /// With the feature `schema` this checks values.schema.json of the chart and of the sub-charts that are switched
    /// on; [`Self::problems_with`] takes what another validator found.
    #[must_use]
    pub fn problems(&self, text: &str) -> Vec<Problem> {
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(error) => return vec![yaml::problem(text, &error)],
        };
        #[cfg(feature = "schema")]
        let violations = self.violations(&document);
        #[cfg(not(feature = "schema"))]
        let violations = Vec::new();
        self.all(&document, violations)
    }

    /// [`Self::problems`] with the violations that somebody else found.
    #[must_use]
    pub fn problems_with(&self, text: &str, violations: Vec<Violation>) -> Vec<Problem> {
        match Document::parse(text) {
            Ok(document) => self.all(&document, violations),
            Err(error) => vec![yaml::problem(text, &error)],
        }
    }

    fn all(&self, document: &Document, violations: Vec<Violation>) -> Vec<Problem> {
        let mut problems = Vec::new();
        for violation in violations.into_iter().take(MAX_PROBLEMS) {
            problems.push(violation_at(document, &violation));
        }
        if let Some(&root) = document.nodes.roots.last() {
            duplicates(document, root, &Path::root(), &mut problems, 0);
        }
        let effective = coalesce(&self.defaults, document.values());
        for (key, value) in document.values() {
            let path = Path::root().join(key.to_str_lossy().into_owned());
            self.value(document, &path, value, &mut problems);
        }
        problems.retain(|problem| {
            problem.severity == Severity::Error
                || problem
                    .path
                    .as_ref()
                    .is_none_or(|path| is_in_use(&self.fields, &effective, path))
        });
        problems.sort_by_key(|problem| (problem.severity, problem.range.start));
        problems.truncate(MAX_PROBLEMS);
        problems
    }

    fn value(&self, document: &Document, path: &Path, value: &Tree, problems: &mut Vec<Problem>) {
        if problems.len() > MAX_PROBLEMS {
            return;
        }
        let Some(field) = self.fields.get(path) else {
            self.unknown(document, path, problems);
            return;
        };
        if field.deprecated {
            let message = format!(
                "`{path}` is deprecated. {}",
                field.description.as_deref().unwrap_or_default()
            );
            problems.extend(at_key(document, path, Severity::Hint, message.trim_end()));
        }
        let default = crate::defaults::get(&self.defaults, path);
        if let Some(problem) = other_type(document, path, value, default, field)
            && !problems.iter().any(|known| known.path.as_ref() == Some(path))
        {
            problems.push(problem);
            return;
        }
        if let Tree::Table(table) = value
            && !field.open
        {
            for (key, value) in table {
                self.value(
                    document,
                    &path.join(key.to_str_lossy().into_owned()),
                    value,
                    problems,
                );
            }
        }
    }

    fn unknown(&self, document: &Document, path: &Path, problems: &mut Vec<Problem>) {
        let Some((parent, Segment::Key(name))) = path.split_last() else {
            return;
        };
        let siblings: Vec<&Field> = self.fields.children(&parent).collect();
        let is_known_table = if parent.is_root() {
            !matches!(name.as_str(), "global" | "tags" | "enabled")
        } else {
            self.fields.get(&parent).is_some_and(|field| !field.open)
        };
        if siblings.is_empty() || !is_known_table {
            return;
        }
        let near = siblings
            .iter()
            .filter_map(|field| Some((distance(field.path.last_key()?, name), field.path.last_key()?)))
            .filter(|(distance, near)| *distance <= 2 && *distance * 3 <= near.chars().count())
            .min();
        let found = match near {
            Some((_, near)) => {
                let message = format!("This chart has no `{path}`. Did you mean `{near}`?");
                at_key(document, path, Severity::Hint, &message).map(|problem| {
                    let range = problem.range.clone();
                    problem.fixed_by(&format!("Change it to {near}"), range, near)
                })
            }
            None => {
                let elsewhere = self
                    .fields
                    .fields
                    .iter()
                    .find(|field| field.path.last_key() == Some(name));
                let message = match elsewhere {
                    Some(field) => format!("This chart's defaults have no `{path}`, but `{}`.", field.path),
                    None => format!("This chart's defaults have no `{path}`; it may be ignored."),
                };
                at_key(document, path, Severity::Hint, &message)
            }
        };
        problems.extend(found);
    }
}

fn at_key(document: &Document, path: &Path, severity: Severity, message: &str) -> Option<Problem> {
    let span = document.span_of(path)?;
    let range = span.key.unwrap_or(span.value);
    Some(Problem::new(document.text(), severity, range, message).at(path))
}

/// Where the text holds what is wrong; a value that comes from the defaults is shown at the nearest thing around it.
fn violation_at(document: &Document, violation: &Violation) -> Problem {
    let text = document.text();
    let depth = violation.path.segments().len();
    let found = (1..=depth).rev().find_map(|depth| {
        let path = violation.path.prefix(depth);
        let span = document.span_of(&path)?;
        let whole = depth == violation.path.segments().len();
        // A whole mapping or list underlined is no place.
        let is_large = document
            .find(&path)
            .is_some_and(|found| document.nodes.is_block_collection(found.node));
        let range = match span.key {
            Some(key) if !whole || is_large || span.value.is_empty() => key,
            _ => span.value,
        };
        Some(range)
    });
    let message = if violation.path.is_root() {
        violation.message.clone()
    } else {
        format!("{}: {}", violation.path, violation.message)
    };
    Problem::new(text, Severity::Error, found.unwrap_or(0..0), message).at(&violation.path)
}

fn duplicates(document: &Document, node: NodeId, at: &Path, problems: &mut Vec<Problem>, depth: usize) {
    if depth > 100 || problems.len() > MAX_PROBLEMS {
        return;
    }
    let nodes = &document.nodes;
    let mut seen: HashMap<&str, NodeId> = HashMap::new();
    for entry in nodes.entries(node) {
        let Some(name) = entry.name.as_deref() else {
            continue;
        };
        let path = at.join(name);
        if let Some(first) = seen.insert(name, entry.key)
            && problems.len() <= MAX_PROBLEMS
        {
            let (line, _) = super::position(document.text(), nodes.span(first).start);
            let message = format!("`{name}` is given twice, first on line {line}. Helm takes the last one.");
            let range = nodes.span(entry.key);
            problems.push(Problem::new(document.text(), Severity::Warning, range, message).at(&path));
        }
        duplicates(document, entry.value, &path, problems, depth + 1);
    }
    for (index, item) in nodes.items(node).iter().enumerate() {
        duplicates(document, *item, &at.join(index), problems, depth + 1);
    }
}

fn other_type(
    document: &Document,
    path: &Path,
    value: &Tree,
    default: Option<&Tree>,
    field: &Field,
) -> Option<Problem> {
    let kind = Type::of(value);
    if kind == Type::Null || field.types.is_empty() || field.allows(kind) {
        return None;
    }
    let (found, wanted) = (Kind::of(value), default.map(Kind::of));
    let wanted = match wanted {
        Some(wanted) if wanted != Kind::Null && wanted != found => wanted.to_string(),
        _ => {
            let names: Vec<&str> = field.types.iter().map(|kind| kind.name()).collect();
            names.join(" or ")
        }
    };
    let is_table = |kind: Option<Kind>| kind == Some(Kind::Table);
    let loses =
        is_table(Some(found)) != is_table(default.map(Kind::of)) && default.is_some_and(|d| *d != Tree::Null);
    let severity = if loses { Severity::Warning } else { Severity::Hint };
    let span = document.span_of(path)?;
    let range = if slice(document.text(), span.value.clone()).contains('\n') || span.value.is_empty() {
        span.key.unwrap_or(span.value)
    } else {
        span.value
    };
    let message = format!("`{path}` is {found} here; the chart's default is {wanted}.");
    Some(Problem::new(document.text(), severity, range, message).at(path))
}
