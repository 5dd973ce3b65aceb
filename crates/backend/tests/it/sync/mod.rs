//! How repositories are followed.

mod faults;
mod follow;
mod icons;
mod keep;
mod provenance;
mod registry;
mod ways;
