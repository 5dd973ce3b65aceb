//! `chartroom rollback`.

use std::process::ExitCode;

use anyhow::{Result, bail};
use backend::ops::shown_plan;
use clap::Args;
use model::operation::{OperationOptions, OperationRequest};
use model::plan::Plan;
use model::record::DryRunRequest;

use super::flags::{DryRunFlags, PlanHashFlag, ServerSide, WaitFlags, dry_run_mode};
use super::{apply_release, planned, run};
use crate::cli::cluster_flags::{ClusterFlags, Place};
use crate::cli::remote::{Remote, narrate};
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
    plan: PlanHashFlag,
    #[command(flatten)]
    cluster: ClusterFlags,
}

pub(in crate::cli) async fn rollback(arguments: Rollback) -> Result<ExitCode> {
    let revision = arguments.revision()?;
    match arguments.cluster.place().await? {
        Place::Server(remote) => arguments.by_server(&remote, revision).await?,
        Place::Direct(cluster, namespace) => {
            let rollback = arguments.prepare(revision, namespace)?;
            run(
                &cluster,
                &arguments.release,
                false,
                async |context| match arguments.plan.hash() {
                    Some(hash) => apply_release(rollback.plan(context).await?, hash, context).await,
                    None => rollback.run(context).await,
                },
            )
            .await?;
        }
    }
    terminal::print("Rollback was a success! Happy Helming!");
    Ok(ExitCode::SUCCESS)
}

impl Rollback {
    fn revision(&self) -> Result<Option<i64>> {
        match self.revision.as_deref().map(str::parse::<i64>) {
            None | Some(Ok(0)) => Ok(None),
            Some(Ok(revision)) if revision > 0 => Ok(Some(revision)),
            Some(Ok(_)) => bail!("invalid release revision"),
            Some(Err(_)) => bail!(
                "could not convert revision to a number: strconv.Atoi: parsing {:?}: invalid syntax",
                self.revision.as_deref().unwrap_or_default()
            ),
        }
    }

    fn prepare(&self, revision: Option<i64>, namespace: String) -> Result<cluster::Rollback> {
        Ok(cluster::Rollback {
            revision,
            description: self.description.clone(),
            dry_run: self.dry_run.mode()?,
            no_hooks: self.no_hooks,
            wait: self.wait.wait(),
            timeout: self.wait.timeout,
            cleanup_on_failure: self.cleanup_on_fail,
            server_side: self.server_side.into(),
            force_conflicts: self.force_conflicts,
            force_replace: self.force_replace,
            history_max: self.history_max,
            ..cluster::Rollback::new(&self.release, namespace)
        })
    }

    /// The same for a server.
    fn request(&self, revision: Option<i64>) -> OperationRequest {
        let mut options = OperationOptions {
            description: self.description.clone(),
            no_hooks: self.no_hooks,
            cleanup_on_failure: self.cleanup_on_fail,
            server_side: self.server_side.into(),
            force_conflicts: self.force_conflicts,
            force_replace: self.force_replace,
            history_max: self.history_max,
            ..OperationOptions::default()
        };
        self.wait.fill(&mut options);
        OperationRequest::Rollback { revision, options }
    }

    async fn by_server(&self, remote: &Remote, revision: Option<i64>) -> Result<()> {
        let request = self.request(revision);
        if let Some(mode) = self.dry_run.mode()? {
            let simulated = DryRunRequest {
                mode: dry_run_mode(mode),
                hide_secrets: false,
                request,
            };
            remote.dry_run(&self.release, &simulated).await?;
            return Ok(());
        }
        remote
            .run(&self.release, &request, self.plan.hash(), narrate)
            .await?;
        Ok(())
    }

    /// What it would do.
    pub(in crate::cli) async fn plan(&self) -> Result<Plan> {
        let revision = self.revision()?;
        match self.cluster.place().await? {
            Place::Server(remote) => remote.plan(&self.release, &self.request(revision)).await,
            Place::Direct(cluster, namespace) => {
                let rollback = self.prepare(revision, namespace)?;
                let plan = planned(&cluster, false, async |context| rollback.plan(context).await).await?;
                Ok(shown_plan(&plan, self.cluster.subject().as_ref()))
            }
        }
    }
}
