//! `chartroom bundle`: charts carried to where no network leads.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use backend::Viewer;
use backend::ops::{BundleContents, BundleEntry, ExportOptions, ImportOptions, Imported, WantedCharts};
use clap::{Args, Subcommand};

use super::{open, terminal};
use crate::config::Config;

/// Carry charts to where no network leads
#[derive(Subcommand)]
pub(super) enum Command {
    /// Write charts, what they depend on, their signatures and the names of their images into one file
    Export(Export),
    /// Upload the charts of a bundle to hosted repositories
    Import(Import),
    /// Print what is in a bundle
    Show(Show),
    /// Check every byte of a bundle
    Verify {
        /// The bundle
        file: PathBuf,
    },
}

#[derive(Args)]
pub(super) struct Export {
    /// The bundle to write; one that was cut off is gone on with
    file: PathBuf,
    /// `repository/name`, `repository/name@version` (a range takes its newest), or `repository/*` for all its charts
    #[arg(required_unless_present = "from")]
    charts: Vec<WantedCharts>,
    /// Take charts from this file as well, one a line; `#` begins a comment
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Leave out charts that other charts depend on
    #[arg(long)]
    no_dependencies: bool,
    /// Leave out the names of images, which take a render of each chart
    #[arg(long)]
    no_images: bool,
}

#[derive(Args)]
pub(super) struct Import {
    /// The bundle
    file: PathBuf,
    /// Upload to this tenant, such as `org/repo`
    #[arg(long, value_name = "TENANT", default_value = "", hide_default_value = true)]
    into: String,
    /// Upload the charts of each repository to a tenant of its name
    #[arg(long)]
    keep_repositories: bool,
    /// Replace versions that are there with other contents, where `hosted.allow_force_overwrite` allows it
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
pub(super) struct Show {
    /// The bundle
    file: PathBuf,
    /// Print the names of images alone, one a line
    #[arg(long)]
    images: bool,
}

pub(super) async fn run(config: Config, command: Command) -> Result<ExitCode> {
    let backend = open(&config).await?;
    let (bundles, system) = (backend.bundles(), Viewer::system());
    match command {
        Command::Export(arguments) => {
            let wanted = arguments.wanted()?;
            let options = ExportOptions {
                with_dependencies: !arguments.no_dependencies,
                with_images: !arguments.no_images,
            };
            let mut tell = |chart: &str, n: usize, n_all: usize| {
                terminal::complain(&format!("{}/{n_all} {chart}", n + 1));
            };
            let file = &arguments.file;
            let exported = bundles.export(&system, &wanted, options, file, &mut tell).await?;
            for concern in &exported.concerns {
                terminal::complain(&format!("WARNING: {concern}"));
            }
            terminal::print(&format!(
                "{}: {} charts, {} signed, {} images, {:.1} MB",
                file.display(),
                exported.n_charts,
                exported.n_signed,
                exported.images.len(),
                exported.size_bytes as f64 / 1e6
            ));
        }
        Command::Import(arguments) => {
            let options = ImportOptions {
                tenant: arguments.into,
                keep_repositories: arguments.keep_repositories,
                force: arguments.force,
            };
            let (mut n_added, mut n_unchanged, mut n_refused) = (0, 0, 0);
            let mut tell = |entry: &BundleEntry, outcome: &Imported| {
                let chart = format!("{} {}", entry.name, entry.version);
                match outcome {
                    Imported::Added => {
                        n_added += 1;
                        terminal::complain(&format!("{chart}: added"));
                    }
                    Imported::Unchanged => n_unchanged += 1,
                    Imported::Refused(reason) => {
                        n_refused += 1;
                        terminal::complain(&format!("{chart}: {reason}"));
                    }
                }
            };
            bundles
                .import(&system, &arguments.file, &options, &mut tell)
                .await?;
            terminal::print(&format!(
                "{n_added} added, {n_unchanged} there already, {n_refused} refused"
            ));
            if n_refused > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Show(arguments) => {
            let contents = bundles.contents(&system, &arguments.file, false).await?;
            match arguments.images {
                true => contents.images.iter().for_each(|image| terminal::print(image)),
                false => show(&contents),
            }
        }
        Command::Verify { file } => {
            let contents = bundles.contents(&system, &file, true).await?;
            for wrong in &contents.wrong {
                terminal::complain(wrong);
            }
            if !contents.wrong.is_empty() {
                anyhow::bail!("{} is damaged; export it again", file.display());
            }
            terminal::print(&format!(
                "{}: {} charts, every byte right",
                file.display(),
                contents.charts.len()
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Export {
    /// The charts of the command line and of the file.
    fn wanted(&self) -> Result<Vec<WantedCharts>> {
        let mut wanted = self.charts.clone();
        let Some(path) = &self.from else {
            return Ok(wanted);
        };
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        for (n, line) in text.lines().enumerate() {
            let name = line.split('#').next().unwrap_or_default().trim();
            if name.is_empty() {
                continue;
            }
            let one = name.parse().map_err(anyhow::Error::msg);
            wanted.push(one.with_context(|| format!("{}, line {}", path.display(), n + 1))?);
        }
        anyhow::ensure!(!wanted.is_empty(), "no charts are named");
        Ok(wanted)
    }
}

fn show(contents: &BundleContents) {
    let rows: Vec<Vec<String>> = contents
        .charts
        .iter()
        .map(|chart| {
            let signed = if chart.is_signed { "yes" } else { "no" };
            let size = format!("{:.1} kB", chart.size_bytes as f64 / 1e3);
            let digest = chart.digest.get(..12).unwrap_or_default().to_owned();
            vec![
                chart.repository.clone(),
                chart.name.clone(),
                chart.version.clone(),
                signed.to_owned(),
                size,
                digest,
            ]
        })
        .collect();
    terminal::table(
        &["REPOSITORY", "CHART", "VERSION", "SIGNED", "SIZE", "SHA256"],
        &rows,
    );
    terminal::print("");
    terminal::print(&format!("{} images; --images prints them", contents.images.len()));
}
