//! Routes that are not pages, one file a resource; [`error`] turns backend errors into answers.

pub(crate) mod error;
pub(crate) mod files;
pub(crate) mod health;
pub(crate) mod repositories;
