//! The differences of two documents as a strategic merge patch, in two passes: what changes, and what goes.

use serde_json::{Value, json};

use super::{DELETE_FROM_LIST, DIRECTIVE, Object, RETAIN_KEYS, SET_ORDER};
use crate::patch::order::{
    Items, Key, deduplicated, items, no_merge_key, side_by_side, sorted_by_text, text_of,
};
use crate::patch::schema::{Place, Strategy};
use crate::patch::{PatchError, PatchProblem};

/// What a patch is to hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    Changes,
    Deletions,
}

/// The patch from `original` to `modified`; with `retain_keys` it says which fields are to stay.
pub(super) fn diff_objects(
    original: &Object,
    modified: &Object,
    place: Place<'_>,
    retain_keys: bool,
    pass: Pass,
) -> Result<Object, PatchError> {
    let mut patch = Object::new();
    for (name, new) in modified {
        let Some(old) = original.get(name) else {
            if pass == Pass::Changes {
                patch.insert(name.clone(), new.clone());
            }
            continue;
        };
        if name == DIRECTIVE {
            if !old.is_string() || !new.is_string() {
                return Err(invalid(DIRECTIVE));
            }
            if old != new {
                patch.insert(name.clone(), new.clone());
            }
            continue;
        }
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => {
                diff_object_field(name, old, new, &mut patch, place, pass)
            }
            (Value::Array(old), Value::Array(new)) => {
                diff_list_field(name, old, new, &mut patch, place, pass)
            }
            _ => {
                if pass == Pass::Changes && old != new {
                    patch.insert(name.clone(), new.clone());
                }
                Ok(())
            }
        }
        .map_err(|error| error.within(name))?;
    }
    if pass == Pass::Deletions {
        for name in original.keys().filter(|name| !modified.contains_key(*name)) {
            patch.insert(name.clone(), Value::Null);
        }
    }
    if retain_keys {
        let mut kept: Vec<&String> = modified
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, _)| name)
            .collect();
        let is_cleared = |(name, value): (&String, &Value)| !value.is_null() && !modified.contains_key(name);
        if !kept.is_empty() && (!patch.is_empty() || original.iter().any(is_cleared)) {
            kept.sort();
            patch.insert(RETAIN_KEYS.to_owned(), json!(kept));
        }
    }
    Ok(patch)
}

fn invalid(directive: &str) -> PatchError {
    PatchProblem::Directive {
        directive: directive.to_owned(),
    }
    .into()
}

fn diff_object_field(
    name: &str,
    old: &Object,
    new: &Object,
    patch: &mut Object,
    place: Place<'_>,
    pass: Pass,
) -> Result<(), PatchError> {
    let (field, inner) = match place.object(name) {
        Ok(found) => found,
        // What is not known does not matter where nothing differs.
        Err(_) if old == new => return Ok(()),
        Err(problem) => return Err(problem.into()),
    };
    if field.strategy == Strategy::Replace {
        if pass == Pass::Changes {
            patch.insert(name.to_owned(), Value::Object(new.clone()));
        }
        return Ok(());
    }
    let differences = diff_objects(old, new, inner, field.retain_keys, pass)?;
    if !differences.is_empty() {
        patch.insert(name.to_owned(), Value::Object(differences));
    }
    Ok(())
}

fn diff_list_field(
    name: &str,
    old: &[Value],
    new: &[Value],
    patch: &mut Object,
    place: Place<'_>,
    pass: Pass,
) -> Result<(), PatchError> {
    let (field, inner) = match place.list(name) {
        Ok(found) => found,
        Err(_) if old == new => return Ok(()),
        Err(problem) => return Err(problem.into()),
    };
    if field.strategy != Strategy::Merge {
        if pass == Pass::Changes && old != new {
            patch.insert(name.to_owned(), Value::Array(new.to_vec()));
        }
        return Ok(());
    }
    if old.is_empty() {
        if pass == Pass::Changes && !new.is_empty() {
            patch.insert(name.to_owned(), Value::Array(new.to_vec()));
        }
        return Ok(());
    }
    let key = Key {
        name: field.merge_key.as_deref().unwrap_or_default(),
        items: items([old, new])?,
    };
    let lists = match key.items {
        Items::Objects => diff_lists_of_objects(old, new, inner, key, field.retain_keys, pass)?,
        Items::Values => diff_lists_of_values(old, new, key, pass)?,
    };
    for (prefix, list) in [
        (None, lists.set),
        (Some(DELETE_FROM_LIST), lists.deleted),
        (Some(SET_ORDER), lists.order),
    ] {
        if !list.is_empty() {
            let name = prefix.map_or_else(|| name.to_owned(), |prefix| format!("{prefix}/{name}"));
            patch.insert(name, Value::Array(list));
        }
    }
    Ok(())
}

