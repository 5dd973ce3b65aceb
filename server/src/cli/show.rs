//! `chartroom show`: the definition, values, README and resource definitions of a chart, as `helm show` prints them.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use helm::chart::Chart;

use super::charts::{Purpose, VersionFlags};
use super::{Global, charts, terminal};

/// Print parts of a chart, as `helm show` does
#[derive(Subcommand)]
pub(super) enum Command {
    /// Print Chart.yaml
    Chart(Arguments),
    /// Print values.yaml with its comments
    Values(Arguments),
    /// Print the README
    Readme(Arguments),
    /// Print the custom resource definitions
    Crds(Arguments),
    /// Print all of it
    All(Arguments),
}

#[derive(Args)]
pub(super) struct Arguments {
    /// A directory, an archive or REPOSITORY/NAME of the catalog
    chart: String,
    #[command(flatten)]
    version: VersionFlags,
}

/// What to print of a chart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Chart,
    Values,
    Readme,
    Crds,
    All,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<ExitCode> {
    let (part, arguments) = match command {
        Command::Chart(arguments) => (Part::Chart, arguments),
        Command::Values(arguments) => (Part::Values, arguments),
        Command::Readme(arguments) => (Part::Readme, arguments),
        Command::Crds(arguments) => (Part::Crds, arguments),
        Command::All(arguments) => (Part::All, arguments),
    };
    let chart = charts::locate(global, &arguments.chart, &arguments.version, Purpose::Look)?.load()?;
    chart
        .warnings
        .iter()
        .for_each(|warning| terminal::complain(warning));
    terminal::write_bytes(&shown(&chart, part));
    Ok(ExitCode::SUCCESS)
}

fn shown(chart: &Chart, part: Part) -> Vec<u8> {
    let wants = |wanted| part == wanted || part == Part::All;
    let mut out = Vec::new();
    // Parts of `all` are documents of one stream.
    let separate = |out: &mut Vec<u8>| {
        if part == Part::All {
            out.extend_from_slice(b"---\n");
        }
    };
    if wants(Part::Chart) {
        out.extend_from_slice(chart.metadata.to_yaml().as_bytes());
        out.push(b'\n');
    }
    if wants(Part::Values)
        && let Some(values) = &chart.values_text
    {
        separate(&mut out);
        out.extend_from_slice(values);
        out.push(b'\n');
    }
    if wants(Part::Readme)
        && let Some(readme) = chart.readme()
    {
        separate(&mut out);
        out.extend_from_slice(&readme.data);
        out.push(b'\n');
    }
    if wants(Part::Crds) {
        for crd in chart.crds() {
            if !crd.data.starts_with(b"---") {
                out.extend_from_slice(b"---\n");
            }
            out.extend_from_slice(&crd.data);
            out.push(b'\n');
        }
    }
    out
}
