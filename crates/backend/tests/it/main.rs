//! The backend's tests: what it keeps, what its operations answer, how it follows repositories.

#![expect(clippy::print_stderr, reason = "a database that is not tested is said aloud")]

mod ops;
mod store;
mod support;
mod sync;
