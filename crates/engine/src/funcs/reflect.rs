//! Types: sprig's `kindOf`, `typeOf`, `deepEqual` and relatives.

use super::{Builtin, func};
use crate::value::{GoStr, Value, deep_equal};

pub(crate) const FUNCS: &[Builtin] = &[
    func!("kindOf", kind_of),
    func!("kindIs", kind_is),
    func!("typeOf", type_of),
    func!("typeIs", type_is),
    func!("typeIsLike", type_is_like),
    func!("deepEqual", deeply_equal).walks(),
];

/// The kind: `map`, `slice`, `string`, …; `invalid` for nil.
fn kind_of(value: Value) -> GoStr {
    GoStr::from_static(value.kind().name())
}

/// Whether the value is of that kind.
fn kind_is(kind: GoStr, value: Value) -> bool {
    kind == *value.kind().name()
}

/// The type: `map[string]interface {}`, …; `<nil>` for nil.
fn type_of(value: Value) -> String {
    value.type_name()
}

/// Whether the value is of that type.
fn type_is(name: GoStr, value: Value) -> bool {
    name == *value.type_name()
}

/// Whether the value is of that type or a pointer to it.
fn type_is_like(name: GoStr, value: Value) -> bool {
    let found = value.type_name();
    name == *found || found.strip_prefix('*').is_some_and(|pointee| name == *pointee)
}

/// Whether both values are of one type and equal, elements included.
fn deeply_equal(left: Value, right: Value) -> bool {
    deep_equal(&left, &right)
}
