//! How repositories are followed.

mod faults;
mod follow;
