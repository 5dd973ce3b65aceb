//! `chartroom list`, `status`, `history` and `get`: releases of a cluster, as helm's commands of these names print them.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use cluster::{ListOptions, Order, RecordHead, Selector, State, StoredRelease};
use engine::Host as _;
use engine::datetime::Zone;
use helm::output::{self, Format, ListStyle};
use helm::release::{Release, user_labels};

use super::cluster_flags::ClusterFlags;
use super::terminal;
use backend::world::World;

#[derive(Clone, Copy, ValueEnum)]
enum OutputFormat {
    Table,
    Json,
    Yaml,
}

#[derive(Args)]
pub(super) struct OutputFlag {
    /// The format of the output
    #[arg(short, long, value_enum, default_value = "table")]
    output: OutputFormat,
}

impl OutputFlag {
    pub(super) fn format(&self) -> Format {
        match self.output {
            OutputFormat::Table => Format::Table,
            OutputFormat::Json => Format::Json,
            OutputFormat::Yaml => Format::Yaml,
        }
    }
}

#[derive(Args)]
pub(super) struct List {
    /// List the releases of all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,
    /// Show releases of any status, which is the default
    #[arg(short = 'a', long)]
    all: bool,
    /// Show deployed releases
    #[arg(long)]
    deployed: bool,
    /// Show failed releases
    #[arg(long)]
    failed: bool,
    /// Show releases that are being installed, upgraded or rolled back
    #[arg(long)]
    pending: bool,
    /// Show superseded releases; alone, all superseded revisions
    #[arg(long)]
    superseded: bool,
    /// Show uninstalled releases whose history was kept
    #[arg(long)]
    uninstalled: bool,
    /// Show releases that are being uninstalled
    #[arg(long)]
    uninstalling: bool,
    /// Show releases whose names match a regular expression
    #[arg(short, long, value_name = "REGEX")]
    filter: Option<String>,
    /// Show releases whose labels match
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,
    /// Order by the date of the last deployment
    #[arg(short, long)]
    date: bool,
    /// Reverse the order
    #[arg(short, long)]
    reverse: bool,
    /// Show so many releases at most; 0 for all
    #[arg(short, long, value_name = "N", default_value_t = 256)]
    max: usize,
    /// Leave out the first releases
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    /// Print names only
    #[arg(short = 'q', long)]
    short: bool,
    /// Leave the headings out
    #[arg(long)]
    no_headers: bool,
    /// Print times by a layout of Go, such as "2006-01-02 15:04:05Z0700"
    #[arg(long, value_name = "LAYOUT")]
    time_format: Option<String>,
    #[command(flatten)]
    output: OutputFlag,
    #[command(flatten)]
    cluster: ClusterFlags,
}

#[derive(Args)]
pub(super) struct Status {
    release: String,
    /// The revision [default: the newest]
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    revision: i64,
    #[command(flatten)]
    output: OutputFlag,
    #[command(flatten)]
    cluster: ClusterFlags,
}

#[derive(Args)]
pub(super) struct History {
    release: String,
    /// Show so many revisions at most, the newest
    #[arg(long, value_name = "N", default_value_t = 256)]
    max: usize,
    /// Show which revision a rollback went back to
    #[arg(long)]
    show_rollback_revision: bool,
    #[command(flatten)]
    output: OutputFlag,
    #[command(flatten)]
    cluster: ClusterFlags,
}

/// Print parts of a release, as `helm get` does
#[derive(Subcommand)]
pub(super) enum Get {
    /// Print everything there is about it
    All(Part),
    /// Print its hooks
    Hooks(Part),
    /// Print its manifest
    Manifest(Part),
    /// Print what its chart and record say about themselves
    Metadata(FormattedPart),
    /// Print its notes
    Notes(Part),
    /// Print its values
    Values(Values),
}

#[derive(Args)]
pub(super) struct Part {
    release: String,
    /// The revision [default: the newest]
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    revision: i64,
    #[command(flatten)]
    cluster: ClusterFlags,
}

#[derive(Args)]
pub(super) struct FormattedPart {
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    output: OutputFlag,
}

#[derive(Args)]
pub(super) struct Values {
    /// Print all values that templates saw, the chart's defaults among them
    #[arg(short, long)]
    all: bool,
    #[command(flatten)]
    formatted: FormattedPart,
}

