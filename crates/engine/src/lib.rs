//! Go text/template, sprig and Helm's template functions; pure.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

mod caches;
mod context;
pub mod crypto;
pub mod datetime;
pub mod decimal;
pub mod encoding;
mod error;
mod exec;
pub mod fmt;
pub mod funcs;
pub mod glob;
mod hash;
mod host;
pub mod json;
mod library;
mod limits;
mod parse;
pub mod regexp;
mod render;
pub mod semver;
mod set;
mod stack;
pub mod strconv;
pub mod toml;
mod trace;
pub mod url;
pub mod value;
pub mod wire;
pub mod words;
pub mod yaml;

pub use caches::Keep;
pub use context::Context;
pub use error::{Error, ErrorKind, FnError};
pub use host::{Host, MissingPart, NoHost};
pub use library::Library;
pub use limits::{Budget, Exceeded, Limits};
pub use render::{Options, Renderer};
pub use set::{TemplateFile, TemplateSet, When};
pub use stack::with_deep_stack;
pub use trace::{Begun, Made, Trace, ValuePath, ValueStep};
