//! `chartroom lint`: what `helm lint` finds.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use helm::archive::{ArchiveLimits, ChartFiles};
use helm::chart::{Chart, ChartFile};
use helm::lint::{ChartDirectory, Entry, LintOptions, Message, Severity, lint};
use helm::values::Table;

use super::target::TargetFlags;
use super::values::ValueFlags;
use super::{charts, terminal};
use backend::world::World;

#[derive(Args)]
pub(super) struct Arguments {
    /// Directories and archives
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    #[command(flatten)]
    values: ValueFlags,
    #[command(flatten)]
    target: TargetFlags,
    /// Fail on warnings, too
    #[arg(long)]
    strict: bool,
    /// Print only warnings and errors
    #[arg(long)]
    quiet: bool,
    /// Lint the charts in charts/ as well
    #[arg(long)]
    with_subcharts: bool,
    /// Do not check values against the chart's schema
    #[arg(long)]
    skip_schema_validation: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let options = LintOptions {
        namespace: arguments.target.namespace.clone(),
        kube_version: arguments.target.kube_version()?,
        skip_schema_validation: arguments.skip_schema_validation,
    };
    let mut paths = arguments.paths.clone();
    if arguments.with_subcharts {
        for path in &arguments.paths {
            find_subcharts(&Path::new(path).join("charts"), &mut paths);
        }
    }
    let values = arguments.values.merge()?;
    let mut report = String::new();
    let (mut n_failed, mut n_noted) = (0, 0);
    for path in &paths {
        let outcome = examine(path, &values, &options);
        let (is_noted, is_failed) = match &outcome {
            Ok(messages) => {
                let worst = messages.iter().map(|message| message.severity).max();
                let lowest = if arguments.strict {
                    Severity::Warning
                } else {
                    Severity::Error
                };
                (worst > Some(Severity::Info), worst >= Some(lowest))
            }
            Err(_) => (true, true),
        };
        n_noted += usize::from(is_noted);
        if arguments.quiet && !is_noted {
            continue;
        }
        report.push_str(&format!("==> Linting {path}\n"));
        match outcome {
            Ok(messages) => {
                let shown = messages
                    .iter()
                    .filter(|message| !arguments.quiet || message.severity > Severity::Info);
                shown.for_each(|message| report.push_str(&format!("{message}\n")));
            }
            Err(error) => report.push_str(&format!("Error {error:#}\n")),
        }
        report.push('\n');
        n_failed += usize::from(is_failed);
    }
    terminal::write(&report);
    let summary = format!("{} chart(s) linted, {n_failed} chart(s) failed", paths.len());
    if n_failed > 0 {
        bail!(summary);
    }
    if !arguments.quiet || n_noted > 0 {
        terminal::print(&summary);
    }
    Ok(ExitCode::SUCCESS)
}

/// Charts and archives below `charts/`, in the order in which a walk meets them.
fn find_subcharts(directory: &Path, found: &mut Vec<String>) {
    let Ok(entries) = directory.read_dir() else { return };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        // Links are not followed here.
        let is_directory = path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
        let shown = path.display().to_string();
        let parent = path.parent().map(|parent| parent.display().to_string());
        match path.file_name() {
            Some(name) if name == "Chart.yaml" => found.extend(parent),
            _ if shown.ends_with(".tgz") || shown.ends_with(".tar.gz") => found.push(shown),
            _ => {}
        }
        if is_directory {
            find_subcharts(&path, found);
        }
    }
}

fn examine(path: &str, values: &Table, options: &LintOptions) -> Result<Vec<Message>> {
    let directory = if path.ends_with(".tgz") || path.ends_with(".tar.gz") {
        in_archive(path)?
    } else {
        on_disk(path)?
    };
    let world = World::new(false, super::zone::variable());
    Ok(lint(&directory, values, options, &world))
}

fn on_disk(path: &str) -> Result<ChartDirectory> {
    let shown = charts::cleaned(&Path::new(path).join("Chart.yaml"));
    if let Err(error) = std::fs::metadata(&shown) {
        bail!(
            "unable to check Chart.yaml file in chart: stat {}: {}",
            shown.display(),
            charts::describe(&error)
        );
    }
    let absolute = charts::cleaned(&std::path::absolute(path)?);
    let entry = |name: &str| entry(&absolute.join(name));
    let chart = charts::read_directory(&absolute)
        .and_then(|files| Ok(Chart::from_files(files)?))
        .map_err(|error| format!("{error:#}"));
    Ok(ChartDirectory {
        path: absolute.display().to_string(),
        chart_yaml: entry("Chart.yaml"),
        values_yaml: entry("values.yaml"),
        schema: entry("values.schema.json"),
        templates: entry("templates"),
        crds: entry("crds"),
        chart,
    })
}

fn entry(path: &Path) -> Entry {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Entry::Missing,
        Err(error) => Entry::Unreadable(format!("stat {}: {}", path.display(), charts::describe(&error))),
        Ok(metadata) if metadata.is_dir() => Entry::Directory,
        Ok(_) => match charts::read_file(path) {
            Ok(bytes) => Entry::File(bytes.into()),
            Err(error) => Entry::Unreadable(error.to_string()),
        },
    }
}

/// Helm unpacks an archive into a directory of a random name; here it has that of the chart.
fn in_archive(path: &str) -> Result<ChartDirectory> {
    let bytes = charts::read_file(Path::new(path)).context("unable to open tarball")?;
    let files =
        ChartFiles::from_bytes(&bytes, &ArchiveLimits::default()).context("unable to extract tarball")?;
    let files = unpacked(files.files);
    let find = |name: &str| {
        let found = files.iter().find(|file| file.path == name);
        let prefix = format!("{name}/");
        match found {
            Some(file) => Entry::File(file.data.clone()),
            None if files.iter().any(|file| file.path.starts_with(&prefix)) => Entry::Directory,
            None => Entry::Missing,
        }
    };
    let chart_yaml = find("Chart.yaml");
    if chart_yaml == Entry::Missing {
        bail!("unable to extract tarball: chart name not specified");
    }
    let chart = Chart::from_directory(files.clone()).map_err(|error| error.to_string());
    let name = match &chart {
        Ok(chart) => chart.metadata.name.clone(),
        Err(_) => path.to_owned(),
    };
    Ok(ChartDirectory {
        path: name,
        chart_yaml,
        values_yaml: find("values.yaml"),
        schema: find("values.schema.json"),
        templates: find("templates"),
        crds: find("crds"),
        chart,
    })
}

/// What would be on a disk: of several files at one path, the last.
fn unpacked(files: Vec<ChartFile>) -> Vec<ChartFile> {
    let mut kept: Vec<ChartFile> = Vec::with_capacity(files.len());
    for file in files {
        kept.retain(|known| known.path != file.path);
        kept.push(file);
    }
    kept
}
