//! One file a page: it loads its data, sets title and status, and puts components together.

pub mod catalog;
pub mod chart;
pub mod home;
mod load;
pub mod not_found;
pub mod repositories;
