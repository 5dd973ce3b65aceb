//! `chartroom config`: is it right, what is it, what can it be.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use super::{Global, terminal};
use crate::config::docs;

/// Check, print and describe the configuration
#[derive(Subcommand)]
pub(super) enum Command {
    /// Read every layer and say what is wrong
    Check,
    /// Print the settings in force as TOML, secrets masked
    Show,
    /// Print docs/configuration.md
    #[command(hide = true)]
    Docs,
}

pub(super) fn run(global: &Global, command: Command) -> Result<ExitCode> {
    match command {
        Command::Check => {
            let config = global.load()?;
            terminal::print(&format!(
                "The configuration is right: listening on {}, data in {}, {} repositories.",
                config.server.listen,
                config.server.data_dir.display(),
                config.repositories.len()
            ));
        }
        Command::Show => terminal::print(global.load()?.to_toml()?.trim_end()),
        Command::Docs => terminal::print(docs::markdown().trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}
