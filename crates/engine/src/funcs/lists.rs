//! Lists: sprig's `first`, `append`, `uniq`, `slice` and relatives. None changes the list it is given.

use super::argtypes::{Any, Int, RetType, Variadic};
use super::cast::{is_empty, strslice, strval, to_int64};
use super::{Builtin, func};
use crate::context::Context;
use crate::error::FnError;
use crate::value::{GoStr, Kind, List, Type, Value, deep_equal};

// Sprig's `must` functions return the error their twins panic with; a template cannot tell.
pub(crate) const FUNCS: &[Builtin] = &[
    func!("list", list),
    func!("tuple", list),
    // Ends
    func!("first", first),
    func!("mustFirst", first),
    func!("last", last),
    func!("mustLast", last),
    func!("rest", rest),
    func!("mustRest", rest),
    func!("initial", initial),
    func!("mustInitial", initial),
    // Growing and joining
    func!("append", append),
    func!("mustAppend", append),
    func!("push", append),
    func!("mustPush", append),
    func!("prepend", prepend),
    func!("mustPrepend", prepend),
    func!("concat", concat),
    // Choosing
    func!("has", has).walks(),
    func!("mustHas", has).walks(),
    func!("without", without).walks(),
    func!("mustWithout", without).walks(),
    func!("uniq", uniq).walks(),
    func!("mustUniq", uniq).walks(),
    func!("compact", compact),
    func!("mustCompact", compact),
    func!("slice", slice),
    func!("mustSlice", slice),
    func!("chunk", chunk),
    func!("mustChunk", chunk),
    // Order
    func!("reverse", reverse),
    func!("mustReverse", reverse),
    func!("sortAlpha", sort_alpha).walks(),
];

/// What Go says when it looks at the type of nil.
const NIL_DEREFERENCE: &str = "runtime error: invalid memory address or nil pointer dereference";

/// The elements of `list`; `complaint` begins the error for what is no list.
fn items_of(list: &Value, complaint: &str) -> Result<Vec<Value>, FnError> {
    if matches!(list, Value::Nil) {
        return Err(NIL_DEREFERENCE.into());
    }
    list.to_items()
        .ok_or_else(|| FnError::new(format!("{complaint} {}", list.kind())))
}

/// What `look` finds in the elements, without copying those of a plain list.
fn look_at<T>(list: &Value, complaint: &str, look: impl FnOnce(&[Value]) -> T) -> Result<T, FnError> {
    match list {
        Value::List(list) => Ok(look(list.as_slice())),
        other => items_of(other, complaint).map(|items| look(&items)),
    }
}

/// A `[][]interface {}` result.
struct Lists(Vec<Value>);

impl RetType for Lists {
    const TYPE: Type = Type::Slice(&Type::LIST);

    fn into_value(self) -> Result<Value, FnError> {
        Ok(Value::List(List::typed(Self::TYPE, self.0)))
    }
}

/// A `[]string` result that may be nil.
pub(super) struct StringList(pub(super) List);

impl RetType for StringList {
    const TYPE: Type = Type::STRINGS;

    fn into_value(self) -> Result<Value, FnError> {
        Ok(Value::List(self.0))
    }
}

impl StringList {
    pub(super) fn new(items: impl IntoIterator<Item = GoStr>) -> Self {
        Self(List::typed(
            Type::STRINGS,
            items.into_iter().map(Value::String).collect(),
        ))
    }

    /// The elements as strings, or the value as the only one. Sprig takes a list of strings as it is, a nil one too.
    pub(super) fn from_value(value: &Value) -> Self {
        match value {
            Value::List(list) if list.ty() == Type::STRINGS => Self(list.clone()),
            other => Self::new(strslice(other)),
        }
    }
}

/// The arguments as a list.
fn list(items: Variadic<Value>) -> List {
    List::new(items.0)
}

/// The first element, nil of an empty list.
fn first(list: Value) -> Result<Value, FnError> {
    look_at(&list, "Cannot find first on type", |items| {
        items.first().cloned().unwrap_or_default()
    })
}

/// The last element, nil of an empty list.
fn last(list: Value) -> Result<Value, FnError> {
    look_at(&list, "Cannot find last on type", |items| {
        items.last().cloned().unwrap_or_default()
    })
}

/// All but the first element.
fn rest(context: &mut Context<'_>, list: Value) -> Result<List, FnError> {
    let mut items = items_of(&list, "Cannot find rest on type")?;
    context.budget().list(items.len())?;
    if items.is_empty() {
        return Ok(List::nil(Type::LIST));
    }
    items.remove(0);
    Ok(List::new(items))
}

/// All but the last element.
fn initial(context: &mut Context<'_>, list: Value) -> Result<List, FnError> {
    let mut items = items_of(&list, "Cannot find initial on type")?;
    context.budget().list(items.len())?;
    if items.pop().is_none() {
        return Ok(List::nil(Type::LIST));
    }
    Ok(List::new(items))
}

/// A copy of the list with `item` at its end.
fn append(context: &mut Context<'_>, list: Value, item: Value) -> Result<List, FnError> {
    let mut items = items_of(&list, "Cannot push on type")?;
    context.budget().list(items.len() + 1)?;
    items.push(item);
    Ok(List::new(items))
}

/// A copy of the list with `item` at its start.
fn prepend(context: &mut Context<'_>, list: Value, item: Value) -> Result<List, FnError> {
    let mut items = items_of(&list, "Cannot prepend on type")?;
    context.budget().list(items.len() + 1)?;
    items.insert(0, item);
    Ok(List::new(items))
}

