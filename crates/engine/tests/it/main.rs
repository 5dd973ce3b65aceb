//! The engine against what real Helm printed.

mod conformance;
mod functions;
mod suite;
