//! JSON merge patches (RFC 7386): for custom resources, whose lists nobody says how to merge.
//!
//! go: k8s.io/apimachinery/pkg/util/jsonmergepatch/patch.go, gopkg.in/evanphx/json-patch.v4/merge.go

use serde_json::{Map, Value};

use super::strategic::{object_or, write_numbers_as_go};
use super::{PatchError, PatchProblem};

type Object = Map<String, Value>;

/// The merge patch from `original` to `modified`. Where either is no object the patch is `modified`.
#[must_use]
pub fn merge_patch(original: &Value, modified: &Value) -> Value {
    match (original, modified) {
        (Value::Object(original), Value::Object(modified)) => {
            let mut patch = Value::Object(differences(original, modified));
            write_numbers_as_go(&mut patch);
            patch
        }
        _ => modified.clone(),
    }
}

/// The merge patch that brings `current` to `modified`: what `modified` sets is set, what `original` had and `modified`
/// does not have is deleted, what others set stays. Version, kind and name must not change.
///
/// `Value::Null` stands for a document that does not exist. A patch without changes is an empty object.
pub fn three_way_merge_patch(
    original: &Value,
    modified: &Value,
    current: &Value,
) -> Result<Value, PatchError> {
    let none = Object::new();
    let modified = object_or(modified, "modified", &none)?;
    let changes = changes(differences(object_or(current, "current", &none)?, modified));
    let mut patch = deletions(differences(object_or(original, "original", &none)?, modified));
    if contradict(&changes, &patch) {
        return Err(PatchProblem::Conflict.into());
    }
    apply(&mut patch, changes);
    for field in ["apiVersion", "kind"] {
        if patch.contains_key(field) {
            return Err(PatchProblem::Fixed { field }.into());
        }
    }
    if patch
        .get("metadata")
        .is_some_and(|metadata| metadata.get("name").is_some())
    {
        let field = "metadata.name";
        return Err(PatchProblem::Fixed { field }.into());
    }
    let mut patch = Value::Object(patch);
    write_numbers_as_go(&mut patch);
    Ok(patch)
}

fn differences(before: &Object, after: &Object) -> Object {
    let mut patch = Object::new();
    for (name, new) in after {
        match (before.get(name), new) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                let inner = differences(old, new);
                if !inner.is_empty() {
                    patch.insert(name.clone(), Value::Object(inner));
                }
            }
            (Some(old), new) if is_equal(old, new) => {}
            _ => {
                patch.insert(name.clone(), new.clone());
            }
        }
    }
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    patch
}

/// Whether two values are the same to JSON, which has one type of number. Integers are compared exactly; Go compares them
/// as floating-point numbers here, and overlooks changes of very large ones.
pub(super) fn is_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) if left.is_f64() != right.is_f64() => {
            left.as_f64() == right.as_f64()
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, left)| right.get(name).is_some_and(|right| is_equal(left, right)))
        }
        _ => left == right,
    }
}

/// What a patch sets: without the deletions, and without objects that held nothing else. An object set to be empty stays.
fn changes(patch: Object) -> Object {
    let set = patch.into_iter().filter_map(|(name, value)| match value {
        Value::Null => None,
        Value::Object(object) if !object.is_empty() => {
            let inner = changes(object);
            (!inner.is_empty()).then_some((name, Value::Object(inner)))
        }
        value => Some((name, value)),
    });
    set.collect()
}

/// What a patch deletes.
fn deletions(patch: Object) -> Object {
    let deleted = patch.into_iter().filter_map(|(name, value)| match value {
        Value::Null => Some((name, Value::Null)),
        Value::Object(object) => {
            let inner = deletions(object);
            (!inner.is_empty()).then_some((name, Value::Object(inner)))
        }
        _ => None,
    });
    deleted.collect()
}

/// Whether one field is to become two things.
fn contradict(changes: &Object, deletions: &Object) -> bool {
    changes
        .iter()
        .any(|(name, change)| match (change, deletions.get(name)) {
            (_, None) => false,
            (Value::Object(changes), Some(Value::Object(deletions))) => contradict(changes, deletions),
            (change, Some(deletion)) => change != deletion,
        })
}

/// Puts `changes` over the deletions. As json-patch does, nulls inside of what is set are left out.
fn apply(patch: &mut Object, changes: Object) {
    for (name, change) in changes {
        match (patch.get_mut(&name), change) {
            (Some(Value::Object(inner)), Value::Object(changes)) => apply(inner, changes),
            (_, change) => {
                patch.insert(name, without_nulls(change));
            }
        }
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name, without_nulls(value)))
                .collect(),
        ),
        Value::Array(list) => Value::Array(list.into_iter().map(without_nulls).collect()),
        value => value,
    }
}
