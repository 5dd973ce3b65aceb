//! The engine against what real Helm printed.

mod budgets;
mod conformance;
mod encodings;
mod functions;
mod hostile;
mod properties;
mod random;
mod suite;
