//! ChartMuseum's contract, from outside: the real program, asked over a socket.

mod auth;
mod client;
mod faults;
pub(crate) mod helm;
mod index;
mod limits;
mod oci;
mod oci_faults;
mod oras;
mod origin;
mod routes;

pub(crate) use client::Museum;
