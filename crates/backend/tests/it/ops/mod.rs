//! What operations answer.

mod access;
mod accounts;
mod catalog;
mod hosted;
mod install;
mod merge;
mod preview;
mod releases;
mod repositories;
mod review;
mod samples;
mod search;
