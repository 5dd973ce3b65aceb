//! `chartroom template`: what `helm template` prints, byte for byte.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use helm::Compat;
use helm::capabilities::Capabilities;
use helm::chart::{Chart, validate_release_name};
use helm::manifest::{Hook, HookEvent};
use helm::render::{PreparedChart, ReleaseManifest, ReleaseOptions, RenderFailure, RenderOptions, Rendered};

use super::charts::{Purpose, VersionFlags};
use super::output_dir::OutputDirectory;
use super::target::TargetFlags;
use super::values::ValueFlags;
use super::{Global, charts, excerpt, release_name, show_only, terminal};
use backend::world::World;

/// The Helm whose output is printed.
pub(super) const COMPAT: Compat = Compat::Helm4_3;

#[derive(Args)]
pub(super) struct Arguments {
    /// The release's name, if it has one, and a directory, an archive or REPOSITORY/NAME of the catalog
    #[arg(value_name = "[NAME] CHART", required = true)]
    positional: Vec<String>,
    #[command(flatten)]
    values: ValueFlags,
    #[command(flatten)]
    target: TargetFlags,
    /// API versions that templates see besides the known ones
    #[arg(short, long, value_name = "GROUP/VERSION", value_delimiter = ',')]
    api_versions: Vec<String>,
    /// Print the definitions in crds/ as well
    #[arg(long)]
    include_crds: bool,
    /// Print only what these templates made: a path below the chart, or a pattern
    #[arg(short, long, value_name = "TEMPLATE")]
    show_only: Vec<String>,
    /// Render as for an upgrade instead of an installation
    #[arg(long)]
    is_upgrade: bool,
    /// Leave out tests
    #[arg(long)]
    skip_tests: bool,
    /// Leave out hooks, tests among them
    #[arg(long)]
    no_hooks: bool,
    /// Write files into this directory instead of printing
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
    /// With --output-dir: write into a folder named like the release
    #[arg(long)]
    release_name: bool,
    /// Take a name of its own if none is given; as with helm, that is `release-name` here
    #[arg(short, long)]
    generate_name: bool,
    /// Render the release's name from this template
    #[arg(long, value_name = "TEMPLATE")]
    name_template: Option<String>,
    /// Do not check values against the chart's schema
    #[arg(long)]
    skip_schema_validation: bool,
    /// Let templates ask the machine for addresses of hosts
    #[arg(long)]
    enable_dns: bool,
    #[command(flatten)]
    version: VersionFlags,
    /// Print what was rendered even if it is no YAML
    #[arg(long)]
    debug: bool,
    /// Not supported: there is no cluster to ask
    #[arg(long, hide = true)]
    validate: bool,
    /// Not supported: dependencies are never fetched
    #[arg(long, hide = true)]
    dependency_update: bool,
    /// Only `client` is supported: there is no cluster to ask
    #[arg(long, hide = true, value_name = "client", num_args = 0..=1, require_equals = true, default_missing_value = "client")]
    dry_run: Option<String>,
    // Flags of an installation: helm takes them here as well, and they change nothing.
    #[arg(long, hide = true)]
    create_namespace: bool,
    #[arg(long, hide = true)]
    skip_crds: bool,
    #[arg(long, hide = true)]
    disable_openapi_validation: bool,
    #[arg(long, hide = true)]
    replace: bool,
    #[arg(long, hide = true)]
    description: Option<String>,
    #[arg(long, hide = true)]
    timeout: Option<String>,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<ExitCode> {
    let capabilities = arguments.capabilities()?;
    arguments.refuse_what_needs_a_cluster()?;
    let (name, reference) = arguments.name_and_chart()?;
    let source = charts::locate(global, reference, &arguments.version, Purpose::Look)?;
    let values = arguments.values.merge()?;
    let chart = source.load_installable()?;
    check_installable(&chart)?;
    validate_release_name(&name)
        .with_context(|| format!("release name check failed: release name {name:?}"))?;

    let options = RenderOptions {
        release_name: name.clone(),
        namespace: arguments.target.namespace.clone(),
        is_upgrade: arguments.is_upgrade,
        capabilities,
        skip_schema_validation: arguments.skip_schema_validation,
        check_kube_version: true,
        keep_values: false,
        ..RenderOptions::default()
    };
    let prepared = PreparedChart::new(chart);
    let world = World::new(arguments.enable_dns, super::zone::variable());
    let rendered = match prepared.render(&values, &options, &world) {
        Ok(rendered) => rendered,
        Err(error) => {
            error
                .warnings()
                .iter()
                .for_each(|warning| terminal::complain(warning));
            return arguments.not_rendered(&error.failure, prepared.chart());
        }
    };
    rendered
        .warnings
        .iter()
        .for_each(|warning| terminal::complain(warning));
    arguments.print(&name, &rendered)
}

impl Arguments {
    fn capabilities(&self) -> Result<Capabilities> {
        let mut capabilities = Capabilities::of(COMPAT);
        if let Some(version) = self.target.kube_version()? {
            capabilities.kube_version = version;
        }
        capabilities
            .api_versions
            .extend(self.api_versions.iter().cloned());
        Ok(capabilities)
    }

