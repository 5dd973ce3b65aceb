//! Two strategic merge patches made one: the deletions, and over them the changes.

use serde_json::Value;

use super::{DELETE_FROM_LIST, DIRECTIVE, Object, RETAIN_KEYS, SET_ORDER};
use crate::patch::order::{Items, Key, deduplicated, is_delete, items, no_merge_key};
use crate::patch::schema::{Place, Strategy};
use crate::patch::{PatchError, PatchProblem};

/// `patch` over `under`, both patches of the same object.
pub(super) fn merge_objects(
    mut under: Object,
    mut patch: Object,
    place: Place<'_>,
) -> Result<Object, PatchError> {
    match patch.get(DIRECTIVE) {
        None => {}
        Some(Value::String(directive)) if directive == "replace" => {
            patch.remove(DIRECTIVE);
            return Ok(patch);
        }
        Some(Value::String(directive)) if directive == "delete" => return Ok(Object::new()),
        Some(_) => return Err(invalid(DIRECTIVE)),
    }
    if let Some(kept) = patch.remove(RETAIN_KEYS) {
        keep_same(&mut under, RETAIN_KEYS, kept)?;
    }
    merge_ordered_lists(&mut under, &mut patch, place)?;
    for (name, value) in patch {
        if name.starts_with(DELETE_FROM_LIST) {
            under.insert(name, value);
            continue;
        }
        let merged = match (under.remove(&name), value) {
            (Some(Value::Object(under)), Value::Object(patch)) => {
                merge_object_field(&name, under, patch, place)
                    .map(Value::Object)
                    .map(Some)
            }
            (Some(Value::Array(under)), Value::Array(patch)) => merge_list_field(&name, under, patch, place)
                .map(Value::Array)
                .map(Some),
            (_, value) => Ok(without_directives(value)),
        };
        if let Some(merged) = merged.map_err(|error| error.within(&name))? {
            under.insert(name, merged);
        }
    }
    Ok(under)
}

fn invalid(directive: &str) -> PatchError {
    PatchProblem::Directive {
        directive: directive.to_owned(),
    }
    .into()
}

/// Both patches come of one document, so that what they say about order and keys is the same, unless somebody wrote it
/// there by hand.
fn keep_same(under: &mut Object, name: &str, value: Value) -> Result<(), PatchError> {
    if under.get(name).is_some_and(|other| *other != value) {
        return Err(invalid(name));
    }
    under.insert(name.to_owned(), value);
    Ok(())
}

fn merge_object_field(
    name: &str,
    under: Object,
    patch: Object,
    place: Place<'_>,
) -> Result<Object, PatchError> {
    let (field, inner) = place.object(name)?;
    if field.strategy == Strategy::Replace {
        return Ok(patch);
    }
    merge_objects(under, patch, inner)
}

fn merge_list_field(
    name: &str,
    under: Vec<Value>,
    patch: Vec<Value>,
    place: Place<'_>,
) -> Result<Vec<Value>, PatchError> {
    let (field, inner) = place.list(name)?;
    if field.strategy != Strategy::Merge {
        return Ok(patch);
    }
    merge_lists(
        under,
        patch,
        inner,
        field.merge_key.as_deref().unwrap_or_default(),
    )
}

/// `value` without the objects and items that hold a directive; `None` when it is one itself.
fn without_directives(value: Value) -> Option<Value> {
    match value {
        Value::Object(object) if object.contains_key(DIRECTIVE) => None,
        Value::Object(object) => Some(Value::Object(
            object
                .into_iter()
                .filter_map(|(name, value)| Some((name, without_directives(value)?)))
                .collect(),
        )),
        Value::Array(list) => Some(Value::Array(
            list.into_iter().filter_map(without_directives).collect(),
        )),
        value => Some(value),
    }
}

/// Takes the lists out of `patch` that come with an order, and puts them into `under` in that order.
fn merge_ordered_lists(under: &mut Object, patch: &mut Object, place: Place<'_>) -> Result<(), PatchError> {
    let directives: Vec<String> = patch
        .keys()
        .filter(|name| name.starts_with(SET_ORDER))
        .cloned()
        .collect();
    for directive in directives {
        let Some(order) = patch.remove(&directive) else {
            continue;
        };
        keep_same(under, &directive, order.clone())?;
        let (Some((SET_ORDER, name)), Value::Array(order)) = (directive.split_once('/'), order) else {
            return Err(invalid(&directive));
        };
        let (was, new) = (take_list(under, name)?, take_list(patch, name)?);
        let list = ordered_list(name, was, new, &order, place).map_err(|error| error.within(name))?;
        if let Some(list) = list {
            under.insert(name.to_owned(), Value::Array(list));
        }
    }
    Ok(())
}

fn take_list(from: &mut Object, name: &str) -> Result<Option<Vec<Value>>, PatchError> {
    match from.remove(name) {
        None => Ok(None),
        Some(Value::Array(list)) => Ok(Some(list)),
        Some(_) => Err(PatchProblem::NotAList {
            field: name.to_owned(),
        }
        .into()),
    }
}

