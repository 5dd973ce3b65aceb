//! All integration tests of the crate, in one binary.

mod changing;
mod charts;
mod facets;
mod finding;
mod hostile;
mod judged;
