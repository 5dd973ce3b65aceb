//! Routes that are not pages, one file a resource; [`error`] turns backend errors into answers.

#[cfg(debug_assertions)]
pub(crate) mod dev;
pub(crate) mod error;
pub(crate) mod files;
pub(crate) mod health;
pub(crate) mod repositories;
