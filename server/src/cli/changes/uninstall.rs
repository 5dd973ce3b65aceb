//! `chartroom uninstall`.

use std::process::ExitCode;

use anyhow::{Result, bail};
use backend::ops::shown_plan;
use clap::{Args, ValueEnum};
use cluster::Applied;
use model::operation::{self, OperationOptions, OperationRequest, UNINSTALLED};
use model::plan::Plan;
use model::record::{DryRunMode, DryRunRequest};

use super::flags::{DeletionWaitFlags, PlanHashFlag};
use super::{apply, planned, run};
use crate::cli::cluster_flags::{ClusterFlags, Place};
use crate::cli::remote::{Remote, narrate};
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
    plan: PlanHashFlag,
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

impl From<Cascade> for operation::Cascade {
    fn from(flag: Cascade) -> Self {
        match flag {
            Cascade::Background => Self::Background,
            Cascade::Orphan => Self::Orphan,
            Cascade::Foreground => Self::Foreground,
        }
    }
}

pub(in crate::cli) async fn uninstall(arguments: Uninstall) -> Result<ExitCode> {
    if arguments.plan.hash().is_some() && arguments.releases.len() > 1 {
        bail!("a plan is of one release: name one");
    }
    let place = arguments.cluster.place().await?;
    for release in &arguments.releases {
        let kept = match &place {
            Place::Server(remote) => arguments.by_server(remote, release).await?,
            Place::Direct(cluster, namespace) => arguments.straight(cluster, namespace, release).await?,
        };
        if !kept.is_empty() {
            terminal::print(&kept);
        }
        terminal::print(&format!("release \"{release}\" uninstalled"));
    }
    Ok(ExitCode::SUCCESS)
}

impl Uninstall {
    /// What was left in the cluster, in helm's words.
    async fn straight(&self, cluster: &cluster::Cluster, namespace: &str, release: &str) -> Result<String> {
        let uninstall = self.prepare(namespace, release);
        let done = run(cluster, release, false, async |context| match self.plan.hash() {
            Some(hash) => match apply(uninstall.plan(context).await?, hash, context).await? {
                Applied::Uninstalled(done) => Ok(Some(*done)),
                Applied::Release(_) => Ok(None),
            },
            None => uninstall.run(context).await,
        })
        .await?;
        Ok(done.map(|done| done.kept).unwrap_or_default())
    }

    fn prepare(&self, namespace: &str, release: &str) -> cluster::Uninstall {
        cluster::Uninstall {
            keep_history: self.keep_history,
            ignore_not_found: self.ignore_not_found,
            no_hooks: self.no_hooks,
            cascade: self.cascade.into(),
            wait: self.wait.wait(),
            timeout: self.wait.timeout,
            description: self.description.clone(),
            dry_run: self.dry_run,
            ..cluster::Uninstall::new(release, namespace)
        }
    }

    async fn by_server(&self, remote: &Remote, release: &str) -> Result<String> {
        let request = self.request();
        if remote.find(release).await?.is_none() {
            if self.ignore_not_found {
                return Ok(String::new());
            }
            bail!("uninstall: Release not loaded: {release}: release: not found");
        }
        if self.dry_run {
            let simulated = DryRunRequest {
                mode: DryRunMode::Server,
                hide_secrets: false,
                request,
            };
            return Ok(remote.dry_run(release, &simulated).await?.1);
        }
        let done = remote.run(release, &request, self.plan.hash(), narrate).await?;
        let kept = done.message.strip_prefix(UNINSTALLED).unwrap_or_default();
        Ok(kept.trim_start().to_owned())
    }

    /// The same for a server.
    fn request(&self) -> OperationRequest {
        let mut options = OperationOptions {
            keep_history: self.keep_history,
            no_hooks: self.no_hooks,
            cascade: self.cascade.into(),
            description: self.description.clone(),
            ..OperationOptions::default()
        };
        self.wait.fill(&mut options);
        OperationRequest::Uninstall { options }
    }

    /// What it would do.
    pub(in crate::cli) async fn plan(&self) -> Result<Plan> {
        let [release] = self.releases.as_slice() else {
            bail!("a plan is of one release: name one");
        };
        match self.cluster.place().await? {
            Place::Server(remote) => remote.plan(release, &self.request()).await,
            Place::Direct(cluster, namespace) => {
                let uninstall = self.prepare(&namespace, release);
                let plan = planned(&cluster, false, async |context| uninstall.plan(context).await).await?;
                Ok(shown_plan(&plan, self.cluster.subject().as_ref()))
            }
        }
    }
}
