//! Strategic merge patches: the differences of two documents as a patch, and two patches made one.
//!
//! go: k8s.io/apimachinery/pkg/util/strategicpatch/patch.go, `CreateThreeWayMergePatch` with `overwrite`

mod combine;
mod diff;

use serde_json::{Map, Value};

use super::{PatchError, PatchProblem, PatchSchema};
use combine::merge_objects;
use diff::{Pass, diff_objects};

type Object = Map<String, Value>;

const DIRECTIVE: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList";
const SET_ORDER: &str = "$setElementOrder";

/// The strategic merge patch that brings `current` to `modified`: what `modified` sets is set, what `original` had and
/// `modified` does not have is deleted, what others set stays.
///
/// `Value::Null` stands for a document that does not exist. A patch without changes is an empty object.
pub fn three_way_strategic_merge(
    original: &Value,
    modified: &Value,
    current: &Value,
    schema: &PatchSchema,
) -> Result<Value, PatchError> {
    let none = Object::new();
    let object = |document, which| object_or(document, which, &none);
    let (original, modified, current) = (
        object(original, "original")?,
        object(modified, "modified")?,
        object(current, "current")?,
    );
    let changes = diff_objects(current, modified, schema.start(), false, Pass::Changes)?;
    let deletions = diff_objects(original, modified, schema.start(), false, Pass::Deletions)?;
    let mut patch = Value::Object(merge_objects(deletions, changes, schema.start())?);
    write_numbers_as_go(&mut patch);
    Ok(patch)
}

pub(super) fn object_or<'v>(
    document: &'v Value,
    which: &'static str,
    none: &'v Object,
) -> Result<&'v Object, PatchError> {
    match document {
        Value::Null => Ok(none),
        Value::Object(object) => Ok(object),
        _ => Err(PatchProblem::NotAnObject { which }.into()),
    }
}

/// Go writes a whole floating-point number without a fraction, and the API server wants integers so.
pub(super) fn write_numbers_as_go(value: &mut Value) {
    /// Beyond this not every integer is a floating-point number.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if number.is_f64() => {
            if let Some(float) = number.as_f64()
                && float.fract() == 0.0
                && float.abs() <= EXACT
            {
                #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range")]
                let whole = float as i64;
                *value = whole.into();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(write_numbers_as_go),
        Value::Object(object) => object.values_mut().for_each(write_numbers_as_go),
        _ => {}
    }
}
