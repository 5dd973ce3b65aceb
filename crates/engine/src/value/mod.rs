//! The values templates compute with: Go's dynamic kinds as Rust data.
//!
//! A [`Value`] is what Go would hold in an `interface{}`: [`Value::Nil`] is the nil interface, everything else
//! knows its exact Go type ([`Value::ty`]). Cloning is cheap and shares lists, maps and objects.

mod deep;
mod entries;
mod gostr;
mod list;
mod map;
mod object;
mod types;

use std::rc::Rc;

use crate::funcs::Builtin;

pub use deep::{deep_copy, deep_equal};
pub use gostr::{GoStr, Runes, decode_rune};
pub use list::List;
pub use map::Map;
pub use object::{Field, Object, downcast};
pub use types::{IntKind, Kind, Named, Type, UintKind};

/// A Go value.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// The nil interface.
    #[default]
    Nil,
    Bool(bool),
    Int(IntKind, i64),
    Uint(UintKind, u64),
    Float(f64),
    Float32(f32),
    /// Real and imaginary part.
    Complex(f64, f64),
    String(GoStr),
    /// `[]byte`; never nil.
    Bytes(GoStr),
    List(List),
    Map(Map),
    Object(Rc<dyn Object>),
}

impl Value {
    /// A Go `int`.
    #[must_use]
    pub const fn int(n: i64) -> Self {
        Self::Int(IntKind::Int, n)
    }

    /// A Go `int64`.
    #[must_use]
    pub const fn int64(n: i64) -> Self {
        Self::Int(IntKind::Int64, n)
    }

    /// A Go string.
    #[must_use]
    pub fn string(text: impl Into<GoStr>) -> Self {
        Self::String(text.into())
    }

    /// A `[]interface {}`.
    #[must_use]
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(List::new(items))
    }

    /// A `[]string`.
    #[must_use]
    pub fn strings<S: Into<GoStr>>(items: impl IntoIterator<Item = S>) -> Self {
        let items = items.into_iter().map(|item| Self::String(item.into())).collect();
        Self::List(List::typed(Type::STRINGS, items))
    }

    /// A value with a type of its own.
    #[must_use]
    pub fn object(object: impl Object) -> Self {
        Self::Object(Rc::new(object))
    }

    /// Its dynamic type; `None` for nil.
    #[must_use]
    pub fn ty(&self) -> Option<Type> {
        Some(match self {
            Self::Nil => return None,
            Self::Bool(_) => Type::Bool,
            Self::Int(width, _) => Type::Int(*width),
            Self::Uint(width, _) => Type::Uint(*width),
            Self::Float(_) => Type::Float64,
            Self::Float32(_) => Type::Float32,
            Self::Complex(..) => Type::Complex128,
            Self::String(_) => Type::String,
            Self::Bytes(_) => Type::BYTES,
            Self::List(list) => list.ty(),
            Self::Map(map) => map.ty(),
            Self::Object(object) => object.ty(),
        })
    }

    /// `reflect.Kind` of the dynamic value; `Invalid` for nil.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.ty().map_or(Kind::Invalid, Type::kind)
    }

    /// The type's name as `%T` prints it: `<nil>` for nil.
    #[must_use]
    pub fn type_name(&self) -> String {
        self.ty().map_or_else(|| "<nil>".to_owned(), |ty| ty.to_string())
    }

    /// The methods of its type, the receiver being each function's first parameter.
    #[must_use]
    pub fn methods(&self) -> &'static [Builtin] {
        match self {
            Self::Object(object) => object.methods(),
            Self::List(list) => list.ty().methods(),
            Self::Map(map) => map.ty().methods(),
            _ => &[],
        }
    }

    /// The nil interface, or a nil slice, map or pointer.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        match self {
            Self::Nil => true,
            Self::List(list) => list.is_nil(),
            Self::Map(map) => map.is_nil(),
            Self::Object(object) => object.is_nil(),
            _ => false,
        }
    }

    /// Text/template's truth: not the zero value of its type; structs are always true.
    #[must_use]
    pub fn truth(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(b) => *b,
            Self::Int(_, n) => *n != 0,
            Self::Uint(_, n) => *n != 0,
            Self::Float(x) => *x != 0.0,
            Self::Float32(x) => *x != 0.0,
            Self::Complex(re, im) => *re != 0.0 || *im != 0.0,
            Self::String(text) | Self::Bytes(text) => !text.is_empty(),
            Self::List(list) => !list.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Object(object) => match object.underlying() {
                Some(value) => value.truth(),
                None => !object.is_nil(),
            },
        }
    }

    /// Whether it can hold other values.
    pub(crate) fn is_container(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(_))
    }

    /// Go's `len` of a string, slice or map.
    #[must_use]
    pub fn len(&self) -> Option<usize> {
        match self {
            Self::String(text) | Self::Bytes(text) => Some(text.len()),
            Self::List(list) => Some(list.len()),
            Self::Map(map) => Some(map.len()),
            Self::Object(object) => object.underlying()?.len(),
            _ => None,
        }
    }

    /// Whether [`Value::len`] is zero or absent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len().unwrap_or(0) == 0
    }

    /// The elements of any slice or array, `[]byte` included.
    #[must_use]
    pub fn to_items(&self) -> Option<Vec<Self>> {
        match self {
            Self::List(list) => Some(list.as_slice().to_vec()),
            Self::Bytes(bytes) => Some(
                bytes
                    .as_bytes()
                    .iter()
                    .map(|byte| Self::Uint(UintKind::Uint8, u64::from(*byte)))
                    .collect(),
            ),
            Self::Object(object) => match object.underlying()? {
                value @ (Self::List(_) | Self::Bytes(_)) => value.to_items(),
                _ => None,
            },
            _ => None,
        }
    }

    /// The string, if it is a plain one.
    #[must_use]
    pub fn as_str(&self) -> Option<&GoStr> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The map, if it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The slice, if it is one (`[]byte` is not a [`List`]).
    #[must_use]
    pub fn as_list(&self) -> Option<&List> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The object as `T`, if it is one.
    #[must_use]
    pub fn as_object<T: Object>(&self) -> Option<Rc<T>> {
        match self {
            Self::Object(object) => downcast(object),
            _ => None,
        }
    }

    /// The zero value of a type: what a missing key of a map with that element type reads as.
    #[must_use]
    pub fn zero(ty: Type) -> Self {
        match ty {
            Type::Interface | Type::ReflectValue => Self::Nil,
            Type::Bool => Self::Bool(false),
            Type::Int(width) => Self::Int(width, 0),
            Type::Uint(width) => Self::Uint(width, 0),
            Type::Float64 => Self::Float(0.0),
            Type::Float32 => Self::Float32(0.0),
            Type::Complex128 => Self::Complex(0.0, 0.0),
            Type::String => Self::String(GoStr::EMPTY),
            Type::Slice(_) => Self::List(List::nil(ty)),
            Type::Map(_) => Self::Map(Map::nil(ty)),
            Type::Named(named) => match named.kind {
                Kind::Map => Self::Map(Map::nil(ty)),
                Kind::Slice => Self::List(List::nil(ty)),
                _ => Self::Nil,
            },
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<GoStr> for Value {
    fn from(value: GoStr) -> Self {
        Self::String(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value.into())
    }
}

impl From<List> for Value {
    fn from(value: List) -> Self {
        Self::List(value)
    }
}

impl From<Map> for Value {
    fn from(value: Map) -> Self {
        Self::Map(value)
    }
}
