//! From plain typed Rust functions to template functions.
//!
//! A built-in is written as `fn trunc(n: Int, s: GoStr) -> GoStr`; [`func!`](crate::funcs::func) turns it into a
//! [`Builtin`] whose [`Signature`] is the Go signature its types stand for. The executor checks and converts
//! arguments by that signature, so that Go's errors ("wrong number of args for trunc: want 2 got 1",
//! "wrong type for value; expected string; got int") are written once.
//!
//! Parameter types: `Value` is `interface {}`; `Int` is Go's `int`, `i64` Go's `int64`, `f64`, `bool`, `GoStr`
//! (string), `Map` (`map[string]interface {}`), `List` (`[]interface {}`), `Rc<T>` of an [`Object`] type that
//! implements [`GoObject`]. A last parameter of [`Variadic<T>`] is `...T`. A first parameter `&mut Context` sees
//! host, budget and caches. Results are the same types, `Strings` (`[]string`), `Any<T>` where Go declares
//! `interface {}`, or a `Result` of them.

use std::rc::Rc;

use crate::context::Context;
use crate::error::FnError;
use crate::value::{GoStr, IntKind, List, Map, Object, Type, Value};

/// Go's view of a function's type.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// Parameter types; of a variadic function, the last is the type of one trailing argument.
    pub params: &'static [Type],
    /// Whether the last parameter takes any number of arguments.
    pub variadic: bool,
    /// Static type of the result.
    pub result: Type,
}

/// The arguments of one call, already checked against the signature; taken from the front.
pub struct Args<'a> {
    values: std::slice::IterMut<'a, Value>,
}

impl<'a> Args<'a> {
    /// Arguments to be moved out of `values`.
    pub fn new(values: &'a mut [Value]) -> Self {
        Self {
            values: values.iter_mut(),
        }
    }

    /// The next argument; nil when there is none.
    pub fn take(&mut self) -> Value {
        self.values.next().map(std::mem::take).unwrap_or_default()
    }

    /// How many are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.values.len()
    }
}

/// A Rust type that stands for a Go parameter type.
pub trait ArgType: Sized {
    /// The Go type.
    const TYPE: Type;
    /// Whether it takes all remaining arguments.
    const VARIADIC: bool = false;

    /// Takes its argument; the executor has checked that it is assignable to [`ArgType::TYPE`].
    fn take(args: &mut Args<'_>) -> Result<Self, FnError> {
        Self::from_value(args.take())
    }

    /// Converts one checked argument.
    fn from_value(value: Value) -> Result<Self, FnError>;
}

/// Only reached when the executor's check and a conversion disagree.
fn mismatch<T>(want: Type, got: &Value) -> Result<T, FnError> {
    Err(FnError::new(format!(
        "wrong type for value; expected {want}; got {}",
        got.type_name()
    )))
}

/// A Rust type that stands for a Go result type.
pub trait RetType {
    /// The static Go type of the result.
    const TYPE: Type;

    /// The value, or the error that ends the execution.
    fn into_value(self) -> Result<Value, FnError>;
}

impl<T: RetType> RetType for Result<T, FnError> {
    const TYPE: Type = T::TYPE;

    fn into_value(self) -> Result<Value, FnError> {
        self.and_then(T::into_value)
    }
}

/// Go's `int` as a parameter or result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Int(pub i64);

/// A `[]string` result or parameter.
#[derive(Clone, Debug, Default)]
pub struct Strings(pub Vec<GoStr>);

/// A `[]byte` result or parameter.
#[derive(Clone, Debug, Default)]
pub struct ByteSlice(pub GoStr);

/// A result Go declares as `interface {}` though its dynamic type is known here.
#[derive(Clone, Debug)]
pub struct Any<T>(pub T);

/// Trailing arguments, Go's `...T`.
#[derive(Clone, Debug)]
pub struct Variadic<T>(pub Vec<T>);

/// A parameter of Go type `reflect.Value`: accepts every value, a missing one included.
#[derive(Clone, Debug)]
pub struct Reflect(pub Value);

/// An [`Object`] type that can be a parameter: its Go type is known without a value.
pub trait GoObject: Object {
    /// The same as [`Object::ty`] of its values.
    const TYPE: Type;
}

impl ArgType for Value {
    const TYPE: Type = Type::Interface;

    fn from_value(value: Value) -> Result<Self, FnError> {
        Ok(value)
    }
}

impl RetType for Value {
    const TYPE: Type = Type::Interface;

    fn into_value(self) -> Result<Value, FnError> {
        Ok(self)
    }
}

impl ArgType for Reflect {
    const TYPE: Type = Type::ReflectValue;

    fn from_value(value: Value) -> Result<Self, FnError> {
        Ok(Self(value))
    }
}

impl RetType for Reflect {
    const TYPE: Type = Type::ReflectValue;

    fn into_value(self) -> Result<Value, FnError> {
        Ok(self.0)
    }
}

impl<T: RetType> RetType for Any<T> {
    const TYPE: Type = Type::Interface;

    fn into_value(self) -> Result<Value, FnError> {
        self.0.into_value()
    }
}

impl<T: ArgType> ArgType for Variadic<T> {
    const TYPE: Type = T::TYPE;
    const VARIADIC: bool = true;

