//! `chartroom sync`: refresh now, and watch.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use backend::ops::SyncHandle;
use backend::{Backend, Viewer};
use clap::Args;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use model::repository::{SyncPhase, SyncProgress, SyncRun};

use super::{open, terminal};
use crate::config::Config;

#[derive(Args)]
pub(super) struct Arguments {
    /// Only this repository
    name: Option<String>,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<ExitCode> {
    let backend = open(&config).await?;
    let names = match arguments.name {
        Some(name) => vec![name],
        None => {
            let all = backend.repositories().list(&Viewer::system()).await?;
            all.into_iter().map(|repository| repository.name).collect()
        }
    };
    let bars = terminal::is_watched().then(MultiProgress::new);
    let mut n_failed = 0;
    // One after the other: the bound on repositories at a time is the scheduler's, and a person reads one line at a time.
    for name in &names {
        if let Err(error) = sync_one(&backend, name, bars.as_ref()).await {
            n_failed += 1;
            terminal::complain(&format!("{name}: {error:#}"));
        }
    }
    Ok(if n_failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn sync_one(backend: &Backend, name: &str, bars: Option<&MultiProgress>) -> Result<()> {
    let mut handle = backend.repositories().sync_now(&Viewer::system(), name).await?;
    match bars {
        Some(bars) => watch_bar(name, &mut handle, bars).await,
        None => watch_lines(name, &mut handle).await,
    }
    let run = handle.finish().await?;
    if let Some(error) = &run.error {
        anyhow::bail!("{error}");
    }
    terminal::print(&format!("{name}: {}", in_words(&run)));
    Ok(())
}

async fn watch_bar(name: &str, handle: &mut SyncHandle, bars: &MultiProgress) {
    let bar = bars.add(ProgressBar::no_length());
    bar.set_prefix(name.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    while let Some(progress) = handle.progress().await {
        let template = match progress.phase {
            SyncPhase::Index => "{prefix}  index  {spinner} {pos} versions",
            SyncPhase::Archives => "{prefix}  archives  {wide_bar} {pos}/{len}  {eta}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if progress.n_total > 0 {
            bar.set_length(progress.n_total);
        }
        bar.set_position(progress.n_done);
    }
    bar.finish_and_clear();
}

/// One line a phase and one for every tenth part of the archives: a log must not drown in progress.
async fn watch_lines(name: &str, handle: &mut SyncHandle) {
    let mut last = None;
    while let Some(progress) = handle.progress().await {
        let step = step(&progress);
        if last != Some(step) {
            last = Some(step);
            match progress.phase {
                SyncPhase::Index => terminal::complain(&format!("{name}: reading the index")),
                SyncPhase::Archives => {
                    terminal::complain(&format!(
                        "{name}: archives {}/{}",
                        progress.n_done, progress.n_total
                    ));
                }
            }
        }
    }
}

fn step(progress: &SyncProgress) -> (bool, u64) {
    match progress.phase {
        SyncPhase::Index => (false, 0),
        SyncPhase::Archives => (
            true,
            (progress.n_done * 10).checked_div(progress.n_total).unwrap_or(0),
        ),
    }
}

fn in_words(run: &SyncRun) -> String {
    let seconds = run.duration_ms as f64 / 1_000.0;
    if run.unchanged {
        return format!("unchanged ({seconds:.1} s)");
    }
    format!(
        "{} versions added, {} changed, {} yanked, {} archives fetched ({seconds:.1} s)",
        run.n_added, run.n_changed, run.n_yanked, run.n_archives
    )
}
