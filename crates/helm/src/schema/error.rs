//! What does not fit a schema, with Helm's words and with what an editor needs: where in the values, and why.

use std::fmt;

use engine::strconv;
use engine::value::GoStr;

use super::decimal::Decimal;
use super::doc::{Doc, Number};
use super::english;
use super::location::{child, encode, pointer_of};

/// One failed check, with the failures below it that explain it.
#[derive(Clone, Debug)]
pub struct ValidationError {
    /// The schema that failed, as URL and fragment.
    pub(crate) schema: String,
    /// Where in the values.
    pub(crate) instance: Vec<GoStr>,
    pub(crate) kind: ErrorKind,
    pub(crate) causes: Vec<Self>,
}

/// Which check failed.
#[derive(Clone, Debug)]
pub(crate) enum ErrorKind {
    /// Known to fail, and nobody asked why.
    Unsaid,
    /// The outermost error.
    Schema {
        location: String,
    },
    /// Several failures of one schema.
    Group,
    Not,
    AllOf,
    AnyOf,
    /// Two that matched, or none.
    OneOf {
        matched: Option<(usize, usize)>,
    },
    FalseSchema,
    RefCycle {
        url: String,
        first: String,
        second: String,
    },
    Type {
        got: &'static str,
        want: Vec<&'static str>,
    },
    Enum {
        want: Vec<Doc>,
    },
    Const {
        want: Doc,
    },
    Format {
        got: Doc,
        want: &'static str,
        problem: String,
    },
    Reference {
        keyword: &'static str,
        url: String,
    },
    /// `minItems` and its like: what there is, and how much there may be.
    Count {
        keyword: &'static str,
        got: usize,
        want: i64,
    },
    AdditionalItems {
        count: usize,
    },
    Required {
        missing: Vec<GoStr>,
    },
    Dependency {
        keyword: &'static str,
        property: GoStr,
        missing: Vec<GoStr>,
    },
    AdditionalProperties {
        properties: Vec<GoStr>,
    },
    PropertyNames {
        property: GoStr,
    },
    UniqueItems {
        first: usize,
        second: usize,
    },
    Contains,
    MinContains {
        matched: Vec<usize>,
        want: i64,
    },
    MaxContains {
        matched: Vec<usize>,
        want: i64,
    },
    Pattern {
        got: GoStr,
        want: String,
    },
    /// `minimum` and its like.
    Bound {
        keyword: &'static str,
        got: Decimal,
        want: Decimal,
    },
}

impl ErrorKind {
    /// The keyword below the schema's location, where there is one.
    fn keyword(&self) -> Vec<String> {
        let one = |keyword: &str| vec![keyword.to_owned()];
        match self {
            Self::Unsaid | Self::Schema { .. } | Self::Group | Self::FalseSchema | Self::RefCycle { .. } => {
                vec![]
            }
            Self::Not => one("not"),
            Self::AllOf => one("allOf"),
            Self::AnyOf => one("anyOf"),
            Self::OneOf { .. } => one("oneOf"),
            Self::Type { .. } => one("type"),
            Self::Enum { .. } => one("enum"),
            Self::Const { .. } => one("const"),
            Self::Format { .. } => one("format"),
            Self::Reference { keyword, .. } | Self::Count { keyword, .. } | Self::Bound { keyword, .. } => {
                one(keyword)
            }
            Self::AdditionalItems { .. } => one("additionalItems"),
            Self::Required { .. } => one("required"),
            Self::Dependency {
                keyword, property, ..
            } => vec![(*keyword).to_owned(), property.to_string()],
            Self::AdditionalProperties { .. } => one("additionalProperties"),
            Self::PropertyNames { .. } => one("propertyNames"),
            Self::UniqueItems { .. } => one("uniqueItems"),
            Self::Contains => one("contains"),
            Self::MinContains { .. } => one("minContains"),
            Self::MaxContains { .. } => one("maxContains"),
            Self::Pattern { .. } => one("pattern"),
        }
    }
}

