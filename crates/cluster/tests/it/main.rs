//! Releases on a real API server, beside real helm 3 and 4.
//!
//! `cargo xtask test cluster` starts the control plane and says where it is; without it these tests skip.

mod changing;
mod faults;
mod otherwise;
mod outage;
mod planning;
mod proxy;
mod reading;
mod resources;
mod settling;
mod setup;
mod watching;
