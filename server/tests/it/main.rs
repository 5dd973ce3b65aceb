//! The server from outside: configuration, command line and the real process under faults.

mod command_line;
mod configuration;
mod faults;
mod process;
mod upstream;
