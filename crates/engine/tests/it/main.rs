//! The engine against what real Helm printed.

mod conformance;
mod encodings;
mod functions;
mod hostile;
mod properties;
mod suite;
