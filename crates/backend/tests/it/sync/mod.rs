//! How repositories are followed.

mod cosign;
mod distribution;
mod faults;
mod follow;
mod icons;
mod keep;
mod provenance;
mod registry;
mod ways;
