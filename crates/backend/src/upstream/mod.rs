//! Talking to servers that are not ours: one component that every outgoing request goes through.
//!
//! [`Upstream::source`] makes a [`Source`] for a repository; a source sends GET requests and hands bodies out in pieces.
//! On the way: which addresses may be connected to (`guard`, `resolver`), who may see credentials (`credentials`), how
//! long everything may take and how often it is tried (`source`, `retry`). A [`Registry`] asks an OCI registry through a
//! source. What comes back is bounded and untrusted.

mod client;
mod credentials;
mod error;
mod guard;
mod post;
mod registry;
mod resolver;
mod retry;
mod source;

pub(crate) use client::Upstream;
pub(crate) use credentials::split_credentials;
pub(crate) use error::FetchError;
pub(crate) use registry::{Registry, TaggedManifest, tag_reference};
pub(crate) use source::{Answer, Body, Get, Source};
