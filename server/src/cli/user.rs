//! `chartroom user`: users and their roles, straight in the database.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use backend::Viewer;
use backend::ops::NewUser;
use backend::secret::SecretString;
use backend::store::KubernetesIdentity;
use clap::{Args, Subcommand, ValueEnum};
use model::access::{Grant, Role, UserSummary};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use super::{open, terminal};
use crate::config::Config;

/// Add, list and change users; passwords come from the terminal or from standard input
#[derive(Subcommand)]
pub(super) enum Command {
    /// Add a user
    Add(Add),
    /// List the users with their roles
    #[command(visible_alias = "ls")]
    List,
    /// Shut a user out at once: sessions end, tokens stop working
    Disable {
        /// The user's name
        name: String,
    },
    /// Let a user in again
    Enable {
        /// The user's name
        name: String,
    },
    /// Give a user a role
    Grant(GrantArguments),
    /// Take a role from a user
    Revoke(GrantArguments),
    /// Set another password for a user; their sessions end
    Password {
        /// The user's name
        name: String,
    },
}

#[derive(Args)]
pub(super) struct Add {
    /// The name to sign in with
    name: String,
    /// What the user may do
    #[arg(long, value_enum)]
    role: Option<RoleName>,
    #[command(flatten)]
    place: Place,
    /// Whom clusters see instead of the name
    #[arg(long, value_name = "NAME")]
    kubernetes_user: Option<String>,
    /// A group that clusters see; can be given several times
    #[arg(long, value_name = "GROUP")]
    kubernetes_group: Vec<String>,
}

#[derive(Args)]
pub(super) struct GrantArguments {
    /// The user's name
    name: String,
    /// The role
    #[arg(value_enum)]
    role: RoleName,
    #[command(flatten)]
    place: Place,
}

/// Where a role holds
#[derive(Args)]
struct Place {
    /// The role holds in this cluster [default: in all]
    #[arg(long)]
    cluster: Option<String>,
    /// The role holds in this namespace [default: in all]
    #[arg(long, short)]
    namespace: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    /// Sees releases
    Viewer,
    /// Changes releases, too
    Operator,
    /// Held everywhere: manages users and repositories and reads the audit log, too
    Admin,
}

impl RoleName {
    fn at(self, place: Place) -> Grant {
        Grant {
            role: match self {
                Self::Viewer => Role::Viewer,
                Self::Operator => Role::Operator,
                Self::Admin => Role::Admin,
            },
            cluster: place.cluster,
            namespace: place.namespace,
        }
    }
}

pub(super) async fn run(config: Config, command: Command) -> Result<ExitCode> {
    let backend = open(&config).await?;
    let accounts = backend.accounts();
    let system = Viewer::system();
    match command {
        Command::Add(add) => {
            let new = NewUser {
                password: read_password(&add.name)?,
                grants: add.role.map(|role| role.at(add.place)).into_iter().collect(),
                identity: KubernetesIdentity {
                    user: add.kubernetes_user,
                    groups: add.kubernetes_group,
                },
                name: add.name,
            };
            let user = accounts.create_user(&system, new).await?;
            terminal::print(&format!("\"{}\" has been added: {}", user.name, roles(&user)));
        }
        Command::List => {
            let users = accounts.users(&system).await?;
            let rows: Vec<Vec<String>> = users.iter().map(row).collect();
            terminal::table(&["NAME", "STATE", "ROLES", "LAST SIGN-IN"], &rows);
        }
        Command::Disable { name } => {
            accounts.disable_user(&system, &name).await?;
            terminal::print(&format!("\"{name}\" has been disabled"));
        }
        Command::Enable { name } => {
            accounts.enable_user(&system, &name).await?;
            terminal::print(&format!("\"{name}\" has been enabled"));
        }
        Command::Grant(arguments) => {
            let grant = arguments.role.at(arguments.place);
            accounts.grant(&system, &arguments.name, &grant).await?;
            let user = accounts.user(&system, &arguments.name).await?;
            terminal::print(&format!("\"{}\" is now: {}", user.name, roles(&user)));
        }
        Command::Revoke(arguments) => {
            let grant = arguments.role.at(arguments.place);
            accounts.revoke(&system, &arguments.name, &grant).await?;
            let user = accounts.user(&system, &arguments.name).await?;
            terminal::print(&format!("\"{}\" is now: {}", user.name, roles(&user)));
        }
        Command::Password { name } => {
            // Before anybody types one for a name that does not exist.
            accounts.user(&system, &name).await?;
            let password = read_password(&name)?;
            accounts.reset_password(&system, &name, &password).await?;
            terminal::print(&format!("\"{name}\" has another password; all sessions ended"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn row(user: &UserSummary) -> Vec<String> {
    vec![
        user.name.clone(),
        if user.disabled { "disabled" } else { "enabled" }.to_owned(),
        roles(user),
        user.last_sign_in
            .map_or_else(|| "never".to_owned(), |at| at.to_rfc3339()),
    ]
}

/// `admin, viewer@prod/shop`: a role holds everywhere unless a place follows.
fn roles(user: &UserSummary) -> String {
    let words: Vec<String> = user
        .grants
        .iter()
        .map(|grant| {
            let role = grant.role.as_str();
            match (&grant.cluster, &grant.namespace) {
                (None, None) => role.to_owned(),
                (cluster, namespace) => {
                    let or_all = |place: &Option<String>| place.clone().unwrap_or_else(|| "*".to_owned());
                    format!("{role}@{}/{}", or_all(cluster), or_all(namespace))
                }
            }
        })
        .collect();
    if words.is_empty() {
        "no role".to_owned()
    } else {
        words.join(", ")
    }
}

/// A password never comes from a flag: those show in process lists and shell histories. At a terminal it is asked for
/// twice, without being shown; else it is the first line of standard input.
fn read_password(name: &str) -> Result<SecretString> {
    if !std::io::stdin().is_terminal() {
        return read_line();
    }
    let first = ask(&format!("Password for {name}: "))?;
    if ask("The same again: ")? != first {
        bail!("the two passwords differ");
    }
    Ok(first)
}

fn ask(prompt: &str) -> Result<SecretString> {
    let stdin = std::io::stdin();
    let mut stderr = std::io::stderr();
    stderr
        .write_all(prompt.as_bytes())
        .and_then(|()| stderr.flush())
        .context("asking for the password")?;
    let shown = tcgetattr(&stdin).context("asking for the terminal's modes")?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &hidden).context("hiding what is typed")?;
    let line = read_line();
    // First of all the terminal must show again what is typed.
    tcsetattr(&stdin, OptionalActions::Flush, &shown).context("showing again what is typed")?;
    terminal::complain("");
    line
}

fn read_line() -> Result<SecretString> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .take(4 * 1024)
        .read_line(&mut line)
        .context("reading the password")?;
    let line = line.trim_end_matches(['\r', '\n']);
    if line.is_empty() {
        bail!("no password was given");
    }
    Ok(SecretString::new(line))
}
