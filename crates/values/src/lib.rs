//! The values that a person edits, as a document.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

pub mod assist;
pub mod defaults;
pub mod document;
pub mod overrides;
mod path;
pub mod schema;

pub use document::Document;
pub use path::{Path, PathError, Segment};