    fn refuse_what_needs_a_cluster(&self) -> Result<()> {
        if self.validate || self.dry_run.as_deref().is_some_and(|mode| mode == "server") {
            bail!(
                "templates are rendered without a cluster, so nothing can be validated against one: leave out --validate and --dry-run=server"
            );
        }
        match self.dry_run.as_deref() {
            None | Some("client" | "unset") => {}
            Some(other) => {
                bail!("invalid dry-run value ({other:?}). Must be \"none\", \"server\", or \"client\"")
            }
        }
        if self.dependency_update {
            bail!(
                "dependencies are not fetched: put them into the chart's charts/ folder with `helm dependency build`"
            );
        }
        Ok(())
    }

    /// `[NAME] CHART`, as helm sorts them out.
    fn name_and_chart(&self) -> Result<(String, &str)> {
        match self.positional.as_slice() {
            [chart] => {
                let name = match self.name_template.as_deref() {
                    None | Some("") => "release-name".to_owned(),
                    Some(template) => release_name::render(template)?,
                };
                Ok((name, chart))
            }
            [name, chart] => {
                if self.generate_name {
                    bail!("cannot set --generate-name and also specify a name");
                }
                if self
                    .name_template
                    .as_deref()
                    .is_some_and(|template| !template.is_empty())
                {
                    bail!("cannot set --name-template and also specify a name");
                }
                Ok((name.clone(), chart))
            }
            [_, _, more @ ..] => bail!(
                "expected at most two arguments, unexpected arguments: {}",
                more.join(", ")
            ),
            [] => bail!("a chart is needed"),
        }
    }

    /// Says why, with the place in the source. Where helm had begun to render, `--debug` still prints a manifest.
    fn not_rendered(&self, failure: &RenderFailure, chart: &Chart) -> Result<ExitCode> {
        let had_begun = match failure {
            RenderFailure::Values(_) | RenderFailure::Schema(_) => false,
            RenderFailure::KubeVersion { .. } | RenderFailure::Template(_) => true,
        };
        if had_begun && self.debug && self.show_only.is_empty() {
            terminal::write("\n");
        }
        let mut message = match failure {
            RenderFailure::Values(mismatch) if mismatch.chooses_subcharts => {
                format!("chart dependencies processing failed: {failure}")
            }
            _ => failure.to_string(),
        };
        if had_begun && !self.debug {
            message.push_str(DEBUG_HINT);
        }
        if let RenderFailure::Template(error) = failure
            && let Some(excerpt) = excerpt::of(error, chart)
        {
            message.push_str("\n\n");
            message.push_str(&excerpt);
        }
        bail!(message)
    }

    fn print(&self, name: &str, rendered: &Rendered) -> Result<ExitCode> {
        let options = ReleaseOptions {
            include_crds: self.include_crds,
            ..ReleaseOptions::default()
        };
        let release = match rendered.release_as(&options, COMPAT) {
            Ok(release) => release,
            Err(error) if self.debug => {
                let broken = all_files(rendered);
                self.print_manifests(&broken)
                    .map_err(|_| anyhow::anyhow!(error.to_string()))?;
                bail!(error);
            }
            Err(error) => bail!("{error}{DEBUG_HINT}"),
        };
        let mut manifests = match &self.output_dir {
            None => format!("{}\n", release.manifest.trim()),
            Some(directory) => {
                let mut output = OutputDirectory::new(directory, self.release_name.then_some(name));
                if self.include_crds {
                    output.write_crds(&rendered.crds)?;
                }
                output.write_objects(&release.objects.objects)?;
                output.write_hooks(self.hooks(&release))?;
                "\n".to_owned()
            }
        };
        if self.output_dir.is_none() {
            for hook in self.hooks(&release) {
                let _ = write!(manifests, "---\n# Source: {}\n{}\n", hook.path, hook.manifest);
            }
        }
        self.print_manifests(&manifests)?;
        Ok(ExitCode::SUCCESS)
    }

    fn hooks<'r>(&self, release: &'r ReleaseManifest) -> impl Iterator<Item = &'r Hook> + use<'r> {
        let (no_hooks, skip_tests) = (self.no_hooks, self.skip_tests);
        let is_test = |hook: &Hook| hook.events.contains(&HookEvent::Test);
        let hooks = release.objects.hooks.iter();
        hooks.filter(move |hook| !(no_hooks || skip_tests && is_test(hook)))
    }

    fn print_manifests(&self, manifests: &str) -> Result<()> {
        if self.show_only.is_empty() {
            terminal::write(manifests);
        } else {
            terminal::write(&show_only::select(manifests, &self.show_only, COMPAT)?);
        }
        Ok(())
    }
}

const DEBUG_HINT: &str = "\n\nUse --debug flag to render out invalid YAML";

/// What helm checks before it renders.
pub(super) fn check_installable(chart: &Chart) -> Result<()> {
    let metadata = &chart.metadata;
    if !matches!(metadata.kind.as_str(), "" | "application") {
        bail!("{} charts are not installable", metadata.kind);
    }
    chart
        .warnings
        .iter()
        .for_each(|warning| terminal::complain(warning));
    if metadata.deprecated {
        terminal::complain("level=WARN msg=\"this chart is deprecated\"");
    }
    let missing = chart.missing_dependencies();
    if !missing.is_empty() {
        bail!(
            "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: {}",
            missing.join(", ")
        );
    }
    Ok(())
}

/// Everything that was rendered, for somebody who looks for what is wrong with it.
fn all_files(rendered: &Rendered) -> String {
    let mut text = String::new();
    for (path, rendered) in &rendered.templates {
        if !path.ends_with("NOTES.txt") && !rendered.trim().is_empty() {
            let _ = write!(text, "---\n# Source: {path}\n{rendered}\n");
        }
    }
    format!("{}\n", text.trim())
}
