//! How charts get here: an index is read as a stream, compared with what is stored and taken over; archives follow.
//!
//! `engine` runs a sync from claim to report. `index` takes an index over, `archives` fetches archives for it and for
//! whoever looks at a chart first, `registry` lists and describes what is in an OCI registry, `provenance` asks for what
//! signs them, `cosign` where that is in a registry, `samples` feeds the bundled charts through the same two.

mod archives;
mod board;
mod cosign;
mod engine;
mod entry;
mod index;
mod provenance;
mod registry;
mod samples;
mod summary;
mod version_key;

pub(crate) use archives::Archives;
pub(crate) use board::Board;
pub(crate) use engine::{Running, Syncs, Why};
pub(crate) use entry::record_of;
pub(crate) use provenance::ask_for as ask_proof;
pub(crate) use samples::install_samples;
pub(crate) use summary::{ArchiveSummary, kind_of};
