//! What operations answer.

mod access;
mod accounts;
mod catalog;
mod hosted;
mod releases;
mod repositories;
mod samples;
