//! Errors of decoding, with the words of sigs.k8s.io/yaml.

use crate::json;
use crate::yaml::error::Error;

/// Why YAML text did not decode; `Display` is the whole text Helm shows.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// Not YAML.
    #[error("error converting YAML to JSON: yaml: {0}")]
    Yaml(#[from] Error),
    /// A key that cannot become a string.
    #[error("error converting YAML to JSON: unsupported map key of type: {ty}, key: {key}, value: {value}")]
    UnsupportedKey {
        /// Its Go type.
        ty: String,
        /// The key in Go syntax.
        key: String,
        /// The value in Go syntax.
        value: String,
    },
    /// A value without a JSON form: infinities.
    #[error("error converting YAML to JSON: {0}")]
    NotJson(json::EncodeError),
    /// Not the shape asked for.
    #[error("error unmarshaling JSON: while decoding JSON: {0}")]
    Shape(json::DecodeError),
}
