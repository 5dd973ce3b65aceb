//! Helm charts and releases: archives, values, rendering, records; pure.
//!
//! Nothing here reads a file, a clock or a network: callers bring bytes and get values and typed errors.
#![cfg_attr(
    not(feature = "schema"),
    allow(dead_code, unused_imports, reason = "what only schemas and lint use")
)]

pub mod archive;
pub mod capabilities;
pub mod chart;
mod compat;
pub mod contents;
pub mod dependencies;
pub mod index;
#[cfg(feature = "schema")]
pub mod lint;
pub mod manifest;
pub mod output;
pub mod release;
pub mod render;
pub mod schema;
pub mod values;

pub use compat::Compat;
