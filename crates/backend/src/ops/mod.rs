//! The operations, one file an area. Every one takes the viewer it acts for and asks [`authorise`] first.

mod authorise;
mod catalog;
mod charts;
mod repositories;

pub use catalog::Catalog;
pub use charts::{ArchiveDownload, Charts};
pub use repositories::{NewRepository, Repositories, SyncHandle};
