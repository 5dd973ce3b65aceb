//! The command line: one file a command, this one for what they share.

mod bundle;
mod changes;
mod charts;
mod cluster_flags;
mod config;
mod excerpt;
mod leading_flags;
mod lint;
mod museum;
mod output_dir;
mod plan;
mod release_name;
mod releases;
mod remote;
mod repo;
mod serve;
mod show;
mod show_only;
mod sync;
mod target;
mod template;
mod terminal;
mod user;
mod values;
mod verify;
mod zone;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use backend::Backend;
use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Layers, default_file};
use crate::{samples, telemetry};

/// A company's Helm charts: a catalog over many repositories, readable by everyone, in one program.
#[derive(Parser)]
#[command(
    name = "chartroom",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Flags of every command.
#[derive(Args)]
struct Global {
    /// Read settings from this TOML file [default: chartroom.toml, where it exists]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Keep everything in this directory [default: data]
    #[arg(long, value_name = "DIR", global = true)]
    data_dir: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the catalog and follow the repositories
    Serve(serve::Arguments),
    /// Serve hosted repositories alone, with ChartMuseum's flags and variables
    Museum(Box<museum::Arguments>),
    /// Add, list and remove chart repositories
    #[command(subcommand)]
    Repo(repo::Command),
    /// Refresh one repository, or all, and show how far it is
    Sync(sync::Arguments),
    /// Carry charts to where no network leads
    #[command(subcommand)]
    Bundle(bundle::Command),
    /// Add, list and change users
    #[command(subcommand)]
    User(user::Command),
    /// Check, print and describe the configuration
    #[command(subcommand)]
    Config(config::Command),
    /// Render a chart and print its manifests, as `helm template` does
    Template(Box<template::Arguments>),
    /// Examine charts for problems, as `helm lint` does
    Lint(lint::Arguments),
    /// Check who signed an archive, as `helm verify` does
    Verify(verify::Arguments),
    /// Print parts of a chart, as `helm show` does
    #[command(subcommand, visible_alias = "inspect")]
    Show(show::Command),
    /// List the releases of a cluster, as `helm list` does
    #[command(visible_alias = "ls")]
    List(Box<releases::List>),
    /// Print the state of a release and its objects, as `helm status` does
    Status(Box<releases::Status>),
    /// List the revisions of a release, as `helm history` does
    #[command(visible_alias = "hist")]
    History(Box<releases::History>),
    #[command(subcommand)]
    Get(Box<releases::Get>),
    /// Show what an installation, upgrade, rollback or uninstallation would do, and change nothing
    #[command(subcommand)]
    Plan(Box<plan::Command>),
    /// Install a chart into a cluster, as `helm install` does
    Install(Box<changes::Install>),
    /// Upgrade a release, as `helm upgrade` does
    Upgrade(Box<changes::Upgrade>),
    /// Go back to an earlier revision of a release, as `helm rollback` does
    Rollback(Box<changes::Rollback>),
    /// Run the tests of a release, as `helm test` does
    Test(Box<changes::Test>),
    /// Remove releases from a cluster, as `helm uninstall` does
    #[command(visible_aliases = ["del", "delete", "un"])]
    Uninstall(Box<changes::Uninstall>),
}

/// Runs the program: 0 done, 1 it did not work, 2 the command line was wrong (1 where helm has the command, or 2 means
/// something else).
pub fn run() -> ExitCode {
    let arguments = leading_flags::moved(std::env::args_os());
    let command = arguments
        .get(1)
        .map(|command| command.to_string_lossy().into_owned());
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return usage_code(&error, command.as_deref());
        }
    };
    match dispatch(cli) {
        Ok(code) => code,
        Err(error) => {
            terminal::complain(&format!("Error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Commands, and their other names, that helm has as well.
const HELM_COMMANDS: [&str; 19] = [
    "del",
    "delete",
    "get",
    "hist",
    "history",
    "inspect",
    "install",
    "lint",
    "list",
    "ls",
    "rollback",
    "show",
    "status",
    "template",
    "test",
    "un",
    "uninstall",
    "upgrade",
    "verify",
];

fn usage_code(error: &clap::Error, command: Option<&str>) -> ExitCode {
    if !error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    match command {
        Some(command) if HELM_COMMANDS.contains(&command) => ExitCode::FAILURE,
        // Of a plan, 2 says that something would change.
        Some("plan") => ExitCode::FAILURE,
        _ => ExitCode::from(2),
    }
}

fn dispatch(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Config(command) => config::run(&cli.global, command),
        Command::Serve(arguments) => {
            let config = arguments.config(&cli.global)?;
            telemetry::start(&config.telemetry)?;
            block_on(serve::run(config))
        }
        Command::Museum(arguments) => {
            let config = arguments.config(&cli.global)?;
            telemetry::start(&config.telemetry)?;
            block_on(museum::run(config, arguments.is_index_wanted()))
        }
        Command::Repo(command) => block_on(repo::run(cli.global.load()?, command)),
        Command::Bundle(command) => block_on(bundle::run(cli.global.load()?, command)),
        Command::User(command) => block_on(user::run(cli.global.load()?, command)),
        Command::Template(arguments) => template::run(&cli.global, &arguments),
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Show(command) => show::run(&cli.global, &command),
        Command::List(arguments) => block_on(releases::list(*arguments)),
        Command::Status(arguments) => block_on(releases::status(*arguments)),
        Command::History(arguments) => block_on(releases::history(*arguments)),
        Command::Get(command) => block_on(releases::get(*command)),
        Command::Plan(command) => block_on(plan::run(&cli.global, *command)),
        Command::Install(arguments) => block_on(changes::install(&cli.global, *arguments)),
        Command::Upgrade(arguments) => block_on(changes::upgrade(&cli.global, *arguments)),
        Command::Rollback(arguments) => block_on(changes::rollback(*arguments)),
        Command::Test(arguments) => block_on(changes::test(*arguments)),
        Command::Uninstall(arguments) => block_on(changes::uninstall(*arguments)),
        Command::Sync(arguments) => block_on(sync::run(cli.global.load()?, arguments)),
    }
}

fn block_on(command: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    runtime()?.block_on(command)
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the runtime")
}

impl Global {
    /// The layers below the flags of a command.
    fn layers(&self) -> Result<Layers> {
        let mut layers = Layers::default();
        if let Some(file) = self.config.clone().or_else(default_file) {
            layers = layers.file(&file)?;
        }
        layers = layers.environment(environment())?;
        let data_dir = self.data_dir.as_ref().map(|dir| dir.display().to_string());
        Ok(layers.flag(&["server", "data_dir"], data_dir))
    }

    fn load(&self) -> Result<Config> {
        Ok(self.layers()?.load()?)
    }
}

/// The one place that reads the environment.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// A variable of the environment.
fn variable(name: &str) -> Option<String> {
    environment()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value)
}

/// Waits for Ctrl-C or SIGTERM.
async fn interrupted() {
    let interrupt = tokio::signal::ctrl_c();
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        let _ = interrupt.await;
        return;
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}

/// Opens the store of a configuration, with the sample charts at hand for a first start.
async fn open(config: &Config) -> Result<Backend> {
    let mut settings = config.backend_settings();
    settings.samples = Some(samples::archives().context("packing the sample charts")?);
    std::fs::create_dir_all(&settings.data_dir)
        .with_context(|| format!("making the data directory {}", settings.data_dir.display()))?;
    Backend::open(settings).await.context("opening the store")
}
