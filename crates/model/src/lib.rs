//! Plain data that crosses the wire between server and browser.
//!
//! Everything here is public fields and `serde`, and builds for wasm32.
//! No rule lives here: `backend` fills these types, `app` shows them.

pub mod access;
pub mod catalog;
pub mod chart;
pub mod files;
pub mod hosted;
pub mod install;
pub mod logs;
pub mod operation;
pub mod page;
pub mod plan;
pub mod record;
pub mod release;
pub mod repository;
pub mod retention;
pub mod review;
pub mod signature;
pub mod site;
pub mod time;
pub mod webhook;

pub use time::Timestamp;
