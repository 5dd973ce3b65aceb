//! Deep equality, deep copies and dropping, bounded in native stack: a template can nest lists a million deep, or
//! build a map that contains itself.

use std::cell::Cell;

use super::{List, Value};

/// Deeper structures count as unequal and are shared instead of copied; no chart comes near.
const MAX_DEPTH: usize = 1_000;

/// Containers in each other that are dropped by recursion.
const MAX_DROP_DEPTH: usize = 32;

thread_local! {
    /// How many containers are being dropped, each within the one before.
    static DROP_DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Drops what a container held; of values that nest deeply without recursion.
pub(super) fn dismantle<T>(held: T, into_values: impl FnOnce(T) -> Vec<Value>) {
    let depth = DROP_DEPTH.get();
    if depth < MAX_DROP_DEPTH {
        DROP_DEPTH.set(depth + 1);
        drop(held);
        DROP_DEPTH.set(depth);
        return;
    }
    let mut values = into_values(held);
    while let Some(value) = values.pop() {
        let inner = match value {
            Value::List(list) => list.into_items(),
            Value::Map(map) => map.into_values(),
            _ => None,
        };
        values.extend(inner.into_iter().flatten());
    }
}

/// `reflect.DeepEqual`.
#[must_use]
pub fn deep_equal(a: &Value, b: &Value) -> bool {
    equal_at(a, b, 0)
}

fn equal_at(a: &Value, b: &Value, depth: usize) -> bool {
    if depth > MAX_DEPTH || a.ty() != b.ty() {
        return false;
    }
    match (a, b) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(_, a), Value::Int(_, b)) => a == b,
        (Value::Uint(_, a), Value::Uint(_, b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Float32(a), Value::Float32(b)) => a == b,
        (Value::Complex(a, i), Value::Complex(b, j)) => a == b && i == j,
        (Value::String(a), Value::String(b)) | (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            a.same(b)
                || (a.is_nil() == b.is_nil()
                    && a.len() == b.len()
                    && a.iter().zip(b).all(|(a, b)| equal_at(a, b, depth + 1)))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.same(b)
                || (a.is_nil() == b.is_nil()
                    && a.len() == b.len()
                    && a.entries()
                        .iter()
                        .zip(b.entries())
                        .all(|((ak, av), (bk, bv))| *ak == bk && equal_at(av, &bv, depth + 1)))
        }
        (Value::Object(a), Value::Object(b)) => {
            if std::rc::Rc::ptr_eq(a, b) || a.equals(b.as_ref()) {
                return true;
            }
            match (a.underlying(), b.underlying()) {
                (Some(a), Some(b)) => equal_at(&a, &b, depth + 1),
                _ => false,
            }
        }
        _ => false,
    }
}

/// A copy that shares no list or map with `value`; objects are shared.
#[must_use]
pub fn deep_copy(value: &Value) -> Value {
    copy_at(value, 0)
}

fn copy_at(value: &Value, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return value.clone();
    }
    match value {
        Value::List(list) if !list.is_nil() => {
            let items = list.iter().map(|item| copy_at(item, depth + 1)).collect();
            Value::List(List::typed(list.ty(), items))
        }
        Value::Map(map) if !map.is_nil() => Value::Map(map.with_values(|item| copy_at(item, depth + 1))),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{List, Value, deep_copy, deep_equal};
    use crate::value::Map;

    #[test]
    fn a_million_lists_in_each_other_are_dropped() {
        let mut value = Value::Nil;
        for depth in 0..1_000_000 {
            value = if depth % 2 == 0 {
                Value::List(List::new(vec![value]))
            } else {
                Value::Map(Map::from_iter([("k", value)]))
            };
        }
        assert!(!deep_equal(&value, &deep_copy(&value)), "the depth is bounded");
    }

    #[test]
    fn a_copy_shares_nothing_that_can_change() {
        let inner = Map::from_iter([("a", Value::int(1))]);
        let value = Value::list(vec![Value::Map(inner.clone())]);
        let copy = deep_copy(&value);
        assert!(deep_equal(&value, &copy));
        inner.insert("a", Value::int(2));
        assert!(!deep_equal(&value, &copy));
    }
}