fn ordered_list(
    name: &str,
    was: Option<Vec<Value>>,
    new: Option<Vec<Value>>,
    order: &[Value],
    place: Place<'_>,
) -> Result<Option<Vec<Value>>, PatchError> {
    let (field, inner) = place.list(name)?;
    let merge_key = field.merge_key.as_deref().unwrap_or_default();
    check_order(new.as_deref().unwrap_or_default(), order, merge_key)?;
    let kinds = match (&was, &new) {
        (None, None) => return Ok(None),
        (was, new) => items([
            was.as_deref().unwrap_or_default(),
            new.as_deref().unwrap_or_default(),
        ]),
    };
    let server_order = was.clone().unwrap_or_default();
    let merged = match (was, new) {
        (Some(was), None) => was,
        (was, Some(new)) => match was {
            None => new.into_iter().filter_map(without_directives).collect(),
            Some(was) if field.strategy == Strategy::Merge => merge_lists(was, new, inner, merge_key)?,
            Some(_) => new,
        },
        (None, None) => return Ok(None),
    };
    let key = Key {
        name: merge_key,
        items: kinds?,
    };
    if (key.items == Items::Objects) == merge_key.is_empty() {
        return Err(PatchProblem::MixedList.into());
    }
    let sides = key.split(merged, order)?;
    key.interleaved(sides, order, &server_order).map(Some)
}

/// The items of a patch have to be among those of the order that comes with it, in that order.
fn check_order(patch: &[Value], order: &[Value], merge_key: &str) -> Result<(), PatchError> {
    if patch.is_empty() || order.is_empty() {
        return Ok(());
    }
    let key = Key {
        name: merge_key,
        items: if merge_key.is_empty() {
            Items::Values
        } else {
            Items::Objects
        },
    };
    let mut order = order.iter();
    for item in patch {
        if key.items == Items::Objects && !item.is_object() {
            return Err(PatchProblem::MixedList.into());
        }
        if item.get(DIRECTIVE).is_some() {
            // As in Go, which looks at the end of the order first.
            if !is_delete(item) && order.as_slice().is_empty() {
                return Err(invalid(SET_ORDER));
            }
            continue;
        }
        let wanted = key.of(item)?;
        loop {
            let Some(next) = order.next() else {
                return Err(invalid(SET_ORDER));
            };
            if key.of(next)? == wanted {
                break;
            }
        }
    }
    Ok(())
}

/// `patch` over `under`, both patches of the same merged list.
fn merge_lists(
    mut under: Vec<Value>,
    patch: Vec<Value>,
    place: Place<'_>,
    merge_key: &str,
) -> Result<Vec<Value>, PatchError> {
    if under.is_empty() && patch.is_empty() {
        return Ok(under);
    }
    let key = Key {
        name: merge_key,
        items: items([&under, &patch])?,
    };
    if key.items == Items::Values {
        let server_order = under.clone();
        under.extend(patch.iter().cloned());
        let sides = key.split(deduplicated(under), &patch)?;
        return key.interleaved(sides, &patch, &server_order);
    }
    if merge_key.is_empty() {
        return Err(PatchProblem::Unkeyed.into());
    }
    let (mut under, patch) = obey_directives(under, patch, key)?;
    let server_order = under.clone();
    let mut places = key.places(&under)?;
    for item in &patch {
        let (wanted, Value::Object(item)) = (key.of(item)?, item) else {
            return Err(PatchProblem::MixedList.into());
        };
        let same = places.get(&wanted).and_then(|index| under.get_mut(*index));
        if let Some(same) = same {
            let old = match same.take() {
                Value::Object(old) => old,
                _ => Object::new(),
            };
            *same = Value::Object(merge_objects(old, item.clone(), place)?);
        } else {
            places.insert(wanted, under.len());
            under.push(Value::Object(item.clone()));
        }
    }
    let sides = key.split(under, &patch)?;
    key.interleaved(sides, &patch, &server_order)
}

/// Items of `patch` that say what is to be done to the list are done and taken out.
fn obey_directives(
    mut under: Vec<Value>,
    patch: Vec<Value>,
    key: Key<'_>,
) -> Result<(Vec<Value>, Vec<Value>), PatchError> {
    let mut rest = Vec::with_capacity(patch.len());
    let mut is_replaced = false;
    for item in patch {
        if is_delete(&item) {
            let gone = key.of(&item)?;
            under.retain(|item| key.of(item).map_or(true, |key| key != gone));
            continue;
        }
        match item.get(DIRECTIVE) {
            None => rest.push(item),
            Some(Value::String(directive)) if directive == "replace" => is_replaced = true,
            Some(_) => return Err(invalid(DIRECTIVE)),
        }
    }
    if is_replaced {
        return Ok((rest, Vec::new()));
    }
    if rest.iter().any(|item| item.get(key.name).is_none()) {
        return Err(no_merge_key(key.name));
    }
    Ok((under, rest))
}
