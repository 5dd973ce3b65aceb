//! `chartroom list`, `status`, `history` and `get`: releases of a cluster, as helm's commands of these names print them.

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use backend::ops::list_options;
use clap::{Args, Subcommand, ValueEnum};
use cluster::{RecordHead, StoredRelease};
use helm::output::{self, Format, ListStyle};
use helm::release::user_labels;
use model::record::{RecordOrder, RecordQuery};

use super::cluster_flags::{ClusterFlags, Place};
use super::{terminal, zone};

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
    let place = arguments.cluster.place().await?;
    let namespace = match &place {
        Place::Direct(_, namespace) => namespace,
        Place::Server(remote) => &remote.namespace,
    };
    let query = arguments.query(namespace);
    let format = arguments.output.format();
    let releases = match &place {
        Place::Server(remote) => remote.list(&query).await?,
        Place::Direct(cluster, _) => {
            let options = list_options(&query).map_err(without_field)?;
            if arguments.short {
                terminal::write(&output::names(&cluster.list_names(&options).await?, format));
                return Ok(ExitCode::SUCCESS);
            }
            let listed = cluster.list(&options).await?;
            complain_about(&listed.damaged);
            listed.releases
        }
    };
    if arguments.short {
        let names: Vec<String> = releases.into_iter().map(|release| release.name).collect();
        terminal::write(&output::names(&names, format));
        return Ok(ExitCode::SUCCESS);
    }
    let style = ListStyle {
        format,
        headers: !arguments.no_headers,
        time_format: arguments
            .time_format
            .as_deref()
            .filter(|layout| !layout.is_empty()),
        local: &zone::local(),
    };
    terminal::write(&output::list(&releases, &style));
    Ok(ExitCode::SUCCESS)
}

impl List {
    fn query(&self, namespace: &str) -> RecordQuery {
        let states = [
            (self.deployed, "deployed"),
            (self.failed, "failed"),
            (self.pending, "pending"),
            (self.superseded, "superseded"),
            (self.uninstalled, "uninstalled"),
            (self.uninstalling, "uninstalling"),
        ];
        let wanted = states
            .into_iter()
            .filter(|(is_wanted, _)| *is_wanted && !self.all)
            .map(|(_, word)| word);
        RecordQuery {
            namespace: (!self.all_namespaces).then(|| namespace.to_owned()),
            status: wanted.collect::<Vec<_>>().join(","),
            filter: self.filter.clone().unwrap_or_default(),
            selector: self.selector.clone().unwrap_or_default(),
            order: if self.date {
                RecordOrder::Date
            } else {
                RecordOrder::Name
            },
            reverse: self.reverse,
            offset: self.offset,
            max: self.max,
        }
    }
}

/// What is wrong with a flag, in helm's words: the part of the query is the flag that was just typed.
fn without_field(error: backend::Error) -> anyhow::Error {
    match error {
        backend::Error::Invalid { message, .. } => anyhow!(message),
        other => other.into(),
    }
}

pub(super) async fn status(arguments: Status) -> Result<ExitCode> {
    let format = arguments.output.format();
    let as_tables = format == Format::Table;
    let (name, revision) = (&arguments.release, arguments.revision);
    let place = arguments.cluster.place().await?;
    let release = read(&place, name, revision).await?.release;
    let objects = match &place {
        Place::Direct(cluster, namespace) => {
            cluster
                .live_objects(&release.manifest, namespace, as_tables)
                .await?
        }
        Place::Server(remote) => remote.live_objects(name, release.revision, as_tables).await?,
    };
    terminal::write(&output::status(&release, &objects, format, &zone::local()));
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn history(arguments: History) -> Result<ExitCode> {
    let revisions = match arguments.cluster.place().await? {
        Place::Server(remote) => remote.history(&arguments.release, arguments.max).await?,
        Place::Direct(cluster, namespace) => {
            let (revisions, damaged) = cluster
                .history(&namespace, &arguments.release, arguments.max)
                .await?;
            complain_about(&damaged);
            revisions.into_iter().map(|stored| stored.release).collect()
        }
    };
    let text = output::history(
        &revisions,
        arguments.output.format(),
        arguments.show_rollback_revision,
        &zone::local(),
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
    let place = part.cluster.place().await?;
    let stored = read(&place, &part.release, part.revision).await?;
    let release = &stored.release;
    terminal::write(&match &command {
        Get::All(_) => output::all(release, &zone::local())?,
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
            output::metadata(release, &labels, format, &zone::local())
        }
    });
    Ok(ExitCode::SUCCESS)
}

/// A revision, or the newest where none is named.
async fn read(place: &Place, name: &str, revision: i64) -> Result<StoredRelease> {
    Ok(match place {
        Place::Server(remote) => remote.record(name, revision).await?,
        Place::Direct(cluster, namespace) if revision > 0 => {
            cluster.revision(namespace, name, revision).await?
        }
        Place::Direct(cluster, namespace) => cluster.newest(namespace, name).await?,
    })
}

fn complain_about(damaged: &[(RecordHead, cluster::Error)]) {
    for (_, error) in damaged {
        terminal::complain(&format!("WARNING: {error}"));
    }
}
