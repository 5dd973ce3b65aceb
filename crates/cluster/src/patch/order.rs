//! Lists in the order Go's strategic merge brings them in, and how it tells their items apart.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{PatchError, PatchProblem};
use crate::readiness::go_text;

/// What the items of a list are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Items {
    Objects,
    Values,
}

/// What the items of all `lists` are; they have to be of one type.
pub(super) fn items(lists: [&[Value]; 2]) -> Result<Items, PatchError> {
    let mut all = lists.into_iter().flatten();
    let first = all.next().ok_or(PatchProblem::EmptyLists)?;
    let ty = ty(first);
    match ty {
        Ty::List => return Err(PatchProblem::ListOfLists.into()),
        Ty::Null => return Err(PatchProblem::MixedList.into()),
        _ => {}
    }
    if all.any(|item| self::ty(item) != ty) {
        return Err(PatchProblem::MixedList.into());
    }
    Ok(if ty == Ty::Object {
        Items::Objects
    } else {
        Items::Values
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ty {
    Null,
    Bool,
    Int,
    Float,
    Text,
    List,
    Object,
}

fn ty(value: &Value) -> Ty {
    match value {
        Value::Null => Ty::Null,
        Value::Bool(_) => Ty::Bool,
        Value::Number(number) if number.is_i64() => Ty::Int,
        Value::Number(_) => Ty::Float,
        Value::String(_) => Ty::Text,
        Value::Array(_) => Ty::List,
        Value::Object(_) => Ty::Object,
    }
}

/// How the items of one list are told apart: by the field that names them, or by what they are.
#[derive(Clone, Copy)]
pub(super) struct Key<'k> {
    pub(super) name: &'k str,
    pub(super) items: Items,
}

impl Key<'_> {
    /// What two items that are the same have in common. An item without its key has none.
    pub(super) fn of(self, item: &Value) -> Result<String, PatchError> {
        match self.items {
            Items::Values => Ok(item.to_string()),
            Items::Objects => match item.get(self.name) {
                Some(value) => Ok(value.to_string()),
                None => Err(no_merge_key(self.name)),
            },
        }
    }

    /// Where each key is first in `list`.
    pub(super) fn places(self, list: &[Value]) -> Result<HashMap<String, usize>, PatchError> {
        let mut places = HashMap::with_capacity(list.len());
        for (index, item) in list.iter().enumerate() {
            places.entry(self.of(item)?).or_insert(index);
        }
        Ok(places)
    }

    /// `list` in the order its items have in `order`; those to be deleted go last.
    pub(super) fn sorted_like(self, list: Vec<Value>, order: &[Value]) -> Result<Vec<Value>, PatchError> {
        let places = self.places(order)?;
        let mut sorted = Vec::with_capacity(list.len());
        for item in list {
            let place = places.get(&self.of(&item)?).copied();
            let is_deleted = self.items == Items::Objects && is_delete(&item);
            sorted.push(((is_deleted, place.filter(|_| !is_deleted)), item));
        }
        sorted.sort_by_key(|(place, _)| *place);
        Ok(sorted.into_iter().map(|(_, item)| item).collect())
    }

    /// Those items of `list` that `other` names too, and the rest.
    pub(super) fn split(
        self,
        list: Vec<Value>,
        other: &[Value],
    ) -> Result<(Vec<Value>, Vec<Value>), PatchError> {
        let named = self.places(other)?;
        let mut sides = (Vec::new(), Vec::new());
        for item in list {
            if named.contains_key(&self.of(&item)?) {
                sides.0.push(item);
            } else {
                sides.1.push(item);
            }
        }
        Ok(sides)
    }

    /// The items a patch names in the order it wants, and between them those only the server has: each before the first
    /// item that came after it on the server.
    pub(super) fn interleaved(
        self,
        (patch, server): (Vec<Value>, Vec<Value>),
        patch_order: &[Value],
        server_order: &[Value],
    ) -> Result<Vec<Value>, PatchError> {
        let patch = self.sorted_like(patch, patch_order)?;
        let server = self.sorted_like(server, server_order)?;
        let places = self.places(server_order)?;
        let mut merged = Vec::with_capacity(patch.len() + server.len());
        let (mut patch, mut server) = (patch.into_iter().peekable(), server.into_iter().peekable());
        while let (Some(wanted), Some(kept)) = (patch.peek(), server.peek()) {
            let kept_place = places.get(&self.of(kept)?);
            let wanted_place = places.get(&self.of(wanted)?);
            let is_before = matches!((kept_place, wanted_place), (Some(kept), Some(wanted)) if kept < wanted);
            merged.extend(if is_before { server.next() } else { patch.next() });
        }
        merged.extend(patch);
        merged.extend(server);
        Ok(merged)
    }
}

pub(super) fn no_merge_key(key: &str) -> PatchError {
    PatchProblem::NoMergeKey { key: key.to_owned() }.into()
}

/// Whether an item of a patch says that it is to be deleted.
pub(super) fn is_delete(item: &Value) -> bool {
    item.get("$patch").and_then(Value::as_str) == Some("delete")
}

/// `list` by its texts. Of equal ones the last comes first, as in Go, which sorts by "less or equal": lists of ports hold
/// 53 twice, and which of them meets which depends on it. Go goes another way for more than a dozen items.
pub(super) fn sorted_by_text<'v>(
    list: &'v [Value],
    text: impl Fn(&'v Value) -> String,
) -> Vec<(String, &'v Value)> {
    let mut sorted: Vec<_> = list.iter().rev().map(|item| (text(item), item)).collect();
    sorted.sort_by(|left, right| left.0.cmp(&right.0));
    sorted
}

/// Walks two lists that are sorted by text side by side.
pub(super) fn side_by_side<T>(
    left: Vec<(String, T)>,
    right: Vec<(String, T)>,
    mut visit: impl FnMut(Option<T>, Option<T>) -> Result<(), PatchError>,
) -> Result<(), PatchError> {
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((left, _)), Some((right, _))) => left.cmp(right),
        };
        let take = |from: &mut std::iter::Peekable<std::vec::IntoIter<(String, T)>>, not: Ordering| {
            if order == not {
                None
            } else {
                from.next().map(|(_, item)| item)
            }
        };
        let pair = (
            take(&mut left, Ordering::Greater),
            take(&mut right, Ordering::Less),
        );
        visit(pair.0, pair.1)?;
    }
}

/// What Go sorts scalars by.
pub(super) fn text_of(value: &Value) -> String {
    go_text(value)
}

/// `list` without repetitions; as in Go the last item takes the place of one that goes.
pub(super) fn deduplicated(mut list: Vec<Value>) -> Vec<Value> {
    let mut seen = HashSet::new();
    if list.iter().all(|item| seen.insert(item.to_string())) {
        return list;
    }
    let mut first = 0;
    while first < list.len() {
        let mut second = first + 1;
        while second < list.len() {
            if list.get(first) == list.get(second) {
                list.swap_remove(second);
            } else {
                second += 1;
            }
        }
        first += 1;
    }
    list
}
