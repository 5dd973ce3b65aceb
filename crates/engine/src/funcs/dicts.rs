//! Dictionaries: sprig's `get`, `set`, `merge`, `dig` and relatives.
//!
//! `set`, `unset` and the first argument of the `merge` family are changed in place, for every holder of the map.

use super::argtypes::{Any, Strings, Variadic};
use super::cast::strval;
use super::{Builtin, func};
use crate::context::Context;
use crate::error::FnError;
use crate::value::{GoStr, List, Map, Type, Value, deep_copy};

pub(crate) const FUNCS: &[Builtin] = &[
    func!("dict", dict),
    func!("get", get),
    func!("set", set),
    func!("unset", unset),
    func!("hasKey", has_key),
    func!("dig", dig),
    func!("pluck", pluck),
    func!("keys", keys),
    func!("values", values),
    func!("pick", pick),
    func!("omit", omit),
    func!("merge", merge).walks(),
    func!("mustMerge", merge).walks(),
    func!("mergeOverwrite", merge_overwrite).walks(),
    func!("mustMergeOverwrite", merge_overwrite).walks(),
    func!("deepCopy", deep_copied).walks(),
    func!("mustDeepCopy", deep_copied).walks(),
];

/// Deepest nesting that is merged; Go would follow a map that contains itself until its stack ends.
const MAX_DEPTH: usize = 500;

/// A dictionary of alternating keys and values; a key without value gets the empty string.
fn dict(context: &mut Context<'_>, items: Variadic<Value>) -> Result<Map, FnError> {
    context.budget().list(items.0.len())?;
    let map = Map::new();
    let mut items = items.0.into_iter();
    while let Some(key) = items.next() {
        map.insert(
            strval(&key),
            items.next().unwrap_or_else(|| Value::String(GoStr::EMPTY)),
        );
    }
    Ok(map)
}

/// The value at `key`, the empty string if there is none.
fn get(map: Map, key: GoStr) -> Value {
    map.get(&key).unwrap_or_else(|| Value::String(GoStr::EMPTY))
}

/// Sets `key` and returns the same map.
fn set(map: Map, key: GoStr, value: Value) -> Result<Map, FnError> {
    if map.is_nil() {
        return Err("assignment to entry in nil map".into());
    }
    map.insert(key, value);
    Ok(map)
}

/// Removes `key` and returns the same map.
fn unset(map: Map, key: GoStr) -> Map {
    map.remove(&key);
    map
}

/// Whether there is an entry for `key`.
fn has_key(map: Map, key: GoStr) -> bool {
    map.contains_key(&key)
}

/// The value at the end of a path of keys, or the default before the last argument, which is the dictionary.
fn dig(args: Variadic<Value>) -> Result<Value, FnError> {
    let [keys @ .., default, map] = args.0.as_slice() else {
        return Err("dig needs at least three arguments".into());
    };
    if keys.is_empty() {
        return Err("dig needs at least three arguments".into());
    }
    let mut map = as_dict(map)?;
    let keys = keys.iter().map(|key| match key {
        Value::String(key) => Ok(key),
        other => Err(not_a(other, Type::String)),
    });
    // All keys are looked at before the first is used.
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    for (index, key) in keys.iter().enumerate() {
        let Some(value) = map.get(key) else {
            return Ok(default.clone());
        };
        if index + 1 == keys.len() {
            return Ok(value);
        }
        map = as_dict(&value)?;
    }
    Ok(default.clone())
}

/// Go's type assertion, which takes no other type of map.
fn as_dict(value: &Value) -> Result<Map, FnError> {
    match value {
        Value::Map(map) if map.ty() == Type::DICT => Ok(map.clone()),
        other => Err(not_a(other, Type::DICT)),
    }
}

fn not_a(value: &Value, ty: Type) -> FnError {
    let found = if matches!(value, Value::Nil) {
        "nil".to_owned()
    } else {
        value.type_name()
    };
    FnError::new(format!(
        "interface conversion: interface {{}} is {found}, not {ty}"
    ))
}

/// The values at `key` of those dictionaries that have it.
fn pluck(context: &mut Context<'_>, key: GoStr, maps: Variadic<Map>) -> Result<List, FnError> {
    context.budget().list(maps.0.len())?;
    Ok(maps.0.iter().filter_map(|map| map.get(&key)).collect())
}

/// The keys of all dictionaries; sorted in each, where Go has no order.
fn keys(context: &mut Context<'_>, maps: Variadic<Map>) -> Result<Strings, FnError> {
    context.budget().list(maps.0.iter().map(Map::len).sum())?;
    Ok(Strings(maps.0.iter().flat_map(Map::keys).collect()))
}

