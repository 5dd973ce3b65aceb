//! What the store promises, on both databases.

mod access;
mod catalog;
mod registry;
mod repository;
mod schema;
