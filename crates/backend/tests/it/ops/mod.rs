//! What operations answer.

mod access;
mod accounts;
mod catalog;
mod repositories;
mod samples;