pub(super) async fn list(arguments: List) -> Result<ExitCode> {
    let (cluster, namespace) = arguments.cluster.connect().await?;
    let states = [
        (arguments.deployed, State::Deployed),
        (arguments.failed, State::Failed),
        (arguments.pending, State::Pending),
        (arguments.superseded, State::Superseded),
        (arguments.uninstalled, State::Uninstalled),
        (arguments.uninstalling, State::Uninstalling),
    ];
    let wanted = states
        .into_iter()
        .filter(|(is_wanted, _)| *is_wanted && !arguments.all);
    let options = ListOptions {
        namespace: (!arguments.all_namespaces).then_some(namespace),
        states: wanted.map(|(_, state)| state).collect(),
        filter: arguments.filter.filter(|filter| !filter.is_empty()),
        selector: Selector::parse(arguments.selector.as_deref().unwrap_or_default())?,
        order: if arguments.date { Order::Date } else { Order::Name },
        reverse: arguments.reverse,
        offset: arguments.offset,
        max: (arguments.max > 0).then_some(arguments.max),
    };
    let format = arguments.output.format();
    if arguments.short {
        terminal::write(&output::names(&cluster.list_names(&options).await?, format));
        return Ok(ExitCode::SUCCESS);
    }
    let listed = cluster.list(&options).await?;
    complain_about(&listed.damaged);
    let style = ListStyle {
        format,
        headers: !arguments.no_headers,
        time_format: arguments
            .time_format
            .as_deref()
            .filter(|layout| !layout.is_empty()),
        local: &local_zone(),
    };
    terminal::write(&output::list(&listed.releases, &style));
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn status(arguments: Status) -> Result<ExitCode> {
    let (cluster, namespace) = arguments.cluster.connect().await?;
    let stored = read(&cluster, &namespace, &arguments.release, arguments.revision).await?;
    let format = arguments.output.format();
    let manifest = &stored.release.manifest;
    let objects = cluster
        .live_objects(manifest, &namespace, format == Format::Table)
        .await?;
    terminal::write(&output::status(&stored.release, &objects, format, &local_zone()));
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn history(arguments: History) -> Result<ExitCode> {
    let (cluster, namespace) = arguments.cluster.connect().await?;
    let (revisions, damaged) = cluster
        .history(&namespace, &arguments.release, arguments.max)
        .await?;
    complain_about(&damaged);
    let revisions: Vec<Release> = revisions.into_iter().map(|stored| stored.release).collect();
    let format = arguments.output.format();
    let text = output::history(
        &revisions,
        format,
        arguments.show_rollback_revision,
        &local_zone(),
    );
    terminal::write(&text);
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn get(command: Get) -> Result<ExitCode> {
    let (part, format, all_values) = match &command {
        Get::All(part) | Get::Hooks(part) | Get::Manifest(part) | Get::Notes(part) => {
            (part, Format::Table, false)
        }
        Get::Metadata(formatted) => (&formatted.part, formatted.output.format(), false),
        Get::Values(values) => (
            &values.formatted.part,
            values.formatted.output.format(),
            values.all,
        ),
    };
    let (cluster, namespace) = part.cluster.connect().await?;
    let stored = read(&cluster, &namespace, &part.release, part.revision).await?;
    let release = &stored.release;
    terminal::write(&match &command {
        Get::All(_) => output::all(release, &local_zone())?,
        Get::Hooks(_) => output::hooks(release),
        Get::Manifest(_) => output::manifest(release),
        Get::Notes(_) => output::notes(release),
        Get::Values(_) => output::values(release, format, all_values)?,
        Get::Metadata(_) => {
            // Helm shows its own labels, too, unless it was asked for a revision.
            let labels = if part.revision > 0 {
                user_labels(&stored.labels)
            } else {
                stored.labels.clone()
            };
            output::metadata(release, &labels, format, &local_zone())
        }
    });
    Ok(ExitCode::SUCCESS)
}

/// A revision, or the newest where none is named.
async fn read(
    cluster: &cluster::Cluster,
    namespace: &str,
    name: &str,
    revision: i64,
) -> Result<StoredRelease, cluster::Error> {
    if revision > 0 {
        cluster.revision(namespace, name, revision).await
    } else {
        cluster.newest(namespace, name).await
    }
}

fn complain_about(damaged: &[(RecordHead, cluster::Error)]) {
    for (_, error) in damaged {
        terminal::complain(&format!("WARNING: {error}"));
    }
}

fn local_zone() -> Zone {
    let world = World::new(false, super::zone_variable());
    let (minutes, name) = world.local_zone();
    Zone::local(name, minutes * 60)
}
