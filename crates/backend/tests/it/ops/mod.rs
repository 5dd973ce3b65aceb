//! What operations answer.

mod access;
mod accounts;
mod bundles;
mod catalog;
mod changelog;
mod hosted;
mod hosted_care;
mod hosted_copy;
mod hosted_retention;
mod hosted_rights;
mod hosted_webhook;
mod install;
mod merge;
mod preview;
mod related;
mod releases;
mod repositories;
mod review;
mod samples;
mod search;
mod signatures;
