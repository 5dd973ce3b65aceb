//! The one error that reaches a visitor.
//!
//! It holds no secret and no cause: causes go to the log, with the request's id.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use model::site::Suggestions;
use serde::{Deserialize, Serialize};

/// What went wrong, as far as a visitor is concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppError {
    pub kind: ErrorKind,
    /// A clause in lower case without a period.
    pub message: String,
    /// The field of a form or of a request that is wrong; the message begins with it.
    #[serde(default)]
    pub field: Option<Box<str>>,
    /// What may have been meant, when something was not found.
    #[serde(default)]
    pub suggestions: Suggestions,
    /// The roles that would help, as YAML, where a cluster says that rights are missing.
    #[serde(default)]
    pub role_yaml: Option<String>,
    /// The operation that is in the way.
    #[serde(default)]
    pub operation: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    NotFound,
    /// The request cannot be understood.
    Invalid,
    /// The state of things forbids it.
    Conflict,
    /// Signing in would help.
    SignedOut,
    /// Other rights would help.
    Forbidden,
    /// The same again, later.
    TooMany,
    /// Something that we depend on does not answer.
    Unavailable,
    Internal,
    /// The browser could not reach us.
    Offline,
}

impl ErrorKind {
    /// The only place where kinds become HTTP status codes.
    pub fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Invalid => 400,
            Self::Conflict => 409,
            Self::SignedOut => 401,
            Self::Forbidden => 403,
            Self::TooMany => 429,
            Self::Unavailable => 503,
            Self::Internal | Self::Offline => 500,
        }
    }
}

impl AppError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            field: None,
            suggestions: Suggestions::default(),
            role_yaml: None,
            operation: None,
        }
    }

    /// A field that is wrong, and why.
    pub fn in_field(field: &str, why: impl std::fmt::Display) -> Self {
        Self {
            field: Some(field.into()),
            ..Self::new(ErrorKind::Invalid, format!("{field}: {why}"))
        }
    }

    /// Nothing of ours has this address.
    pub fn no_page() -> Self {
        Self::new(ErrorKind::NotFound, "no page has this address")
    }

    /// A form that no page of ours holds.
    pub fn no_form() -> Self {
        Self::new(ErrorKind::Invalid, "the form is incomplete; load the page again")
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::new(ErrorKind::Offline, "the server cannot be reached"),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self::new(ErrorKind::Invalid, "the request is incomplete")
            }
            _ => Self::new(ErrorKind::Internal, "the answer cannot be understood"),
        }
    }
}
