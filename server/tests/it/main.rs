//! The server from outside: configuration, command line and the real process under faults.

mod access_api;
mod access_forms;
mod catalog;
mod change_forms;
mod cli_absent;
mod cli_lint;
mod cli_releases;
mod cli_server;
mod cli_show;
mod cli_template;
mod cli_verify;
mod command_line;
mod configuration;
mod contract;
mod faults;
mod hosted_care;
mod metrics;
mod monocular;
mod museum;
mod pages;
mod private;
mod process;
mod releases_process;
mod reviews;
mod site;
mod upstream;