/// All elements of all lists.
fn concat(context: &mut Context<'_>, lists: Variadic<Value>) -> Result<Any<List>, FnError> {
    let mut items = Vec::new();
    for list in &lists.0 {
        if matches!(list, Value::Nil) {
            return Err(NIL_DEREFERENCE.into());
        }
        let more = list
            .to_items()
            .ok_or_else(|| FnError::new(format!("Cannot concat type {} as list", list.kind())))?;
        context.budget().list(more.len())?;
        items.extend(more);
    }
    Ok(Any(if items.is_empty() {
        List::nil(Type::LIST)
    } else {
        List::new(items)
    }))
}

/// Whether an element equals `item`.
fn has(context: &mut Context<'_>, item: Value, list: Value) -> Result<bool, FnError> {
    if matches!(list, Value::Nil) {
        return Ok(false);
    }
    look_at(&list, "Cannot find has on type", |items| {
        contains(context, items, &item)
    })?
}

/// Whether `items` contains `item`, at the price of looking at all of them.
fn contains(context: &mut Context<'_>, items: &[Value], item: &Value) -> Result<bool, FnError> {
    // Each comparison may have to look at all that the item holds.
    let before = context.budget().steps_spent();
    context.budget().walk_if_nested(item)?;
    let size = 1 + context.budget().steps_spent() - before;
    context
        .budget()
        .steps((items.len() as u64).saturating_mul(size))?;
    Ok(items.iter().any(|other| deep_equal(other, item)))
}

/// The elements that equal none of `omitted`.
fn without(context: &mut Context<'_>, list: Value, omitted: Variadic<Value>) -> Result<List, FnError> {
    let mut kept = Vec::new();
    for item in items_of(&list, "Cannot find without on type")? {
        if !contains(context, &omitted.0, &item)? {
            kept.push(item);
        }
    }
    Ok(List::new(kept))
}

/// The elements without those that equal an earlier one.
fn uniq(context: &mut Context<'_>, list: Value) -> Result<List, FnError> {
    let mut kept = Vec::new();
    for item in items_of(&list, "Cannot find uniq on type")? {
        if !contains(context, &kept, &item)? {
            kept.push(item);
        }
    }
    Ok(List::new(kept))
}

/// The elements that are not empty.
fn compact(context: &mut Context<'_>, list: Value) -> Result<List, FnError> {
    let mut items = items_of(&list, "Cannot compact on type")?;
    context.budget().list(items.len())?;
    items.retain(|item| !is_empty(item));
    Ok(List::new(items))
}

/// The elements from index `start` to before `end`.
fn slice(context: &mut Context<'_>, list: Value, indices: Variadic<Value>) -> Result<Value, FnError> {
    let items = items_of(&list, "list should be type of slice or array but")?;
    if items.is_empty() {
        return Ok(Value::Nil);
    }
    context.budget().list(items.len())?;
    let index = |n: usize, default: usize| match indices.0.get(n) {
        None => Some(default),
        Some(index) => usize::try_from(to_int64(index)).ok(),
    };
    let sliced = index(0, 0)
        .zip(index(1, items.len()))
        .and_then(|(start, end)| match &list {
            Value::List(list) => list.reslice(start, end).map(Value::List),
            Value::Bytes(bytes) if start <= end && end <= bytes.len() => {
                Some(Value::Bytes(bytes.slice(start, end)))
            }
            _ => None,
        });
    sliced.ok_or_else(|| FnError::new("reflect.Value.Slice: slice index out of bounds"))
}

/// The elements in lists of `size`, the last perhaps shorter.
fn chunk(context: &mut Context<'_>, size: Int, list: Value) -> Result<Lists, FnError> {
    let items = items_of(&list, "Cannot chunk type")?;
    context.budget().list(items.len())?;
    let makeslice = || FnError::new("runtime error: makeslice: len out of range");
    let size = match usize::try_from(size.0) {
        Ok(0) => return Err(makeslice()),
        Ok(size) => size,
        // Go computes with the negative size: as long as it comes to no chunk, or to one of one element, all is well.
        Err(_) => {
            let length = items.len() as u64;
            return match size.0.unsigned_abs() {
                2.. if length == 1 => Ok(Lists(vec![Value::list(items)])),
                magnitude if length > 1 && length - 1 <= magnitude => Ok(Lists(Vec::new())),
                _ => Err(makeslice()),
            };
        }
    };
    Ok(Lists(
        items
            .chunks(size)
            .map(|chunk| Value::list(chunk.to_vec()))
            .collect(),
    ))
}

/// The elements in opposite order.
fn reverse(context: &mut Context<'_>, list: Value) -> Result<List, FnError> {
    let mut items = items_of(&list, "Cannot find reverse on type")?;
    context.budget().list(items.len())?;
    items.reverse();
    Ok(List::new(items))
}

/// The elements as strings, sorted.
fn sort_alpha(context: &mut Context<'_>, list: Value) -> Result<StringList, FnError> {
    if list.kind() != Kind::Slice && list.kind() != Kind::Array {
        return Ok(StringList::new([strval(&list)]));
    }
    let strings = StringList::from_value(&list);
    context.budget().list(strings.0.len())?;
    if strings.0.is_empty() {
        return Ok(strings);
    }
    let mut items: Vec<GoStr> = strings.0.iter().map(strval).collect();
    items.sort();
    Ok(StringList::new(items))
}
