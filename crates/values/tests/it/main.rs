//! All integration tests of the crate, in one binary.

mod assist;
mod charts;
mod document;
mod exports;
mod fields;
mod form;
mod hostile;
mod lossless;
mod merge;
mod overrides;
