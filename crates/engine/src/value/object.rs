//! Values with a Go type of their own: times, versions, certificates, `.Files`, `.Capabilities`.

use std::any::Any;
use std::fmt;
use std::rc::Rc;

use super::{GoStr, Kind, Type, Value};
use crate::funcs::Builtin;

/// What reading a field of a struct gives.
pub enum Field {
    /// The value and the field's static type (`Type::Interface` where it is declared as an interface).
    Value(Value, Type),
    /// The field exists and starts with a lower-case letter.
    Unexported,
}

/// A Go value that is neither a basic value nor a plain slice or map.
///
/// Only what the type supports is to be implemented; the defaults describe an empty struct.
pub trait Object: Any + fmt::Debug {
    /// Its Go type: name and kind (`*semver.Version` is a pointer, `time.Time` a struct).
    fn ty(&self) -> Type;

    /// Its methods, the receiver being each function's first parameter.
    fn methods(&self) -> &'static [Builtin] {
        &[]
    }

    /// The field `name` of a struct or of what a pointer points to.
    fn field(&self, _name: &str) -> Option<Field> {
        None
    }

    /// All fields in declaration order, as `%v` and `%+v` print them.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// The result of `String()` or `Error()`, for types that have one.
    fn string(&self) -> Option<GoStr> {
        None
    }

    /// The result of `GoString()`, which `%#v` prints, for types that have it.
    fn go_string(&self) -> Option<GoStr> {
        None
    }

    /// Whether this is a nil pointer.
    fn is_nil(&self) -> bool {
        false
    }

    /// The underlying basic, slice or map value of a named type of such a kind (`time.Duration` is an int64).
    fn underlying(&self) -> Option<Value> {
        None
    }

    /// `MarshalJSON`, for types that have one: the JSON text.
    fn json(&self) -> Option<String> {
        None
    }

    /// Go's `==` between two values of the type; pointers are equal when they are the same.
    fn equals(&self, _other: &dyn Object) -> bool {
        false
    }
}

/// The [`Object`] as its Rust type.
#[must_use]
pub fn downcast<T: Object>(object: &Rc<dyn Object>) -> Option<Rc<T>> {
    let any: Rc<dyn Any> = Rc::clone(object) as Rc<dyn Any>;
    any.downcast().ok()
}

impl Type {
    /// Whether values of the type are structs or pointers to one.
    #[must_use]
    pub fn is_struct_like(self) -> bool {
        matches!(self.kind(), Kind::Struct | Kind::Pointer)
    }
}
