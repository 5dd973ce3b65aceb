//! Why a schema cannot be used, with the library's words.

use engine::regexp::RegexError;
use engine::strconv;

use super::error::ValidationError;
use super::json::JsonError;

/// A `values.schema.json` that is not a schema.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CompileError {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error("{} is not valid against metaschema: {error}", quoted(.at))]
    Invalid { at: String, error: Box<ValidationError> },
    #[error("error in parsing {}: {problem}", quoted(.url))]
    InvalidUrl { url: String, problem: String },
    #[error("invalid $schema in {}: {problem}", quoted(.at))]
    InvalidMetaschemaUrl { at: String, problem: String },
    #[error("error in parsing id at {}", quoted(.at))]
    InvalidId { at: String },
    #[error("error in parsing anchor at {}", quoted(.at))]
    InvalidAnchor { at: String },
    #[error("duplicate id {} in {} at {} and {}", quoted(.id), quoted(.url), quoted(.first), quoted(.second))]
    DuplicateId {
        id: String,
        url: String,
        first: String,
        second: String,
    },
    #[error("duplicate anchor {} in {} at {} and {}", quoted(.anchor), quoted(.url), quoted(.first), quoted(.second))]
    DuplicateAnchor {
        anchor: String,
        url: String,
        first: String,
        second: String,
    },
    #[error("anchor in {} not found in schema {}", quoted(.reference), quoted(.url))]
    AnchorNotFound { reference: String, url: String },
    #[error("invalid json-pointer {}", quoted(.at))]
    InvalidPointer { at: String },
    #[error("json-pointer in {} not found", quoted(.at))]
    PointerNotFound { at: String },
    #[error("draft {} is not supported", quoted(.url))]
    UnsupportedDraft { url: String },
    #[error("cycle in resolving $schema in {}", quoted(.url))]
    MetaschemaCycle { url: String },
    #[error("unsupported vocabulary {} in {}", quoted(.vocabulary), quoted(.url))]
    UnsupportedVocabulary { url: String, vocabulary: String },
    #[error("invalid regex {} at {}: {error}", quoted(.regex), quoted(.at))]
    InvalidRegex {
        regex: String,
        at: String,
        error: RegexError,
    },
    /// Unlike Helm, nothing is fetched and no file is read: a chart must not make the server do either.
    #[error("failing loading {}: {}", quoted(.url), not_loaded(.url))]
    NotLoaded { url: String },
    /// More nodes or longer pointers than a chart may have.
    #[error("schema is too large")]
    TooLarge,
    /// `multipleOf` with more digits than can be computed with.
    #[error("multipleOf {number} has too many digits")]
    TooPrecise { number: String },
}

fn quoted(text: &str) -> String {
    strconv::quote(text.as_bytes())
}

fn not_loaded(url: &str) -> String {
    match url.split(':').next() {
        Some("http" | "https") => "remote schemas are not fetched".to_owned(),
        Some("file") => "schema files are not read".to_owned(),
        _ => format!("no URLLoader registered for {}", quoted(url)),
    }
}
