//! Go text/template, sprig and Helm's template functions; pure.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

mod stack;
mod parse;
mod context;
pub mod crypto;
pub mod datetime;
pub mod encoding;
mod error;
pub mod fmt;
pub mod funcs;
pub mod glob;
mod host;
pub mod json;
mod limits;
pub mod regexp;
pub mod semver;
pub mod strconv;
pub mod toml;
pub mod value;
pub mod yaml;

pub use context::Context;
pub use error::{Error, ErrorKind, FnError};
pub use host::{Host, NoHost};
pub use limits::{Budget, Exceeded, Limits};
