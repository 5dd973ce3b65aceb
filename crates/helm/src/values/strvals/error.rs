//! What is wrong with an expression, in Helm's words.

use engine::strconv;

use crate::schema::JsonError;

/// Why an expression assigns nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StrvalsError {
    #[error("key {} has no value", quoted(.key))]
    NoValue { key: String },
    #[error("key {} has no value (cannot end with ,)", quoted(.key))]
    EndsWithComma { key: String },
    #[error("key map {} has no value", quoted(.key))]
    EmptyMap { key: String },
    #[error("list must terminate with '}}'")]
    OpenList,
    #[error("error parsing index: strconv.Atoi: parsing {}: {reason}", quoted(.text))]
    Index { text: String, reason: &'static str },
    #[error("negative {index} index not allowed")]
    NegativeIndex { index: i64 },
    #[error("index of {index} is greater than maximum supported index of {limit}")]
    IndexTooLarge { index: usize, limit: usize },
    #[error("unexpected data at end of array index: {}", runes(.text))]
    AfterIndex { text: String },
    #[error("value name nested level is greater than maximum supported nested level of {limit}")]
    NameTooDeep { limit: usize },
    /// The key already holds something else than a map or list.
    #[error("unable to parse key: interface conversion: interface {{}} is {found}, not {wanted}")]
    Conversion {
        found: &'static str,
        wanted: &'static str,
    },
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error("json: cannot unmarshal number {text} into Go value of type float64")]
    NumberTooLarge { text: String },
    #[error("{text}")]
    File { text: String },
    /// Ours: Helm recurses without end.
    #[error("list indices are nested deeper than {limit}")]
    IndicesTooDeep { limit: usize },
    /// Ours: Helm allocates without end.
    #[error("expression fills more than {limit} list items")]
    TooManyItems { limit: usize },
}

fn quoted(text: &str) -> String {
    strconv::quote(text.as_bytes())
}

/// `%q` of a `[]rune`.
fn runes(text: &str) -> String {
    let quoted: Vec<String> = text.chars().map(|rune| strconv::quote_rune(Some(rune))).collect();
    format!("[{}]", quoted.join(" "))
}
