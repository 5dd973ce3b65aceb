//! The differences of two documents, field by field, for a person to read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::PatchSchema;
use super::json_merge::is_equal;
use super::schema::{FieldPatch, Place, Strategy};
use crate::readiness::go_text;

/// One field that is not the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// A JSON pointer (RFC 6901), in which items of a list have names where they have some:
    /// `/spec/template/spec/containers/[name=web]/image`, `/metadata/finalizers/[example.com/a]`, `/spec/args/0`.
    pub path: String,
    /// `None` where it was not there.
    pub old: Option<Value>,
    /// `None` where it is no longer there.
    pub new: Option<Value>,
}

/// What differs between `before` and `after`, in the order of names and, in lists, of the new list.
///
/// With a schema, items of merged lists are compared with the item of the same name; that the order of such a list has
/// changed is a difference of its own, of the list, with the names in both orders. Whole numbers are the same however they
/// are written.
#[must_use]
pub fn differences(before: &Value, after: &Value, schema: Option<&PatchSchema>) -> Vec<Difference> {
    let mut found = Finder::default();
    let place = schema.map_or(Place::UNKNOWN, PatchSchema::start);
    found.compare(before, after, None, place);
    found.differences
}

#[derive(Default)]
struct Finder {
    path: String,
    differences: Vec<Difference>,
}

impl Finder {
    fn note(&mut self, old: Option<&Value>, new: Option<&Value>) {
        self.differences.push(Difference {
            path: self.path.clone(),
            old: old.cloned(),
            new: new.cloned(),
        });
    }

    fn inside(&mut self, step: &str, compare: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(&step.replace('~', "~0").replace('/', "~1"));
        compare(self);
        self.path.truncate(length);
    }

    fn compare(&mut self, old: &Value, new: &Value, field: Option<&FieldPatch>, place: Place<'_>) {
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => self.compare_objects(old, new, place),
            (Value::Array(old), Value::Array(new)) => {
                let names = field
                    .filter(|field| field.strategy == Strategy::Merge)
                    .and_then(|field| Some((names(old, field)?, names(new, field)?)));
                match names {
                    Some((old_names, new_names)) => {
                        self.compare_named((old, &old_names), (new, &new_names), place);
                    }
                    None => self.compare_lists(old, new, place),
                }
            }
            _ if is_equal(old, new) => {}
            _ => self.note(Some(old), Some(new)),
        }
    }

    fn compare_objects(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, place: Place<'_>) {
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            let (field, inner) = match place.field(name) {
                Some((field, inner)) => (Some(field), inner),
                None => (None, Place::UNKNOWN),
            };
            self.inside(name, |this| match (old.get(name), new.get(name)) {
                (Some(old), Some(new)) => this.compare(old, new, field, inner),
                (old, new) => this.note(old, new),
            });
        }
    }

    fn compare_lists(&mut self, old: &[Value], new: &[Value], place: Place<'_>) {
        for index in 0..old.len().max(new.len()) {
            self.inside(&index.to_string(), |this| {
                match (old.get(index), new.get(index)) {
                    (Some(old), Some(new)) => this.compare(old, new, None, place),
                    (old, new) => this.note(old, new),
                }
            });
        }
    }

    fn compare_named(&mut self, old: (&[Value], &[String]), new: (&[Value], &[String]), place: Place<'_>) {
        let was: BTreeMap<&String, &Value> = old.1.iter().zip(old.0).collect();
        let is: BTreeSet<&String> = new.1.iter().collect();
        let stayed = |names: &[String], others: &[String]| -> Vec<String> {
            let others: BTreeSet<&String> = others.iter().collect();
            names
                .iter()
                .filter(|name| others.contains(name))
                .cloned()
                .collect()
        };
        let (order_before, order_after) = (stayed(old.1, new.1), stayed(new.1, old.1));
        if order_before != order_after {
            self.note(Some(&order_before.into()), Some(&order_after.into()));
        }
        for (name, item) in new.1.iter().zip(new.0) {
            self.inside(&format!("[{name}]"), |this| match was.get(name) {
                Some(old) => this.compare(old, item, None, place),
                None => this.note(None, Some(item)),
            });
        }
        for (name, item) in old.1.iter().zip(old.0) {
            if !is.contains(name) {
                self.inside(&format!("[{name}]"), |this| this.note(Some(item), None));
            }
        }
    }
}

/// What the items of a merged list are called; `None` when one has no name, or two have the same.
fn names(list: &[Value], field: &FieldPatch) -> Option<Vec<String>> {
    let names = list.iter().map(|item| match &field.merge_key {
        Some(key) => Some(format!("{key}={}", go_text(item.get(key)?))),
        None if item.is_object() || item.is_array() => None,
        None => Some(go_text(item)),
    });
    let names: Vec<String> = names.collect::<Option<_>>()?;
    let distinct: BTreeSet<&String> = names.iter().collect();
    (distinct.len() == names.len()).then_some(names)
}
