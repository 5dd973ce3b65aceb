//! `values.schema.json`: values checked against JSON Schema, with Helm's messages.
//!
//! Helm uses santhosh-tekuri/jsonschema v6; drafts, defaults, order of checks and texts are that library's. What is
//! different is what a server needs: nothing is fetched or read from disk (Helm follows `$ref` to `http:` and
//! `file:`), and nesting, steps, sizes and regular expressions have limits.
//!
//! [`Schema::compile`] once and keep it; [`Schema::validate`] for each set of values.

mod compile;
mod compile_error;
mod decimal;
mod doc;
mod draft;
mod english;
mod error;
mod format;
mod json;
mod location;
mod metaschema;
mod node;
mod reference;
mod resources;
mod validate;

use engine::value::Value;

pub use compile_error::CompileError;
pub(crate) use doc::Doc;
pub use error::{Finding, ValidationError};
pub use json::JsonError;
pub(crate) use json::read_prefix as read_json_prefix;
pub use validate::Limit;

use compile::Compiler;
use node::{Arena, NodeId};
use validate::Failure;

/// Where Helm says a chart's schema is.
const URL: &str = "file:///values.schema.json";
/// Helm's messages leave this line out.
const FIRST_LINE: &str = "jsonschema validation failed with 'file:///values.schema.json#'\n";

/// A compiled schema. Thread-safe; validating does not change it.
#[derive(Debug)]
pub struct Schema {
    arena: Arena,
    root: NodeId,
}

/// Why values do not pass. `Display` is the text Helm prints below the chart's name, line end included where Helm
/// has one.
#[derive(Debug)]
pub enum SchemaErrors {
    /// The schema is not one.
    Compile(CompileError),
    /// The values do not fit.
    Invalid(Box<ValidationError>),
    /// It could not be found out within the limits.
    Limit(Limit),
    /// The values nest too deeply to be checked.
    TooDeep { limit: usize },
}

impl std::fmt::Display for SchemaErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Compile(error) => error.fmt(f),
            Self::Invalid(error) => {
                let text = error.to_string();
                writeln!(f, "{}", text.strip_prefix(FIRST_LINE).unwrap_or(&text))
            }
            Self::Limit(limit) => write!(f, "unable to validate schema: {limit}"),
            Self::TooDeep { limit } => {
                write!(
                    f,
                    "unable to validate schema: values are nested deeper than {limit}"
                )
            }
        }
    }
}

impl std::error::Error for SchemaErrors {}

impl SchemaErrors {
    /// Each failed check with its place in the values, in the order of the text; empty if the schema is at fault.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        match self {
            Self::Invalid(error) => error.findings(),
            Self::Compile(_) | Self::Limit(_) | Self::TooDeep { .. } => Vec::new(),
        }
    }
}

impl Schema {
    /// Reads a `values.schema.json`.
    pub fn compile(text: &[u8]) -> Result<Self, CompileError> {
        let mut compiler = Compiler::new();
        compiler.add(URL, json::read(text)?);
        let root = compiler.compile(URL)?;
        Ok(Self {
            arena: compiler.into_arena(),
            root,
        })
    }

    /// Checks values.
    pub fn validate(&self, values: &Value) -> Result<(), SchemaErrors> {
        let limit = json::MAX_DEPTH;
        let values = Doc::from_value(values, limit).ok_or(SchemaErrors::TooDeep { limit })?;
        validate::validate(&self.arena, self.root, &values).map_err(|failure| match failure {
            Failure::Invalid(error) => SchemaErrors::Invalid(error),
            Failure::Limit(limit) => SchemaErrors::Limit(limit),
        })
    }
}

/// Compiles and checks at once.
pub fn validate(schema: &[u8], values: &Value) -> Result<(), SchemaErrors> {
    Schema::compile(schema)
        .map_err(SchemaErrors::Compile)?
        .validate(values)
}