/// The values in the order of their keys, where Go has no order.
fn values(context: &mut Context<'_>, map: Map) -> Result<List, FnError> {
    context.budget().list(map.len())?;
    Ok(List::new(map.values()))
}

/// A new dictionary with only the given keys.
fn pick(map: Map, keys: Variadic<GoStr>) -> Map {
    keys.0
        .into_iter()
        .filter_map(|key| map.get(&key).map(|value| (key, value)))
        .collect()
}

/// A new dictionary without the given keys.
fn omit(context: &mut Context<'_>, map: Map, keys: Variadic<GoStr>) -> Result<Map, FnError> {
    context.budget().list(map.len())?;
    let rest: Map = map.entries().into_iter().collect();
    for key in &keys.0 {
        rest.remove(key);
    }
    Ok(rest)
}

/// Adds to the first dictionary what the others have and it has not, or has empty. Deep.
fn merge(context: &mut Context<'_>, target: Map, sources: Variadic<Map>) -> Result<Any<Map>, FnError> {
    merge_all(context, target, &sources.0, false)
}

/// Writes what the others have into the first dictionary. Deep.
fn merge_overwrite(
    context: &mut Context<'_>,
    target: Map,
    sources: Variadic<Map>,
) -> Result<Any<Map>, FnError> {
    merge_all(context, target, &sources.0, true)
}

fn merge_all(
    context: &mut Context<'_>,
    target: Map,
    sources: &[Map],
    overwrite: bool,
) -> Result<Any<Map>, FnError> {
    let mut target = target;
    for source in sources {
        if target.is_nil() && !source.is_nil() {
            target = Map::new();
        }
        merge_into(context, &target, source, overwrite, 0)?;
    }
    Ok(Any(target))
}

/// What mergo does for a map (merge.go, `deepMerge`), step by step, since its order shows in the result: an empty map
/// or list counts as missing, nil overwrites only on request, a list is never merged.
fn merge_into(
    context: &mut Context<'_>,
    target: &Map,
    source: &Map,
    overwrite: bool,
    depth: usize,
) -> Result<(), FnError> {
    if depth > MAX_DEPTH {
        return Err(FnError::new(format!("merge is nested deeper than {MAX_DEPTH}")));
    }
    context.budget().list(source.len())?;
    for (key, new) in source.entries() {
        let old = target.get(&key);
        if new.is_nil() {
            if overwrite {
                target.insert(key, new);
            }
            continue;
        }
        match (&new, &old) {
            (Value::Map(new), Some(Value::Map(old))) if !old.is_nil() => {
                merge_into(context, old, new, overwrite, depth + 1)?;
            }
            (Value::List(_) | Value::Bytes(_), _) if overwrite || target.is_empty() => {
                target.insert(key.clone(), new.clone());
            }
            _ => {}
        }
        if let Some(old) = &old
            && !is_empty_for_merge(old)
        {
            let both_maps = matches!((&new, old), (Value::Map(_), Value::Map(_)));
            if both_maps || matches!(new, Value::List(_) | Value::Bytes(_)) {
                continue;
            }
        }
        if overwrite || old.as_ref().is_none_or(is_empty_for_merge) {
            target.insert(key, new);
        }
    }
    Ok(())
}

/// mergo's idea of empty: structs are not, pointers are followed.
fn is_empty_for_merge(value: &Value) -> bool {
    !value.truth()
}

/// A copy that shares nothing with the value.
fn deep_copied(context: &mut Context<'_>, value: Value) -> Result<Value, FnError> {
    if matches!(value, Value::Nil) {
        return Err("reflect: call of reflect.Value.Type on zero Value".into());
    }
    context.budget().steps(1)?;
    Ok(deep_copy(&value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::funcs::argtypes::Args;
    use crate::funcs::find;
    use crate::host::NoHost;
    use crate::limits::Limits;
    use crate::value::{Kind, Named};

    #[test]
    fn a_named_map_comes_back_unnamed() {
        static VALUES: Named = Named {
            name: "common.Values",
            kind: Kind::Map,
            elem: Type::Interface,
            methods: &[],
        };
        let map = Map::new();
        let mut args = [Value::Map(map.retyped(&VALUES)), "k".into(), Value::int(1)];
        let mut context = Context::new(&NoHost, Limits::default());
        let set = find("set").expect("set is in the table");
        let changed = (set.call)(&mut context, Args::new(&mut args)).expect("a map");
        assert_eq!(changed.type_name(), "map[string]interface {}");
        assert!(map.contains_key("k"));
    }
}