/// What becomes of a merged list: the list itself and the two that may stand beside it.
#[derive(Default)]
struct Lists {
    set: Vec<Value>,
    deleted: Vec<Value>,
    order: Vec<Value>,
}

fn diff_lists_of_objects(
    old: &[Value],
    new: &[Value],
    place: Place<'_>,
    key: Key<'_>,
    retain_keys: bool,
    pass: Pass,
) -> Result<Lists, PatchError> {
    let mut set = Vec::new();
    let mut deleted = Vec::new();
    let text = |item: &Value| item.get(key.name).map_or_else(|| text_of(&Value::Null), text_of);
    side_by_side(
        sorted_by_text(old, text),
        sorted_by_text(new, text),
        |old, new| {
            let (old, new) = (old.and_then(Value::as_object), new.and_then(Value::as_object));
            for item in [old, new].into_iter().flatten() {
                if !item.contains_key(key.name) {
                    return Err(no_merge_key(key.name));
                }
            }
            match (old, new) {
                (Some(old), Some(new)) => {
                    let mut patch = diff_objects(old, new, place, retain_keys, pass)?;
                    if !patch.is_empty()
                        && let Some(value) = new.get(key.name)
                    {
                        patch.insert(key.name.to_owned(), value.clone());
                        set.push(Value::Object(patch));
                    }
                }
                (None, Some(new)) if pass == Pass::Changes => set.push(Value::Object(new.clone())),
                (Some(old), None) if pass == Pass::Deletions => {
                    deleted.push(json!({ key.name: old.get(key.name), DIRECTIVE: "delete" }));
                }
                _ => {}
            }
            Ok(())
        },
    )?;
    let mut set = key.sorted_like(set, new)?;
    set.extend(deleted);
    let is_reordered = pass == Pass::Changes && !is_order_same(old, new, key)?;
    let mut order = Vec::new();
    if !set.is_empty() || is_reordered {
        order.extend(new.iter().map(|item| json!({ key.name: item.get(key.name) })));
    }
    Ok(Lists {
        set,
        deleted: Vec::new(),
        order,
    })
}

fn is_order_same(old: &[Value], new: &[Value], key: Key<'_>) -> Result<bool, PatchError> {
    if old.len() != new.len() {
        return Ok(false);
    }
    for (old, new) in old.iter().zip(new) {
        if key.of(old)? != key.of(new)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn diff_lists_of_values(old: &[Value], new: &[Value], key: Key<'_>, pass: Pass) -> Result<Lists, PatchError> {
    let sorted_old = sorted_by_text(old, text_of);
    // Go sorts the old list in place, and then compares it with the new one as that is written.
    let is_same =
        sorted_old.len() == new.len() && sorted_old.iter().zip(new).all(|((_, old), new)| *old == new);
    let mut set = Vec::new();
    let mut deleted = Vec::new();
    side_by_side(sorted_old, sorted_by_text(new, text_of), |old, new| {
        match (old, new) {
            (None, Some(new)) if pass == Pass::Changes => set.push(new.clone()),
            (Some(old), None) if pass == Pass::Deletions => deleted.push(old.clone()),
            _ => {}
        }
        Ok(())
    })?;
    let set = key.sorted_like(set, new)?;
    let is_ordered = match pass {
        Pass::Changes => !is_same,
        Pass::Deletions => !deleted.is_empty(),
    };
    Ok(Lists {
        set,
        deleted: deduplicated(deleted),
        order: if is_ordered { new.to_vec() } else { Vec::new() },
    })
}
