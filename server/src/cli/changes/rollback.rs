//! `chartroom rollback`.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

use super::flags::{DryRunFlags, ServerSide, WaitFlags};
use super::run;
use crate::cli::cluster_flags::ClusterFlags;
use crate::cli::terminal;

#[derive(Args)]
pub(in crate::cli) struct Rollback {
    release: String,
    /// The revision to go back to [default: the one before the last]
    #[arg(allow_negative_numbers = true)]
    revision: Option<String>,
    /// Take fields over that others manage
    #[arg(long, conflicts_with = "force_replace")]
    force_conflicts: bool,
    /// Replace objects instead of changing them
    #[arg(long, visible_alias = "force")]
    force_replace: bool,
    /// Run no hooks
    #[arg(long)]
    no_hooks: bool,
    /// Delete what was created if the rollback fails
    #[arg(long)]
    cleanup_on_fail: bool,
    /// A description instead of "Rollback to N"
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Keep so many revisions; 0 for all
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10,
        env = "HELM_MAX_HISTORY",
        hide_env = true
    )]
    history_max: usize,
    /// Apply on the server instead of here; auto: as the wanted revision was
    #[arg(long, value_enum, default_value = "auto")]
    server_side: ServerSide,
    #[command(flatten)]
    wait: WaitFlags,
    #[command(flatten)]
    dry_run: DryRunFlags,
    #[command(flatten)]
    cluster: ClusterFlags,
}

pub(in crate::cli) async fn rollback(arguments: Rollback) -> Result<ExitCode> {
    let revision = match arguments.revision.as_deref().map(str::parse::<i64>) {
        None | Some(Ok(0)) => None,
        Some(Ok(revision)) if revision > 0 => Some(revision),
        Some(Ok(_)) => bail!("invalid release revision"),
        Some(Err(_)) => bail!(
            "could not convert revision to a number: strconv.Atoi: parsing {:?}: invalid syntax",
            arguments.revision.unwrap_or_default()
        ),
    };
    let (cluster, namespace) = arguments.cluster.connect().await?;
    let rollback = cluster::Rollback {
        revision,
        description: arguments.description,
        dry_run: arguments.dry_run.mode()?,
        no_hooks: arguments.no_hooks,
        wait: arguments.wait.wait(),
        timeout: arguments.wait.timeout,
        cleanup_on_failure: arguments.cleanup_on_fail,
        server_side: arguments.server_side.into(),
        force_conflicts: arguments.force_conflicts,
        force_replace: arguments.force_replace,
        history_max: arguments.history_max,
        ..cluster::Rollback::new(&arguments.release, namespace)
    };
    run(&cluster, &arguments.release, false, async |context| {
        rollback.run(context).await
    })
    .await?;
    terminal::print("Rollback was a success! Happy Helming!");
    Ok(ExitCode::SUCCESS)
}
