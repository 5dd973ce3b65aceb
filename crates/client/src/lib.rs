//! Chartroom's API as another program speaks it: the command line's way to a server.
//!
//! It knows addresses, types of the wire and nothing else: no chart, no cluster, no rule. A crate of its own so that the
//! server has no HTTP client beside the guarded one of `backend`: what is here sends requests to the one server that a
//! person named, with that person's token, and has no function that sends any other.
//!
//! Start at [`Client`]; `follow` is how an operation is watched over connections that break.

mod client;
mod error;
mod events;
mod follow;
mod request;

pub use client::{Client, Settings, Token};
pub use error::Error;

/// What every request answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;
