//! `chartroom repo`: add, list, remove.

use std::io::Read as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use backend::Viewer;
use backend::ops::NewRepository;
use backend::secret::SecretString;
use backend::settings::ArchivePolicy;
use clap::{Args, Subcommand, ValueEnum};
use model::repository::{RepositorySummary, SyncState};

use super::{open, terminal};
use crate::config::Config;

/// Add, list and remove chart repositories
#[derive(Subcommand)]
pub(super) enum Command {
    /// Add a repository; a running server syncs it at once
    Add(Add),
    /// List the repositories with their state
    #[command(visible_alias = "ls")]
    List,
    /// Remove a repository and its charts from the catalog
    #[command(visible_alias = "rm")]
    Remove {
        /// The repository's name
        name: String,
    },
    /// Take over an index that was held back because it shrank
    Accept {
        /// The repository's name
        name: String,
    },
}

#[derive(Args)]
pub(super) struct Add {
    /// The repository's name in the catalog's addresses
    name: String,
    /// The address as `helm repo add` takes it: the folder of index.yaml; or a registry and a namespace of it, such as
    /// oci://registry.example.com/charts
    url: String,
    /// A chart of the registry, for registries that do not list what they have; can be repeated
    #[arg(long = "chart", value_name = "NAME")]
    charts: Vec<String>,
    /// A host that the registry may send its credentials to for a token; can be repeated
    #[arg(long = "token-host", value_name = "HOST")]
    token_hosts: Vec<String>,
    /// Speak to the registry without TLS
    #[arg(long)]
    plain_http: bool,
    /// User name for basic authentication
    #[arg(long)]
    username: Option<String>,
    /// Read the password from standard input
    #[arg(long, requires = "username")]
    password_stdin: bool,
    /// Read a bearer token from standard input
    #[arg(long, conflicts_with = "username")]
    token_stdin: bool,
    /// Send the credentials to other hosts, too, when the index points there
    #[arg(long)]
    pass_credentials: bool,
    /// The host may have an address in a private range
    #[arg(long)]
    allow_private_network: bool,
    /// Which archives are fetched without being asked for [default: as configured]
    #[arg(long, value_enum)]
    archives: Option<Archives>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Archives {
    /// The newest version of every chart
    Latest,
    /// Every version
    All,
    /// None until it is viewed
    OnDemand,
}

pub(super) async fn run(config: Config, command: Command) -> Result<ExitCode> {
    let backend = open(&config).await?;
    let repositories = backend.repositories();
    let viewer = Viewer::system();
    match command {
        Command::Add(add) => {
            let added = repositories.add(&viewer, add.into_new()?).await?;
            terminal::print(&format!(
                "\"{}\" has been added; `chartroom sync {}` fetches it now",
                added.name, added.name
            ));
        }
        Command::List => {
            let list = repositories.list(&viewer).await?;
            let rows: Vec<Vec<String>> = list.iter().map(row).collect();
            terminal::table(&["NAME", "URL", "CHARTS", "VERSIONS", "STATE"], &rows);
        }
        Command::Remove { name } => {
            repositories.remove(&viewer, &name).await?;
            terminal::print(&format!("\"{name}\" has been removed"));
        }
        Command::Accept { name } => {
            repositories.accept_held(&viewer, &name).await?;
            terminal::print(&format!("\"{name}\": the next sync takes over the smaller index"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Add {
    fn into_new(self) -> Result<NewRepository> {
        let secret = if self.password_stdin || self.token_stdin {
            Some(secret_from_stdin()?)
        } else {
            None
        };
        let (password, bearer_token) = if self.token_stdin {
            (None, secret)
        } else {
            (secret, None)
        };
        Ok(NewRepository {
            charts: self.charts,
            token_hosts: self.token_hosts,
            plain_http: self.plain_http,
            username: self.username,
            password: password.map(SecretString::new),
            bearer_token: bearer_token.map(SecretString::new),
            pass_credentials: self.pass_credentials,
            allow_private_network: self.allow_private_network,
            archives: self.archives.map(|policy| match policy {
                Archives::Latest => ArchivePolicy::Latest,
                Archives::All => ArchivePolicy::All,
                Archives::OnDemand => ArchivePolicy::OnDemand,
            }),
            ..NewRepository::new(self.name, self.url)
        })
    }
}

/// Secrets come by standard input: flags show in process lists and shell histories.
fn secret_from_stdin() -> Result<String> {
    let mut secret = String::new();
    std::io::stdin()
        .take(64 * 1024)
        .read_to_string(&mut secret)
        .context("reading the secret from standard input")?;
    let secret = secret.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        bail!("standard input holds no secret");
    }
    Ok(secret.to_owned())
}

fn row(repository: &RepositorySummary) -> Vec<String> {
    vec![
        repository.name.clone(),
        repository.url.clone(),
        repository.n_charts.to_string(),
        repository.n_versions.to_string(),
        state_in_words(&repository.state),
    ]
}

fn state_in_words(state: &SyncState) -> String {
    if let Some(held) = &state.held {
        return format!(
            "held: {} of {} versions left",
            held.n_versions_now, held.n_versions_before
        );
    }
    match (&state.last_error, state.last_success) {
        (Some(error), Some(at)) => format!("last synced {}: {error}", at.to_rfc3339()),
        (Some(error), None) => error.clone(),
        (None, Some(at)) => format!("synced {}", at.to_rfc3339()),
        (None, None) => "not synced yet".to_owned(),
    }
}
