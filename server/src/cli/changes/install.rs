//! `chartroom install`.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use backend::ops::shown_plan;
use clap::Args;
use cluster::Wait;
use helm::output::Format;
use helm::release::Release;
use model::operation::{OperationOptions, OperationRequest, ServerSide};
use model::plan::Plan;
use model::record::DryRunRequest;

use super::flags::{DryRunFlags, PlanHashFlag, WaitFlags, dry_run_mode, labels};
use super::{apply_release, generated_name, load, planned, print, run};
use crate::cli::charts::VersionFlags;
use crate::cli::cluster_flags::ClusterFlags;
use crate::cli::releases::OutputFlag;
use crate::cli::remote::{self, Remote, narrate};
use crate::cli::values::ValueFlags;
use crate::cli::{Global, release_name};

#[derive(Args)]
pub(in crate::cli) struct Install {
    /// The release's name, and a directory, an archive or REPOSITORY/NAME of the catalog
    #[arg(value_name = "[NAME] CHART", required = true)]
    positional: Vec<String>,
    #[command(flatten)]
    values: ValueFlags,
    /// Make the namespace if it is not there
    #[arg(long)]
    create_namespace: bool,
    /// Make up a name
    #[arg(short, long)]
    generate_name: bool,
    /// Render the release's name from this template
    #[arg(long, value_name = "TEMPLATE")]
    name_template: Option<String>,
    /// Reuse the name of a release that failed, or was uninstalled and kept its history
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    shared: SharedFlags,
    /// Apply on the server instead of here
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true")]
    server_side: bool,
    #[command(flatten)]
    output: OutputFlag,
    #[command(flatten)]
    cluster: ClusterFlags,
}

/// Flags of installations and upgrades.
#[derive(Args)]
pub(super) struct SharedFlags {
    /// Take fields over that others manage
    #[arg(long, conflicts_with = "force_replace")]
    pub(super) force_conflicts: bool,
    /// Replace objects instead of changing them
    #[arg(long, visible_alias = "force")]
    pub(super) force_replace: bool,
    /// Take over objects that belong to no release, or to another
    #[arg(long)]
    pub(super) take_ownership: bool,
    /// Go back to what was before if something goes wrong; waits as --wait does
    #[arg(long, visible_alias = "atomic")]
    pub(super) rollback_on_failure: bool,
    /// Run no hooks
    #[arg(long)]
    pub(super) no_hooks: bool,
    /// Do not apply the definitions in crds/
    #[arg(long)]
    pub(super) skip_crds: bool,
    #[command(flatten)]
    pub(super) wait: WaitFlags,
    #[command(flatten)]
    pub(super) dry_run: DryRunFlags,
    /// In a dry run, leave Secrets out of what is printed
    #[arg(long)]
    pub(super) hide_secret: bool,
    /// A description instead of "Install complete" or "Upgrade complete"
    #[arg(long, value_name = "TEXT")]
    pub(super) description: Option<String>,
    /// Labels of the release's record: a=b,c=d
    #[arg(short = 'l', long, value_name = "LABELS")]
    pub(super) labels: Vec<String>,
    /// Show the notes of subcharts, too
    #[arg(long)]
    pub(super) render_subchart_notes: bool,
    /// Print no notes
    #[arg(long)]
    pub(super) hide_notes: bool,
    /// Do not check values against the chart's schema
    #[arg(long)]
    pub(super) skip_schema_validation: bool,
    /// Let templates ask the machine for addresses of hosts
    #[arg(long)]
    pub(super) enable_dns: bool,
    #[command(flatten)]
    version: VersionFlags,
    #[command(flatten)]
    pub(super) plan: PlanHashFlag,
    /// Not supported: the API server checks what it is given
    #[arg(long, hide = true)]
    pub(super) disable_openapi_validation: bool,
    /// Not supported: dependencies are never fetched
    #[arg(long, hide = true)]
    dependency_update: bool,
}

impl SharedFlags {
    pub(super) fn refuse_what_is_missing(&self) -> Result<()> {
        if self.dependency_update {
            bail!(
                "dependencies are not fetched: put them into the chart's charts/ folder with `helm dependency build`"
            );
        }
        Ok(())
    }

    pub(super) fn version_flags(&self) -> &VersionFlags {
        &self.version
    }

    pub(super) fn version(&self) -> Option<&str> {
        self.version.wanted()
    }

    /// The same for a server.
    pub(super) fn options(&self) -> Result<OperationOptions> {
        self.refuse_what_is_missing()?;
        self.version.refuse_verify()?;
        if self.enable_dns {
            bail!(
                "templates that a server renders ask for no addresses of hosts: --enable-dns is for working straight"
            );
        }
        if self.hide_secret && self.dry_run.mode()?.is_none() {
            bail!(HIDES_NOTHING);
        }
        let mut options = OperationOptions {
            rollback_on_failure: self.rollback_on_failure,
            no_hooks: self.no_hooks,
            skip_crds: self.skip_crds,
            force_conflicts: self.force_conflicts,
            force_replace: self.force_replace,
            take_ownership: self.take_ownership,
            description: self.description.clone(),
            labels: labels(&self.labels)?,
            render_subchart_notes: self.render_subchart_notes,
            skip_schema_validation: self.skip_schema_validation,
            ..OperationOptions::default()
        };
        self.wait.fill(&mut options);
        Ok(options)
    }

