//! `chartroom uninstall`.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::flags::DeletionWaitFlags;
use super::run;
use crate::cli::cluster_flags::ClusterFlags;
use crate::cli::terminal;

#[derive(Args)]
pub(in crate::cli) struct Uninstall {
    #[arg(value_name = "RELEASE", required = true)]
    releases: Vec<String>,
    /// Keep the history, marked as uninstalled
    #[arg(long)]
    keep_history: bool,
    /// A release that is not there is no error
    #[arg(long)]
    ignore_not_found: bool,
    /// Run no hooks
    #[arg(long)]
    no_hooks: bool,
    /// What happens to what depends on deleted objects
    #[arg(long, value_enum, default_value = "background")]
    cascade: Cascade,
    #[command(flatten)]
    wait: DeletionWaitFlags,
    /// A description instead of "Uninstallation complete"
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    cluster: ClusterFlags,
}

#[derive(Clone, Copy, ValueEnum)]
enum Cascade {
    Background,
    Orphan,
    Foreground,
}

impl From<Cascade> for cluster::Cascade {
    fn from(flag: Cascade) -> Self {
        match flag {
            Cascade::Background => Self::Background,
            Cascade::Orphan => Self::Orphan,
            Cascade::Foreground => Self::Foreground,
        }
    }
}

pub(in crate::cli) async fn uninstall(arguments: Uninstall) -> Result<ExitCode> {
    let (cluster, namespace) = arguments.cluster.connect().await?;
    let wait = arguments.wait.wait();
    for release in &arguments.releases {
        let uninstall = cluster::Uninstall {
            keep_history: arguments.keep_history,
            ignore_not_found: arguments.ignore_not_found,
            no_hooks: arguments.no_hooks,
            cascade: arguments.cascade.into(),
            wait,
            timeout: arguments.wait.timeout,
            description: arguments.description.clone(),
            dry_run: arguments.dry_run,
            ..cluster::Uninstall::new(release, &namespace)
        };
        let done = run(&cluster, release, false, async |context| {
            uninstall.run(context).await
        })
        .await?;
        if let Some(done) = done
            && !done.kept.is_empty()
        {
            terminal::print(&done.kept);
        }
        terminal::print(&format!("release \"{release}\" uninstalled"));
    }
    Ok(ExitCode::SUCCESS)
}
