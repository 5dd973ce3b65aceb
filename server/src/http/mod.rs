//! Routes that are not pages, one file a resource; [`error`] turns backend errors into answers.

pub(crate) mod artifact_hub;
pub(crate) mod audit;
pub(crate) mod charts;
pub(crate) mod chartsvc;
pub(crate) mod crawl;
pub(crate) mod description;
#[cfg(debug_assertions)]
pub(crate) mod dev;
pub(crate) mod embed;
pub(crate) mod envelope;
pub(crate) mod error;
pub(crate) mod feeds;
pub(crate) mod files;
pub(crate) mod health;
pub(crate) mod hosted;
pub(crate) mod hosted_care;
pub(crate) mod metrics;
pub(crate) mod mirror;
pub(crate) mod monocular;
pub(crate) mod moved;
pub(crate) mod museum;
pub(crate) mod oci;
pub(crate) mod operations;
pub(crate) mod range;
pub(crate) mod records;
pub(crate) mod releases;
pub(crate) mod repositories;
pub(crate) mod reviews;
pub(crate) mod session;
pub(crate) mod since;
pub(crate) mod tokens;
pub(crate) mod uploads;
pub(crate) mod users;
pub(crate) mod validators;
pub(crate) mod xml;
