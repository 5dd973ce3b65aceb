//! What the store promises, on both databases.

mod catalog;
mod repository;
mod schema;
