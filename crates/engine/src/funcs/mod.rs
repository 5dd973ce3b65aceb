//! The functions templates can call: one file per family, one table per file, all tables in [`TABLES`].
//!
//! To find a function, look for its name in the tables; to add one, write it as a plain typed Rust function and
//! add a row to its file's table.

pub mod argtypes;
mod builtin;
mod cache;
mod cast;
mod crypto;
mod date;
mod defaults;
mod dicts;
mod duration;
mod encoding;
mod flow;
mod helm;
mod lists;
mod math;
mod path;
mod reflect;
mod regex;
mod semver;
mod strings;
mod url;

use std::sync::LazyLock;

use crate::context::Context;
use crate::error::FnError;
use crate::hash::HashMap;
use crate::value::Value;
use argtypes::{Args, Signature};

/// Every function a Helm template can call. Later tables override earlier ones, as Helm's override sprig's and
/// sprig's override Go's.
const TABLES: &[&[Builtin]] = &[
    builtin::FUNCS,
    strings::FUNCS,
    lists::FUNCS,
    dicts::FUNCS,
    math::FUNCS,
    date::FUNCS,
    duration::FUNCS,
    semver::FUNCS,
    regex::FUNCS,
    url::FUNCS,
    path::FUNCS,
    reflect::FUNCS,
    flow::FUNCS,
    defaults::FUNCS,
    encoding::FUNCS,
    crypto::FUNCS,
    helm::FUNCS,
];

/// A function as the executor sees it.
#[derive(Clone, Copy)]
pub struct Builtin {
    /// The name templates call it by.
    pub name: &'static str,
    /// Its Go signature.
    pub signature: Signature,
    /// Converts checked arguments and calls it.
    pub call: fn(&mut Context<'_>, Args<'_>) -> Result<Value, FnError>,
    /// Whether the executor has to do more than call it.
    pub special: Special,
    /// Whether it looks at everything within its arguments, which is paid for beforehand.
    pub walks: bool,
}

/// The functions text/template itself treats apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// An ordinary function.
    None,
    /// `and`: stops at the first false argument.
    And,
    /// `or`: stops at the first true argument.
    Or,
    /// `call`: is told the text of its first argument.
    Call,
    /// `len`: tells a nil interface from no value at all.
    Len,
}

impl Builtin {
    /// The function as one that looks at everything within its arguments.
    pub(crate) const fn walks(mut self) -> Self {
        self.walks = true;
        self
    }

    /// The function with special treatment.
    pub(crate) const fn special(mut self, special: Special) -> Self {
        self.special = special;
        self
    }
}

impl std::fmt::Debug for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Builtin({})", self.name)
    }
}

/// A row of a function table: `func!("trunc", trunc)`, or `func!("now" => date::now)`.
macro_rules! func {
    ($name:literal, $function:path) => {
        $crate::funcs::Builtin {
            name: $name,
            signature: $crate::funcs::signature_of(&$function),
            call: |context, args| $crate::funcs::argtypes::Function::invoke(&$function, context, args),
            special: $crate::funcs::Special::None,
            walks: false,
        }
    };
}
pub(crate) use func;

/// The Go signature of a function that can be a template function.
pub const fn signature_of<Shape, F: argtypes::Function<Shape>>(_function: &F) -> Signature {
    F::SIGNATURE
}

static BY_NAME: LazyLock<HashMap<&'static [u8], &'static Builtin>> =
    LazyLock::new(|| all().map(|builtin| (builtin.name.as_bytes(), builtin)).collect());

/// The names of all functions, sorted.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = BY_NAME.values().map(|builtin| builtin.name).collect();
    names.sort_unstable();
    names
}

/// The function called `name`.
#[must_use]
pub fn find(name: impl AsRef<[u8]>) -> Option<&'static Builtin> {
    BY_NAME.get(name.as_ref()).copied()
}

/// Every function, in the order of the tables; of two with one name, the later counts.
pub fn all() -> impl Iterator<Item = &'static Builtin> {
    TABLES.iter().flat_map(|table| table.iter())
}

#[cfg(test)]
mod tests {
    use super::argtypes::Args;
    use super::find;
    use crate::context::Context;
    use crate::host::NoHost;
    use crate::limits::Limits;
    use crate::value::{Type, Value};

    fn call(name: &str, mut args: Vec<Value>) -> Result<Value, String> {
        let mut context = Context::new(&NoHost, Limits::default());
        let builtin = find(name).ok_or("no such function")?;
        (builtin.call)(&mut context, Args::new(&mut args)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_rust_function_has_the_go_signature_of_its_types() {
        let trunc = find("trunc").expect("trunc is in the table");
        assert_eq!(trunc.signature.params, [Type::INT, Type::String]);
        assert!(!trunc.signature.variadic);
        assert_eq!(trunc.signature.result, Type::String);
    }

    #[test]
    fn arguments_are_converted_and_context_is_passed() {
        assert_eq!(
            call("trunc", vec![Value::int(-2), "hello".into()])
                .unwrap()
                .as_str()
                .unwrap(),
            &"lo"
        );
        assert_eq!(
            call("repeat", vec![Value::int(3), "ab".into()])
                .unwrap()
                .as_str()
                .unwrap(),
            &"ababab"
        );
        let error = call("repeat", vec![Value::int(i64::MAX), "ab".into()]).unwrap_err();
        assert_eq!(error, "string is larger than 67108864 bytes");
    }
}
