//! All integration tests of the crate, in one binary.

mod charts;
mod document;
mod lossless;
