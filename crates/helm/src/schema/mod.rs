//! `values.schema.json`: values checked against JSON Schema, with Helm's messages.
//!
//! Helm uses santhosh-tekuri/jsonschema v6; drafts, defaults, order of checks and texts are that library's. What is
//! different is what a server needs: nothing is fetched or read from disk (Helm follows `$ref` to `http:` and
//! `file:`), and nesting, steps, sizes and regular expressions have limits.
//!
//! [`Schema::compile`] once and keep it; [`Schema::validate`] for each set of values. Rendering checks through
//! [`Schemas`], which a build without the feature `schema` has somebody else answer.

#[cfg(feature = "schema")]
mod compile;
#[cfg(feature = "schema")]
mod compile_error;
#[cfg(feature = "schema")]
mod compiled;
mod decimal;
mod doc;
#[cfg(feature = "schema")]
mod draft;
#[cfg(feature = "schema")]
mod english;
#[cfg(feature = "schema")]
mod error;
#[cfg(feature = "schema")]
mod format;
mod json;
#[cfg(feature = "schema")]
mod location;
#[cfg(feature = "schema")]
mod metaschema;
#[cfg(feature = "schema")]
mod node;
#[cfg(feature = "schema")]
mod plain;
#[cfg(feature = "schema")]
mod reference;
#[cfg(feature = "schema")]
mod resources;
mod schemas;
#[cfg(feature = "schema")]
mod validate;

#[cfg(feature = "schema")]
pub use compile_error::CompileError;
#[cfg(feature = "schema")]
pub use compiled::{Schema, SchemaErrors, validate};
pub(crate) use doc::Doc;
#[cfg(feature = "schema")]
pub use error::{Finding, ValidationError};
pub use json::JsonError;
pub(crate) use json::read_prefix as read_json_prefix;
pub use schemas::Schemas;
#[cfg(feature = "schema")]
pub use validate::Limit;

fn too_deep(limit: usize) -> String {
    format!("unable to validate schema: values are nested deeper than {limit}")
}
