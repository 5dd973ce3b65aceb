//! What operations answer.

mod catalog;
mod repositories;
mod samples;