/// One thing to show at one place: a failed check that no other explains better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where in the values, as a JSON pointer.
    pub instance_pointer: String,
    /// The same, token by token.
    pub instance_path: Vec<String>,
    /// The failed keyword: the schema's URL and fragment.
    pub schema_location: String,
    /// What is wrong, in Helm's words.
    pub message: String,
    /// How deep below the first error it stands; alternatives of `anyOf` are deeper than the `anyOf`.
    pub depth: usize,
}

impl ValidationError {
    /// Where in the values, as a JSON pointer.
    #[must_use]
    pub fn instance_pointer(&self) -> String {
        pointer_of(&self.instance)
    }

    /// The failed keyword, as URL and fragment.
    #[must_use]
    pub fn schema_location(&self) -> String {
        if let ErrorKind::Reference { url, .. } = &self.kind {
            return url.clone();
        }
        let keyword = self
            .kind
            .keyword()
            .iter()
            .fold(String::new(), |pointer, token| child(&pointer, token));
        format!("{}{}", self.schema, encode(&keyword))
    }

    /// What is wrong here, without what explains it.
    #[must_use]
    pub fn message(&self) -> String {
        self.kind.to_string()
    }

    /// The errors that explain this one.
    #[must_use]
    pub fn causes(&self) -> &[Self] {
        &self.causes
    }

    /// Every error in the order of the text, flat.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        self.collect(0, &mut found);
        found
    }

    fn collect(&self, depth: usize, found: &mut Vec<Finding>) {
        let shown = !self.is_transparent() && !matches!(self.kind, ErrorKind::Schema { .. });
        if shown {
            found.push(Finding {
                instance_pointer: self.instance_pointer(),
                instance_path: self.instance.iter().map(ToString::to_string).collect(),
                schema_location: self.schema_location(),
                message: self.message(),
                depth,
            });
        }
        for cause in &self.causes {
            cause.collect(depth + usize::from(shown), found);
        }
    }

    /// A reference with one failure behind it is not worth a line.
    fn is_transparent(&self) -> bool {
        matches!(self.kind, ErrorKind::Reference { .. }) && self.causes.len() == 1
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        let mut inner = indent;
        if !self.is_transparent() {
            if indent > 0 {
                write!(f, "\n{}- ", "  ".repeat(indent - 1))?;
            }
            inner += 1;
            if !matches!(self.kind, ErrorKind::Schema { .. }) {
                write!(f, "at {}: ", quote(&self.instance_pointer()))?;
            }
            write!(f, "{}", self.kind)?;
        }
        self.causes.iter().try_for_each(|cause| cause.write(f, inner))
    }
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

