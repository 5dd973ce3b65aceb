//! What the store promises, on both databases.

mod access;
mod catalog;
mod repository;
mod schema;
