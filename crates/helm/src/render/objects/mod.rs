//! What templates find at the top of their context, with the Go types and methods Helm gives it.

mod capabilities;
mod files;
mod values;

pub(crate) use capabilities::capabilities_value;
pub(crate) use files::files_value;
pub(crate) use values::VALUES;

/// A method of a Go type: a plain typed function whose first parameter is the receiver.
macro_rules! method {
    ($name:literal, $function:path) => {
        engine::funcs::Builtin {
            name: $name,
            signature: engine::funcs::signature_of(&$function),
            special: engine::funcs::Special::None,
            walks: false,
            call: |context, args| engine::funcs::argtypes::Function::invoke(&$function, context, args),
        }
    };
}
pub(crate) use method;