impl std::error::Error for ValidationError {}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsaid => Ok(()),
            Self::Schema { location } => write!(f, "jsonschema validation failed with {}", quote(location)),
            Self::Group | Self::Reference { .. } => f.write_str("validation failed"),
            Self::Not => f.write_str("'not' failed"),
            Self::AllOf => f.write_str("'allOf' failed"),
            Self::AnyOf => f.write_str("'anyOf' failed"),
            Self::OneOf { matched: None } => f.write_str("'oneOf' failed, none matched"),
            Self::OneOf {
                matched: Some((first, second)),
            } => {
                write!(
                    f,
                    "'oneOf' failed, subschemas {}, {} matched",
                    size(*first),
                    size(*second)
                )
            }
            Self::FalseSchema => f.write_str("false schema"),
            Self::RefCycle { url, first, second } => {
                let url = strconv::quote(url.as_bytes());
                write!(
                    f,
                    "both {first} and {second} resolve to {url} causing reference cycle"
                )
            }
            Self::Type { got, want } => write!(f, "got {got}, want {}", want.join(" or ")),
            Self::Enum { want } => {
                if want
                    .iter()
                    .any(|item| matches!(item, Doc::Array(_) | Doc::Object(_)))
                {
                    return f.write_str("'enum' failed");
                }
                match want.as_slice() {
                    [only] => write!(f, "value must be {}", display(only)),
                    _ => {
                        let want: Vec<String> = want.iter().map(display).collect();
                        write!(f, "value must be one of {}", want.join(", "))
                    }
                }
            }
            Self::Const {
                want: Doc::Array(_) | Doc::Object(_),
            } => f.write_str("'const' failed"),
            Self::Const { want } => write!(f, "value must be {}", display(want)),
            Self::Format { got, want, problem } => {
                write!(f, "{} is not valid {want}: {problem}", display(got))
            }
            Self::Count { keyword, got, want } => {
                write!(
                    f,
                    "{keyword}: got {}, want {}",
                    size(*got),
                    english::integer(*want)
                )
            }
            Self::AdditionalItems { count } => {
                write!(f, "last {} additionalItem(s) not allowed", size(*count))
            }
            Self::Required { missing } => match missing.as_slice() {
                [only] => write!(f, "missing property {}", quote_text(only)),
                _ => write!(f, "missing properties {}", quote_all(missing)),
            },
            Self::Dependency {
                property, missing, ..
            } => {
                write!(
                    f,
                    "properties {} required, if {} exists",
                    quote_all(missing),
                    quote_text(property)
                )
            }
            Self::AdditionalProperties { properties } => {
                write!(f, "additional properties {} not allowed", quote_all(properties))
            }
            Self::PropertyNames { property } => write!(f, "invalid propertyName {}", quote_text(property)),
            Self::UniqueItems { first, second } => {
                write!(f, "items at {} and {} are equal", size(*first), size(*second))
            }
            Self::Contains => f.write_str("no items match contains schema"),
            Self::MinContains { matched, want } => {
                let want = english::integer(*want);
                if matched.is_empty() {
                    return write!(
                        f,
                        "min {want} items required to match contains schema, but none matched"
                    );
                }
                let (count, at) = (size(matched.len()), positions(matched));
                write!(
                    f,
                    "min {want} items required to match contains schema, but matched {count} items at {at}"
                )
            }
            Self::MaxContains { matched, want } => {
                let (want, count, at) = (english::integer(*want), size(matched.len()), positions(matched));
                write!(
                    f,
                    "max {want} items required to match contains schema, but matched {count} items at {at}"
                )
            }
            Self::Pattern { got, want } => {
                write!(f, "{} does not match pattern {}", quote_text(got), quote(want))
            }
            Self::Bound { keyword, got, want } => {
                let [got, want] = [got, want].map(|number| english::float(number.to_f64()));
                write!(f, "{keyword}: got {got}, want {want}")
            }
        }
    }
}

fn size(number: usize) -> String {
    english::integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn positions(indices: &[usize]) -> String {
    indices
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

/// A text in single quotes, escaped as in Go otherwise.
pub(crate) fn quote(text: &str) -> String {
    quote_bytes(text.as_bytes())
}

fn quote_text(text: &GoStr) -> String {
    quote_bytes(text.as_bytes())
}

fn quote_bytes(text: &[u8]) -> String {
    let quoted = strconv::quote(text);
    let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
    format!("'{}'", inner.replace("\\\"", "\"").replace('\'', "\\'"))
}

fn quote_all(texts: &[GoStr]) -> String {
    texts.iter().map(quote_text).collect::<Vec<_>>().join(", ")
}

/// A value within a message.
fn display(doc: &Doc) -> String {
    match doc {
        Doc::Null => "<nil>".to_owned(),
        Doc::Bool(truth) => truth.to_string(),
        Doc::Number(number) => Number::text(number),
        Doc::String(text) => quote_text(text),
        Doc::Array(_) | Doc::Object(_) => "value".to_owned(),
    }
}
