//! What an expression evaluates to.

use crate::value::{Type, Value};

/// A value as `reflect.Value` has it: with the knowledge of whether it was read from an `interface {}`.
///
/// The difference shows in errors, and in nil: `{ Nil, from_interface: true }` is a nil interface, which has a
/// type, while `{ Nil, from_interface: false }` is no value at all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot {
    pub(crate) value: Value,
    pub(crate) from_interface: bool,
}

impl Slot {
    /// No value at all.
    pub(crate) const NOTHING: Self = Self {
        value: Value::Nil,
        from_interface: false,
    };

    /// A value whose static type is its dynamic one.
    pub(crate) const fn concrete(value: Value) -> Self {
        Self {
            value,
            from_interface: false,
        }
    }

    /// A value read through a static type.
    pub(crate) fn of_type(value: Value, ty: Type) -> Self {
        Self {
            value,
            from_interface: matches!(ty, Type::Interface),
        }
    }

    /// Whether there is a value, be it a nil interface.
    pub(crate) fn is_valid(&self) -> bool {
        self.from_interface || !matches!(self.value, Value::Nil)
    }

    /// The name of its static type.
    pub(crate) fn type_name(&self) -> String {
        if self.from_interface {
            Type::Interface.to_string()
        } else {
            self.value.type_name()
        }
    }
}