    fn take(args: &mut Args<'_>) -> Result<Self, FnError> {
        let mut items = Vec::with_capacity(args.remaining());
        while args.remaining() > 0 {
            items.push(T::take(args)?);
        }
        Ok(Self(items))
    }

    fn from_value(value: Value) -> Result<Self, FnError> {
        Ok(Self(vec![T::from_value(value)?]))
    }
}

macro_rules! basic_types {
    ($($rust:ty: $ty:expr, $pattern:pat => $from:expr, $self:ident => $into:expr;)*) => {$(
        impl ArgType for $rust {
            const TYPE: Type = $ty;

            fn from_value(value: Value) -> Result<Self, FnError> {
                match value {
                    $pattern => Ok($from),
                    other => mismatch($ty, &other),
                }
            }
        }

        impl RetType for $rust {
            const TYPE: Type = $ty;

            fn into_value($self) -> Result<Value, FnError> {
                Ok($into)
            }
        }
    )*};
}

basic_types! {
    bool: Type::Bool, Value::Bool(b) => b, self => Value::Bool(self);
    Int: Type::INT, Value::Int(_, n) => Self(n), self => Value::int(self.0);
    i64: Type::INT64, Value::Int(_, n) => n, self => Value::int64(self);
    i32: Type::RUNE, Value::Int(_, n) => i32::try_from(n).unwrap_or_default(), self => Value::Int(IntKind::Int32, i64::from(self));
    f64: Type::Float64, Value::Float(x) => x, self => Value::Float(self);
    GoStr: Type::String, Value::String(s) => s, self => Value::String(self);
    List: Type::LIST, Value::List(list) => list, self => Value::List(self);
    // Passing a named map (`.Values`) as `map[string]interface {}` converts it, so that is what comes back.
    Map: Type::DICT, Value::Map(map) => map, self => Value::Map(self.unnamed());
    ByteSlice: Type::BYTES, Value::Bytes(bytes) => Self(bytes), self => Value::Bytes(self.0);
}

impl RetType for String {
    const TYPE: Type = Type::String;

    fn into_value(self) -> Result<Value, FnError> {
        Ok(Value::String(self.into()))
    }
}

impl ArgType for Strings {
    const TYPE: Type = Type::STRINGS;

    fn from_value(value: Value) -> Result<Self, FnError> {
        match value {
            Value::List(list) => Ok(Self(
                list.iter().filter_map(|item| item.as_str().cloned()).collect(),
            )),
            other => mismatch(Type::STRINGS, &other),
        }
    }
}

impl RetType for Strings {
    const TYPE: Type = Type::STRINGS;

    fn into_value(self) -> Result<Value, FnError> {
        Ok(Value::strings(self.0))
    }
}

impl<T: GoObject> ArgType for Rc<T> {
    const TYPE: Type = T::TYPE;

    fn from_value(value: Value) -> Result<Self, FnError> {
        match value.as_object() {
            Some(object) => Ok(object),
            None => mismatch(T::TYPE, &value),
        }
    }
}

impl<T: GoObject> RetType for Rc<T> {
    const TYPE: Type = T::TYPE;

    fn into_value(self) -> Result<Value, FnError> {
        Ok(Value::Object(self))
    }
}

/// A Rust function that can be a template function. `Shape` only tells the implementations apart.
pub trait Function<Shape> {
    /// The Go signature.
    const SIGNATURE: Signature;

    /// Converts the arguments and calls.
    fn invoke(&self, context: &mut Context<'_>, args: Args<'_>) -> Result<Value, FnError>;
}

/// Marks functions whose first parameter is `&mut Context`.
pub struct WithContext;

const fn last_is_variadic(flags: &[bool]) -> bool {
    match flags.last() {
        Some(flag) => *flag,
        None => false,
    }
}

macro_rules! function_impls {
    ($($param:ident)*) => {
        impl<F, R: RetType, $($param: ArgType),*> Function<(R, $($param,)*)> for F
        where
            F: Fn($($param),*) -> R,
        {
            const SIGNATURE: Signature = Signature {
                params: &[$($param::TYPE),*],
                variadic: last_is_variadic(&[$($param::VARIADIC),*]),
                result: R::TYPE,
            };

            #[allow(unused_mut, unused_variables, non_snake_case)]
            fn invoke(&self, _context: &mut Context<'_>, mut args: Args<'_>) -> Result<Value, FnError> {
                $(let $param = $param::take(&mut args)?;)*
                self($($param),*).into_value()
            }
        }

        impl<F, R: RetType, $($param: ArgType),*> Function<(WithContext, R, $($param,)*)> for F
        where
            F: Fn(&mut Context<'_>, $($param),*) -> R,
        {
            const SIGNATURE: Signature = Signature {
                params: &[$($param::TYPE),*],
                variadic: last_is_variadic(&[$($param::VARIADIC),*]),
                result: R::TYPE,
            };

            #[allow(unused_mut, unused_variables, non_snake_case)]
            fn invoke(&self, context: &mut Context<'_>, mut args: Args<'_>) -> Result<Value, FnError> {
                $(let $param = $param::take(&mut args)?;)*
                self(context, $($param),*).into_value()
            }
        }
    };
}

function_impls! {}
function_impls! { A }
function_impls! { A B }
function_impls! { A B C }
function_impls! { A B C D }
function_impls! { A B C D E }
function_impls! { A B C D E G }
