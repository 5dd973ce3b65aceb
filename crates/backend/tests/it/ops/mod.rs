//! What operations answer.

mod access;
mod accounts;
mod catalog;
mod releases;
mod repositories;
mod samples;