    /// Does what is asked for by a server, and answers the record of it.
    pub(super) async fn make(
        &self,
        remote: &Remote,
        name: &str,
        request: OperationRequest,
    ) -> Result<Release> {
        if let Some(mode) = self.dry_run.mode()? {
            let simulated = DryRunRequest {
                mode: dry_run_mode(mode),
                hide_secrets: self.hide_secret,
                request,
            };
            return Ok(remote.dry_run(name, &simulated).await?.0);
        }
        let made = remote.run(name, &request, self.plan.hash(), narrate).await?;
        remote.made(name, &made).await
    }

    /// Fills what installations have of these flags.
    pub(super) fn apply(&self, install: &mut cluster::Install, wait: Wait) -> Result<()> {
        install.labels = labels(&self.labels)?;
        install.description.clone_from(&self.description);
        install.dry_run = self.dry_run.mode()?;
        install.skip_crds = self.skip_crds;
        install.no_hooks = self.no_hooks;
        install.wait = wait;
        install.timeout = self.wait.timeout;
        install.rollback_on_failure = self.rollback_on_failure;
        install.take_ownership = self.take_ownership;
        install.force_conflicts = self.force_conflicts;
        install.force_replace = self.force_replace;
        install.sub_notes = self.render_subchart_notes;
        install.hide_secrets = self.hide_secret;
        install.skip_schema_validation = self.skip_schema_validation;
        if self.hide_secret && install.dry_run.is_none() {
            bail!(HIDES_NOTHING);
        }
        Ok(())
    }
}

/// In helm's words.
pub(super) const HIDES_NOTHING: &str = "hiding Kubernetes secrets requires a dry-run mode";

pub(in crate::cli) async fn install(global: &Global, arguments: Install) -> Result<ExitCode> {
    const FAILED: &str = "INSTALLATION FAILED";
    let release = arguments.run(global).await.context(FAILED)?;
    print(&release, arguments.output.format(), arguments.shared.hide_notes);
    Ok(ExitCode::SUCCESS)
}

impl Install {
    async fn run(&self, global: &Global) -> Result<Release> {
        self.shared.refuse_what_is_missing()?;
        let (name, reference) = self.name_and_chart()?;
        if let Some(address) = self.cluster.server()? {
            let request = self.request(reference)?;
            let remote = self.cluster.remote(&address).await?;
            return self.shared.make(&remote, &name, request).await;
        }
        let (cluster, install) = self.prepare(global, &name, reference).await?;
        run(
            &cluster,
            &name,
            self.shared.enable_dns,
            async |context| match self.shared.plan.hash() {
                Some(hash) => apply_release(install.plan(context).await?, hash, context).await,
                None => install.run(context).await,
            },
        )
        .await
    }

    /// What it would do.
    pub(in crate::cli) async fn plan(&self, global: &Global) -> Result<Plan> {
        self.shared.refuse_what_is_missing()?;
        let (name, reference) = self.name_and_chart()?;
        if let Some(address) = self.cluster.server()? {
            let request = self.request(reference)?;
            let remote = self.cluster.remote(&address).await?;
            return remote.plan(&name, &request).await;
        }
        let (cluster, install) = self.prepare(global, &name, reference).await?;
        let plan = planned(&cluster, self.shared.enable_dns, async |context| {
            install.plan(context).await
        })
        .await?;
        Ok(shown_plan(&plan, self.cluster.subject().as_ref()))
    }

    pub(in crate::cli) fn format(&self) -> Format {
        self.output.format()
    }

    async fn prepare(
        &self,
        global: &Global,
        name: &str,
        reference: &str,
    ) -> Result<(cluster::Cluster, cluster::Install)> {
        let chart = load(global, reference, self.shared.version_flags())?;
        let values = self.values.merge()?;
        let (cluster, namespace) = self.cluster.connect().await?;
        let mut install = cluster::Install::new(name, namespace, chart, values);
        self.shared.apply(&mut install, self.shared.wait.wait())?;
        install.create_namespace = self.create_namespace;
        install.replace = self.replace;
        install.server_side = self.server_side;
        Ok((cluster, install))
    }

    /// The same for a server.
    fn request(&self, reference: &str) -> Result<OperationRequest> {
        let options = OperationOptions {
            create_namespace: self.create_namespace,
            replace: self.replace,
            server_side: match self.server_side {
                true => ServerSide::Yes,
                false => ServerSide::No,
            },
            ..self.shared.options()?
        };
        Ok(OperationRequest::Install {
            chart: remote::chart(reference, self.shared.version())?,
            values: self.values.text()?,
            options,
        })
    }

    fn name_and_chart(&self) -> Result<(String, &str)> {
        let template = self.name_template.as_deref().filter(|text| !text.is_empty());
        match self.positional.as_slice() {
            [chart] => {
                let name = match template {
                    Some(template) => release_name::render(template)?,
                    None if self.generate_name => generated_name(chart),
                    None => bail!("must either provide a name or specify --generate-name"),
                };
                Ok((name, chart))
            }
            [_, _] if self.generate_name => {
                bail!("cannot set --generate-name and also specify a name")
            }
            [_, _] if template.is_some() => {
                bail!("cannot set --name-template and also specify a name")
            }
            [name, chart] => Ok((name.clone(), chart)),
            [_, _, more @ ..] => bail!(
                "expected at most two arguments, unexpected arguments: {}",
                more.join(", ")
            ),
            [] => bail!("a chart is needed"),
        }
    }
}
