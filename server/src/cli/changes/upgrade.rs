//! `chartroom upgrade`.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use backend::ops::shown_plan;
use clap::Args;
use cluster::MissingRelease;
use helm::output::Format;
use helm::release::{Release, ReleaseStatus, ReuseValues};
use model::operation::{self, OperationOptions, OperationRequest};
use model::plan::Plan;

use super::flags::{ServerSide, labels};
use super::install::{HIDES_NOTHING, SharedFlags};
use super::{apply_release, load, planned, print, run};
use crate::cli::cluster_flags::ClusterFlags;
use crate::cli::releases::OutputFlag;
use crate::cli::values::ValueFlags;
use crate::cli::{Global, remote, terminal};

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
    let release = match arguments.cluster.server()? {
        Some(address) => arguments.by_server(&address).await?,
        None => arguments.straight(global).await?,
    };
    print(&release, arguments.output.format(), arguments.shared.hide_notes);
    Ok(ExitCode::SUCCESS)
}

/// Before helm's message about what failed.
const FAILED: &str = "UPGRADE FAILED";

/// What is told around a release's name.
const INSTALLING: (&str, &str) = ("Release", "does not exist. Installing it now.");
const UPGRADED: (&str, &str) = ("Release", "has been upgraded. Happy Helming!");

impl Upgrade {
    async fn straight(&self, global: &Global) -> Result<Release> {
        let (cluster, namespace) = self.cluster.connect().await?;
        let missing = match self.install {
            true => cluster.missing(&namespace, &self.release).await?,
            false => None,
        };
        let hash = self.shared.plan.hash();
        let dns = self.shared.enable_dns;
        if let Some(missing) = missing {
            self.tell(INSTALLING);
            let install = self.installation(global, namespace, missing)?;
            return run(&cluster, &self.release, dns, async |context| match hash {
                Some(hash) => apply_release(install.plan(context).await?, hash, context).await,
                None => install.run(context).await,
            })
            .await;
        }
        let upgrade = self.upgrade(global, namespace).context(FAILED)?;
        let release = run(&cluster, &self.release, dns, async |context| match hash {
            Some(hash) => apply_release(upgrade.plan(context).await?, hash, context).await,
            None => upgrade.run(context).await,
        })
        .await
        .context(FAILED)?;
        self.tell(UPGRADED);
        Ok(release)
    }

    async fn by_server(&self, address: &str) -> Result<Release> {
        let request = self.request()?;
        let remote = self.cluster.remote(address).await?;
        let newest = remote.find(&self.release).await?;
        let is_missing = newest.is_none_or(|newest| {
            newest
                .info
                .is_some_and(|info| info.status == ReleaseStatus::Uninstalled)
        });
        if is_missing && self.install {
            self.tell(INSTALLING);
            return self.shared.make(&remote, &self.release, request).await;
        }
        if is_missing {
            bail!("{FAILED}: {:?} has no deployed releases", self.release);
        }
        let release = self.shared.make(&remote, &self.release, request).await;
        let release = release.context(FAILED)?;
        self.tell(UPGRADED);
        Ok(release)
    }

    /// What it would do.
    pub(in crate::cli) async fn plan(&self, global: &Global) -> Result<Plan> {
        self.shared.refuse_what_is_missing()?;
        if let Some(address) = self.cluster.server()? {
            let request = self.request()?;
            let remote = self.cluster.remote(&address).await?;
            return remote.plan(&self.release, &request).await;
        }
        let (cluster, namespace) = self.cluster.connect().await?;
        let missing = match self.install {
            true => cluster.missing(&namespace, &self.release).await?,
            false => None,
        };
        let dns = self.shared.enable_dns;
        let plan = match missing {
            Some(missing) => {
                let install = self.installation(global, namespace, missing)?;
                planned(&cluster, dns, async |context| install.plan(context).await).await?
            }
            None => {
                let upgrade = self.upgrade(global, namespace)?;
                planned(&cluster, dns, async |context| upgrade.plan(context).await).await?
            }
        };
        Ok(shown_plan(&plan, self.cluster.subject().as_ref()))
    }

    pub(in crate::cli) fn format(&self) -> Format {
        self.output.format()
    }

    /// A line for people; programs read the release alone.
    fn tell(&self, (before, after): (&str, &str)) {
        if self.output.format() == Format::Table {
            terminal::print(&format!("{before} {:?} {after}", self.release));
        }
    }

    /// The same for a server.
    fn request(&self) -> Result<OperationRequest> {
        let options = OperationOptions {
            install: self.install,
            create_namespace: self.create_namespace,
            cleanup_on_failure: self.cleanup_on_fail,
            history_max: self.history_max,
            server_side: self.server_side.into(),
            reuse_values: match self.reuse() {
                ReuseValues::Never => operation::ReuseValues::Reset,
                ReuseValues::WithOldDefaults => operation::ReuseValues::Reuse,
                ReuseValues::WithNewDefaults => operation::ReuseValues::ResetThenReuse,
                ReuseValues::IfNoneGiven => operation::ReuseValues::IfNoneGiven,
            },
            ..self.shared.options()?
        };
        Ok(OperationRequest::Upgrade {
            chart: Some(remote::chart(&self.chart, self.shared.version())?),
            values: self.values.text()?,
            options,
        })
    }

    fn installation(
        &self,
        global: &Global,
        namespace: String,
        missing: MissingRelease,
    ) -> Result<cluster::Install> {
        let chart = load(global, &self.chart, self.shared.version_flags())?;
        let mut install = cluster::Install::new(&self.release, namespace, chart, self.values.merge()?);
        self.shared.apply(&mut install, self.shared.wait.wait())?;
        install.create_namespace = self.create_namespace;
        install.replace = missing == MissingRelease::Uninstalled;
        install.server_side = !matches!(self.server_side, ServerSide::False);
        Ok(install)
    }

    fn upgrade(&self, global: &Global, namespace: String) -> Result<cluster::Upgrade> {
        let chart = load(global, &self.chart, self.shared.version_flags())?;
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
            bail!(HIDES_NOTHING);
        }
        Ok(upgrade)
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
