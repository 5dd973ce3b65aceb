//! All integration tests of the crate, in one binary.

mod archive;
mod conformance;
mod contents;
mod index;
mod library;
mod lint;
mod schema;
mod strvals;
mod traced;
