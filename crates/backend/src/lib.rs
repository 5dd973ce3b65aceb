//! Every operation of Chartroom and every authorisation check; the only crate with sqlx, and the server's only one with reqwest.
//!
//! [`Backend`] is the whole surface: the server builds one from [`Settings`], the pages and the HTTP API call it with
//! the [`Viewer`] they act for. Read on in `ops` (what a visitor may do), `sync` (how charts get here), `upstream`
//! (how we talk to servers that are not ours), `store` and `blobs` (what we keep).

mod address_range;
mod attempts;
mod backend;
mod blobs;
mod bundle;
mod cards;
mod catalog;
pub mod clock;
mod clusters;
pub mod content;
mod difference;
mod drawn;
mod error;
mod files;
mod hosted;
pub mod http_date;
mod icons;
mod jobs;
mod mirrors;
mod operations;
pub mod ops;
mod own_thread;
mod password;
mod review;
mod seal;
pub mod secret;
pub mod settings;
mod still;
pub mod store;
mod sync;
mod trust;
mod upstream;
mod viewer;
pub mod world;

pub use address_range::AddressRange;
pub use backend::Backend;
pub use bytes::Bytes;
pub use clusters::ClusterToken;
pub use error::Error;
pub use jobs::Jobs;
pub use ops::Action;
pub use settings::Settings;
pub use viewer::Viewer;

/// What every operation answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;
