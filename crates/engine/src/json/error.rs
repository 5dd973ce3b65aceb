//! Errors of JSON, with the words of encoding/json.

/// Why a value has no JSON form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// NaN or an infinity.
    #[error("json: unsupported value: {value}")]
    NotFinite {
        /// `NaN`, `+Inf` or `-Inf`.
        value: String,
    },
    /// A map or list that contains itself, or is nested beyond all reason.
    #[error("json: unsupported value: encountered a cycle via {ty}")]
    Cycle {
        /// The Go type in which it was noticed.
        ty: String,
    },
    /// The text grows past a limit: a value that holds the same map many times can be exponential in its depth.
    #[error("text is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// A Go type without a JSON form.
    #[error("json: unsupported type: {ty}")]
    UnsupportedType {
        /// The Go type.
        ty: String,
    },
}

/// Why JSON text could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A character that JSON does not allow there.
    #[error("invalid character {} {context}", quote_char(*.found))]
    Syntax {
        /// The byte found.
        found: u8,
        /// Where, in Go's words: `looking for beginning of value`.
        context: String,
        /// Its offset in the text.
        offset: usize,
    },
    /// The text ends too early.
    #[error("unexpected end of JSON input")]
    UnexpectedEnd,
    /// The text is JSON of another shape than asked for.
    #[error("json: cannot unmarshal {found} into Go value of type {wanted}")]
    Type {
        /// What is there: `array`, `string`, `number 1e999`.
        found: String,
        /// The Go type it should go into.
        wanted: &'static str,
    },
}

/// Go's `quoteChar`: the byte as a Latin-1 character in single quotes.
fn quote_char(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        _ => {
            let quoted = crate::strconv::quote(char::from(byte).to_string().as_bytes());
            format!("'{}'", quoted.get(1..quoted.len() - 1).unwrap_or_default())
        }
    }
}
