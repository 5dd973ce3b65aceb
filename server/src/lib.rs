//! The chartroom binary as a library: configuration, command line, routes.
//!
//! It parses what the operator says, opens the [`backend`], mounts routes and serves.
//! Nothing here decides anything about charts: that is `backend`'s.

mod access;
mod assets;
mod cli;
pub mod config;
mod forms;
mod http;
mod middleware;
mod openapi;
mod pages;
mod router;
mod samples;
mod shutdown;
mod state;
mod telemetry;

pub use cli::run;
pub use openapi::document as api_description;
pub use router::router;
pub use state::AppState;
