//! Go's kinds and static types, as far as templates can see them: in `%T`, `kindOf`, `typeOf` and error text.

use std::fmt;

use crate::funcs::Builtin;

/// `reflect.Kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Invalid,
    Bool,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Float32,
    Float64,
    Complex128,
    Array,
    Func,
    Interface,
    Map,
    Pointer,
    Slice,
    String,
    Struct,
}

impl Kind {
    /// `reflect.Kind.String`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint => "uint",
            Self::Uint8 => "uint8",
            Self::Uint16 => "uint16",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Float32 => "float32",
            Self::Float64 => "float64",
            Self::Complex128 => "complex128",
            Self::Array => "array",
            Self::Func => "func",
            Self::Interface => "interface",
            Self::Map => "map",
            Self::Pointer => "ptr",
            Self::Slice => "slice",
            Self::String => "string",
            Self::Struct => "struct",
        }
    }

    /// One of Go's signed integer kinds.
    #[must_use]
    pub const fn is_int(self) -> bool {
        matches!(
            self,
            Self::Int | Self::Int8 | Self::Int16 | Self::Int32 | Self::Int64
        )
    }

    /// One of Go's unsigned integer kinds.
    #[must_use]
    pub const fn is_uint(self) -> bool {
        matches!(
            self,
            Self::Uint | Self::Uint8 | Self::Uint16 | Self::Uint32 | Self::Uint64
        )
    }

    /// One of Go's floating point kinds.
    #[must_use]
    pub const fn is_float(self) -> bool {
        matches!(self, Self::Float32 | Self::Float64)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Width of a signed integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntKind {
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
}

/// Width of an unsigned integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UintKind {
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
}

/// A type with a name of its own (`time.Time`, `*semver.Version`, `common.Values`).
///
/// Two named types are one when their names are.
#[derive(Debug)]
pub struct Named {
    /// As `%T` prints it.
    pub name: &'static str,
    /// Its underlying kind.
    pub kind: Kind,
    /// The element type of a named map, slice or array.
    pub elem: Type,
    /// The methods of a named map or slice, the receiver being each function's first parameter. Objects tell theirs
    /// by [`Object::methods`](super::Object::methods).
    pub methods: &'static [Builtin],
}

/// A static Go type.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// `interface {}`
    Interface,
    /// `reflect.Value`: the parameter type of Go's own builtins, accepts anything as it is.
    ReflectValue,
    Bool,
    Int(IntKind),
    Uint(UintKind),
    Float64,
    Float32,
    Complex128,
    String,
    Slice(&'static Self),
    /// `map[string]elem`; templates meet no other key type.
    Map(&'static Self),
    Named(&'static Named),
}

impl Type {
    pub const INT: Self = Self::Int(IntKind::Int);
    pub const INT64: Self = Self::Int(IntKind::Int64);
    /// `int32`, Go's `rune`.
    pub const RUNE: Self = Self::Int(IntKind::Int32);
    /// `[]interface {}`
    pub const LIST: Self = Self::Slice(&Self::Interface);
    /// `[]string`
    pub const STRINGS: Self = Self::Slice(&Self::String);
    /// `[]int`
    pub const INTS: Self = Self::Slice(&Self::INT);
    /// `[]uint8`
    pub const BYTES: Self = Self::Slice(&Self::Uint(UintKind::Uint8));
    /// `map[string]interface {}`
    pub const DICT: Self = Self::Map(&Self::Interface);
    /// `map[string]string`
    pub const STRING_MAP: Self = Self::Map(&Self::String);

    /// The kind of a value of this type.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Interface => Kind::Interface,
            Self::ReflectValue => Kind::Struct,
            Self::Bool => Kind::Bool,
            Self::Int(width) => match width {
                IntKind::Int => Kind::Int,
                IntKind::Int8 => Kind::Int8,
                IntKind::Int16 => Kind::Int16,
                IntKind::Int32 => Kind::Int32,
                IntKind::Int64 => Kind::Int64,
            },
            Self::Uint(width) => match width {
                UintKind::Uint => Kind::Uint,
                UintKind::Uint8 => Kind::Uint8,
                UintKind::Uint16 => Kind::Uint16,
                UintKind::Uint32 => Kind::Uint32,
                UintKind::Uint64 => Kind::Uint64,
            },
            Self::Float64 => Kind::Float64,
            Self::Float32 => Kind::Float32,
            Self::Complex128 => Kind::Complex128,
            Self::String => Kind::String,
            Self::Slice(_) => Kind::Slice,
            Self::Map(_) => Kind::Map,
            Self::Named(named) => named.kind,
        }
    }

    /// The methods of a named map or slice type.
    #[must_use]
    pub const fn methods(self) -> &'static [Builtin] {
        match self {
            Self::Named(named) => named.methods,
            _ => &[],
        }
    }

    /// The element type of a map or slice type; `interface {}` for every other.
    #[must_use]
    pub const fn elem(self) -> Self {
        match self {
            Self::Slice(elem) | Self::Map(elem) => *elem,
            Self::Named(named) => named.elem,
            _ => Self::Interface,
        }
    }

    /// Whether `nil` is a value of the type (`canBeNil` of text/template).
    #[must_use]
    pub const fn can_be_nil(self) -> bool {
        matches!(self, Self::ReflectValue)
            || matches!(
                self.kind(),
                Kind::Interface | Kind::Map | Kind::Slice | Kind::Pointer | Kind::Func
            )
    }

    /// Go's assignability of a value of type `self` to a variable of type `target`.
    #[must_use]
    pub fn assignable_to(self, target: Self) -> bool {
        match (self, target) {
            (_, Self::Interface) => true,
            // An unnamed composite type and a named one with the same structure are assignable either way.
            (Self::Named(named), Self::Map(elem)) | (Self::Map(elem), Self::Named(named)) => {
                named.kind == Kind::Map && named.elem == *elem
            }
            (Self::Named(named), Self::Slice(elem)) | (Self::Slice(elem), Self::Named(named)) => {
                named.kind == Kind::Slice && named.elem == *elem
            }
            _ => self == target,
        }
    }
}

impl PartialEq for Type {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Uint(a), Self::Uint(b)) => a == b,
            (Self::Slice(a), Self::Slice(b)) | (Self::Map(a), Self::Map(b)) => a == b,
            (Self::Named(a), Self::Named(b)) => a.name == b.name,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl Eq for Type {}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interface => f.write_str("interface {}"),
            Self::ReflectValue => f.write_str("reflect.Value"),
            Self::Slice(elem) => write!(f, "[]{elem}"),
            Self::Map(elem) => write!(f, "map[string]{elem}"),
            Self::Named(named) => f.write_str(named.name),
            basic => f.write_str(basic.kind().name()),
        }
    }
}
