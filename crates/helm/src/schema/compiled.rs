//! A schema, and what it says about values.

use std::sync::OnceLock;

use engine::value::Value;

use super::CompileError;
use super::compile::Compiler;
use super::doc::Doc;
use super::error::{Finding, ValidationError};
use super::json;
use super::node::{Arena, NodeId};
use super::plain::Plain;
use super::too_deep;
use super::validate::{self, Failure, Limit};

/// Where Helm says a chart's schema is.
const URL: &str = "file:///values.schema.json";
/// Helm's messages leave this line out.
const FIRST_LINE: &str = "jsonschema validation failed with 'file:///values.schema.json#'\n";

/// A schema that is ready to check values. Thread-safe.
#[derive(Debug)]
pub struct Schema(Form);

#[derive(Debug)]
enum Form {
    Compiled(Compiled),
    /// Says yes as it stands, and is compiled to say why not.
    Plain {
        plain: Plain,
        compiled: OnceLock<Result<Compiled, CompileError>>,
    },
}

/// The nodes of a schema.
#[derive(Debug)]
pub(super) struct Compiled {
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
            Self::TooDeep { limit } => f.write_str(&too_deep(*limit)),
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
        let doc = json::read(text)?;
        Ok(Self(match Plain::new(doc) {
            Ok(plain) => Form::Plain {
                plain,
                compiled: OnceLock::new(),
            },
            Err(doc) => Form::Compiled(Compiled::new(doc)?),
        }))
    }

    /// Checks values.
    pub fn validate(&self, values: &Value) -> Result<(), SchemaErrors> {
        let limit = json::MAX_DEPTH;
        let values = Doc::from_value(values, limit).ok_or(SchemaErrors::TooDeep { limit })?;
        self.validate_doc(&values)
    }

    /// Checks values that were converted already.
    pub(super) fn validate_doc(&self, values: &Doc) -> Result<(), SchemaErrors> {
        match &self.0 {
            Form::Compiled(compiled) => compiled.validate(values),
            Form::Plain { plain, .. } if plain.accepts(values) => Ok(()),
            Form::Plain { plain, compiled } => {
                match compiled.get_or_init(|| Compiled::new(plain.doc().clone())) {
                    Ok(compiled) => compiled.validate(values),
                    // Only if it is too large: nothing in a plain schema can be wrong.
                    Err(error) => Err(SchemaErrors::Compile(error.clone())),
                }
            }
        }
    }
}

impl Compiled {
    pub(super) fn new(doc: Doc) -> Result<Self, CompileError> {
        let mut compiler = Compiler::new();
        compiler.add(URL, doc);
        let root = compiler.compile(URL)?;
        Ok(Self {
            arena: compiler.into_arena(),
            root,
        })
    }

    pub(super) fn validate(&self, values: &Doc) -> Result<(), SchemaErrors> {
        validate::validate(&self.arena, self.root, values).map_err(|failure| match failure {
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
