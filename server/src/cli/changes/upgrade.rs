//! `chartroom upgrade`.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use cluster::MissingRelease;
use helm::output::Format;
use helm::release::{Release, ReuseValues};

use super::flags::{ServerSide, labels};
use super::install::SharedFlags;
use super::{load, print, run};
use crate::cli::cluster_flags::ClusterFlags;
use crate::cli::releases::OutputFlag;
use crate::cli::values::ValueFlags;
use crate::cli::{Global, terminal};

#[derive(Args)]
pub(in crate::cli) struct Upgrade {
    release: String,
    /// A directory, an archive or REPOSITORY/NAME of the catalog
    chart: String,
    #[command(flatten)]
    values: ValueFlags,
    /// Install it if it is not there
    #[arg(short, long)]
    install: bool,
    /// With --install: make the namespace if it is not there
    #[arg(long)]
    create_namespace: bool,
    /// Forget the values of the revision before
    #[arg(long)]
    reset_values: bool,
    /// Go on with the values and the chart's defaults of the revision before
    #[arg(long)]
    reuse_values: bool,
    /// Go on with the values of the revision before, over the new chart's defaults
    #[arg(long)]
    reset_then_reuse_values: bool,
    /// Delete what was created if the upgrade fails
    #[arg(long)]
    cleanup_on_fail: bool,
    /// Keep so many revisions; 0 for all
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10,
        env = "HELM_MAX_HISTORY",
        hide_env = true
    )]
    history_max: usize,
    #[command(flatten)]
    shared: SharedFlags,
    /// Apply on the server instead of here; auto: as the revision before was
    #[arg(long, value_enum, default_value = "auto")]
    server_side: ServerSide,
    #[command(flatten)]
    output: OutputFlag,
    #[command(flatten)]
    cluster: ClusterFlags,
}

pub(in crate::cli) async fn upgrade(global: &Global, arguments: Upgrade) -> Result<ExitCode> {
    arguments.shared.refuse_what_is_missing()?;
    let (cluster, namespace) = arguments.cluster.connect().await?;
    let missing = match arguments.install {
        true => cluster.missing(&namespace, &arguments.release).await?,
        false => None,
    };
    let format = arguments.output.format();
    let release = match missing {
        Some(missing) => {
            if format == Format::Table {
                terminal::print(&format!(
                    "Release {:?} does not exist. Installing it now.",
                    arguments.release
                ));
            }
            arguments.install(global, &cluster, namespace, missing).await?
        }
        None => {
            let release = arguments
                .upgrade(global, &cluster, namespace)
                .await
                .context("UPGRADE FAILED")?;
            if format == Format::Table {
                terminal::print(&format!(
                    "Release {:?} has been upgraded. Happy Helming!",
                    arguments.release
                ));
            }
            release
        }
    };
    print(&release, format, arguments.shared.hide_notes);
    Ok(ExitCode::SUCCESS)
}

impl Upgrade {
    async fn install(
        &self,
        global: &Global,
        cluster: &cluster::Cluster,
        namespace: String,
        missing: MissingRelease,
    ) -> Result<Release> {
        let chart = load(global, &self.chart, self.shared.version())?;
        let mut install = cluster::Install::new(&self.release, namespace, chart, self.values.merge()?);
        self.shared.apply(&mut install, self.shared.wait.wait())?;
        install.create_namespace = self.create_namespace;
        install.replace = missing == MissingRelease::Uninstalled;
        install.server_side = !matches!(self.server_side, ServerSide::False);
        run(cluster, &self.release, self.shared.enable_dns, async |context| {
            install.run(context).await
        })
        .await
    }

    async fn upgrade(
        &self,
        global: &Global,
        cluster: &cluster::Cluster,
        namespace: String,
    ) -> Result<Release> {
        let chart = load(global, &self.chart, self.shared.version())?;
        let values = self.values.merge()?;
        let shared = &self.shared;
        let upgrade = cluster::Upgrade {
            reuse_values: self.reuse(),
            labels: labels(&shared.labels)?,
            description: shared.description.clone(),
            dry_run: shared.dry_run.mode()?,
            no_hooks: shared.no_hooks,
            wait: shared.wait.wait(),
            timeout: shared.wait.timeout,
            rollback_on_failure: shared.rollback_on_failure,
            cleanup_on_failure: self.cleanup_on_fail,
            take_ownership: shared.take_ownership,
            server_side: self.server_side.into(),
            force_conflicts: shared.force_conflicts,
            force_replace: shared.force_replace,
            sub_notes: shared.render_subchart_notes,
            hide_secrets: shared.hide_secret,
            skip_schema_validation: shared.skip_schema_validation,
            history_max: self.history_max,
            ..cluster::Upgrade::new(&self.release, namespace, chart, values)
        };
        if upgrade.hide_secrets && upgrade.dry_run.is_none() {
            anyhow::bail!("hiding Kubernetes secrets requires a dry-run mode");
        }
        run(cluster, &self.release, shared.enable_dns, async |context| {
            upgrade.run(context).await
        })
        .await
    }

    fn reuse(&self) -> ReuseValues {
        if self.reset_values {
            ReuseValues::Never
        } else if self.reuse_values {
            ReuseValues::WithOldDefaults
        } else if self.reset_then_reuse_values {
            ReuseValues::WithNewDefaults
        } else {
            ReuseValues::IfNoneGiven
        }
    }
}
